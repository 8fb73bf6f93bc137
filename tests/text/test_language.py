"""English is known by the words of the embedding model: how common they are, and which of them was meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders.embedding import load_embedder
from rag.text.language import Language


@pytest.fixture(scope="module")
def english(data: Path) -> Language:
    return Language(load_embedder(data / "models").word_pieces())


@pytest.mark.parametrize("word", ["heart", "studies", "running"])
def test_words_that_the_list_has_whole_are_common(english, word):
    assert english.is_common(word) and english.rank(word) is not None


@pytest.mark.parametrize("word", ["tisagenlecleucel", "neuroblastoma", "tumer", "leukema", "qwrtp"])
def test_terms_of_a_field_and_errors_are_not(english, word):
    assert not english.is_common(word) and english.rank(word) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("treatmnt", "treatment"),
        ("tratment", "treatment"),
        ("hospitl", "hospital"),
        ("becuase", "because"),
        ("diesease", "disease"),
        ("ptient", "patient"),
        ("benefitt", "benefit"),
    ],
)
def test_the_word_meant_is_one_edit_away_from_the_one_typed(english, typed, meant):
    assert english.closest(typed) == meant


@pytest.mark.parametrize("typed", ["xatient", "qzxv", "treatmtnn", "hosp1tl", "", "😀"])
def test_nothing_is_guessed_from_further_away_or_with_another_first_letter(english, typed):
    assert english.closest(typed) is None


def test_of_two_words_as_near_the_commoner_is_meant():
    assert Language({"heart": 9, "heard": 3, "hears": 5}).closest("hearx") == "heard"
    assert Language({"heart": 2, "heard": 3, "hears": 5}).closest("hearx") == "heart"


@given(st.text(max_size=20))
def test_without_a_word_list_every_word_is_common_and_none_is_guessed(word):
    language = Language(None)
    assert language.is_common(word) and language.rank(word) is None
    assert language.closest(word) is None


@given(st.text(max_size=30))
def test_any_text_may_be_asked_about(word):
    language = Language({"lamp": 1, "light": 2})
    language.is_common(word), language.rank(word), language.closest(word)
