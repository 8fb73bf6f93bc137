"""Questions about the shelf itself are answered from the facts of the papers, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.answers.shelf_answer import shelf_answer
from rag.pipeline import ask, converse
from rag.questions import Question
from rag.settings import Settings
from rag.shelf import Library, ShelfQuery, found, open_library
from rag.types import Answer

AMBER = """# Amber lamps and moths: a randomised trial

Ann Wick, Bo Flint

J Lamp. 2018 May;1(2):3-9. doi: 10.5555/l.1

Affiliations

1 Institute of Lamps, Bergen, Norway.

## Abstract

We randomised 120 volunteers to amber or white lamps. Fewer moths came to amber lamps. Registered as NCT01234567.
"""
BRIDGES = """# Moths at bridges: a cohort study

Cy Reed

J Moth. 2021 Jan;2(1):1-4. doi: 10.5555/l.2

## Abstract

We followed 3,400 people who crossed bridges at dusk. Moths were seen by most of them.
"""
SLEEP = """# RETRACTED: Lamps and sleep: a systematic review

Di Quill, Ed Rook

J Lamp. 2023 Feb;9(1):1-9. doi: 10.5555/l.3

## Abstract

We searched for trials of lamps and sleep. Nine trials were found.
"""
TRIAL = """# Melatonin and sleep in adults with insomnia: a randomised trial

Ann Wick, Bo Flint

J Sleep. 2020 May;1(2):3-9. doi: 10.5555/l.4

## Abstract

### Background

Insomnia is common in adults, and many take melatonin.

### Methods

Adults with insomnia were randomly assigned to receive melatonin 3 mg or placebo each night for eight weeks. The primary
outcome was sleep duration by actigraphy.

### Results

Those who took melatonin slept 24 minutes longer than those who took placebo (95% CI 11 to 37). Adverse events were mild
and as frequent in both groups.

### Conclusions

In adults with insomnia melatonin lengthens sleep by less than half an hour.
"""
PAGES = {"a.md": AMBER, "b.md": BRIDGES, "c.md": SLEEP}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder: Path = tmp_path_factory.mktemp("shelf")
    (folder / "pages").mkdir()
    for name, page in PAGES.items():
        (folder / "pages" / name).write_text(page)
    return open_library(Settings(seeds=folder / "pages", data=folder / "data"))


def papers(answer: Answer) -> list[str]:
    return list(answer.table.review_ids) if answer.table else []


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Which paper is the newest?", ["10.5555/l.3"]),
        ("Which papers were published after 2019?", ["10.5555/l.2", "10.5555/l.3"]),
        ("Which is the largest study?", ["10.5555/l.2"]),
        ("How many randomised trials are there?", ["10.5555/l.1"]),
        ("Which papers are systematic reviews?", ["10.5555/l.3"]),
        ("Which papers come from Norway?", ["10.5555/l.1"]),
        ("Which papers have been retracted?", ["10.5555/l.3"]),
        ("Which study is registered as NCT01234567?", ["10.5555/l.1"]),
        ("newest study on moths", ["10.5555/l.2"]),
        ("Which papers do I have?", ["10.5555/l.1", "10.5555/l.2", "10.5555/l.3"]),
    ],
)
def test_the_papers_that_are_meant_are_the_rows(shelf: Library, question: str, meant: list[str]) -> None:
    assert papers(ask(question, shelf)) == meant


def test_each_cell_knows_the_line_it_was_read_from(shelf: Library) -> None:
    answer = ask("Make a table of the studies with design and sample size", shelf)
    assert answer.table
    cells = dict(zip(answer.table.columns, answer.table.rows[0], strict=True))
    assert (cells["design"].text, cells["participants"].text) == ("randomised trial", "120")
    quote = cells["participants"].quote
    assert quote and quote.text == "We randomised 120 volunteers to amber or white lamps."
    assert shelf.index.reviews[quote.review_id].text[quote.start : quote.end] == quote.text


def test_a_study_table_tells_what_a_study_did_and_found_in_its_own_sentences(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "trial.md").write_text(TRIAL)
    library = open_library(Settings(seeds=tmp_path / "pages", data=tmp_path / "data"))
    table = ask(
        "Make a table of the studies with interventions, outcomes, results, harms and conclusions", library
    ).table
    assert table
    text = library.reviews[0].text
    cells = {column: cell.text for column, cell in zip(table.columns, table.rows[0], strict=True)}
    assert "were randomly assigned to receive melatonin 3 mg or placebo" in cells["intervention"]
    assert cells["outcome"].startswith("The primary outcome was sleep")
    assert "minutes longer" in cells["result"]
    assert cells["harms"].startswith("Adverse events were")
    assert "melatonin lengthens sleep" in cells["conclusion"]
    quotes = [cell.quote for cell in table.rows[0] if cell.quote]
    assert all(text[quote.start : quote.end] == quote.text for quote in quotes)
    columns = ask("List the studies with limitations", library).table
    assert columns and [cell.text for cell in columns.rows[0][1:]] == [""]


def test_what_no_paper_is_known_to_be_is_not_found(shelf: Library) -> None:
    answer = ask("Which papers come from Peru?", shelf)
    assert (answer.outcome, answer.table, answer.citations) == ("not_found", None, ())
    assert answer.text == "Not found in these 3 papers: none is known to be from Peru."


def test_of_a_question_that_is_not_understood_no_paper_is_shown(shelf: Library) -> None:
    question = Question("…", "…", shelf.reviews, shelf.reviews)
    answer = shelf_answer(question, ShelfQuery(since=2020, aside=("Ruritanian",)), shelf)
    assert answer.text == (
        "Not found in these 3 papers: “Ruritanian” is not understood. Without that, 2 would be meant (from 2020 on)."
    )
    assert (answer.outcome, answer.table, answer.citations) == ("not_found", None, ())


def test_of_papers_that_do_not_state_their_size_none_is_the_largest(shelf: Library) -> None:
    answer = ask("Which systematic review is the largest?", shelf)
    assert answer.text.endswith("none (systematic review) is known to state how many took part.")


def test_what_does_not_state_its_size_or_year_is_not_shown_as_of_another(shelf: Library) -> None:
    small = ShelfQuery(without=ShelfQuery(at_most=200))
    assert [review.title for review in found(small, shelf, shelf.reviews)] == ["Moths at bridges: a cohort study"]


def test_a_retracted_paper_is_named_as_one_wherever_it_stands(shelf: Library) -> None:
    assert "Quill & Rook 2023 (retracted)" in ask("Which paper is the newest?", shelf).text


def test_a_retracted_paper_is_asked_only_by_name_or_by_choice(shelf: Library) -> None:
    asked = ask("What is known about lamps and sleep?", shelf)
    assert "10.5555/l.3" not in {one.review_id for one in asked.coverage}
    named = ask("What did Quill and Rook find about sleep?", shelf)
    assert {one.review_id for one in named.coverage} == {"10.5555/l.3"}
    chosen = ask("What is known about lamps and sleep?", shelf, (), ["10.5555/l.3"])
    assert {one.review_id for one in chosen.coverage} == {"10.5555/l.3"}


@pytest.mark.parametrize(
    ("question", "papers"),
    [
        ("Norwegian papers", {"10.5555/l.1"}),
        ("Danish papers", set()),
        ("papers by Rook", {"10.5555/l.3"}),
        ("papers of 2018 or 2023", {"10.5555/l.1", "10.5555/l.3"}),
        ("papers in J Moth", {"10.5555/l.2"}),
    ],
)
def test_what_is_named_is_looked_up_on_the_shelf(shelf: Library, question: str, papers: set[str]) -> None:
    table = ask(question, shelf).table
    assert (set(table.review_ids) if table else set()) == papers


@pytest.mark.parametrize(
    ("conversation", "papers"),
    [
        (("Which papers came out before 2022?", "and the oldest one?"), {"10.5555/l.1"}),
        (("Which papers are randomised?", "and which are not randomised?"), {"10.5555/l.2", "10.5555/l.3"}),
        (("Which papers are from 2018?", "what about 2021?"), {"10.5555/l.2"}),
    ],
)
def test_a_question_goes_on_with_what_was_asked_of_the_shelf(
    shelf: Library, conversation: tuple[str, ...], papers: set[str]
) -> None:
    table = converse(conversation, shelf)[-1].answer.table
    assert table and set(table.review_ids) == papers


def test_a_year_that_no_paper_of_the_author_has_is_told(shelf: Library) -> None:
    answer = ask("What did Wick 2020 find about moths?", shelf)
    assert answer.note.startswith("No paper “Wick 2020” is loaded; taken for Wick & Flint 2018.")
