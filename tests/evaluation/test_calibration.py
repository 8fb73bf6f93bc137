"""Calibration error and risk by coverage: by hand, by their definitions, and by what cannot change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.evaluation.calibration import Bin, calibration_error, reliability, risk_coverage

STATED = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.25, 0.7, 1.0]) | st.floats(0, 1), st.booleans()), min_size=1)


def apart(pairs: list[tuple[float, bool]]) -> tuple[list[float], list[bool]]:
    return [confidence for confidence, _ in pairs], [right for _, right in pairs]


def test_the_error_is_the_mean_distance_of_what_was_said_from_what_came_true() -> None:
    confidences, right = [0.9, 0.1, 0.8, 0.2], [True, False, False, True]
    assert reliability(confidences, right, bins=2) == [
        Bin(2, pytest.approx(0.15), 0.5),
        Bin(2, pytest.approx(0.85), 0.5),
    ]
    assert calibration_error(confidences, right, bins=2) == pytest.approx(0.35)
    assert calibration_error([0.5] * 4, right) == 0
    assert calibration_error([1.0, 1.0], [True, True]) == 0
    assert calibration_error([1.0, 1.0], [False, False]) == 1


def test_bins_are_of_equal_mass_and_never_more_than_there_are_questions() -> None:
    assert [one.questions for one in reliability(list(np.linspace(0, 1, 23)), [True] * 23)] == [3, 3, 3, *[2] * 7]
    assert [one.questions for one in reliability([0.1, 0.9], [True, False])] == [1, 1]


def test_the_risk_is_the_share_of_errors_among_the_most_confident() -> None:
    curve = risk_coverage([0.1, 0.9, 0.5, 0.7], [False, True, True, False])
    assert curve.risk == pytest.approx((0, 1 / 2, 1 / 3, 1 / 2))
    assert curve.coverage == (0.25, 0.5, 0.75, 1.0)
    assert curve.area == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)
    assert (curve.at(0.5), curve.at(0.51), curve.at(1.0)) == pytest.approx((1 / 2, 1 / 3, 1 / 2))


def test_a_coverage_is_reached_by_the_fewest_answers_that_reach_it() -> None:
    curve = risk_coverage(list(np.linspace(1, 0, 15)), [True] * 11 + [False] * 4)
    assert curve.at(0.8) == pytest.approx(1 / 12)  # 12 of 15, though 0.8 * 15 is a little more than 12 in floats


@given(STATED)
def test_the_risk_at_full_coverage_is_the_share_of_errors(pairs: list[tuple[float, bool]]) -> None:
    confidences, right = apart(pairs)
    curve = risk_coverage(confidences, right)
    assert curve.at(1.0) == pytest.approx(1 - sum(right) / len(right))
    assert all(-1e-9 <= risk <= 1 + 1e-9 for risk in curve.risk)


@given(STATED, st.randoms())
def test_the_order_of_the_questions_is_no_matter(pairs: list[tuple[float, bool]], random) -> None:
    shuffled = random.sample(pairs, len(pairs))
    assert calibration_error(*apart(shuffled)) == pytest.approx(calibration_error(*apart(pairs)))
    assert risk_coverage(*apart(shuffled)).risk == pytest.approx(risk_coverage(*apart(pairs)).risk)


@given(STATED)
def test_the_error_is_a_probability_and_one_bin_compares_the_means(pairs: list[tuple[float, bool]]) -> None:
    confidences, right = apart(pairs)
    assert 0 <= calibration_error(confidences, right) <= 1 + 1e-9
    means = abs(float(np.mean(confidences)) - float(np.mean(right)))
    assert calibration_error(confidences, right, bins=1) == pytest.approx(means)


@pytest.mark.parametrize(("confidences", "right"), [([], []), ([0.5], []), ([0.5], [True, False])])
def test_without_an_answer_for_each_confidence_there_is_no_figure(confidences: list[float], right: list[bool]) -> None:
    for figure in (calibration_error, risk_coverage):
        with pytest.raises(ValueError, match="as many"):
            figure(confidences, right)
