"""A query becomes hits: scores by words, by sense and of the best sentence, fused, with a cap a review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.answers.matching import in_known_words, other_names
from rag.types import PROSE, FloatVector, Hit, Query, SectionKind, Term

if TYPE_CHECKING:
    from rag.index import Index
    from rag.questions import Question
    from rag.shelf import Catalogue, Library

# How many passages each search offers to the fusion, and how many of the best are read sentence by sentence.
CANDIDATES, READ = 200, 100
# The same where many reviews are wanted rather than the best passages.
REVIEW_CANDIDATES = 2000
# Shares of the scores by words, by the sense of the passage, and by that of its best sentence: the best sentence
# lifts its passage. Gains in nDCG@10 are in tests/benchmarks/retrieval.md.
WORDS, SENSE, SENTENCE = 0.35, 0.35, 0.3
# Scores that differ by less are equal.
FLAT = 1e-6
# A long review may not push the others out of the hits.
HITS_PER_REVIEW = 16
HITS = 80


def query_for(text: str, terms: Sequence[Term], library: Library) -> Query:
    """Return what is searched for a question: its vector, the stems of its terms, and what may stand for them.

    The names that may stand for a term share its weight, and the stems of a name share that of the name. The text is
    in the library's own words where it has others for a thing.
    """
    text = in_known_words(text, terms, library)
    weights: dict[str, float] = {}
    for names in other_names(terms, library):
        for name in names:
            for form in name:
                weights[form] = max(weights.get(form, 0.0), 1 / (len(names) * len(name)))
    weights |= {form: 1.0 for term in terms for form in term.forms}
    vectors = library.embed([text])
    return Query(text, weights, None if vectors is None else vectors[0])


def fuse(*weighted: tuple[float, FloatVector]) -> FloatVector:
    """Return the sum of score vectors, each in its own standard deviations from its mean and with its weight.

    All have shape (n_passages,); higher is better. Fusion of scores, not of ranks: Bruch et al., TOIS 2023
    (arXiv 2210.11934).

    >>> fuse((0.5, np.array([0.0, 2.0])), (0.5, np.array([0.1, 0.3])))
    array([-1.,  1.])
    """
    return np.asarray(np.sum([weight * _standard(scores) for weight, scores in weighted], axis=0))


def _standard(scores: FloatVector) -> npt.NDArray[np.float64]:
    centred = scores.astype(np.float64) - scores.mean(dtype=np.float64)
    # A difference in the last bits only is none.
    return np.asarray(centred / max(float(centred.std()), FLAT))


def retrieve(
    query: Query, index: Index, review_ids: Collection[str] | None = None, kinds: Collection[SectionKind] | None = None
) -> list[Hit]:
    """Return the best passages for a query, best first, at most HITS_PER_REVIEW of one review; ties by passage id.

    `review_ids` and `kinds` limit the search to reviews and kinds of section; None means all.
    """
    numbers = _candidates(query, index, CANDIDATES, review_ids, kinds)
    if not numbers:
        return []
    words = index.lexical_scores(query.stems, numbers)
    ranked = _lifted(query, index, _ranked(index, numbers, _fused(query, index, numbers, words)))
    kept = _capped(index, _scaled(ranked))
    return [Hit(index.passages[number], score, rank) for rank, (number, score) in enumerate(kept)]


def retrieve_in_each(query: Query, index: Index, passages: Sequence[int], per_review: int = 12) -> list[Hit]:
    """Return the best of the given passages in each review, so that a strong review never pushes out a weak one.

    `passages` are numbers; the scores of a review are scaled by its own range and rank within it.
    """
    lexical = index.lexical_scores(query.stems, passages)
    by_review: dict[str, list[int]] = {}
    for at, number in enumerate(passages):
        by_review.setdefault(index.passages[number].review_id, []).append(at)
    hits = []
    for places in by_review.values():
        numbers = [passages[at] for at in places]
        ranked = _ranked(index, numbers, _fused(query, index, numbers, lexical[places]))[:per_review]
        hits += [Hit(index.passages[number], score, rank) for rank, (number, score) in enumerate(_scaled(ranked))]
    return hits


def best_reviews(
    query: Query, index: Index, review_ids: Collection[str] | None, kinds: Collection[SectionKind], most: int
) -> frozenset[str]:
    """Return the ids of the reviews with the best passages for a query; at most so many reviews."""
    numbers = _candidates(query, index, REVIEW_CANDIDATES, review_ids, kinds)
    ranked = _ranked(index, numbers, _fused(query, index, numbers, index.lexical_scores(query.stems, numbers)))
    found = dict.fromkeys(index.passages[number].review_id for number, _ in ranked)
    return frozenset(islice(found, most))


def nearest_reviews(question: Question, reviews: Catalogue, library: Library, most: int) -> Catalogue:
    """Return those of some reviews that are nearest to a question, at most so many."""
    query = query_for(question.text, question.terms, library)
    asked = None if reviews is library.reviews else [review.id for review in reviews]
    return reviews.part(best_reviews(query, library.index, asked, PROSE, most))


def _candidates(
    query: Query,
    index: Index,
    k: int,
    review_ids: Collection[str] | None,
    kinds: Collection[SectionKind] | None,
) -> list[int]:
    """Return the numbers, in order, of the passages of these kinds among the best k of either search."""
    lexical = index.search_lexical(query.stems, k, review_ids) if query.stems else []
    dense = index.search_dense(query.vector, k, review_ids) if query.vector is not None else []
    asked = None if kinds is None else index.passages.of_kinds(kinds)
    return sorted({number for number, _ in [*lexical, *dense] if asked is None or asked[number]})


def _fused(query: Query, index: Index, numbers: Sequence[int], lexical: FloatVector) -> FloatVector:
    """Return the fused scores by words and by sense of passages, given by their numbers, shape (len(numbers),)."""
    if query.vector is None:
        return fuse((WORDS, lexical))
    return fuse((WORDS, lexical), (SENSE, index.dense_scores(query.vector, numbers)))


def _lifted(query: Query, index: Index, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return the best passages in the order that the best sentence of each gives them."""
    best = ranked[:READ]
    if query.vector is None:
        return best
    numbers = [number for number, _ in best]
    sentences = fuse((SENTENCE, index.sentence_scores(query.vector, numbers)))
    return _ranked(index, numbers, np.array([score for _, score in best]) + sentences)


def _scaled(ranked: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """Return scores between 0, the last one's, and 1, the first one's; 1 where all are equal."""
    (_, highest), (_, lowest) = ranked[0], ranked[-1]
    span = highest - lowest
    return [(number, (score - lowest) / span if span else 1.0) for number, score in ranked]


def _ranked(index: Index, numbers: list[int], scores: FloatVector) -> list[tuple[int, float]]:
    pairs = [(number, round(float(score), 6)) for number, score in zip(numbers, scores, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], index.passages.ids[pair[0]]))


def _capped(index: Index, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
    taken: dict[str, int] = {}
    kept = []
    for number, score in ranked:
        review_id = index.passages[number].review_id
        taken[review_id] = taken.get(review_id, 0) + 1
        if taken[review_id] <= HITS_PER_REVIEW:
            kept.append((number, score))
    return kept[:HITS]
