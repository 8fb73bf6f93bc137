"""The rows of a table as text: each cell with its column's header where these are sure, else as it is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rag.sources.pdf.rows import Cell, Row, Wording

_FEWEST_COLUMNS = 2


def table_rows(rows: Sequence[Row]) -> Iterator[Wording]:
    """Yield the words of each row below the headers ("Arm: placebo; Deaths: 12"), or of each row as it is printed."""
    header = _header(rows)
    for row in rows:
        if header is None:
            yield row.words
        elif row is not header:
            yield _with_headers(row, header)


def _header(rows: Sequence[Row]) -> Row | None:
    """Return the first row if it has a cell for each column and no numbers, and every other cell is below one of it."""
    first, *others = rows
    columns = Counter(len(row.cells) for row in others).most_common(1)
    if not columns or len(first.cells) != columns[0][0] or len(first.cells) < _FEWEST_COLUMNS:
        return None
    if any(map(str.isdigit, first.text)) or not all(_fits(row, first) for row in others):
        return None
    return first


def _fits(row: Row, header: Row) -> bool:
    """Tell whether a row has a cell below each header, or is a heading between rows."""
    if len(row.cells) == 1:
        return True
    pairs = zip(row.cells, header.cells, strict=False)
    return len(row.cells) == len(header.cells) and all(_overlap(cell, head) for cell, head in pairs)


def _overlap(cell: Cell, head: Cell) -> bool:
    return min(cell.right, head.right) > max(cell.left, head.left)


def _with_headers(row: Row, header: Row) -> Wording:
    if len(row.cells) == 1:
        return row.words
    words = Wording()
    for place, (head, cell) in enumerate(zip(_cell_words(header), _cell_words(row), strict=True)):
        words += (Wording("; ") if place else Wording()) + head + Wording(": ") + cell
    return words


def _cell_words(row: Row) -> list[Wording]:
    starts = [cell.start for cell in row.cells]
    return [row.words[start:end].stripped() for start, end in zip(starts, [*starts[1:], len(row.text)], strict=True)]
