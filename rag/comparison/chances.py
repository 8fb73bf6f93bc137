"""How likely a question across papers means one of them: by its title, its abstract and the words that it is on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.answers import DECIMALS, Subject, logit, probability, what_was_learned
from rag.questions import Question
from rag.types import PROSE, FloatVector, Review

if TYPE_CHECKING:
    from rag.shelf import Library

# What a paper tells is nearest to a question in so many sentences of its abstract.
TELLING = 3
# Without an abstract its first passages tell it.
FIRST = 3


def chances(question: Question, reviews: Sequence[Review], library: Library) -> dict[str, float]:
    """Return the probability for each of some papers, by its id, that a question means it.

    It counts, too, how far a paper stands behind the one that is nearest.
    """
    learned = what_was_learned()
    weights = learned.meant if library.embedder else learned.meant_by_words
    rows = features_of(measures(question, reviews, library))
    return {r.id: round(probability(logit(weights, row)), DECIMALS) for r, row in zip(reviews, rows, strict=True)}


def measures(question: Question, reviews: Sequence[Review], library: Library) -> dict[str, FloatVector]:
    """Return how near some papers are to a question, by what is measured, each of shape (n_papers,)."""
    subject = Subject(question.terms, library)
    found = {"share": np.array([subject.share(review) for review in reviews])}
    vectors = library.embed([question.text])
    if vectors is not None:
        found["title"] = library.index.title_vectors([review.id for review in reviews]) @ vectors[0]
        found["told"] = np.array([_told(review, vectors[0], library) for review in reviews])
    return found


def features_of(measured: Mapping[str, FloatVector]) -> list[dict[str, float]]:
    """Return the features of each of some papers, given what was measured of all of them."""
    behind = {f"{name}, below the best": values - values.max() for name, values in measured.items()}
    columns = {**measured, **behind}
    count = len(next(iter(measured.values())))
    return [{"1": 1.0, **{name: float(values[at]) for name, values in columns.items()}} for at in range(count)]


def _told(review: Review, vector: FloatVector, library: Library) -> float:
    """Return the mean cosine of the sentences of an abstract that are nearest to a question."""
    passages = [passage for passage in library.passages_of(review.id) if passage.kind in PROSE]
    brief = [passage for passage in passages if passage.kind == "abstract"] or passages[:FIRST]
    spans = dict.fromkeys((review.id, *span) for passage in brief for span in passage.sentences)
    near = np.sort(library.index.sentence_vectors([*spans]) @ vector)[-TELLING:]
    return float(near.mean()) if len(near) else 0.0
