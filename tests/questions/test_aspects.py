"""What a comparison asks about: aspects, things set against each other, parts of a question."""

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
        ("blood loss vs wound infection: what does each review say?", ["blood loss", "wound infection"]),
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
    ("question", "expected"),
    [
        (
            "How does warfarin compare with apixaban for stroke prevention?",
            [
                "warfarin versus apixaban for stroke prevention",
                "warfarin for stroke prevention",
                "apixaban for stroke prevention",
            ],
        ),
        (
            "What is the difference between focused ultrasound and deep brain stimulation in tremor?",
            [
                "focused ultrasound versus deep brain stimulation in tremor",
                "focused ultrasound in tremor",
                "deep brain stimulation in tremor",
            ],
        ),
        ("Statins versus fibrates", ["Statins versus fibrates", "Statins", "fibrates"]),
    ],
)
def test_two_things_are_set_against_each_other_and_stand_alone(question, expected):
    assert names(question) == expected


@pytest.mark.parametrize(
    ("question", "second"),
    [
        ("Compare the adverse effects of gliflozins with those of statins", "adverse effects of statins"),
        ("Compare the side effects of focused ultrasound and DBS", "side effects of DBS"),
        (
            "Teriparatide in postmenopausal osteoporosis versus osteogenesis imperfecta",
            "Teriparatide in osteogenesis imperfecta",
        ),
        ("Compare recovery after hip surgery and after knee surgery", "recovery after knee surgery"),
    ],
)
def test_the_second_thing_takes_over_what_it_leaves_unsaid(question, second):
    assert names(question)[2] == second


def test_the_outcome_decides_and_the_things_need_only_be_in_the_review():
    library = herons().library
    question = parse("How does 40 mg simvastatin compare with placebo for vascular mortality?", library.reviews)
    both, one, _ = question.aspects
    assert [term.text for term in both.terms] == ["vascular", "mortality"]
    assert [term.text for term in both.within] == ["40", "mg", "simvastatin", "placebo"]
    assert both.text == "vascular mortality" and one.text == "40 mg simvastatin for vascular mortality"


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
