"""A comparison as HTML: the matrix of aspects and reviews, and who is silent or was not asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from rag.exports.html.sources import line_html, quote_html, told_html
from rag.exports.view import CLOSE, CONTRADICTIONS, ELSEWHERE, NOT_ASKED, AnswerView, Matrix, Part, Row, Told
from rag.exports.wording import provenance, wording
from rag.types import Citation, Quote

# So many columns fit side by side; more scroll.
_FIT = 2
# So many remarks on an aspect are read at once; the rest waits behind a click.
_REMARKS = 2


def matrix_html(matrix: Matrix, shown: AnswerView, anchor: str) -> str:
    """Return what a comparison shows below its sentences, without its sources. All text is escaped."""
    table = _table(matrix.rows, shown, anchor) if matrix.rows else ""
    return table + _shared(matrix.shared, shown, anchor) + _silent(matrix) + _not_compared(matrix, shown)


def _table(rows: Sequence[Row], shown: AnswerView, anchor: str) -> str:
    parts = rows[0].parts
    head = "".join(
        f'<th scope="col" title="{escape(part.title)}"><span>{escape(part.label)}</span></th>' for part in parts
    )
    body = "".join(_row(row, shown, anchor) for row in rows)
    table = (
        '<table class="matrix"><caption>What each review says on each aspect</caption>'
        f'<thead><tr><th scope="col"><span>Aspect</span></th>{head}</tr></thead>{body}</table>'
    )
    if len(parts) <= _FIT:
        return f'<div class="across">{table}</div>'
    region = 'class="scroll" role="region" aria-label="Comparison, scrolls sideways" tabindex="0"'
    return f'<div class="across wide"><div {region}>{table}</div></div>'


def _row(row: Row, shown: AnswerView, anchor: str) -> str:
    """Return the rows of an aspect: its cells, and under them what is told of it."""
    stated = {number for one in row.remarks if one.mark in CONTRADICTIONS for number in one.citations}
    cells = "".join(_cell(part, stated, anchor) for part in row.parts)
    told = _told(row, shown, anchor)
    span = ' rowspan="2"' if told else ""
    under = f'<tr><td class="told" colspan="{len(row.parts)}"><div>{told}</div></td></tr>' if told else ""
    return f'<tbody><tr><th scope="row"{span} dir="auto">{escape(row.aspect)}</th>{cells}</tr>{under}</tbody>'


def _cell(part: Part, stated: Iterable[int], anchor: str) -> str:
    """Return a cell: its best quote and those that state a difference are read, the others folded away."""
    read = {*stated, *(citation.number for citation in part.quotes[:1])}
    quotes = "".join(_quote(citation, anchor) for citation in part.quotes if citation.number in read)
    more = [_quote(citation, anchor) for citation in part.quotes if citation.number not in read]
    folded = _folded(f"{len(more)} more quote{'s' if len(more) > 1 else ''}", more)
    if part.state == "closest":
        close = "".join(f'<p class="quote" dir="auto">“{escape(wording(q.text))}”</p>{_where(q)}' for q in part.nearest)
        return f'<td class="may" data-label="{escape(part.label)}"><p class="caution">{part.empty}</p>{close}</td>'
    empty = f'<p class="empty">{part.empty}<span>{part.why}</span></p>' if part.empty else ""
    held = f"{quotes}{folded}{empty}{_nearest('Nearest passage', part.nearest)}"
    return f'<td class="{part.state}" data-label="{escape(part.label)}">{held}</td>'


def _folded(opened_by: str, held: Sequence[str]) -> str:
    return f"<details><summary>{opened_by}</summary>{''.join(held)}</details>" if held else ""


def _quote(citation: Citation, anchor: str) -> str:
    return f'<p class="quote" dir="auto">{quote_html(citation, anchor)}</p>{_where(citation.quote)}'


def _where(quote: Quote) -> str:
    place = f"{escape(quote.heading)} <span>·</span> " if quote.heading else ""
    return f'<p class="where">{place}{escape(provenance(quote))}</p>'


def _nearest(opened_by: str, quotes: Sequence[Quote]) -> str:
    """Return the passages that came nearest, behind a click and marked as no answer."""
    if not quotes:
        return ""
    passages = "".join(f'<p class="quote" dir="auto">“{escape(wording(q.text))}”</p>{_where(q)}' for q in quotes)
    return f'<details class="near"><summary>{opened_by}</summary><p class="caution">{CLOSE}</p>{passages}</details>'


def _told(row: Row, shown: AnswerView, anchor: str) -> str:
    """Return the remarks on an aspect, the most telling at once."""
    lines = [
        f'<p class="remark" dir="auto"><b>{one.mark}</b> {told_html(one, shown, anchor)}</p>' for one in row.remarks
    ]
    return "".join(lines[:_REMARKS]) + _folded(f"{len(lines) - _REMARKS} more", lines[_REMARKS:])


def _shared(shared: Iterable[Told], shown: AnswerView, anchor: str) -> str:
    """Return what several reviews rest on, which counts once and not once a review."""
    lines = "".join(f'<li dir="auto">{told_html(one, shown, anchor)}</li>' for one in shared)
    return f'<div class="shared"><h3>Shared sources</h3><ul>{lines}</ul></div>' if lines else ""


def _silent(matrix: Matrix) -> str:
    """Return who was asked and is not quoted, where only those that are have a column."""
    reviews = "".join(f"<li>{_silent_review(part)}</li>" for part in matrix.silent)
    return f'<div class="heard"><p>{matrix.heard}</p><ul>{reviews}</ul></div>' if reviews else ""


def _silent_review(part: Part) -> str:
    name = f"{escape(part.label)} <span>{part.empty.lower()}</span>"
    return _nearest(name, part.nearest) or name


def _not_compared(matrix: Matrix, shown: AnswerView) -> str:
    """Return who is on something else or was not asked, where no column says so."""
    told = any(part.empty == NOT_ASKED for row in matrix.rows for part in row.parts)
    lines = [line for line in shown.coverage if line.head == ELSEWHERE or (line.head == NOT_ASKED and not told)]
    return "".join(f'<p class="coverage">{line_html(line)}</p>' for line in lines)
