"""The words of a library: how common each is, how it is spelled, and which others mean nearly the same."""

from __future__ import annotations

import json
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.text.terms import spellings, stem
from rag.types import Embedder, FloatMatrix, FloatVector

UBIQUITOUS_SENTENCES, UBIQUITOUS_SHARE = 5, 0.28
# The most frequent words get a vector; the rare ones beyond cost more to embed than they find.
MAX_EMBEDDED_WORDS = 50_000
# Words of questions whose cosines to all others are kept: 0.2 MB each in a large library.
REMEMBERED = 64


@dataclass(frozen=True)
class Vocabulary:
    """Stems with the number of sentences that hold them; `vectors[i]` belongs to `embedded[i]`.

    `spellings` are the ordinary words (no names, codes or numbers) as they stand in the texts, with their stems. That
    of several libraries has the vectors of its `parts`.
    """

    sentences: int
    frequency: dict[str, int]
    spellings: dict[str, str]
    embedded: tuple[str, ...]
    vectors: FloatMatrix
    parts: tuple[Vocabulary, ...] = ()

    def joined(self, other: Vocabulary) -> Vocabulary:
        """Return the words of this and of another library, whose stems are counted after these.

        The vectors are shared: that of a word beyond the most frequent of both is not known, however common it becomes.
        """
        frequency = dict(self.frequency)
        for form, count in other.frequency.items():
            frequency[form] = frequency.get(form, 0) + count
        spellings = {**self.spellings, **other.spellings}
        none = np.empty((0, 0), np.float32)
        return Vocabulary(self.sentences + other.sentences, frequency, spellings, (), none, (self, other))

    def without(self, sentences: int, frequency: Mapping[str, int]) -> Vocabulary:
        """Return the words of this library without so many of its sentences, in which each stem is so often."""
        left = {form: count - frequency.get(form, 0) for form, count in self.frequency.items()}
        left = {form: count for form, count in left.items() if count}
        spellings = {spelling: form for spelling, form in self.spellings.items() if form in left}
        return replace(self, sentences=self.sentences - sentences, frequency=left, spellings=spellings)

    def __contains__(self, stem: str) -> bool:
        return stem in self.frequency

    @cached_property
    def stems(self) -> frozenset[str]:
        """All stems."""
        return frozenset(self.frequency)

    def weight(self, stem: str) -> float:
        """Return the inverse sentence frequency of a stem, as BM25 defines it; the highest for an unknown one."""
        frequency = self.frequency.get(stem, 0)
        return math.log(1 + (self.sentences - frequency + 0.5) / (frequency + 0.5))

    def is_ubiquitous(self, stem: str) -> bool:
        """Tell whether a stem is in so many sentences that it is what the whole library is about."""
        frequency = self.frequency.get(stem, 0)
        return frequency >= UBIQUITOUS_SENTENCES and frequency >= UBIQUITOUS_SHARE * self.sentences

    def spelling_of(self, stem: str) -> str:
        """Return how an ordinary word with this stem is spelt here; the stem itself where there is none."""
        return self.spelling_by_stem.get(stem, stem)

    @cached_property
    def spelling_by_stem(self) -> dict[str, str]:
        """How an ordinary word is spelt, by its stem."""
        return {form: spelling for spelling, form in sorted(self.spellings.items(), reverse=True)}

    def similar(self, vector: FloatVector, at_least: float) -> dict[str, float]:
        """Return the stems whose word has at least this cosine to a unit vector, with their cosines."""
        if self.parts:
            return dict(sorted(pair for part in self.parts for pair in self._of_part(part, vector, at_least)))
        if not len(self.vectors):
            return {}
        cosines = self._cosines(vector.astype(np.float32).tobytes())
        near = np.flatnonzero(cosines >= at_least).tolist()
        found = {self.embedded[i]: cosine for i, cosine in zip(near, cosines[near].tolist(), strict=True)}
        return {form: cosine for form, cosine in found.items() if form in self.frequency}

    def _of_part(self, part: Vocabulary, vector: FloatVector, at_least: float) -> Iterator[tuple[str, float]]:
        """Yield what a part finds, but for words that the other part spells in the way that comes first."""
        for form, cosine in part.similar(vector, at_least).items():
            if part.spelling_by_stem[form] == self.spelling_by_stem[form]:
                yield form, cosine

    @cached_property
    def _cosines(self) -> Callable[[bytes], FloatVector]:
        # A question asks again and again for the words near its own: as a whole, in parts, in phrases.
        def cosines(vector: bytes) -> FloatVector:
            # Row by row: the threads of a product of a matrix wait for each other, 24 ms instead of 2 on busy cores.
            products: FloatVector = np.asarray(np.vecdot(self._in_full, np.frombuffer(vector, np.float32)))
            return np.round(products, 4)

        return lru_cache(maxsize=REMEMBERED)(cosines)

    @cached_property
    def _in_full(self) -> FloatMatrix:
        # Products of float16 numbers take five times as long.
        return np.asarray(self.vectors, np.float32)

    def closest_spelling(self, word: str, limit: int) -> str | None:
        """Return the word of the library within `limit` edits that starts with the same letter; ties by frequency."""
        candidates = self._spellings_by_initial.get(word[0], [])
        found = process.extract(word, candidates, scorer=OSA.distance, score_cutoff=limit, limit=None)
        ranked = sorted(found, key=lambda hit: (hit[1], -self.frequency[self.spellings[hit[0]]], hit[0]))
        return ranked[0][0] if ranked else None

    def completion(self, stump: str) -> str | None:
        """Return the one word of the library that starts like this, None when none or several do."""
        found = _beginning_with(stump, self._spellings_by_initial.get(stump[0], []))
        return min(found, key=len) if len({self.spellings[spelling] for spelling in found}) == 1 else None

    @cached_property
    def _spellings_by_initial(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = {}
        for spelling in sorted(self.spellings):
            grouped.setdefault(spelling[0], []).append(spelling)
        return grouped


def _beginning_with(beginning: str, ordered: Sequence[str]) -> Sequence[str]:
    """Return those of some words, given in order, that begin so."""
    first = bisect_left(ordered, beginning)
    return ordered[first : bisect_right(ordered, beginning, first, key=lambda word: word[: len(beginning)])]


def build_vocabulary(
    sentences: Iterable[str], count: int, frequency: dict[str, int], embedder: Embedder | None
) -> Vocabulary:
    """Embed the ordinary words of `count` distinct sentences; `frequency` tells how many hold each stem."""
    written = {word for sentence in sentences for word in spellings(sentence)}
    ordinary = {word.casefold(): stem(word) for word in sorted(written) if _is_ordinary(word)}
    counted = Vocabulary(count, frequency, ordinary, (), np.empty((0, 0), np.float16))
    return embed_words(counted, embedder) if embedder else counted


def embed_words(counted: Vocabulary, embedder: Embedder) -> Vocabulary:
    """Return a vocabulary with the vectors of its ordinary words."""
    words = words_to_embed(counted)
    vectors = embedder.embed(list(words.values()))
    return replace(counted, embedded=tuple(words), vectors=vectors.astype(np.float16))


def words_to_embed(counted: Vocabulary) -> dict[str, str]:
    """Return the ordinary words that get a vector, by their stems."""
    by_stem = counted.spelling_by_stem
    return {form: by_stem[form] for form in _most_frequent(by_stem, counted.frequency)}


def _is_ordinary(word: str) -> bool:
    """Tell a word of the language from a gene, drug code or number by how it is written."""
    return len(word) >= 3 and word.isalpha() and word[1:].islower()


def _most_frequent(forms: Iterable[str], frequency: dict[str, int]) -> tuple[str, ...]:
    ranked = sorted(forms, key=lambda form: (-frequency[form], form))
    return tuple(sorted(ranked[:MAX_EMBEDDED_WORDS]))


def save_vocabulary(vocabulary: Vocabulary, folder: Path) -> None:
    """Write `vocabulary.json` and `vocabulary.npy` into a folder."""
    counts = {
        "sentences": vocabulary.sentences,
        "frequency": vocabulary.frequency,
        "spellings": vocabulary.spellings,
        "embedded": vocabulary.embedded,
    }
    (folder / "vocabulary.json").write_text(json.dumps(counts, ensure_ascii=False), encoding="utf-8")
    np.save(folder / "vocabulary.npy", vocabulary.vectors, allow_pickle=False)


def load_vocabulary(folder: Path) -> Vocabulary:
    """Read what `save_vocabulary` wrote; the vectors stay on disk until they are used."""
    counts = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "vocabulary.npy", mmap_mode="r", allow_pickle=False)
    return Vocabulary(counts["sentences"], counts["frequency"], counts["spellings"], tuple(counts["embedded"]), vectors)
