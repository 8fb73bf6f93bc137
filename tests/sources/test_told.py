"""What lines are told to be there for: a frame comes in blocks, records begin at titles, names stand below these."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders import LINE_KINDS, LineKind
from rag.sources import told as module
from rag.sources.lines import Line, split_lines
from rag.sources.told import Told, names_near, record_starts, title_runs, told_kinds

SAID = "Hawk moths turn towards lamps at dusk and pay for it with a night of feeding, as we show in one valley. " * 3


def kinds_of(monkeypatch: pytest.MonkeyPatch, *given_: tuple[str, LineKind, float]) -> list[LineKind]:
    """Return the kinds of lines for each of which the network tells a kind and how likely it is."""
    monkeypatch.setattr(module, "text_kinds", lambda *_: [(kind, chance) for _, kind, chance in given_])
    return told_kinds(split_lines("\n".join(words for words, _, _ in given_)))


def as_told(*given_: tuple[str, LineKind]) -> tuple[list[Line], list[LineKind]]:
    return split_lines("\n\n".join(words for words, _ in given_)), [kind for _, kind in given_]


MENU: list[tuple[str, LineKind, float]] = [(f"Lamps {number}", "frame", 0.97) for number in range(9)]


def test_a_few_unsure_lines_of_a_note_are_no_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    note = ("It grows.", "frame", 0.9), ("Moss", "frame", 0.6), (SAID, "frame", 0.99)
    assert kinds_of(monkeypatch, *note) == ["text"] * 3  # type: ignore[arg-type]


def test_where_a_page_was_copied_unsure_lines_between_sure_ones_are_of_its_frame(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = [*MENU, ("Log in", "frame", 0.55), ("Share", "frame", 0.8), ("Methods", "text", 0.9), ("Moss", "frame", 0.6)]
    assert kinds_of(monkeypatch, *page) == [*["frame"] * 11, "text", "text"]


@pytest.mark.parametrize(("chance", "kind"), [(0.85, "text"), (0.95, "frame")])
def test_a_sentence_is_of_the_frame_only_where_that_is_sure(
    monkeypatch: pytest.MonkeyPatch, chance: float, kind: str
) -> None:
    told = kinds_of(monkeypatch, *MENU, ("Results", "text", 0.9), (SAID, "frame", chance), ("End", "text", 0.9))
    assert told[10] == kind


def test_two_lines_are_no_list_of_references(monkeypatch: pytest.MonkeyPatch) -> None:
    listed: list[tuple[str, LineKind, float]] = [(f"{at}. Roe M. Lamps. 1999.", "references", 0.9) for at in range(3)]
    assert kinds_of(monkeypatch, *listed[:2]) == ["text"] * 2
    assert kinds_of(monkeypatch, *listed) == ["references"] * 3


def test_what_is_marked_up_and_says_nothing_is_of_the_frame_whatever_stands_around_it() -> None:
    text = f"# Moths\n\n<!-- a comment\nof two lines -->\n\n![](https://a.example/1.jpg)\n\n<div>\n\n{SAID}"
    kinds = told_kinds(split_lines(text))
    assert kinds[1:5] == ["frame"] * 4 and kinds[5] != "frame"


def record(title: str) -> list[tuple[str, LineKind]]:
    return [(title, "title"), ("A. Wick, B. Flint", "authors"), (SAID, "abstract")]


def test_each_title_with_names_and_a_text_below_it_begins_a_record() -> None:
    long = (
        "Moths at the lamps of a town that was looked at for nine years: what the colour of light does to all who fly "
    )
    text = as_told(*record(f"{long} {long} one"), *record(f"{long} {long} two"), ("Moths once more", "title"))
    assert record_starts(*text) == [0, 3]


def test_paragraphs_that_are_a_title_and_a_text_each_are_records_without_names() -> None:
    titles = ["Cold showers and sick leave", "Painting classes after a first stroke", "Soft toys at the bedside"]
    text = "\n\n".join(f"{title}\nSome were asked to try it.\nThey fared better than the others." for title in titles)
    lines = split_lines(text)
    assert record_starts(lines, ["text"] * len(lines)) == [0, 3, 6]
    for other in (
        f"{text}\n\nA last word on it.",
        text.replace(titles[1], "Methods"),
        text.replace("sick leave", "leave?"),
    ):
        lines = split_lines(other)
        assert record_starts(lines, ["text"] * len(lines)) == []


def test_a_title_that_comes_again_begins_no_other_record() -> None:
    assert record_starts(*as_told(*record("Moths at lamps"), *record("Moths at lamps"))) == [0]


def test_what_is_said_above_the_first_record_is_none_of_it() -> None:
    records = *record("Moths at street lamps"), *record("Bats at bridges")
    assert record_starts(*as_told((SAID, "text"), *records)) == [0, 1, 4]
    assert record_starts(*as_told(("Read in May.", "text"), *records)) == [1, 4]


def test_a_heading_that_papers_have_is_no_title() -> None:
    lines = ("## Introduction", "title"), ("Moths at street lamps", "title"), (SAID, "text")
    assert title_runs(*as_told(*lines)) == [range(1, 2)]  # type: ignore[arg-type]


def test_what_nothing_stands_below_is_no_title() -> None:
    assert title_runs(*as_told(("Moths at street lamps", "title"), ("What they do there", "title"))) == []


def test_names_stand_above_the_first_heading_and_places_of_work_are_none() -> None:
    lines, kinds = as_told(
        ("Moths at lamps", "title"), ("A. Wick, B. Flint", "authors"), ("School of Lamps, Oslo", "authors"),
        ("## My notes", "text"), ("Amber", "authors"),
    )  # fmt: skip
    assert names_near(Told(lines, kinds, title=range(1))) == [1]
    assert names_near(Told(lines[3:], kinds[3:], title=range(1))) == [1]
    assert names_near(Told(lines[2:], kinds[2:], title=range(1))) == []


@given(st.text(max_size=300))
def test_any_text_has_a_kind_for_each_line(text: str) -> None:
    lines = split_lines(text)
    kinds = told_kinds(lines)
    assert len(kinds) == len(lines) and set(kinds) <= set(LINE_KINDS)
