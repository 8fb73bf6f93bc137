"""Which questions are put to the shelf itself, or to some of its papers, and what they ask of it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from rag.questions.shelf_reading import Asked, all_but, asked_of_shelf, going_on
from rag.questions.understanding import SURELY_FILTERED, SURELY_OF_SHELF, understand
from rag.shelf import Library, ShelfQuery
from tests.engine import open_shelf, settings_for
from tests.shelf_questions import SHELF_QUESTIONS

PAPER = """# {title}

{authors}

{journal}. {year} May;1(2):3-9. doi: 10.5555/l.{at}

## Abstract

We counted moths at {title}.
"""
PAPERS = [
    ("Amber lamps", "Ann Wick, Bo Flint", "Journal of Lamps", 2018),
    ("Bridges at dusk", "Cy Reed", "Moth", 2021),
    ("Candles in autumn", "Di Quill, Ed Rook", "The Lantern", 2023),
]


@cache
def lamps() -> Library:
    pages = {
        f"{at}.md": PAPER.format(title=title, authors=authors, journal=journal, year=year, at=at)
        for at, (title, authors, journal, year) in enumerate(PAPERS)
    }
    return open_shelf(settings_for("shelf of lamps", pages)).library


def asked(question: str) -> Asked:
    found = asked_of_shelf(question, lamps(), lamps().reviews)
    assert found
    return found


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        *SHELF_QUESTIONS,
        (
            "Could you kindly pull up whatever you hold that was published in 2021?",
            ShelfQuery(since=2021, until=2021),
        ),
        ("what has Quill written?", ShelfQuery(authors=("Quill",))),
    ],
)
def test_a_question_about_the_shelf_is_a_value(question: str, expected: ShelfQuery) -> None:
    found = asked(question)
    assert (found.put, found.query) == ("shelf", expected)


@pytest.mark.parametrize(
    "question",
    [
        "Which trials showed a benefit?",
        "How many trials found no effect?",
        "How many moths were in the lamp trial?",
        "What do the trials say about lamps?",
        "Which lamps were used in the trials?",
        "Do the papers agree on lamps?",
        "Was 2020 a good year for moths?",
        "Is there a difference between the trials?",
        "List all harms of lamps that the papers mention",
        "Did lamps cause harm in the Norwegian trial?",
        "What was in the lamps of the moth trial?",
        "Do the authors of both papers find lamps useful?",
        "Weaknesses of the lamp trial",
    ],
)
def test_a_question_about_what_papers_say_is_none(question: str) -> None:
    found = asked(question)
    assert found.put != "shelf" or found.sure < SURELY_OF_SHELF


@pytest.mark.parametrize(
    ("question", "journals"),
    [
        ("papers in the Journal of Lamps", ("Journal of Lamps",)),
        ("How many articles are in the journal Moth?", ("Moth",)),
        ("anything in Moth?", ("Moth",)),
        ("list the papers from Journal of Lamps and Moth", ("Journal of Lamps", "Moth")),
        ("What is in the Lantern?", ("Lantern",)),
    ],
)
def test_journals_of_the_shelf_are_known_by_their_names(question: str, journals: tuple[str, ...]) -> None:
    assert asked(question).query.journals == journals


@pytest.mark.parametrize(
    ("question", "filters", "rest"),
    [
        (
            "After 2020, what do the trials say about moths?",
            ("from 2021 on", "trial"),
            "What do the papers say about moths?",
        ),
        ("In trials published after 2012, do lamps draw moths?", ("from 2013 on", "trial"), "do lamps draw moths?"),
        (
            "Do lamps draw moths in randomised trials from Norway?",
            ("randomised trial", "from Norway"),
            "Do lamps draw moths?",
        ),
        ("Do lamps draw moths, in papers from 2015 to 2018?", ("2015 to 2018",), "Do lamps draw moths?"),
        ("According to the meta-analyses, are lamps safe?", ("meta-analysis",), "are lamps safe?"),
        ("what do RCTs say about lamps?", ("randomised trial",), "What do the papers say about lamps?"),
        ("what did studies before 2010 find on lamps", ("up to 2009",), "What do the papers say about lamps?"),
    ],
)
def test_a_question_on_what_some_papers_say_keeps_to_them(question: str, filters: tuple[str, ...], rest: str) -> None:
    found = asked(question)
    assert found.put == "filtered" and found.sure >= SURELY_FILTERED
    assert (found.query.filters, found.rest) == (filters, rest)


def test_what_stands_beside_a_filter_is_filtered() -> None:
    found = asked("Do studies from Norway find that lamps draw moths?")
    assert found.put == "filtered" and found.of_papers and found.query.filters == ("from Norway",)
    assert found.rest == "Do the papers find that lamps draw moths?"


def test_the_others_are_all_but_those_that_were_shown() -> None:
    found = asked("show the others")
    assert found.others and found.goes_on
    before = ShelfQuery(designs=("trial",))
    assert all_but(before, found.query).without == before
    assert all_but(replace(before, order="newest", first=3), found.query).aside
    assert understand("show the others", lamps()).shelf is None


def test_what_is_left_out_is_so_with_all_of_its_words() -> None:
    query = asked("no papers from before 2020, please").query
    assert query.without and (query.until, query.without.until, query.aside) == (None, 2019, ())


def test_what_is_not_randomised_is_never_taken_for_randomised() -> None:
    query = asked("What did non-randomised studies find on moths and bats?").query
    assert not query.designs and query.without and query.without.designs == ("randomised trial",)


@pytest.mark.parametrize(
    "question",
    [
        "What do the reviews say about lamps?",
        "Do lamps draw moths in trials of older lamps?",
        "In moths of Norway, do lamps do harm?",
        "Were there more moths in 2015?",
        "What do the included trials report about harms?",
        "In which trials were there fewer moths?",
    ],
)
def test_what_only_speaks_of_papers_keeps_to_none(question: str) -> None:
    found = asked(question)
    assert found.put != "filtered" or found.sure < SURELY_FILTERED or not found.query.filters


def test_what_no_paper_is_about_is_not_left_out_in_silence() -> None:
    assert asked("List the papers that are not about zeppelins").query.aside


def test_filters_are_told_in_words() -> None:
    query = asked("Which randomised trials from Norway appeared between 2018 and 2022?").query
    assert query.filters == ("2018 to 2022", "randomised trial", "from Norway")
    rich = ShelfQuery(
        designs=("letter", "editorial"), either=("designs",), registrations=("",), at_least=5, journals=("Moth",)
    )
    assert rich.filters == ("letter or editorial", "registered", "in Moth", "at least 5 participants")


def test_a_word_that_is_also_a_journal_is_none() -> None:
    assert asked("Which papers are on the eyes of the moth?").query == ShelfQuery(about=("eye", "moth"))


@pytest.mark.parametrize(
    ("question", "without"),
    [
        ("Which papers are not randomised?", ShelfQuery(designs=("randomised trial",))),
        ("all papers except those from Norway", ShelfQuery(places=("Norway",))),
    ],
)
def test_what_is_not_meant_is_left_out(question: str, without: ShelfQuery) -> None:
    assert asked(question).query.without == without


def test_what_goes_on_takes_the_place_of_what_was_said_of_the_same() -> None:
    before = ShelfQuery(places=("Norway",), designs=("randomised trial",), counts=True)
    assert going_on(before, ShelfQuery(places=("Japan",))) == ShelfQuery(
        places=("Japan",), designs=("randomised trial",), counts=True
    )
    others = ShelfQuery(designs=("randomised trial",))
    assert going_on(others, ShelfQuery(without=others)) == ShelfQuery(without=others)
