"""A network learns what can be told apart, fills in what is left open, and is the same at every run."""

from __future__ import annotations

import numpy as np

from rag.training.network import Network
from rag.types import ROLES

NETWORK = Network("sentence", hidden=16, epochs=200, dropped=0.2)


def points(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points around three centres, and to which each belongs."""
    chance = np.random.default_rng(seed)
    belongs = chance.integers(0, 3, 900)
    return (4 * np.eye(3, 10)[belongs] + chance.normal(size=(900, 10))).astype(np.float32), belongs


def test_it_tells_apart_what_it_has_seen_also_where_roles_were_left_open():
    features, belongs = points(1)
    roles = np.eye(len(ROLES), dtype=bool)[belongs]
    # Half of the first two kinds are only known to be of either.
    roles[(belongs < 2) & (np.arange(900) % 2 == 0), :2] = True
    weights = NETWORK.fit(lambda rows: features[rows], roles, np.arange(900), seed=3)
    others, wanted = points(2)
    assert (NETWORK.scores(others, weights).argmax(axis=1) == wanted).mean() > 0.95
    again = NETWORK.fit(lambda rows: features[rows], roles, np.arange(900), seed=3)
    assert all(np.array_equal(again[name], values) for name, values in weights.items())
