"""References as reference managers read them: by the library that writes them, and by another."""

from __future__ import annotations

import doctest
import json
import re
import warnings
from dataclasses import replace

import pytest
import rispy
from bibtexparser import parse_string as read_bibtex
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as some
from pybtex.database import parse_string as read_by_another
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

from rag.exports import references
from rag.exports.references import Name, author_name, bibtex, cited_reviews, csl_json, doi_url, ris
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import Exchange, Review

SIGNS = some.sampled_from(["{", "}", "\\", "%", "@article{x,", "\nER  - \n", "\nTY  - JOUR\n", "&", "$", "#", "_", "^"])
MORE_SIGNS = some.sampled_from(
    ["~", "--", "''", "``", '"', "and", "others", ",", ";", "CAR-T", "É", " ", "\r", "\u2028"]
)
LETTERS = some.characters(codec="utf-8", exclude_categories=("Cc", "Cs"))
TEXT = some.lists(some.one_of(SIGNS, MORE_SIGNS, LETTERS), max_size=12).map("".join)
PLAIN = Review("10.1000/1", "Engineering CAR-T cells", "…", (), ("Jane Q Doe",), "J", 2025, "2025 Apr", "10.1000/1")


def folded(text: str) -> str:
    return " ".join(text.split())


def decoder() -> LatexDecodingMiddleware:
    """Return what reads LaTeX; the names of braces and of the caret are LaTeX's own and missing there."""
    names = get_default_latex_context_db()
    signs = {"textbraceleft": "{", "textbraceright": "}", "textasciicircum": "^"}
    names.add_context_category("signs", [MacroTextSpec(n, s) for n, s in signs.items()], prepend=True)
    return LatexDecodingMiddleware(decoder=LatexNodes2Text(latex_context=names))


def titles(written: str) -> list[str]:
    return [entry["title"] for entry in read_bibtex(written, append_middleware=[decoder()]).entries]


def many(*reviews: Review) -> list[Review]:
    return [replace(review, id=f"10.1000/{at:02}") for at, review in enumerate(reviews)]


def test_the_reviews_are_those_quoted_in_order_of_first_citation(library: Library) -> None:
    asked = [
        Exchange(q, library.reviews, ask(q, library))
        for q in ("What does Yescarta cost?", "What have CAR-T cells achieved in lupus?", "Compare the reviews")
    ]
    assert not asked[0].answer.citations
    ids = [citation.quote.review_id for citation in asked[1].answer.citations]
    assert [review.id for review in cited_reviews(asked[:2])] == list(dict.fromkeys(ids))
    twice = cited_reviews(asked)
    assert [review.id for review in twice][:1] == ids[:1]
    assert len(twice) == len({review.id for review in twice}) == 2


def test_the_seeds_are_read_back_with_all_that_their_pages_tell(library: Library) -> None:
    sioud, uslu = reviews = sorted(library.index.reviews.values(), key=lambda review: review.title, reverse=True)
    first, second = read_by_another(bibtex(reviews), "bibtex").entries.values()
    assert (first.type, first.key, second.type, second.key) == (
        *("misc", "sioud2026engineering"),
        *("article", "uslu2025beyond"),
    )
    assert [str(one) for one in first.persons["author"]] == ["Sioud, Mouldy", "Casey, Nicholas Paul"]
    assert dict(first.fields) | {"title": ""} == {
        "title": "",
        "year": "2026",
        "month": "January",
        "doi": sioud.doi,
        "pmcid": sioud.pmcid,
        "url": sioud.url,
    }
    assert (second.fields["journal"], second.fields["month"]) == ("Nat Biotechnol", "April")
    assert second.fields["title"] == "Beyond the blood: expanding {CAR} {T} cell therapy to solid tumors"
    assert titles(bibtex(reviews)) == [sioud.title, uslu.title]


def test_where_a_page_names_the_first_author_only_there_are_others(library: Library) -> None:
    uslu = [review for review in library.index.reviews.values() if "Uslu" in review.authors[0]]
    assert "author = {Uslu, Ugur and others}" in bibtex(uslu)
    assert rispy.loads(ris(uslu))[0]["authors"] == ["Uslu, Ugur", "et al."]
    assert json.loads(csl_json(uslu))[0]["author"] == [{"family": "Uslu", "given": "Ugur"}, {"literal": "et al."}]


@pytest.mark.parametrize("printed", ["Doe JQ et al.", "Doe JQ, et al", "Doe JQ and colleagues", "Doe JQ and others"])
def test_others_after_a_name_are_no_part_of_it(printed: str) -> None:
    assert "author = {Doe, J. Q. and others}" in bibtex([replace(PLAIN, authors=(printed,))])


@pytest.mark.parametrize(
    ("printed", "name"),
    [
        ("Jane Q Doe", Name("Doe", "Jane Q")),
        ("Doe JQ", Name("Doe", "J. Q.")),
        ("Doe, Jane", Name("Doe", "Jane")),
        ("van der Berg, K.", Name("van der Berg", "K.")),
        ("Ludwig van der Berg", Name("van der Berg", "Ludwig")),
        ("Max Müller Jr.", Name("Müller", "Max", "Jr.")),
        ("Doe JQ III", Name("Doe", "J. Q.", "III")),
        ("Doe, Jane, Jr.", Name("Doe", "Jane", "Jr.")),
        ("ZUMA-1 Study Group", Name("ZUMA-1 Study Group")),
        ("Avicenna", Name("Avicenna")),
    ],
)
def test_a_name_is_taken_apart_as_it_is_meant(printed: str, name: Name) -> None:
    assert author_name(printed) == name
    (read,) = read_by_another(bibtex([replace(PLAIN, authors=(printed,))]), "bibtex").entries.values()
    (person,) = read.persons["author"]
    parts = [
        " ".join([*person.prelast_names, *person.last_names]),
        " ".join([*person.first_names, *person.middle_names]),
    ]
    assert [part.strip("{}") for part in parts] == [name.family, name.given]
    assert " ".join(person.lineage_names) == name.suffix


@pytest.mark.parametrize(
    ("printed", "year", "parts", "month"),
    [
        ("2025 Apr", 2025, [2025, 4], "apr"),
        ("2026-01-16", 2026, [2026, 1, 16], "jan"),
        ("2026/01", 2026, [2026, 1], "jan"),
        ("16 January 2026", 2026, [2026, 1, 16], "jan"),
        ("January 16, 2026", 2026, [2026, 1, 16], "jan"),
        ("2019 Dec 28-Jan 3", 2019, [2019, 12, 28], "dec"),
        ("2023 Jul-Sep", 2023, [2023, 7], "jul"),
        ("2023 Sept.", 2023, [2023, 9], "sep"),
        ("2020 Spring", 2020, [2020], None),
        ("2020-13-01", 2020, [2020], None),
        ("2020-12-41", 2020, [2020, 12], "dec"),
        (None, 2020, [2020], None),
    ],
)
def test_a_date_gives_as_much_as_it_tells(printed: str | None, year: int, parts: list[int], month: str | None) -> None:
    dated = [replace(PLAIN, date=printed, year=year)]
    assert json.loads(csl_json(dated))[0]["issued"] == {"date-parts": [parts]}
    assert rispy.loads(ris(dated))[0]["date"] == "/".join(f"{part:02}" for part in parts)
    assert (f"month = {month}\n" in bibtex(dated)) if month else ("month" not in bibtex(dated))


def test_keys_are_unique_and_do_not_hang_on_the_order() -> None:
    twins = many(PLAIN, PLAIN, replace(PLAIN, title="Engineeringa"))
    keys = read_by_another(bibtex(twins), "bibtex").entries
    assert list(keys) == ["doe2025engineeringb", "doe2025engineeringc", "doe2025engineeringa"]
    backwards = json.loads(csl_json(twins[::-1]))
    assert [item["id"] for item in backwards] == list(keys)[::-1]
    assert [record["id"] for record in rispy.loads(ris(twins))] == list(keys)


def test_thirty_reviews_with_one_name_have_thirty_keys() -> None:
    keys = [entry.key for entry in read_bibtex(bibtex(many(*[PLAIN] * 30))).entries]
    assert keys[:2] + keys[-1:] == ["doe2025engineeringa", "doe2025engineeringb", "doe2025engineeringad"]
    assert len({*keys}) == 30


@pytest.mark.parametrize("bare", ["authors", "journal", "year", "date", "doi", "title"])
def test_what_a_review_lacks_is_left_out(bare: str) -> None:
    review = replace(PLAIN, **{bare: {"authors": (), "title": ""}.get(bare)})
    (entry,) = read_by_another(bibtex([review]), "bibtex").entries.values()
    assert all(entry.fields.values())
    assert bare not in entry.fields
    (record,), (item,) = rispy.loads(ris([review])), json.loads(csl_json([review]))
    assert all(record.values()) and all(item.values())


def test_a_review_of_which_nothing_is_known_has_a_key() -> None:
    nothing = Review("sha256:0", "細胞", "…", ())
    assert read_bibtex(bibtex([nothing])).entries[0].key == "review"


def test_no_review_makes_no_record() -> None:
    assert (bibtex([]), rispy.loads(ris([])), json.loads(csl_json([]))) == ("", [], [])


def test_an_address_is_one_of_the_web_and_a_doi_is_a_doi() -> None:
    hostile = replace(PLAIN, doi="javascript:alert(1)", url="javascript:alert(1)", pmid="1}, x = {")
    for written in (bibtex([hostile]), ris([hostile]), csl_json([hostile])):
        assert "javascript" not in written
        assert "}, x = {" not in written
    assert doi_url("10.1000/<b>") == "https://doi.org/10.1000/%3Cb%3E"


@given(TEXT, some.lists(TEXT, max_size=3), TEXT)
def test_no_text_breaks_out_of_its_field_in_bibtex(title: str, authors: list[str], journal: str) -> None:
    reviews = many(replace(PLAIN, title=title, authors=tuple(authors), journal=journal), PLAIN)
    written = bibtex(reviews)
    read = read_bibtex(written, append_middleware=[decoder()])
    assert (len(read.entries), read.failed_blocks) == (2, [])
    assert folded(read.entries[0].get("title").value if "title" in read.entries[0] else "") == folded(title)
    assert folded(read.entries[0].get("journal").value if "journal" in read.entries[0] else "") == folded(journal)
    assert written.count("{") == written.count("}")
    depths = [sum({"{": 1, "}": -1}.get(sign, 0) for sign in written[:at]) for at in range(len(written))]
    assert min(depths, default=0) >= 0
    assert [entry["title"] for entry in read.entries[1:]] == [PLAIN.title]
    another = read_by_another(written, "bibtex")
    names = [author for author in authors if author_is_kept(author)]
    assert len(another.entries) == 2
    assert len(next(iter(another.entries.values())).persons.get("author", [])) >= len(names)


def author_is_kept(author: str) -> bool:
    return bool(re.search(r"\w", author)) and not re.search(r"\b(?:and|others)\b", author)


@given(TEXT, some.lists(TEXT, max_size=3))
def test_no_text_breaks_out_of_its_field_in_ris(title: str, authors: list[str]) -> None:
    reviews = many(replace(PLAIN, title=title, authors=tuple(authors)), PLAIN)
    read = rispy.loads(ris(reviews))
    assert len(read) == 2
    assert read[0].get("title", "") == folded(title)
    assert len(read[0].get("authors", [])) == len([author for author in authors if folded(author)])
    assert (read[1]["title"], read[1]["authors"]) == (PLAIN.title, ["Doe, Jane Q"])


@given(TEXT, some.lists(TEXT, max_size=3))
def test_csl_json_gives_every_text_back(title: str, authors: list[str]) -> None:
    reviews = many(replace(PLAIN, title=title, authors=tuple(authors)), PLAIN)
    first, second = json.loads(csl_json(reviews))
    assert first.get("title", "") == folded(title)
    assert len(first.get("author", [])) == len([author for author in authors if folded(author)])
    assert second["title"] == PLAIN.title


@given(TEXT)
def test_no_letter_of_a_name_is_lost(author: str) -> None:
    name = author_name(folded(author))
    letters = sorted(re.sub(r"[\s.,]", "", author))
    assert sorted(re.sub(r"[\s.,]", "", f"{name.family}{name.given}{name.suffix}")) == letters


def test_a_processor_of_citations_reads_the_csl_json(library: Library) -> None:
    reviews = list(library.index.reviews.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it knows neither PMID nor PMCID
        read = CiteProcJSON(json.loads(csl_json(reviews)))
    sioud = read["sioud2026engineering"]
    assert ("".join(sioud.title), sioud.author[1].family, sioud.author[1].given) == (
        *(reviews[0].title, "Casey"),
        "Nicholas Paul",
    )
    assert (sioud.issued.year, sioud.issued.month, sioud.issued.day) == (2026, 1, 16)


def test_the_examples_hold() -> None:
    assert doctest.testmod(references).failed == 0
