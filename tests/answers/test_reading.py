"""All sentences found are judged, the most promising passages are read: what holds whatever was learned."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers.reading import (
    READ_AT_ONCE,
    SURE,
    UNREAD,
    Candidate,
    around,
    library_features,
    logit_of,
    measure,
)
from rag.answers.retrieval import query_for
from rag.questions import content_terms
from tests.engine import candidates, herons, hits, invented, lexical, matcher

QUESTIONS = ("How many patients did PT-41 cure?", "What is known about biofilm?", "Do herons nest in reeds?")


def measured(shelf, question: str, passages: int) -> list[Candidate]:
    query = query_for(question, content_terms(question), shelf.library)
    return measure(hits(question, shelf), matcher(question, shelf), query, shelf.library, passages)


@cache
def example() -> Candidate:
    return candidates(QUESTIONS[0], invented())[0]


@given(st.lists(st.integers(1, 900), min_size=1, max_size=20), st.integers(0, 19))
def test_a_stretch_is_around_a_sentence_and_as_long_as_can_be_read_at_once(lengths: list[int], place: int) -> None:
    place %= len(lengths)
    part = around(lengths, place)
    assert part.start <= place < part.stop <= len(lengths)
    length = sum(lengths[part])
    assert length <= READ_AT_ONCE or part.stop - part.start == 1
    beside = [*lengths[max(0, part.start - 1) : part.start], *lengths[part.stop : part.stop + 1]]
    assert all(length + one > READ_AT_ONCE for one in beside)


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("shelf", [invented, herons, lexical])
@pytest.mark.parametrize("passages", [1, 12])
def test_scores_are_probabilities_and_what_was_not_read_comes_behind(shelf, question: str, passages: int) -> None:
    found = measured(shelf(), question, passages)
    assert all(0 <= candidate.score <= 1 for candidate in found)
    assert [candidate.key for candidate in found] == sorted(candidate.key for candidate in found)
    read = [candidate.direction is not None for candidate in found]
    if shelf().library.reader is None:
        assert not any(read)
    else:
        assert any(read) and read == sorted(read, reverse=True)
        assert all(candidate.score <= UNREAD for candidate, own in zip(found, read, strict=True) if not own)


def test_every_look_takes_in_sentences_that_none_before_it_did() -> None:
    question = QUESTIONS[1]
    read = [{c.line for c in measured(invented(), question, looks) if c.direction is not None} for looks in (1, 2, 3)]
    assert read[0] < read[1] < read[2]
    assert len(measured(invented(), question, 1)) == len(measured(invented(), question, 12))


def test_what_is_read_keeps_what_it_was_judged_by_before() -> None:
    library, question = invented().library, QUESTIONS[0]
    bare = {c.line: c for c in measured(replace_reader(), question, 12)}
    for candidate in measured(invented(), question, 12):
        before = bare[candidate.line]
        assert before.features.items() <= candidate.features.items()
        assert np.array_equal(before.strengths, candidate.strengths)
    assert library.reader is not None


def replace_reader():
    return replace(invented(), library=replace(invented().library, reader=None))


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sentence_holds_in_its_context_at_least_what_it_holds_alone(question: str) -> None:
    for candidate in candidates(question, invented()):
        assert (candidate.strengths >= candidate.own).all()
        assert candidate.features["surprise"] <= candidate.features["surprise alone"] + 1e-9


def test_nothing_found_is_nothing_measured() -> None:
    assert measured(lexical(), "wibble frobnicate", 12) == []


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_a_library_says_as_a_whole_is_finite_and_never_less_than_its_best_sentence(question: str) -> None:
    found, asked = candidates(question, invented()), matcher(question, invented())
    features = library_features(found, asked, invented().library)
    assert np.isfinite([*features.values()]).all()
    assert features["surprise in the library"] <= features["surprise in the review"] + 1e-9
    assert features["cosine"] <= features["best cosine"]
    assert library_features(found[:1], asked, invented().library).keys() == features.keys()


@given(st.floats(0, 1))
def test_a_logit_is_kept_within_what_can_be_sure(share: float) -> None:
    assert -SURE <= logit_of(share) <= SURE
    assert logit_of(share) == pytest.approx(-logit_of(1 - share), abs=1e-6)
