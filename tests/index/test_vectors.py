"""Rows that are mapped from a file are the rows of its matrix, and memory holds none of the others."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from rag.index.vectors import MappedRows


def in_memory(file: Path) -> int:
    """Return how many kilobytes of a mapped file the process holds."""
    held, of_file = 0, False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, _, value = line.partition(":")
        of_file = of_file if value.endswith(" kB") or name == "VmFlags" else line.endswith(str(file))
        held += int(value.split()[0]) if of_file and name == "Rss" else 0
    return held


def test_rows_are_those_of_the_matrix_in_any_order(tmp_path: Path) -> None:
    matrix = np.random.default_rng(1).random((50, 384), np.float32)
    np.save(tmp_path / "rows.npy", matrix)
    rows = MappedRows(tmp_path / "rows.npy")
    assert len(rows) == 50
    for numbers in ([], [3], [49, 0, 3, 3], range(50)):
        found = rows[np.array(numbers, np.int64)]
        assert np.array_equal(found, matrix[list(numbers)]) and found.flags.owndata


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell it otherwise")
def test_what_was_asked_for_does_not_stay_in_memory(tmp_path: Path) -> None:
    file, rng = tmp_path / "rows.npy", np.random.default_rng(1)
    np.save(file, rng.random((20_000, 384), np.float32))
    rows, mapped = MappedRows(file), np.load(file, mmap_mode="r")
    for _ in range(20):
        rows[rng.integers(0, 20_000, 500)]
    kept = in_memory(file)
    for _ in range(20):
        mapped[rng.integers(0, 20_000, 500)]
    assert kept < 100 and in_memory(file) > 15_000, "a mapping that stays is soon whole"
