"""BM25 over stems: which passages hold a word, how often, and what that is worth where indexes are asked as one.

Counts are kept and not scores: how rare a word is, and how long a passage is on the average, depends on all that is
asked. The formula is Lucene's.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from rag.types import FloatVector

# The usual values for prose.
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """The words of numbered passages in columns, sorted; `lengths` tells how many words each passage has.

    `passages[bounds[w]:bounds[w + 1]]` are the passages that hold word w, in order, and `counts` how often.
    """

    words: Sequence[str]
    bounds: npt.NDArray[np.int64]
    passages: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    lengths: npt.NDArray[np.int32]

    @classmethod
    def of(cls, texts: Iterable[Sequence[str]]) -> Postings:
        """Return the postings of some texts, given as their words; words are numbered in their order."""
        numbers: dict[str, int] = {}
        lengths, sizes, held, counts = array("i"), array("i"), array("i"), array("i")
        for words in texts:
            counted = Counter(words)
            lengths.append(len(words))
            sizes.append(len(counted))
            held.extend([numbers.setdefault(word, len(numbers)) for word in counted])
            counts.extend(counted.values())
        ordered = sorted(numbers)
        place = np.empty(len(numbers), np.int64)
        place[[numbers[word] for word in ordered]] = np.arange(len(numbers))
        word_of = place[np.array(held, np.int64)]
        # A stable sort keeps the passages of each word in order.
        order = np.argsort(word_of, kind="stable")
        return cls(
            ordered,
            np.searchsorted(word_of[order], np.arange(len(ordered) + 1)),
            np.repeat(np.arange(len(sizes), dtype=np.int32), np.array(sizes, np.int32))[order],
            np.array(counts, np.int32)[order],
            np.array(lengths, np.int32),
        )

    def part(self, asked: npt.NDArray[np.bool_]) -> Postings:
        """Return the postings of some passages, numbered as if there were no others."""
        held, number = asked[self.passages], np.cumsum(asked, dtype=np.int32) - 1
        bounds = np.concatenate([[0], np.cumsum(held)])[self.bounds]
        return Postings(self.words, bounds, number[self.passages[held]], self.counts[held], self.lengths[asked])

    def holding(self, word: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
        """Return the numbers of the passages that hold a word, and how often each does."""
        number = bisect_left(self.words, word)
        known = self.words[number : number + 1] == [word]
        held = slice(*self.bounds[number : number + 2].tolist()) if known else slice(0)
        return self.passages[held], self.counts[held]


@dataclass(frozen=True, eq=False)
class Lexical:
    """The postings of one index, or of several one after the other, scored as those of one."""

    parts: tuple[Postings, ...]

    def __len__(self) -> int:
        return len(self._norms)

    def joined(self, other: Lexical) -> Lexical:
        """Return the postings of this and of another one, whose passages are numbered after these."""
        return Lexical(self.parts + other.parts)

    def part(self, asked: npt.NDArray[np.bool_]) -> Lexical:
        """Return the postings of some passages."""
        of_parts = np.split(asked, self._firsts[1:])
        return Lexical(tuple(part.part(of) for part, of in zip(self.parts, of_parts, strict=True)))

    def scores(self, word: str) -> tuple[npt.NDArray[np.int64], FloatVector]:
        """Return the numbers of the passages that hold a word, in order, and what it adds to the score of each."""
        found = [part.holding(word) for part in self.parts]
        numbers = np.concatenate([held + first for first, (held, _) in zip(self._firsts, found, strict=True)])
        counts = np.concatenate([counts for _, counts in found]).astype(np.float32)
        rarity = math.log(1 + (len(self) - len(numbers) + 0.5) / (len(numbers) + 0.5))
        return numbers, np.float32(rarity) * counts / (counts + self._norms[numbers])

    @cached_property
    def _firsts(self) -> list[int]:
        """The number of the first passage of each part."""
        return [0, *accumulate(len(part.lengths) for part in self.parts[:-1])]

    @cached_property
    def _norms(self) -> FloatVector:
        """What the count of a word is held against in each passage: more in a long one."""
        lengths = np.concatenate([part.lengths for part in self.parts])
        return (K1 * (1 - B + B * lengths / max(1.0, float(lengths.mean())))).astype(np.float32)
