"""Which facet of a study the name of a row asks for: "number of men" who took part, "what they took" what was given.

One linear layer on the name's vector, learned from names that were written for it (`rag.training.facets`; figures in
`docs/meaning.md`).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rag.encoders.roles import softmax
from rag.encoders.small_weights import read_weights
from rag.types import FloatVector

FACET_WEIGHTS = Path(__file__).parent / "weights" / "facets.safetensors"
# A name asks for a facet from this probability on: of names left out .91 of those told are right.
ASKS_FOR = 0.5
NO_FACET = "none"


def facet_asked(name: FloatVector) -> str | None:
    """Return the facet that a row asks for, given the vector of its name; None for any other, or without weights."""
    weights = read_weights(FACET_WEIGHTS)
    if weights is None:
        return None
    labels = weights.metadata["facets"].split(",")
    chances = softmax((name @ weights.matrices["weight"] + weights.matrices["bias"])[np.newaxis])[0]
    best = int(chances.argmax())
    return labels[best] if chances[best] >= ASKS_FOR and labels[best] != NO_FACET else None
