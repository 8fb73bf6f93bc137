"""The topics that reviews treat, named in their own words: the aspects of a comparison that names none."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rag.comparison.phrases import Phrase, phrases
from rag.comparison.thresholds import ONE_TOPIC
from rag.lexicon import open_thesaurus
from rag.text import stem
from rag.types import PROSE, FloatMatrix, FloatVector, Review, Span

if TYPE_CHECKING:
    from rag.shelf import Library

Key = tuple[str, ...]
# How many phrases are ranked by meaning; the rarer ones beyond name no topic of a review.
MOST_RANKED = 120
# Nouns that name no topic alone: "cells" in a library of cell therapy.
THIN = frozenset(
    stem(word)
    for word in "therapy cell treatment disease disorder syndrome drug condition agent effect risk factor benefit "
    "response activity adult side half third quarter first second person people man woman decade variety form kind "
    "line work use ci hr older younger higher lower longer shorter".split()
)
# What a lone word of everyday language may name as a topic.
NAMED_KINDS = ("disease", "drug", "drug class", "procedure", "state", "attribute")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic: its name as most reviews word it, and the reviews that use the phrase."""

    name: str
    review_ids: frozenset[str]


def topics(library: Library, reviews: Sequence[Review]) -> list[Topic]:
    """Return the topics that the reviews treat, no two alike, those of most reviews first."""
    if not reviews:
        return []
    counts = {review.id: _counts(library, review) for review in reviews}
    speaking = Counter(key for found in counts.values() for key in found)
    wordings: dict[Key, list[Counter[str]]] = {}
    for found in counts.values():
        for key, worded in found.items():
            wordings.setdefault(key, []).append(worded)
    total = {key: sum(sum(worded.values()) for worded in of) for key, of in wordings.items()}
    names = {key: _wording(of) for key, of in wordings.items()}
    naming = [key for key in total if not says_nothing_new(key, library) and _names_a_topic(key, names[key], library)]
    ranked = sorted(naming, key=lambda key: (-_weight(speaking[key], total[key], len(key)), key))[:MOST_RANKED]
    vectors = library.embed([names[key] for key in ranked])
    if vectors is not None:
        near = vectors @ np.mean([_sense(library, review) for review in reviews], axis=0)
        worth = [round(_weight(speaking[k], total[k], len(k)) * float(c), 5) for k, c in zip(ranked, near, strict=True)]
        order = sorted(range(len(ranked)), key=lambda at: (-speaking[ranked[at]], -worth[at], ranked[at]))
        ranked, vectors = [ranked[at] for at in order], vectors[order]
    return [
        Topic(names[key], frozenset(review.id for review in reviews if key in counts[review.id]))
        for key in _unlike(ranked, vectors, library)
    ]


def _sense(library: Library, review: Review) -> FloatVector:
    """Return the mean of the sentence vectors of a review's prose, shape (dimensions,)."""
    sentences = library.index.sentence_vectors([(review.id, *span) for span in sentences_of(library, review)])
    return np.asarray(sentences.mean(axis=0), np.float32)


def _names_a_topic(key: Key, name: str, library: Library) -> bool:
    """Tell a name from a lone word of the language that is in every text."""
    entry = open_thesaurus().entry(key)
    is_named = entry is not None and entry.kind in NAMED_KINDS
    return len(key) > 1 or is_named or not library.language.is_common(name.casefold())


def says_nothing_new(key: Key, library: Library, about: Collection[str] = ()) -> bool:
    """Tell whether a phrase only names the subject of the whole library, or of `about`, in these or other words."""
    vocabulary = library.index.vocabulary
    if any(vocabulary.is_ubiquitous(form) for form in library.synonyms.same_as(key)):
        return True
    return all(form in THIN or form in about or form.isdigit() or vocabulary.is_ubiquitous(form) for form in key)


def _weight(reviews: int, mentions: int, length: int) -> float:
    """Return the weight of a phrase: shared ones count before frequent ones, and longer names more."""
    return round(reviews * (1 + math.log(mentions)) * (1.0 if length == 1 else 1.5), 6)


def _unlike(ranked: Sequence[Key], vectors: FloatMatrix | None, library: Library) -> Iterator[Key]:
    """Yield phrases that neither share a word or a name with a better one nor mean nearly the same."""
    taken: list[int] = []
    used: set[str] = set()
    for at, key in enumerate(ranked):
        names = {*key, *library.synonyms.same_as(key)}
        if names & used:
            continue
        if vectors is not None and taken and float(np.max(vectors[taken] @ vectors[at])) >= ONE_TOPIC:
            continue
        taken.append(at)
        used |= names - THIN
        yield key


def _wording(found: Iterable[Mapping[str, int]]) -> str:
    counts: Counter[str] = Counter()
    for wordings in found:
        counts.update(wordings)
    return min(counts, key=lambda wording: (-counts[wording], wording))


def _counts(library: Library, review: Review) -> dict[Key, Counter[str]]:
    return _phrases_of(review, sentences_of(library, review))


def sentences_of(library: Library, review: Review) -> tuple[Span, ...]:
    """Return the spans of all sentences of a review's prose, in order."""
    return tuple(sorted({span for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences}))


@lru_cache(maxsize=256)
def _phrases_of(review: Review, spans: tuple[Span, ...]) -> dict[Key, Counter[str]]:
    """Return the phrases of a review with their wordings, the tail of a long one too."""
    found: dict[Key, Counter[str]] = {}
    for start, end in spans:
        for phrase in phrases(review.text, start, end):
            found.setdefault(phrase.key, Counter())[_lower(phrase)] += 1
    return found


def _lower(phrase: Phrase) -> str:
    """Return a phrase in small letters but for codes and names of genes."""
    return " ".join(w if any(c.isupper() for c in w[1:]) or len(w) == 1 else w.lower() for w in phrase.text.split())
