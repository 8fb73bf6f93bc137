"""Records whose fields have labels, as databases write them: each is a review with its own lines and facts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import labelled
from rag.sources.formats import read_content
from rag.types import PROSE, Review
from tests.sources.files import text_file

MOTHS = ("Moths at street lamps: a count of two summers", "Wick A.; Flint B.", "2021", "10.5555/lamp.3",
         "We counted moths at 31 lamps and few of them fed.")  # fmt: skip
BATS = ("BATS AT BRIDGES", "Hedge Q.; Moor P.", "2019", "10.5555/BAT.9",
        "BACKGROUND: Bats feed at bridges. METHODS: We looked. RESULTS: Fewer came to lit ones.")  # fmt: skip
LAYOUTS = {
    "Embase": """RECORD {at}\n\nTITLE\n{title}\n\nAUTHOR NAMES\n{names}\n
SOURCE\nJ Lamps ({year}) 12:1 (3-9). Date of Publication: 1 Mar {year}\n\nABSTRACT\n{said}\n
EMTREE MEDICAL INDEX TERMS\nnight, town\n\nDOI\n{doi}\n\n""",
    "Ovid": """<{at}>\nDatabase\n  Embase\nTitle\n  {title}\nAuthor\n  {names}
Source\n  J Lamps. 12(1) (pp 3-9), {year}.\nAbstract\n  {said}
Subject Headings\n  night, town\nDigital Object Identifier\n  http://dx.doi.org/{doi}\n\n""",
    "CINAHL": """Record: {at}\n\nTitle:\n{title}\nAuthors:\n{names}\nAffiliation:\nTown Hospital
Source:\nJ Lamps (JL), {year}; 12(1): 3-9.\nLanguage:\nEnglish
Major Subjects:\nnight, town\nAbstract:\n{said}\nDOI:\n{doi}\n\n""",
    "ProQuest": """____________\n\n{title}\n\nAuthor: {names}\n\nAbstract: {said}\n\nSubject: night, town\n
Title: {title}\n\nAuthor: {names}\n\nPublication title: J Lamps\n
Publication year: {year}\n\nDOI: https://doi.org/{doi}\n\n""",
    "CENTRAL": """Record #{at} of 2\nID: CN-0{at}\nAU: {names}\nTI: {title}\nSO: J Lamps\nYR: {year}
PM: PUBMED 100{at}\nKY: night, town\nDOI: {doi}\nAB: {said}\n\n\n""",
    "Scopus": """{names}\nAUTHOR FULL NAMES: {names}\n7100001; 7100002\n{title}
({year}) J Lamps, 12 (1), pp. 3-9. Cited 2 times.
https://scopus.example/{at}\n\nDOI: {doi}\n\nABSTRACT: {said}\n\nINDEX KEYWORDS: night, town
SOURCE: Scopus\n\n\n""",
}


def record(layout: str, at: int, *fields: str) -> str:
    title, names, year, doi, said = fields
    return LAYOUTS[layout].format(at=at, title=title, names=names, year=year, doi=doi, said=said)


def prose(review: Review) -> str:
    return " ".join(review.text[one.start : one.end] for one in review.sections if one.kind in PROSE)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_record_of_a_database_is_a_review_with_its_own_facts_and_text(layout: str) -> None:
    top = "Scopus\nEXPORT DATE: 14 February 2024\n\n" if layout == "Scopus" else ""
    text = top + "".join(record(layout, at, *fields) for at, fields in enumerate((MOTHS, BATS), start=1))
    reading = read_content(text.encode(), "citation.txt")
    assert reading.kind == "Records with labels" and not reading.refused
    for review, (title, names, year, doi, said) in zip(reading.reviews, (MOTHS, BATS), strict=True):
        assert (review.title, review.journal, review.year, review.doi) == (title, "J Lamps", int(year), doi.lower())
        assert [name.strip(".") for name in review.authors] == names.replace(".", "").split("; ")
        assert review.text in text and "night" in review.text
        assert said.rpartition(": ")[2] in prose(review) and "night" not in prose(review) and title not in prose(review)


def test_labels_of_an_abstract_divide_it_and_end_it_not() -> None:
    said = "\n".join(["BACKGROUND", "Bats feed.", "METHODS", "We looked."])
    first, second = (record("Embase", at, *fields[:4], said) for at, fields in enumerate((MOTHS, BATS), start=1))
    (one, _) = labelled.read(text_file(first + second)).reviews
    assert "We looked." in prose(one) and "town" not in prose(one)


@pytest.mark.parametrize(
    "text",
    [
        "Title: Moths at lamps\nAuthors: Ada Wick, Bo Flint\nDOI: 10.5555/lamp.3\n\nAbstract\n\nWe counted moths.",
        "# Notes\n\nTitle\n\nSome thoughts.\n\nTitle\n\nMore of them.",
        "In brief: we saw (2019) no moths.\n(2019) was dark.\n\nAbstract: no.",
    ],
)
def test_a_note_or_manuscript_that_labels_its_title_is_none(text: str) -> None:
    assert not labelled.recognises(text_file(text))


def test_what_a_reader_wrote_below_labels_of_their_own_is_kept_as_a_note() -> None:
    one = "Title: Moths at lamp {n}\nAuthors: Ada Wick\nYear: 202{n}\n"
    one += "Population: All of the moths that came to lamp {n} in May.\n\n"
    reviews = labelled.read(text_file(one.format(n=1) + one.format(n=2))).reviews
    for n, review in enumerate(reviews, start=1):
        (note,) = (section for section in review.sections if section.kind in PROSE)
        assert review.text[note.start : note.end] == f"All of the moths that came to lamp {n} in May."
        assert note.provenance == "note"


def test_a_record_without_a_title_is_named_and_the_others_are_read() -> None:
    untitled = "RECORD 2\n\nAUTHOR NAMES\nRoe M.\n\nABSTRACT\nNothing was seen.\n\n"
    text = record("Embase", 1, *MOTHS) + untitled + record("Embase", 3, *BATS)
    reading = labelled.read(text_file(text))
    assert [review.year for review in reading.reviews] == [2021, 2019]
    assert reading.refused == ("Record 2: it has no title",)


PIECES = [
    "TITLE",
    "Title: ",
    "ABSTRACT\n",
    "DOI: 10.1/x",
    "\n",
    "\n\n",
    "RECORD 1\n",
    "____\n",
    "(2019) J",
    "AUTHOR\n",
    "words of it",
    "  ",
]


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_text_is_read_or_refused_and_no_place_is_outside_it(text: str) -> None:
    file = text_file(text)
    if labelled.recognises(file):
        try:
            reading = labelled.read(file)
        except UnreadableReview:
            return
        for review in reading.reviews:
            assert review.text in text and all(review.text[one.start : one.end].strip() for one in review.sections)
