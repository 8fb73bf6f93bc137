"""BibTeX: each entry a review, its LaTeX decoded; broken ones are named and stop no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import UnreadableReview
from rag.sources import bibtex
from rag.types import Review
from tests.sources.files import only_review, text_file

ENTRY = r"""% Encoding: UTF-8
@string{jls = "Journal of Lamp Studies"}
@article{wick2021,
  author   = {van der Wick, Ada and Fl{\"i}nt, Bo and {Dusk and Dawn Group} and others},
  title    = {{Moths} at \emph{street} lamps: {\AA}ngstr{\"o}m \& {CO}$_2$},
  journal  = jls # { (Harbour)},
  year     = 2021, month = may, volume = {3}, number = {2}, pages = {41--49},
  doi      = {10.5555/lamp\_3{[}1{]}},
  abstract = {Background: 50\% of moths {\textless} 3 g fly. Results: $\alpha$-light drew 12% more for \$5.},
  keywords = {dusk, moths},
  note     = {PMID: 10000001},
  annote   = {I doubt it.}
}
"""


def read(text: str) -> Review:
    return only_review(text, bibtex)


def wording(review: Review, heading: str) -> list[str]:
    return [review.text[s.start : s.end] for s in review.sections if s.heading == heading]


def test_an_entry_gives_its_facts() -> None:
    review = read(ENTRY)
    assert review.title == "Moths at street lamps: Ångström & CO2"
    assert review.authors == ("Ada van der Wick", "Bo Flïnt", "Dusk and Dawn Group")
    assert (review.journal, review.date) == ("Journal of Lamp Studies (Harbour)", "2021 May")
    assert (review.doi, review.pmid) == ("10.5555/lamp_3[1]", "10000001")


def test_an_abstract_keeps_its_signs_and_its_labels_become_headings() -> None:
    review = read(ENTRY)
    assert wording(review, "Abstract: Background") == ["50% of moths < 3 g fly."]
    assert wording(review, "Abstract: Results") == ["α-light drew 12% more for $5."]


def test_notes_are_no_words_of_the_authors() -> None:
    (notes,) = [section for section in read(ENTRY).sections if section.heading == "Notes"]
    assert (notes.kind, notes.provenance) == ("summary", "note")


def test_an_entry_without_an_abstract_is_a_review_by_its_title() -> None:
    review = read("@book{b, title = {Bells at noon}, author = {Max Roe}, date = {2018-12-01}}")
    assert (review.title, review.authors, review.date, review.year) == (
        "Bells at noon",
        ("Max Roe",),
        "2018-12-01",
        2018,
    )


def test_an_entry_takes_the_date_of_its_volume_and_nothing_that_tells_it_apart() -> None:
    child = "@inproceedings{c, crossref = {v}, title = {Lamps}}\n"
    volume = (
        "@proceedings{v, title = {Dusk Days}, year = 2020, doi = {10.5555/v}, author = {Roe, M}, abstract = {All.}}"
    )
    first, second = bibtex.read(text_file(child + volume)).reviews
    assert (first.title, first.journal, first.year) == ("Lamps", "Dusk Days", 2020)
    assert (first.doi, first.authors, wording(first, "Abstract")) == (None, (), [])
    assert second.doi == "10.5555/v"


def test_a_broken_entry_is_named_and_the_others_are_read() -> None:
    reading = bibtex.read(text_file(f"@article{{open, title = {{Not closed,\n{ENTRY}@misc{{bare, year = 2020}}\n"))
    assert [review.doi for review in reading.reviews] == ["10.5555/lamp_3[1]"]
    assert [line.split(":")[0] for line in reading.refused] == ["Entry open", "Entry bare"]


def test_an_entry_that_holds_two_papers_is_refused() -> None:
    both = "@article{a, title = {Lamps}, doi = {10.5555/1}, title = {Bells}, doi = {10.5555/2}}"
    reading = bibtex.read(text_file(f"{both}\n{ENTRY}"))
    assert len(reading.reviews) == 1
    assert reading.refused == ("Entry a: it has the field doi twice",)


def test_entries_may_have_one_key_and_files_may_be_set_behind_each_other() -> None:
    again = ENTRY.replace("10.5555/lamp\\_3{[}1{]}", "10.5555/2")
    reading = bibtex.read(text_file(f"{ENTRY}\ufeff{again}"))
    assert [review.doi for review in reading.reviews] == ["10.5555/lamp_3[1]", "10.5555/2"]


def test_a_group_that_is_written_with_a_comma_stays_as_it_stands() -> None:
    assert read("@misc{a, title={T}, author={{Institute, Harbour Town}}}").authors == ("Institute, Harbour Town",)


@pytest.mark.parametrize(
    "text",
    [
        "# Moths at lamps\n\nCite as:\n\n@article{wick2021, title = {Moths}}\n\nMoths fly to lamps.",
        "Write to ada@dusk.example (mornings).",
        "@comment{nothing, here}",
        "",
    ],
)
def test_other_texts_are_not_taken_for_bibtex(text: str) -> None:
    assert not bibtex.recognises(text_file(text))


@given(st.data())
def test_any_change_of_a_file_leaves_sections_in_order_or_is_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ENTRY)))
    end = data.draw(st.integers(start, min(len(ENTRY), start + 60)))
    put = data.draw(
        st.text(max_size=8) | st.sampled_from(["{", "}", '"', "\\", "$", "\n@article{b,", "#", "{{{", "\\frac"])
    )
    try:
        reading = bibtex.read(text_file(ENTRY[:start] + put + ENTRY[end:]))
    except UnreadableReview:
        return
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            assert end <= section.start < section.end <= len(review.text)
            end = section.end
