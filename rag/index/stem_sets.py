"""Sets of stems in columns: those of each sentence, and of what each review is about."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from rag.index.columns import IntVector, Passages
from rag.text import Word, stems, words
from rag.types import PROSE, Review

# A word in this many sentences of a review, and in this share of them, is a topic of all of it.
TOPIC_SENTENCES, TOPIC_SHARE = 3, 0.2
_HEAD_ENDS = re.compile(r"[:?.!]\s")


@dataclass(frozen=True, slots=True, eq=False)
class StemSets:
    """Sets of stems by their number: `members[bounds[n]:bounds[n + 1]]` are the places in `stems` of those of set n."""

    stems: Sequence[str]
    members: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int64]

    @classmethod
    def of(cls, sets: Iterable[Iterable[str]], runs: bool = False) -> StemSets:
        """Return some sets in columns, their stems numbered by first appearance; `runs` keep what they repeat."""
        numbers: dict[str, int] = {}
        members, bounds = array("i"), array("q", [0])
        for stems_of_one in sets:
            members.extend(
                [
                    numbers.setdefault(stem, len(numbers))
                    for stem in (stems_of_one if runs else dict.fromkeys(stems_of_one))
                ]
            )
            bounds.append(len(members))
        return cls(list(numbers), np.array(members, np.int32), np.array(bounds, np.int64))

    def joined(self, other: StemSets) -> StemSets:
        """Return these sets and others, which are numbered after them."""
        numbers = {stem: number for number, stem in enumerate(self.stems)}
        places = np.array([numbers.setdefault(stem, len(numbers)) for stem in other.stems], np.int32)
        members = [self.members, places[other.members]] if len(places) else [self.members]
        bounds = np.concatenate([self.bounds, other.bounds[1:] + self.bounds[-1]])
        return StemSets(list(numbers), np.concatenate(members), bounds)

    def part(self, numbers: IntVector) -> StemSets:
        """Return some of these sets."""
        sizes = np.diff(self.bounds)[numbers]
        bounds = np.concatenate([[0], np.cumsum(sizes)])
        places = np.repeat(self.bounds[numbers] - bounds[:-1], sizes) + np.arange(bounds[-1])
        return StemSets(self.stems, self.members[places], bounds)

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __getitem__(self, number: int) -> frozenset[str]:
        return frozenset(self.run(number))

    def run(self, number: int) -> list[str]:
        """Return the stems of a set in their order."""
        return [self.stems[n] for n in self.members[self.bounds[number] : self.bounds[number + 1]].tolist()]

    def holders(self) -> dict[str, list[int]]:
        """Return which of the sets hold each stem, in order."""
        of = np.repeat(np.arange(len(self)), np.diff(self.bounds))[np.argsort(self.members, kind="stable")].tolist()
        bounds = np.cumsum([0, *self.frequency().values()]).tolist()
        return {stem: of[slice(*between)] for stem, between in zip(self.stems, pairwise(bounds), strict=True)}

    def frequency(self) -> dict[str, int]:
        """Return in how many of the sets each stem is."""
        counts = np.bincount(self.members, minlength=len(self.stems))
        return dict(zip(self.stems, counts.tolist(), strict=True))


def title_runs(title: str) -> tuple[list[str], list[str]]:
    """Return the stems of a title, and of its part before the colon."""
    return _runs(title, words(title))


def title_stems(reviews: Iterable[Review]) -> tuple[StemSets, StemSets]:
    """Return the stems in the title of each review, and the run of them, of several, that names it at the shortest."""
    forms, openings = [], []
    for review in reviews:
        found = words(review.title)
        forms.append([form for word in found for form in word.forms])
        openings.append(min((run for run in _runs(review.title, found) if len(run) > 1), key=len, default=[]))
    return StemSets.of(forms), StemSets.of(openings, runs=True)


def _runs(title: str, found: Sequence[Word]) -> tuple[list[str], list[str]]:
    head = _HEAD_ENDS.search(title)
    end = head.start() if head else len(title)
    return [word.forms[0] for word in found], [word.forms[0] for word in found if word.end <= end]


def sentence_stems(passages: Passages) -> StemSets:
    """Return the stems of each distinct sentence."""
    return StemSets.of(stems(text) for text in passages.sentence_texts())


def review_topics(passages: Passages, sentences: StemSets) -> StemSets:
    """Return the stems of what each review is about: its title, its index terms, the words it keeps using."""
    frequent = _frequent(passages, sentences)
    return StemSets.of(
        [*stems(_opening(number, passages)), *(sentences.stems[stem] for stem in frequent.get(number, ()))]
        for number in range(len(passages.reviews))
    )


def _opening(number: int, passages: Passages) -> str:
    review: Review = passages.reviews[number]
    first = [passages[n] for n in passages.numbers_of(number).tolist()]
    opening = [review.text[slice(*p.sentences[0])] for p in first if p.kind in ("abstract", "summary")]
    return "\n".join([review.title, *review.mesh, *opening[:2]])


def _frequent(passages: Passages, sentences: StemSets) -> dict[int, list[int]]:
    """Return the places in `sentences.stems` of the words that each review, by its number, keeps using in its prose."""
    reviews, prose = passages.sentence_reviews(), passages.sentence_kinds(PROSE)
    sizes = np.diff(sentences.bounds)
    said = np.repeat(prose, sizes)
    pairs = np.repeat(reviews, sizes)[said] * len(sentences.stems) + sentences.members[said]
    distinct, counts = np.unique(pairs, return_counts=True)
    holder, stem = np.divmod(distinct, max(1, len(sentences.stems)))
    spans = np.bincount(reviews[prose], minlength=len(passages.reviews))
    kept = counts >= np.maximum(TOPIC_SENTENCES, TOPIC_SHARE * spans[holder])
    found: dict[int, list[int]] = {}
    for review, frequent in zip(holder[kept].tolist(), stem[kept].tolist(), strict=True):
        found.setdefault(review, []).append(frequent)
    return found
