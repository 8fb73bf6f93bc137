"""A table of papers as HTML: each cell opens the line it was read from."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.exports.view import AnswerView
from rag.exports.wording import place, unstated, wording
from rag.shelf import label
from rag.text import listed
from rag.types import Review, ShelfCell, ShelfTable


def table_html(papers: ShelfTable, shown: AnswerView) -> str:
    """Return the table; what is not stated has a dash, and a column of which no paper states anything is only named."""
    stated = [at for at, _ in enumerate(papers.columns) if any(row[at].text for row in papers.rows)]
    columns = [papers.columns[at] for at in stated]
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in ("paper", *columns))
    rows = "".join(
        _row(review_id, row, stated, papers, shown)
        for review_id, row in zip(papers.review_ids, papers.rows, strict=True)
    )
    table = f'<table class="papers"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return f'<div class="papers-around">{table}</div>{_note([*papers.columns], columns, papers)}'


def _row(review_id: str, row: Sequence[ShelfCell], stated: Sequence[int], papers: ShelfTable, shown: AnswerView) -> str:
    review = shown.reviews[review_id]
    cells = "".join(_cell(papers.columns[at], row[at], review) for at in stated)
    return f"<tr>{_paper(review)}{cells}</tr>"


def _note(asked: Sequence[str], shown: Sequence[str], papers: ShelfTable) -> str:
    """Return what the dashes mean, and which columns are left out because they are empty."""
    rows = (zip(asked, row, strict=True) for row in papers.rows)
    dashes = dict.fromkeys(
        unstated(column) for row in rows for column, cell in row if column in shown and not cell.text
    )
    told = [f"– {' or '.join(dashes)}"] if dashes else []
    absent = [column for column in asked if column not in shown]
    told += [
        f"{listed([column for column in absent if unstated(column) == why])}: {why}, of any paper"
        for why in dict.fromkeys(map(unstated, absent))
    ]
    return f'<p class="coverage">{escape("; ".join(told))}.</p>' if told else ""


def _paper(review: Review) -> str:
    return f'<th scope="row">{escape(label(review))}<span class="by" dir="auto">{escape(review.title)}</span></th>'


def _cell(column: str, cell: ShelfCell, review: Review) -> str:
    name = f'data-label="{escape(column)}"'
    if not cell.text:
        return f'<td {name} class="silent"><span title="{unstated(column)}">–</span></td>'
    text = escape(wording(cell.text))
    if not cell.quote:
        return f'<td {name} dir="auto">{text}</td>'
    if cell.text.split() == cell.quote.text.split():
        where = f'<p class="coverage">{escape(place(cell.quote, review))}</p>'
        return f'<td {name} dir="auto"><details class="sentence"><summary>“{text}”</summary>{where}</details></td>'
    line = f'<p class="quote" dir="auto">“{escape(wording(cell.quote.text))}”</p>'
    return f'<td {name} dir="auto"><details><summary>{text}</summary>{line}</details></td>'
