"""A training that is run again is told from another one, and not from itself on another processor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.training.record import Record

RECORD = Record(
    base="a", rows="b", weights="c", steps=1000, ordered=140, without=("scifact",),
    losses=(3.1, 2.8), figures={"trials": {"rows": 600, "first": 0.7, "claim": None}},
)  # fmt: skip


def test_a_record_is_read_as_it_was_written(tmp_path):
    RECORD.write(tmp_path / "reader.json")
    assert Record.read(tmp_path / "reader.json") == RECORD


def test_what_is_the_same_but_for_the_order_of_a_sum_does_not_differ():
    near = replace(RECORD, losses=(3.11, 2.79), figures={"trials": {"rows": 600, "first": 0.703, "claim": None}})
    assert [*RECORD.differences(near)] == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"rows": "x"}, "rows"),
        ({"base": "x"}, "base"),
        ({"losses": (3.1, 3.1)}, "loss of step 2: 3.1, recorded 2.8"),
        ({"losses": (3.1, float("nan"))}, "loss of step 2"),
        ({"figures": {"trials": {"rows": 600, "first": 0.6, "claim": None}}}, "trials, first: 0.6, recorded 0.7"),
        ({"figures": {"trials": {"rows": 600, "first": 0.7, "claim": 0.5}}}, "trials, claim"),
        ({"figures": {}}, "trials, first: None"),
        ({"figures": RECORD.figures | {"nli": {"rows": 1}}}, "nli, rows"),
    ],
)
def test_what_differs_is_told_by_name(change, told):
    assert any(line.startswith(told) for line in RECORD.differences(replace(RECORD, **change)))
