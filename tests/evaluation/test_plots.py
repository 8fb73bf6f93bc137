"""Plots: a picture of the size that it says, or a sentence on why there is none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from rag.errors import RagError
from rag.evaluation.plots import draw_calibration

STATED, RIGHT = [0.1, 0.4, 0.6, 0.9], [False, True, False, True]


def test_a_picture_is_drawn_and_differs_with_what_came_true(tmp_path: Path) -> None:
    for name, right in (("one.png", RIGHT), ("two.png", [not one for one in RIGHT])):
        draw_calibration(STATED, right, tmp_path / name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.png", "two.png"))
    assert one.startswith(b"\x89PNG") and one != two


def test_what_cannot_be_drawn_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RagError, match="no answer has a confidence"):
        draw_calibration([], [], tmp_path / "none.png")
    with pytest.raises(RagError, match="owl"):
        draw_calibration(STATED, RIGHT, tmp_path / "plot.owl")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(RagError, match="matplotlib is not installed"):
        draw_calibration(STATED, RIGHT, tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())
