"""An answer as HTML: quotes grouped by review or a comparison, what is missing, who is silent, the sources underneath.

One piece of HTML an answer, because Streamlit's own expander keeps its content inert when a link opens it; the
browser's `<details>` opens for a marker, by mouse and by keyboard, and costs nothing to draw again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from itertools import groupby

from rag.exports.html.matrix import matrix_html
from rag.exports.html.shelf_table import table_html
from rag.exports.html.sources import line_html, quote_html, sources_html, told_html
from rag.exports.html.written import behind_html
from rag.exports.view import CLOSE, CLOSEST, NEAREST, AnswerView, Line, Part, Told, by_review, searched, view
from rag.exports.wording import wording
from rag.text import listed
from rag.types import Answer, Citation, Review

# More quotes than this wait behind a click.
MOST_QUOTES = 5


def answer_html(answer: Answer, reviews: Sequence[Review], anchor: str) -> str:
    """Return an answer; the id of source n is `<anchor>-n`. All text is escaped."""
    shown = view(answer, {review.id: review for review in reviews})
    if shown.outcome == "chat":
        body = "".join(_reply(one.text) for one in shown.said)
    elif shown.matrix:
        body = f'<div class="comparison">{_said(shown, anchor)}{matrix_html(shown.matrix, shown, anchor)}</div>'
        body += _folded(shown, anchor)
    elif shown.table:
        # Each row has the lines that the sentence rests on.
        unmarked = replace(shown, said=tuple(replace(one, citations=()) for one in shown.said))
        body = _said(unmarked, anchor) + table_html(shown.table, shown)
    else:
        body = _missing(shown.missing) if shown.missing else ""
        body += _closest(shown, anchor) if shown.closest else _said(shown, anchor) + _parts(shown.parts, anchor)
        body += _coverage(shown) + sources_html(shown.sources or shown.closest, shown, anchor)
        body += _nearest(shown, f"{anchor}-near")
    notes = "".join(_note(escape(note)) for note in shown.notes)
    behind = behind_html(answer.written, shown) if answer.written else ""
    return f'<article class="answer" id="{anchor}" tabindex="-1">{notes}{body}{behind}</article>'


def searched_html(answer: Answer) -> str:
    """Return the question that was searched, "" when it is the one that was typed."""
    line = searched(answer)
    return f'<p class="searched" dir="auto">{line_html(line)}</p>' if line else ""


def _note(html: str) -> str:
    return f'<p class="note">{html}</p>'


def _missing(line: Line) -> str:
    return _note(f"{line.head}: <b>{escape(listed(line.names))}</b>.")


def _said(shown: AnswerView, anchor: str) -> str:
    """Return the sentences of an answer: above a matrix, as prose, or that nothing was found."""
    if not shown.said:
        return ""
    said = " ".join(_sentence(one, shown, anchor) for one in shown.said)
    if not shown.sources:
        return _note(f"<b>{said}</b>")
    what = "compared" if shown.matrix or shown.table else "found" if shown.parts else "written"
    return f'<p class="{what}" dir="auto">{said}</p>'


def _sentence(one: Told, shown: AnswerView, anchor: str) -> str:
    """Return a sentence, with a mark when its quotes carry it only in part; of prose, with its quotes to look at."""
    text = told_html(one, shown, anchor)
    if one.mark:
        text = f'<span class="weak">{text} <b>{escape(one.mark)}</b></span>'
    if not shown.share or not one.citations:
        return text
    quotes = (shown.sources[number - 1] for number in one.citations)
    lines = "".join(f"<span>{one.number}: “{escape(wording(one.quote.text))}”</span>" for one in quotes)
    return f'<span class="stated" tabindex="0">{text}<span class="carried" role="note">{lines}</span></span>'


def _reply(text: str) -> str:
    """Return a reply in paragraphs; lines that start with a dash are a list."""
    blocks = (list(lines) for _, lines in groupby(text.splitlines(), key=lambda line: line.startswith("- ")))
    return "".join(
        f"<ul>{''.join(f'<li>{escape(line[2:])}</li>' for line in lines)}</ul>"
        if lines[0].startswith("- ")
        else "".join(f"<p>{escape(line)}</p>" for line in lines)
        for lines in blocks
    )


def _parts(parts: Sequence[Part], anchor: str) -> str:
    """Return quotes by review; those beyond the first few are folded away."""
    first, more = _divided(parts)
    count = sum(len(part.quotes) for part in more)
    folded = f"<summary>{count} more quote{'s' if count > 1 else ''}</summary>{_sections(more, anchor)}"
    return _sections(first, anchor) + (f'<details class="more">{folded}</details>' if more else "")


def _divided(parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts with the first quotes, and those with the others."""
    first, more, left = list[Part](), list[Part](), MOST_QUOTES
    for part in parts:
        here, there = part.quotes[:left], part.quotes[left:]
        first += [replace(part, quotes=here)] if here else []
        more += [replace(part, quotes=there)] if there else []
        left -= len(here)
    return first, more


def _sections(parts: Iterable[Part], anchor: str) -> str:
    return "".join(
        f'<section><h3 class="review-label" title="{escape(part.title)}">{escape(part.label)}</h3>'
        f"{''.join(_quote(citation, anchor) for citation in part.quotes)}</section>"
        for part in parts
    )


def _quote(citation: Citation, anchor: str) -> str:
    quote = citation.quote
    own = (
        "a note"
        if quote.provenance == "note"
        else "page summary"
        if quote.provenance == "page" and quote.kind == "summary"
        else ""
    )
    whose = f'<span class="whose">{own}</span>' if own else ""
    return f'<p class="quote" dir="auto">{quote_html(citation, anchor)}{whose}</p>'


def _coverage(shown: AnswerView) -> str:
    """Return the line that says what each review contributed."""
    lines = " <span>·</span> ".join(map(line_html, shown.coverage))
    return f'<p class="coverage">{lines}</p>' if lines else ""


def _folded(shown: AnswerView, anchor: str) -> str:
    """Return the sources behind a click: each cell of a comparison says already where its quotes stand."""
    if not shown.sources:
        return ""
    count = f"{len(shown.sources)} source{'s' if len(shown.sources) > 1 else ''}"
    sources = sources_html(shown.sources, shown, anchor)
    return f'<details class="folded"><summary>{count}</summary>{sources}</details>'


def _closest(shown: AnswerView, anchor: str) -> str:
    """Return quotes that may not answer, apart from what an answer looks like and under a head that says so."""
    said = "".join(f'<p class="caution">{escape(one.text)}</p>' for one in shown.said)
    head = f'<h3 class="verdict">{CLOSEST}</h3>'
    return f'<div class="closest">{head}{said}{_parts(shown.parts, anchor)}</div>'


def _nearest(shown: AnswerView, anchor: str) -> str:
    """Return the passages that came nearest, behind a click."""
    if not shown.nearest:
        return ""
    passages = _parts(by_review(shown.nearest, shown.reviews), anchor) + sources_html(shown.nearest, shown, anchor)
    opened_by = f'<details class="nearest" id="{anchor}"><summary>{NEAREST}</summary><p>{CLOSE}</p>'
    return f"{opened_by}{passages}</details>"
