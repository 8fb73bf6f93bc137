"""A comparison as CSV and as Markdown: every quote once, nothing that runs, nothing that acts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.exports.tables import (
    HEAD,
    columns,
    comparison_csv,
    comparison_markdown,
    guarded,
    remarks,
    shared_lines,
    unguarded,
)
from rag.types import (
    Agreement,
    Answer,
    Cell,
    CellState,
    Citation,
    Comparison,
    Coverage,
    Difference,
    Quote,
    Review,
    Sentence,
    SharedSource,
)

ANY = some.text(
    alphabet=some.one_of(some.sampled_from("=+-@|*_<>[]`'\",;\n\r\t#$~:\\"), some.characters(codec="utf-8"))
)


def review(number: int, text: str = "Drug A halves the risk.") -> Review:
    name = f"{chr(65 + number)}mann"
    return Review(
        f"10.1000/{number}", f"On {name}", text, (), (f"A {name}",), "J", 2020 + number, doi=f"10.1000/{number}"
    )


def quote(of: Review, heading: str = "Abstract") -> Quote:
    return Quote(of.id, heading, "abstract", "authors", 0, len(of.text), of.text, 0, len(of.text))


def compared(
    reviews: Sequence[Review],
    states: Sequence[Sequence[CellState]] = (("quoted",),),
    aspects: Sequence[str] = ("risk", "cost", "harm"),
) -> Answer:
    """Return an answer that compares: `states` gives for each aspect the cell of each review, with one quote if any."""
    cited: list[Citation] = []
    cells = []
    for aspect, row in zip(aspects, states, strict=False):
        for of, state in zip(reviews, row, strict=True):
            if state == "quoted":
                cited.append(Citation(len(cited) + 1, quote(of)))
            numbers = (len(cited),) if state == "quoted" else ()
            near = quote(of, "Nearby") if state in ("silent", "not_indexed") else None
            cells.append(Cell(aspect, of.id, state, numbers, near))
    names = tuple(aspects[: len(states)])
    comparison = Comparison(names, tuple(cells), tuple(cited))
    asked = dict.fromkeys(cell.review_id for cell in cells if cell.state != "not_asked")
    sentences = (Sentence("They speak of it.", (1,) if cited else (), "supported"),)
    coverage = tuple(Coverage(review_id, "cited") for review_id in asked)
    return Answer(
        "Compare",
        "Compare",
        "quotes",
        "answered",
        "text",
        sentences,
        comparison.citations,
        coverage,
        comparison=comparison,
    )


def comparison_of(answer: Answer) -> Comparison:
    assert answer.comparison
    return answer.comparison


def rows(answer: Answer, reviews: Sequence[Review]) -> list[dict[str, str]]:
    written = comparison_csv(comparison_of(answer), {one.id: one for one in reviews})
    assert written.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def markdown(answer: Answer, reviews: Sequence[Review]) -> str:
    return comparison_markdown(answer, {one.id: one for one in reviews})


def test_the_csv_has_a_line_a_quote_and_a_line_a_cell_without_one() -> None:
    shelf = [review(0), review(1)]
    lines = rows(compared(shelf, [["quoted", "silent"], ["not_indexed", "not_asked"]]), shelf)
    assert tuple(lines[0]) == HEAD
    assert lines[0] == {
        "aspect": "risk",
        "review": "Amann 2020",
        "year": "2020",
        "DOI": "10.1000/0",
        "state": "quoted",
        "number": "1",
        "quote": "Drug A halves the risk.",
        "section": "Abstract",
        "provenance": "authors",
    }
    assert [line["state"] for line in lines] == ["quoted", "silent", "not_indexed", "not_asked"]
    assert [line["quote"] for line in lines[1:]] == ["", "", ""]


@given(ANY, ANY)
def test_no_field_of_the_csv_runs_and_every_quote_can_be_had_back_as_it_was(text: str, aspect: str) -> None:
    shelf = [review(0, text)]
    (line,) = rows(compared(shelf, aspects=[aspect]), shelf)
    assert not line["quote"].startswith(tuple("=+-@\t\r\n"))
    assert not line["aspect"].startswith(tuple("=+-@\t\r\n"))
    assert (unguarded(line["quote"]), unguarded(line["aspect"])) == (text, aspect)


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A0", "+1", "-5 °C", "@SUM(A1)", "\t=1", "'=1", "＝1"])
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


def test_a_field_that_runs_nowhere_is_left_alone() -> None:
    assert guarded("'t was 5 - 3 = 2") == "'t was 5 - 3 = 2"


def test_the_markdown_has_the_aspects_down_and_the_reviews_across_and_every_source() -> None:
    shelf = [review(0), review(1)]
    written = markdown(compared(shelf, [["quoted", "silent"], ["not_indexed", "quoted"]]), shelf)
    assert "|  | Amann 2020 | Bmann 2021 |\n| --- | --- | --- |\n" in written
    assert "| **risk** | “Drug A halves the risk.” [1] | *Says nothing about it* |" in written
    assert "| **cost** | *Not in the indexed text* | “Drug A halves the risk.” [2] |" in written
    assert "- [2] Bmann 2021. On Bmann <https://doi.org/10.1000/1> (Abstract, authors)" in written
    assert written.startswith("# Compare\n\nThey speak of it. [1]\n")


@given(ANY)
def test_no_text_changes_the_shape_of_the_markdown_table(text: str) -> None:
    shelf = [review(0, text), review(1, text)]
    written = markdown(compared(shelf, [["quoted", "quoted"]], aspects=[text]), shelf)
    table = [line for line in written.split("\n") if line.startswith("|")]
    assert len(table) == 3
    assert {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table} == {4}


HOSTILE = (
    "<img src=x> ![a](http://evil.example) [b](c) `d` https://evil.example www.evil.example a@evil.example :tada: $x$ "
    "| *b* __c__ ~~d~~ &amp; <!-- e --> \\"
)


def test_no_text_acts_in_the_markdown() -> None:
    shelf = [review(0, HOSTILE), review(1, f"- {HOSTILE}")]
    written = markdown(compared(shelf, [["quoted", "quoted"]], aspects=[HOSTILE]), shelf)
    for acting in (r"https?:(?!//doi)", r"www\.", r"\w@", r"(?<!\\):\w+:", r"(?<!\\)\$"):
        assert not re.search(acting, written), acting
    reader = pytest.importorskip("markdown_it", reason="no reader of Markdown is installed")
    rendered = reader.MarkdownIt("gfm-like", {"linkify": False}).render(written)
    assert set(re.findall(r"<(\w+)", rendered)) == set("h1 p table thead tbody tr th td strong ul li a".split())
    assert re.findall(r'href="([^"]*)"', rendered) == ["https://doi.org/10.1000/0", "https://doi.org/10.1000/1"]
    assert unescape(rendered).count(HOSTILE) == 3


def test_of_many_reviews_only_the_quoted_have_a_column() -> None:
    shelf = [review(number) for number in range(7)]
    states: list[CellState] = ["quoted", "silent", "quoted", "silent", "silent", "not_indexed", "not_asked"]
    answer = compared(shelf, [states])
    found = columns(comparison_of(answer))
    assert found.shown == (shelf[0].id, shelf[2].id)
    assert found.silent == tuple(shelf[at].id for at in (1, 3, 4, 5))
    assert found.not_asked == (shelf[6].id,)
    written = markdown(answer, shelf)
    assert "- Says nothing about it: Bmann 2021, Dmann 2023, Emann 2024\n" in written
    assert "- Not in the indexed text: Fmann 2025\n- Not asked: Gmann 2026\n" in written


def test_few_reviews_all_have_a_column_asked_or_not() -> None:
    shelf = [review(0), review(1)]
    assert columns(comparison_of(compared(shelf, [["silent", "not_asked"]]))).shown == (shelf[0].id, shelf[1].id)


def test_of_many_loaded_and_few_asked_the_asked_have_a_column_silent_or_not() -> None:
    shelf = [review(number) for number in range(7)]
    states: list[CellState] = ["quoted", "silent", *["not_asked"] * 5]
    assert columns(comparison_of(compared(shelf, [states]))).shown == (shelf[0].id, shelf[1].id)


def test_the_most_telling_remark_on_an_aspect_comes_first() -> None:
    comparison = Comparison(
        ("risk",),
        (),
        (),
        (Agreement("risk", "Both name it.", (1,)), Agreement("cost", "Elsewhere.", (2,))),
        (Difference("risk", "differ in emphasis", "E", (1,)), Difference("risk", "opposite statements", "O", (1, 2))),
        ("risk",),
    )
    assert [remark.kind for remark in remarks(comparison, "risk")] == [
        "opposite statements",
        "in common",
        "differ in emphasis",
        "cannot tell",
    ]


def test_what_reviews_rest_on_together_is_told_in_a_line() -> None:
    names = {str(number): f"R{number}" for number in range(6)}
    cells = tuple(Cell("risk", review_id, "silent") for review_id in names)
    sources = (
        SharedSource("Müller 2024", ("0", "1"), (2, 5)),
        SharedSource("ZUMA-1", ("0", "1", "2", "3")),
    )
    told = list(shared_lines(Comparison(("risk",), cells, (), shared_sources=sources), names))
    assert told == [("R0 and R1 cite Müller 2024", (2, 5)), ("4 reviews rest on ZUMA-1", ())]
    both = Comparison(("risk",), cells[:2], (), shared_sources=sources[:1])
    assert [text for text, _ in shared_lines(both, names)] == ["Both cite Müller 2024"]
