"""A comparison as CSV: every quote once, nothing that runs."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from rag.exports.tables import HEAD, answer_csv, answer_lines, answer_xlsx, guarded
from rag.types import (
    Answer,
    Cell,
    CellState,
    Citation,
    Comparison,
    Coverage,
    Quote,
    Review,
    Sentence,
)

ANY = some.text(
    alphabet=some.one_of(some.sampled_from("=+-@|*_<>[]`'\",;\n\r\t#$~:\\"), some.characters(codec="utf-8"))
)

HOSTILE = (
    "<img src=x> ![a](http://evil.example) [b](c) `d` https://evil.example www.evil.example a@evil.example :tada: $x$ "
    "| *b* __c__ ~~d~~ &amp; <!-- e --> \\"
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
    written = answer_csv(answer, {one.id: one for one in reviews})
    assert written and written.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def unguarded(field: str) -> str:
    """Return a field as it was before it was guarded."""
    return field[1:] if field.startswith("'") and guarded(field) != field else field


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


def sheet(book: bytes) -> list[list[str]]:
    """Return the texts of a workbook's one sheet, row by row; a field that is no text is none of them."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        strings = etree.fromstring(parts.read("xl/sharedStrings.xml"))
        cells = etree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    texts = ["".join(one.itertext()) for one in strings.iterfind("{*}si")]
    assert not list(cells.iter("{*}f"))
    return [
        [texts[int(cell.find("{*}v").text)] for cell in row.iterfind("{*}c[@t='s']")]
        for row in cells.iterfind("{*}sheetData/{*}row")
    ]


def test_the_workbook_has_the_same_lines_as_text_and_the_same_bytes_again() -> None:
    shelf = {one.id: one for one in [review(0, "=1+1 halves the risk."), review(1)]}
    answer = compared(list(shelf.values()), [["quoted", "silent"]])
    book = answer_xlsx(answer, shelf)
    assert book and book == answer_xlsx(answer, shelf)
    assert sheet(book) == [list(line) for line in answer_lines(answer, shelf)]
    assert "=1+1 halves the risk." in sheet(book)[1]


@given(ANY)
def test_any_words_make_a_workbook_that_can_be_opened(text: str) -> None:
    shelf = {"10.1000/0": review(0, text)}
    book = answer_xlsx(compared(list(shelf.values()), aspects=["risk"]), shelf)
    assert book and len(sheet(book)) == 2


def test_an_answer_without_a_table_has_no_file_of_it() -> None:
    answer = Answer("Why?", "Why?", "quotes", "not_found", "")
    assert answer_csv(answer, {}) is answer_xlsx(answer, {}) is None and answer_lines(answer, {}) == []


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
