"""What was learned is numbers by name, each of which a question, a sentence or a library can have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers import judgement as module
from rag.answers.each import whole_features
from rag.answers.judgement import FILE, judgement, keep_judgement, logit, probability
from rag.answers.matching import traits, units
from rag.errors import ModelMissing
from rag.questions import content_terms
from tests.engine import candidates, invented, lexical, matcher

MODELS = ("held", "sentence", "library", "sentence_without_reader", "library_without_reader")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A copy of the file that may be changed, in the place of the project's."""
    copy = tmp_path / FILE.name
    copy.write_bytes(FILE.read_bytes())
    monkeypatch.setattr(module, "FILE", copy)
    judgement.cache_clear()
    yield copy
    judgement.cache_clear()


def test_every_model_has_finite_weights_and_an_intercept() -> None:
    for name in MODELS:
        weights = getattr(judgement(), name)
        assert "1" in weights and np.isfinite([*weights.values()]).all()


def test_what_counts_as_answered_is_surer_than_what_comes_closest() -> None:
    assert 0 < judgement().closest < judgement().answered < 1


def test_each_weight_is_of_a_feature_that_is_measured() -> None:
    question = "How many patients did PT-41 cure?"
    for shelf, ending in ((invented(), ""), (lexical(), "_without_reader")):
        found, library = candidates(question, shelf), shelf.library
        assert (library.reader is None) == bool(ending)
        asked = whole_features(found, matcher(question, shelf), library)
        assert getattr(judgement(), f"sentence{ending}").keys() <= found[0].features.keys()
        assert getattr(judgement(), f"library{ending}").keys() <= asked.keys()
    terms = content_terms("Does vancomycin cement prevent reinfection?")
    known = {name for at, unit in enumerate(units(terms)) for name in traits(terms, at, unit, lambda _: 5000)}
    assert {name for name in judgement().held if not name.startswith("kind ")} <= known


numbers = st.dictionaries(st.sampled_from(["1", "cosine", "answers", "unheard of"]), st.floats(-50, 50))


@given(numbers)
def test_a_probability_is_one_whatever_the_features(features: dict[str, float]) -> None:
    assert 0 <= probability(logit(judgement().sentence, features)) <= 1


@given(numbers)
def test_what_has_no_weight_counts_nothing(features: dict[str, float]) -> None:
    known = {name: value for name, value in features.items() if name != "unheard of"}
    assert logit(judgement().sentence, features) == logit(judgement().sentence, known)


def test_a_probability_is_half_where_nothing_is_known_and_grows_with_its_logit() -> None:
    assert probability(0) == 0.5
    assert probability(-800) < probability(-1) < probability(1) < probability(800)


def test_what_is_learned_anew_takes_the_place_of_the_old_and_leaves_the_rest(file: Path) -> None:
    before = judgement()
    keep_judgement(held={"1": 2.0})
    after = judgement()
    assert after.held == {"1": 2.0}
    assert (after.sentence, after.answered) == (before.sentence, before.answered)


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"held": {}}', "\x00"])
def test_a_damaged_file_is_told_in_a_sentence(file: Path, damage: str) -> None:
    file.write_text(damage)
    with pytest.raises(ModelMissing, match=r"damaged, in judgement\.json"):
        judgement()


@pytest.mark.parametrize("change", [{"held": "much"}, {"answered": None}, {"sentence": {"1": "x"}}])
def test_a_file_of_another_shape_is_damaged(file: Path, change: dict[str, object]) -> None:
    file.write_text(json.dumps(json.loads(FILE.read_text()) | change))
    with pytest.raises(ModelMissing, match=r"damaged, in judgement\.json"):
        judgement()


def test_a_file_that_is_gone_is_told_in_a_sentence(file: Path) -> None:
    file.unlink()
    with pytest.raises(ModelMissing, match=r"judgement\.json is missing"):
        judgement()
