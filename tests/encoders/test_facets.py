"""The name of a row tells which facet of a study it asks for."""

from __future__ import annotations

import numpy as np
import pytest

from rag.encoders import facet_asked
from rag.encoders.facets import FACET_WEIGHTS
from tests.engine import invented


@pytest.mark.parametrize(
    ("name", "facet"),
    [
        ("headcount of the volunteers", "participants"),
        ("which medicine and how much of it", "intervention"),
        ("unpleasant reactions", "harms"),
        ("weak points of the research", "limitations"),
        ("blood sugar after three months", None),
        ("why patients stopped", None),
    ],
)
def test_a_name_asks_for_a_facet_or_for_something_else(name: str, facet: str | None) -> None:
    (vector,) = invented().library.embed([name])
    assert facet_asked(vector) == facet


def test_without_weights_no_facet_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("rag.encoders.facets.FACET_WEIGHTS", tmp_path / FACET_WEIGHTS.name)
    assert facet_asked(np.ones(384, np.float32)) is None
