"""References in JSON, of whatever program: each a review with its own facts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import csl_json
from rag.types import Review
from tests.sources.files import only_review, text_file

CSL = {
    "type": "article-journal",
    "title": "Moths at <i>street</i> lamps &amp; dusk",
    "author": [{"family": "Wick", "given": "Ada", "non-dropping-particle": "van der"}, {"literal": "Dusk Group"}],
    "container-title": "J Lamp Stud",
    "issued": {"date-parts": [[2021, 5, 4]]},
    "DOI": "10.5555/Lamp.3",
    "abstract": "<jats:p>Moths fly to lamps.</jats:p>",
    "note": "PMID: 10000001\nI doubt it.\nPMID: 999",
}
ZOTERO = {
    "itemType": "preprint",
    "title": "Bells at noon",
    "creators": [
        {"creatorType": "editor", "firstName": "Ed", "lastName": "Itor"},
        {"creatorType": "author", "firstName": "Max", "lastName": "Roe"},
    ],
    "date": "2018-12-01",
    "publicationTitle": "Bell Lett",
    "abstractNote": "Bells ring.",
    "tags": [{"tag": "bells"}],
    "notes": [{"note": "<p>Ask <b>her</b>.</p>"}],
}
PAPERPILE = {
    "title": "Kites over the harbour",
    "author": [{"first": "Ada", "last": "Wick", "formatted": "Wick A"}],
    "published": {"year": "2020", "month": "3", "day": "9"},
    "journal": "Kite Rev",
    "doi": "10.5555/kite.1",
    "pmid": 10000007,
    "abstract": "Kites rise.",
}


def read(content: Any) -> Review:
    return only_review(json.dumps(content), csl_json)


def test_csl_json_gives_its_facts() -> None:
    review = read([CSL])
    assert (review.title, review.authors) == ("Moths at street lamps & dusk", ("Ada van der Wick", "Dusk Group"))
    assert (review.journal, review.date, review.doi) == ("J Lamp Stud", "2021-05-04", "10.5555/lamp.3")
    assert review.pmid == "10000001"
    assert "Moths fly to lamps." in review.text
    assert {s.provenance for s in review.sections if s.heading == "Notes"} == {"note"}


def test_a_number_further_down_in_a_note_may_be_that_of_another_paper() -> None:
    assert read([CSL | {"note": "Compare it with this one\nPMID: 999"}]).pmid is None


@pytest.mark.parametrize("content", [{"items": [ZOTERO]}, [ZOTERO], [{"key": "A", "data": ZOTERO}], ZOTERO])
def test_json_of_zotero_gives_its_facts_wherever_the_list_stands(content: Any) -> None:
    review = read(content)
    assert (review.title, review.authors, review.journal) == ("Bells at noon", ("Max Roe",), "Bell Lett")
    assert (review.date, review.status) == ("2018-12-01", "preprint")
    assert [review.text[s.start : s.end] for s in review.sections if s.heading == "Notes"] == ["Ask her ."]


def test_json_of_paperpile_gives_its_facts() -> None:
    review = read([PAPERPILE])
    assert (review.authors, review.date, review.journal) == (("Ada Wick",), "2020-03-09", "Kite Rev")
    assert (review.doi, review.pmid) == ("10.5555/kite.1", "10000007")


def test_items_that_are_no_references_are_named_and_stop_no_other() -> None:
    attachment = {"itemType": "attachment", "title": "Full Text PDF", "url": "https://bees.example"}
    reading = csl_json.read(text_file(json.dumps([CSL, attachment, 7, {"DOI": "10.5555/x"}])))
    assert [review.doi for review in reading.reviews] == ["10.5555/lamp.3"]
    assert reading.refused == ("Item 2: it is no reference", "Item 3: it has no title")


@pytest.mark.parametrize(
    "text", [json.dumps([CSL])[:-5], '{"title": "T", "issued": ' + "[" * 100_000, '[{"title": "", "DOI": "10.5555/1"}]']
)
def test_json_that_is_damaged_or_empty_is_refused(text: str) -> None:
    assert csl_json.recognises(text_file(text))
    with pytest.raises(UnreadableReview):
        csl_json.read(text_file(text))


@pytest.mark.parametrize("text", ['{"title": "a page", "width": 3}', "[1, 2]", '"title": "issued":', ""])
def test_other_texts_are_not_taken_for_references(text: str) -> None:
    assert not csl_json.recognises(text_file(text))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\\ud800"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*CSL, "year", "family"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([*CSL, *ZOTERO, *PAPERPILE, "items", "data"]), values, max_size=6))
def test_whatever_stands_in_a_field_is_read_or_refused(item: Any) -> None:
    text = json.dumps([CSL | item, item]).replace("\\\\ud800", "\\ud800")
    try:
        reading = csl_json.read(text_file(text))
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
