"""A question becomes evidence: the quotes that answer it, or the decision that the reviews do not hold the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.matching import Matcher, build_matcher
from rag.answers.retrieval import query_for, retrieve
from rag.answers.selection import Candidate, answers, choose, distinct, line_quote, measure, quote
from rag.answers.thresholds import ASIDE_COVERAGE, CARRIED_WEIGHT, DESCRIBES, HELD, SPEAKS_AT_ALL
from rag.questions import FIELD_NAMES, WORDED_FIELDS, Question, states_field
from rag.types import PROSE, Quote, Review, SectionKind, Term

if TYPE_CHECKING:
    from rag.shelf import Library

# Asked only when the prose holds nothing: they state facts about the paper, not its findings.
ASIDE: tuple[SectionKind, ...] = ("competing interests", "entities")
NEAREST = 3
# The facts of more reviews than this, and what they say of themselves, are too much for an answer.
GONE_THROUGH = 100
OVERVIEW_QUOTES = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """The quotes an answer may use, best review first; what of the question none holds; the nearest otherwise.

    `speaking` are the ids of the reviews that hold some of the question, quoted or not. `closest` are quotes that may
    not answer, where none is sure enough to; `confidence` is the probability in [0, 1] that the quotes, or else the
    closest or the nearest, state the answer.
    """

    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()
    nearest: tuple[Quote, ...] = ()
    speaking: frozenset[str] = frozenset()
    closest: tuple[Quote, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """The sentences found, best first, those that answer, and what the question turns on that none holds."""

    found: list[Candidate]
    answering: list[Candidate]
    missing: tuple[str, ...]


def gather(question: Question, library: Library) -> Evidence:
    """Return the evidence for a question in what the reviews of its scope found, or say of themselves."""
    if question.intent == "overview":
        return _overview(library, _nearest(question, library))
    return _findings(question, library)


def publication_facts(question: Question, library: Library) -> Evidence | None:
    """Quote the lines that state the facts asked for; None when the question is about something else after all."""
    near = _nearest(question, library)
    lines = [(field, line) for review in near for field in question.fields for line in _lines(field, library, review)]
    if question.rest:
        lines = _described(question, lines, near, library) or (
            lines if question.compares and question.fields == ("date",) else []
        )
        if not lines:
            return None
    quotes = _once(line for _, line in lines)
    stated = {field for field, _ in lines}
    missing = tuple(FIELD_NAMES[field] for field in question.fields if field not in stated)
    return Evidence(quotes, missing, speaking=frozenset(line.review_id for line in quotes))


def _nearest(question: Question, library: Library) -> Sequence[Review]:
    """Return the reviews in scope, or of more than can be gone through those nearest to the question."""
    scope = question.scope
    if len(scope) <= GONE_THROUGH:
        return scope
    query = query_for(question.text, question.rest or question.terms, library)
    hits = retrieve(query, library.index, None if scope is library.reviews else scope.place)
    return scope.part({hit.passage.review_id for hit in hits})


def _once(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Drop what is quoted already: passages overlap, and parts of a question share sentences."""
    return tuple({(quote.review_id, quote.start, quote.end): quote for quote in reversed([*quotes])}.values())[::-1]


def _lines(field: str, library: Library, review: Review) -> list[Quote]:
    return [
        line_quote(review, passage, span)
        for passage in library.passages_of(review.id)
        for span in passage.sentences
        if states_field(field, review, passage, *span)
    ]


def _described(
    question: Question, lines: list[tuple[str, Quote]], near: Sequence[Review], library: Library
) -> list[tuple[str, Quote]]:
    """Keep the lines that hold the remaining words, else, for a paper, those of the reviews that they describe.

    `near` are the reviews that the lines are from; no other is read.
    """
    matcher = _matcher(question.rest, library)

    def holds(text: str, forms: frozenset[str] | None = None) -> bool:
        return bool(matcher.coverage(matcher.strengths(text, forms)) >= DESCRIBES)

    of_a_paper = question.of_a_paper or bool(question.named)
    holding = [(field, line) for field, line in lines if holds(line.text) and (of_a_paper or field in WORDED_FIELDS)]
    if holding or not of_a_paper:
        return holding
    titled = {review.id for review in near if holds(review.title)}
    about = titled or {review.id for review in near if holds(library.prose(review), library.stems_of(review.id))}
    return [(field, line) for field, line in lines if line.review_id in about]


def _matcher(terms: Sequence[Term], library: Library, carried: Collection[str] = ()) -> Matcher:
    matcher = build_matcher(terms, library)
    return matcher.discounted([term.forms[0] in carried for term in terms], CARRIED_WEIGHT)


def _overview(library: Library, scope: Sequence[Review]) -> Evidence:
    """Quote what each review says of itself: the sentences nearest to the sense of all its prose, authors' first."""
    quotes: list[Quote] = []
    for review in scope:
        prose = [(p, span) for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences]
        lines = [(p, span) for p, span in prose if p.provenance == "authors"] or prose
        lines = list(dict.fromkeys(lines))
        vectors = library.index.sentence_vectors([(review.id, *span) for _, span in lines])
        central = vectors @ vectors.sum(axis=0) if len(vectors) else np.zeros(len(lines))
        best = sorted(range(len(lines)), key=lambda at: (-round(float(central[at]), 5), at))[:OVERVIEW_QUOTES]
        quotes += [line_quote(review, *lines[at]) for at in sorted(best)]
    return Evidence(tuple(quotes), speaking=frozenset(line.review_id for line in quotes))


def _findings(question: Question, library: Library) -> Evidence:
    """Search the prose for the whole question, then for its parts, then the facts beside the prose."""
    whole = _search(question, question.terms, PROSE, library)
    if chosen := choose(whole.answering):
        return _evidence(chosen, (), whole, library)
    parts = question.parts
    searches = [_search(question, part.terms, PROSE, library) for part in parts]
    if in_parts := [candidate for search in searches for candidate in choose(search.answering)]:
        missing = tuple(part.text for part, search in zip(parts, searches, strict=True) if not search.answering)
        return _evidence(in_parts, missing, whole, library)
    if question.wants:
        return _evidence((), (), whole, library)
    aside = _search(question, question.terms, ASIDE, library)
    return _evidence(choose([c for c in aside.answering if c.coverage >= ASIDE_COVERAGE]), (), whole, library)


def _search(
    question: Question,
    terms: Sequence[Term],
    kinds: Collection[SectionKind],
    library: Library,
) -> Search:
    scope, matcher = question.scope, _matcher(terms, library, question.carried)
    query = query_for(question.text, terms, library)
    hits = retrieve(query, library.index, None if scope is library.reviews else [r.id for r in scope], kinds)
    found = measure(hits, matcher, query.vector, library, question.asks_why)
    answering = [candidate for candidate in found if answers(candidate, matcher, question.wants)]
    return Search(found, answering, _held_by_none(matcher, found))


def _held_by_none(matcher: Matcher, found: Sequence[Candidate]) -> tuple[str, ...]:
    best = np.max([candidate.strengths for candidate in found], axis=0) if found else np.zeros(len(matcher.terms))
    turned_on = (
        (term, strength) for term, strength in zip(matcher.terms, best, strict=True) if term.key or term.medical
    )
    return tuple(term.term.text for term, strength in turned_on if strength < HELD)


def _evidence(chosen: Sequence[Candidate], missing: tuple[str, ...], whole: Search, library: Library) -> Evidence:
    """Order the quotes by review, the one with the best quote first, and by relevance within a review."""
    best: dict[str, float] = {}
    for candidate in chosen:
        review_id = candidate.passage.review_id
        best[review_id] = max(best.get(review_id, 0.0), candidate.score)
    ordered = sorted(chosen, key=lambda c: (-best[c.passage.review_id], *c.key[1:2], c.key))
    quotes = _once(quote(candidate, library.index.reviews) for candidate in ordered)
    nearest = () if quotes else tuple(quote(c, library.index.reviews) for c in distinct(whole.found, NEAREST))
    missing = missing if quotes else whole.missing
    speaking = frozenset(c.passage.review_id for c in whole.found if c.coverage >= SPEAKS_AT_ALL)
    return Evidence(quotes, missing, nearest, speaking)
