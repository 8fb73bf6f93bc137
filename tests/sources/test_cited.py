"""Lists of records that each cite where they appeared: one review each, with its own names, journal, year and DOI."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rag.sources import plain
from rag.sources.cited import place_cited, reference_in
from tests.sources.files import text_file

MOTHS = (
    "Effects of street lamps on the feeding of hawk moths: a count of two summers", "Ann Wick, Bo Flint, Cy Reed",
    "Wick A, Flint B, Reed C", "Wick, A., Flint, B., & Reed, C. (2021). ", "J Lamps. 2021;12(3):33-41.",
    "Journal of Lamps, 12(3), 33–41.", "We counted moths at 31 lamps and few of them fed.",
)  # fmt: skip
BATS = (
    "Bats at the bridges of a northern town: what a lamp below the arch changes", "Quin Hedge, Pia Moor",
    "Hedge Q, Moor P", "Hedge, Q., & Moor, P. (2019). ", "Dusk Care 2019; 8: 101-109. doi:10.5555/bats.9",
    "Dusk Care, 8, 101–109. https://doi.org/10.5555/bats.9", "We looked at 90 bridges and fewer bats came to lit ones.",
)  # fmt: skip
OWLS = (
    "A darker churchyard for the owls of one valley: a trial with towers", "Ida Grove, Max Tower, Una Vale",
    "Grove I, Tower M, Vale U", "Grove, I., Tower, M., & Vale, U. (2020). ", "Eur Owl Rev 2020;29:e200-e210",
    "European Owl Review, 29, 200–210.", "We switched off the lamps of 12 towers and owls came to nine of them.",
)  # fmt: skip
LAYOUTS: dict[str, Callable[..., str]] = {
    "citation first": lambda title, names, short, apa, cited, place, said: f"{cited}\n\n{title}\n\n{names}\n\n{said}",
    "line by line": lambda title, names, short, apa, cited, place, said: f"{cited}\n{title}\n{names}\n{said}",
    "citation last": lambda title, names, short, apa, cited, place, said: f"{title}\n{names}\n{cited}\n\n{said}",
    "reference": lambda title, names, short, apa, cited, place, said: f"[1] {short}. {title}. {cited}\n\n{said}",
    "references in Markdown": lambda title, names, short, apa, cited, place, said: (
        f"# Reading list\n\n{apa}{title}. *{place.replace(', ', ' (Harbour Town, N.Z.), ', 1)}*\n\n{said}"
    ),
    "many authors": lambda title, names, short, apa, cited, place, said: (
        f"{apa.replace(' (', ' et al. (')}{title}. {place}\n{said}"
    ),
    "title first": lambda title, names, short, apa, cited, place, said: (
        f"1. **{title}.** {short}. *{cited[0]}*{cited[1:]}\n\n   {said}"
    ),
    "names beside the journal": lambda title, names, short, apa, cited, place, said: (
        f"### {title}\n\n{short}. {cited}\n\n{said}"
    ),
    "APA": lambda title, names, short, apa, cited, place, said: f"{apa}{title}. {place}\n\n{said}",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_entry_of_a_list_is_a_review_of_its_own_however_short(layout: str) -> None:
    records = (MOTHS, BATS, OWLS)
    file = text_file("\n\n\n".join(LAYOUTS[layout](*record) for record in records))
    reviews = plain.read(file).reviews
    assert [review.title for review in reviews] == [record[0] for record in records]
    assert [review.year for review in reviews] == [2021, 2019, 2020]
    assert [review.doi for review in reviews] == [None, "10.5555/bats.9", None]
    for review, record in zip(reviews, records, strict=True):
        assert record[2].split()[0] in review.authors[0] and record[-1] in review.text
        (prose,) = (section for section in review.sections if section.kind in ("body", "abstract"))
        assert review.text[prose.start : prose.end] == record[-1]


def test_abstracts_of_a_few_sentences_parted_by_blank_lines_stay_with_their_title_and_names() -> None:
    said = "We counted moths.\n\nWe did so at 31 lamps in nine towns over two summers.\n\nFew of them fed."
    text = "\n\n".join(f"{title}\n\n{names}\n\n{said}" for title, names, *_ in (MOTHS, BATS, OWLS))
    reviews = plain.read(text_file(text)).reviews
    assert [review.title for review in reviews] == [MOTHS[0], BATS[0], OWLS[0]]
    assert all(review.text.endswith(said) for review in reviews)


def test_a_paper_that_is_cited_above_and_below_and_lists_references_is_one() -> None:
    title, names, short, _, cited, _, said = MOTHS
    listed = "\n".join(f"{at}. {one[2]}. {one[0]}. {one[4]}" for at, one in enumerate((BATS, OWLS), start=1))
    text = f"{cited}\n\n{title}\n\n{names}\n\nAbstract\n\n{said}\n\nReferences\n\n{listed}\n\nCite as: {short}. {cited}"
    (review,) = plain.read(text_file(text)).reviews
    assert (review.title, review.year, review.doi) == (title, 2021, None)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("J Lamps. 2021 Mar;12(3):33-41.", ("2021", "12", "33")),
        ("Journal of Lamps 74 (2021) 1120–1131", ("2021", "74", "1120")),
        ("Veselin A, Roe M. Dusk 2011;36:9", None),
        ("In 2019, 12 towns, 33 lamps and the moths of each were counted by us again.", None),
    ],
)
def test_a_line_cites_a_paper_by_its_journal_year_volume_and_page(text: str, place: tuple[str, ...] | None) -> None:
    assert place_cited(text) == place


def test_a_reference_states_names_title_and_journal_and_a_sentence_is_none() -> None:
    told = reference_in(f"{MOTHS[3]}{MOTHS[0]}. {MOTHS[5]}")
    assert told and told.authors == ("A. Wick", "B. Flint", "C. Reed")
    assert (told.title, told.journal, told.date) == (MOTHS[0], "Journal of Lamps", "2021")
    assert reference_in("We counted moths in two towns (2021). They came to the lamps. As seen, 12, 33 fed.") is None


def test_a_bibliography_of_endnote_with_quoted_titles_has_a_review_an_entry() -> None:
    entries = [f"{apa[:-2]}. “{title}.” Lamps 12(3): {at}.\n\t{said * 2}"
               for at, (title, _, _, apa, _, _, said) in enumerate((MOTHS, BATS, OWLS), start=7)]  # fmt: skip
    reviews = plain.read(text_file("\n\t\n".join(entries).replace("“", '"').replace("”", '"'))).reviews
    assert [(review.title, review.journal, review.year) for review in reviews] == [
        (MOTHS[0], "Lamps", 2021), (BATS[0], "Lamps", 2019), (OWLS[0], "Lamps", 2020)
    ]  # fmt: skip


def test_results_of_a_search_are_papers_of_their_own_even_where_no_title_is_told() -> None:
    hits = (
        (MOTHS[0], "A Wick, B Flint - J Lamps, 2021 - press.example"),
        (f"[HTML] {BATS[0]}", "Q Hedge, P Moor - Dusk Care, 2019 - dusk.example"),
    )
    said = "… we counted them at 31 lamps in nine towns and found that few of them fed at the white ones of these …"
    page = "\n".join(f"{title}\n{by}\n{said}\nSave Cite Cited by 7 All 5 versions" for title, by in hits)
    reviews = plain.read(text_file(f"Google Scholar\nAbout 120 results (0.05 sec)\n{page}")).reviews
    assert [review.year for review in reviews] == [2021, 2019]


def test_related_articles_below_a_paper_are_no_records_of_a_list() -> None:
    title, names, _, _, cited, _, said = MOTHS
    related = "\n\n".join(f"{one[0]}\n{one[1]}\n{one[4]}" for one in (BATS, OWLS))
    reviews = plain.read(text_file(f"{title}\n\n{names}\n\n{cited}\n\nAbstract\n\n{said}\n\n{related}")).reviews
    assert reviews[0].title == title and (reviews[0].year, reviews[0].doi) == (2021, None)
