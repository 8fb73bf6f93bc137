"""What is known of a paper comes from the lines around its title, and never from other papers that the page names."""

from __future__ import annotations

import pytest

from rag.sources import plain
from rag.sources.facts import Facts, read_facts, stated_names
from rag.sources.lines import split_lines
from rag.sources.stated import TEXT
from rag.types import Review
from tests.sources.files import only_review

ABSTRACT = (
    "Moths are drawn to lamps at night, and what this costs them is not known. We counted the moths at 31 lamps in "
    "nine towns over two summers. At white lamps 80 moths were found on average and at amber lamps 14; few of them fed."
)
TOP = """Skip to main content
Sign in
My account
Search
Advanced search
Journals
Browse issues
Submit a manuscript
Download PDF
Cite
Share
"""
FOOT = """
Related articles
Bats at bridges: a count of nine winters
Hedge Q, Moor P. J Dusk. 2009;3:12. https://doi.org/10.5555/bats.9
Cookie settings
Privacy policy
Terms of use
Contact us
© 2026 Dusk Publishing. All rights reserved.
"""


def read(text: str) -> Review:
    return only_review(text, plain)


@pytest.mark.parametrize("own", ["J Lamp. 2019;33:45. https://doi.org/10.5555/lamps.1\n", ""])
def test_what_a_page_says_of_other_papers_is_not_of_this_one(own: str) -> None:
    head = f"Moths at street lamps: what the colour of light does\nAnn Wick, Bo Flint\n{own}\nAbstract\n"
    review = read(f"{TOP}{head}{ABSTRACT}\n{FOOT}")
    assert (review.doi, review.year) == (("10.5555/lamps.1", 2019) if own else (None, None))
    quotable = [review.text[s.start : s.end] for s in review.sections if s.kind in {"abstract", "body"}]
    assert quotable == [ABSTRACT]


def test_a_reference_with_a_doi_is_no_identity() -> None:
    text = f"# Moths at lamps\n\n## Abstract\n\n{ABSTRACT}\n\n## References\n\n1. Roe M. Lamps. https://doi.org/10.5555/other.1\n"
    assert read(text).doi is None


def test_a_page_says_how_its_paper_is_cited_also_below_the_references() -> None:
    title = "Moths at street lamps: what the colour of light does"
    text = f"## {title}\n\nAnn Wick, Bo Flint\n\n## Abstract\n\n{ABSTRACT}\n\n## References\n"
    text += "\n1. Roe M. Lamps. J Dusk. 2001;1:2.\n\n"
    ending = f"## doi:10.5555/lamps.1\n\nCite this article as: Wick et al.: {title}. J Lamp 2019 33:45.\n"
    review = read(text + ending)
    assert (review.year, review.doi) == (2019, "10.5555/lamps.1")
    assert read(text + ending.replace(title, "Bats at bridges")).year is None


def test_facts_below_a_heading_of_their_own_are_read() -> None:
    facts = "## Metadata\n\n- Author: [[Ann Wick]]\n- Published: 2024-06-30\n- DOI: https://doi.org/10.5555/lamps.1\n"
    review = read(f"# Moths at lamps\n\n{facts}\n## Highlights\n\n- {ABSTRACT}\n")
    assert (review.authors, review.year, review.doi) == (("Ann Wick",), 2024, "10.5555/lamps.1")
    assert {s.provenance for s in review.sections if s.kind == "body"} == {"note"}


def test_what_stands_between_the_title_and_the_names_is_no_text() -> None:
    review = read(
        f"Moths at lamps: a long story\n\nTold at night\n\nAnn Wick 1, Bo Flint 2\n\nAbstract\n\n{ABSTRACT}\n"
    )
    assert [review.text[s.start : s.end] for s in review.sections if s.kind in {"abstract", "body"}] == [ABSTRACT]


@pytest.mark.parametrize("row", ["{}\t{}", "| {} | {} |"])
def test_a_record_printed_as_a_table_has_labels_and_values_and_no_label_is_an_author(row: str) -> None:
    facts = [("Item Type", "Journal Article"), ("Author", "Ann Wick"), ("Author", "Bo Flint"), ("Date", "2021-03-04"),
             ("Date Added", "11/5/2023"), ("DOI", "10.5555/lamp.3")]  # fmt: skip
    rows = "\n".join(row.format(*pair) for pair in facts)
    parts = read_facts(split_lines(rows), told := Facts(), otherwise=TEXT)
    assert (told.authors, told.date, told.doi) == (("Ann Wick", "Bo Flint"), "2021-03-04", "10.5555/lamp.3")
    assert TEXT not in parts


def test_what_a_note_links_to_is_not_the_paper_that_it_is_about() -> None:
    links = "Related:: [[Hedge 2009]], https://doi.org/10.5555/bats.9"
    review = only_review(f"#moths #todo\nCreated: 2024-05-06 10:12\n{links}\n\n{ABSTRACT}", plain)
    assert (review.doi, review.year) == (None, None)


def test_the_time_of_a_message_is_no_date_of_a_paper() -> None:
    message = "From: Ida Grove\nDate: Mon, 6 May 2024 09:12:33 +0000\nSubject: the moths\n\nHave a look at this."
    assert only_review(f"{message}\n\n{ABSTRACT}", plain).year is None


def test_words_of_a_button_and_labels_in_capitals_are_no_part_of_a_name() -> None:
    assert stated_names(["View ORCID ProfileAnn Wick, Bo McFlint"]) == ("Ann Wick", "Bo McFlint")
    assert stated_names(["Wick A.", "Flint B.", "AUTHOR ADDRESSES"]) == ("Wick A", "Flint B")
    assert stated_names(["ANNA WICK, BERT FLINT"]) == ("ANNA WICK", "BERT FLINT")
