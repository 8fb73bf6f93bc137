"""What PubMed saves as "Abstract (text)": numbered records, none of which takes a line from another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import abstract_text
from rag.types import Review
from tests.sources.files import only_review, text_file

FIRST = """\
1. J Lamp Stud. 2021 May 4;3(2):41-49. doi: 10.5555/lamp.3. Epub 2021 Jan
4.

[Moths at street lamps:
a review].

[Article in Dutch]

van der Wick AM(#)(1), Flint B Jr(1)(2); Dusk Watch Group.

Collaborators: Roe M, Doe J.

Author information:
(1)Institute of Dusk, Harbour Town.
(2)Lamp House.

Comment in
    J Lamp Stud. 2021;3:50. doi: 10.5555/comment.1.

Erratum in
    J Lamp Stud. 2022;4:1.

BACKGROUND: Moths fly to lamps. We ask in four steps why they do:
METHODS: We counted them at 12 lamps.

2. Nat Moth. 2019 is the year in which the second count was made.

RESULTS: White lamps drew more moths [DOI: 10.5555/other.9
PMID: 777].

© 2021 The Authors.

DOI: 10.5555/Lamp.3
PMCID: PMC123456
PMID: 10000001 [Indexed for MEDLINE]

Conflict of interest statement: BF sells lamps."""
SECOND = """\
2. Bell Lett [Preprint]. 2018 Dec:2018.12.01.001. doi: 10.5555/bell.4.

Bells at noon.

Roe M.

Bells ring at noon.
DOI: 10.5555/bell.4
PMID: 10000002"""


def read(text: str) -> Review:
    return only_review(text, abstract_text)


def reviews(text: str) -> tuple[Review, ...]:
    return abstract_text.read(text_file(text)).reviews


def wording(review: Review, heading: str) -> list[str]:
    return [" ".join(review.text[s.start : s.end].split()) for s in review.sections if s.heading == heading]


def test_a_record_gives_its_facts() -> None:
    review = read(FIRST)
    assert review.title == "Moths at street lamps: a review"
    assert review.authors == ("van der Wick AM", "Flint B Jr", "Dusk Watch Group")
    assert (review.journal, review.date) == ("J Lamp Stud", "2021 May 4")
    assert (review.doi, review.pmid, review.pmcid) == ("10.5555/lamp.3", "10000001", "PMC123456")
    assert review.status == "corrected"


def test_the_paragraphs_of_a_record_are_told_apart() -> None:
    review = read(FIRST)
    assert review.text == FIRST
    assert wording(review, "Abstract: Methods") == [
        "We counted them at 12 lamps. 2. Nat Moth. 2019 is the year in which the second count was made."
    ]
    assert wording(review, "Abstract: Results")[0].startswith("White lamps drew more moths")
    assert wording(review, "Copyright") == ["© 2021 The Authors."]
    assert wording(review, "Competing interests") == ["Conflict of interest statement: BF sells lamps."]
    assert wording(review, "Page") == [
        "Comment in J Lamp Stud. 2021;3:50. doi: 10.5555/comment.1. Erratum in J Lamp Stud. 2022;4:1."
    ]


@pytest.mark.parametrize("between", ["\n\n\n", "\n\n", "\r\n\r\n\r\n", ""])
def test_records_keep_apart_however_files_were_set_behind_each_other(between: str) -> None:
    first, second = reviews(FIRST + between + SECOND)
    assert (first.pmid, second.pmid) == ("10000001", "10000002")
    assert (first.text, second.text) == (FIRST, SECOND)
    assert (second.journal, second.status, second.authors) == ("Bell Lett", "preprint", ("Roe M",))
    assert wording(second, "Abstract") == ["Bells ring at noon."]


def test_a_number_that_runs_into_the_next_record_is_not_guessed() -> None:
    first, second = reviews(SECOND + FIRST)
    assert (first.pmid, first.doi) == (None, "10.5555/bell.4")
    assert (second.pmid, second.doi) == ("10000001", "10.5555/lamp.3")


CHAPTER = """\
3. Lamp moths.

Wick A(1), Flint B(2).

In: Roe M, Doe J, editors. Moth Pages(®) [Internet]. Harbour Town: Dusk House; 1993–2025.
2006 Apr 18 [updated 2025 Aug 14].

Author information:
(1)Institute of Dusk.

Lamp moths fly at dusk.

PMID: 10000003"""


@pytest.mark.parametrize("text", [CHAPTER, CHAPTER.replace("3. ", "1. ")])
def test_a_chapter_has_its_title_first_and_its_book_below_the_authors(text: str) -> None:
    *_, review = reviews(f"{FIRST}\n\n\n{SECOND}\n\n\n{text}")
    assert (review.title, review.authors, review.pmid) == ("Lamp moths", ("Wick A", "Flint B"), "10000003")
    assert (review.journal, review.date) == ("Moth Pages(®)", "2006 Apr 18")
    assert (wording(review, "Title"), wording(review, "Abstract")) == (["Lamp moths."], ["Lamp moths fly at dusk."])
    assert read(text).title == "Lamp moths"


def test_records_that_do_not_count_on_are_records() -> None:
    assert len(reviews(f"{FIRST}\n\n\n{SECOND.replace('2. Bell', '17. Bell')}\n\n\n{FIRST}")) == 3


def test_a_title_may_have_a_number_of_its_own() -> None:
    review = read(SECOND.replace("Bells at noon.", "3. Bells at noon: rules of 2021."))
    assert review.title == "3. Bells at noon: rules of 2021"
    assert wording(review, "Title") == ["3. Bells at noon: rules of 2021."]


def test_an_old_record_has_an_address_without_a_heading_and_no_label() -> None:
    review = read(
        "1. Moth Rev. 1999 Jan;1(1):1-2.\n\nLamps and moths.\n\nWick A, Flint B.\n\nInstitute of Dusk, Harbour Town."
        " ada@dusk.example\n\nMoths fly to lamps in the evening.\n\nPMID: 1234 [PubMed - indexed for MEDLINE]\n"
    )
    assert (review.authors, review.pmid, review.doi) == (("Wick A", "Flint B"), "1234", None)
    assert wording(review, "Affiliations") == ["Institute of Dusk, Harbour Town. ada@dusk.example"]
    assert wording(review, "Abstract") == ["Moths fly to lamps in the evening."]


def test_a_record_may_have_no_authors_and_no_abstract() -> None:
    review = read("1. Moth Rev. 1999;1:1-2.\n\nLamps.\n\n[No authors listed]\n\nPMID: 1234\n")
    assert (review.title, review.authors, review.pmid) == ("Lamps", (), "1234")
    assert not wording(review, "Abstract")


@pytest.mark.parametrize(
    "text",
    [
        "1. J Lamp Stud. 2021 May;3(2):41-49.\n\nMoths at lamps.\n\nA reading list without numbers of PubMed.\n",
        "1: Wick A, Flint B. Moths at lamps. J Lamp Stud. 2021 May;3(2):41-49. PMID: 10000001.\n",
        "1. Introduction\n\nIn 2021 we began.\n\nPMID: 1\n",
    ],
)
def test_other_texts_are_not_taken_for_records(text: str) -> None:
    assert not abstract_text.recognises(text_file(text))


@given(st.data())
def test_any_change_of_a_file_leaves_sections_in_order_or_is_refused(data: st.DataObject) -> None:
    text = f"{FIRST}\n\n\n{SECOND}\n"
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(st.text(max_size=8) | st.sampled_from(["\n", "\n\n", "PMID: 1\n", "3. A. 2020;", "DOI: 10.1/x\n"]))
    try:
        reading = abstract_text.read(text_file(text[:start] + put + text[end:]))
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
