"""Which way an outcome went, and yes or no, by what was quoted of a review: told where the reader is sure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.answers.judgement import judgement, logit
from rag.answers.reading import Candidate
from rag.encoders import facets_asked, wanted_roles
from rag.types import DIRECTIONS, ROLES, Direction, FloatVector, Role

if TYPE_CHECKING:
    from rag.shelf import Library

# The sentences of a review that are weighed together, by how likely they answer.
TOGETHER = 5
NOT_STATED = "not stated"
# A quote tells a direction when the reader finds it there so surely.
CARRIES = 0.65
SMALL = 1e-6
# A question wants findings when results speak so much more for a sentence than methods do, in nats, and limitations not
# so much more than results: true of .95 of questions on effects, of .1 of those on methods, on other papers.
MORE = 1.0
# Of the questions for which limitations speak so much, and so much more than results, two thirds ask for these; it is
# half of those that do.
LIMITS, BEFORE_RESULTS = 5.0, 3.0
# A row asks for findings, of any of these kinds, from this probability on.
KINDS_FOUND, FINDINGS_ASKED = ("finding", "result", "further result", "harms", "harmless"), 0.5
# A quote says yes or no from this share on, unless another one says the opposite by the second, or it is hedged.
SURELY, DOUBTFUL, HEDGED = 0.9, 0.3, 0.5


def direction_features(found: Sequence[Candidate]) -> dict[str, float]:
    """Return the mean share of each direction over the best sentences of one review; {} if none was read.

    Once over all of them, and once over as much of each as states any.
    """
    read = [one for one in found if one.direction is not None][:TOGETHER]
    if not read:
        return {}
    shares = np.array([_shares(one) for one in read], np.float64)
    scores = np.array([one.score for one in read])
    stated = np.maximum(1 - shares[:, -1:], SMALL)
    mean = np.average(shares, axis=0, weights=scores)
    where = np.average(shares[:, :-1] / stated, axis=0, weights=scores * stated[:, 0])
    names = [*DIRECTIONS, NOT_STATED, *(f"{name}, where stated" for name in DIRECTIONS)]
    return {"1": 1.0, **dict(zip(names, [*mean.tolist(), *where.tolist()], strict=True))}


def direction_of(found: Sequence[Candidate], quoted: Sequence[Candidate]) -> tuple[Direction, Candidate] | None:
    """Return the direction that one review's sentences, best first, state, and the quote that carries it.

    None where that is not sure, where no quote carries it, or where another carries another one.
    """
    features = direction_features(found)
    if not features:
        return None
    learned = judgement()
    sums = {name: logit(weights, features) for name, weights in learned.direction.items()}
    most = max(sums.values())
    shares = {name: float(np.exp(value - most)) for name, value in sums.items()}
    told = max(DIRECTIONS, key=lambda name: shares[name])
    if shares[told] / sum(shares.values()) < learned.told:
        return None
    at = DIRECTIONS.index(told)
    read = [(one, _shares(one)[: len(DIRECTIONS)] >= CARRIES) for one in quoted if one.direction is not None]
    carrying = [one for one, carries in read if carries[at]]
    alike = all(carries[at] or not carries.any() for _, carries in read)
    return (told, carrying[0]) if carrying and alike else None


def asks_for_findings(question: str, library: Library) -> bool:
    """Tell whether a question wants what was found rather than what was done, who took part or what is known."""
    wants = _wants(question, library)
    return bool(wants) and (
        wants["result"] >= max(wants["method"] + MORE, wants["limitation"] - MORE, wants["background"] - MORE)
    )


def asks_for_limits(question: str, library: Library) -> bool:
    """Tell whether a question wants the limitations of studies, in whatever words."""
    wants = _wants(question, library)
    return bool(wants) and (wants["limitation"] >= max(LIMITS, wants["result"] + BEFORE_RESULTS))


def row_asks_for_findings(name: str, library: Library) -> bool:
    """Tell whether the name of a row of a comparison asks for what was found rather than for how it was."""
    vectors = library.embed([name])
    asked = {} if vectors is None else facets_asked(vectors[0])
    return bool(asked) and float(np.prod([1 - asked[kind] for kind in KINDS_FOUND])) < 1 - FINDINGS_ASKED


def _wants(question: str, library: Library) -> dict[Role, float]:
    """Return how much each role speaks for a sentence, in nats; {} without the embedding model."""
    vectors = library.embed([question])
    return {} if vectors is None else dict(zip(ROLES, wanted_roles(vectors[0]).tolist(), strict=True))


def answer_of(quoted: Sequence[Candidate]) -> tuple[Literal["yes", "no"], Candidate] | None:
    """Return what one review's quotes answer to a question that is answered so, and the quote that carries it.

    None where none does surely, where it is hedged, or where another quote says the opposite.
    """
    shares = [(one, _softened(one.claim)) for one in quoted if one.claim is not None]
    told: list[tuple[Literal["yes", "no"], int]] = [("yes", 0), ("no", 1)]
    for answer, at in told:
        sure = [one for one, share in shares if share[at] >= SURELY and one.features["hedged"] < HEDGED]
        if sure and all(share[1 - at] < DOUBTFUL for _, share in shares):
            return answer, sure[0]
    return None


def _shares(one: Candidate) -> FloatVector:
    """Return the shares of increased, decreased, no difference and not stated in a sentence, shape (4,)."""
    assert one.direction is not None
    return _softened(one.direction)


def _softened(logits: FloatVector) -> FloatVector:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())
