"""What a sentence found becomes rows: asked in both orders of the arms, with three claims, and beside the point."""

from __future__ import annotations

import json

import pytest

from rag.training.held_back import is_held_back
from rag.training.rows import CLAIMS, DIRECTIONS, UNKNOWN
from rag.training.rows.findings import Finding, findings_rows, read_findings
from rag.training.sources import Sources

FOUND = "Cough fell by 42 percent with moss extract as against placebo."
OTHER = "Sleep was just as long in the herders who took placebo."
TEXT = f"Moss for herders\n\n{'Herders cough in winter and at night. ' * 3}{FOUND} Nobody had a rash. {OTHER}\n\n"


@pytest.fixture
def sources(tmp_path):
    folder = Sources(tmp_path)
    folder.covid_qa.parent.mkdir(parents=True)
    told = [{"paragraphs": [{"context": TEXT, "document_id": 0}]}]
    folder.covid_qa.write_text(json.dumps({"data": told}), "utf-8")
    return folder


COUGH = Finding(
    "CQ0", FOUND, "moss extract", "placebo", "coughing", "decreased",
    "Moss calms a cough.", "Moss makes no odds to coughing.", "Moss calms a cough in children.",
)  # fmt: skip
SLEEP = Finding(
    "CQ0", OTHER, "moss extract", "placebo", "hours asleep", "no difference",
    "Moss leaves sleep as it is.", "Moss makes people sleep longer.", "Moss makes dreams vivid.",
)  # fmt: skip


def test_each_claim_has_its_label_at_the_sentence_alone(sources):
    rows = {row.question: row for row in findings_rows([COUGH], sources, frozenset())}
    labels = {COUGH.supported: "supports", COUGH.refuted: "refutes", COUGH.open: "neither"}
    for claim, label in labels.items():
        row = rows[claim]
        at = row.sentences.index(FOUND)
        assert row.claim[at] == CLAIMS.index(label)
        assert {row.claim[n] for n in range(len(row.sentences)) if n != at} <= {UNKNOWN}


def test_with_the_arms_exchanged_the_direction_turns(sources):
    rows = [*findings_rows([COUGH] * 40, sources, frozenset())]
    asked = [(row.question, row.direction[row.sentences.index(FOUND)]) for row in rows]
    stated = {DIRECTIONS[way] for question, way in asked if way != UNKNOWN}
    assert stated == {"increased", "decreased"}
    turned = [way for question, way in asked if "with placebo than with moss extract" in question and way != UNKNOWN]
    assert turned and set(turned) == {DIRECTIONS.index("increased")}


def test_a_question_on_another_finding_is_not_answered(sources):
    rows = [row for row in findings_rows([COUGH, SLEEP], sources, frozenset()) if row.sufficient == 0]
    assert rows
    for row in rows:
        off = next(sentence for sentence in (FOUND, OTHER) if row.answers[_at(row, sentence)] == 0)
        assert row.direction[row.sentences.index(off)] == DIRECTIONS.index("not stated")


def _at(row, sentence: str) -> int:
    return row.sentences.index(sentence) if sentence in row.sentences else 0


def test_without_a_comparator_none_is_asked_for(sources):
    alone = Finding("CQ0", FOUND, "moss extract", "", "coughing", "decreased", "a", "b", "c")
    assert all("  " not in row.question and "with ?" not in row.question and "than ." not in row.question
               for row in findings_rows([alone] * 20, sources, frozenset()))  # fmt: skip


def test_findings_are_on_no_article_that_is_set_aside():
    found = read_findings()
    assert len(found) > 5000 and not any(is_held_back(one.article) for one in found)
    assert {one.direction for one in found} == set(DIRECTIONS[:3])
