"""The lines of a document as numbers, by which is learned and told what each is there for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

import numpy as np

from rag.encoders import LineKind, line_kinds
from rag.sources.lines import is_prose
from rag.sources.pdf.layout import Column
from rag.sources.pdf.rows import Row
from rag.sources.wording import around, wording
from rag.types import FloatMatrix

# How far the lines around one are looked at; how many numbers stand for the words of a line, and of those beside it.
REACH, _OWN, _BESIDE = 3, 512, 128
# How likely what stands around the text must be for it to be none of the text.
_SURE: Mapping[LineKind, float] = {"frame": 0.65, "place": 0.6}
_SURE_OF_TEXT = 0.97
_SAME_SIZE, _PROSE = 0.3, 6  # points; words
_SIZES = (0.7, 0.85, 0.95, 1.05, 1.2, 1.5, 2.0)  # of the text's


def kinds(columns: Sequence[Column], stated: Mapping[str, str], size: float) -> dict[int, LineKind]:
    """Return the kind of each row by its identity; `stated` are the file's own fields, `size` is that of the text."""
    rows = [row for column in columns for row in column.rows]
    told = line_kinds(features(columns, stated, size))
    sure = (
        kind if _is_sure(row, kind, chance, size) else "text" for row, (kind, chance) in zip(rows, told, strict=False)
    )
    return dict(zip(map(id, rows), sure, strict=False))


def _is_sure(row: Row, kind: LineKind, chance: float, size: float) -> bool:
    """Tell whether a row is to be taken for what it is told to be; words set as the text is are seldom its frame."""
    as_text = kind == "frame" and abs(row.size - size) < _SAME_SIZE and is_prose(row.text, _PROSE)
    return chance >= (_SURE_OF_TEXT if as_text else _SURE.get(kind, 0))


def features(columns: Sequence[Column], stated: Mapping[str, str], size: float) -> FloatMatrix:
    """Return what is known of each row and of those around it, shape (rows, numbers), in reading order."""
    texts = [row.text for column in columns for row in column.rows]
    return around(_own(columns, stated, size), texts, REACH, _OWN, _BESIDE)


def _own(columns: Sequence[Column], stated: Mapping[str, str], size: float) -> FloatMatrix:
    rows = [row for column in columns for row in column.rows]
    font = Counter({key: sum(len(row.text) for row in run) for key, run in _by_font(rows)}).most_common(1)[0][0]
    small = Counter(word for row in rows for word in re.findall(r"\b[^\W\d_A-Z]{2,}\b", row.text))
    named = {key: frozenset(stated.get(key, "").casefold().split()) for key in ("Title", "Author")}
    pages = {page: list(run) for page, run in groupby(sorted(rows, key=lambda row: row.page), lambda row: row.page)}
    largest = {page: max((row.size for row in run if len(row.text) > 8), default=0.0) for page, run in pages.items()}
    lowest = {page: max(1.0, *(row.base for row in run)) for page, run in pages.items()}
    width = max(1.0, *(row.right for row in rows))
    last, first = max(pages), min(pages)
    found = []
    for column in columns:
        for place, row in enumerate(column.rows):
            above = column.rows[place - 1] if place else None
            below = column.rows[place + 1] if place + 1 < len(column.rows) else None
            found.append([
                *_type(row, size), row.font == font, row.size >= largest[row.page],
                row.page == first, row.page == first + 1, row.page == last, (row.page - first) / (last - first + 1),
                row.base / lowest[row.page], row.left / width, row.width / width,
                row.width / max(column.right - column.left, 1), (column.right - column.left) / width,
                *_beside(row, above), *_beside(row, below), *wording(row.text, small, named),
            ])  # fmt: skip
    return np.array(found, np.float32)


def _by_font(rows: Sequence[Row]) -> Iterator[tuple[int, Iterator[Row]]]:
    return groupby(sorted(rows, key=lambda row: row.font), lambda row: row.font)


def _type(row: Row, size: float) -> Iterator[float]:
    yield from (row.size > step * size for step in _SIZES)
    yield row.bold


def _beside(row: Row, other: Row | None) -> tuple[float, ...]:
    """Return how the row above or below in the column stands and is set."""
    if other is None:
        return 1, 0, 0, 0, 0
    step = abs(row.base - other.base) / row.size
    return 0, min(step, 4) / 4, abs(row.size - other.size) < 0.3, row.font == other.font, row.bold == other.bold
