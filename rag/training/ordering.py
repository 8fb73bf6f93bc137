"""The trained reader learns to tell what answers from all that stands near it in a whole article.

`python -m rag.training.ordering SOURCES EXCLUDED ROWS FOLDER [--cache FOLDER]` goes on from
`FOLDER/reader.safetensors`, which `rag.training.reader` left there. A step reads the stretches of one article that are
nearest to a written question, and what answers must stand out among all their sentences (a softmax over them, as in
ListNet: Cao et al., ICML 2007); every other step it reads some rows of the training before as well, so that nothing is
forgotten.

It learns twice from where it stood: without the rows of comparisons, the questions in lay words and those for one kind
of answer, and with them. The mean of both weights keeps what each is better at (Wortsman et al., ICML 2022).
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from rag.training.check import measure
from rag.training.reader import (
    LOSSES,
    Example,
    Training,
    base_reader,
    examples_of,
    export,
    keep_on,
    labels,
    learnt,
    losses,
    order_loss,
)
from rag.training.record import Record
from rag.training.rows import SEED, Written, json_lines, listings
from rag.training.written_sources import Given, given

STEPS, STEPS_WITH_MORE = 1400, 2400
RATE, HEAD_RATE = 5e-5, 2e-4
# Rows of these sources are read beside, so many tokens in every other step: they have directions and claims.
BESIDE = ("findings", "carried", "trials", "readings", "covid-qa")
ROW_TOKENS = 1800
# What the losses of a listing weigh; the others of the reader are left to the rows.
LISTED = {"order": 1.0, "answers": 0.5, "sufficient": 0.3}


class Batch(NamedTuple):
    """What is read in a step: the stretches of an article for one question, and rows of all kinds."""

    listed: Sequence[Example]
    rows: Sequence[Example]


def batches_of(listed: Sequence[Sequence[Example]], rows: Sequence[Example]) -> Iterator[Batch]:
    """Yield what is read at each step, without end, in an order by the seed."""
    draw = random.Random(SEED)
    for number in count():
        for at in draw.sample(range(len(listed)), len(listed)):
            beside: list[Example] = []
            while (number + at) % 2 and sum(len(one.tokens) for one in beside) < ROW_TOKENS:
                beside.append(draw.choice(rows))
            yield Batch(listed[at], beside)


class Ordering(Training):
    """A reader that learns the order of the sentences of articles."""

    def step_of(self, at: int, batch: Batch) -> dict[str, float]:
        """Learn from a batch at step `at`, counted from 1; return the losses by their names, "all" among them."""
        torch.manual_seed(SEED + at)
        sentences, whole = self.read([*batch.listed, *batch.rows])
        own, count = sum(len(one.ends) for one in batch.listed), len(batch.listed)
        parts = losses(sentences[:own], whole[:count], batch.listed)
        parts["order"] = order_loss(sentences[:own, 0], labels(batch.listed, "answers"), [own])
        found, weights = {name: parts[name] for name in LISTED}, dict(LISTED)
        if batch.rows:
            of_rows = losses(sentences[own:], whole[count:], batch.rows)
            found |= {f"{name} of rows": part for name, part in of_rows.items()}
            weights |= {f"{name} of rows": weight for name, weight in LOSSES.items()}
        return self.learn(found, weights)


def learned(
    start: Given, written: Sequence[Written], others: Sequence[Example], folder: Path, steps: int
) -> dict[str, Tensor]:
    """Return the weights of a reader that learned so many steps from some questions."""
    weights = folder / "reader.safetensors"
    pages = start.pages(written)
    listed = [examples_of([asdict(row) for row in own]) for own in listings(written, pages, start.embed)]
    print(json.dumps({"questions": len(listed)}), flush=True)
    model = base_reader()
    model.take(weights)
    training = Ordering(model, steps, RATE, HEAD_RATE)
    file = folder / f"order-{Record.read(weights.with_suffix('.json')).weights[:8]}-{steps}.pt"
    keep_on(training, training.step_of, batches_of(listed, others), file, steps)
    return dict(model.state_dict())


def main() -> None:
    """Learn, and leave the weights in the place of those before, with their record."""
    start = given(__doc__, "rows", "folder")
    rows, folder = start.more
    weights = folder / "reader.safetensors"
    before = Record.read(weights.with_suffix(".json"))
    others = examples_of([row for row in learnt(json_lines(rows)) if row["source"] in BESIDE])
    first, second = (
        learned(start, own, others, folder, steps)
        for own, steps in ((start.written, STEPS), (start.with_more, STEPS_WITH_MORE))
    )
    mean = {name: (one + second[name]) / 2 if one.is_floating_point() else one for name, one in first.items()}
    ordered = STEPS + STEPS_WITH_MORE
    steps = {"steps": str(before.steps), "ordered": str(ordered)}
    export(mean, weights, {"seed": str(SEED), **steps, "without": ",".join(before.without)})
    record = measure(rows, weights, before.steps, before.without, ordered)
    record.write(weights.with_suffix(".json"))
    print(json.dumps(record.figures, indent=1))


if __name__ == "__main__":
    main()
