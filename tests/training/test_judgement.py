"""Thresholds are where wrong answers and missed ones cost the least in libraries that were left out."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="scikit-learn is for training only: requirements-train.txt")
pytest.importorskip("scipy", reason="SciPy is for training only: requirements-train.txt")
from rag.training.judgement import LOST, thresholds


def library(seed: int, apart: float, count: int = 400) -> list[tuple[dict[str, float], bool]]:
    """Return questions, half of them answered, which one feature tells more or less apart."""
    draw = np.random.default_rng(seed)
    answered = [bool(at % 2) for at in range(count)]
    return [({"1": 1.0, "sum": float(draw.normal(apart if one else -apart))}, one) for one in answered]


def test_where_the_answered_are_far_from_the_others_both_thresholds_lie_between():
    found = thresholds([library(1, 4.0), library(2, 4.0)])
    assert 0.5 <= found["answered"] <= 0.9
    assert found["closest"] <= found["answered"]


def test_the_harder_the_questions_the_more_is_only_close():
    easy, hard = (thresholds([library(1, apart), library(2, apart)]) for apart in (2.0, 0.5))
    assert easy["answered"] - easy["closest"] < hard["answered"] - hard["closest"]


def test_few_that_are_answered_are_not_even_close(capsys):
    thresholds([library(1, 1.0), library(2, 1.0)])
    assert 0 < LOST < 0.1
    said = capsys.readouterr().out
    assert "of 400 that are answered" in said and "of 400 that are not" in said
