"""Which sentences a question seeks, by its kind: "Who could not enter?" those on exclusion, whatever their words.

A bilinear layer of rank 64 on the vectors of question and sentence, learned beside their cosine and the roles
(`rag.training.sought`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix, FloatVector

SOUGHT_WEIGHTS = Path(__file__).parent / "weights" / "sought.safetensors"


def seeking(question: FloatVector, sentences: FloatMatrix) -> FloatVector:
    """Return how much a question seeks each sentence, in nats, shape (len(sentences),); 0 without the weights."""
    weights = read_weights(SOUGHT_WEIGHTS)
    if weights is None:
        return np.zeros(len(sentences), np.float32)
    direction = weights.matrices["sentences"] @ (question @ weights.matrices["questions"])
    return np.asarray(np.vecdot(sentences, direction), np.float32)
