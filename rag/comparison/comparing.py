"""A question across reviews becomes a matrix: what each review says about each aspect, and who is silent."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answers import (
    HELD,
    Candidate,
    Line,
    answers,
    best_reviews,
    build_matcher,
    choose,
    measure,
    query_for,
    quote,
    retrieve_in_each,
    speaks,
    with_first,
)
from rag.comparison.agreement import NumberedQuote, assess, contradicting_lines, disagreements
from rag.comparison.shared_sources import shared_sources
from rag.comparison.thresholds import AS_WELL_AS_BEST, HOLDS_BOTH, SETS_AGAINST
from rag.comparison.topics import topics
from rag.questions import Aspect, Question, aspect
from rag.shelf import Catalogue
from rag.text import stem_set
from rag.types import PROSE, Cell, CellState, Citation, Comparison, Quote, Review, Term, Wants

if TYPE_CHECKING:
    from rag.shelf import Library

# With more reviews than this the columns come best first.
FEW = 5
# More reviews than this are too many to set side by side: those nearest to the question are.
MOST_REVIEWS = 100
# Of more, this many are: every pair of them is read for what they agree and differ on.
NEAREST_REVIEWS = 50
# How many aspects a comparison has that names none; a few more are tried.
MOST_ASPECTS, TRIED_MORE = 6, 2
# At most this many of them are contradictions, when the question does not ask for contradictions.
MOST_AGAINST = 3
# How many sentences of a review are compared with those of others to find contradictions.
HEARD = 8
_SETS_AGAINST = re.compile(
    r"\b(?:versus|vs|than|compared|differ\w*|superior|inferior|significan\w*|odds|hazard|between (?:the )?(?:\w+ )?"
    r"(?:groups|arms))\b|\bp\s?[<=≤>]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What was found on one aspect: for each review the sentences worth quoting, or else the nearest."""

    aspect: Aspect
    quoted: Mapping[str, Sequence[Candidate]]
    nearest: Mapping[str, Candidate]


def compare(question: Question, library: Library, reviews: Sequence[Review], aspects: Sequence[str] = ()) -> Comparison:
    """Compare reviews on the aspects given, else on those that the question names, else on the topics they treat.

    Every review of the library has its cells; those that are not among `reviews` were not asked, and have none where
    they are very many.
    """
    known = {one.name: one for one in question.aspects}
    wished = {name.casefold(): name for name in aspects}.values()
    chosen = [known.get(name) or aspect(name) for name in wished] or question.aspects
    wants = None if aspects else question.wants
    rows = [_row(one, library, reviews, wants) for one in chosen] or _open_rows(question, library, reviews)
    order = _columns(rows, reviews)
    citations = _numbered(rows, order, library.index.reviews)
    numbers = {(c.quote.review_id, c.quote.start, c.quote.end): c.number for c in citations}
    asked = {review.id for review in order}
    shown = library.reviews if len(library.reviews) - len(asked) <= MOST_REVIEWS else ()
    everyone = [*order, *(review for review in shown if review.id not in asked)]
    verdicts = [assess(row.aspect, _cited_quotes(row, numbers, citations), library) for row in rows]
    return Comparison(
        aspects=tuple(row.aspect.name for row in rows),
        cells=tuple(_cell(row, review, review.id in asked, numbers, library) for row in rows for review in everyone),
        citations=citations,
        agreements=tuple(one for verdict in verdicts for one in verdict.agreements),
        differences=tuple(one for verdict in verdicts for one in verdict.differences),
        undecided=tuple(
            row.aspect.name
            for row, verdict in zip(rows, verdicts, strict=True)
            if len(row.quoted) > 1 and not verdict.decided
        ),
        shared_sources=shared_sources(order, citations),
    )


def nearest_reviews(question: Question, library: Library) -> Catalogue:
    """Return the reviews that can be set side by side: all, or of very many those nearest to the question."""
    reviews = question.scope
    if len(reviews) <= MOST_REVIEWS:
        return reviews
    query = query_for(question.text, question.terms, library)
    asked = None if reviews is library.reviews else [review.id for review in reviews]
    return reviews.part(best_reviews(query, library.index, asked, PROSE, NEAREST_REVIEWS))


def _row(
    one: Aspect,
    library: Library,
    reviews: Sequence[Review],
    wants: Wants | None = None,
    always: Collection[Line] = (),
) -> Row:
    """Search every review by itself; sentences that contradict each other come early, those of `always` too."""
    matcher = build_matcher(one.terms, library)
    query = query_for(one.text, one.terms, library)
    holding = _holding(one.within, library, reviews)
    hits = retrieve_in_each(query, library.index, library.passage_numbers({review.id for review in reviews}, PROSE))
    found = measure(hits, matcher, query.vector, library, asks_why=False)
    if one.within:
        found = sorted((_lifted(c, library) for c in found), key=lambda candidate: candidate.key)
    stretches = [part for part in one.stretches if any(term.decides for term in matcher.terms[part])]
    thing = [at for at, term in enumerate(one.terms) if term in one.within and matcher.terms[at].decides]
    answering = [
        c
        for c in found
        if c.passage.review_id in holding
        and answers(c, matcher, wants)
        and speaks(c, matcher, stretches)
        and (not thing or max(c.strengths[thing]) >= HELD)
    ]
    best = {c.passage.review_id: matcher.decided(c.own) for c in reversed(answering)}
    close = [c for c in answering if matcher.decided(c.own) >= AS_WELL_AS_BEST * best[c.passage.review_id]]
    quoted = _by_review(choose(close, from_each=True))
    hearing = {c.line for c in answering}.union(always)
    heard = _by_review(c for c in found if c.line in hearing)
    uncited = {review_id: _uncited_quotes(own[:HEARD], library) for review_id, own in heard.items()}
    contradicting = contradicting_lines(one, uncited, library)
    shown = {r: with_first(quoted.get(r, ()), own, contradicting.union(always)) for r, own in heard.items()}
    nearest = {c.passage.review_id: c for c in reversed(found) if c.passage.review_id not in shown}
    return Row(one, shown, nearest)


def _by_review(found: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    by_review: dict[str, list[Candidate]] = {}
    for candidate in found:
        by_review.setdefault(candidate.passage.review_id, []).append(candidate)
    return by_review


def _uncited_quotes(found: Sequence[Candidate], library: Library) -> list[NumberedQuote]:
    return [NumberedQuote(0, library.index.reviews[c.passage.review_id].text[slice(*c.span)], c) for c in found]


def _holding(within: Sequence[Term], library: Library, reviews: Sequence[Review]) -> set[str]:
    """Return the reviews that hold most of some terms somewhere; all when there are none to hold."""
    if not within:
        return {review.id for review in reviews}
    matcher = build_matcher(within, library)
    shares = {r.id: float(matcher.coverage(matcher.strengths_in(library.stems_of(r.id)))) for r in reviews}
    return {review_id for review_id, share in shares.items() if share >= HOLDS_BOTH}


def _lifted(candidate: Candidate, library: Library) -> Candidate:
    """Return a sentence with its score raised when it sets one thing against another."""
    text = library.index.reviews[candidate.passage.review_id].text[slice(*candidate.span)]
    return replace(candidate, score=candidate.score * SETS_AGAINST) if _SETS_AGAINST.search(text) else candidate


def _open_rows(question: Question, library: Library, reviews: Sequence[Review]) -> list[Row]:
    """Return the rows of a comparison that names no aspect: where reviews contradict each other, then their topics."""
    if question.asks("only") or question.asks("in common"):
        return _topic_rows(question, library, reviews)
    against = _against_each_other(library, reviews, MOST_ASPECTS if question.asks("apart") else MOST_AGAINST)
    return [*against, *_topic_rows(question, library, reviews, [row.aspect for row in against])]


def _against_each_other(library: Library, reviews: Sequence[Review], at_most: int) -> list[Row]:
    """Return rows on which sentences of two reviews contradict each other, or give different numbers."""
    lines: dict[frozenset[str], list[Line]] = {}
    names: dict[frozenset[str], str] = {}
    for found in disagreements(library, reviews):
        key = next((known for known in lines if known & found.forms), found.forms)
        if key in lines or (len(lines) < at_most and not any(set(found.lines) <= set(of) for of in lines.values())):
            names.setdefault(key, found.name)
            lines.setdefault(key, []).extend(found.lines)
    return [_row(aspect(names[key]), library, reviews, always=frozenset(of)) for key, of in lines.items()]


def _topic_rows(
    question: Question, library: Library, reviews: Sequence[Review], beside: Sequence[Aspect] = ()
) -> list[Row]:
    """Return the rows of topics that most reviews speak of; those of one review when the question asks for them.

    Topics that share a word with the aspects `beside` them are left out.
    """
    taken = {term.forms[0] for one in beside for term in one.terms}
    found = [topic for topic in topics(library, reviews) if taken.isdisjoint(stem_set(topic.name))]
    focus = question.named if len(question.named) == 1 and question.asks("only") else ()
    if focus:
        found = [topic for topic in found if topic.review_ids == frozenset(focus)]
    room = MOST_ASPECTS - len(beside)
    rows = [_row(aspect(topic.name), library, reviews) for topic in found[: room + TRIED_MORE]] if room else []
    rows = [row for row in rows if row.quoted and (not focus or set(row.quoted) == set(focus))]
    if not focus and question.asks("in common") and any(len(row.quoted) > 1 for row in rows):
        rows = [row for row in rows if len(row.quoted) > 1]
    return sorted(rows, key=lambda row: -len(row.quoted))[:room]


def _columns(rows: Sequence[Row], reviews: Sequence[Review]) -> list[Review]:
    """Return the reviews in shelf order, or, when they are many, those with the best quotes first."""
    if len(reviews) <= FEW:
        return list(reviews)
    best = {r.id: [row.quoted[r.id][0].score if r.id in row.quoted else 0.0 for row in rows] for r in reviews}
    return sorted(reviews, key=lambda review: ([-score for score in best[review.id]], review.id))


def _numbered(rows: Sequence[Row], order: Sequence[Review], reviews: Mapping[str, Review]) -> tuple[Citation, ...]:
    """Number the quotes as they are read: row by row, review by review; each once."""
    quotes: dict[tuple[str, int, int], Quote] = {}
    for row in rows:
        for review in order:
            for candidate in row.quoted.get(review.id, []):
                quotes.setdefault((review.id, *candidate.span), quote(candidate, reviews))
    return tuple(Citation(number, one) for number, one in enumerate(quotes.values(), 1))


def _cited_quotes(
    row: Row, numbers: Mapping[tuple[str, int, int], int], citations: Sequence[Citation]
) -> dict[str, list[NumberedQuote]]:
    quotes: dict[str, list[NumberedQuote]] = {}
    for review_id, found in row.quoted.items():
        for candidate in found:
            number = numbers[(review_id, *candidate.span)]
            quotes.setdefault(review_id, []).append(NumberedQuote(number, citations[number - 1].quote.text, candidate))
    return quotes


def _cell(row: Row, review: Review, asked: bool, numbers: Mapping[tuple[str, int, int], int], library: Library) -> Cell:
    name = row.aspect.name
    if not asked:
        return Cell(name, review.id, "not_asked")
    if found := row.quoted.get(review.id):
        return Cell(name, review.id, "quoted", tuple(numbers[(review.id, *c.span)] for c in found))
    nearest = row.nearest.get(review.id)
    state: CellState = "silent" if holds_full_text(review) else "not_indexed"
    return Cell(name, review.id, state, (), quote(nearest, library.index.reviews) if nearest else None)


def holds_full_text(review: Review) -> bool:
    """Tell the text of a paper from the page of its abstract."""
    return any(section.kind == "body" and section.provenance == "authors" for section in review.sections)
