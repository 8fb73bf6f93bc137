"""How near the words of a question come to those of a sentence, each in its place: "puffer" to "inhaler".

Each word of the question is set beside the word of the sentence that means most nearly the same there, as BERTScore
does (Zhang et al., ICLR 2020), and counts by how surely a quote that answers holds it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.matching import Matcher
from rag.answers.reading import Candidate
from rag.lexicon import is_content
from rag.text import words
from rag.types import FloatMatrix, Span

if TYPE_CHECKING:
    from rag.shelf import Library

# So many sentences are looked at, and so many words of each.
SENTENCES, MOST_WORDS = 3, 80


def alignment(found: Sequence[Candidate], matcher: Matcher, library: Library) -> dict[str, float]:
    """Return how near the best sentences come to a question's words: on average, and to the one that is farthest off.

    Cosines in [-1, 1]; 0 without a model. Of the words only those count as farthest off that decide.
    """
    nearest = {"aligned": 0.0, "least aligned": 0.0}
    if library.embedder is None or not matcher.terms or not matcher.weights.any():
        return nearest
    asked = _of_terms([one.term.text for one in matcher.terms], library)
    for candidate in found[:SENTENCES]:
        said = _of_words(candidate.text, library)
        if len(said):
            cosines = (asked @ said.T).max(axis=1)
            share = float(matcher.weights @ cosines / matcher.weights.sum())
            nearest["aligned"] = max(nearest["aligned"], share)
            nearest["least aligned"] = max(nearest["least aligned"], float(cosines[matcher.deciding].min()))
    return nearest


def _of_terms(terms: Sequence[str], library: Library) -> FloatMatrix:
    """Return what each of some terms means beside the others."""
    ends = np.cumsum([len(term) + 1 for term in terms]).tolist()
    spans = [(end - 1 - len(term), end - 1) for term, end in zip(terms, ends, strict=True)]
    return _meanings(" ".join(terms), spans, library)


def _of_words(text: str, library: Library) -> FloatMatrix:
    """Return what each content word of a sentence means in it."""
    return _meanings(text, [(one.start, one.end) for one in words(text) if is_content(one)][:MOST_WORDS], library)


def _meanings(text: str, spans: Sequence[Span], library: Library) -> FloatMatrix:
    """Return what some words mean in their text, as unit vectors, one a row."""
    if not spans:
        return np.zeros((0, 1), np.float32)
    found = library.meanings(text, tuple(spans))
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))
