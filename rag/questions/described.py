"""Where a question says which papers it means by what they are on: "the insomnia trials", "the zinc study"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from rag.lexicon import is_content
from rag.questions.relations import AUXILIARY, COMPARE_FRAME
from rag.shelf import DESIGNS
from rag.text import NUMERALS, Word, meet, stems, words
from rag.types import Span

# "Each trial of …" means several as well; "Journal of Orthopaedic Reviews" is a name.
_SEVERAL = re.compile(
    r"\b(?:(?P<trial>trials|RCTs)|(?P<study>studies)|(?P<paper>papers|articles|publications|reviews|abstracts))\b"
    r"|\b[Ee]ach (?:(?P<one_trial>trial|RCT)|(?P<one_study>study)|(?P<one_paper>paper|article|review))\b",
)
# "The honey study" is one.
_ONE = re.compile(r"\b(?:(?P<trial>trial|RCT)|(?P<study>study)|(?P<paper>paper|article|publication|report))\b(?!-)")
_SUBJECT = re.compile(r"\s+(?:on|of|about|in|into|for|with|regarding|concerning)\b", re.IGNORECASE)
# "Compare the reviews on relapse" says on what; trials on it are those that were made to see.
_COMPARED = re.compile(r"\b(?:compare|contrast)\b[^?]*$", re.IGNORECASE)
_ON = re.compile(r"\s+(?:on|about|regarding|concerning)\b", re.IGNORECASE)
# What ends a subject: a stop, a verb, or what is said of the papers beside it.
_STOP = re.compile(r"[,;:?()]")
_ENDS = re.compile(
    rf"{AUXILIARY}|say|says|said|report\w*|find|finds|found|show\w*|conclude\w*|tell|suggest\w*|by|that|which|who|when|where"
    r"|how|what|published|here|there"
)
_OR = frozenset(("and", "or", "versus", "vs"))
_OF_DESIGNS = frozenset(form for name in DESIGNS for form in stems(name))
# So many words before "papers" may say what they are on, and so many between "the" and "paper".
_LONGEST_BEFORE, _LONGEST_NAME = 4, 8


@dataclass(frozen=True, slots=True)
class Description:
    """Which papers a question means: what kind they are, and the spans that say so and what they are on."""

    kind: Literal["trial", "study", "paper"]
    noun: Span
    on: tuple[Span, ...]

    @property
    def spans(self) -> tuple[Span, ...]:
        """All of them."""
        return (self.noun, *self.on)

    def meets(self, span: Span) -> bool:
        """Tell whether a span of the question is, in part, one of the description."""
        return any(meet(span, other) for other in self.spans)


def described(text: str) -> Description | None:
    """Return the first description of several papers in a question; None without any.

    >>> text = "What do the childhood zinc trials find for pneumonia?"
    >>> found = described(text)
    >>> found.kind, [text[slice(*span)] for span in found.on]
    ('trial', ['childhood zinc'])
    """
    for noun in _SEVERAL.finditer(text):
        kind = noun.lastgroup.removeprefix("one_") if noun.lastgroup else "paper"
        before, sides = _before(text, noun.start()), tuple(_behind(text, noun.end()))
        # "The asthma trials on lung function" says on what, too.
        if _ON.match(text, noun.end()) and (before or (kind == "paper" and _COMPARED.search(text[: noun.end()]))):
            sides = ()
        on = (before, *sides) if before else sides
        # "Pain after thoracotomy: compare the trials"
        above = text.rfind(":", 0, noun.start())
        if not on and above > 0 and "“" not in text[:above]:
            on = ((0, above),)
        if on:
            return Description(kind, noun.span(), on)  # type: ignore[arg-type]
    return None


def one_described(text: str) -> Description | None:
    """Return the first description of a single paper in a question; None without any.

    >>> text = "Which index did the honey mouthwash study score plaque with?"
    >>> [text[slice(*span)].strip() for span in one_described(text).on]
    ['honey mouthwash']
    """
    for noun in _ONE.finditer(text):
        start = _after_the(text, noun.start())
        if start is not None:
            on = [(start, noun.start()), *_behind(text, noun.end())]
            if on := [span for span in on if any(map(is_content, words(text, *span)))]:
                return Description(noun.lastgroup or "paper", noun.span(), tuple(on))  # type: ignore[arg-type]
    return None


def _after_the(text: str, end: int) -> int | None:
    """Return where the words between "the" and "paper" begin; None where no "the" is near."""
    start = end
    for word in words(text, 0, end)[: -_LONGEST_NAME - 2 : -1]:
        if text[word.end : start].strip(" -/()") or (
            not is_content(word) and word.text.casefold() not in {*_OR, "the"}
        ):
            return None
        if word.text.casefold() == "the":
            return start
        start = word.start
    return None


def _before(text: str, end: int) -> Span | None:
    """Return the span of the words right before "papers" that say what they are on."""
    start = end
    for word in words(text, 0, end)[: -_LONGEST_BEFORE - 1 : -1]:
        if not _says_what(word) or text[word.end : start].strip(" "):
            break
        start = word.start
    return (start, end) if start < end else None


def _behind(text: str, start: int) -> Iterator[Span]:
    """Yield the spans of the subjects behind "papers": one, or the sides of "and"."""
    if not (leads := _SUBJECT.match(text, start)):
        return
    begin = end = leads.end()
    for word in words(text, leads.end()):
        small = word.text.casefold()
        if text[end : word.start].strip(" -/") and _STOP.search(text[end : word.end]):
            break
        if small in _OR and end > begin:
            yield (begin, end)
            begin = word.end
        elif _says_what(word):
            end = word.end
        elif word.forms[0] in COMPARE_FRAME or _ENDS.fullmatch(small):
            break
    if end > begin:
        yield (begin, end)


def _says_what(word: Word) -> bool:
    """Tell a word that may say what papers are on from one of grammar, of comparing, of counting or of a design."""
    of_frame = word.forms[0] in COMPARE_FRAME or word.forms[0] in _OF_DESIGNS
    return is_content(word) and not of_frame and word.text.casefold() not in NUMERALS
