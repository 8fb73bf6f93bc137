"""Whether the reader that is shipped is what its recipe makes, in minutes: its first steps, and what it gets right.

`python -m rag.training.check ROWS [--weights FILE]` takes the rows of the training and compares with the record beside
the weights, which `rag.training.reader` left there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from rag.atomic_folder import sha256
from rag.encoders import READER_WEIGHTS, WEIGHTS, load_embedder, load_reader
from rag.settings import Settings
from rag.training.held_back import is_for_tuning
from rag.training.measuring import figures
from rag.training.reader import base_reader, examples_of, first_losses, installed, learnt
from rag.training.record import Record
from rag.training.rows import json_lines


def measure(rows: Path, weights: Path, steps: int, without: Sequence[str], ordered: int = 0) -> Record:
    """Return the record of weights, and of the first steps of their training."""
    known = json_lines(rows)
    unseen = [row for row in known if row["source"] in without or is_for_tuning(row["key"])]
    return Record(
        base=sha256(installed(WEIGHTS)),
        rows=sha256(rows),
        weights=sha256(weights),
        steps=steps,
        ordered=ordered,
        without=tuple(without),
        losses=tuple(first_losses(examples_of(learnt(known, without)), base_reader(), steps)),
        figures=figures(unseen, load_reader(load_embedder(Settings().data / "models"), weights)),
    )


def main() -> None:
    """Say what differs from the record, and fail if anything does."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("--weights", type=Path, default=READER_WEIGHTS)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    record = asked.weights.with_suffix(".json")
    if not record.is_file():
        sys.exit(f"There is no record of these weights ({record.name} beside them): `make train` leaves one.")
    recorded = Record.read(record)
    found = measure(asked.rows, asked.weights, recorded.steps, recorded.without, recorded.ordered)
    differences = [*recorded.differences(found)]
    print(*differences or ["The first steps and the figures are those of the record."], sep="\n")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()
