"""What a sentence tells of its study and what the name of a row asks for are told in the same kinds."""

from __future__ import annotations

import numpy as np
import pytest
from safetensors import safe_open

from rag.encoders import FACET_WEIGHTS, FACETS, MiniLM, facets_asked, facets_told, of_the_kind, roles_id
from rag.types import ROLES
from tests.engine import invented

TOLD = {
    "number": "A total of 118 gardeners were enrolled between March and June.",
    "excluded": "Gardeners with a cough before the first visit were excluded.",
    "dose": "They took 40 mg of moss extract twice daily.",
    "length": "Treatment lasted for twelve weeks.",
    "measure": "The primary outcome was the number of coughs a day, counted by a recorder.",
    "harms": "Nausea occurred in 7 gardeners on moss extract and in 2 on placebo.",
    "conclusion": "We conclude that moss extract shortens a cough and should be offered to gardeners.",
}
BY_ROLE = dict(zip(ROLES, np.eye(len(ROLES), dtype=np.float32), strict=True))
ROLE = {"harms": "result", "conclusion": "conclusion"}


def told() -> np.ndarray:
    texts = [*TOLD.values()]
    vectors = invented().library.embed(texts)
    return facets_told(vectors, np.array([BY_ROLE[ROLE.get(kind, "method")] for kind in TOLD]), texts)


@pytest.mark.parametrize("kind", TOLD)
def test_of_some_sentences_the_one_that_tells_a_kind_is_the_likeliest_to(kind: str) -> None:
    assert [*TOLD][int(told()[:, FACETS.index(kind)].argmax())] == kind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("headcount of the volunteers", "number"),
        ("which medicine they swallowed", "treatment"),
        ("how many milligrams a day", "dose"),
        ("unpleasant reactions", "harms"),
        ("weak points of the research", "limits"),
        ("who gave the money", "funding"),
        ("blood sugar after three months", "finding"),
    ],
)
def test_a_name_asks_for_its_kind(name: str, kind: str) -> None:
    (vector,) = invented().library.embed([name])
    asked = facets_asked(vector)
    assert max(asked, key=asked.__getitem__) == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("strength of the pills", "dose"), ("people who had to stay out", "excluded")]
)
def test_a_row_is_told_by_the_sentence_of_the_kind_that_it_asks_for(name: str, kind: str) -> None:
    (vector,) = invented().library.embed([name])
    assert [*TOLD][int(of_the_kind(told(), vector).argmax())] == kind


def test_a_sentence_tells_the_same_whatever_stands_beside_it() -> None:
    vectors, roles = invented().library.embed([*TOLD.values()]), np.array([BY_ROLE["method"]] * len(TOLD))
    for at, text in enumerate(TOLD.values()):
        alone = facets_told(vectors[at : at + 1], roles[at : at + 1], [text])
        assert alone.tobytes() == facets_told(vectors, roles, [*TOLD.values()])[at : at + 1].tobytes()


def test_without_weights_nothing_is_told_or_asked(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("rag.encoders.facets.FACET_WEIGHTS", tmp_path / FACET_WEIGHTS.name)
    assert facets_asked(np.ones(384, np.float32)) == {}
    assert not facets_told(np.ones((2, 384), np.float32), np.ones((2, len(ROLES)), np.float32), ["a", "b"]).any()
    assert not of_the_kind(np.ones((2, len(FACETS)), np.float32), np.ones(384, np.float32)).any()


def test_they_were_learned_with_the_roles_that_are_shipped() -> None:
    with safe_open(FACET_WEIGHTS, framework="numpy") as weights:
        assert (weights.metadata()["roles"], weights.metadata()["embedder"]) == (roles_id(), MiniLM.id)
