"""Tokens: 128 bits that nobody guesses, and their hashes."""

from __future__ import annotations

import pytest

from rag.store.tokens import hashed, is_token, new_token


def test_tokens_are_22_letters_of_an_address_and_no_two_alike() -> None:
    made = {new_token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(is_token(token) for token in made)


@pytest.mark.parametrize("text", ["", "x" * 21, "x" * 23, "x" * 22 + "\n", "é" * 22, "x" * 21 + "/", "\ud800" * 22])
def test_other_texts_are_none(text: str) -> None:
    assert not is_token(text)


def test_a_hash_is_that_of_the_utf_8_and_takes_any_text() -> None:
    assert hashed("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert len(hashed("\ud800")) == 64
