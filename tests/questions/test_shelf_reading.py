"""What a question asks of the shelf is read in other words than those that the grammar knows."""

from __future__ import annotations

from functools import cache

import pytest

from rag.questions.shelf_reading import Asked, asked_of_shelf, going_on
from rag.questions.understanding import SURELY_OF_SHELF
from rag.shelf import Library, ShelfQuery
from tests.engine import open_shelf, settings_for

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
        ("2018 papers", ShelfQuery(since=2018, until=2018)),
        ("anything from 2009?", ShelfQuery(since=2009, until=2009)),
        ("papers of 2014 or 2015", ShelfQuery(since=2014, until=2015)),
        ("Is there work from the 1990s?", ShelfQuery(since=1990, until=1999)),
        ("the two oldest papers", ShelfQuery(order="oldest", first=2)),
        ("crossover trials", ShelfQuery(designs=("crossover trial",))),
        ("letters or editorials", ShelfQuery(designs=("letter", "editorial"), either=("designs",))),
        (
            "cohort studies from Norway or Sweden",
            ShelfQuery(designs=("cohort study",), places=("Norway", "Sweden"), either=("places",)),
        ),
        ("swedish studies", ShelfQuery(places=("swedish",))),
        (
            "Could you kindly pull up whatever you hold that was published in 2021?",
            ShelfQuery(since=2021, until=2021),
        ),
        ("what has Quill written?", ShelfQuery(authors=("Quill",))),
        ("Who wrote the paper of 2018?", ShelfQuery(since=2018, until=2018, columns=("authors",))),
        ("papers from sweden", ShelfQuery(places=("sweden",))),
        ("UK trials", ShelfQuery(designs=("trial",), places=("UK",))),
        ("Which papers come from the US?", ShelfQuery(places=("US",))),
        ("ISRCTN12345678", ShelfQuery(registrations=("ISRCTN12345678",))),
        ("trials registered at ClinicalTrials.gov", ShelfQuery(designs=("trial",), registrations=("NCT",))),
        ("registered trials", ShelfQuery(designs=("trial",), registrations=("",))),
        ("RCTs with more than 1,000 participants", ShelfQuery(designs=("randomised trial",), at_least=1001)),
        ("papers funded by the Moth Fund", ShelfQuery(funder="Moth Fund")),
        ("Which records are in Export_2.nbib?", ShelfQuery(files=("export_2.nbib",))),
        ("moth papers", ShelfQuery(about=("moth",))),
        ("the newest street lamp study", ShelfQuery(order="newest", first=1, about=("street", "lamp"))),
        ("sample size of the lamp trial", ShelfQuery(designs=("trial",), columns=("participants",), about=("lamp",))),
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
