"""A comparison as a table for a spreadsheet: CSV in which nothing runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping

from rag.exports.wording import unstated
from rag.shelf import label
from rag.types import Answer, Cell, Comparison, Review, ShelfTable

HEAD = ("aspect", "review", "year", "DOI", "state", "number", "quote", "section", "provenance")
# How a cell starts that a spreadsheet would run: as its makers read it, and in the wide letters of East Asian typing.
_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def answer_csv(answer: Answer, reviews: Mapping[str, Review]) -> bytes | None:
    """Return the comparison of an answer, or its table of papers, as CSV; None of one that has neither."""
    if answer.comparison and answer.comparison.cells:
        return comparison_csv(answer.comparison, reviews)
    return shelf_csv(answer.table, reviews) if answer.table else None


def comparison_csv(comparison: Comparison, reviews: Mapping[str, Review]) -> bytes:
    """Return a comparison as CSV: UTF-8 with a byte order mark, a line a quote, and a line a cell without one.

    A field that a spreadsheet would take for a formula has an apostrophe put before it; all else is as it is.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(HEAD)
    for cell in comparison.cells:
        writer.writerows([guarded(field) for field in line] for line in _lines(cell, comparison, reviews))
    return written.getvalue().encode("utf-8-sig", errors="replace")


def shelf_csv(table: ShelfTable, reviews: Mapping[str, Review]) -> bytes:
    """Return a table of the shelf as CSV: a line a paper, its cells and the lines they were read from."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["review", "title", *table.columns, *(f"{column}, read from" for column in table.columns)])
    for review_id, row in zip(table.review_ids, table.rows, strict=True):
        lines = [cell.quote.text if cell.quote else "" for cell in row]
        cells = [cell.text or unstated(column) for column, cell in zip(table.columns, row, strict=True)]
        told = [label(reviews[review_id]), reviews[review_id].title, *cells, *lines]
        writer.writerow([guarded(field) for field in told])
    return written.getvalue().encode("utf-8-sig", errors="replace")


def guarded(field: str) -> str:
    """Return a field that no spreadsheet runs.

    >>> guarded("-5 °C"), guarded("5 °C")
    ("'-5 °C", '5 °C')
    """
    return f"'{field}" if _RUNS.match(field) else field


def _lines(cell: Cell, comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[list[str]]:
    review = reviews[cell.review_id]
    about = [cell.aspect, label(review), str(review.year or ""), review.doi or "", cell.state]
    for number in cell.citations:
        quote = comparison.citations[number - 1].quote
        yield [*about, str(number), quote.text, quote.heading or quote.kind, quote.provenance]
    if not cell.citations:
        yield [*about, "", "", "", ""]
