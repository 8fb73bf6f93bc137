"""A question that was written becomes rows: what answers it, what does not in the same article, and other articles."""

from __future__ import annotations

import json

import pytest

from rag.training.held_back import is_held_back
from rag.training.rows import DIRECTIONS, UNKNOWN, Written, read_written
from rag.training.rows.written import written_rows
from rag.training.sources import Sources

FOUND = "Cough fell by 42 percent with moss extract in all of the herders who took it."
HERDERS = f"Moss for herders\n\n{'Herders cough in winter and at night. ' * 30}\n\n{FOUND} Nobody had a rash.\n\n"
HERONS = f"Herons at night\n\n{'Herons stand on one leg and cough at night. ' * 30}\n\n"


@pytest.fixture
def sources(tmp_path):
    folder = Sources(tmp_path)
    folder.covid_qa.parent.mkdir(parents=True)
    told = [{"paragraphs": [{"context": text, "document_id": at}]} for at, text in enumerate((HERDERS, HERONS))]
    folder.covid_qa.write_text(json.dumps({"data": told}), "utf-8")
    return folder


def asked(**change: object) -> Written:
    given = {
        "article": "CQ0", "kind": "effect", "question": "Did moss extract reduce cough?",
        "evidence": frozenset([FOUND]), "near": frozenset(), "direction": "decreased", "claim": None,
    }  # fmt: skip
    return Written(**given | change)


def test_only_the_sentences_that_answer_are_labelled_so(sources):
    rows = [*written_rows([asked(), asked(article="CQ1", evidence=frozenset(), direction=None)], sources, frozenset())]
    first = [row for row in rows if row.sufficient == 1]
    assert first and all(row.key == "CQ0" for row in first)
    for row in first:
        assert [s for s, label in zip(row.sentences, row.answers, strict=True) if label == 1] == [FOUND]
        assert row.direction[row.sentences.index(FOUND)] == DIRECTIONS.index("decreased")
    assert any(row.sufficient == 0 and not any(row.answers) for row in rows)


def test_what_comes_near_to_a_claim_is_neither_an_answer_nor_none(sources):
    rows = written_rows([asked(evidence=frozenset(), near=frozenset([FOUND]), claim="neither")], sources, frozenset())
    (label,) = {row.answers[row.sentences.index(FOUND)] for row in rows if FOUND in row.sentences}
    assert label == UNKNOWN


def test_nothing_is_made_of_an_article_that_is_kept_back(sources):
    rows = written_rows([asked(), asked(article="CQ1", evidence=frozenset())], sources, frozenset(["CQ0"]))
    assert {row.key for row in rows} == {"CQ1"}


def test_what_was_written_is_on_no_article_that_is_set_aside():
    written = read_written()
    assert len(written) > 6000 and not any(is_held_back(one.article) for one in written)
    assert all(bool(one.evidence) == (one.kind != "absent") for one in written if one.claim != "neither")
