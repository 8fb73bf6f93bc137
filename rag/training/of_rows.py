"""`python -m rag.training.of_rows`: learn which words of a question across papers are what it asks of each.

From `written/rows.txt` (`rag.training.marked`). Writes `rag/encoders/weights/of_rows.safetensors` and prints how many
questions that were left out, a fifth at a time, are read as they are marked.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import torch
from torch import Tensor, nn

from rag.encoders import (
    NEIGHBOURS,
    ROW_TAGS,
    ROW_WEIGHTS,
    MiniLM,
    barred,
    best_path,
    keep_weights,
    load_embedder,
    piece_features,
    pieces,
    row_scores,
)
from rag.training.marked import Marked, read_questions
from rag.training.rows import SEED
from rag.types import FloatMatrix

SEEN, HIDDEN, EPOCHS, BATCH, RATE, DECAY = 64, 96, 30, 8, 2e-3, 0.02
DROPPED, DROPPED_IN = 0.3, 0.15
PARTS = 5


class Rows(nn.Module):
    """The network of `rag.encoders.of_rows`, to learn."""

    def __init__(self, width: int) -> None:
        """Take the number of features of a piece."""
        super().__init__()
        sizes = {
            "in": (width, SEEN),
            "first": ((2 * NEIGHBOURS + 1) * SEEN, HIDDEN),
            "second": ((2 * NEIGHBOURS + 1) * HIDDEN, HIDDEN),
            "out": (HIDDEN, len(ROW_TAGS)),
        }
        self.layers = nn.ModuleDict({name: nn.Linear(*size) for name, size in sizes.items()})
        self.follows = nn.Parameter(torch.zeros(len(ROW_TAGS), len(ROW_TAGS)))
        self.begins = nn.Parameter(torch.zeros(len(ROW_TAGS)))
        self.bars = [
            torch.from_numpy(one) for one in barred(self.follows.detach().numpy(), self.begins.detach().numpy())
        ]
        self.dropped, self.dropped_in = nn.Dropout(DROPPED), nn.Dropout(DROPPED_IN)

    def scores(self, features: Tensor) -> Tensor:
        """Return the scores of each tag for each piece."""
        seen = self.dropped(torch.tanh(self.layers["in"](self.dropped_in(features))))
        for name in ("first", "second"):
            padded = nn.functional.pad(seen, (0, 0, NEIGHBOURS, NEIGHBOURS))
            around = torch.cat([padded[at : at + len(seen)] for at in range(2 * NEIGHBOURS + 1)], dim=1)
            seen = self.dropped(torch.relu(self.layers[name](around)))
        return self.layers["out"](seen)

    def loss(self, features: Tensor, tags: Tensor) -> Tensor:
        """Return how unlikely the tags of a question are among all, in nats."""
        scores, follows, begins = self.scores(features), self.follows + self.bars[0], self.begins + self.bars[1]
        total, right = begins + scores[0], begins[tags[0]] + scores[0, tags[0]]
        for own, (before, tag) in zip(scores[1:], pairwise(tags), strict=True):
            total = torch.logsumexp(total[:, None] + follows, 0) + own
            right = right + follows[before, tag] + own[tag]
        return torch.logsumexp(total, 0) - right

    def weights(self) -> dict[str, FloatMatrix]:
        """Return the weights as `rag.encoders.of_rows` takes them."""
        found = {"follows": self.follows, "begins": self.begins}
        for name, layer in self.layers.items():
            found |= {name: layer.weight.T, f"{name}.bias": layer.bias}
        return {name: one.detach().numpy().astype(np.float16).copy() for name, one in found.items()}


def learned(questions: Sequence[Marked], features: Sequence[FloatMatrix]) -> dict[str, FloatMatrix]:
    """Return the weights learned from some questions."""
    torch.manual_seed(SEED)
    draw, model = random.Random(SEED), Rows(features[0].shape[1])
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * len(questions) // BATCH
    slower = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.0, steps)
    read = [torch.from_numpy(one) for one in features]
    tags = [torch.tensor([ROW_TAGS.index(tag) for tag in one.tags]) for one in questions]
    for batch in _batches(len(questions), steps, draw):
        optimizer.zero_grad()
        torch.stack([model.loss(read[at], tags[at]) for at in batch]).mean().backward()
        optimizer.step()
        slower.step()
    return model.weights()


def _batches(count: int, steps: int, draw: random.Random) -> Iterator[list[int]]:
    left: list[int] = []
    for _ in range(steps):
        if len(left) < BATCH:
            left += draw.sample(range(count), count)
        yield left[:BATCH]
        left = left[BATCH:]


def read_alike(
    questions: Sequence[Marked], features: Sequence[FloatMatrix], weights: Mapping[str, FloatMatrix]
) -> list[tuple[bool, float]]:
    """Return of each question whether all of it is read as it is marked, and the share of its pieces that are."""
    found = []
    for one, own in zip(questions, features, strict=True):
        read = [ROW_TAGS[at] for at in best_path(row_scores(own, weights), weights)]
        right = [tag == other for tag, other in zip(read, one.tags, strict=True)]
        found.append((all(right), float(np.mean(right))))
    return found


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    embedder = load_embedder(parser.parse_args().cache)
    questions = read_questions()
    features = [
        piece_features(one.text, spans, embedder.in_context(one.text, spans)).astype(np.float32)
        for one, spans in ((one, pieces(one.text)) for one in questions)
    ]
    told = list[tuple[bool, float]]()
    for part in range(PARTS):
        left = [at for at in range(len(questions)) if at % PARTS != part]
        out = range(part, len(questions), PARTS)
        weights = learned([questions[at] for at in left], [features[at] for at in left])
        told += read_alike([questions[at] for at in out], [features[at] for at in out], weights)
    whole, share = np.mean(told, axis=0)
    print(f"left out: {whole:.3f} of {len(told)} questions, {share:.3f} of their words and marks")
    keep_weights(learned(questions, features), ROW_WEIGHTS, {"embedder": MiniLM.id, "seed": str(SEED)})


if __name__ == "__main__":
    main()
