"""The passages found are read with the question: what each sentence is to it, and how likely it answers.

All sentences are judged by their words, sense and role; the passages with the best of them are read, where there is a
reader, and their sentences judged again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.judgement import judgement, logit, probability
from rag.answers.matching import Matcher
from rag.encoders import FACETS, Paragraph, facets_told, of_the_kind, seeking, wanted_roles
from rag.types import PROSE, ROLES, STATES, TRAITS, FloatMatrix, FloatVector, Hit, Passage, Query, Role, Span

if TYPE_CHECKING:
    from rag.shelf import Library

RESULT, CONCLUSION, FINDING = (TRAITS.index(name) for name in ("result", "conclusion", "finding"))
# Logits beyond this say no more.
SURE = 8.0
# Roles that count together.
ROLE_GROUPS: Mapping[str, tuple[Role, ...]] = {
    "outcome": ("result", "conclusion"),
    "background": ("background",),
    "plan": ("aim", "method"),
}
DECIMALS = 6
# What a sentence is to a question by its vector.
SENSES = ("cosine", "wanted", "wanted finding", "sought")
# What it is to a row of a comparison, by the vectors of what is asked and of the row's name.
ROW_SENSES = ("cosine", "of the kind", "cosine of the name", "sought by the name")
# The authors' words come before those of a page's own summary, of which no source that was learned from has any.
PAGE_SHARE = 0.5
# Characters that fill the reader's 256 tokens, beside a question and a title.
READ_AT_ONCE = 700
# What was not read comes behind all that was; not in a row, which is told nearly as surely by what its name asks for.
UNREAD = 1e-4

# A sentence as (review id, start, end).
Line = tuple[str, int, int]
Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted, and what it is to the question.

    `own` are the strengths of the terms in it, `strengths` those with what is around it, `facets` how likely it tells
    each of FACETS, in nats; `score` is the probability that it answers, by its `features`; `concludes` that it is a
    conclusion. `direction` has the logits of increased, decreased, no difference, not stated, `claim` those of
    supporting, refuting or leaving open what is asked; None where it was not read.
    """

    passage: Passage
    span: Span
    forms: frozenset[str]
    text: str
    vector: FloatVector | None
    own: np.ndarray
    strengths: np.ndarray
    facets: FloatVector
    features: Features
    score: float
    concludes: float = 0.0
    direction: FloatVector | None = None
    claim: FloatVector | None = None

    @property
    def line(self) -> Line:
        """Which sentence it is."""
        return (self.passage.review_id, *self.span)

    @property
    def key(self) -> tuple[float, str, int]:
        """What candidates are sorted by: best first, ties by place."""
        return -self.score, self.passage.review_id, self.span[0]


def measure(hits: Sequence[Hit], matcher: Matcher, query: Query, library: Library, looks: int) -> list[Candidate]:
    """Return the distinct sentences of the hits, best first; a reader, if there is one, takes so many looks at them.

    For a row of a comparison they are judged by how they answer that.
    """
    found, weights, behind = _unread(hits, matcher, query.vector, library), judgement().sentence, UNREAD
    if query.row is not None and found:
        found, weights, behind = _of_row(found, query), judgement().cell, 1.0
    found = sorted(found, key=lambda candidate: candidate.key)
    if looks and library.reader and found and query.vector is not None:
        read = _read([*islice(stretches(found), looks)], query.text, library, weights)
        found = [*read.values(), *(replace(c, score=c.score * behind) for c in found if c.line not in read)]
    return sorted(found, key=lambda candidate: candidate.key)


def row_senses(query: Query, vectors: FloatMatrix, facets: FloatMatrix) -> dict[str, FloatVector]:
    """Return what sentences are to a row of a comparison by its meaning, under the names of ROW_SENSES, (n,) each."""
    assert query.vector is not None
    assert query.row is not None
    told = (
        np.vecdot(vectors, query.vector),
        of_the_kind(facets, query.row),
        np.vecdot(vectors, query.row),
        seeking(query.row, vectors, facets),
    )
    return dict(zip(ROW_SENSES, told, strict=True))


def _of_row(found: Sequence[Candidate], query: Query) -> list[Candidate]:
    """Return sentences that nobody read as they answer a row of a comparison."""
    vectors = np.array([candidate.vector for candidate in found])
    senses = row_senses(query, vectors, np.array([candidate.facets for candidate in found]))
    columns = zip(*(values.tolist() for values in senses.values()), strict=True)
    told = [{**one.features, **dict(zip(senses, own, strict=True))} for one, own in zip(found, columns, strict=True)]
    weights = judgement().cell_without_reader
    return [replace(one, features=own, score=_score(weights, own)) for one, own in zip(found, told, strict=True)]


def _unread(hits: Sequence[Hit], matcher: Matcher, vector: FloatVector | None, library: Library) -> list[Candidate]:
    """Return the distinct sentences of the hits, each in the best passage that has it, judged without a reader."""
    index = library.index
    holding = {(hit.passage.review_id, *span): hit for hit in reversed(hits) for span in hit.passage.sentences}
    lines = [*holding]
    if not lines:
        return []
    texts = [index.reviews[line[0]].text[line[1] : line[2]] for line in lines]
    forms, traits = index.sentence_stems(lines), index.sentence_traits(lines)
    own = dict(zip(lines, map(matcher.strengths, texts, forms), strict=True))
    strengths = _in_context(holding, own, matcher, library)
    vectors = None if vector is None else index.sentence_vectors(lines)
    facets: FloatMatrix = np.zeros((len(lines), len(FACETS)), np.float32)
    senses = [dict.fromkeys(SENSES, 0.0)] * len(lines)
    if vector is not None and vectors is not None:
        facets = facets_told(vectors, traits[:, : len(ROLES)], texts)
        senses = _senses(vector, vectors, traits, facets)
    weights = judgement().sentence_by_words if vector is None else judgement().sentence_without_reader
    found = []
    for at, line in enumerate(lines):
        features = _features(holding[line], traits[at], len(texts[at])) | senses[at]
        features["surprise"] = float(matcher.surprise(strengths[at]))
        features["surprise alone"] = float(matcher.surprise(own[line]))
        found.append(
            Candidate(
                passage=holding[line].passage,
                span=line[1:],
                forms=forms[at],
                text=texts[at],
                vector=None if vectors is None else vectors[at],
                own=own[line],
                strengths=strengths[at],
                facets=facets[at],
                features=features,
                score=_score(weights, features),
                concludes=float(traits[at][CONCLUSION]),
            )
        )
    return found


def _read(
    parts: Sequence[Sequence[Candidate]], question: str, library: Library, weights: Features
) -> dict[Line, Candidate]:
    """Return the sentences of these stretches, judged with these weights by what the reader makes of them."""
    assert library.reader
    reviews = library.index.reviews
    paragraphs = [
        Paragraph(reviews[part[0].passage.review_id].title, tuple(candidate.text for candidate in part))
        for part in parts
    ]
    read: dict[Line, Candidate] = {}
    for part, reading in zip(parts, library.reader.read(question, paragraphs), strict=True):
        for at, candidate in enumerate(part):
            features = {
                **candidate.features,
                "answers": float(np.clip(reading.answers[at], -SURE, SURE)),
                "sufficient": float(np.clip(reading.sufficient, -SURE, SURE)),
            }
            score = _score(weights, features)
            read.setdefault(
                candidate.line,
                replace(
                    candidate,
                    features=features,
                    score=score,
                    direction=reading.direction[at],
                    claim=reading.claim[at],
                ),
            )
    return read


def by_review(found: Sequence[Candidate]) -> dict[str, list[Candidate]]:
    """Return sentences under the ids of their reviews, in the same order."""
    told: dict[str, list[Candidate]] = {}
    for one in found:
        told.setdefault(one.passage.review_id, []).append(one)
    return told


def stretches(found: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
    """Yield what the reader takes in at one look: around the best sentence, then around the best not yet read."""
    by_line, seen = {candidate.line: candidate for candidate in found}, set[Line]()
    for candidate in found:
        if candidate.line not in seen:
            passage = candidate.passage
            own = [by_line[passage.review_id, *span] for span in passage.sentences]
            part = own[around([len(one.text) for one in own], passage.sentences.index(candidate.span))]
            seen.update(one.line for one in part)
            yield part


def around(lengths: Sequence[int], at: int) -> slice:
    """Return the stretch around one of some successive sentences, of these lengths, that is read at one look."""
    start, end = at, at + 1
    room = READ_AT_ONCE - lengths[at]
    while True:
        before = lengths[start - 1] if start else READ_AT_ONCE
        after = lengths[end] if end < len(lengths) else READ_AT_ONCE
        if min(before, after) > room:
            return slice(start, end)
        if before <= room:
            start, room = start - 1, room - before
        if after <= room and end < len(lengths):
            end, room = end + 1, room - after


def _score(weights: Features, features: Features) -> float:
    share = PAGE_SHARE if features["page"] else 1.0
    return round(share * probability(logit(weights, features)), DECIMALS)


def _senses(
    question: FloatVector, vectors: FloatMatrix, traits: FloatMatrix, facets: FloatMatrix
) -> list[dict[str, float]]:
    """Return what sentences are to a question by their meaning, role and facets, under the names of SENSES."""
    wants = wanted_roles(question)
    wanted, findings = traits[:, : len(ROLES)] @ wants, wants[RESULT] * traits[:, FINDING]
    told = (np.vecdot(vectors, question), wanted, findings, seeking(question, vectors, facets))
    return [dict(zip(SENSES, map(float, own), strict=True)) for own in zip(*told, strict=True)]


def _features(hit: Hit, traits: FloatVector, letters: int) -> dict[str, float]:
    shares = dict(zip(TRAITS, traits.tolist(), strict=True))
    return {
        "1": 1.0,
        "abstract": float(hit.passage.kind == "abstract"),
        "page": float(hit.passage.provenance != "authors"),
        "letters, log": float(np.log1p(letters)),
        **{name: sum(shares[role] for role in those) for name, those in ROLE_GROUPS.items()},
        **{state: shares[state] for state in STATES},
    }


def _in_context(
    holding: Mapping[Line, Hit], own: Mapping[Line, np.ndarray], matcher: Matcher, library: Library
) -> list[np.ndarray]:
    """Return the strengths of sentences with the one before, the heading, and the topics of their review."""

    @cache
    def topics(review_id: str) -> np.ndarray:
        return matcher.strengths_in(library.topics(library.index.reviews[review_id]))

    @cache
    def heading(words: str) -> np.ndarray:
        return matcher.strengths(words)

    def beside(line: Line) -> Iterator[np.ndarray]:
        passage = holding[line].passage
        at = passage.sentences.index(line[1:])
        yield own[line]
        if at:
            yield own[line[0], *passage.sentences[at - 1]]
        if passage.kind in PROSE:
            yield topics(line[0])
            yield heading(passage.heading)

    return [np.maximum.reduce([*beside(line)]) for line in holding]


def row_features(
    found: Sequence[Candidate], matcher: Matcher, library: Library, others: Sequence[float]
) -> dict[str, float]:
    """Return what the best sentences of a paper, best first, say of whether it answers a row of a comparison.

    `others` are the logits of the best sentences of the other papers that are asked.
    """
    best = logit_of(found[0].score)
    senses = {sense: [candidate.features[sense] for candidate in found] for sense in ROW_SENSES}
    return {
        **library_features(found, matcher, library),
        **{sense: values[0] for sense, values in senses.items()},
        **{f"best {sense}": max(values) for sense, values in senses.items()},
        "best of the others": max(others, default=best),
        "below the best": min([0.0, *(best - other for other in others)]),
    }


def library_features(found: Sequence[Candidate], matcher: Matcher, library: Library) -> dict[str, float]:
    """Return what the best sentences found, best first, say of whether the library answers."""
    best, first = found[0], found[:5]
    review = matcher.strengths_in(library.stems_of(best.passage.review_id))
    lacking = matcher.weights * (1 - best.strengths)
    scores = [logit_of(candidate.score) for candidate in found[:2]]
    return {
        "1": 1.0,
        "best": scores[0],
        "second": scores[-1],
        "answers": max(candidate.features.get("answers", 0.0) for candidate in first),
        "sufficient": max(candidate.features.get("sufficient", 0.0) for candidate in first),
        "cosine": best.features["cosine"],
        "best cosine": max(candidate.features["cosine"] for candidate in found),
        "surprise": best.features["surprise"],
        "least surprise": min(candidate.features["surprise"] for candidate in first),
        "surprise in the review": float(matcher.surprise(review)),
        "surprise in the library": float(matcher.surprise(held_anywhere(matcher, library))),
        "most lacking": float(lacking.max(initial=0)),
        "most lacking in the review": float((matcher.weights * (1 - review)).max(initial=0)),
        "words, log": float(np.log1p(len(matcher.terms))),
    }


def held_anywhere(matcher: Matcher, library: Library) -> np.ndarray:
    """Return the strengths of the terms in all that the library says, shape (n_terms,)."""
    return matcher.strengths_in_all(library.index.vocabulary.stems)


def logit_of(share: float) -> float:
    """Return the logit of a probability, within ±SURE."""
    return float(np.clip(np.log(max(share, 1e-9) / max(1 - share, 1e-9)), -SURE, SURE))
