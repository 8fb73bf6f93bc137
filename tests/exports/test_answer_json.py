"""The JSON of an answer: its keys, its offsets, its document."""

from __future__ import annotations

import doctest
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as some

from rag.exports import answer_json as exports
from rag.exports.answer_json import answer_to_dict, to_json
from rag.pipeline import ask
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.types import CellState, DifferenceKind, Outcome
from rag.writing.models import connect
from tests.compared import lamps
from tests.engine import closest, invented
from tests.model_server import KEY, model_server

DOCUMENT = (PROJECT / "docs" / "answer-json.md").read_text("utf-8")
KEYS = [
    *("question", "searched_as", "filters", "mode", "outcome", "text", "sentences", "citations", "coverage", "nearest"),
    *("closest", "confidence", "verdict", "missing", "note", "comparison", "table", "written"),
]
ANSWERED, NOT_FOUND, CHAT = "What have CAR-T cells achieved in lupus?", "What does Yescarta cost?", "Hello!"
CLOSEST = "Why are solid tumors hard to treat?"


@pytest.fixture(scope="module")
def records(library: Library) -> dict[str, dict[str, Any]]:
    """An answer of four outcomes, each as it is exported."""
    answers = {CLOSEST: closest(library, CLOSEST, 1 / 3), **{q: ask(q, library) for q in (ANSWERED, NOT_FOUND, CHAT)}}
    return {question: answer_to_dict(answer, library.index.reviews) for question, answer in answers.items()}


@pytest.fixture(scope="module")
def compared(library: Library) -> dict[str, Any]:
    """A comparison as it is exported."""
    return answer_to_dict(ask("How do the reviews differ on lupus?", library), library.index.reviews)


def with_verdict() -> dict[str, Any]:
    """An answer with a first line, as it is exported."""
    return answer_to_dict(ask("Does morning light reduce fatigue?", lamps().library), lamps().library.index.reviews)


def with_table() -> dict[str, Any]:
    """Return the record of an answer to a question about the shelf."""
    shelf = invented()
    return answer_to_dict(ask("Which paper is the newest?", shelf.library), shelf.library.index.reviews)


def keys_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*map(keys_of, value.values()))
    return set().union(*map(keys_of, value)) if isinstance(value, list) else set()


def shape(value: object) -> object:
    """Return the keys of a value, and what the first entry of each list looks like."""
    if isinstance(value, dict):
        return {key: shape(held) for key, held in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def quoted(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from record["citations"]
    yield from record["nearest"]
    yield from record["closest"]


def test_every_answer_has_the_documented_keys_in_one_order(records: dict[str, dict[str, Any]]) -> None:
    assert [list(record) for record in records.values()] == [KEYS] * 4


def test_the_outcomes_differ_in_what_they_hold(records: dict[str, dict[str, Any]]) -> None:
    close, answered, not_found, chat = records.values()
    outcomes = ["closest", "answered", "not_found", "chat"]
    assert [record["outcome"] for record in records.values()] == outcomes and {*outcomes} < {*get_args(Outcome)}
    assert close["closest"] and not close["citations"] and not close["nearest"] and close["confidence"] == 0.3333
    assert answered["citations"] and not answered["nearest"]
    assert not_found["nearest"] and not not_found["citations"]
    assert not chat["citations"] and not chat["nearest"] and not chat["coverage"]


def test_a_quote_is_what_the_file_holds_at_its_place(records: dict[str, dict[str, Any]]) -> None:
    found = [citation for record in records.values() for citation in quoted(record)]
    assert found
    for citation in found:
        text = (PROJECT / citation["source"]).read_bytes().decode()
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["passage"]["start"] <= citation["start"] < citation["end"] <= citation["passage"]["end"]


def test_the_markers_of_the_text_are_the_numbers_of_the_citations(records: dict[str, dict[str, Any]]) -> None:
    answered = records[ANSWERED]
    close = records[CLOSEST]
    assert re.findall(r"\[(\d+)\]", close["text"]) == [str(citation["number"]) for citation in close["closest"]]
    numbers = [citation["number"] for citation in answered["citations"]]
    assert [int(n) for n in re.findall(r"\[(\d+)\]", answered["text"])] == numbers
    assert [n for sentence in answered["sentences"] for n in sentence["citations"]] == numbers


def written() -> dict[str, Any]:
    """Return the record of an answer that a model wrote, badly."""
    with model_server(lambda messages: "Bread is baked from flour.") as server:
        settings = Settings(openai_api_key=KEY, openai_base_url=server.url)  # type: ignore[arg-type]
        shelf = invented()
        answer = ask("What are phages?", shelf.library, model=connect(settings, "openai:writer"))
    record = answer_to_dict(answer, shelf.library.index.reviews)
    assert KEY not in to_json(record)
    return record


def test_the_document_names_every_key_and_no_other(
    records: dict[str, dict[str, Any]], compared: dict[str, Any]
) -> None:
    told = {"kind", "name", "reviews"}  # keys of what these two reviews do not hold
    known = set().union(told, *map(keys_of, [*records.values(), compared, written(), with_verdict(), with_table()]))
    for key in known:
        assert f"`{key}`" in DOCUMENT, key
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", DOCUMENT, re.MULTILINE)
    named = {key for row in rows for key in re.findall(r"`(\w+)`", row)}
    assert named <= known


def test_the_document_names_every_outcome_every_state_and_every_kind_of_difference() -> None:
    for value in (*get_args(Outcome), *get_args(CellState), *get_args(DifferenceKind)):
        assert f'`"{value}"`' in DOCUMENT, value


def test_a_comparison_has_a_cell_a_review_and_names_its_quotes_or_the_nearest(compared: dict[str, Any]) -> None:
    comparison, numbers = compared["comparison"], [citation["number"] for citation in compared["citations"]]
    assert [cell["aspect"] for cell in comparison["cells"]] == [a for a in comparison["aspects"] for _ in range(2)]
    for cell in comparison["cells"]:
        assert (cell["state"] == "quoted") == bool(cell["citations"]) == (cell["nearest"] is None)
        assert set(cell["citations"]) <= set(numbers)
        for citation in filter(None, [cell["nearest"]]):
            text = (PROJECT / citation["source"]).read_bytes().decode()
            assert text[citation["start"] : citation["end"]] == citation["quote"]
    assert numbers == list(dict.fromkeys(n for cell in comparison["cells"] for n in cell["citations"]))


def test_the_example_of_a_comparison_is_what_is_exported(compared: dict[str, Any]) -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[1])
    assert keys_of(example["comparison"]) - {"…"} <= keys_of(compared["comparison"])
    assert [cell["state"] for cell in example["comparison"]["cells"]] == [
        cell["state"] for cell in compared["comparison"]["cells"]
    ]
    assert example["sentences"][0] == compared["sentences"][0]


def test_the_example_of_the_document_looks_like_an_answer(records: dict[str, dict[str, Any]]) -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)[0])
    assert shape(example) == shape(records[ANSWERED])


def test_json_keeps_letters_as_they_are() -> None:
    assert to_json({"µ": "naïve – β"}) == '{"µ": "naïve – β"}'
    assert doctest.testmod(exports).failed == 0


@given(some.text(alphabet=some.characters(exclude_categories=())))
def test_any_text_survives_json_on_one_line_of_utf8(text: str) -> None:
    written = to_json({"text": text})
    assert json.loads(written.encode()) == {"text": text}
    assert len(written.splitlines()) == 1
