"""References without a text are counted, and told what to save instead."""

from __future__ import annotations

import pytest

from rag.errors import UnreadableReview
from rag.sources import bare_references
from tests.sources.files import text_file

SUMMARY = """\
1: Wick A, Flint B. Moths at street lamps. J Lamp Stud. 2021
May;3(2):41-49. doi: 10.5555/lamp.3. PMID: 10000001.

2: Roe M. Bells at noon, in chapters
3: a review. Bell Lett. 2018;1:1. PMID: 10000002; PMCID: PMC7.
"""


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        (SUMMARY, "2 references"),
        (SUMMARY.replace("\n", "\r\n"), "2 references"),
        ("10000001\n10000002\n10000003\n", "3 references"),
        ("10000001, 10000002", "2 references"),
        ("PMID\n10000001\n", "1 reference"),
        ("10000001", "1 reference"),
    ],
)
def test_references_without_text_are_refused_with_what_to_do(text: str, holds: str) -> None:
    file = text_file(text)
    assert bare_references.recognises(file)
    with pytest.raises(UnreadableReview, match=f"holds {holds} without text; save them from PubMed as “Abstract"):
        bare_references.read(file)


def test_a_bibliography_is_told_from_a_list_of_abstracts_and_from_a_paper() -> None:
    one = "Wick A, Flint B. Moths at street lamps, counted in two summers. J Lamp Stud. 2021 May;3(2):41-49."
    listed = "References\n\n" + "\n".join(f"{at}. {one.replace('two', str(at))}" for at in range(1, 5))
    with pytest.raises(UnreadableReview, match="holds 4 references without text; export them with their abstracts"):
        bare_references.read(text_file(listed))
    said = "We counted moths at 31 lamps of the town, and few of them fed in the light of these."
    assert not bare_references.recognises(text_file(listed.replace("\n2.", f"\n{said}\n2.")))
    assert not bare_references.recognises(text_file(f"{said}\n{listed}"))


@pytest.mark.parametrize(
    "text",
    [
        "1: the first lamp\n2: the second lamp\n",
        "1. J Lamp Stud. 2021 May;3(2):41-49.\n\nMoths.\n\nPMID: 10000001\n",
        "In 2021 we counted 412 moths.",
        "",
    ],
)
def test_other_texts_are_not_taken_for_references(text: str) -> None:
    assert not bare_references.recognises(text_file(text))
