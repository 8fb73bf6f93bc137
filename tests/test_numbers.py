"""Quantities of sentences, and those that two sentences give for one measure."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.numbers import quantities, side_by_side

RELAPSE = "Relapse occurred in 12% of treated children."


@pytest.mark.parametrize(
    ("text", "kind", "low", "high"),
    [
        ("Relapse occurred in 12% of patients.", "share", 12, 12),
        ("Response rates were 40-55%.", "share", 40, 55),
        ("Half of the patients relapsed.", "share", 50, 50),
        ("3 of 12 patients died.", "share", 25, 25),
        ("Fever lasted 2 weeks.", "time", 14, 14),
        ("Pressure fell by 7 mmHg.", "amount", 7, 7),
        ("The hazard ratio for death was 0.71 (95% CI 0.5 to 0.9).", "ratio", 0.71, 0.71),
    ],
)
def test_a_quantity_has_its_value_and_its_wording(text, kind, low, high):
    found = [one for one in quantities(text) if one.kind == kind]
    assert (round(found[0].low, 2), round(found[0].high, 2)) == (low, high)
    assert text[found[0].start : found[0].end].strip()


def test_p_values_and_confidence_levels_measure_nothing():
    assert not quantities("The groups differed (p < 0.05; 95% CI not given).")


def test_numbers_of_one_measure_stand_side_by_side():
    pairs = side_by_side(RELAPSE, "Relapse was seen in 31% of treated children.")
    assert [(pair.one.low, pair.other.low, pair.same) for pair in pairs] == [(12, 31, False)]


@pytest.mark.parametrize(
    "other",
    [
        "Fever was seen in 31% of treated children.",
        "Relapse of treated children took 12 days.",
        "Serum urate fell by 31% in adults.",
        "In adults over 65 years relapse was seen in 31% of the treated; in children it was not measured.",
    ],
)
def test_other_measures_units_and_groups_are_not_paired(other):
    assert not side_by_side(RELAPSE, other)


def test_a_level_that_is_reached_is_not_a_change():
    level, change = "Treatment lowered serum urate to 6 mg/dL.", "Treatment lowered serum urate by 0.7 mg/dL."
    assert not side_by_side(level, change)


@given(st.sampled_from([5, 12, 31.5, 80]), st.sampled_from([5, 12, 31.5, 80]))
def test_swapped_sentences_give_swapped_pairs(one, other):
    here, there = (
        f"Relapse occurred in {one}% of treated children.",
        f"Relapse was seen in {other}% of treated children.",
    )
    forth, back = side_by_side(here, there), side_by_side(there, here)
    assert [(p.one.low, p.other.low, p.same) for p in forth] == [(p.other.low, p.one.low, p.same) for p in back]


def test_a_long_row_of_digits_is_read_in_linear_time():
    began = time.perf_counter()
    quantities("1" * 20_000 + " 2,000" * 2_000)
    assert time.perf_counter() - began < 5
