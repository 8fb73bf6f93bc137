"""What the lines of a page are there for: by the shipped weights, and nothing without them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.encoders import LINE_KINDS, line_kinds, page_lines
from rag.encoders.small_weights import read_weights


@pytest.mark.parametrize("file", [page_lines.LINE_WEIGHTS, page_lines.TEXT_WEIGHTS])
def test_each_line_has_one_kind_and_a_chance(file: Path) -> None:
    weights = read_weights(file)
    assert weights and weights.matrices["lines.out"].shape[1] == len(LINE_KINDS)
    told = line_kinds(np.zeros((3, len(weights.matrices["lines.hidden"])), np.float32), file)
    assert len(told) == 3
    assert all(kind in LINE_KINDS and 1 / len(LINE_KINDS) <= chance <= 1 for kind, chance in told)


def test_without_weights_no_line_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(page_lines, "LINE_WEIGHTS", tmp_path / "none.safetensors")
    assert line_kinds(np.zeros((3, 5), np.float32)) == []
