"""The reading order of a page: columns between what runs across them, and rows in each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import median

import numpy as np

from rag.sources.pdf.rows import SPACE, Cell, Row, Wording

# Characters of a piece of a line that tells where columns are; cells and labels in drawings are shorter.
_LONG = 15
# Where, as shares of the printed width, a gutter may lie; how wide it is at least, in points.
_MARGIN, _NARROWEST = 0.2, 5
# How many more lines stand on each side of a gutter than cross it.
_MORE_LINES = 3
_SAME_PLACE = 6  # points
# Shares of a column's width: a piece that fills less is a cell, lines that fill more are text.
_CELL, _TEXT = 0.7, 0.55
# The share of rows that stand at the height of another, and how exactly, in points.
_ALIGNED, _ALIGNED_WITHIN = 0.8, 2
_DEEPEST = 6  # columns within columns
_ROWS = 3  # of a table
_NEXT_LINES = 2.5  # of a character's size
_SAME_BASE = 0.4  # of a character's size
# The gap that parts the cells of a table, of a character's size.
_CELL_GAP = 1.2


@dataclass(frozen=True, slots=True)
class Column:
    """Rows one under another, and the sides between which they stand."""

    rows: tuple[Row, ...]
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Gutter:
    """A strip between two columns, in points from the left."""

    left: float
    right: float

    def crossed_by(self, piece: Row) -> bool:
        """Tell whether words stand on both sides of it and in it."""
        return piece.left < self.left - 1 and piece.right > self.right + 1


def usual_gutters(pages: Iterable[Sequence[Row]]) -> tuple[Gutter, ...]:
    """Return the gutters between the columns of a document's text, those of most pages first."""
    found: list[list[Gutter]] = []
    for gutter in filter(None, map(_gutter, pages)):
        same = next((group for group in found if abs(gutter.left - group[0].left) < _SAME_PLACE), None)
        if same is None:
            found.append([gutter])
        else:
            same.append(gutter)
    often = sorted((group for group in found if len(group) > 1), key=len, reverse=True)
    return tuple(Gutter(max(g.left for g in group), max(g.left for g in group) + _NARROWEST) for group in often)


def columns(pieces: Sequence[Row], usual: Sequence[Gutter] = (), deeper: int = _DEEPEST) -> list[Column]:
    """Return the columns of a page, or of a part of it, in reading order; `usual` are the document's gutters."""
    own = _gutter(pieces)
    gutter = max((*usual, *([own] if own else [])), key=lambda each: _lines_beside(pieces, each), default=None)
    if gutter is None or not deeper or _lines_beside(pieces, gutter) < _MORE_LINES:
        return [_column(pieces)] if pieces else []
    found: list[Column] = []
    wide = _across(pieces, gutter)
    wide |= _between(pieces, wide)
    for is_wide, run in groupby(sorted(pieces, key=lambda piece: piece.base), key=lambda piece: id(piece) in wide):
        band = list(run)
        if is_wide and len(band) < len(pieces):
            found += columns(band, (), deeper - 1)
        elif is_wide or _is_grid(*(sides := _sides(band, gutter)), gutter):
            found.append(_column(band))
        else:
            found += [column for side in sides for column in columns(side, (), deeper - 1)]
    return found


def _lines_beside(pieces: Sequence[Row], gutter: Gutter) -> int:
    """Return how many lines of text stand on that side of a gutter which has fewer."""
    lines = [piece for piece in pieces if len(piece.text) >= _LONG]
    return min(sum(line.right < gutter.right for line in lines), sum(line.left > gutter.left for line in lines))


def _gutter(pieces: Sequence[Row]) -> Gutter | None:
    """Return the strip that the fewest lines cross, with clearly more on both of its sides, if there is one."""
    lines = [piece for piece in pieces if len(piece.text) >= _LONG]
    if len(lines) < 2 * _MORE_LINES:
        return None
    left, right = min(line.left for line in lines), max(line.right for line in lines)
    cover = np.zeros(max(int(right - left), 0) + 2, int)
    for line in lines:
        cover[round(line.left - left) : round(line.right - left)] += 1
    first, last = int(len(cover) * _MARGIN), int(len(cover) * (1 - _MARGIN))
    if last - first < _NARROWEST:
        return None
    fewest = int(cover[first:last].min())
    start, end = _longest_run(cover <= fewest, first, last)
    if end - start < _NARROWEST or min(cover[:start].max(initial=0), cover[end:].max(initial=0)) < fewest + _MORE_LINES:
        return None
    return Gutter(left + start, left + end)


def _longest_run(flags: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """Return where the longest run of true flags that reaches between two places begins and ends."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    runs = [(start, end) for start, end in edges.reshape(-1, 2).tolist() if start < last and end > first]
    return max(runs, key=lambda run: run[1] - run[0])


def _across(pieces: Sequence[Row], gutter: Gutter) -> set[int]:
    """Return the identities of pieces that belong to rows across the gutter: of text, or of a table."""
    found: set[int] = set()
    narrowest = min(gutter.left - min(p.left for p in pieces), max(p.right for p in pieces) - gutter.right)

    def is_cells(row: Sequence[Row]) -> bool:
        both = min(piece.left for piece in row) < gutter.left and max(piece.right for piece in row) > gutter.right
        return both and len(row) > 2 and all(piece.width < _CELL * narrowest for piece in row)

    for cells, run in groupby(_by_base(pieces), key=is_cells):
        rows = list(run)
        for row in rows:
            if (cells and len(rows) >= _ROWS) or any(map(gutter.crossed_by, row)):
                found.update(map(id, row))
    return found


def _between(pieces: Sequence[Row], wide: set[int]) -> set[int]:
    """Return the identities of pieces between two lines of text across the gutter: what is beside them, or ends one."""
    found: set[int] = set()
    above: Row | None = None
    waiting: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: piece.base):
        if id(piece) not in wide:
            waiting.append(piece)
            continue
        if above and piece.base - above.base < _NEXT_LINES * piece.size:
            found.update(map(id, waiting))
        above, waiting = piece, []
    return found


def _by_base(pieces: Sequence[Row]) -> Iterator[list[Row]]:
    """Yield the pieces on each base line, from the top down."""
    row: list[Row] = []
    for piece in sorted(pieces, key=lambda piece: piece.base):
        if row and piece.base - row[-1].base > _SAME_BASE * min(piece.size, row[-1].size):
            yield row
            row = []
        row.append(piece)
    if row:
        yield row


def _sides(band: Sequence[Row], gutter: Gutter) -> tuple[list[Row], list[Row]]:
    """Return what stands on the left and on the right of a gutter."""
    left = [piece for piece in band if piece.left < gutter.left]
    return left, [piece for piece in band if piece.left >= gutter.left]


def _is_grid(left: Sequence[Row], right: Sequence[Row], gutter: Gutter) -> bool:
    """Tell rows of cells from lines of text: they stand at the same height on both sides and leave much space."""
    if not left or not right:
        return False
    fewer, more = (np.array([piece.base for piece in side]) for side in sorted((left, right), key=len))
    aligned = np.mean([np.abs(more - base).min() < _ALIGNED_WITHIN for base in fewer])
    widths = (gutter.left - min(p.left for p in left), max(p.right for p in right) - gutter.right)
    fill = [median(_filled(side)) / max(width, 1) for side, width in zip((left, right), widths, strict=True)]
    return bool(aligned >= _ALIGNED) and max(fill) < _TEXT


def _filled(side: Sequence[Row]) -> list[float]:
    return [sum(piece.width for piece in row) for row in _by_base(side)]


def _column(pieces: Sequence[Row]) -> Column:
    rows = tuple(_joined(row) for row in _by_base(pieces))
    return Column(rows, min(row.left for row in rows), max(row.right for row in rows))


def _joined(pieces: Sequence[Row]) -> Row:
    """Return the row that pieces on one base line make."""
    first, *others = sorted(pieces, key=lambda piece: piece.left)
    words, end = first.words, first.right
    cells = [Cell(0, first.left, first.right)]
    for piece in others:
        gap = (piece.left - end) / piece.size
        words += Wording(" ") if gap > SPACE else Wording()
        if gap > _CELL_GAP:
            cells.append(Cell(len(words.text), piece.left, piece.right))
        words += piece.words
        end = max(end, piece.right)
        cells[-1] = replace(cells[-1], right=end)
    main = max(pieces, key=lambda piece: len(piece.text))
    return replace(main, left=first.left, right=end, words=words, cells=tuple(cells))
