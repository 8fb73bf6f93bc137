"""The direction that a review's quotes tell: only where the reader is sure, and a quote carries it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers.direction import answer_of, asks_for_findings, direction_features, direction_of
from rag.answers.evidence import measured
from rag.answers.reading import Candidate
from rag.questions import understand
from rag.types import DIRECTIONS, PROSE
from tests.engine import lexical
from tests.trials import trials

logits = st.lists(st.floats(-6, 6, width=32), min_size=4, max_size=4)


def candidates(*directions: list[float] | None) -> list[Candidate]:
    library = trials().library
    question = understand("Does beetroot juice lower blood pressure?", library)
    one = measured(question, question.terms, PROSE, library)[0][0]
    told = [None if logits is None else np.array(logits, np.float32) for logits in directions]
    return [replace(one, span=(at, at + 1), score=1 / (1 + at), direction=own) for at, own in enumerate(told)]


def sure(at: int) -> list[float]:
    return [6.0 if place == at else -6.0 for place in range(4)]


@pytest.mark.parametrize("at", range(3))
def test_what_all_sentences_say_is_told_with_the_first_quote_that_carries_it(at):
    found = candidates(sure(3), sure(at), sure(at), sure(at))
    told = direction_of(found[1:], found)
    assert told is not None
    assert (told[0], told[1].span) == (DIRECTIONS[at], found[1].span)


def test_what_is_not_stated_what_is_contradicted_and_what_no_quote_carries_is_not_told():
    assert direction_of(candidates(sure(3), sure(3)), candidates(sure(3))) is None
    assert direction_of(candidates(sure(0), sure(1)), candidates(sure(0), sure(1))) is None
    assert direction_of(candidates(sure(0), sure(0)), candidates(sure(3))) is None
    assert direction_of(candidates(None), candidates(None)) is None


@given(st.lists(st.one_of(st.none(), logits), max_size=7))
def test_the_shares_of_the_directions_are_shares(directions):
    features = direction_features(candidates(*directions))
    if not any(one is not None for one in directions):
        assert features == {}
    else:
        assert sum(features[name] for name in (*DIRECTIONS, "not stated")) == pytest.approx(1, abs=1e-5)


def claims(*told: tuple[float, float, float], hedged: float = 0.0) -> list[Candidate]:
    (one,) = candidates(sure(3))
    features = {**one.features, "hedged": hedged}
    return [replace(one, claim=np.array(own, np.float32), features=features) for own in told]


def test_yes_and_no_are_told_unless_hedged_or_contradicted():
    assert answer_of(claims((6, -6, -6)))[0] == "yes"  # type: ignore[index]
    assert answer_of(claims((-6, 6, -6)))[0] == "no"  # type: ignore[index]
    assert answer_of(claims((6, -6, -6), hedged=0.9)) is None
    assert answer_of(claims((6, -6, -6), (-6, 6, -6))) is None
    assert answer_of(claims((0, 0, 0))) is None


def test_a_question_for_findings_is_told_from_one_for_methods():
    assert asks_for_findings("Does beetroot juice lower blood pressure?", trials().library)
    assert not asks_for_findings("How were the participants randomised?", trials().library)
    assert not asks_for_findings("Does beetroot juice lower blood pressure?", lexical().library)
