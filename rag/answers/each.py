"""One question put to each of several reviews by itself: what each has that answers, and how surely it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.alignment import alignment
from rag.answers.judgement import judgement, logit, probability
from rag.answers.matching import Matcher
from rag.answers.reading import (
    DECIMALS,
    Candidate,
    library_features,
    logit_of,
    measure,
    row_features,
    row_senses,
)
from rag.answers.retrieval import query_for, retrieve_in_each
from rag.encoders import facets_asked, facets_told
from rag.questions import Aspect
from rag.types import PROSE, ROLES, Hit, Query

if TYPE_CHECKING:
    from rag.shelf import Library

# The reader looks at so many places of all the reviews together, and at so many of each at the most; at none of more
# reviews than that, of which it would tell little more than is known without.
LOOKS, MOST_LOOKS = 18, 3
# So many passages of a review are gone through for a row: of papers with more, the best 12 hold what answers in .99.
GLANCED = 12
# A review that rather does not answer, and whose odds are this much below those of the likeliest one, in nats, is on
# something else.
APART = 3.0


@dataclass(frozen=True, slots=True)
class Said:
    """What one review has for a question: its sentences, best first, and the probability that it answers."""

    found: Sequence[Candidate]
    confidence: float


def confidence(found: Sequence[Candidate], matcher: Matcher, library: Library) -> float:
    """Return the probability that the best of some sentences, best first, answer; 0.0 without any."""
    if not found:
        return 0.0
    learned = judgement()
    if found[0].vector is None:
        weights = learned.library_by_words
    elif "answers" not in found[0].features:
        weights = learned.library_without_reader
    else:
        weights = learned.library
    return round(probability(logit(weights, whole_features(found, matcher, library))), DECIMALS)


def whole_features(found: Sequence[Candidate], matcher: Matcher, library: Library) -> dict[str, float]:
    """Return what the best sentences found, best first, say of whether they answer a question as a whole."""
    return library_features(found, matcher, library) | alignment(found, matcher, library)


class Asked:
    """A question as it is put to each review, for a row of a comparison."""

    def __init__(self, row: Aspect, library: Library, review_ids: Collection[str]) -> None:
        """Take what is asked, under its name, and the reviews."""
        self._library, self._ids = library, review_ids
        self._query, names = query_for(row.text, row.terms, library), library.embed([row.name])
        self._row = None if names is None else replace(self._query, row=names[0])

    @cached_property
    def _hits(self) -> dict[str, list[Hit]]:
        hits: dict[str, list[Hit]] = {}
        numbers = self._library.passage_numbers(self._ids, PROSE)
        for hit in retrieve_in_each(self._query, self._library.index, numbers):
            hits.setdefault(hit.passage.review_id, []).append(hit)
        return hits

    def said(self, matcher_of: Callable[[str], Matcher]) -> dict[str, Said]:
        """Return what the reviews say, each measured by its own matcher, and not read."""
        said = {}
        for review_id, hits in self._hits.items():
            matcher = matcher_of(review_id)
            found = measure(hits, matcher, self._query, self._library, 0)
            said[review_id] = Said(found, confidence(found, matcher, self._library))
        return said

    def read(self, matcher_of: Callable[[str], Matcher]) -> dict[str, Said]:
        """Return what they say for the row of this name, read as closely as their number allows."""
        if self._row is None:
            return self.said(matcher_of)
        looks, learned = min(MOST_LOOKS, LOOKS // max(1, len(self._ids))), judgement()
        weights = learned.paper if self._library.reader and looks else learned.paper_without_reader
        told = self.told(matcher_of, looks)
        features = self.features(told, matcher_of)
        return {i: Said(told[i], round(probability(logit(weights, features[i])), DECIMALS)) for i in told}

    def told(self, matcher_of: Callable[[str], Matcher], looks: int) -> dict[str, list[Candidate]]:
        """Return the sentences of each review for the row, best first; the reader takes so many looks at each."""
        assert self._row
        hits = {review_id: self._at_a_glance(review_id, self._row) for review_id in self._ids}
        return {i: measure(own, matcher_of(i), self._row, self._library, looks) for i, own in hits.items() if own}

    def features(
        self, told: Mapping[str, Sequence[Candidate]], matcher_of: Callable[[str], Matcher]
    ) -> dict[str, dict[str, float]]:
        """Return by review what is known of whether it answers the row, given its sentences."""
        assert self._row
        assert self._row.row is not None
        asked = {f"asks for {kind}": chance for kind, chance in facets_asked(self._row.row).items()}
        best = {review_id: logit_of(found[0].score) for review_id, found in told.items()}
        others = {review_id: [best[other] for other in best if other != review_id] for review_id in best}
        return {i: asked | row_features(found, matcher_of(i), self._library, others[i]) for i, found in told.items()}

    def _at_a_glance(self, review_id: str, row: Query) -> list[Hit]:
        """Return the passages of a review with the sentences that answer a row best by their vectors, best first."""
        library, weights = self._library, judgement().cell_without_reader
        passages = [passage for passage in library.passages_of(review_id) if passage.kind in PROSE]
        lines = [*dict.fromkeys((review_id, *span) for passage in passages for span in passage.sentences)]
        if not lines:
            return []
        vectors, text = library.index.sentence_vectors(lines), library.index.reviews[review_id].text
        roles = library.index.sentence_traits(lines)[:, : len(ROLES)]
        facets = facets_told(vectors, roles, [text[start:end] for _, start, end in lines])
        senses = row_senses(row, vectors, facets)
        sums = np.sum([weights[sense] * values for sense, values in senses.items()], axis=0)
        worth = dict(zip(lines, sums.tolist(), strict=True))
        best = [max(worth[review_id, *span] for span in passage.sentences) for passage in passages]
        order = sorted(range(len(passages)), key=lambda at: (-round(best[at], DECIMALS), at))[:GLANCED]
        return [Hit(passages[at], best[at], rank) for rank, at in enumerate(order)]


def on_the_matter(said: Mapping[str, Said], apart: float = APART) -> list[str]:
    """Return the ids of the reviews that rather answer, or whose odds are not that far below those of the likeliest."""
    odds = {review_id: logit_of(one.confidence) for review_id, one in said.items()}
    best = max(odds.values(), default=0.0)
    return [review_id for review_id in odds if odds[review_id] >= min(best - apart, 0.0)]
