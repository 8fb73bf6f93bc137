"""What a study did and found, as columns of a table: for each facet the one sentence that tells it best.

What each sentence tells is learned (`rag.encoders.facets_told`); a paper of which none surely tells a facet has no such
cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from rag.encoders import FACETS as TOLD
from rag.encoders import facets_told
from rag.shelf.paper_facts import Fact
from rag.types import PROSE, ROLES, Passage, Review, Span

if TYPE_CHECKING:
    from rag.shelf.library import Library

Facet = Literal["participants", "intervention", "outcome", "result", "harms", "conclusion", "limitations"]
# What a sentence tells (`rag.encoders.FACETS`) that is of a facet; what it tells of the others beside the first counts
# half.
_TOLD_BY: dict[Facet, tuple[str, ...]] = {
    "participants": ("number", "people"),
    "intervention": ("treatment", "dose", "comparator"),
    "outcome": ("measure",),
    "result": ("result",),
    "harms": ("harms", "harmless"),
    "conclusion": ("conclusion",),
    "limitations": ("limits",),
}
# How many took part is a fact as well.
FACETS: tuple[Facet, ...] = tuple(facet for facet in _TOLD_BY if facet != "participants")
# The least probability that a sentence tells a facet, and how much more one of an abstract counts, in nats.
_SURE, _OF_ABSTRACT = 0.2, 0.5
# "This study has several limitations." is told by the sentence that follows.
_LEADS_IN = re.compile(r"\b(?:limitations|weaknesses|shortcomings|drawbacks)\b[^,;]{0,50}[.:]\s*$", re.IGNORECASE)
# What tells something, unlike a heading, a caption or a line of a table.
_SENTENCE = re.compile(r"(?:\S+\s+){4,}\S*[.!?)\]”]")
_LONGEST_FOLLOWING = 500  # characters


def study_facet(facet: Facet, review: Review, library: Library) -> Fact | None:
    """Return the sentence that tells a facet of a study best; None where none surely does, or roles are not known."""
    told = [(p, span) for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences]
    told = [
        (p, span)
        for p, span in dict.fromkeys(told)
        if p.provenance == "authors" and _SENTENCE.fullmatch(review.text, *span)
    ]
    best = _best(facet, told, review, library) if told else None
    if best is None:
        return None
    (start, end), following = told[best][1], told[min(best + 1, len(told) - 1)][1][1]
    if facet == "limitations" and _LEADS_IN.search(review.text, start, end):
        end = following if 0 < following - end <= _LONGEST_FOLLOWING else end
    return Fact(review.text[start:end], (start, end))


def _best(facet: Facet, told: Sequence[tuple[Passage, Span]], review: Review, library: Library) -> int | None:
    """Return the place of the sentence that tells a facet best among a paper's sentences."""
    keys = [(review.id, *span) for _, span in told]
    roles, vectors = library.index.sentence_traits(keys)[:, : len(ROLES)], library.index.sentence_vectors(keys)
    if not roles.any():
        return None
    chances = facets_told(vectors, roles, [review.text[slice(*span)] for _, span in told])
    first, *others = (chances[:, TOLD.index(kind)] for kind in _TOLD_BY[facet])
    in_abstract = np.array([passage.kind == "abstract" for passage, _ in told])
    worth = np.round(first + sum(others) / 2 + _OF_ABSTRACT * in_abstract, 4)
    enough = np.maximum.reduce([first, *others]) >= np.log(_SURE)
    return int(np.where(enough, worth, -np.inf).argmax()) if enough.any() else None
