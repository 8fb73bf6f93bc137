"""Weights of a reader that was never trained."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import load_file

from rag.encoders.embedding import WEIGHTS, installed_file
from rag.encoders.reader_weights import HEADS, LAYER


def tuned(layers: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return weights that a training of some layers might have come to."""
    chance, base = np.random.default_rng(7), load_file(installed_file(WEIGHTS))
    names = [f"layer.{layer}.{part}" for layer in layers for part in LAYER]
    trained = {name: chance.normal(base[f"encoder.{name}"], 0.02).astype(np.float32) for name in names}
    heads = {name: chance.normal(0, 0.2, shape).astype(np.float32) for name, shape in HEADS.items()}
    return trained | heads | {"marker": chance.normal(0, 0.1, 384).astype(np.float32)}
