"""Where reviews contradict each other anywhere in their texts, with no aspect given: what to compare them on first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from rag.answers import Line, announces
from rag.comparison.agreement import SAME_STATEMENT
from rag.comparison.numbers import side_by_side
from rag.comparison.phrases import phrases
from rag.comparison.polarity import opposed, tells
from rag.comparison.topics import says_nothing_new, sentences_of
from rag.text import stem_set, words
from rag.types import Review

if TYPE_CHECKING:
    from rag.shelf import Library

# So many of the nearest pairs of sentences are read.
READ = 1500


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sentences, as (review id, start, end), that contradict each other or give different numbers for `name`."""

    name: str
    lines: tuple[Line, Line]

    @property
    def forms(self) -> frozenset[str]:
        """The stems of its name."""
        return stem_set(self.name)


def disagreements(library: Library, reviews: Sequence[Review]) -> list[Disagreement]:
    """Return where reviews contradict each other, those nearest in sense first; none without a model."""
    common = library.index.vocabulary.ubiquitous
    found = []
    for one, other in _near(library, reviews):
        here, there = (library.index.reviews[name].text[start:end] for name, start, end in (one, other))
        if announces(here) or announces(there):
            continue
        numbers = side_by_side(here, there, (), common)
        apart = opposed(here, there, (), common) or any(not pair.same for pair in numbers)
        if apart and (name := _shared_name(here, there, library)):
            found.append(Disagreement(name, (one, other)))
    return found


def _near(library: Library, reviews: Sequence[Review]) -> Iterator[tuple[Line, Line]]:
    """Yield the pairs of sentences of different reviews that are near in sense, nearest first."""
    lines = {review.id: [(review.id, *span) for span in sentences_of(library, review)] for review in reviews}
    lines = {review_id: own for review_id, own in lines.items() if own}
    if not library.embedder:
        return
    vectors = {review_id: library.index.sentence_vectors(own) for review_id, own in lines.items()}
    pairs = []
    for a, b in combinations(sorted(lines), 2):
        likeness = np.round(vectors[a] @ vectors[b].T, 4)
        pairs += [
            (-float(likeness[i, j]), lines[a][i], lines[b][j]) for i, j in np.argwhere(likeness >= SAME_STATEMENT)
        ]
    for _, one, other in sorted(pairs)[:READ]:
        yield one, other


def _shared_name(one: str, other: str, library: Library) -> str | None:
    """Return the words by which two sentences name the same thing, the most telling."""
    vocabulary = library.index.vocabulary
    shared = {phrase.key: phrase for phrase in phrases(one, 0, len(one))}
    keys = shared.keys() & {phrase.key for phrase in phrases(other, 0, len(other))}
    if telling := [key for key in keys if not says_nothing_new(key, library)]:
        best = shared[max(telling, key=lambda key: (sum(map(vocabulary.weight, key)), key))]
        return _lowered(best.text) if not best.start else best.text
    forms = {word.forms[0] for word in words(other)}
    both = [w for w in words(one) if w.forms[0] in forms and tells(w) and not says_nothing_new(w.forms[:1], library)]
    if not both:
        return None
    word = max(both, key=lambda word: (vocabulary.weight(word.forms[0]), word.text))
    return _lowered(word.text) if not word.start else word.text


def _lowered(name: str) -> str:
    """Return a name without the capital of a sentence's start."""
    return name[0].lower() + name[1:] if name[1:].islower() else name
