"""What an answer says is decided once: its columns, its remarks, its empty cells, and the same words in every form."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from rag.exports.html.answer import answer_html
from rag.exports.markdown import markdown_document
from rag.exports.plain import terminal_text, text_with_citations
from rag.exports.view import AnswerView, Matrix, Told, view
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import (
    Agreement,
    Answer,
    CellState,
    Difference,
    Exchange,
    Review,
    Sentence,
    SharedSource,
    Written,
)
from tests.exports.test_tables import compared, comparison_of, review


def seen(answer: Answer, reviews: list[Review]) -> AnswerView:
    return view(answer, {one.id: one for one in reviews})


def matrix(answer: Answer, reviews: list[Review]) -> Matrix:
    found = seen(answer, reviews).matrix
    assert found
    return found


def columns(answer: Answer, reviews: list[Review]) -> list[str]:
    return [part.title for part in matrix(answer, reviews).rows[0].parts]


def test_of_many_reviews_only_the_quoted_have_a_column() -> None:
    shelf = [review(number) for number in range(7)]
    states: list[CellState] = ["quoted", "silent", "quoted", "silent", "silent", "not_indexed", "not_asked"]
    answer = compared(shelf, [states])
    shown = matrix(answer, shelf)
    assert columns(answer, shelf) == ["On Amann", "On Cmann"]
    assert [(part.title, part.state, len(part.nearest)) for part in shown.silent] == [
        *((f"On {name}mann", "silent", 1) for name in "BDE"),
        ("On Fmann", "not_indexed", 1),
    ]
    assert shown.heard == "2 of 6 reviews speak to this; 4 are silent:"
    assert list(map(str, seen(answer, shelf).coverage)) == [
        "Nothing found on it: Bmann 2021, Dmann 2023 and Emann 2024",
        "Not in the indexed text: Fmann 2025",
        "Not asked: Gmann 2026",
    ]


def test_few_reviews_all_have_a_column_asked_or_not() -> None:
    shelf = [review(0), review(1)]
    answer = compared(shelf, [["silent", "not_asked"]])
    assert columns(answer, shelf) == ["On Amann", "On Bmann"]
    assert [(part.empty, bool(part.why)) for part in matrix(answer, shelf).rows[0].parts] == [
        ("Nothing found on it", True),
        ("Not asked", True),
    ]


def test_of_many_loaded_and_few_asked_the_asked_have_a_column_silent_or_not() -> None:
    shelf = [review(number) for number in range(7)]
    states: list[CellState] = ["quoted", "silent", *["not_asked"] * 5]
    assert columns(compared(shelf, [states]), shelf) == ["On Amann", "On Bmann"]


def test_more_reviews_than_anybody_reads_are_counted() -> None:
    shelf = [review(number) for number in range(1200)]
    answer = replace(compared(shelf[:1]), comparison=None)
    assert [str(line) for line in seen(answer, shelf).coverage] == ["Quoted: Amann 2020", "Not asked: 1,199 reviews"]


def test_what_nobody_was_asked_for_is_only_what_was_searched() -> None:
    shelf = [review(0), review(1)]
    answer = replace(compared(shelf, [["quoted", "quoted"]]), comparison=None, citations=(), outcome="not_found")
    assert [str(line) for line in seen(answer, shelf).coverage] == ["Searched: Amann 2020 and Bmann 2021"]


def test_the_most_telling_remark_on_an_aspect_comes_first() -> None:
    shelf = [review(0), review(1)]
    answer = compared(shelf, [["quoted", "quoted"], ["quoted", "quoted"]])
    told = replace(
        comparison_of(answer),
        agreements=(Agreement("risk", "Both name it.", (1,)), Agreement("cost", "Elsewhere.", (2,))),
        differences=(
            Difference("risk", "differ in emphasis", "E", (1,)),
            Difference("risk", "opposite statements", "O", (1, 2)),
        ),
        undecided=("risk",),
    )
    risk, cost = matrix(replace(answer, comparison=told), shelf).rows
    assert [one.mark for one in risk.remarks] == [
        "opposite statements",
        "in common",
        "differ in emphasis",
        "cannot tell",
    ]
    assert cost.remarks == (Told("Elsewhere.", (2,), "in common"),)


def test_what_reviews_rest_on_together_is_told_in_a_line() -> None:
    shelf = [review(number) for number in range(6)]
    ids = [one.id for one in shelf]
    sources = (SharedSource("Müller 2024", (ids[0], ids[1]), (2, 5)), SharedSource("ZUMA-1", tuple(ids[:4])))

    def shared(of: list[Review], *told: SharedSource) -> tuple[Told, ...]:
        answer = compared(of, [["silent"] * len(of)])
        told_of = replace(comparison_of(answer), shared_sources=told)
        return matrix(replace(answer, comparison=told_of), shelf).shared

    assert shared(shelf, *sources) == (
        Told("Amann 2020 and Bmann 2021 cite Müller 2024", (2, 5)),
        Told("4 reviews rest on ZUMA-1"),
    )
    assert shared(shelf[:2], sources[0]) == (Told("Both cite Müller 2024", (2, 5)),)


def words_of(shown: AnswerView) -> list[str]:
    """Return all that a form has to say of an answer besides its quotes, its sources and who was asked."""
    held = shown.matrix or Matrix((), (), "", ())
    told = [one for row in held.rows for one in row.remarks]
    parts = [part for row in held.rows for part in row.parts]
    return [
        *(one.text for one in (*shown.said, *told, *held.shared)),
        *(part.label for part in (*shown.parts, *parts)),
        *(part.empty for part in parts),
        *(row.aspect for row in held.rows),
        *([f"{shown.missing}."] if shown.missing else []),
        held.heard,
    ]


def test_every_form_says_the_same_in_the_same_words(library: Library) -> None:
    reviews = list(library.reviews)
    many = [replace(review(number), files=("a.md",)) for number in range(8)]
    wide = compared(many, [["quoted"] * 4 + ["silent", "silent", "not_indexed", "not_asked"]])
    asked = [
        (ask("What is known about glioblastoma and neuroblastoma?", library), reviews),
        (ask("How do the two reviews differ on solid tumors and lupus?", library), reviews),
        (ask("What is the price of tea?", library), reviews),
        (wide, many),
    ]
    for answer, shelf in asked:
        exchange, shown = Exchange(answer.question, tuple(shelf), answer), seen(answer, shelf)
        page = " ".join(unescape(re.sub(r"<[^>]*>", "", answer_html(answer, shelf, "a"))).split())
        document = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown_document([exchange]))
        terminal, copied = terminal_text(answer, shown.reviews), text_with_citations(exchange, answer)
        for form in (page, document, terminal, copied):
            assert [words for words in words_of(shown) if words not in form] == []
        for form in (document, terminal, *([] if shown.matrix else [page])):
            assert [line for line in map(str, shown.coverage) if line not in form] == []


def test_of_prose_is_told_how_much_is_supported_and_each_sentence_has_its_quotes(library: Library) -> None:
    quoted = ask("What have CAR-T cells achieved in lupus?", library)
    first = quoted.citations[0].number
    written = Written("writer", "complete", removed=(Sentence("They cure all.", (), "none", "It names no quote."),))
    said = (Sentence("They help.", (first,), "supported"), Sentence("They cure.", (first,), "weak", "It is surer."))
    prose = replace(quoted, mode="writer", sentences=said, written=written)
    assert seen(prose, [*library.reviews]).share == "1 of 3 sentences supported by their quotes, 1 weak, 1 removed."
    assert not seen(quoted, [*library.reviews]).share
    page = answer_html(prose, library.reviews, "a")
    assert page.count('class="carried"') == 2 and page.count("1 of 3 sentences supported") == 1
    assert 'class="carried"' not in answer_html(quoted, library.reviews, "a")
