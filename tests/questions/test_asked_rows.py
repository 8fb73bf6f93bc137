"""What a question across papers asks of each, read word by word; none of these questions was learned from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders import of_rows
from rag.questions.asked_rows import of_several, with_rows
from rag.questions.parsing import clean, parse
from rag.questions.question import Question
from tests.engine import herons


def read(text: str) -> Question:
    library = herons().library
    return with_rows(parse(clean(text), library.reviews, library.alike), library)


def names(text: str) -> list[str]:
    return [one.name for one in read(text).aspects]


@pytest.mark.parametrize(
    ("question", "rows"),
    [
        ("How do the two reviews differ on breeding?", ["breeding"]),
        ("How do the reviews differ on nest height and winter range?", ["nest height", "winter range"]),
        ("Compare the reviews on side effects", ["side effects"]),
        ("What do the trials of warm baths say about itchy skin?", ["itchy skin"]),
        ("Do the inhaler studies agree on how breathless people felt?", ["how breathless people felt"]),
        ("In the pneumonia trials, what happened to deaths and time in hospital?", ["deaths", "time in hospital"]),
        (
            "Table of the shoulder studies: number of patients, what treatment, against what",
            ["number of patients", "what treatment", "against what"],
        ),
        (
            "Compare the burn trials on how well it healed, who took part and how well it was tolerated.",
            ["how well it healed", "who took part", "how well it was tolerated"],
        ),
        ("mesh versus suture for hernia: recurrence, pain after a year", ["recurrence", "pain after a year"]),
        ("Compare the reviews on hang-gliding and on biofilm", ["hang-gliding", "biofilm"]),
        ("Which of the reviews mention gliders, and which do not?", ["gliders"]),
    ],
)
def test_rows_are_the_words_of_the_question_that_head_them(question: str, rows: list[str]) -> None:
    assert names(question) == rows


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("figs, dates and walnut oil: what happened to cholesterol and weight?", True),
        ("zinc for colds and honey after tonsillectomy - who was treated, did the pain ease?", True),
        ("Do figs and dates lower cholesterol?", False),
        ("warfarin: dose, side effects", False),
    ],
)
def test_what_lists_several_things_before_what_it_asks_is_asked_across_papers(question: str, several: bool) -> None:
    library = herons().library
    asked = of_several(parse(clean(question), library.reviews, library.alike), library)
    assert (asked.intent == "comparison") == several


@pytest.mark.parametrize("question", ["Compare the two reviews", "How do the stroke trials compare?", "???", ""])
def test_a_question_may_ask_nothing_but_to_compare(question: str) -> None:
    assert names(question) == []


@pytest.mark.parametrize(
    "question", ["How does warfarin compare with apixaban for stroke prevention?", "Statins versus fibrates"]
)
def test_what_sets_two_things_against_each_other_is_one_row(question: str) -> None:
    assert names(question) == [question.rstrip("?")]


def test_what_says_which_papers_are_meant_steers_the_search_and_decides_nothing() -> None:
    question = read("Sleep and pain in the yoga trials")
    assert "yoga" in " ".join(question.text[slice(*span)] for span in question.papers)
    sleep = question.aspects[0]
    assert [term.text for term in sleep.own] == ["Sleep"]
    assert "yoga" in [term.text for term in sleep.terms if term.aside]


@given(st.text(max_size=120))
def test_whatever_is_typed_gives_rows_of_its_own_words(text: str) -> None:
    question = read(text)
    for one in question.aspects:
        assert one.name and all(piece in question.text for piece in one.name.split())
    assert all(0 <= start < end <= len(question.text) for start, end in question.papers)


def test_without_its_weights_a_question_is_cut_by_its_wording(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr(of_rows, "ROW_WEIGHTS", tmp_path / "none.safetensors")
    assert names("How do the reviews differ on nest height and winter range?") == ["nest height", "winter range"]
