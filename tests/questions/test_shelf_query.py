"""Which questions are put to the shelf itself, and what they ask of it."""

from __future__ import annotations

import pytest

from rag.questions.shelf_query import filtered, shelf_query
from rag.shelf import ShelfQuery
from tests.shelf_questions import SHELF_QUESTIONS


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        *SHELF_QUESTIONS,
        ("all trials, newest first", ShelfQuery(designs=("trial",), order="newest", first=-1)),
        ("studies of at most 50 people", ShelfQuery(at_most=50)),
    ],
)
def test_a_question_about_the_shelf_is_a_value(question: str, asked: ShelfQuery) -> None:
    assert shelf_query(question) == asked


@pytest.mark.parametrize(
    "question",
    [
        "Which trials showed a benefit?",
        "How many trials found no effect?",
        "How many moths were in the lamp trial?",
        "What do the trials say about lamps?",
        "Which lamps were used in the trials?",
        "Which review reports the highest number of moths?",
        "Which reviews mention wicks?",
        "Do the papers agree on lamps?",
        "Was 2020 a good year for moths?",
        "Is there a difference between the trials?",
        "Who wrote the paper of 2018?",
        "List all harms of lamps that the papers mention",
        "Did lamps cause harm in the Norwegian trial?",
        "What was in the lamps of the moth trial?",
        "Do the authors of both papers find lamps useful?",
        "Weaknesses of the lamp trial",
    ],
)
def test_a_question_about_what_papers_say_is_none(question: str) -> None:
    assert shelf_query(question) is None


@pytest.mark.parametrize(
    ("question", "filters", "asked"),
    [
        (
            "After 2020, what do the trials say about moths?",
            ("from 2021 on", "trial"),
            "what do the papers say about moths?",
        ),
        ("In trials published after 2012, do lamps draw moths?", ("from 2013 on", "trial"), "do lamps draw moths?"),
        (
            "Do lamps draw moths in randomised trials from Norway?",
            ("randomised trial", "from Norway"),
            "Do lamps draw moths?",
        ),
        ("Do lamps draw moths, in papers from 2015 to 2018?", ("2015 to 2018",), "Do lamps draw moths?"),
        ("According to the meta-analyses, are lamps safe?", ("meta-analysis",), "are lamps safe?"),
        ("what do RCTs say about lamps?", ("randomised trial",), "what do papers say about lamps?"),
        ("what did studies before 2010 find on lamps", ("up to 2009",), "what did studies find on lamps"),
    ],
)
def test_a_question_on_what_some_papers_say_keeps_to_them(question: str, filters: tuple[str, ...], asked: str) -> None:
    kept = filtered(question)
    assert kept and (kept[0].filters, kept[1]) == (filters, asked)


@pytest.mark.parametrize(
    "question",
    [
        "What do the reviews say about lamps?",
        "Do lamps draw moths in trials of older lamps?",
        "How do lamps do in clinical trials?",
        "In moths of Norway, do lamps do harm?",
        "Were there more moths in 2015?",
        "What do the included trials report about harms?",
        "In which trials were there fewer moths?",
    ],
)
def test_what_only_speaks_of_papers_keeps_to_none(question: str) -> None:
    assert filtered(question) is None


@pytest.mark.parametrize(
    ("question", "journals"),
    [
        ("papers in the Journal of Lamps", ("Journal of Lamps",)),
        ("How many articles are in the journal Moth?", ("Moth",)),
        ("anything in Moth?", ("Moth",)),
        ("list the papers from Journal of Lamps and Moth", ("Journal of Lamps", "Moth")),
        ("What is in the Lantern?", ("The Lantern",)),
    ],
)
def test_journals_of_the_shelf_are_known_by_their_names(question: str, journals: tuple[str, ...]) -> None:
    asked = shelf_query(question, ["Journal of Lamps", "Moth", "The Lantern"])
    assert asked and asked.journals == journals


def test_a_word_that_is_also_a_journal_is_none() -> None:
    assert shelf_query("Which papers are on the eyes of the moth?", ["Moth"]) == ShelfQuery(about=("eye", "moth"))


def test_filters_are_told_in_words() -> None:
    asked = shelf_query("Which randomised trials from Norway appeared between 2018 and 2022?")
    assert asked and asked.filters == ("2018 to 2022", "randomised trial", "from Norway")
    rich = ShelfQuery(
        designs=("letter", "editorial"), either=("designs",), registrations=("",), at_least=5, journals=("Moth",)
    )
    assert rich.filters == ("letter or editorial", "registered", "in Moth", "at least 5 participants")
