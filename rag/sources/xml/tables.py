"""The rows of a table as lines that can be read alone: each cell with the headings of its column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rag.sources.tables import rows_in_words
from rag.sources.xml.parsing import Element
from rag.sources.xml.words import Words

_GROUPS = frozenset(["table", "tgroup", "thead", "tbody", "tfoot", "table-wrap", "alternatives"])
# Beyond, columns have no headings and nothing spans rows.
_MOST_COLUMNS = 200
_MOST_ROWS_SPANNED = 1_000
_LONGEST_REPEATED = 300  # characters; what is longer is told once
# Headings and spanning cells are repeated: a table that becomes longer than this by it is told without.
_MOST_PER_CHARACTER = 60
_FEWEST = 10_000


@dataclass(frozen=True, slots=True)
class _Cell:
    words: str
    column: int
    columns: int
    first: bool = True  # of the rows that it spans


def table_lines(table: Element, notes: list[Element]) -> list[str]:
    """Return a line for each row of a table: "Lamp: glass; Moths: 12". Footnotes in cells are added to `notes`.

    A cell that spans rows is told in each of them. Headings of several rows are joined: "Moths, male: 7".
    """
    rows = [(in_head, [(cell, _words(cell, notes)) for cell in row]) for in_head, row in _row_elements(table, False)]
    bare = ["; ".join(filter(None, (words for _, words in row))) for _, row in rows]
    most = _FEWEST + _MOST_PER_CHARACTER * sum(map(len, bare))
    names = {column.get("colname"): place for place, column in enumerate(table.iter("colspec"))}
    lines, length = [], 0
    for line in _lines(_placed(rows, names)):
        lines.append(line)
        length += len(line)
        if length > most:
            break
    return lines if lines and length <= most else list(filter(None, bare))


def _row_elements(table: Element, in_head: bool) -> Iterator[tuple[bool, list[Element]]]:
    for child in table:
        if child.tag in {"tr", "row"}:
            cells = [cell for cell in child if cell.tag in {"td", "th", "entry"}]
            yield in_head or _are_headings(cells), cells
        elif child.tag in _GROUPS:
            yield from _row_elements(child, in_head or child.tag == "thead")


def _are_headings(cells: list[Element]) -> bool:
    named = sum(any(words.strip() for words in cell.itertext()) for cell in cells)
    return named > 1 and all(cell.tag == "th" for cell in cells)


def _words(cell: Element, notes: list[Element]) -> str:
    words = Words()
    words.add_content(cell)
    notes += words.aside
    return words.text()


def _placed(
    rows: list[tuple[bool, list[tuple[Element, str]]]], names: dict[str | None, int]
) -> Iterator[tuple[bool, list[_Cell]]]:
    """Yield the cells of each row in their columns, with those that span it from above."""
    spanning: dict[int, tuple[int, _Cell]] = {}  # by column: the first row that is free again
    for number, (in_head, elements) in enumerate(rows):
        if not elements:
            continue
        spanning = {column: held for column, held in spanning.items() if held[0] > number}
        cells = [held[1] for column, held in spanning.items() if column == held[1].column]
        column = 0
        for element, words in elements:
            while column in spanning:
                column += 1
            columns = _columns(element, names)
            cells.append(_Cell(words, column, columns))
            until = number + min(_count(element, "rowspan") or _count(element, "morerows") + 1, _MOST_ROWS_SPANNED)
            if until > number + 1:
                later = _Cell(words, column, columns, first=False)
                spanning |= dict.fromkeys(range(column, min(column + columns, _MOST_COLUMNS)), (until, later))
            column += columns
        yield in_head, sorted(cells, key=lambda cell: cell.column)


def _columns(element: Element, names: dict[str | None, int]) -> int:
    first, last = names.get(element.get("namest")), names.get(element.get("nameend"))
    spanned = last - first + 1 if first is not None and last is not None else _count(element, "colspan")
    return min(max(spanned, 1), _MOST_COLUMNS)


def _count(element: Element, attribute: str) -> int:
    given = element.get(attribute) or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0


def _lines(rows: Iterator[tuple[bool, list[_Cell]]]) -> Iterator[str]:
    headers: list[list[str]] = []
    header_goes_on = False
    for in_head, cells in rows:
        told = [cell for cell in cells if cell.words]
        if in_head and (len(told) > 1 or any(cell.columns == 1 for cell in told)):
            headers = [*(headers if header_goes_on else []), _spread(told)]
            yield from (cell.words for cell in told if len(cell.words) > _LONGEST_REPEATED)
        else:
            told = [cell for cell in told if cell.first or len(cell.words) <= _LONGEST_REPEATED]
            yield from rows_in_words([_above(told, header) for header in headers], [_in_columns(told)])
        header_goes_on = in_head


def _spread(cells: list[_Cell]) -> list[str]:
    """Return the headers of the columns in one row, a long one left out."""
    header = [""] * min(max(cell.column + cell.columns for cell in cells), _MOST_COLUMNS)
    for cell in cells:
        if len(cell.words) <= _LONGEST_REPEATED:
            end = min(cell.column + cell.columns, _MOST_COLUMNS)
            header[cell.column : end] = [cell.words] * (end - cell.column)
    return header


def _above(cells: list[_Cell], header: list[str]) -> list[str]:
    """Return a row of headers as it stands above these cells: one that spans columns has what stands above them all."""
    above = list(header)
    for cell in cells:
        over = header[cell.column : cell.column + cell.columns]
        if len(set(over)) > 1:
            above[cell.column] = ""
    return above


def _in_columns(cells: list[_Cell]) -> list[str]:
    row = [""] * max((cell.column + 1 for cell in cells), default=0)
    for cell in cells:
        row[cell.column] = cell.words
    return row
