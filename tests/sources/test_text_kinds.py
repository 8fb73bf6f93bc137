"""The lines of a text as numbers: as the shipped weights expect them, the same however many are looked at together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.encoders import LINE_KINDS, TEXT_WEIGHTS
from rag.encoders.small_weights import read_weights
from rag.sources import text_kinds as module
from rag.sources.lines import split_lines
from rag.sources.text_kinds import text_features, text_kinds

LINES = "# Lamps at dusk\n\nAnn Wick, Bo Flint\n\n" + "Moths come to lamps, and nobody knows why [1].\nSign in\n\n" * 40


def test_the_shipped_weights_are_for_these_numbers() -> None:
    weights = read_weights(TEXT_WEIGHTS)
    assert weights is not None
    assert text_features(split_lines(LINES)).shape[1] == len(weights.matrices["lines.hidden"])
    assert weights.matrices["lines.out"].shape[1] == len(LINE_KINDS)


def test_a_long_text_is_looked_at_in_pieces_and_told_as_if_it_were_not(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = split_lines(LINES)
    whole = text_features(lines, "Lamps at dusk", "Ann Wick")
    monkeypatch.setattr(module, "_AT_ONCE", 7)
    assert np.array_equal(text_features(lines, "Lamps at dusk", "Ann Wick"), whole)


def test_a_text_of_more_lines_than_people_write_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(text_kinds(split_lines(LINES))) == 82
    monkeypatch.setattr(module, "_MOST_LINES", 81)
    assert text_kinds(split_lines(LINES)) == []


@given(st.text(max_size=400), st.text(max_size=20))
def test_any_text_is_told_line_by_line(text: str, title: str) -> None:
    lines = split_lines(text)
    told = text_kinds(lines, title)
    assert len(told) == len(lines)
    assert all(kind in LINE_KINDS and 0 < chance <= 1 for kind, chance in told)
