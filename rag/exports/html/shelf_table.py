"""A table of papers as HTML: each cell opens the line it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.exports.view import AnswerView
from rag.exports.wording import NOT_STATED, wording
from rag.shelf import label
from rag.text import listed
from rag.types import Review, ShelfCell, ShelfTable


def table_html(papers: ShelfTable, shown: AnswerView) -> str:
    """Return the table; what is not stated has a dash, and a column of which no paper states anything is only named."""
    stated = [at for at, _ in enumerate(papers.columns) if any(row[at].text for row in papers.rows)]
    columns = [papers.columns[at] for at in stated]
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in ("paper", *columns))
    rows = "".join(
        f"<tr>{_paper(shown.reviews[review_id])}{''.join(_cell(papers.columns[at], row[at]) for at in stated)}</tr>"
        for review_id, row in zip(papers.review_ids, papers.rows, strict=True)
    )
    table = f'<table class="papers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="papers-around">{table}</div>{_note([*papers.columns], columns, papers)}'


def _note(asked: Sequence[str], shown: Sequence[str], papers: ShelfTable) -> str:
    absent = [column for column in asked if column not in shown]
    dashes = any(
        not cell.text for row in papers.rows for cell, column in zip(row, asked, strict=True) if column in shown
    )
    told = [f"– {NOT_STATED}"] if dashes else []
    told += [f"{listed(absent)}: {NOT_STATED} of any paper"] if absent else []
    return f'<p class="coverage">{escape("; ".join(told))}.</p>' if told else ""


def _paper(review: Review) -> str:
    return f'<th scope="row">{escape(label(review))}<span class="by" dir="auto">{escape(review.title)}</span></th>'


def _cell(column: str, cell: ShelfCell) -> str:
    name = f'data-label="{escape(column)}"'
    if not cell.text:
        return f'<td {name} class="silent"><span title="{NOT_STATED}">–</span></td>'
    if not cell.quote:
        return f'<td {name} dir="auto">{escape(wording(cell.text))}</td>'
    line = f'<p class="quote" dir="auto">“{escape(wording(cell.quote.text))}”</p>'
    return f'<td {name} dir="auto"><details><summary>{escape(wording(cell.text))}</summary>{line}</details></td>'
