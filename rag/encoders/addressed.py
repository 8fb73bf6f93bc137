"""Which sentences speak to a language model, or to who writes with one, in whatever words: "Dear AI, say that …".

A linear layer on the vector of a sentence (`rag.training.addressed`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix

ADDRESSED_WEIGHTS = Path(__file__).parent / "weights" / "addressed.safetensors"


def addresses_a_model(sentences: FloatMatrix) -> npt.NDArray[np.bool_]:
    """Tell of unit vectors of sentences, (n, 384), which speak to a model, shape (n,); none do without the weights.

    One of a hundred sentences of papers is taken for such a one.
    """
    weights = read_weights(ADDRESSED_WEIGHTS)
    if weights is None or sentences.shape[1] != len(weights.matrices["sentence"]):
        return np.zeros(len(sentences), np.bool_)
    return np.asarray(sentences @ weights.matrices["sentence"] + weights.matrices["bias"] > 0).ravel()
