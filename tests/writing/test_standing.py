"""What may be said above a matrix of how papers stand to each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.pipeline import ask
from rag.types import Agreement, Comparison, Difference
from rag.writing.attributing import Drafted
from rag.writing.giving import Evidence, evidence_of
from rag.writing.standing import goes_beyond
from tests.compared import lamps


def compared(told: str) -> tuple[Comparison, Evidence]:
    """Return a comparison whose matrix tells of its row that the papers agree, differ, or nothing."""
    answer = ask("Compare the reviews on fatigue", lamps().library)
    assert answer.comparison
    alike = (Agreement("fatigue", "They agree.", (1, 2)),) if told == "agree" else ()
    apart = (Difference("fatigue", "different findings", "They differ.", (1, 2)),) if told == "differ" else ()
    return replace(answer.comparison, agreements=alike, differences=apart), evidence_of(answer, lamps().library)


@pytest.mark.parametrize("told", ["agree", "differ", ""])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("The reviews agree that light reduces fatigue.", "agree"),
        ("Both reviews found less fatigue.", "agree"),
        ("The two papers contradict each other on fatigue.", "differ"),
        ("In contrast to Nordahl, Haverkamp saw no less fatigue.", "differ"),
        ("Nordahl saw less fatigue, Haverkamp as much of it.", ""),
    ],
)
def test_that_papers_agree_or_differ_is_said_where_the_matrix_tells_it(told, text, says):
    comparison, evidence = compared(told)
    found = goes_beyond(Drafted(text, tuple(evidence)[:2]), comparison, evidence)
    assert (found is None) == (says in ("", told))
    assert found is None or (found.support == "unsupported" and says in found.reason)


def test_the_groups_of_one_paper_may_differ():
    comparison, evidence = compared("")
    one = Drafted("Fatigue did not differ between both groups.", tuple(evidence)[:1])
    assert goes_beyond(one, comparison, evidence) is None


def test_what_rests_on_no_row_says_nothing_of_how_papers_stand():
    comparison, evidence = compared("agree")
    assert goes_beyond(Drafted("All trials agree.", ()), comparison, evidence)
