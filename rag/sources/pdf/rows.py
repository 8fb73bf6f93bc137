"""From characters to rows: words on one base line, each with the places of its characters on the page."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

import numpy as np

from rag.sources.pdf.pages import HYPHEN, Flags, Floats, Glyphs

# Parts of a character's size. What stands higher or lower is on another line; indices and exponents are not, and
# smaller ones that touch their word may stand higher.
_OTHER_LINE, _OTHER_MARK = 0.55, 0.8
# A gap within a line; wider ones may lie between columns or cells.
_GAP = 0.75
SPACE = 0.3
# The gaps of a line that is justified, of a character's size: from which on they are, how many tell, ...
_BETWEEN, _FEWEST_GAPS, _ALIKE, _WIDEST = 0.15, 2, 0.15, 4.0
# How far a character may step back, as accents do.
_BACK = 0.6
# Sizes that differ less are the same, in points; how much of a row is bold for the row to be.
_SAME_SIZE, _MOSTLY = 0.5, 0.8
# How high, in parts of the size, a character stands above the line: one of smaller type, any.
_SMALL, _RAISED, _HIGH = 0.9, 0.2, 0.3
# What refers to sources or places of work, and what it stands after, unlike the exponent of a unit.
_REFERENCE = r"(?:\d[\d–−-]*|[a-z](?![a-z])|[^\w\s,])"
_REFERS = re.compile(rf"{_REFERENCE}(?:[,\s]*{_REFERENCE})*,?")
_WORD_END = re.compile(r"(?:[^\W\d]{4}|[)\]”’'\"%])[.,;:]?$|[^\W\d]{3}[.,;:]$")
_NAME_END = re.compile(r"[^\W\d]{2}\.?$")
_WORD = 8

# How much larger than the text an initial over several lines is; the height of capitals, of their size.
_INITIAL, _CAPITAL = 1.8, 0.7

Run = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Wording:
    """Words, and where they stand: from an offset in them on, the characters of a page, from one of its numbers on."""

    text: str = ""
    runs: tuple[Run, ...] = ()

    def __add__(self, other: Wording) -> Wording:
        return whole([self, other])

    def __getitem__(self, part: slice) -> Wording:
        start, end, _ = part.indices(len(self.text))
        inside = [
            (max(at, start) - start, page, number + max(start - at, 0))
            for (at, page, number), after in zip(self.runs, [*(run[0] for run in self.runs[1:]), end], strict=True)
            if after > start and at < end
        ]
        return Wording(self.text[start:end], tuple(inside))

    def stripped(self) -> Wording:
        """Return the words without white space around them."""
        start = len(self.text) - len(self.text.lstrip())
        return self[start : max(start, len(self.text.rstrip()))]


def whole(parts: Iterable[Wording]) -> Wording:
    """Return parts as one."""
    texts, runs, shift = list[str](), list[Run](), 0
    for part in parts:
        texts.append(part.text)
        runs += ((at + shift, page, number) for at, page, number in part.runs)
        shift += len(part.text)
    return Wording("".join(texts), tuple(runs))


@dataclass(frozen=True, slots=True)
class Cell:
    """Words of a row beside a gap that is wider than a space: their offset in it, and their sides on the page."""

    start: int
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Row:
    """Words on one base line of a page, and the cells that gaps part them into."""

    page: int
    left: float
    right: float
    base: float
    size: float
    bold: bool
    font: int
    words: Wording
    cells: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """The words."""
        return self.words.text

    @property
    def by_cell(self) -> list[str]:
        """The words of each cell."""
        starts = [cell.start for cell in self.cells] or [0]
        return [self.text[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]

    @property
    def top(self) -> float:
        """How far down the row's letters begin."""
        return self.base - 0.8 * self.size

    @property
    def width(self) -> float:
        """The length of the row in points."""
        return self.right - self.left


def segments(page: Glyphs) -> list[Row]:
    """Return the pieces of lines that follow one another without a wide gap, in the order of the page's characters."""
    if not page.text:
        return []
    step = page.left[1:] - page.right[:-1]
    size = np.maximum(page.size[1:], page.size[:-1])
    fall = np.abs(np.diff(page.base))
    smaller = np.minimum(page.size[1:], page.size[:-1])
    near = np.minimum(size, 1.5 * smaller)
    a_mark = (smaller < _SMALL * size) & (smaller * _INITIAL > size)
    touching = a_mark & (np.abs(step) < SPACE * size)
    breaks = (fall > np.where(touching, _OTHER_MARK * size, _OTHER_LINE * near)) | (step < -_BACK * size)
    wide = step > _GAP * size
    ends = breaks | (wide & ~_stretched(page, step / size, breaks, wide))
    spaced = page.spaced.copy()
    spaced[1:] |= step > SPACE * size
    bounds = [0, *(np.flatnonzero(ends) + 1).tolist(), len(page.text)]
    return [_segment(page, spaced, slice(start, end)) for start, end in pairwise(bounds)]


def _stretched(page: Glyphs, gaps: Floats, breaks: Flags, wide: Flags) -> Flags:
    """Tell the wide gaps of lines that are justified: all between their words are alike; those between cells differ.

    `gaps` are those behind each character but the last, of its size; `breaks` are where lines end.
    """
    found = np.zeros(len(gaps), bool)
    lines = np.concatenate(([0], np.cumsum(breaks)))  # of each character
    for line in np.unique(lines[:-1][wide & ~breaks]).tolist():
        start, end = np.searchsorted(lines, [line, line + 1]).tolist()
        between = start + np.flatnonzero(gaps[start : end - 1] > _BETWEEN)
        widths = gaps[between]
        alike = len(widths) >= _FEWEST_GAPS and np.ptp(widths) < _ALIKE * widths.mean() and widths.max() < _WIDEST
        if alike and sum(map(str.isalpha, page.text[start:end])) > _MOSTLY * (end - start):
            found[between] = True
    return found


def with_initials(pieces: Sequence[Row]) -> list[Row]:
    """Return pieces with the large letter that begins a text, over several lines, before the rest of its word."""
    found = list(pieces)
    for initial in [piece for piece in pieces if len(piece.text) == 1 and piece.text.isupper()]:
        beside = [piece for piece in found if _is_begun_by(piece, initial)]
        if beside:
            first = min(beside, key=lambda piece: piece.base)
            found[found.index(first)] = replace(first, words=initial.words + first.words)
            found.remove(initial)
    return found


def _is_begun_by(piece: Row, initial: Row) -> bool:
    near = 0 <= piece.left - initial.right + piece.size / 2 < 2 * piece.size
    level = abs(piece.base - _CAPITAL * piece.size - initial.base + _CAPITAL * initial.size) < piece.size
    return initial.size > _INITIAL * piece.size and near and level


def _segment(page: Glyphs, spaced: Flags, part: slice) -> Row:
    sizes = page.size[part]
    size = float(np.sort(sizes)[len(sizes) // 2])
    base = float(np.median(page.base[part][np.abs(sizes - size) < _SAME_SIZE]))
    return Row(
        page.page,
        float(page.left[part].min()),
        float(page.right[part].max()),
        base,
        round(size, 1),
        bool(page.bold[part].mean() > _MOSTLY),
        int(np.bincount(page.font[part]).argmax()),
        _wording(page, _pieces(page, spaced, part, base, size)),
    )


@dataclass(slots=True)
class _Piece:
    """What is written for a character, white space before it and its letters; its number; whether it is raised."""

    before: str
    letters: str
    number: int
    raised: bool


def _pieces(page: Glyphs, spaced: Flags, part: slice, base: float, size: float) -> list[_Piece]:
    raised = base - page.base[part] > np.where(page.size[part] < _SMALL * size, _RAISED, _HIGH) * size
    before = [" " if space else "" for space in spaced[part]]
    before[0] = ""
    letters = map(_rewritten, page.text[part])
    pieces = [
        _Piece(*piece) for piece in zip(before, letters, page.number[part].tolist(), raised.tolist(), strict=True)
    ]
    return _with_marks(pieces) if raised.any() else pieces


def _rewritten(letters: str) -> str:
    """Return a character with ligatures as letters and hyphens as hyphens."""
    if "ﬀ" <= letters <= "ﬆ":
        return unicodedata.normalize("NFKC", letters)
    return "-" if letters in (HYPHEN, "\xad") else letters


def _with_marks(pieces: list[_Piece]) -> list[_Piece]:
    """Write a raised number after a number as 10^6, one after a word, which refers to a source or place, as [6]."""
    found: list[_Piece] = []
    for raised, run in groupby(pieces, key=lambda piece: piece.raised):
        mark = list(run)
        if raised and found:
            _mark(found, mark)
        else:
            found += mark
    return found


def _mark(found: list[_Piece], mark: list[_Piece]) -> None:
    before = "".join(piece.letters for piece in found[-_WORD:])
    words = "".join(piece.before + piece.letters for piece in mark).strip()
    is_number = words.lstrip("−–-")[:1].isdigit()
    if is_number and before[-1:].isdigit():
        mark[0].before = "^"
    elif _REFERS.fullmatch(words) and (_WORD_END if is_number else _NAME_END).search(before):
        stop = len(found) - 1 if before[-1] in ".,;:" else len(found)
        mark[0].before, mark[-1].letters = " [", mark[-1].letters + "]"
        found[stop:stop] = mark
        return
    found += mark


def _wording(page: Glyphs, pieces: Sequence[_Piece]) -> Wording:
    runs: list[Run] = []
    parts: list[str] = []
    shift: int | None = None
    at = 0
    for before, piece in pairwise([None, *pieces]):
        assert piece is not None
        closes = before and before.letters.endswith("]") and piece.letters in ".,;:"
        parts += (space := "" if closes else piece.before, piece.letters)
        at += len(space)
        if piece.number - at != shift:
            shift = piece.number - at
            runs.append((at, page.page, piece.number))
        at += len(piece.letters)
    return Wording("".join(parts), tuple(runs))
