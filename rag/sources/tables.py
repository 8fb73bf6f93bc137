"""Tables as text: row by row, each cell with the header of its column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rag.sources.lines import squeeze


def rows_in_words(headers: Sequence[Sequence[str]], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return each row of a table as one paragraph; headers of several rows are read from the top.

    >>> rows_in_words([["Arm", "Deaths"]], [["Adults", ""], ["placebo", "12 (4%)"]])
    ['Adults', 'Arm: placebo; Deaths: 12 (4%)']
    """
    columns = [_each_once(column) for column in zip(*_even(headers), strict=True)]
    return [words for row in rows if (words := _in_words(columns, row))]


def _even(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    width = max(map(len, rows), default=0)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _each_once(words: Sequence[str]) -> str:
    return ", ".join(word for word, _ in groupby(filter(None, map(squeeze, words))))


def _in_words(columns: Sequence[str], row: Sequence[str]) -> str:
    """Return the cells of a row that hold something, with their columns; one alone divides the table and has none."""
    cells = [(place, cell) for place, cell in enumerate(map(squeeze, row)) if cell]
    if len(cells) == 1:
        return cells[0][1]
    named = ((columns[place] if place < len(columns) else "", cell) for place, cell in cells)
    return "; ".join(f"{column}: {cell}" if column and column != cell else cell for column, cell in named)
