"""`python -m rag.training.addressed`: learn which sentences speak to a language model.

From orders as a document may hold them for a model, written for this project, each with claims of its findings in it;
against sentences of articles, and some that speak to people or of models. Writes
`rag/encoders/weights/addressed.safetensors`, a linear layer by ridge regression on the logit, with a bias from which on
one sentence of articles in a hundred is taken for an order; prints, by cross-validation over the orders, how many of
them are seen.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.encoders import ADDRESSED_WEIGHTS, MiniLM, keep_weights, load_embedder
from rag.settings import Settings
from rag.training.rows import SEED
from rag.training.rows.row import json_lines
from rag.types import FloatMatrix, FloatVector

WRITTEN = Path(__file__).parent / "written"
# Each order is read with so many claims; what speaks to people counts so often, for it is little.
CLAIMS, OTHERS = 6, 4
SENTENCES, FOLDS, RIDGE, TAKEN = 6000, 5, 0.3, 0.01
STEPS = 30


@dataclass(frozen=True, slots=True)
class Sentences:
    """Vectors of orders, (n, 384), which wording each is of, and vectors of what is none."""

    orders: FloatMatrix
    wordings: np.ndarray
    others: FloatMatrix


def read(embedder: MiniLM) -> Sentences:
    """Return the vectors of what is learned from."""
    draw = random.Random(SEED)
    rows = list(json_lines(WRITTEN / "addressed.jsonl"))
    claims = [_inside(row["supported"]) for row in json_lines(WRITTEN / "findings.jsonl") if row.get("supported")]
    orders = [
        (at, row["text"].replace("{claim}", draw.choice(claims)))
        for at, row in enumerate(one for one in rows if one["addressed"])
        for _ in range(CLAIMS)
    ]
    told = sorted({text for row in json_lines(WRITTEN / "questions.jsonl") for text in row["evidence"]})
    others = draw.sample(told, SENTENCES) + [row["text"] for row in rows if not row["addressed"]] * OTHERS
    wordings = np.array([at for at, _ in orders])
    return Sentences(embedder.embed([text for _, text in orders]), wordings, embedder.embed(others))


def _inside(claim: str) -> str:
    return claim[:1].lower() + claim[1:].rstrip(". ")


def learn(orders: FloatMatrix, others: FloatMatrix) -> FloatVector:
    """Return the weights of a vector's numbers, and the bias last, by Newton's steps on the ridge logistic loss."""
    rows = np.c_[np.r_[orders, others], np.ones(len(orders) + len(others))].astype(np.float64)
    is_order = np.arange(len(rows)) < len(orders)
    held = RIDGE * np.eye(rows.shape[1])
    held[-1, -1] = 1e-6
    weights = np.zeros(rows.shape[1])
    for _ in range(STEPS):
        likely = 1 / (1 + np.exp(-rows @ weights))
        curve = (rows * (likely * (1 - likely) + 1e-9)[:, None]).T @ rows + held
        weights += np.linalg.solve(curve, rows.T @ (is_order - likely) - held @ weights)
    return weights.astype(np.float32)


def scores(weights: FloatVector, vectors: FloatMatrix) -> FloatVector:
    """Return the logit that each of some vectors is of an order."""
    return np.asarray(vectors @ weights[:-1] + weights[-1], np.float32)


def measured(sentences: Sentences) -> tuple[float, float]:
    """Return from which logit on so few other sentences are taken for orders, and the share of orders seen by then.

    By cross-validation: each is judged by weights that were learned without its wording.
    """
    folds = np.arange(len(sentences.others)) % FOLDS
    of_orders, of_others = np.zeros(len(sentences.orders)), np.zeros(len(sentences.others))
    for fold in range(FOLDS):
        out, beside = sentences.wordings % FOLDS == fold, folds == fold
        weights = learn(sentences.orders[~out], sentences.others[~beside])
        of_orders[out] = scores(weights, sentences.orders[out])
        of_others[beside] = scores(weights, sentences.others[beside])
    least = float(np.quantile(of_others, 1 - TAKEN))
    return least, float((of_orders > least).mean())


def main() -> None:
    """Learn, measure and write the weights."""
    sentences = read(load_embedder(Settings().data / "models"))
    least, seen = measured(sentences)
    print(f"orders seen: {seen:.3f} of {len(sentences.orders)}, with {TAKEN} of {len(sentences.others)} others")
    weights = learn(sentences.orders, sentences.others)
    kept = {"sentence": weights[:-1, None], "bias": weights[-1:] - np.float32(least)}
    keep_weights(kept, ADDRESSED_WEIGHTS, {"embedder": MiniLM.id, "seed": str(SEED)})


if __name__ == "__main__":
    main()
