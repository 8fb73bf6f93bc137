"""English is known by the words of the embedding model: its words, their inflections, and which of them was meant."""

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


WORDS = [
    "heart",
    "tumors",
    "studied",
    "studies",
    "carefully",
    "happiest",
    "unhelpful",
    "sleepless",
    "rewritten",
    "running",
]
TERMS = ["tisagenlecleucel", "neuroblastoma", "immunosuppressive", "axicabtagene"]
ERRORS = ["tumer", "leukema", "treatmnt", "xyzzy", "qwrtp"]


@pytest.mark.parametrize("word", WORDS)
def test_words_and_their_inflections_are_known(english, word):
    assert english.is_word(word) and english.is_everyday(word)


@pytest.mark.parametrize("word", TERMS + ERRORS)
def test_terms_of_a_field_and_errors_are_not(english, word):
    assert not english.is_word(word) and not english.is_everyday(word)


@pytest.mark.parametrize("word", ["painkillers", "keyhole"])
def test_a_word_made_of_two_is_everyday(english, word):
    assert english.is_everyday(word) and not english.is_word(word)


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


def test_an_ending_or_a_beginning_alone_makes_no_word():
    pieces = {"ed": 1, "un": 2, "s": 3, "##ing": 4, "he": 5}
    assert not any(Language(pieces).is_everyday(word) for word in ("ed", "uned", "sing", "hes", "s", "", "un"))


def test_a_made_up_word_is_known_by_what_it_is_made_of():
    pieces = {"lamp": 1, "light": 2, "happy": 3, "normalize": 4}
    language = Language(pieces)
    known = ["lamps", "lamped", "lighter", "unlighted", "overlight", "normalise", "relight", "lightness"]
    assert [word for word in known if not language.is_word(word)] == []
    assert language.is_everyday("lamplight") and not language.is_word("lamplight")
    assert not language.is_everyday("lampblack")


@given(st.text(max_size=20))
def test_without_a_word_list_every_word_is_known_and_none_is_guessed(word):
    language = Language(None)
    assert language.is_word(word) and language.is_everyday(word)
    assert language.closest(word) is None


@given(st.text(max_size=30))
def test_any_text_may_be_asked_about(word):
    language = Language({"lamp": 1, "light": 2})
    language.is_word(word), language.is_everyday(word), language.closest(word)
