"""`python -m rag.training.of_shelf`: learn to tell questions about the shelf from those on what papers say.

Logistic regression on the vectors of the questions in `written/shelf.jsonl`, and of some in `written/questions.jsonl`,
all of which are on what papers say. Writes `rag/encoders/weights/of_shelf.safetensors` and prints by cross-validation,
and on the questions that were left out, how many of either kind are told.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file

from rag.encoders import SHELF_WEIGHTS, MiniLM, embed_cached, load_embedder
from rag.training.rows import SEED, read_written
from rag.types import FloatMatrix, FloatVector

WRITTEN = Path(__file__).parent / "written" / "shelf.jsonl"
# Of the questions on what papers say so many are learned from; both kinds count the same.
OTHERS = 3_000
STEPS, RATE, DECAY = 3_000, 10.0, 3e-4
FOLDS, LIKELY = 5, 0.7


def learn(vectors: FloatMatrix, of_shelf: npt.NDArray[np.float64]) -> tuple[FloatVector, float]:
    """Return the weights and the bias of a logistic model, both kinds counted the same."""
    share = of_shelf.mean()
    counts = np.where(of_shelf == 1, 1 / share, 1 / (1 - share)) / (2 * len(of_shelf))
    weight, bias = np.zeros(vectors.shape[1]), 0.0
    for _ in range(STEPS):
        errors = (_probabilities(vectors, weight, bias) - of_shelf) * counts
        weight -= RATE * (vectors.T @ errors + DECAY * weight)
        bias -= RATE * errors.sum()
    return weight.astype(np.float32), float(bias)


def _probabilities(vectors: FloatMatrix, weight: npt.NDArray[Any], bias: float) -> npt.NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-(vectors @ weight + bias))))


def measure(vectors: FloatMatrix, of_shelf: npt.NDArray[np.float64]) -> None:
    """Print how many of either kind are taken for questions about the shelf, by cross-validation."""
    fold_of = np.random.default_rng(SEED).permutation(len(of_shelf)) % FOLDS
    found = np.zeros(len(of_shelf))
    for fold in range(FOLDS):
        weight, bias = learn(vectors[fold_of != fold], of_shelf[fold_of != fold])
        found[fold_of == fold] = _probabilities(vectors[fold_of == fold], weight, bias)
    for name, kind in (("about the shelf", 1), ("on what papers say", 0)):
        print(f"{name}: {(found[of_shelf == kind] >= LIKELY).mean():.3f} of {(of_shelf == kind).sum()}")


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    given = parser.parse_args()
    embedder = load_embedder(given.cache)
    written = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    others = np.random.default_rng(SEED).permutation([one.question for one in read_written()]).tolist()
    questions = [*(one["question"] for one in written), *others]
    vectors = embed_cached(questions, embedder, given.cache / "vectors.sqlite3")
    of_shelf = np.array([*(one["shelf"] for one in written), *[0] * len(others)], np.float64)
    seen = len(written) + OTHERS
    measure(vectors[:seen], of_shelf[:seen])
    weight, bias = learn(vectors[:seen], of_shelf[:seen])
    left_out = _probabilities(vectors[seen:], weight, bias) >= LIKELY
    print(f"left out, on what papers say: {left_out.mean():.4f} of {len(left_out)}")
    weights = {"weight": weight[:, None], "bias": np.array([bias], np.float32)}
    save_file(weights, SHELF_WEIGHTS, {"embedder": MiniLM.id, "seed": str(SEED)})


if __name__ == "__main__":
    main()
