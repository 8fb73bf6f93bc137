"""The two things that a question sets against each other: told by what reviews hold, not by its wording."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers import build_matcher
from rag.comparison.things import Things, set_apart
from rag.questions import content_terms, parse
from tests.trials import BEES, BEETS, SALT, SLEEP, trials


def things(question: str, *review_ids: str) -> Things | None:
    library = trials().library
    matcher = build_matcher(parse(question, []).terms, library)
    return set_apart(question, matcher, {i: matcher.strengths_in(library.stems_of(i)) for i in review_ids})


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Compare beetroot juice and a salt substitute", {"beetroot", "juice"}, {"salt", "substitute"}),
        ("How does beetroot juice compare with a salt substitute?", {"beetroot", "juice"}, {"salt", "substitute"}),
        ("Did both the beetroot juice and the salt substitute help?", {"beetroot", "juice"}, {"salt", "substitute"}),
        ("The trial of beetroot and that of the salt substitute", {"beetroot"}, {"salt", "substitute"}),
    ],
)
def test_they_stand_on_both_sides_of_a_joint_and_reviews_part_over_them(question, one, other):
    found = things(question, SALT, BEETS)
    assert found
    assert ({term.text for term in found.one}, {term.text for term in found.other}) == (one, other)
    assert (found.with_one, found.with_other) == ({BEETS}, {SALT})
    assert question[: found.end].endswith(("substitute", "salt substitute"))


@pytest.mark.parametrize(
    ("question", "reviews"),
    [
        ("Compare beetroot juice and apple juice", (SALT, BEETS)),  # one review is on both
        ("Compare beetroot juice and a salt substitute", (SALT,)),
        ("Compare beetroot juice and a salt substitute", (SLEEP, BEES)),
        ("Compare cost, potassium and urine", (SALT, BEETS)),  # a list
        ("", (SALT, BEETS)),
    ],
)
def test_where_no_two_reviews_part_over_them_there_are_none(question, reviews):
    assert things(question, *reviews) is None


def test_a_review_is_measured_without_the_thing_that_it_is_not_on():
    question = "Compare beetroot juice and a salt substitute for blood pressure"
    found, matcher = things(question, SALT, BEETS), build_matcher(parse(question, []).terms, trials().library)
    assert found
    left = {i: {one.term.text for one in found.own(i, matcher).terms} for i in (SALT, BEETS, BEES)}
    assert left[SALT] == {"salt", "substitute", "blood", "pressure"}
    assert left[BEETS] == {"beetroot", "juice", "blood", "pressure"}
    assert left[BEES] == left[SALT] | left[BEETS]


@given(st.text(max_size=60), st.lists(st.lists(st.floats(0, 1), min_size=12, max_size=12), max_size=4))
def test_whatever_is_typed_and_held_the_things_are_its_terms(text, held):
    matcher = build_matcher(content_terms(text)[:12], trials().library)
    found = set_apart(text, matcher, {str(at): np.array(own[: len(matcher.terms)]) for at, own in enumerate(held)})
    if found:
        assert found.one | found.other <= {one.term for one in matcher.terms}
        assert not found.one & found.other and not found.with_one & found.with_other
