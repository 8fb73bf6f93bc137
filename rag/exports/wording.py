"""What a text looks like on the page: its wording, literally, without stray markup and without acting as any."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from rag.shelf import FACETS
from rag.types import Quote, Review, Span

# Markdown of a saved page that is no wording: heading signs, list dashes, indents, and the stars around bold text.
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|[-*+•][ \t]+)?", re.MULTILINE)
_BOLD = re.compile(r"(?<!\w)\*\*(?=\S)[^\n]+?(?<=\S)\*\*(?!\w)")
# Links of Markdown to a place or an address, and those of a wiki.
_LINK = re.compile(
    r"!?\[(?P<words>[^\[\]]{1,300})\]\((?:#|https?:)[^()\s]*(?:\s+\"[^\"\n]*\")?\)|\[\[(?P<name>[^\[\]|]{1,300})\]\]"
)
# A word of a printed page that the end of a line breaks.
_BROKEN = re.compile(r"(?<=[^\W\d_])(?:\u00ad|-[ \t]*\r?\n\s*(?=[a-zß-öø-ÿ]))")
_PARAGRAPH = re.compile(r"[ \t]*\n\s*\n[ \t]*")
_LINE = re.compile(r"[ \t]*\n[ \t]*")
# Kinds of sections whose lines are entries, not prose that happens to be wrapped.
_BY_LINE = ("bibliographic", "entities", "references", "summary")
_PROVENANCE = {
    ("abstract", "authors"): "authors’ abstract",
    ("body", "authors"): "authors’ text",
    ("body", "page"): "page text",
    ("summary", "page"): "page summary",
    ("summary", "authors"): "authors’ summary",
    ("competing interests", "authors"): "authors’ declaration",
    ("summary", "note"): "a note, not the authors’",
    ("body", "note"): "a note, not the authors’",
}
_KIND = {
    "abstract": "abstract on the page",
    "bibliographic": "bibliographic line",
    "competing interests": "declaration of interests",
    "entities": "entity list of the page",
    "references": "reference list",
}


# What stands in a cell of a table of the shelf where the loaded text says nothing.
NOT_STATED = "not stated in the loaded text"
NOT_TOLD = "no sentence surely tells it"


def printable(text: str) -> str:
    """Return a visitor's text without control characters and lone surrogates; nothing else is changed."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def provenance(quote: Quote) -> str:
    """Return who says it: "authors’ abstract", "page summary", "bibliographic line"."""
    return _PROVENANCE.get((quote.kind, quote.provenance)) or _KIND.get(quote.kind, quote.kind)


def place(quote: Quote, review: Review | None = None) -> str:
    """Return where a quote stands and who says it: "Abstract, p. 2, authors’ abstract", the page where it is known."""
    return ", ".join(filter(None, (quote.heading, page(quote, review) if review else "", provenance(quote))))


def page(quote: Quote, review: Review) -> str:
    """Return the page of a PDF on which a quote begins: "p. 2"; "" of a text without pages."""
    number = review.page_at(quote.start)
    return f"p. {number}" if number else ""


def marked(numbers: Iterable[int]) -> str:
    """Return the markers of citations as they follow a text: " [1] [4]"."""
    return "".join(f" [{number}]" for number in numbers)


def wording(text: str) -> str:
    """Return a quote on one line, as it is shown.

    >>> wording("- **Genes:** CD19 [NCBI Gene 930]")
    'Genes: CD19 [NCBI Gene 930]'
    """
    return re.sub(r"\s+", " ", "".join(_kept(text, 0, len(text), markup(text)))).strip()


def markup(text: str) -> list[Span]:
    """Return the spans of a text that are no wording, in order: Markdown signs, hyphens at the ends of lines."""
    starts = [found.span() for found in _LINE_START.finditer(text) if found.group()]
    bold = [span for found in _BOLD.finditer(text) for span in _ends(found)]
    links = [span for found in _LINK.finditer(text) for span in _around(found)]
    return sorted({*starts, *bold, *links, *(found.span() for found in _BROKEN.finditer(text))})


def _around(link: re.Match[str]) -> tuple[Span, Span]:
    start, end = link.span(link.lastgroup or 0)
    return (link.start(), start), (end, link.end())


def _ends(found: re.Match[str]) -> tuple[Span, Span]:
    return (found.start(), found.start() + 2), (found.end() - 2, found.end())


def passage_html(text: str, kind: str, mark: Span, anchor: str) -> str:
    """Return a passage as HTML with the span `mark` highlighted under the id `anchor`; all else is escaped text."""
    signs = markup(text)
    start, end = mark
    before, quote, after = (
        _flow("".join(_kept(text, *span, signs)), kind) for span in ((0, start), (start, end), (end, len(text)))
    )
    return f'{escape(before.lstrip())}<mark id="{anchor}">{escape(quote)}</mark>{escape(after.rstrip())}'


def _kept(text: str, start: int, end: int, signs: Sequence[Span]) -> Iterator[str]:
    """Yield what is left of a stretch of a text without the signs in it."""
    at = start
    for sign_start, sign_end in signs:
        if sign_end > at and sign_start < end:
            yield text[at : max(at, sign_start)]
            at = max(at, min(sign_end, end))
    yield text[at:end]


def _flow(text: str, kind: str) -> str:
    """Return a text with its paragraphs apart, its entries on lines of their own, and wrapped prose unwrapped."""
    parts = _PARAGRAPH.split(text)
    return "\n\n".join(_LINE.sub("\n" if kind in _BY_LINE else " ", part) for part in parts)


def unstated(column: str) -> str:
    """Return what an empty cell of a table of papers means: a fact is not stated, of what a study did none is sure."""
    return NOT_TOLD if column in FACETS else NOT_STATED
