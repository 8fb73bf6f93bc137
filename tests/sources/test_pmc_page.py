"""Article pages of PubMed Central, copied whole: the paper without the page around it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.sources import pmc_page
from rag.types import Review
from tests.sources.files import only_review, text_file

PAGE = """Skip to main content
PMC home page
Search in PMC
    Journal List
    User Guide
As a library, NLM provides access to scientific literature.
J Lamp Res logo
J Lamp Res
. 2021 Mar 9;4:17. doi: 10.5555/jlr.2021.17
    Search in PMC
    Search in PubMed
    View in NLM Catalog
    Add to search
Moths at street lamps: what the colour of light does
Ann Wick
Ann Wick
1Institute of Lamps, Dusk University, Northfield
Find articles by Ann Wick
1,✉, Bo Flint
Bo Flint
2Department of Moths, Harbour College
Find articles by Bo Flint
2
    Author information
    Article notes
    Copyright and License information
1Institute of Lamps, Dusk University, Northfield
Received 2020 Dec 1; Accepted 2021 Feb 2.
PMC Copyright notice
PMCID: PMC7654321  PMID: 33445566
Abstract
Moths gather at lamps. We counted them at forty street lamps of two colours on twelve nights.

Keywords: moths, lamps
Introduction

Street lamps are lit in most towns, and moths have been seen at them for as long [1].
Counting of moths

We counted all moths below each lamp once an hour, from dusk until dawn, on twelve nights.
Table 1.

Moths at lamps
Lamp	Lamps	Moths
White	20	3,214
Amber	20	871
Open in a new tab
Conclusion

Amber lamps draw a quarter of the moths that white lamps draw, at the same brightness.
Funding

Supported by the Lamp Council (grant L-7).
Footnotes

The publisher remains neutral on maps.
References
    1.Doe J. Moths and cows. Moth Lett. 2014;2:3-9. doi: 10.5555/other.1. [DOI] [PubMed]
Articles from Journal of Lamp Research are provided here courtesy of Dusk Press
ACTIONS
    View on publisher site
RESOURCES
Similar articles
Bats at bridges in the rain
On this page
    Abstract
    Introduction
"""


def read(text: str) -> Review:
    return only_review(text, pmc_page)


def wording(review: Review, kind: str) -> str:
    return "\n".join(review.text[s.start : s.end] for s in review.sections if s.kind == kind)


def test_title_authors_and_numbers_are_the_papers_own() -> None:
    review = read(PAGE)
    assert review.title == "Moths at street lamps: what the colour of light does"
    assert review.authors == ("Ann Wick", "Bo Flint")
    assert (review.journal, review.date, review.year) == ("J Lamp Res", "2021 Mar 9", 2021)
    assert (review.doi, review.pmid, review.pmcid) == ("10.5555/jlr.2021.17", "33445566", "PMC7654321")


def test_every_section_of_the_paper_can_be_searched_and_the_keywords_end_where_it_begins() -> None:
    review = read(PAGE)
    headings = [section.heading for section in review.sections if section.kind == "body"]
    assert list(dict.fromkeys(headings)) == ["Introduction", "Counting of moths", "Conclusion"]
    assert wording(review, "abstract").startswith("Moths gather at lamps.")
    assert "Amber\t20\t871" in wording(review, "body")
    assert "Keywords: moths, lamps" not in wording(review, "abstract") + wording(review, "body")


def test_the_page_around_the_paper_is_frame() -> None:
    review = read(PAGE)
    searched = wording(review, "abstract") + wording(review, "body")
    for words in (
        "Bats at bridges",
        "On this page",
        "Open in a new tab",
        "neutral on maps",
        "User Guide",
        "Lamp Council",
    ):
        assert words not in searched
    assert "Moths and cows" in wording(review, "references")


def test_blank_lines_above_headings_do_not_matter() -> None:
    spaced = PAGE.replace("\nIntroduction\n", "\n\nIntroduction\n").replace("\nConclusion\n", "\n\nConclusion\n")
    sections = [(s.heading, s.kind) for s in read(spaced).sections]
    assert sections == [(s.heading, s.kind) for s in read(PAGE).sections]


def test_a_paper_that_only_cites_pubmed_central_is_no_page_of_it() -> None:
    assert not pmc_page.recognises(text_file("# Moths\n\nAnn Wick\n\nPMCID: PMC123456\n\n## Abstract\n\nLamps."))


@given(st.lists(st.sampled_from(PAGE.splitlines()) | st.text(max_size=40), max_size=60))
def test_any_order_of_its_lines_gives_sections_in_order(lines: list[str]) -> None:
    reading = pmc_page.read(text_file("\n".join(lines)))
    end = 0
    for section in reading.reviews[0].sections:
        assert end <= section.start <= section.end <= reading.characters
        end = section.end
