"""Tables of references: each row a review; what cannot be told apart is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import table_export
from rag.types import Review
from tests.sources.files import only_review, text_file

SCOPUS = (
    "Authors,Author full names,Title,Year,Source title,Volume,Issue,Page start,DOI,Abstract,Author Keywords,"
    "Document Type,PubMed ID,Source\n"
    '"Wick A.; Flint B.","Wick, Ada (57193067843); Flint, Bo (57193067844)","Moths, lamps and ""dusk""",2021,'
    'J Lamp Stud,3,2,41,10.5555/lamp.3,"Moths fly to lamps.\nThey do, at dusk.",moths; dusk,Review,10000001,Scopus\n'
)
ZOTERO = (
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","DOI","Url","Abstract Note","Date",'
    '"Extra"\n'
    '"A","journalArticle","2018","Roe, Max; Doe, Jane","Bells at noon","Bell Lett","10.5555/bell.4",'
    '"https://bells.example","Bells ring.","2018-12-01","PMID: 10000002"\n'
)
ELICIT = (
    'Title,Authors,DOI,Venue,Year,Abstract,"Main finding","Supporting quotes for ""Main finding"""\n'
    'Kites over the harbour,"A. Wick, B. Flint",10.5555/kite.1,Kite Rev,2020,Kites rise.,They rise by 12 m,'
    '"""Kites rise."""\n'
)


def read(text: str) -> Review:
    return only_review(text, table_export)


def wording(review: Review, heading: str) -> str:
    return " ".join(review.text[s.start : s.end] for s in review.sections if s.heading == heading)


def test_a_row_of_scopus_gives_its_facts() -> None:
    review = read(SCOPUS)
    assert (review.title, review.authors) == ('Moths, lamps and "dusk"', ("Ada Wick", "Bo Flint"))
    assert (review.journal, review.year, review.doi, review.pmid) == ("J Lamp Stud", 2021, "10.5555/lamp.3", "10000001")
    assert review.types == ("Review",)
    assert wording(review, "Abstract") == "Moths fly to lamps. They do, at dusk."
    assert wording(review, "Citation") == "J Lamp Stud. 2021;3(2):41. doi: 10.5555/lamp.3. PMID: 10000001"


def test_a_row_of_zotero_gives_its_facts() -> None:
    review = read(ZOTERO)
    assert (review.title, review.authors) == ("Bells at noon", ("Max Roe", "Jane Doe"))
    assert (review.date, review.pmid, review.url) == ("2018-12-01", "10000002", "https://bells.example")


def test_the_answers_of_a_model_are_notes() -> None:
    review = read(ELICIT)
    assert review.authors == ("A. Wick", "B. Flint")
    assert wording(review, "Abstract") == "Kites rise."
    assert wording(review, "Notes").startswith("Main finding: They rise by 12 m")
    assert {s.provenance for s in review.sections if s.heading == "Notes"} == {"note"}


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_columns_may_be_divided_by_other_signs(delimiter: str) -> None:
    text = (
        delimiter.join(["TITLE", "Abstract", "DOI"]) + "\r\n" + delimiter.join(["Wax", '"It melts; soon"', "10.5555/w"])
    )
    assert (read(text).title, read(text).doi) == ("Wax", "10.5555/w")
    assert read(f"sep={delimiter}\r\n{text}").title == "Wax"


def test_rows_that_cannot_be_told_apart_are_refused() -> None:
    reading = table_export.read(
        text_file(
            "title,abstract,doi\nWax,Melts.,10.5555/w\nMoths, lamps,Fly.,10.5555/m\n"
            ",No title.,10.5555/n\n,,\nKites,Rise."
        )
    )
    assert [(review.title, review.doi) for review in reading.reviews] == [("Wax", "10.5555/w"), ("Kites", None)]
    assert reading.refused == (
        "Row 2: it has more cells than there are columns; save the table again",
        "Row 3: it has no title",
    )


def test_nothing_is_read_below_a_quotation_mark_that_is_not_closed() -> None:
    reading = table_export.read(text_file('title,abstract\nWax,Melts.\n"Moths,Fly.\n"Kites","Rise."\n'))
    assert [review.title for review in reading.reviews] == ["Wax"]
    assert reading.refused[0].startswith("Row 2: its quotation marks do not match")


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        (
            "PMID,Title,Authors,Journal/Book,Publication Year\n1,Wax,Roe M,Wax Lett,2019\n2,Honey,Roe M,Wax Lett,2020",
            "PubMed",
        ),
        ("Title,Authors,Year\nWax,Roe M,2019\nHoney,Roe M,2020\n", "export them with their abstracts"),
    ],
)
def test_references_without_text_are_refused_with_what_to_do(text: str, instead: str) -> None:
    assert table_export.recognises(text_file(text))
    with pytest.raises(UnreadableReview, match=f"holds 2 references without text; .*{instead}"):
        table_export.read(text_file(text))


@pytest.mark.parametrize("text", ["Title,Width,Height\nLamp,1,2\n", "Moths, a title and an abstract\n", ""])
def test_other_texts_are_not_taken_for_references(text: str) -> None:
    assert not table_export.recognises(text_file(text))


@given(st.data())
def test_any_change_of_a_file_leaves_sections_in_order_or_is_refused(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([SCOPUS, ZOTERO, ELICIT]))
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 60)))
    put = data.draw(st.text(max_size=8) | st.sampled_from([",", '"', "\n", ";", "\x00", "\t", '","', "\r"]))
    try:
        reading = table_export.read(text_file(text[:start] + put + text[end:]))
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end


def test_a_table_with_a_row_a_field_is_read_record_by_record() -> None:
    record = (
        '"RECORD {n}"\n"TITLE","Moths, at lamp {n}"\n"AUTHOR NAMES","Wick A.","Flint B."\n'
        '"SOURCE","J Lamps (2021) 3:{n} (1-9). Date of Publication: 1 Mar 2021"\n"PUBLICATION YEAR","2021"\n'
        '"ABSTRACT","Moths fly to lamp {n}."\n"EMTREE MEDICAL INDEX TERMS","night","town"\n"DOI","10.5555/lamp.{n}"\n\n'
    )
    text = "".join(record.format(n=n) for n in (1, 2))
    assert table_export.recognises(text_file(text))
    reviews = table_export.read(text_file(text)).reviews
    assert [review.doi for review in reviews] == ["10.5555/lamp.1", "10.5555/lamp.2"]
    for n, review in enumerate(reviews, start=1):
        assert (review.title, review.journal, review.year) == (f"Moths, at lamp {n}", "J Lamps", 2021)
        assert len(review.authors) == 2 and wording(review, "Abstract") == f"Moths fly to lamp {n}."
        assert "town" not in review.text
