"""How good a ranking is: nDCG, recall and reciprocal rank at a cut-off, and how sure a difference between two is.

A ranking is a list of distinct document ids, best first; `scores` are the judged ones by document id, from 1 on
relevant. Every measure is in [0, 1], as trec_eval computes it, and 0 where nothing is relevant.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

RESAMPLES, SEED = 10_000, 7

Scores = Mapping[str, int]


def ndcg(ranking: Sequence[str], scores: Scores, k: int) -> float:
    """Return the discounted gain of the first k documents as a share of the best order's; gains are the scores.

    >>> round(ndcg(["b", "a"], {"a": 1}, 10), 3)
    0.631
    """
    best = _discounted(sorted(_gains(scores).values(), reverse=True)[:k])
    return _discounted([_gains(scores).get(document, 0) for document in ranking[:k]]) / best if best else 0.0


def recall(ranking: Sequence[str], scores: Scores, k: int) -> float:
    """Return the share of the relevant documents that are among the first k."""
    relevant = _gains(scores).keys()
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], scores: Scores, k: int) -> float:
    """Return 1 / the rank, from 1, of the first relevant document; 0 when it is not among the first k."""
    relevant = _gains(scores)
    return next((1 / rank for rank, document in enumerate(ranking[:k], 1) if document in relevant), 0.0)


def _gains(scores: Scores) -> Scores:
    return {document: score for document, score in scores.items() if score > 0}


def _discounted(gains: Sequence[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def difference_interval(ours: Sequence[float], theirs: Sequence[float], share: float = 0.95) -> tuple[float, float]:
    """Return the interval of the mean difference of two measures of the same queries, by paired bootstrap.

    Queries are drawn again and again with replacement; the interval holds this share of the mean differences.
    Raises ValueError when there are no queries or the numbers of values differ.
    """
    differences = np.subtract(ours, theirs, dtype=np.float64)
    if differences.ndim != 1 or not len(differences) or len(ours) != len(theirs):
        raise ValueError("A difference needs as many values of one as of the other, and at least one.")
    rng = np.random.default_rng(SEED)
    means = [rng.choice(differences, len(differences)).mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)
