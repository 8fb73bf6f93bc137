"""What questions ask of the shelf, however they are read."""

from __future__ import annotations

from rag.shelf import ShelfQuery

SHELF_QUESTIONS = [
    ("Which paper is the newest?", ShelfQuery(order="newest", first=1)),
    ("Show the three oldest reviews", ShelfQuery(order="oldest", first=3)),
    ("Which papers appeared after 2020?", ShelfQuery(since=2021)),
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
]
