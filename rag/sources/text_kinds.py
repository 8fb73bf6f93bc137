"""The lines of plain text and Markdown as numbers, by which is learned and told what each is there for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from rag.encoders import TEXT_WEIGHTS, LineKind, line_kinds
from rag.sources.lines import Line, key
from rag.sources.wording import around, wording
from rag.types import FloatMatrix

# How far the lines around one are looked at, singly and on the whole; how many numbers stand for words.
_REACH, _WIDE, _OWN, _BESIDE = 3, (6, 20), 512, 128
_LENGTHS = (25, 50, 80, 120, 200, 400)  # characters
_PROSE = 120  # characters, of a paragraph
_MARKS = ("# ", "##", "- ", "* ", "**", ">", "|", "[", "![", "---")
_INSIDE = ("](", "http", "doi", "©", "|", "·", ";", "et al", "“", "?")
_SMALL = re.compile(r"\b[^\W\d_A-Z]{2,}\b")
_MOST_LINES, _AT_ONCE = 50_000, 2_000
_MOST_OF_LINE, _LONGEST = 600, 20_000  # characters that are looked at, for its form and for its words


def text_kinds(lines: Sequence[Line], title: str = "", authors: str = "") -> list[tuple[LineKind, float]]:
    """Return the kind of each line and how likely it is; `title` and `authors` are stated elsewhere.

    Nothing of a text that no reader would have written: it has too many lines.
    """
    if len(lines) > _MOST_LINES:
        return []
    return [told for some in _features(lines, title, authors) for told in line_kinds(some, TEXT_WEIGHTS)]


def text_features(lines: Sequence[Line], title: str = "", authors: str = "") -> FloatMatrix:
    """Return what is known of each line and of those around it, shape (lines, numbers)."""
    return np.concatenate(list(_features(lines, title, authors)))


def _features(lines: Sequence[Line], title: str, authors: str) -> Iterator[FloatMatrix]:
    """Yield the numbers of some lines after the other: of all at once they would take much memory."""
    if not lines:
        return
    own, texts = _own(lines, title, authors), [line.text for line in lines]
    sums = np.concatenate([np.zeros((1, own.shape[1]), np.float32), np.cumsum(own, axis=0)])
    for start in range(0, len(lines), _AT_ONCE):
        first, stop = max(start - _REACH, 0), min(start + _AT_ONCE, len(lines))
        last = min(stop + _REACH, len(lines))
        near = around(own[first:last], texts[first:last], _REACH, _OWN, _BESIDE)[start - first : stop - first]
        at = np.arange(start, stop)
        wide = []
        for reach in _WIDE:
            below, above = np.minimum(at + 1 + reach, len(lines)), np.maximum(at - reach, 0)
            wide += [(sums[below] - sums[at + 1]) / reach, (sums[at] - sums[above]) / reach]
        yield np.concatenate([near, *wide], axis=1).astype(np.float32)


def _own(lines: Sequence[Line], title: str, authors: str) -> FloatMatrix:
    small = Counter(word for line in lines for word in _SMALL.findall(line.text[:_LONGEST]))
    named = {"Title": frozenset(title.casefold().split()), "Author": frozenset(authors.casefold().split())}
    keys = [key(line) for line in lines]
    copies = Counter(keys)
    prose = list(accumulate((len(line.text) for line in lines), initial=0))
    said = list(accumulate((len(line.text) * (len(line.text) >= _PROSE) for line in lines), initial=0))
    seen: set[str] = set()
    found = []
    for place, (line, words) in enumerate(zip(lines, keys, strict=True)):
        text = line.text[:_MOST_OF_LINE]
        below = lines[place + 1] if place + 1 < len(lines) else None
        found.append([
            *(len(line.text) > length for length in _LENGTHS), *(text.startswith(mark) for mark in _MARKS),
            *(inside in text for inside in _INSIDE), text[-1] == ":", line.gap, below is None or below.gap,
            place == 0, min(place, 40) / 40, min(len(lines) - place, 40) / 40, prose[place] / prose[-1],
            min(said[place], 4_000) / 4_000, said[place] > 0, min(said[-1] - said[place + 1], 4_000) / 4_000,
            bool(words) and copies[words] > 1, words in seen, *wording(text, small, named),
        ])  # fmt: skip
        seen.add(words)
    return np.array(found, np.float32)
