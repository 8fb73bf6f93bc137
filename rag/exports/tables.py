"""A comparison or the papers of the shelf as a table for a spreadsheet: CSV and XLSX in which nothing runs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from rag.exports.wording import unstated
from rag.shelf import label
from rag.types import Answer, Cell, Comparison, Review, ShelfTable

HEAD = ("aspect", "review", "year", "DOI", "state", "number", "quote", "section", "provenance")
# What XML cannot hold, and how much a field can.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST_FIELD = 32_767
# How a cell starts that a spreadsheet would run: as its makers read it, and in the wide letters of East Asian typing.
_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def answer_csv(answer: Answer, reviews: Mapping[str, Review]) -> bytes | None:
    """Return the comparison of an answer, or its table of papers, as CSV; None of one that has neither.

    UTF-8 with a byte order mark; a field that a spreadsheet would take for a formula has an apostrophe put before it.
    """
    lines = answer_lines(answer, reviews)
    if not lines:
        return None
    written = io.StringIO(newline="")
    csv.writer(written).writerows([guarded(field) for field in line] for line in lines)
    return written.getvalue().encode("utf-8-sig", errors="replace")


def answer_xlsx(answer: Answer, reviews: Mapping[str, Review]) -> bytes | None:
    """Return the same as a workbook of one sheet, whose fields are text and nothing else; None of one without."""
    from xlsxwriter import Workbook

    lines = answer_lines(answer, reviews)
    if not lines:
        return None
    written = io.BytesIO()
    made = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    with Workbook(written, {"in_memory": True}) as book:
        book.set_properties({"created": made})  # the same answer gives the same bytes
        sheet, head = book.add_worksheet(), book.add_format({"bold": True})
        for row, line in enumerate(lines):
            for column, field in enumerate(line):
                told = _UNPRINTABLE.sub("\ufffd", field)[:_LONGEST_FIELD]
                sheet.write_string(row, column, told, head if row == 0 else None)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, len(lines) - 1, len(lines[0]) - 1)
    return written.getvalue()


def answer_lines(answer: Answer, reviews: Mapping[str, Review]) -> list[Sequence[str]]:
    """Return what a table shows, its head first: a line a quote of a comparison, or a line a paper; [] without one."""
    if answer.comparison and answer.comparison.cells:
        comparison = answer.comparison
        return [HEAD, *(line for cell in comparison.cells for line in _lines(cell, comparison, reviews))]
    return list(_shelf_lines(answer.table, reviews)) if answer.table else []


def _shelf_lines(table: ShelfTable, reviews: Mapping[str, Review]) -> Iterator[Sequence[str]]:
    """Yield a line a paper: its cells, and the lines that they were read from."""
    yield ["review", "title", *table.columns, *(f"{column}, read from" for column in table.columns)]
    for review_id, row in zip(table.review_ids, table.rows, strict=True):
        lines = [cell.quote.text if cell.quote else "" for cell in row]
        cells = [cell.text or unstated(column) for column, cell in zip(table.columns, row, strict=True)]
        yield [label(reviews[review_id]), reviews[review_id].title, *cells, *lines]


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
