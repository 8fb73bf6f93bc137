"""Pairs of sentences: MNLI as in TaxiNLI."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.training.rows.row import UNKNOWN, Row


def nli_rows(files: Sequence[Path]) -> Iterator[Row]:
    """Yield rows of pairs of sentences of MNLI (in TaxiNLI): the premise is the text, the hypothesis the claim."""
    labels = {"entailment": 0, "contradiction": 1, "neutral": 2}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["label"] in labels and len(row["prem"]) > 10:
                    label = labels[row["label"]]
                    yield Row("nli", row["hyp"], row["hyp"], "", (row["prem"],), (UNKNOWN,), (UNKNOWN,), (label,),
                              UNKNOWN, label)  # fmt: skip
