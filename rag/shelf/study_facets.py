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
from rag.types import PROSE, TRAITS, FloatMatrix, Passage, Review, Role, Span

if TYPE_CHECKING:
    from rag.shelf.library import Library

Facet = Literal["intervention", "outcome", "result", "harms", "conclusion", "limitations"]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the sentence of a facet is known: its role, what it or its heading says, and what it is like in meaning.

    Without a sentence that it is `like` the most central one is taken. What an abstract says `briefly`, or below a
    heading, a full text says of many things. Of what is `concluded` the finding is meant that the conclusion rests on.
    A title names what was tried: `by_title` asks for nearness to it as well,
    of at least the cosine `named`.
    """

    roles: tuple[Role, ...]
    heading: re.Pattern[str]
    says: re.Pattern[str] | None = None
    like: tuple[str, ...] = ()
    briefly: re.Pattern[str] | None = None
    concluded: bool = False
    by_title: bool = False
    named: float = -1.0


def _heading(words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{words})", re.IGNORECASE)


def _said(*forms: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


_LIMITS = "(?:limitations?|weakness(?:es)?|shortcomings?|drawbacks?)"
_KINDS: dict[Facet, _Kind] = {
    "intervention": _Kind(
        ("method",),
        _heading("intervention|treatment|exposure|procedure|study drug|dos(?:e|ing)"),
        _said(
            r"(?:randomi[sz]ed|assigned|allocated)\b.{0,160}?\b(?:to|receive|either|versus|vs)",
            r"(?:groups?|arms?)\b.{0,60}?\b(?:received|(?:was|were) given|underwent|performed)",
            r"(?:given|performed)\b.{0,60}?\b(?:groups?|arms?)",
            r"receiv(?:ed|e|ing)\b.{0,120}?\b(?:or|versus|vs|placebo|control)",
        ),
        ("Patients were randomly assigned to receive the active treatment daily or the control.",),
        by_title=True,
        named=0.2,
    ),
    "outcome": _Kind(
        ("method", "aim"),
        _heading(r"(?:main |primary |secondary |study )?(?:outcome|end-?\s?point|measure)"),
        _said(
            r"(?:primary|main|principal) (?:\w+ )?(?:outcome|end-?\s?point|measure|variable)s?",
            r"outcomes? (?:measures? )?(?:was|were|included)",
        ),
        ("The primary outcome was the change from baseline.",),
        briefly=_said(r"(?:was|were) (?:measured|assessed) (?:with|by|using|at)"),
        by_title=True,
    ),
    "result": _Kind(("result",), _heading("result|finding"), concluded=True),
    "harms": _Kind(
        ("result",),
        _said("adverse|safe(?:ty|ly)?|harms?|side effects?|tolerated|complications?|toxicit(?:y|ies)"),
        _said("adverse|safe(?:ty|ly)?|harms?|side effects?|tolerated|complications?|toxicit(?:y|ies)"),
        ("Adverse events occurred in both groups.", "There were no serious side effects."),
        by_title=True,
    ),
    "conclusion": _Kind(("conclusion",), _heading("conclusion|interpretation"), by_title=True),
    "limitations": _Kind(
        # In the discussion of a full text a limit is often read as background.
        ("limitation", "conclusion", "result", "background"),
        _heading("limitation|strengths and"),
        _said(
            rf"{_LIMITS} (?:of|to|in) (?:this|the|our|present)",
            rf"(?:has|had|have|presents?|subject to|some|several|number of|following|potential) {_LIMITS}",
            rf"(?:main|major|important|another|further|first|one|a) {_LIMITS} (?:was|were|is that)",
            "underpowered",
        ),
        ("A limitation of this study is its small sample and short follow-up.",),
    ),
}
FACETS: tuple[Facet, ...] = tuple(_KINDS)
# Of a sentence that is of a kind: the least probability of its role, less where the heading says so.
_SURE, _BELOW_HEADING = 0.5, 0.25
_SAID, _OF_ABSTRACT = 0.5, 0.5
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
    best = _best(_KINDS[facet], told, review, library) if told else None
    if best is None:
        return None
    (start, end), following = told[best][1], told[min(best + 1, len(told) - 1)][1][1]
    if facet == "limitations" and _LEADS_IN.search(review.text, start, end):
        end = following if 0 < following - end <= _LONGEST_FOLLOWING else end
    return Fact(review.text[start:end], (start, end))


def _best(kind: _Kind, told: Sequence[tuple[Passage, Span]], review: Review, library: Library) -> int | None:
    """Return the place of the sentence that is best of a kind among a paper's sentences."""
    keys = [(review.id, *span) for _, span in told]
    traits, vectors = library.index.sentence_traits(keys), library.index.sentence_vectors(keys)
    if not traits.any():
        return None
    role = traits[:, [TRAITS.index(name) for name in kind.roles]].sum(axis=1)
    near = _nearness(kind.like, vectors, library)
    if kind.concluded and (conclusion := _best(_KINDS["conclusion"], told, review, library)) is not None:
        near = near / 2 + vectors @ vectors[conclusion] + traits[:, TRAITS.index("finding")]
    named = _nearness([review.title], vectors, library) if kind.by_title else np.zeros_like(near)
    in_abstract = np.array([passage.kind == "abstract" for passage, _ in told])
    headed = np.array([bool(kind.heading.search(passage.heading)) for passage, _ in told])
    said = _saying(kind.says, told, review) if kind.says else np.ones_like(headed)
    briefly = headed | _saying(kind.briefly, told, review) if kind.briefly else headed
    sure = role >= np.where(headed, _BELOW_HEADING, _SURE)
    enough = sure & (said | (briefly & in_abstract)) & (named >= kind.named)
    worth = np.round(role + near + named + _SAID * said + _OF_ABSTRACT * in_abstract, 4)
    return int(np.where(enough, worth, -np.inf).argmax()) if enough.any() else None


def _saying(what: re.Pattern[str], told: Sequence[tuple[Passage, Span]], review: Review) -> npt.NDArray[np.bool_]:
    return np.array([bool(what.search(review.text, *span)) for _, span in told])


def _nearness(texts: Sequence[str], vectors: FloatMatrix, library: Library) -> npt.NDArray[np.float32]:
    """Return the cosine of each sentence to the nearest of some texts, or to the sense of all sentences."""
    like = library.embed(texts) if texts else vectors.mean(axis=0, keepdims=True)
    return np.zeros(len(vectors), np.float32) if like is None else np.max(vectors @ like.T, axis=1)
