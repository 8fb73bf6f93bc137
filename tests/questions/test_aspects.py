"""What a comparison asks about by its wording: aspects, things set against each other, parts of a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.questions.aspects import aspect
from rag.questions.parsing import clean, parse
from rag.text.terms import words
from tests.engine import herons


def names(question: str) -> list[str]:
    library = herons().library
    return [one.name for one in parse(question, library.reviews, library.alike).aspects]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do the two reviews differ on breeding?", ["breeding"]),
        ("How do the two reviews differ on nest height and winter range?", ["nest height", "winter range"]),
        ("Contrast what the authors say about efficacy, toxicity and cost", ["efficacy", "toxicity", "cost"]),
        ("Which of the reviews mentions hospital costs, and which does not?", ["hospital costs"]),
        ("What role does sleep play in both papers?", ["sleep"]),
        ("How do the reviews differ on overall survival?", ["overall survival"]),
        ("Compare the reviews on side effects", ["side effects"]),
        ("Do both agree that early surgery is harmful?", ["early surgery is harmful"]),
        (
            "What side effects of statins and fibrates do the papers report?",
            ["side effects of statins", "side effects of fibrates"],
        ),
    ],
)
def test_aspects_are_named_in_the_words_of_the_question(question, expected):
    assert names(question) == expected


@pytest.mark.parametrize(
    "question", ["Compare the two reviews", "What do they have in common?", "How do the papers differ?", "???"]
)
def test_a_comparison_may_name_no_aspect(question):
    assert names(question) == []


@pytest.mark.parametrize(
    "question",
    [
        "How does warfarin compare with apixaban for stroke prevention?",
        "What is the difference between focused ultrasound and deep brain stimulation in tremor?",
        "Statins versus fibrates",
        "Which is better for infection, phages or cement?",
    ],
)
def test_two_things_that_are_set_against_each_other_are_one_aspect(question):
    assert len(names(question)) == 1


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where do the reviews disagree on stones, on delay and on cost?", ["stones", "delay", "cost"]),
        ("Do the papers agree on exposure (Cmax and AUC)?", ["exposure Cmax and AUC"]),
        ("How do the two trials of nets differ in mesh and price?", ["mesh", "price"]),
        (
            "What do the reviews recommend first, and how often do wounds become infected?",
            ["recommend", "wounds become infected"],
        ),
        (
            "Compare the papers on the time until pain sets in or surgery can start",
            ["time until pain sets in or surgery"],
        ),
    ],
)
def test_what_could_be_asked_alone_is_a_row_and_nothing_else(question, expected):
    assert names(question) == expected


def test_an_aspect_is_asked_beside_what_the_question_says_before_it_which_decides_nothing():
    added = aspect("weight", parse("Compare the trials of nets on mesh", []))
    assert (added.name, added.text) == ("weight", "weight trials nets")
    assert [(term.text, term.aside) for term in added.terms] == [("trials", True), ("nets", True), ("weight", False)]


def test_an_aspect_of_a_reader_is_taken_as_it_is_typed():
    assert aspect("Cost & access").name == "Cost & access"
    assert [term.text for term in aspect("Cost & access").terms] == ["Cost", "access"]


def test_a_question_of_one_part_is_not_cut():
    assert parse("What limits the remission of asthma?", []).parts == ()


@given(st.text(max_size=120))
def test_whatever_is_typed_gives_names_made_of_its_words(text):
    library = herons().library
    asked = clean(text)
    for one in parse(asked, library.reviews, library.alike).aspects:
        typed = {word.text for word in words(asked)} | {"versus", "than"}
        assert one.name and {word.text for word in words(one.name)} <= typed
