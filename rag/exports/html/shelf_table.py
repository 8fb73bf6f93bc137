"""A table of papers as HTML: each cell opens the line it was read from."""

from __future__ import annotations

from html import escape

from rag.exports.view import AnswerView
from rag.exports.wording import NOT_STATED, wording
from rag.shelf import label
from rag.types import Review, ShelfCell, ShelfTable


def table_html(papers: ShelfTable, shown: AnswerView) -> str:
    """Return the table; what is not stated says so."""
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in ("paper", *papers.columns))
    rows = "".join(
        f"<tr>{_paper(shown.reviews[review_id])}{''.join(map(_cell, papers.columns, row))}</tr>"
        for review_id, row in zip(papers.review_ids, papers.rows, strict=True)
    )
    table = f'<table class="papers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="papers-around">{table}</div>'


def _paper(review: Review) -> str:
    return f'<th scope="row">{escape(label(review))}<span class="by" dir="auto">{escape(review.title)}</span></th>'


def _cell(column: str, cell: ShelfCell) -> str:
    name = f'data-label="{escape(column)}"'
    if not cell.text:
        return f'<td {name} class="silent">{NOT_STATED}</td>'
    if not cell.quote:
        return f'<td {name} dir="auto">{escape(wording(cell.text))}</td>'
    line = f'<p class="quote" dir="auto">“{escape(wording(cell.quote.text))}”</p>'
    return f'<td {name} dir="auto"><details><summary>{escape(wording(cell.text))}</summary>{line}</details></td>'
