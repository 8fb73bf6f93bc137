"""A question becomes evidence: the quotes that answer it, or the decision that the reviews do not hold the answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rag.bibliography import FIELD_NAMES, WORDED_FIELDS, states_field
from rag.matching import HELD, Matcher, build_matcher
from rag.questions import Question, Term
from rag.retrieval import retrieve
from rag.selection import Candidate, answers, choose, distinct, line_quote, measure, quote
from rag.types import PROSE, Quote, Review, SectionKind

if TYPE_CHECKING:
    from rag.library import Library

# Asked only when the prose holds nothing: they state facts about the paper, not its findings.
ASIDE: tuple[SectionKind, ...] = ("competing interests", "entities")
# Words that a follow-up inherits steer the search; what was typed decides.
CARRIED_WEIGHT = 0.4
# A review whose best sentence holds less of the question than this is silent on it.
SPEAKS = 0.3
# In a comparison, a review whose sentences do not quite answer is heard when they score this share of the best.
NEARLY = 0.6
# A line beside the prose has no sense to go by; it must hold this share of the question.
ASIDE_COVERAGE = 0.4
# A review is described by words of which it holds this share.
DESCRIBES = 0.75
NEAREST = 3
OVERVIEW_QUOTES = 3

_CONJUNCTION = re.compile(
    r"\s*(?:[,;?]\s*(?:and|or|but)?|\b(?:and|or|as well as|versus|vs\.?|plus)\b)\s+", re.IGNORECASE
)
_COMPARED = re.compile(
    _CONJUNCTION.pattern
    + r"|\s+(?:(?:as )?compared (?:with|to)|with|than|from|against|between|rather than|while|whereas)\s+",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\s*(?:who|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|has|have|will)\b", re.IGNORECASE
)
_PREPOSITION = re.compile(r"\b(?:in|of|for|with|against|among|during|after|on|by|from|under)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The quotes an answer may use, best review first; what of the question none holds; the nearest otherwise.

    `speaking` are the ids of the reviews that hold some of the question, quoted or not.
    """

    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()
    nearest: tuple[Quote, ...] = ()
    speaking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Search:
    """The sentences found, best first, those that answer, and what the question turns on that none holds."""

    found: list[Candidate]
    answering: list[Candidate]
    missing: tuple[str, ...]


def gather(question: Question, library: Library, scope: Sequence[Review], carried: Collection[str] = ()) -> Evidence:
    """Return the evidence for a question from the reviews in scope; `carried` are stems of earlier turns."""
    if question.fields and (facts := _publication_facts(question, library, scope)):
        return facts
    if not question.terms:
        return _overview(library, scope)
    return _findings(question, library, scope, carried)


def _publication_facts(question: Question, library: Library, scope: Sequence[Review]) -> Evidence | None:
    """Quote the lines that state the facts asked for; None when the question is about something else after all."""
    lines = [(field, line) for field in question.fields for review in scope for line in _lines(field, library, review)]
    if question.rest:
        lines = _described(question, lines, library, scope) or (
            lines if question.compares and question.fields == ("date",) else []
        )
        if not lines:
            return None
    quotes = _once(line for _, line in lines)
    stated = {field for field, _ in lines}
    missing = tuple(FIELD_NAMES[field] for field in question.fields if field not in stated)
    return Evidence(quotes, missing, speaking=frozenset(line.review_id for line in quotes))


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
    question: Question, lines: list[tuple[str, Quote]], library: Library, scope: Sequence[Review]
) -> list[tuple[str, Quote]]:
    """Keep the lines that hold the remaining words, else, for a paper, those of the reviews that they describe."""
    matcher = _matcher(question.rest, library)

    def holds(text: str) -> bool:
        return matcher.coverage(matcher.strengths(text)) >= DESCRIBES

    of_a_paper = question.of_a_paper or bool(question.reviews)
    holding = [(field, line) for field, line in lines if holds(line.text) and (of_a_paper or field in WORDED_FIELDS)]
    if holding or not of_a_paper:
        return holding
    titled = {review.id for review in scope if holds(review.title)}
    about = titled or {review.id for review in scope if holds(library.prose(review))}
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


def _findings(question: Question, library: Library, scope: Sequence[Review], carried: Collection[str]) -> Evidence:
    """Search the prose for the whole question, then for its parts, then the facts beside the prose."""
    whole = _search(question, question.terms, PROSE, library, scope, carried)
    chosen = _of_each_review(whole) if question.compares else choose(whole.answering)
    if chosen and not question.compares:
        return _evidence(chosen, (), whole, library)
    parts = _parts(question)
    searches = [_search(question, part.terms, PROSE, library, scope, carried) for part in parts]
    in_parts = [candidate for search in searches for candidate in choose(search.answering)]
    if chosen or in_parts:
        missing = tuple(part.text for part, search in zip(parts, searches, strict=True) if not search.answering)
        return _evidence([*chosen, *in_parts], () if chosen else missing, whole, library)
    if question.wants:
        return _evidence((), (), whole, library)
    aside = _search(question, question.terms, ASIDE, library, scope, carried)
    return _evidence(choose([c for c in aside.answering if c.coverage >= ASIDE_COVERAGE]), (), whole, library)


def _of_each_review(search: Search) -> list[Candidate]:
    """Return the sentences of every review that has something to say, measured against its own best."""
    heard = {candidate.passage.review_id for candidate in search.answering}
    if not heard:
        return []
    nearly = [c for c in search.found if c.passage.review_id not in heard and c.holds_keys]
    enough = [c for c in nearly if c.score >= NEARLY * search.answering[0].score]
    return choose([*search.answering, *enough], from_each=True)


def _search(
    question: Question,
    terms: Sequence[Term],
    kinds: Collection[SectionKind],
    library: Library,
    scope: Sequence[Review],
    carried: Collection[str],
) -> Search:
    matcher = _matcher(terms, library, carried)
    query = library.query(question.text, terms)
    hits = retrieve(query, library.index, [review.id for review in scope], kinds)
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
    nearest = () if quotes else tuple(quote(c, library.index.reviews) for c in distinct(whole.found)[:NEAREST])
    missing = missing if quotes else whole.missing
    speaking = frozenset(c.passage.review_id for c in whole.found if c.coverage >= SPEAKS)
    return Evidence(quotes, missing, nearest, speaking)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a question that could be asked on its own."""

    text: str
    terms: tuple[Term, ...]


def _parts(question: Question) -> list[Part]:
    """Cut a question at "and", "or" and commas, a comparison also at "with" and "than"; none when it cannot be cut.

    "A of B and C in D" gives "A of B" and "A of C", each with D. The words of the other parts steer the search for a
    part and decide nothing.
    """
    text = question.text
    cuts = [m.span() for m in (_COMPARED if question.compares else _CONJUNCTION).finditer(text)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    segments = [(start, end, _between(question.terms, start, end)) for start, end in zip(starts, ends, strict=True)]
    segments = [segment for segment in segments if segment[2]]
    if len(segments) < 2:
        return []
    (first_start, _, first_terms), (_, last_end, last_terms) = segments[0], segments[-1]
    tail = _PREPOSITION.search(text, last_terms[0].end, last_end)
    *_, head = [None, *_PREPOSITION.finditer(text, first_start, first_terms[-1].start)]
    shared = {*_between(last_terms, tail.end(), last_end)} if tail else set()
    heading = {*_between(first_terms, first_start, head.start())} if head else set()
    return [
        _part(question, start, end, {*terms, *shared, *(set() if _CLAUSE.match(text, start) else heading)})
        for start, end, terms in segments
    ]


def _between(terms: Sequence[Term], start: int, end: int) -> tuple[Term, ...]:
    return tuple(term for term in terms if start <= term.start < end)


def _part(question: Question, start: int, end: int, own: Collection[Term]) -> Part:
    terms = tuple(term if term in own else replace(term, aside=True) for term in question.terms)
    return Part(question.text[start:end].strip(" ?.!,;:"), terms)
