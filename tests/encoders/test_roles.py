"""The role of a sentence is read from what stands beside it, never from another abstract or section."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from rag.encoders import MiniLM, SentencePlaces, reads, role_probabilities
from rag.encoders import roles as under_test
from rag.encoders.embedding import load_embedder
from rag.types import ROLES

# Invented; in the order in which abstracts are written.
ABSTRACT = {
    "Chronic cough is common among herders of reindeer, and little is known of how to treat it.": "background",
    "We aimed to determine whether inhaled moss extract reduces the frequency of cough in herders.": "aim",
    "In a double-blind trial, 120 herders were randomly assigned to moss extract or placebo for 12 weeks.": "method",
    "The primary outcome was the number of coughs in 24 hours, recorded by an acoustic monitor.": "method",
    "Cough frequency fell by 42% with moss extract and by 11% with placebo (P < 0.001).": "result",
    "Six participants in each group reported a mild rash.": "result",
    "Inhaled moss extract is an effective and safe treatment of chronic cough in herders.": "conclusion",
}


def in_one_abstract(count: int) -> SentencePlaces:
    return SentencePlaces(
        heading=np.full(count, -1),
        stretch=np.zeros(count, int),
        at=np.arange(count),
        length=np.full(count, count),
        in_abstract=np.ones(count, bool),
    )


def joined(*parts: SentencePlaces) -> SentencePlaces:
    """The places of the sentences of several abstracts, one after the other."""
    columns = {field.name: [getattr(part, field.name) for part in parts] for field in fields(SentencePlaces)}
    columns["stretch"] = [part.stretch + number for number, part in enumerate(parts)]
    return SentencePlaces(**{name: np.concatenate(column) for name, column in columns.items()})


def random_vectors(count: int, seed: int = 0) -> np.ndarray:
    vectors = np.random.default_rng(seed).normal(size=(count, 384)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def given_to(vectors: np.ndarray, places: SentencePlaces) -> np.ndarray:
    """The roles of sentences without headings."""
    return role_probabilities(vectors, np.empty((0, 384), np.float32), places)


def test_each_row_is_a_distribution_over_the_roles():
    given = given_to(random_vectors(9), in_one_abstract(9))
    assert given.shape == (9, len(ROLES)) and (given >= 0).all()
    assert np.allclose(given.sum(axis=1), 1, atol=1e-5)
    assert given_to(random_vectors(0), in_one_abstract(0)).shape == (0, len(ROLES))


def test_an_abstract_is_read_as_its_author_meant_it(data):
    vectors = load_embedder(data / "models").embed([*ABSTRACT])
    given = given_to(vectors, in_one_abstract(len(ABSTRACT)))
    assert [ROLES[number] for number in given.argmax(axis=1)] == [*ABSTRACT.values()]


def test_a_heading_tells_what_a_sentence_does_not(data):
    sentence, *headings = load_embedder(data / "models").embed(
        ["There were 42 of them.", "Methods", "Results", "Limitations"]
    )
    one = SentencePlaces(*(np.array([value]) for value in (0, 0, 3, 9, False)))
    given = [role_probabilities(sentence[None], heading[None], one).argmax() for heading in headings]
    assert [ROLES[number] for number in given] == ["method", "result", "limitation"]


def test_what_stands_in_another_abstract_changes_nothing():
    first, second = random_vectors(6, 1), random_vectors(7, 2)
    alone = given_to(first, in_one_abstract(6))
    both = joined(in_one_abstract(6), in_one_abstract(7))
    together = given_to(np.concatenate([first, second]), both)
    assert np.allclose(together[:6], alone, atol=1e-6)
    assert not np.allclose(given_to(first[::-1], in_one_abstract(6))[::-1], alone, atol=1e-3)


def test_the_rest_of_a_long_text_may_be_left_out():
    reach = under_test.REACH + 1
    vectors, places = random_vectors(40), in_one_abstract(40)
    seen = np.arange(20 - reach, 21 + reach)
    whole = given_to(vectors, places)[20]
    assert np.allclose(given_to(vectors[seen], places[seen])[reach], whole, atol=1e-6)


def test_how_many_are_read_at_a_time_changes_nothing(monkeypatch):
    vectors, places = random_vectors(20), in_one_abstract(20)
    at_once = given_to(vectors, places)
    monkeypatch.setattr(under_test, "BLOCK", 3)
    assert np.allclose(given_to(vectors, places), at_once, atol=1e-6)


@pytest.mark.parametrize(("embedder", "known"), [(MiniLM.id, True), ("another", False), (None, False)])
def test_only_vectors_of_the_embedder_that_they_were_learned_from_are_read(embedder, known):
    assert reads(embedder) is known
