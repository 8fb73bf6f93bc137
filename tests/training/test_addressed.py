"""What speaks to a model is learned from orders, against what is none."""

from __future__ import annotations

import numpy as np

from rag.training.addressed import TAKEN, Sentences, learn, measured, scores


def made(seed: int, shift: float) -> np.ndarray:
    """Return unit vectors that lie towards one side."""
    vectors = np.random.default_rng(seed).normal(size=(400, 24)).astype(np.float32)
    vectors[:, 0] += shift
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_orders_are_told_from_what_is_none_by_their_side():
    orders, others = made(1, 8.0), made(2, 0.0)
    weights = learn(orders, others)
    assert (scores(weights, made(3, 8.0)) > 0).mean() > 0.95 > 0.05 > (scores(weights, made(4, 0.0)) > 0).mean()


def test_the_bias_takes_as_few_others_as_it_is_told_to():
    sentences = Sentences(made(1, 8.0), np.arange(400) // 4, made(2, 0.0))
    least, seen = measured(sentences)
    taken = (scores(learn(sentences.orders, sentences.others), made(5, 0.0)) > least).mean()
    assert seen > 0.9 and taken <= 4 * TAKEN
