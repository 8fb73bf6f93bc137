"""What sentences tell of a study, and what names of rows ask for, is learned from labels by their letters."""

from __future__ import annotations

import numpy as np
import pytest

from rag.encoders import ASKED, FACETS
from rag.training.rows import json_lines

pytest.importorskip("sklearn", reason="scikit-learn is for training only: requirements-train.txt")
from rag.training import facets


def test_each_kind_has_a_letter():
    assert (len(facets.LETTERS), len(facets.ASKED_LETTERS)) == (len(FACETS), len(ASKED))


def test_every_label_is_of_a_known_letter():
    labels = {letter for row in json_lines(facets.WRITTEN) for letters in row["tells"].values() for letter in letters}
    assert labels == {*facets.LETTERS}
    names = [line.split("\t") for line in facets.NAMES.read_text("utf-8").splitlines()]
    assert {letter for letters, _ in names for letter in letters} == {*facets.ASKED_LETTERS, "-"}


def test_what_is_learned_tells_the_kinds_of_what_was_left_out():
    draw, kinds = np.random.default_rng(2), np.eye(2, 4, dtype=np.float32)
    of_kind = draw.integers(0, 2, 60)
    features = kinds[of_kind] + draw.normal(scale=0.1, size=(60, 4)).astype(np.float32)
    known = facets.Labelled(features, of_kind[:, np.newaxis] == np.arange(2), np.arange(60) // 6)
    weight, bias = facets.learn(facets.Labelled(known.features[:40], known.kinds[:40], known.groups[:40]))
    assert ((features[40:] @ weight + bias > 0) == known.kinds[40:]).all()
    assert all("precision 1.00, first 1.00" in line for line in facets.measure(known, ("one", "other"), by_group=True))
