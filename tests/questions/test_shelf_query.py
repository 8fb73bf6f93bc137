"""Which questions are put to the shelf itself, and what they ask of it."""

from __future__ import annotations

import pytest

from rag.questions.shelf_query import filtered, shelf_query
from rag.shelf import ShelfQuery


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Which paper is the newest?", ShelfQuery(order="newest", first=1)),
        ("Show the three oldest reviews", ShelfQuery(order="oldest", first=3)),
        ("Which papers were published after 2020?", ShelfQuery(since=2021)),
        ("papers between 2018 and 2022", ShelfQuery(since=2018, until=2022)),
        ("Which papers are older than 2010?", ShelfQuery(until=2009)),
        ("How many trials do I have?", ShelfQuery(designs=("trial",), counts=True)),
        ("Which are randomised?", ShelfQuery(designs=("randomised trial",))),
        ("Which papers come from Norway?", ShelfQuery(places=("Norway",))),
        ("Has any of the papers been retracted?", ShelfQuery(statuses=("retracted",))),
        ("Which study is registered as NCT01234567?", ShelfQuery(registrations=("NCT01234567",))),
        ("List the papers with year and journal", ShelfQuery(columns=("year", "journal"))),
        ("What are the newest studies on moths?", ShelfQuery(order="newest", about=("moth",))),
        (
            "Which trials on street lamps came out since 2020?",
            ShelfQuery(since=2020, designs=("trial",), about=("street", "lamp")),
        ),
        ("Which papers do I have?", ShelfQuery()),
        ("Which of the trials is the largest?", ShelfQuery(designs=("trial",), order="largest", first=1)),
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


def test_filters_are_told_in_words() -> None:
    asked = shelf_query("Which randomised trials from Norway appeared between 2018 and 2022?")
    assert asked and asked.filters == ("2018 to 2022", "randomised trial", "from Norway")
