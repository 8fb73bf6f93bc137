"""Which sentences a question seeks, by its kind: "Who could not enter?" those on exclusion, whatever their words.

A bilinear layer of rank 64 on the vectors of question and sentence, and a linear one that tells from the question's how
much each facet speaks for a sentence, learned beside their cosine and the roles (`rag.training.sought`; figures in
`docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix, FloatVector

SOUGHT_WEIGHTS = Path(__file__).parent / "weights" / "sought.safetensors"


def seeking(question: FloatVector, sentences: FloatMatrix, facets: FloatMatrix) -> FloatVector:
    """Return how much a question seeks each sentence, in nats, shape (n,); 0 without the weights.

    Given its vector, those of the sentences, and how likely they tell each of FACETS, (n, len(FACETS)).
    """
    weights = read_weights(SOUGHT_WEIGHTS)
    if weights is None:
        return np.zeros(len(sentences), np.float32)
    learned = weights.matrices
    direction = learned["sentences"] @ (question @ learned["questions"])
    asked = question @ learned["facets"] + learned["bias"]
    return np.asarray(np.vecdot(sentences, direction) + np.vecdot(facets, asked), np.float32)
