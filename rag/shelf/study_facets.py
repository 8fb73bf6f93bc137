"""What a study did and found, as columns of a table: for each facet the one sentence that tells it best.

Told by the role of each sentence, the heading above it and its nearness in meaning to a sentence of the kind; a paper
none of whose sentences is surely of the kind has no such cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import numpy.typing as npt

from rag.shelf.paper_facts import Fact
from rag.types import PROSE, TRAITS, FloatMatrix, Review, Role

if TYPE_CHECKING:
    from rag.shelf.library import Library

Facet = Literal["intervention", "outcome", "result", "harms", "conclusion", "limitations"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the sentence of a facet is known: its role, what it or its heading says, and what it is like in meaning.

    Without a sentence that it is `like` the most central one is taken. `named` is its least cosine to the title.
    """

    roles: tuple[Role, ...]
    heading: re.Pattern[str]
    says: re.Pattern[str] | None = None
    like: tuple[str, ...] = ()
    named: float = -1.0


def _heading(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE)


def _said(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


_KINDS: dict[Facet, _Kind] = {
    "intervention": _Kind(
        ("method",),
        _heading("intervention|treatment|exposure|procedure|study drug|dos(?:e|ing)"),
        _said(
            r"(?:randomi[sz]ed|assigned|allocated)\b.{0,80}?\b(?:to|receive|either|versus|vs)",
            r"receiv(?:ed|e|ing)\b.{0,120}?\b(?:or|versus|vs|placebo|control)",
        ),
        ("Patients were randomly assigned to receive the active treatment daily or the control.",),
        0.2,
    ),
    "outcome": _Kind(
        ("method", "aim"),
        _heading(r"(?:main |primary |secondary |study )?(?:outcome|end-?\s?point|measure)"),
        _said(
            r"(?:primary|main|secondary|principal) (?:\w+ )?(?:outcome|end-?\s?point|measure|variable)s?",
            r"outcomes? (?:measures? )?(?:was|were|included)",
        ),
        ("The primary outcome was the change from baseline.",),
    ),
    "result": _Kind(("result",), _heading("result|finding")),
    "harms": _Kind(
        ("result",),
        _said("adverse|safe(?:ty|ly)?|harms?|side effects?|tolerated|complications?|toxicit(?:y|ies)"),
        _said("adverse|safe(?:ty|ly)?|harms?|side effects?|tolerated|complications?|toxicit(?:y|ies)"),
        ("Adverse events occurred in both groups.", "There were no serious side effects."),
    ),
    "conclusion": _Kind(("conclusion",), _heading("conclusion|interpretation")),
    "limitations": _Kind(
        ("limitation",),
        _heading("limitation|strengths and"),
        _said("limitations?|limited", "weakness(?:es)?", "shortcomings?", "underpowered", "small (?:sample|number)"),
    ),
}
FACETS: tuple[Facet, ...] = tuple(_KINDS)
# Of a sentence that is of a kind: the least probability of its role, less where the heading says so.
_SURE, _BELOW_HEADING = 0.5, 0.25
_OF_ABSTRACT = 0.3


def study_facet(facet: Facet, review: Review, library: Library) -> Fact | None:
    """Return the sentence that tells a facet of a study best; None where none surely does, or roles are not known."""
    kind = _KINDS[facet]
    told = [(p, span) for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences]
    told = [(p, span) for p, span in dict.fromkeys(told) if p.provenance == "authors"]
    if not told:
        return None
    keys = [(review.id, *span) for _, span in told]
    traits, vectors = library.index.sentence_traits(keys), library.index.sentence_vectors(keys)
    if not traits.any():
        return None
    role = traits[:, [TRAITS.index(name) for name in kind.roles]].sum(axis=1)
    near = _nearness(kind.like, vectors, library)
    # A title names what was tried.
    named = _nearness([review.title], vectors, library) if kind.like else np.float32(0)
    headed = np.array([bool(kind.heading.search(passage.heading)) for passage, _ in told])
    said = np.array([not kind.says or bool(kind.says.search(review.text, *span)) for _, span in told])
    enough = said & (role >= np.where(headed, _BELOW_HEADING, _SURE)) & (named >= kind.named)
    in_abstract = np.array([passage.kind == "abstract" for passage, _ in told])
    worth = np.round(np.where(enough, role + near + named + _OF_ABSTRACT * in_abstract, -np.inf), 4)
    best = int(worth.argmax())
    span = told[best][1]
    return Fact(review.text[slice(*span)], span) if enough[best] else None


def _nearness(texts: Sequence[str], vectors: FloatMatrix, library: Library) -> npt.NDArray[np.float32]:
    """Return the cosine of each sentence to the nearest of some texts, or to the sense of all sentences."""
    like = library.embed(texts) if texts else vectors.mean(axis=0, keepdims=True)
    return np.zeros(len(vectors), np.float32) if like is None else np.max(vectors @ like.T, axis=1)
