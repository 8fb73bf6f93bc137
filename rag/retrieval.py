"""A query becomes hits: lexical and dense scores, fused, with a cap a review."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.questions import content_terms
from rag.types import FloatVector, Hit, SectionKind

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from rag.index import Index
    from rag.library import Library

# How many passages each search offers to the fusion.
CANDIDATES = 200
# A long review may not push the others out of the hits.
HITS_PER_REVIEW = 8
HITS = 40


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: stems for the lexical search, a unit vector for the dense one (None without a model)."""

    stems: tuple[str, ...]
    vector: FloatVector | None


def fuse(lexical: FloatVector, dense: FloatVector, weight: float = 0.5) -> FloatVector:
    """Return the weighted mean of two score vectors, each scaled to [0, 1] by its own range.

    Both have shape (n_passages,); higher is better. Convex fusion: Bruch et al., TOIS 2023 (arXiv 2210.11934).

    >>> fuse(np.array([0.0, 2.0]), np.array([0.1, 0.3]))
    array([0., 1.])
    """
    return (1 - weight) * _scale(lexical) + weight * _scale(dense)


def _scale(scores: FloatVector) -> FloatVector:
    span = np.ptp(scores) if len(scores) else 0.0
    return (scores - scores.min()) / span if span > 0 else np.zeros_like(scores)


def retrieve(
    query: Query, index: Index, review_ids: Collection[str] | None = None, kinds: Collection[SectionKind] | None = None
) -> list[Hit]:
    """Return the best passages for a query, best first, at most HITS_PER_REVIEW of one review; ties by passage id.

    `review_ids` and `kinds` limit the search to reviews and kinds of section; None means all.
    """
    lexical = index.search_lexical(query.stems, CANDIDATES, review_ids) if query.stems else []
    dense = index.search_dense(query.vector, CANDIDATES, review_ids) if query.vector is not None else []
    numbers = sorted(
        {number for number, _ in [*lexical, *dense] if kinds is None or index.passages[number].kind in kinds}
    )
    if not numbers:
        return []
    ranked = _ranked(index, numbers, _fused(query, index, numbers, dict(lexical)))
    return [Hit(index.passages[number], score, rank) for rank, (number, score) in enumerate(_capped(index, ranked))]


def retrieve_in_each(query: Query, index: Index, passages: Sequence[int], per_review: int = 12) -> list[Hit]:
    """Return the best of the given passages in each review, so that a strong review never pushes out a weak one.

    `passages` are numbers; the scores of a review are scaled by its own range and rank within it.
    """
    lexical = index.lexical_scores(query.stems, passages)
    dense = index.dense_scores(query.vector, passages) if query.vector is not None else None
    by_review: dict[str, list[int]] = {}
    for at, number in enumerate(passages):
        by_review.setdefault(index.passages[number].review_id, []).append(at)
    hits = []
    for places in by_review.values():
        scores = _scale(lexical[places]) if dense is None else fuse(lexical[places], dense[places])
        ranked = _ranked(index, [passages[at] for at in places], scores)
        hits += [Hit(index.passages[n], score, rank) for rank, (n, score) in enumerate(ranked[:per_review])]
    return hits


def as_langchain_retriever(library: Library) -> BaseRetriever:
    """Return the same search as a LangChain retriever: a Document a hit, with its review, place and score."""
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever

    class ReviewRetriever(BaseRetriever):
        """Searches the library that it was made for."""

        def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
            hits = retrieve(library.query(query, content_terms(query)), library.index)
            return [Document(id=hit.passage.id, page_content=hit.passage.text, metadata=_place(hit)) for hit in hits]

    return ReviewRetriever()


def _place(hit: Hit) -> dict[str, str | int | float]:
    passage = hit.passage
    return {
        "review_id": passage.review_id,
        "section": passage.heading,
        "provenance": passage.provenance,
        "start": passage.start,
        "end": passage.end,
        "score": hit.score,
    }


def _fused(query: Query, index: Index, numbers: list[int], lexical: dict[int, float]) -> FloatVector:
    words = np.array([lexical.get(number, 0.0) for number in numbers], np.float32)
    if query.vector is None:
        return _scale(words)
    return fuse(words, index.dense_scores(query.vector, numbers))


def _ranked(index: Index, numbers: list[int], scores: FloatVector) -> list[tuple[int, float]]:
    pairs = [(number, round(float(score), 6)) for number, score in zip(numbers, scores, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], index.passages[pair[0]].id))


def _capped(index: Index, ranked: list[tuple[int, float]]) -> list[tuple[int, float]]:
    taken: dict[str, int] = {}
    kept = []
    for number, score in ranked:
        review_id = index.passages[number].review_id
        taken[review_id] = taken.get(review_id, 0) + 1
        if taken[review_id] <= HITS_PER_REVIEW:
            kept.append((number, score))
    return kept[:HITS]
