"""Which roles sentences have that answer a question: "What are the limits of …?" wants others than "Does … work?".

One linear layer on the question's vector, learned from questions of every kind and the roles of what answers them
(`rag.training.wanted`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from rag.types import FloatMatrix, FloatVector

WANTED_WEIGHTS = Path(__file__).parent / "weights" / "wanted.safetensors"


def wanted_roles(question: FloatVector) -> FloatVector:
    """Return how much each role speaks for a sentence, in nats, shape (len(ROLES),), given a question's vector."""
    weights = _weights()
    return np.asarray(question @ weights["weight"] + weights["bias"])


@cache
def _weights() -> dict[str, FloatMatrix]:
    from safetensors.numpy import load_file

    return load_file(WANTED_WEIGHTS)
