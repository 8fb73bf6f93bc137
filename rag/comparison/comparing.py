"""A question across reviews becomes a matrix: what each review says about each aspect, and who is silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from rag.answers import (
    ASIDE_WEIGHT,
    Asked,
    Candidate,
    Matcher,
    Said,
    asks_for_findings,
    best_reviews,
    build_matcher,
    choose,
    direction_of,
    holds_quantity,
    is_prose,
    on_the_matter,
    query_for,
    quote,
    speaks,
)
from rag.comparison.agreement import agreement, difference
from rag.comparison.shared_sources import shared_sources
from rag.comparison.things import Things, set_apart
from rag.comparison.thresholds import CLOSEST, LIKELY, QUOTED
from rag.comparison.topics import topics
from rag.questions import Aspect, Question, aspect, compared_on, content_terms, named_aspects
from rag.shelf import Catalogue, label
from rag.types import PROSE, Cell, CellState, Citation, Comparison, Direction, Quote, Review, Wants

if TYPE_CHECKING:
    from rag.shelf import Library

# So few reviews are all on the matter; with more the columns come best first.
FEW = 5
# More reviews than this are too many to set side by side: those nearest to the question are.
MOST_REVIEWS = 100
# Of more, this many are.
NEAREST_REVIEWS = 50
# How many aspects a comparison has that names none; a few more are tried.
MOST_ASPECTS, TRIED_MORE = 6, 2
QUOTES_A_CELL = 2
# A name has at most so many words that carry what it is about.
NAME = 3
# Of what question sets two things against each other a review on one lacks the other: it may seem farther off, in nats.
FARTHER = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one review on one aspect: what it says, the sentences worth quoting, the direction they tell.

    `close` tells that its best sentence may answer where none is quoted.
    """

    said: Said
    quoted: Sequence[Candidate]
    close: bool
    direction: Direction | None


@dataclass(frozen=True, slots=True)
class Row:
    """What was found on one aspect, by review; a review without any sentence has no place in it."""

    aspect: Aspect
    found: Mapping[str, Found]

    def quoted(self, review_id: str) -> Sequence[Candidate]:
        """The sentences that a review is quoted with."""
        return self.found[review_id].quoted if review_id in self.found else ()


class Matter:
    """What a comparison is about: the reviews on it, and the things that it sets against each other, if any."""

    def __init__(self, question: Question, library: Library, reviews: Sequence[Review]) -> None:
        """Find both for a question that is put to some reviews."""
        self._library = library
        ids = [review.id for review in reviews]
        matcher = self._matcher(Aspect(question.text, question.terms))
        if not question.terms or len(ids) <= FEW:
            self.near, self.things = ids, self._apart(question, matcher, ids)
            return
        asked = Asked(question.text, question.terms, library, ids)
        said = asked.said(partial(_same, matcher), ids, 0)
        likely = on_the_matter(said, FARTHER)
        self.things = self._apart(question, matcher, likely)
        near = self._speaking(question, ids)
        if self.things:
            said = asked.said(lambda one: self._own(one, matcher), ids, 0)
            near |= (self.things.with_one | self.things.with_other).intersection(likely)
        near.update(on_the_matter(said))
        self.near = [review_id for review_id in ids if review_id in near]

    def _speaking(self, question: Question, review_ids: Sequence[str]) -> set[str]:
        """Return who speaks of any of several aspects that a question names, where it names no more than these."""
        named = self.aspects(question)
        if len(named) < 2 or any(term.aside for one in named for term in one.terms):
            return set()
        speaking = set()
        for one in named:
            matcher = self._matcher(one)
            asked = Asked(one.text, one.terms, self._library, review_ids)
            said = asked.said(partial(_same, matcher), review_ids, 0)
            speaking |= {i for i, own in said.items() if any(speaks(c, matcher) for c in own.found)}
        return speaking

    def _apart(self, question: Question, matcher: Matcher, review_ids: Sequence[str]) -> Things | None:
        held = {one: matcher.strengths_in(self._library.stems_of(one)) for one in review_ids[:MOST_REVIEWS]}
        # What is compared comes before what it is compared on.
        text, names = question.text, max((end for _, end in question.names), default=0)
        behind = compared_on(text, names)
        return set_apart(text[:behind] if behind > names else text, matcher, held)

    def _own(self, review_id: str, matcher: Matcher) -> Matcher:
        return self.things.own(review_id, matcher) if self.things else matcher

    def _matcher(self, one: Aspect) -> Matcher:
        """Return what measures an aspect; what the whole library speaks of weighs little: it tells no review apart."""
        matcher = build_matcher(one.terms, self._library)
        common = [self._library.index.vocabulary.is_ubiquitous(term.term.forms[0]) for term in matcher.terms]
        return matcher if all(common) else matcher.discounted(common, ASIDE_WEIGHT)

    def aspects(self, question: Question) -> tuple[Aspect, ...]:
        """Return what the question compares on: what it names behind the things, or itself as a whole."""
        return named_aspects(question.text, question.terms, self.things.end if self.things else 0)

    def row(self, one: Aspect, question: Question) -> Row:
        """Ask each of the reviews on the matter about one aspect."""
        asked = Asked(one.text, one.terms, self._library, self.near)
        matcher = self._matcher(one)
        said = asked.read(lambda review_id: self._own(review_id, matcher), self.near)
        told = partial(
            _found,
            is_name=bool(one.asks) and len(content_terms(one.name)) <= NAME,
            wants=question.wants,
            of_findings=asks_for_findings(one.text, self._library),
        )
        named = {review_id: self._own(review_id, matcher) if one.asks else None for review_id in said}
        return Row(one, {review_id: told(own, named=named[review_id]) for review_id, own in said.items()})


def _same(matcher: Matcher, _: str) -> Matcher:
    return matcher


def _found(said: Said, named: Matcher | None, is_name: bool, wants: Wants | None, of_findings: bool) -> Found:
    """Return what is worth quoting of what a review says.

    A question is answered or not; of what is `named`, what speaks of it is quoted too. How likely anything answers
    what is but a name says little: there only a sentence that is likely by itself does.
    """
    telling = [one for one in said.found if holds_quantity(one, wants)]
    telling = [one for one in telling if is_prose(one.text)] or telling
    speaking = [one for one in telling if (named and speaks(one, named)) or (is_name and one.score >= LIKELY)]
    answers = said.confidence >= QUOTED and not is_name
    quoted = choose(telling if answers else speaking, most=QUOTES_A_CELL)
    close = said.confidence >= (QUOTED if is_name else CLOSEST)
    told = direction_of(telling, quoted) if of_findings else None
    return Found(said, quoted, close, told[0] if told else None)


def compare(
    question: Question, library: Library, reviews: Sequence[Review], aspects: Sequence[str] = (), always: bool = False
) -> Comparison | None:
    """Compare reviews on the aspects given, else on those that the question names, else on the topics they treat.

    Every review of the library has its cells; those that are not among `reviews` were not asked, and have none where
    they are very many. None, unless it is to be `always`, for a question that is not of reviews where no two are quoted
    on the things that it compares: each has the whole of its answer then.
    """
    matter = Matter(question, library, reviews)
    must = always or bool(aspects) or question.of_reviews
    if not must and not matter.things:
        return None
    wished = {name.casefold(): name for name in aspects}.values()
    named = matter.aspects(question)
    known = {one.name: one for one in named}
    chosen = [known.get(name) or aspect(name, question) for name in wished] or named
    rows = [matter.row(one, question) for one in chosen] or _topic_rows(question, matter, library)
    if not must and len({i for row in rows for i in row.found if row.found[i].quoted}) < 2:
        return None
    order = _columns(rows, reviews, matter.near)
    citations = _numbered(rows, order, library.index.reviews)
    numbers = {(c.quote.review_id, c.quote.start, c.quote.end): c.number for c in citations}
    asked = {review.id for review in order}
    shown = library.reviews if len(library.reviews) - len(asked) <= MOST_REVIEWS else ()
    everyone = [*order, *(review for review in shown if review.id not in asked)]
    cells = tuple(_cell(row, review, review.id in asked, numbers, library) for row in rows for review in everyone)
    quoted = [(row.aspect.name, [c for c in cells if c.aspect == row.aspect.name and c.citations]) for row in rows]
    # What is found of two things is neither the same finding nor another one.
    of_one_thing = () if matter.things else quoted
    names = {review.id: label(review) for review in order}
    agreements = tuple(alike for name, own in of_one_thing if (alike := agreement(name, own, names)))
    differences = tuple(unlike for name, own in of_one_thing if (unlike := difference(name, own, names)))
    judged = {one.aspect for one in agreements} | {one.aspect for one in differences}
    return Comparison(
        aspects=tuple(row.aspect.name for row in rows),
        cells=cells,
        citations=citations,
        agreements=agreements,
        differences=differences,
        undecided=tuple(name for name, own in quoted if len(own) > 1 and name not in judged),
        shared_sources=shared_sources([review for review in order if review.id in matter.near], citations),
        near=tuple(review.id for review in order if review.id in matter.near),
    )


def nearest_reviews(question: Question, library: Library) -> Catalogue:
    """Return the reviews that can be set side by side: all, or of very many those nearest to the question."""
    reviews = question.scope
    if len(reviews) <= MOST_REVIEWS:
        return reviews
    query = query_for(question.text, question.terms, library)
    asked = None if reviews is library.reviews else [review.id for review in reviews]
    return reviews.part(best_reviews(query, library.index, asked, PROSE, NEAREST_REVIEWS))


def _topic_rows(question: Question, matter: Matter, library: Library) -> list[Row]:
    """Return the rows of topics that most reviews speak of; those of one review when the question asks for them."""
    focus = question.named if len(question.named) == 1 and question.asks("only") else ()
    reviews = [library.index.reviews[review_id] for review_id in matter.near]
    found = [topic for topic in topics(library, reviews) if not focus or topic.review_ids == frozenset(focus)]
    rows = [matter.row(aspect(topic.name), question) for topic in found[: MOST_ASPECTS + TRIED_MORE]]
    speaking = [(row, {i for i in row.found if row.found[i].quoted}) for row in rows]
    speaking = [(row, ids) for row, ids in speaking if ids and (not focus or ids == set(focus))]
    if not focus and question.asks("in common") and any(len(ids) > 1 for _, ids in speaking):
        speaking = [(row, ids) for row, ids in speaking if len(ids) > 1]
    return [row for row, _ in sorted(speaking, key=lambda pair: -len(pair[1]))[:MOST_ASPECTS]]


def _columns(rows: Sequence[Row], reviews: Sequence[Review], near: Collection[str]) -> list[Review]:
    """Return the reviews in shelf order, or, when they are many, those on the matter first, best quotes first."""
    if len(reviews) <= FEW:
        return list(reviews)
    best = {r.id: [max((c.score for c in row.quoted(r.id)), default=0.0) for row in rows] for r in reviews}
    return sorted(reviews, key=lambda review: (review.id not in near, [-s for s in best[review.id]], review.id))


def _numbered(rows: Sequence[Row], order: Sequence[Review], reviews: Mapping[str, Review]) -> tuple[Citation, ...]:
    """Number the quotes as they are read: row by row, review by review; each once."""
    quotes: dict[tuple[str, int, int], Quote] = {}
    for row in rows:
        for review in order:
            for candidate in row.quoted(review.id):
                quotes.setdefault((review.id, *candidate.span), quote(candidate, reviews))
    return tuple(Citation(number, one) for number, one in enumerate(quotes.values(), 1))


def _cell(row: Row, review: Review, asked: bool, numbers: Mapping[tuple[str, int, int], int], library: Library) -> Cell:
    cell = partial(Cell, row.aspect.name, review.id)
    if not asked:
        return cell("not_asked")
    found = row.found.get(review.id)
    if found and found.quoted:
        return cell("quoted", tuple(numbers[one.line] for one in found.quoted), direction=found.direction)
    state: CellState = "silent" if holds_full_text(review) else "not_indexed"
    if not found or not found.said.found:
        return cell(state)
    return cell("closest" if found.close else state, nearest=quote(found.said.found[0], library.index.reviews))


def holds_full_text(review: Review) -> bool:
    """Tell the text of a paper from the page of its abstract."""
    return any(section.kind == "body" and section.provenance == "authors" for section in review.sections)
