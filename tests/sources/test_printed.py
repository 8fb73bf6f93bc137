"""The text of printed pages: heads, broken words and headings are told from the paper."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.sources import printed
from rag.types import Review
from tests.sources.files import only_review, text_file

PAGES = """Journal of Lamp Studies 12 (2019) 45

Contents lists available at LampDirect

Journal of Lamp Studies
journal homepage: www.lamps.example/jls

Original article

Moths at street lamps: what the colour
of light does
Ann Wick a,*, Bo Flint b
a
Institute of Lamps, Dusk University, Northfield
b
Department of Moths, Harbour College

ARTICLE INFO

A B S T R A C T

Keywords:
Moths
Lamps

Moths gather at lamps, and the col-
our matters. Amber lamps draw fewer moths.

1. Introduction
Street lamps are lit in most towns, and moths are seen at
them [1].
* Corresponding author.
E-mail address: a.wick@lamps.example (A. Wick).
https://doi.org/10.5555/jls.2019.45
Available online 3 May 2019
\f46

A. Wick and B. Flint

Journal of Lamp Studies 12 (2019) 45

2. Methods
2.1. Lamps
We chose forty lamps. In 2018 there were
12 nights of obser-
vation, and 2 observers.
3. Results
White lamps drew 3,214 moths and amber lamps 871, a differ-
ence of 73%.
Funding
Supported by the Lamp Council.
References
[1] J. Doe, Moths and cows, Moth Lett. 2 (2014) 3–9. https://doi.org/10.5555/other.1
\f47
"""


def read(text: str) -> Review:
    return only_review(text, printed)


def wording(review: Review, heading: str) -> str:
    return "\n".join(review.text[s.start : s.end] for s in review.sections if s.heading == heading)


def test_the_title_is_above_the_names_and_not_the_running_head() -> None:
    review = read(PAGES)
    assert review.title == "Moths at street lamps: what the colour of light does"
    assert review.authors == ("Ann Wick", "Bo Flint")
    assert (review.journal, review.date, review.doi) == ("Journal of Lamp Studies", "3 May 2019", "10.5555/jls.2019.45")


def test_keywords_end_where_the_abstract_begins() -> None:
    review = read(PAGES)
    assert wording(review, "Keywords") == "Keywords:\nMoths\nLamps"
    (abstract,) = [review.text[s.start : s.end] for s in review.sections if s.kind == "abstract"]
    assert abstract.startswith("Moths gather at lamps") and abstract.endswith("fewer moths.")


def test_numbered_lines_are_headings_unless_a_sentence_runs_into_them() -> None:
    review = read(PAGES)
    headings = [s.heading for s in review.sections if s.kind == "body"]
    assert headings == ["1. Introduction", "2.1. Lamps", "3. Results"]
    assert "12 nights of obser-\nvation, and 2 observers." in wording(review, "2.1. Lamps")


def test_heads_and_feet_of_pages_are_frame() -> None:
    review = read(PAGES)
    searched = "\n".join(review.text[s.start : s.end] for s in review.sections if s.kind in {"abstract", "body"})
    for words in (
        "LampDirect",
        "A. Wick and B. Flint",
        "a.wick@",
        "Available online",
        "Dusk University",
        "Lamp Council",
        "(2019)",
    ):
        assert words not in searched


COLUMNS = """J Invented Lamps 2019; 33: 45-58                              doi: 10.5555/jil.2019.33

          Moths at amber lamps

          Ann Wick1 and Bo Flint2

INTRODUCTION                           RESULTS

Lamps are lit in most towns of the     White lamps drew 3,214 moths and
country, and moths come to them at     amber lamps 871. No moth was seen
dusk. Nobody has counted them so       at a lamp that was out, on any of
far, at any lamp.                      twelve nights.
METHODS                                DISCUSSION
We counted moths at forty lamps on     Amber light is the better one for
twelve nights, from dusk to dawn.      moths, as long as there is light.
\f
"""


def test_columns_side_by_side_are_read_one_after_the_other() -> None:
    review = read(COLUMNS)
    assert "Lamps are lit in most towns of the\ncountry, and moths" in wording(review, "Introduction")
    assert wording(review, "Results").endswith("at a lamp that was out, on any of\ntwelve nights.")
    assert [s.heading for s in review.sections if s.kind == "body"] == [
        "Introduction",
        "Methods",
        "Results",
        "Discussion",
    ]
    assert (review.title, review.year, review.doi) == ("Moths at amber lamps", 2019, "10.5555/jil.2019.33")


def test_numbers_of_lines_are_no_text() -> None:
    numbered, said = "", 0
    for line in (
        "Moths at amber lamps||Ann Wick1, Bo Flint2||Abstract||White lamps drew 3,214 moths and amber lamps|871.".split(
            "|"
        )
    ):
        said += bool(line)
        numbered += f"{said:4}   {line}\n" if line else "\n"
    review = read(numbered + "\f")
    assert (review.title, review.authors) == ("Moths at amber lamps", ("Ann Wick", "Bo Flint"))
    (abstract,) = [review.text[s.start : s.end] for s in review.sections if s.kind == "abstract"]
    assert abstract == "White lamps drew 3,214 moths and amber lamps\n871."


def test_without_names_the_title_is_that_of_the_file() -> None:
    text = "THE LAMP REVIEW\n\f2\nLamps draw moths and the col-\nour matters to them all.\n\f3\nTHE LAMP REVIEW\n"
    assert read(text).title == "page"


def test_a_text_with_a_few_broken_words_or_headings_of_markdown_is_not_printed() -> None:
    assert not printed.recognises(text_file("Lamps\n\nMoths come to the col-\noured lamp.\n"))
    assert not printed.recognises(text_file("# A\n\n## B\n\n## C\n\nlam-\nps and mo-\nths and col-\nours\n"))


@given(st.lists(st.sampled_from(PAGES.splitlines()) | st.text(max_size=40) | st.just("\f"), max_size=60))
def test_any_order_of_its_lines_gives_sections_in_order(lines: list[str]) -> None:
    reading = printed.read(text_file("\n".join(lines)))
    end = 0
    for section in reading.reviews[0].sections:
        assert end <= section.start <= section.end <= reading.characters
        end = section.end


def test_pages_in_columns_are_told_apart_by_their_numbers_where_no_form_feed_ends_them() -> None:
    def page(number: int, left: str, right: str) -> str:
        rows = [f"{left} {at} of the town".ljust(50) + f"{right} {at} of the valley" for at in range(12)]
        return "\n".join([*rows, "", f"{number:>40}", ""])

    text = page(7, "We counted the moths at lamp", "Bats were seen at the bridge") + page(
        8, "Few fed at lamp", "Most fed"
    )
    text = f"{'Moths at street lamps: a count':^90}\n\n{text}"
    review = read(text)
    places = [review.text.index(words) for words in ("at lamp 11", "the bridge 0", "Few fed at lamp 0", "Most fed 0")]
    assert places == sorted(places)
    table = "\n".join(f"lamp {at}".ljust(20) + f"{at * 7}".ljust(20) + f"{at}" for at in range(40))
    assert not printed.recognises(text_file(table))
