"""The stretches of an article that are read for a question: those that answer first, no sentence twice."""

from __future__ import annotations

import pytest

from rag.training.rows import Written
from rag.training.rows.listed import ANSWERING, NEAR, listings
from tests.engine import invented

FOUND = "Cough fell by 42 percent with moss extract in all of the herders who took it."
FILLER = " ".join(
    f"In the winter of year {year} the {year}th herd of reindeer crossed the river." for year in range(90)
)
PAGE = f"# Moss for herders\n\n## Results\n\n{FILLER}\n\n{FOUND} Nobody had a rash.\n\n{FILLER}\n"


def asked(**change: object) -> Written:
    given = {
        "article": "PMC1", "kind": "effect", "question": "Did moss extract reduce cough?",
        "evidence": frozenset([FOUND]), "near": frozenset(), "direction": None, "claim": None,
    }  # fmt: skip
    return Written(**given | change)


def listed(one: Written):
    embed = invented().library.embed
    return [*listings([one], {"PMC1": PAGE}, embed)]  # type: ignore[arg-type]


def test_what_answers_comes_first_and_what_stands_near_it_behind():
    (rows,) = listed(asked())
    answering = [row for row in rows if 1 in row.answers]
    assert rows[: len(answering)] == answering and 0 < len(answering) <= ANSWERING
    assert len(rows) - len(answering) == NEAR + 1
    assert {s for row in rows for s, label in zip(row.sentences, row.answers, strict=True) if label == 1} == {FOUND}


@pytest.mark.parametrize(
    "change", [{"evidence": frozenset()}, {"evidence": frozenset(["Not there."])}, {"kind": "claim"}]
)
def test_a_claim_and_what_no_sentence_answers_have_no_listing(change):
    assert listed(asked(**change)) == []
