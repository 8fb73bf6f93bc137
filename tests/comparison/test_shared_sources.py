"""Trials and earlier works that several reviews rest on."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.shared_sources import shared_sources
from rag.pipeline import ask
from rag.sources import read_review
from rag.types import Review
from tests.compared import AGAINST, FOR, lamps

_PAGE = """# Salt, {name}

**Authors:** Ann {name}

J Test · DOI: 10.5555/{name} · 2022

## Text

Salt was weighed. {said}

## References

{references}
"""
MUELLER = "Müller K, Roth A. Salt and the kidney in old age. Kidney J. 2019;4:1-9."


@pytest.fixture
def shelf(tmp_path: Path):
    """Write and read pages, each of what it says and its reference list."""

    def read(*pages: tuple[str, str]) -> list[Review]:
        reviews = []
        for name, (said, references) in zip(("North", "South", "West"), pages, strict=False):
            path = tmp_path / f"{name}.md"
            path.write_text(_PAGE.format(name=name, said=said, references=references or "1. None."), "utf-8")
            reviews.append(read_review(path))
        return reviews

    return read


def names(reviews: list[Review]) -> list[str]:
    return [source.name for source in shared_sources(reviews, ())]


def test_a_trial_that_both_quotes_name_is_marked_with_their_numbers():
    answer = ask("Compare the reviews on headache", lamps().library)
    assert answer.comparison is not None
    shared = next(source for source in answer.comparison.shared_sources if source.name == "AURORA")
    assert set(shared.review_ids) == {FOR, AGAINST}
    assert {answer.citations[n - 1].quote.review_id for n in shared.citations} == {FOR, AGAINST}


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("See NCT01234567.", "NCT01234567"),
        ("It is registered as ISRCTN12345678.", "ISRCTN12345678"),
        ("The HARBOUR trial found less of it.", "HARBOUR"),
        ("It fell in ZUMA-7 alone.", "ZUMA-7"),
        ("Smith et al. 2019 found less of it.", "Smith 2019"),
        ("Less was found (Smith & Jones, 2019).", "Smith 2019"),
        ("O’Brien et al. (2018) found less of it.", "O’Brien 2018"),
    ],
)
def test_what_two_of_three_texts_name_is_shared_by_those_two_alone(shelf, said, name):
    reviews = shelf((said, ""), ("", ""), (said, ""))
    assert [(s.name, s.review_ids) for s in shared_sources(reviews, ())] == [(name, (reviews[0].id, reviews[2].id))]
    assert names(reviews[:2]) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("See NCT01234567.", "See NCT07654321."),
        ("Smith et al. 2019 found it.", "Smith et al. 2018 found it."),
        ("It was found [1], [2-4] and (5).", "It was lost [1], [2-4] and (5)."),
        ("In March 2020 an RCT was done.", "Since March 2020 an RCT was done."),
        ("The WHO trial was stopped by the FDA.", "The WHO trial was stopped by the FDA."),
    ],
)
def test_other_works_bracket_numbers_dates_and_bodies_are_not_shared(shelf, one, other):
    assert names(shelf((one, ""), (other, ""))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"1. {MUELLER}", f"7. {MUELLER}"),
        (f"1. {MUELLER} doi:10.1000/abc.", f"[7] {MUELLER} https://doi.org/10.1000/ABC"),
        (f"- {MUELLER}", "3. Muller K. Salt and the kidney in old age. Kidney J (2019)."),
    ],
)
def test_one_entry_in_both_reference_lists_is_one_work(shelf, one, other):
    assert [name.replace("ü", "u") for name in names(shelf(("", one), ("", other)))] == ["Muller 2019"]


@pytest.mark.parametrize(
    "author",
    [
        "Roth",
        "Sørensen",
        "Miller",
    ],
)
def test_a_work_that_one_names_and_the_other_lists_is_shared(shelf, author):
    reviews = shelf((f"{author} et al. 2019 showed it.", ""), ("", f"1. {author} K. Salt. Kidney J. 2019;4:1-9."))
    assert names(reviews) == [f"{author} 2019"]


def test_another_paper_of_the_same_author_and_year_is_not_the_same(shelf):
    other = "Müller K. Feathers of arctic gulls. Bird J. 2019."
    assert names(shelf(("", f"1. {MUELLER}"), ("", f"1. {other}"))) == []


@given(st.permutations(range(3)))
def test_the_order_of_the_reviews_changes_nothing_but_theirs(order):
    reviews = list(lamps().library.reviews)
    forth, back = (shared_sources(shelf, ()) for shelf in (reviews, [reviews[at] for at in order]))
    assert [(s.name, set(s.review_ids)) for s in forth] == [(s.name, set(s.review_ids)) for s in back]


@pytest.mark.parametrize(
    "said", ["It is known (doi:10.1056/NEJMoa1).", "It is known (PMID: 12345678).", "The STOP-IgAN trial showed it."]
)
def test_a_work_is_known_by_its_identifier_or_name_in_the_text(shelf, said):
    assert len(names(shelf((said, ""), (said, "")))) == 1


def test_entries_with_one_pmid_are_one_work(shelf):
    entries = "1. Müller K. Salt. PMID: 33333333", "1. Study Group. Salt. Kidney J. 2019. PMID: 33333333"
    assert names(shelf(*(("", entry) for entry in entries))) == ["Müller"]
    assert names(shelf(("It is known (PMID 33333333).", ""), ("", entries[1]))) == ["Study 2019"]


@pytest.mark.parametrize(
    "said",
    [
        "It fell in MRSA, too.",
        "Less was used in NSCLC, too.",
        "There was less of PONV, and less pain.",
        "It helps (see HIV study data).",
        pytest.param(
            "Germany 2019 saw less.", marks=pytest.mark.xfail(reason="a country and a year are taken for a work")
        ),
    ],
)
def test_a_disease_or_a_country_is_no_source(shelf, said):
    assert names(shelf((said, ""), (said, ""))) == []
