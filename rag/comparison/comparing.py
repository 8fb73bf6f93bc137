"""A question across reviews becomes a matrix: what each review says about each aspect, and who is silent."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answers import (
    ASIDE_WEIGHT,
    HELD,
    Candidate,
    Matcher,
    best_reviews,
    build_matcher,
    choose,
    holds_quantity,
    measure,
    query_for,
    quote,
    retrieve_in_each,
    speaks,
)
from rag.comparison.agreement import NumberedQuote, shared_terms, terms_of_one
from rag.comparison.shared_sources import shared_sources
from rag.comparison.thresholds import HOLDS_BOTH
from rag.comparison.topics import topics
from rag.questions import Aspect, Question, aspect
from rag.shelf import Catalogue
from rag.types import PROSE, Cell, CellState, Citation, Comparison, Hit, Query, Quote, Review, Term, Wants

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
# How often the reader looks at something for a row, as often at each review; where there are more reviews, at none.
LOOKS = 16
# What a sentence ends with; headings and the lines of a table come behind those.
WHOLE = (".", "!", "?", ")", "]", "”", '"')


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
    rows = [_row(one, library, reviews, wants) for one in chosen] or _topic_rows(question, library, reviews)
    order = _columns(rows, reviews)
    citations = _numbered(rows, order, library.index.reviews)
    numbers = {(c.quote.review_id, c.quote.start, c.quote.end): c.number for c in citations}
    asked = {review.id for review in order}
    shown = library.reviews if len(library.reviews) - len(asked) <= MOST_REVIEWS else ()
    everyone = [*order, *(review for review in shown if review.id not in asked)]
    cited = [(row.aspect, _cited_quotes(row, numbers)) for row in rows]
    return Comparison(
        aspects=tuple(row.aspect.name for row in rows),
        cells=tuple(_cell(row, review, review.id in asked, numbers, library) for row in rows for review in everyone),
        citations=citations,
        agreements=tuple(told for one, quotes in cited for told in shared_terms(one, quotes, library)),
        differences=tuple(told for one, quotes in cited for told in terms_of_one(one, quotes, library)),
        undecided=tuple(row.aspect.name for row in rows if len(row.quoted) > 1),
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


def _row(one: Aspect, library: Library, reviews: Sequence[Review], wants: Wants | None = None) -> Row:
    """Search every review by itself, and keep what speaks of the aspect, or else what comes nearest."""
    matcher = _telling_apart(build_matcher(one.terms, library), library)
    query = query_for(one.text, one.terms, library)
    holding = _holding(one.within, library, reviews)
    hits = retrieve_in_each(query, library.index, library.passage_numbers({review.id for review in reviews}, PROSE))
    found = _measured(hits, matcher, query, library)
    thing = [at for at, term in enumerate(one.terms) if term in one.within and matcher.deciding[at]]
    answering = [
        c
        for c in found
        if c.passage.review_id in holding
        and holds_quantity(c, wants)
        and speaks(c, matcher)
        and (not thing or max(c.strengths[thing]) >= HELD)
    ]
    answering.sort(key=lambda c: (not c.text.endswith(WHOLE), c.key))
    quoted = _by_review(choose(answering, from_each=True))
    return Row(one, quoted, _nearest(found, quoted, matcher))


def _telling_apart(matcher: Matcher, library: Library) -> Matcher:
    """Return a matcher in which what the whole library speaks of weighs little: it tells no review from another."""
    common = [library.index.vocabulary.is_ubiquitous(term.term.forms[0]) for term in matcher.terms]
    return matcher if all(common) else matcher.discounted(common, ASIDE_WEIGHT)


def _nearest(found: Iterable[Candidate], quoted: Collection[str], matcher: Matcher) -> dict[str, Candidate]:
    """Return for each review that is not quoted the sentence with most of what decides."""
    silent = _by_review(c for c in found if c.passage.review_id not in quoted)
    return {name: min(own, key=lambda c: (-matcher.decided(c.own), c.key)) for name, own in silent.items()}


def _measured(hits: Sequence[Hit], matcher: Matcher, query: Query, library: Library) -> list[Candidate]:
    """Return the sentences of the hits, of each review the best first; the reader looks at them as time allows."""
    by_review: dict[str, list[Hit]] = {}
    for hit in hits:
        by_review.setdefault(hit.passage.review_id, []).append(hit)
    looks = LOOKS // max(1, len(by_review))
    return [c for own in by_review.values() for c in measure(own, matcher, query, library, looks)]


def _by_review(found: Iterable[Candidate]) -> dict[str, list[Candidate]]:
    by_review: dict[str, list[Candidate]] = {}
    for candidate in found:
        by_review.setdefault(candidate.passage.review_id, []).append(candidate)
    return by_review


def _holding(within: Sequence[Term], library: Library, reviews: Sequence[Review]) -> set[str]:
    """Return the reviews that hold most of some terms somewhere; all when there are none to hold."""
    if not within:
        return {review.id for review in reviews}
    matcher = build_matcher(within, library)
    shares = {r.id: float(matcher.coverage(matcher.strengths_in(library.stems_of(r.id)))) for r in reviews}
    return {review_id for review_id, share in shares.items() if share >= HOLDS_BOTH}


def _topic_rows(question: Question, library: Library, reviews: Sequence[Review]) -> list[Row]:
    """Return the rows of topics that most reviews speak of; those of one review when the question asks for them."""
    focus = question.named if len(question.named) == 1 and question.asks("only") else ()
    found = [topic for topic in topics(library, reviews) if not focus or topic.review_ids == frozenset(focus)]
    rows = [_row(aspect(topic.name), library, reviews) for topic in found[: MOST_ASPECTS + TRIED_MORE]]
    rows = [row for row in rows if row.quoted and (not focus or set(row.quoted) == set(focus))]
    if not focus and question.asks("in common") and any(len(row.quoted) > 1 for row in rows):
        rows = [row for row in rows if len(row.quoted) > 1]
    return sorted(rows, key=lambda row: -len(row.quoted))[:MOST_ASPECTS]


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


def _cited_quotes(row: Row, numbers: Mapping[tuple[str, int, int], int]) -> dict[str, list[NumberedQuote]]:
    return {
        review_id: [NumberedQuote(numbers[candidate.line], candidate) for candidate in found]
        for review_id, found in row.quoted.items()
    }


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
