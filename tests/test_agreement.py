"""Agreement and difference between quotes: told with the two quotes that carry them, or not at all."""

from __future__ import annotations

import pytest

from rag.pipeline import ask
from rag.types import Comparison
from tests.compared import AGAINST, FOR, lamps


def compared(question: str, *aspects: str) -> Comparison:
    answer = ask(question, lamps().library, aspects=aspects)
    assert answer.comparison is not None
    return answer.comparison


def carried(comparison: Comparison, citations: tuple[int, ...]) -> set[str]:
    return {comparison.citations[number - 1].quote.review_id for number in citations}


@pytest.mark.parametrize(
    ("aspect", "kind", "words"),
    [
        ("fatigue", "opposite statements", ("reduced", "not reduce")),
        ("relapse", "different numbers", ("12%", "31%")),
        ("recommendation", "opposite statements", ("recommend", "cannot be recommended")),
        ("sleep in shift workers", "differ in certainty", ("may", "shown")),
    ],
)
def test_a_difference_is_told_as_what_it_is_with_the_two_quotes_that_carry_it(aspect, kind, words):
    comparison = compared("Compare the reviews", aspect)
    told = next(one for one in comparison.differences if one.kind == kind)
    assert all(word in told.text for word in words)
    assert carried(comparison, told.citations) == {FOR, AGAINST}
    assert aspect not in comparison.undecided


def test_what_two_reviews_say_alike_is_an_agreement():
    comparison = compared("Compare the reviews", "headache")
    told = [one for one in comparison.agreements if "much the same" in one.text]
    assert told and carried(comparison, told[0].citations) == {FOR, AGAINST}


def test_numbers_of_other_measures_are_not_set_against_each_other():
    for aspect in ("fatigue", "headache", "mood"):
        assert not [
            one for one in compared("Compare the reviews", aspect).differences if one.kind == "different numbers"
        ]


def test_the_question_where_they_disagree_leads_with_the_contradictions():
    answer = ask("Where do the reviews disagree?", lamps().library)
    assert answer.comparison is not None
    kinds = {one.kind for one in answer.comparison.differences}
    assert {"opposite statements", "different numbers"} <= kinds
    assert answer.sentences[0].citations


def test_that_no_quotes_contradict_each_other_is_said_first():
    answer = ask("Do the reviews contradict each other on headache?", lamps().library)
    assert answer.sentences[0].text.startswith("No two quotes here state opposite things")
