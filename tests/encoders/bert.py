"""BERT as its paper and the configuration of all-MiniLM-L6-v2 define it, in NumPy, one text at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import erf

import numpy as np

from rag.encoders.onnx_graph import EPSILON, HEADS, LAYERS, WIDTH


def hidden_states(ids: Sequence[int], weights: Callable[[str], np.ndarray]) -> np.ndarray:
    """Return the last hidden states, (len(ids), 384), of tokens of the first segment, with weights by their names."""

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights(f"{name}.weight").T + weights(f"{name}.bias")

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
        return scaled * weights(f"{name}.weight") + weights(f"{name}.bias")

    def heads(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(ids), HEADS, WIDTH // HEADS).transpose(1, 0, 2)

    names = [f"embeddings.{kind}_embeddings.weight" for kind in ("word", "position", "token_type")]
    words, positions, types = (weights(name) for name in names)
    hidden = norm(words[ids] + positions[: len(ids)] + types[0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            heads(linear(hidden, f"{name}.attention.self.{part}")) for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(WIDTH // HEADS))
        mixed = (scores / scores.sum(axis=-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(ids), WIDTH)
        attended = linear(mixed, f"{name}.attention.output.dense")
        hidden = norm(hidden + attended, f"{name}.attention.output.LayerNorm")
        wide = linear(hidden, f"{name}.intermediate.dense")
        erfs = np.fromiter(map(erf, (wide / np.sqrt(2)).flat), np.float32).reshape(wide.shape)
        hidden = norm(hidden + linear(wide * (1 + erfs) / 2, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    return hidden
