"""What a sentence is there for in its paper, from its vector, its neighbours', its heading's and its place.

A small network reads each sentence with the one before and the one after; a second one reads what the first makes of
nine successive sentences, since the parts of a paper come in an order. Both were learned from the headings that authors
gave their own trials and from labels by hand, as was what tells whether a sentence reports a finding, hedges, or states
a fact (`rag.training.roles`; figures and sources in `weights/ROLES.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.atomic_folder import sha256
from rag.encoders.small_weights import read_weights
from rag.types import ROLES, FloatMatrix

ROLE_WEIGHTS = Path(__file__).parent / "weights" / "roles.safetensors"
# Sentences on either side whose roles, as the first network sees them, the second one looks at.
REACH = 4
# Sentences that are read at a time: bounds the memory to some 30 MB.
BLOCK = 4096
_LONG = np.log1p(50)

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class SentencePlaces:
    """Where n sentences stand, in reading order; some may be left out. All have the shape (n,).

    `heading` is the number of the heading above, -1 where there is none. `stretch` names the abstract or section, in
    which `at` is the sentence's place, from 0, and `length` the number of sentences.
    """

    heading: Numbers
    stretch: Numbers
    at: Numbers
    length: Numbers
    in_abstract: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)

    def __getitem__(self, rows: Numbers) -> SentencePlaces:
        """Return the places of some of the sentences, which must be in reading order."""
        return SentencePlaces(*(getattr(self, field.name)[rows] for field in fields(self)))

    def neighbours(self, rows: Numbers, step: int) -> Numbers:
        """Return the rows that many sentences further in the same stretch, -1 where there is none."""
        there = np.clip(rows + step, 0, len(self) - 1)
        beside = (self.stretch[there] == self.stretch[rows]) & (self.at[there] == self.at[rows] + step)
        return np.where(beside, there, -1)


def role_probabilities(vectors: FloatMatrix, headings: FloatMatrix, places: SentencePlaces) -> FloatMatrix:
    """Return how likely each role is for each sentence, shape (n, len(ROLES)), each row summing to 1.

    `vectors`, shape (n, 384), are those of the sentences, and `headings` of the headings by their number, all unit
    vectors of the embedder that `reads` tells.
    """
    weights = _weights()
    empty, blocks = np.empty((0, len(ROLES)), np.float32), list(_blocks(len(places)))
    alone = [layers(sentence_features(vectors, headings, places, rows), weights, "sentence") for rows in blocks]
    scores = np.concatenate([empty, *alone])
    seen = [layers(context_features(scores, places, rows), weights, "context") for rows in blocks]
    return softmax(np.concatenate([empty, *seen]))


def state_probabilities(vectors: FloatMatrix, roles: FloatMatrix) -> FloatMatrix:
    """Return how likely each of STATES is for each sentence, shape (n, len(STATES)), by its vector and its roles."""
    weights = _weights()
    return sigmoid(state_features(vectors, roles) @ weights["state"] + weights["state.bias"])


def state_features(vectors: FloatMatrix, roles: FloatMatrix) -> FloatMatrix:
    """Return what the states are told by."""
    return np.hstack([vectors, roles])


def sigmoid(scores: FloatMatrix) -> FloatMatrix:
    """Return scores as probabilities, each by itself."""
    return np.asarray(np.exp(-np.logaddexp(0, -scores)))


def reads(embedder_id: str | None) -> bool:
    """Tell whether the weights were learned from the vectors of an embedder; others say nothing to them."""
    weights = read_weights(ROLE_WEIGHTS)
    return embedder_id is not None and weights is not None and weights.metadata.get("embedder") == embedder_id


def roles_id() -> str:
    """Return a name of the weights, which is another one for other weights."""
    return f"roles {sha256(ROLE_WEIGHTS)[:12]}" if read_weights(ROLE_WEIGHTS) else "no roles"


def sentence_features(
    vectors: FloatMatrix, headings: FloatMatrix, places: SentencePlaces, rows: Numbers
) -> FloatMatrix:
    """Return what the first network reads of some rows: four vectors (zeros for what is not there) and the place."""
    beside = (rows, places.neighbours(rows, -1), places.neighbours(rows, 1))
    seen = [_taken(vectors, at) for at in beside]
    return np.hstack([*seen, _taken(headings, places.heading[rows]), place_features(places, rows)])


def context_features(scores: FloatMatrix, places: SentencePlaces, rows: Numbers) -> FloatMatrix:
    """Return what the second network reads: what the first makes of successive sentences, and the place."""
    likely = softmax(scores)
    seen = [_taken(likely, places.neighbours(rows, step)) for step in range(-REACH, REACH + 1)]
    return np.hstack([*seen, scores[rows], place_features(places, rows)])


def place_features(places: SentencePlaces, rows: Numbers) -> FloatMatrix:
    """Return the place of some rows in their abstract or section as numbers between 0 and about 1."""
    at, length, inside = places.at[rows], places.length[rows], places.in_abstract[rows]
    share = (at + 0.5) / length
    left = length - 1 - at
    whole = [share, share**2, np.log1p(at) / _LONG, np.log1p(left) / _LONG, at == 0, left == 0]
    in_abstract = [np.where(inside, part, 0) for part in whole]
    return np.stack([*whole, *in_abstract, inside, places.heading[rows] >= 0], axis=1).astype(np.float32)


def layers(features: FloatMatrix, weights: Mapping[str, FloatMatrix], name: str) -> FloatMatrix:
    """Return the scores that one of the networks gives, shape (n, len(ROLES)): a hidden layer, then a linear one."""
    hidden = np.maximum(features @ weights[f"{name}.hidden"] + weights[f"{name}.hidden.bias"], 0)
    return np.asarray(hidden @ weights[f"{name}.out"] + weights[f"{name}.out.bias"])


def softmax(scores: FloatMatrix) -> FloatMatrix:
    """Return scores as probabilities, row by row."""
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _taken(matrix: FloatMatrix, rows: Numbers) -> FloatMatrix:
    if not len(matrix):
        return np.zeros((len(rows), matrix.shape[1]), np.float32)
    return np.where((rows >= 0)[:, None], matrix[rows], np.float32(0))


def _blocks(n: int) -> Iterator[Numbers]:
    return (np.arange(start, min(start + BLOCK, n)) for start in range(0, n, BLOCK))


def _weights() -> Mapping[str, FloatMatrix]:
    weights = read_weights(ROLE_WEIGHTS)
    assert weights, "whoever asks has seen that the weights read the embedder"
    return weights.matrices
