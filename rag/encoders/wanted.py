"""Which roles sentences have that answer a question: "What are the limits of …?" wants others than "Does … work?".

One linear layer on the question's vector, learned from questions of every kind and the roles of what answers them
(`rag.training.wanted`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders import roles
from rag.encoders.small_weights import read_weights
from rag.types import ROLES, FloatVector

WANTED_WEIGHTS = Path(__file__).parent / "weights" / "wanted.safetensors"


def wanted_roles(question: FloatVector) -> FloatVector:
    """Return how much each role speaks for a sentence, in nats, shape (len(ROLES),), given a question's vector."""
    weights = read_weights(WANTED_WEIGHTS)
    if weights is None:
        return np.zeros(len(ROLES), np.float32)
    return np.asarray(question @ weights.matrices["weight"] + weights.matrices["bias"])


def knows_roles() -> bool:
    """Tell whether the weights are there by which sentences have roles and questions want some."""
    return all(read_weights(file) for file in (roles.ROLE_WEIGHTS, WANTED_WEIGHTS))
