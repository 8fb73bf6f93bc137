"""Rows as paragraphs: their lines joined, words that were divided at a line's end whole again."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median
from typing import TypeVar

from rag.encoders import LineKind
from rag.sources.headings import usual_part
from rag.sources.names import looks_like_institution
from rag.sources.pdf.layout import Column
from rag.sources.pdf.rows import Row, Wording, whole

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_DIVIDED = re.compile(r"([^\W_]+(?:-[^\W_]+)*)[-‐]$")
_BEGINNING = re.compile(r"[^\W_]+")
_ENDED = re.compile(r"[.!?:;][)\]”’\"']?(?:\s?\[[\d,–-]+\])?$")
# Letters of parts that, when both are words of their own, are taken for a compound.
_SHORTEST_PART = 4
# Of a character's size: a first line's indentation; of the usual distance between lines: a gap between paragraphs.
_INDENT, _PARAGRAPH_GAP = 0.7, 1.3
SAME_SIZE = 0.6  # points
_SHORT_LINE = 0.2  # share of a column's width left free by a paragraph's last line
# Of a character's size: lines that are closer are one, lines further apart are not neighbours.
_NEAR, _FAR = 0.8, 2.5
# Lines that show how far apart they are, in a column; how far they are where too few do, of a character's size.
_FEWEST_STEPS, _SINGLE = 3, 1.35
# What begins with a small letter and goes on with nothing; the mark before a place of work.
_LINK = re.compile(r"(?:doi|https?|www|e-?mail)\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:\d{1,2}|[*†‡§¶#])\s?[A-Z]")

# Rows of cells that make a table: with three or more cells in one of them, with two at most.
_FEWEST_ROWS, _FEWEST_PAIRS = 2, 4
_SPACED = re.compile(r"(?:\w ){3,}\w")
_BEFORE_HEADING = re.compile(r"^[^\w(]+|^[IVX]{1,5}\.?\s+")
_LONGEST_USUAL, _LONGEST_WORD = 50, 60
_LABEL = re.compile(r"[\[(]?(?:\d{1,3}|[a-zA-Z]|[ivx]+)[\]).:]*|[•◦▪–·*-]")

# Kinds of lines around the text, and those that no block mixes with others.
AROUND: frozenset[LineKind] = frozenset(["title", "authors", "place", "frame"])
_PARTED: frozenset[LineKind] = frozenset(["title", "authors", "place"])

Words = Mapping[str, int]
Value = TypeVar("Value", float, LineKind)


@dataclass(frozen=True, eq=False)
class Block:
    """Neighbouring rows of one kind in a column."""

    rows: tuple[Row, ...]
    column: Column
    is_table: bool = False
    kind: LineKind = "text"

    @property
    def first(self) -> Row:
        """The first row."""
        return self.rows[0]

    @cached_property
    def size(self) -> float:
        """The size of most of its characters."""
        return _commonest((row.size, len(row.text)) for row in self.rows)

    @cached_property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(row.bold for row in self.rows)

    @cached_property
    def text(self) -> str:
        """The lines with spaces between."""
        return " ".join(row.text for row in self.rows)

    @property
    def is_unfinished(self) -> bool:
        """Whether its last sentence goes on somewhere else."""
        return not self.is_table and not _ENDED.search(self.text[-_LONGEST_WORD:])


def alike(block: Block, other: Block) -> bool:
    """Tell whether two blocks are set in the same type and there for the same."""
    return (
        (block.kind in AROUND) == (other.kind in AROUND)
        and abs(block.size - other.size) < SAME_SIZE
        and block.bold == other.bold
    )


def begins_divided(block: Block, other: Block) -> bool:
    """Tell whether a block begins in the middle of a sentence, or of a word that the block before divides."""
    if _LINK.match(other.text):
        return False
    return (
        other.text[0].islower()
        or other.text[0] in "([,;)"
        or (bool(_DIVIDED.search(block.text[-_LONGEST_WORD:])) and other.text[0].isalnum())
    )


def usual_size(columns: Iterable[Column]) -> float:
    """Return the size of most characters."""
    return _commonest((row.size, len(row.text)) for column in columns for row in column.rows)


def _commonest(weighed: Iterable[tuple[Value, int]]) -> Value:
    counts: Counter[Value] = Counter()
    for value, weight in weighed:
        counts[value] += weight
    return max(counts, key=lambda value: (counts[value], value))


def known_words(columns: Iterable[Column]) -> Words:
    """Count the words of a document that no line's end divides."""
    counts: Counter[str] = Counter()
    for column in columns:
        divided = False
        for row in column.rows:
            words = [word.casefold() for word in _WORD.findall(row.text)]
            last = -1 if _DIVIDED.search(row.text[-_LONGEST_WORD:]) else None
            counts.update(words[int(divided) : last])
            counts.update(part for word in words[int(divided) : last] if "-" in word for part in word.split("-"))
            divided = last is not None
    return counts


def joined(rows: Sequence[Row], words: Words) -> Wording:
    """Return rows as one paragraph."""
    return whole([*(part for above, below in pairwise(rows) for part in _led_on(above, below, words)), rows[-1].words])


def _led_on(above: Row, below: Row, words: Words) -> tuple[Wording, ...]:
    """Return a row's words, with what stands between them and those of the row below."""
    divided, beginning = _DIVIDED.search(above.text[-_LONGEST_WORD:]), _BEGINNING.match(below.text)
    if not divided or not beginning:
        return above.words, Wording(" ")
    keeps = _is_compound(divided[1], beginning.group(), words)
    return (above.words if keeps else above.words[: len(above.text) - 1],)


def _is_compound(first: str, second: str, words: Words) -> bool:
    """Tell a hyphen that belongs to a word from one that divides it, by how the document writes it elsewhere."""
    if not second[0].islower() or not first[-1].islower():
        return True
    first, second = first.casefold(), second.casefold()
    forms = second, second.removesuffix("s"), f"{second}s"
    undivided = max(words.get(first.rpartition("-")[2] + form, 0) for form in forms)
    compound = max(words.get(f"{first}-{form}", 0) for form in forms)
    if undivided or compound or "-" in first:
        return compound >= undivided
    return min(len(first), len(second)) >= _SHORTEST_PART and first in words and second in words


def blocks(column: Column, kinds: Mapping[int, LineKind]) -> Iterator[Block]:
    """Yield the paragraphs, headings and tables of a column, from the top down; `kinds` are those of its rows."""
    distances = _line_distances(column.rows)
    indented = _commonest((round(row.left), len(row.text)) for row in column.rows)
    cells = _cells(column.rows)
    of = [kinds.get(id(row), "text") for row in column.rows]
    start = 0
    for end in range(1, len(column.rows) + 1):
        above = cells[end - 1]
        within = (
            end < len(column.rows)
            and cells[end] == above
            and not _begins_other(column.rows[end], *of[end - 1 : end + 1])
        )
        if not within or (not above and _parted(column, end, distances, indented)):
            rows = column.rows[start:end]
            kind = _commonest((of[start + place], len(row.text)) for place, row in enumerate(rows))
            yield Block(rows, column, is_table=above, kind=kind)
            start = end


def _begins_other(row: Row, above: LineKind, kind: LineKind) -> bool:
    """Tell whether a row is there for something else than the one above it; in the midst of text that is no matter."""
    return kind != above and (bool(_PARTED & {above, kind}) or (kind == "abstract" and row.text[0].isupper()))


def _is_usual(row: Row) -> bool:
    return len(row.text) <= _LONGEST_USUAL and usual_part(plain(row.text)) is not None


def plain(text: str) -> str:
    """Return a heading without signs and Roman numbers before it or spaces between its letters: "A B S T R A C T"."""
    text = _BEFORE_HEADING.sub("", text)
    return text.replace(" ", "") if _SPACED.fullmatch(text) else text


def _cells(rows: Sequence[Row]) -> list[bool]:
    """Tell for each row whether it is one of a table's."""
    counts = [_count_cells(row) for row in rows]
    found: list[bool] = []
    for is_table, run in groupby(range(len(rows)), key=lambda place: counts[place] > 1 or _wraps(rows, counts, place)):
        places = list(run)
        many = max(counts[place] for place in places) > 2
        enough = len(places) >= (_FEWEST_ROWS if many else _FEWEST_PAIRS)
        found += [is_table and enough] * len(places)
    return found


def _count_cells(row: Row) -> int:
    """Return how many cells a row has, without the number or sign of an entry in a list."""
    labelled = len(row.cells) > 1 and _LABEL.fullmatch(row.text[: row.cells[1].start].strip())
    return len(row.cells) - bool(labelled)


def _wraps(rows: Sequence[Row], counts: list[int], place: int) -> bool:
    """Tell whether a row is the rest of a cell or a heading, between two rows of cells."""
    beside = counts[max(place - 1, 0) : place] + counts[place + 1 : place + 2]
    near = all(abs(rows[place].base - row.base) < _FAR * row.size for row in rows[max(place - 1, 0) : place + 2])
    return len(beside) == 2 and min(beside) > 1 and max(beside) > 2 and near


def _line_distances(rows: Sequence[Row]) -> Mapping[float, float]:
    """Return the usual distance of a line from the one above by size of type, in points."""
    steps: dict[float, list[float]] = defaultdict(list)
    for above, row in pairwise(rows):
        step = row.base - above.base
        if above.size == row.size and _NEAR * row.size < step < _FAR * row.size:
            steps[row.size].append(step)
    return {size: median(found) for size, found in steps.items() if len(found) >= _FEWEST_STEPS}


def _parted(column: Column, place: int, distances: Mapping[float, float], usual_left: float) -> bool:
    """Tell whether a paragraph ends above a row."""
    above, row = column.rows[place - 1], column.rows[place]
    if abs(above.size - row.size) >= SAME_SIZE or above.bold != row.bold:
        return True
    if row.base - above.base > _PARAGRAPH_GAP * distances.get(row.size, _SINGLE * row.size):
        return True
    if _ADDRESS.match(row.text) and looks_like_institution(row.text):
        return True
    if _is_usual(row) or _is_usual(above):
        return True
    indent, above_indent = ((each.left - usual_left) / row.size for each in (row, above))
    if indent > _INDENT >= above_indent or indent < -_INDENT <= above_indent:
        return True
    short = above.right < column.right - _SHORT_LINE * (column.right - column.left)
    return short and bool(_ENDED.search(above.text[-_LONGEST_WORD:])) and not row.text[0].islower()
