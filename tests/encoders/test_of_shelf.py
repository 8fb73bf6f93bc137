"""What the words of a question tell of the papers that are meant, read along the question."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders import chained


@given(st.integers(1, 9), st.integers(2, 5), st.integers(0, 9))
def test_each_word_has_one_tag_and_chains_that_tell_nothing_change_none(words: int, count: int, seed: int) -> None:
    chance = np.random.default_rng(seed)
    tags = chance.dirichlet(np.ones(count), words).astype(np.float32)
    found = chained(tags, chance.uniform(0.1, 5, (count, count)).astype(np.float32))
    assert np.allclose(found.sum(axis=1), 1, atol=1e-4)
    assert np.allclose(chained(tags, np.ones((count, count), np.float32)), tags, atol=1e-4)


def test_an_unsure_word_is_read_as_its_neighbours() -> None:
    tags = np.array([[0.9, 0.1], [0.45, 0.55], [0.9, 0.1]], np.float32)
    stays = np.array([[2, 0.5], [0.5, 2]], np.float32)
    found = chained(tags, stays)
    assert found.argmax(axis=1).tolist() == [0, 0, 0]
    paths = {
        path: np.prod([tags[at, tag] for at, tag in enumerate(path)])
        * stays[path[0], path[1]]
        * stays[path[1], path[2]]
        for path in product((0, 1), repeat=3)
    }
    first = sum(weight for path, weight in paths.items() if path[0] == 0) / sum(paths.values())
    assert found[0, 0] == pytest.approx(first)
