"""A network with one hidden layer that learns what a sentence or line is there for, where several roles may be open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.encoders import Numbers, layers, softmax
from rag.types import FloatMatrix, FloatVector

BATCH, RATE = 256, 2e-3
# What a sentence counts whose heading leaves several roles open.
OPEN_COUNTS = 0.5

Mask = npt.NDArray[np.bool_]
Weights = dict[str, FloatMatrix]


@dataclass(frozen=True, slots=True)
class Network:
    """What a network is called in the weights, its size, how long it learns, what share is dropped, and its decay.

    The weights' decay is apart from the slopes (Loshchilov and Hutter 2019).
    """

    name: str
    hidden: int
    epochs: int
    dropped: float
    decay: float = 0.02

    def scores(self, features: FloatMatrix, weights: Weights) -> FloatMatrix:
        """Return the scores of the roles, shape (n, roles)."""
        return layers(features, weights, self.name)

    def fit(self, features: Callable[[Numbers], FloatMatrix], roles: Mask, rows: Numbers, seed: int) -> Weights:
        """Return the weights that make the open roles of some rows likely, by Adam; `features` reads a batch."""
        chance = np.random.default_rng(seed)
        weights = self._random(features(rows[:1]).shape[1], roles.shape[1], chance)
        counts = _counts(roles, rows)
        moments = {key: (np.zeros_like(values), np.zeros_like(values)) for key, values in weights.items()}
        steps = self.epochs * -(-len(rows) // BATCH)
        for step, batch in enumerate(_batches(rows, self.epochs, chance)):
            kept = (chance.random((len(batch), self.hidden)) >= self.dropped) / (1 - self.dropped)
            slopes = self._slopes(features(batch), roles[batch], counts[batch], weights, kept.astype(np.float32))
            for key, slope in slopes.items():
                weights[key] *= np.float32(1 - RATE * (1 - step / steps) * self.decay)
                adam(weights[key], slope, moments[key], RATE * (1 - step / steps), step)
        return weights

    def _random(self, width: int, kinds: int, chance: np.random.Generator) -> Weights:
        weights = {}
        for part, rows, columns in (("hidden", width, self.hidden), ("out", self.hidden, kinds)):
            values = chance.standard_normal((rows, columns)) * np.sqrt(2 / rows)
            weights[f"{self.name}.{part}"] = values.astype(np.float32)
            weights[f"{self.name}.{part}.bias"] = np.zeros(columns, np.float32)
        return weights

    def _slopes(
        self, features: FloatMatrix, roles: Mask, counts: FloatVector, weights: Weights, kept: FloatMatrix
    ) -> Weights:
        hidden = np.maximum(features @ weights[f"{self.name}.hidden"] + weights[f"{self.name}.hidden.bias"], 0) * kept
        given = softmax(hidden @ weights[f"{self.name}.out"] + weights[f"{self.name}.out.bias"])
        # The open roles, each as likely as the network itself takes it to be.
        wanted = given * roles
        wanted /= np.maximum(wanted.sum(axis=1, keepdims=True), 1e-9)
        error = (given - wanted) * (counts / len(features))[:, None]
        below = (error @ weights[f"{self.name}.out"].T) * (hidden > 0) * kept
        return {
            f"{self.name}.hidden": features.T @ below,
            f"{self.name}.hidden.bias": below.sum(axis=0),
            f"{self.name}.out": hidden.T @ error,
            f"{self.name}.out.bias": error.sum(axis=0),
        }


def _counts(roles: Mask, rows: Numbers) -> FloatVector:
    """Return what each sentence counts: rare roles more than their share, sentences of several less than one."""
    certain = rows[roles[rows].sum(axis=1) == 1]
    frequency = roles[certain].sum(axis=0) / len(certain)
    rarity = np.sqrt(1 / (roles.shape[1] * np.maximum(frequency, 1e-3)))
    return np.where(roles.sum(axis=1) > 1, OPEN_COUNTS, roles @ rarity).astype(np.float32)


def _batches(rows: Numbers, epochs: int, chance: np.random.Generator) -> Iterator[Numbers]:
    for _ in range(epochs):
        shuffled = chance.permutation(rows)
        yield from (shuffled[start : start + BATCH] for start in range(0, len(rows), BATCH))


def adam(
    values: FloatMatrix, slope: FloatMatrix, moments: tuple[FloatMatrix, FloatMatrix], rate: float, step: int
) -> None:
    """Take one step of Adam, in place."""
    first, second = moments
    first += 0.1 * (slope - first)
    second += 0.001 * (slope**2 - second)
    corrected = first / (1 - 0.9 ** (step + 1)), second / (1 - 0.999 ** (step + 1))
    values -= np.float32(rate) * (corrected[0] / (np.sqrt(corrected[1]) + 1e-8))
