"""An answer that had to do without a part of the search says so, and is the answer of what was left."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rag.encoders import Reader
from rag.exports import answer_to_dict, markdown_document, terminal_text
from rag.exports.html.answer import answer_html
from rag.pipeline import BY_WORDS, UNREAD, ask
from rag.shelf import Library
from rag.types import Exchange
from tests.engine import herons, lexical

QUESTION = "What do herons eat?"


@pytest.fixture
def gone(tmp_path: Path) -> Library:
    """A library that was opened with a reader whose files are no longer there."""
    return replace(herons().library, reader=Reader(tmp_path / "model", tmp_path / "graph", "gone"))


@pytest.mark.parametrize(
    ("library", "note"),
    [(lambda: herons().library.without_reader, UNREAD), (lambda: lexical().library, BY_WORDS)],
    ids=["reader", "embedding model"],
)
def test_what_is_missing_is_told_on_page_paper_terminal_and_in_json(library: Callable[[], Library], note: str) -> None:
    given = library()
    answer, reviews = ask(QUESTION, given), given.index.reviews
    assert answer.note == note and answer_to_dict(answer, reviews)["note"] == note
    assert f'<p class="note">{note}</p>' in answer_html(answer, given.reviews, "a")
    assert note in markdown_document([Exchange(QUESTION, tuple(given.reviews), answer)])
    assert note in terminal_text(answer, reviews).splitlines()


def test_a_whole_library_has_nothing_to_note() -> None:
    assert herons().library.reader and ask(QUESTION, herons().library).note == ""


@pytest.mark.parametrize("question", ["Hello!", "Who wrote the review?"])
def test_what_no_sentence_is_judged_for_has_no_note(question: str) -> None:
    assert ask(question, herons().library.without_reader).note == ""


def test_a_reader_whose_files_are_gone_costs_only_its_judgement(
    gone: Library, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = ask(QUESTION, gone)
    assert answer == ask(QUESTION, herons().library.without_reader) and answer.note == UNREAD
    assert "could not be opened" in caplog.text


def test_a_comparison_goes_on_without_the_reader_too(gone: Library) -> None:
    answer = ask("Compare the reviews on water.", gone)
    assert answer.comparison and answer.note == UNREAD
