"""A comparison as HTML: its summary, the matrix of aspects and reviews, and who is silent or was not asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from rag.exports.html.sources import marked_html, quote_html
from rag.exports.html.written import sentence_html
from rag.exports.tables import EMPTY, Columns, Remark, cells_by_place, columns, remarks, shared_lines, summary_of
from rag.exports.wording import provenance, wording
from rag.shelf import label
from rag.types import Answer, Cell, CellState, Citation, Comparison, Quote, Review

_WHY_EMPTY: dict[CellState, str] = {
    "silent": "The whole review was searched.",
    "not_indexed": "Only its abstract page is loaded; the full text may say it.",
    "not_asked": "It was left out of this comparison.",
}
_SILENT: dict[CellState, str] = {"silent": "says nothing about it", "not_indexed": "not in the indexed text"}
# So many columns fit side by side; more scroll.
_FIT = 2
# So many remarks on an aspect are read at once; the rest waits behind a click.
_REMARKS = 2
# More reviews than the first that were not asked are named behind a click, more than the second are counted.
_NAMED, _LISTED = 8, 100


def comparison_html(answer: Answer, comparison: Comparison, shelf: Mapping[str, Review], anchor: str) -> str:
    """Return an answer that compares, without its sources; markers lead to `<anchor>-n`. All text is escaped."""
    found = columns(comparison)
    parts = (
        _summary(answer, anchor),
        _matrix(comparison, found.shown, shelf, anchor),
        _shared(comparison, shelf, anchor),
        _silent(comparison, found, shelf),
        _not_asked([shelf[review_id] for review_id in found.not_asked]),
    )
    return f'<div class="comparison">{"".join(parts)}</div>'


def _summary(answer: Answer, anchor: str) -> str:
    if not answer.citations:
        return f'<p class="note"><b>{escape(answer.text)}</b></p>'
    sentences = (sentence_html(one, answer.citations, anchor) for one in summary_of(answer))
    return f'<p class="compared">{" ".join(sentences)}</p>'


def _matrix(comparison: Comparison, shown: Sequence[str], shelf: Mapping[str, Review], anchor: str) -> str:
    if not shown or not comparison.aspects:
        return ""
    wide = len(shown) > _FIT
    reviews = [shelf[review_id] for review_id in shown]
    head = "".join(f'<th scope="col" title="{escape(r.title)}"><span>{escape(label(r))}</span></th>' for r in reviews)
    rows = "".join(_row(comparison, aspect, reviews, anchor) for aspect in comparison.aspects)
    table = (
        '<table class="matrix"><caption>What each review says on each aspect</caption>'
        f'<thead><tr><th scope="col"><span>Aspect</span></th>{head}</tr></thead>{rows}</table>'
    )
    if not wide:
        return f'<div class="across">{table}</div>'
    region = 'class="scroll" role="region" aria-label="Comparison, scrolls sideways" tabindex="0"'
    return f'<div class="across wide"><div {region}>{table}</div></div>'


def _row(comparison: Comparison, aspect: str, reviews: Sequence[Review], anchor: str) -> str:
    """Return the rows of an aspect: its cells, and under them what is told of it."""
    cells = cells_by_place(comparison)
    carrying = _carrying(comparison, aspect)
    found = "".join(_cell(cells[aspect, r.id], r, carrying, comparison.citations, anchor) for r in reviews)
    told = remarks(comparison, aspect)
    span = ' rowspan="2"' if told else ""
    under = f'<tr><td class="told" colspan="{len(reviews)}">{_told(told, comparison, anchor)}</td></tr>' if told else ""
    name = f'<th scope="row"{span} dir="auto">{escape(aspect)}</th>'
    return f"<tbody><tr>{name}{found}</tr>{under}</tbody>"


def _carrying(comparison: Comparison, aspect: str) -> set[int]:
    """Return the numbers of the quotes that state a difference on an aspect: they are read, not folded away."""
    stated = (one for one in comparison.differences if one.aspect == aspect and one.kind != "differ in emphasis")
    return {number for one in stated for number in one.citations}


def _cell(cell: Cell, review: Review, carrying: Iterable[int], citations: Sequence[Citation], anchor: str) -> str:
    whose = f' class="{cell.state}" data-label="{escape(label(review))}"'
    if cell.state != "quoted":
        return f"<td{whose}>{_empty(cell)}</td>"
    first = {cell.citations[0], *carrying}
    at_once = [citations[number - 1] for number in cell.citations if number in first]
    more = [citations[number - 1] for number in cell.citations if number not in first]
    quotes = "".join(_quote(citation, anchor) for citation in at_once)
    if more:
        count = f"{len(more)} more quote{'s' if len(more) > 1 else ''}"
        quotes += f"<details><summary>{count}</summary>{''.join(_quote(one, anchor) for one in more)}</details>"
    return f"<td{whose}>{quotes}</td>"


def _quote(citation: Citation, anchor: str) -> str:
    return f'<p class="quote" dir="auto">{quote_html(citation, anchor)}</p>{_where(citation.quote)}'


def _where(quote: Quote) -> str:
    place = f"{escape(quote.heading)} <span>·</span> " if quote.heading else ""
    return f'<p class="where">{place}{escape(provenance(quote))}</p>'


def _empty(cell: Cell) -> str:
    said = f'<p class="empty">{EMPTY[cell.state]}<span>{_WHY_EMPTY[cell.state]}</span></p>'
    return said + (_nearest("Nearest passage", [cell.nearest]) if cell.nearest else "")


def _nearest(opened_by: str, quotes: Sequence[Quote]) -> str:
    """Return the passages that came nearest, behind a click and marked as no answer."""
    passages = "".join(f'<p class="quote" dir="auto">“{escape(wording(q.text))}”</p>{_where(q)}' for q in quotes)
    caution = '<p class="caution">Close, but no answer:</p>'
    return f'<details class="near"><summary>{opened_by}</summary>{caution}{passages}</details>'


def _told(told: Sequence[Remark], comparison: Comparison, anchor: str) -> str:
    """Return the remarks on an aspect, the most telling at once."""
    lines = [_remark(one, comparison, anchor) for one in told]
    more = "".join(lines[_REMARKS:])
    folded = f"<details><summary>{len(lines) - _REMARKS} more</summary>{more}</details>" if more else ""
    return f"<div>{''.join(lines[:_REMARKS])}{folded}</div>"


def _remark(remark: Remark, comparison: Comparison, anchor: str) -> str:
    text = marked_html(remark.text, remark.citations, comparison.citations, anchor)
    return f'<p class="remark" dir="auto"><b>{remark.kind}</b> {text}</p>'


def _shared(comparison: Comparison, shelf: Mapping[str, Review], anchor: str) -> str:
    """Return what several reviews rest on, which counts once and not once a review."""
    resting = {review_id for source in comparison.shared_sources for review_id in source.review_ids}
    names = {review_id: label(shelf[review_id]) for review_id in resting}
    lines = "".join(
        f'<li dir="auto">{marked_html(text, numbers, comparison.citations, anchor)}</li>'
        for text, numbers in shared_lines(comparison, names)
    )
    return f'<div class="shared"><h3>Shared sources</h3><ul>{lines}</ul></div>' if lines else ""


def _silent(comparison: Comparison, found: Columns, shelf: Mapping[str, Review]) -> str:
    """Return who was asked and is not quoted, where only those that are have a column."""
    if not found.silent:
        return ""
    cells = cells_by_place(comparison)
    entries = "".join(
        _silent_review(shelf[review_id], [cells[aspect, review_id] for aspect in comparison.aspects])
        for review_id in found.silent
    )
    spoken, count = len(found.shown), len(found.silent)
    line = f"{spoken} of {spoken + count} reviews speak to this; {count} {'are' if count > 1 else 'is'} silent:"
    return f'<div class="heard"><p>{line}</p><ul>{entries}</ul></div>'


def _silent_review(review: Review, cells: Sequence[Cell]) -> str:
    """Return a review that is not quoted, with the sentences that came nearest, each once."""
    name = f"{escape(label(review))} <span>{_SILENT[cells[0].state]}</span>"
    nearest = [quote for quote in dict.fromkeys(cell.nearest for cell in cells) if quote]
    return f"<li>{_nearest(name, nearest) if nearest else name}</li>"


def _not_asked(reviews: Sequence[Review]) -> str:
    if not reviews:
        return ""
    if len(reviews) > _LISTED:
        return f'<p class="coverage"><b>Not asked:</b> {len(reviews):,} reviews</p>'
    names = ", ".join(escape(label(review)) for review in reviews)
    if len(reviews) <= _NAMED:
        return f'<p class="coverage"><b>Not asked:</b> {names}</p>'
    return f'<details class="coverage"><summary>Not asked: {len(reviews)} reviews</summary>{names}</details>'
