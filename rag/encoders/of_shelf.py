"""Whether a question is put to the papers as such, or to what they say: "Which are from 2015?", "Does it work?".

One linear layer on the question's vector, learned from questions written for this project (`rag.training.of_shelf`;
figures in `docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders.small_weights import read_weights
from rag.types import FloatVector

SHELF_WEIGHTS = Path(__file__).parent / "weights" / "of_shelf.safetensors"


def asks_of_shelf(question: FloatVector) -> float:
    """Return how likely a question is put to the papers as such, in [0, 1], given its vector; 0 without the weights."""
    weights = read_weights(SHELF_WEIGHTS)
    if weights is None:
        return 0.0
    logit = question @ weights.matrices["weight"] + weights.matrices["bias"]
    return round(float(1 / (1 + np.exp(-logit[0]))), 4)
