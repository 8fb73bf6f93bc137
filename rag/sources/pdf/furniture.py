"""What a journal prints around the text: running heads, page numbers, line numbers; told by standing there again."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise
from statistics import median

from rag.sources.pdf.rows import Row

# Share of a page's height at its top and bottom in which running heads stand.
_ZONE = 0.13
_STEP = 4  # points; what is printed again may stand that much higher or lower
_FEWEST_LETTERS, _FEW_PAGES = 3, 5
_DIGITS = re.compile(r"\d+")
_LINE_NUMBER = re.compile(r"\d{1,4}")
_FEWEST_LINE_NUMBERS = 6
_REGULAR = 0.6  # share of steps from one line's number to the next that are equal

Pieces = Sequence[Row]


def furniture(pages: Mapping[int, Pieces], heights: Mapping[int, float]) -> set[int]:
    """Return the identities of the pieces that are no part of the text; `pages` hold the pieces of lines by page."""
    found = {id(piece) for pieces in pages.values() for piece in _line_numbers(pieces)}
    zones = {page: list(_in_zones(pieces, heights[page])) for page, pieces in pages.items()}
    return found | _running_heads(zones) | _page_numbers(zones)


def _in_zones(pieces: Pieces, height: float) -> Iterator[Row]:
    return (piece for piece in pieces if piece.base < _ZONE * height or piece.base > (1 - _ZONE) * height)


def _running_heads(zones: Mapping[int, Pieces]) -> set[int]:
    """Return the pieces that stand again in the same place of other pages; those with letters but for their digits."""
    places: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for piece in chain.from_iterable(zones.values()):
        has_letters = sum(map(str.isalpha, piece.text)) >= _FEWEST_LETTERS
        words = _DIGITS.sub("#", piece.text) if has_letters else piece.text
        if len(words) >= _FEWEST_LETTERS:
            places[words, round(piece.base / _STEP)].append(piece)
    pages = {place: {piece.page for piece in pieces} for place, pieces in places.items()}
    fewest, found = _fewest_pages(zones), set[int]()
    for (words, height), pieces in places.items():
        near = (pages.get((words, height + step), set()) for step in (-1, 0, 1))
        if len(set[int]().union(*near)) >= fewest:
            found.update(map(id, pieces))
    return found


def _fewest_pages(zones: Mapping[int, Pieces]) -> int:
    """Return on how many pages words stand again that are no chance."""
    return 3 if len(zones) > _FEW_PAGES else 2


def _page_numbers(zones: Mapping[int, Pieces]) -> set[int]:
    """Return the numbers at the edge of pages that count as the pages do."""
    counted: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for page, pieces in zones.items():
        for piece in pieces:
            digits = _DIGITS.findall(piece.text)
            if 1 <= len(digits) <= 2 and sum(map(str.isalpha, piece.text)) <= len("Page of") and len(digits[0]) < 6:
                counted[int(digits[0]) - page, round(piece.base / _STEP)].append(piece)
    offsets = Counter({offset: 0 for offset, _ in counted})
    for (offset, _), pieces in counted.items():
        offsets[offset] += len({piece.page for piece in pieces})
    if not offsets or max(offsets.values()) < _fewest_pages(zones):
        return set()
    best = max(offsets, key=lambda offset: (offsets[offset], -abs(offset)))
    return {id(piece) for (offset, _), pieces in counted.items() if offset == best for piece in pieces}


def _line_numbers(pieces: Pieces) -> list[Row]:
    """Return the numbers that count the lines of a manuscript beside them."""
    lines = [piece for piece in pieces if len(piece.text) > 2 * _FEWEST_LINE_NUMBERS]
    if not lines:
        return []
    left, right = median(line.left for line in lines), median(line.right for line in lines)
    beside = [p for p in pieces if _LINE_NUMBER.fullmatch(p.text) and (p.right < left or p.left > right)]
    beside.sort(key=lambda piece: piece.base)
    steps = Counter(int(b.text) - int(a.text) for a, b in pairwise(beside))
    step, times = max(steps.items(), key=lambda pair: pair[1], default=(0, 0))
    regular = step > 0 and times >= _REGULAR * (len(beside) - 1) and len(beside) >= _FEWEST_LINE_NUMBERS
    return beside if regular else []
