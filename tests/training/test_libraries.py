"""What was written on articles for tuning becomes a library, with questions that its articles do not answer."""

from __future__ import annotations

import json

import pytest

from rag.training import libraries
from rag.training.held_back import is_for_tuning
from rag.training.rows import Written
from rag.training.rows.written import WRITTEN
from rag.training.sources import Sources

FOUND = "Cough fell by 42 percent with moss extract in all of the herders who took it."
AGAIN = "With moss extract the herders coughed 42 percent less."
TEXT = f"Moss for herders\n\n{FOUND} {AGAIN} Nobody had a rash.\n\n"
INSIDE = next(number for number in range(100) if is_for_tuning(f"CQ{number}"))
OUTSIDE = next(number for number in range(100) if not is_for_tuning(f"CQ{number}"))


def written(article: int, question: str, *evidence: str, kind: str = "effect") -> Written:
    return Written(f"CQ{article}", kind, question, frozenset(evidence), frozenset(), None, None)


@pytest.fixture
def rows(tmp_path, monkeypatch):
    sources = Sources(tmp_path)
    sources.covid_qa.parent.mkdir(parents=True)
    told = [{"paragraphs": [{"context": TEXT, "document_id": at}]} for at in (INSIDE, OUTSIDE)]
    sources.covid_qa.write_text(json.dumps({"data": told}), "utf-8")
    asked = [
        written(INSIDE, "Did moss reduce cough?", FOUND, AGAIN),
        written(INSIDE, "Did moss reduce fever?", kind="absent"),
        written(INSIDE, "Moss cures fever.", kind="claim"),
        written(OUTSIDE, "Do herons cough?", FOUND),
        written(OUTSIDE, "Do herons sleep?", FOUND),
    ]
    lay = [
        written(INSIDE, "Does the green stuff help a bad chest?", FOUND, kind="lay"),
        written(INSIDE, "Does the green stuff help a bad back?", kind="lay"),
        written(OUTSIDE, "Do the long birds bark?", FOUND, kind="lay"),
    ]
    monkeypatch.setattr(libraries, "read_written", lambda file=WRITTEN: asked if file == WRITTEN else lay)
    libraries.written(sources, frozenset(), tmp_path / "library")
    lines = (tmp_path / "library" / "questions.jsonl").read_text("utf-8").splitlines()
    return {row["question"]: row for row in map(json.loads, lines)}


def test_a_question_has_every_sentence_that_answers_it(rows):
    row = rows["Did moss reduce cough?"]
    assert {row["evidence"], *row["also"]} == {FOUND, AGAIN}
    assert (row["pmcid"], row["absent"]) == (f"CQ{INSIDE}", False)


def test_near_misses_and_questions_on_other_papers_are_answered_by_none(rows):
    absent = [question for question, row in rows.items() if row["absent"]]
    assert "Did moss reduce fever?" in absent
    assert len({"Do herons cough?", "Do herons sleep?"} & set(absent)) == 1
    assert all(not rows[question]["evidence"] for question in absent)


def test_questions_in_lay_words_are_those_on_its_own_papers(rows):
    assert rows["Does the green stuff help a bad chest?"]["evidence"] == FOUND
    assert rows["Does the green stuff help a bad back?"]["absent"]
    assert "Do the long birds bark?" not in rows


def test_a_claim_that_is_left_open_is_no_question_of_the_library(rows):
    assert "Moss cures fever." not in rows


def test_only_the_articles_for_tuning_are_pages(rows, tmp_path):
    assert [page.stem for page in (tmp_path / "library" / "pages").iterdir()] == [f"CQ{INSIDE}"]
