"""What a sentence tells of its study, and what the name of a row asks for, in the same kinds: "dose", "harms".

Two linear layers: on a sentence's vector, role and figures, learned from the sentences of articles that were labelled
for it, and on a name's vector, learned from names that were (`rag.training.facets`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from rag.encoders.small_weights import SmallWeights, read_weights
from rag.types import FloatMatrix, FloatVector

FACET_WEIGHTS = Path(__file__).parent / "weights" / "facets.safetensors"
# How many took part and who, who was kept out; what was given, how much, against what and how long; what was measured
# and found; which harms, or that there were none to speak of; who left; what its authors conclude, and where it falls
# short; how and where it was done.
FACETS = (
    "number",
    "people",
    "excluded",
    "treatment",
    "dose",
    "comparator",
    "length",
    "measure",
    "result",
    "further result",
    "harms",
    "harmless",
    "dropouts",
    "conclusion",
    "limits",
    "design",
    "setting",
)
# A name may also ask for what was found on anything, or for who paid, which lines beside the text tell.
FINDING, FUNDING = "finding", "funding"
ASKED = (*FACETS, FINDING, FUNDING)
_FOUND = [FACETS.index(name) for name in ("result", "further result", "harms")]
# Figures, several of them, shares and probabilities, masses.
_FIGURES = tuple(
    re.compile(form) for form in (r"\d", r"\d+\D+\d+\D+\d", r"\d\s*%|\b[pP]\s*[<=]", r"\d ?(?:m[gl]|[µμ]?g|IU|U)\b")
)
_LONG = 200  # characters
# A sentence that tells none of what is asked is so unlikely, not impossible.
_LEAST = 0.02


def facet_features(vectors: FloatMatrix, roles: FloatMatrix, texts: Sequence[str]) -> FloatMatrix:
    """Return what is known of sentences: vectors, (n, 384), shares of roles, (n, len(ROLES)), figures and length."""
    figures = [[*(bool(form.search(text)) for form in _FIGURES), len(text) / _LONG] for text in texts]
    return np.hstack([vectors, roles, np.array(figures, np.float32).reshape(len(texts), -1)])


def facets_told(vectors: FloatMatrix, roles: FloatMatrix, texts: Sequence[str]) -> FloatMatrix:
    """Return how likely sentences tell each of FACETS, in nats, shape (n, len(FACETS)); zeros without the weights."""
    weights = read_weights(FACET_WEIGHTS)
    if weights is None:
        return np.zeros((len(texts), len(FACETS)), np.float32)
    chances = _chances(weights, "told", facet_features(vectors, roles, texts))
    return np.asarray(np.log(_LEAST + (1 - _LEAST) * chances), np.float32)


def facets_asked(name: FloatVector) -> dict[str, float]:
    """Return how likely a row asks for each of ASKED, given its name's vector; empty without the weights."""
    weights = read_weights(FACET_WEIGHTS)
    if weights is None:
        return {}
    return dict(zip(ASKED, map(float, _chances(weights, "asked", name[np.newaxis])[0]), strict=True))


def _chances(weights: SmallWeights, layer: str, known: FloatMatrix) -> FloatMatrix:
    # One by one: a product of matrices differs in the last bits by what stands beside a row.
    logits = np.vecdot(known[:, np.newaxis], weights.matrices[f"{layer}.weight"].T) + weights.matrices[f"{layer}.bias"]
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)


def of_the_kind(told: FloatMatrix, name: FloatVector) -> FloatVector:
    """Return how likely sentences tell what a row asks for, given its name's vector, in nats, shape (n,)."""
    asked = facets_asked(name)
    wants = np.array([asked.get(kind, 0.0) for kind in (*FACETS, FINDING)], np.float32)
    chances = np.hstack([told, told[:, _FOUND].max(axis=1, keepdims=True)])
    return np.asarray(np.vecdot(chances, wants) / max(1.0, float(wants.sum())), np.float32)
