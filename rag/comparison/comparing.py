"""A question across reviews becomes a matrix: what each review says about each aspect, and who is silent."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from rag.answers import (
    ASIDE_WEIGHT,
    Asked,
    Matcher,
    Said,
    build_matcher,
    choose,
    direction_of,
    holds_quantity,
    is_own_finding,
    is_prose,
    line_quote,
    on_the_matter,
    row_asks_for_findings,
    speaks,
)
from rag.comparison.agreement import agreement, difference
from rag.comparison.papers import MOST_REVIEWS, Meant
from rag.comparison.shared_sources import shared_sources
from rag.comparison.study_rows import STUDY_FACETS, are_studies, facet_called, stated
from rag.comparison.things import Things, set_apart
from rag.comparison.thresholds import CLOSEST, LIKELY, QUOTED, SPEAKS
from rag.comparison.topics import topics
from rag.questions import Aspect, Question, Relation, aspect, compared_on, content_terms
from rag.shelf import Column, label
from rag.types import Cell, CellState, Citation, Comparison, Direction, Quote, Review, Wants

if TYPE_CHECKING:
    from rag.shelf import Library

# So few reviews are all on the matter; with more the columns come best first.
FEW = 5
# So few that a question says it means are all heard, whether they speak of it or not.
MOST_MEANT = 20
# How many aspects a comparison has that names none; a few more are tried.
MOST_ASPECTS, TRIED_MORE = 6, 2
QUOTES_A_CELL = 3
# What a question as a row asks for already.
FOUND_FACETS = ("outcome", "result")
# These are asked of what papers speak of, and not of what studies are.
OF_WHAT_IS_SAID: frozenset[Relation] = frozenset(("only", "others", "in common"))
# A name has at most so many words that carry what it is about.
NAME = 3
# A quote tells a direction of what it names itself, by this share of what decides.
ON_IT = 0.5
# Of what question sets two things against each other a review on one lacks the other: it may seem farther off, in nats.
FARTHER = 5.0


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one review on one aspect: the quotes, how likely the best answers, the direction they tell.

    `names_it` tells that they surely speak of the aspect, or have its words where it is but a name. `state` says why
    there are none, and `nearest` is the sentence that came closest.
    """

    quotes: tuple[Quote, ...]
    state: CellState = "quoted"
    score: float = 0.0
    nearest: Quote | None = None
    direction: Direction | None = None
    names_it: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """What was found on one aspect, called by its name, by review; a `facet` is a matter of each study alone."""

    name: str
    found: Mapping[str, Found]
    facet: bool = False


class Matter:
    """What a comparison is about: the reviews on it, and the things that it sets against each other, if any."""

    def __init__(self, question: Question, library: Library, meant: Meant) -> None:
        """Find both for a question and the reviews that it may mean."""
        self._library, self._meant = library, meant
        ids = [review.id for review in meant.reviews]
        whole = Aspect(question.text, question.terms)
        if meant.surely and len(ids) <= MOST_MEANT:
            self.near = ids
            self.things = self._apart(question, self._matcher(whole), ids) if question.sets_against else None
            return
        matcher = self._matcher(whole)
        if not question.terms or len(ids) <= FEW:
            self.near, self.things = ids, self._apart(question, matcher, ids)
            return
        asked = Asked(whole, library, ids)
        said = asked.said(partial(_same, matcher))
        likely = on_the_matter(said, FARTHER)
        self.things = self._apart(question, matcher, likely)
        near = self._speaking(question, ids)
        if self.things:
            said = asked.said(lambda one: self._own(one, matcher))
            near |= (self.things.with_one | self.things.with_other).intersection(likely)
        near.update(on_the_matter(said))
        self.near = [review_id for review_id in ids if review_id in near]

    def _speaking(self, question: Question, review_ids: Sequence[str]) -> set[str]:
        """Return who speaks of any of several aspects that a question names, where it names no more than these."""
        if len(question.aspects) < 2 or any(term.aside for one in question.aspects for term in one.terms):
            return set()
        speaking = set()
        for one in question.aspects:
            matcher = self._matcher(one)
            asked = Asked(one, self._library, review_ids)
            said = asked.said(partial(_same, matcher))
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

    def row(self, one: Aspect, question: Question, among: Sequence[str] = ()) -> Row:
        """Ask each of the reviews on the matter, or of some of them, about one aspect."""
        ids = among or self.near
        asked = Asked(one, self._library, ids)
        matcher = self._matcher(one)
        said = asked.read(lambda review_id: self._own(review_id, matcher))
        is_short = bool(one.asks) and len(content_terms(one.name)) <= NAME
        of_findings = row_asks_for_findings(one.name, self._library)
        found = {}
        for review_id, own in said.items():
            review = self._library.index.reviews[review_id]
            is_study = self._library.facts(review).is_study
            asking = Asking(is_short and not (self._meant.surely and is_study), question.wants, of_findings)
            named = self._own(review_id, matcher) if one.asks else None
            telling = [c for c in own.found if not (of_findings and is_study) or is_own_finding(c)]
            found[review_id] = _found(review, replace(own, found=telling or own.found), named, asking)
        return Row(one.name, found)

    def facet_rows(self, question: Question) -> list[Row]:
        """Return what each of the studies tells of itself; no facet that none tells."""
        rows = [self.facet_row(facet, facet, aspect(asked), question) for facet, asked in STUDY_FACETS.items()]
        return [row for row in rows if any(found.quotes for found in row.found.values())]

    def facet_row(self, name: str, facet: Column, one: Aspect, question: Question) -> Row:
        """Return what the studies state or tell of a facet, under a name; who tells none is not called silent."""
        lines = {review.id: stated(facet, review, self._library) for review in self._meant.reviews}
        left = [review_id for review_id, line in lines.items() if not line]
        told = self.row(one, question, left).found if left else {}
        found = {i: _as_facet(told.get(i, Found((), "untold"))) for i in left}
        return Row(name, {i: Found((line,), names_it=True) if line else found[i] for i, line in lines.items()}, True)


def _as_facet(found: Found) -> Found:
    """Return what was found as what a study tells of itself: no direction, and not silence."""
    state: CellState = "untold" if found.state in ("silent", "not_indexed") else found.state
    return replace(found, state=state, direction=None)


def _same(matcher: Matcher, _: str) -> Matcher:
    return matcher


class Asking(NamedTuple):
    """What an aspect asks for: only what is called by a name, a quantity, what was found."""

    is_name: bool
    wants: Wants | None
    of_findings: bool


def _found(review: Review, said: Said, named: Matcher | None, asking: Asking) -> Found:
    """Return what is worth quoting of what a review says.

    A question is answered or not. How likely anything answers what is but a name says little, of a review most of all:
    there what speaks of it is quoted, and a sentence that is likely by itself.
    """
    telling = [one for one in said.found if holds_quantity(one, asking.wants)]
    telling = [one for one in telling if is_prose(one.text)] or telling
    if asking.is_name:
        answering = [one for one in telling if (named and speaks(one, named)) or one.score >= LIKELY]
    else:
        answering = telling if said.confidence >= QUOTED else []
    quoted = choose(answering, most=QUOTES_A_CELL)
    if quoted:
        on_it = [one for one in quoted if not named or named.decided(one.own) >= ON_IT]
        told = direction_of(telling, on_it) if asking.of_findings else None
        best = max(one.score for one in quoted)
        quotes = tuple(line_quote(review, one.passage, one.span) for one in quoted)
        names_it = asking.is_name or said.confidence >= SPEAKS
        return Found(quotes, score=best, direction=told[0] if told else None, names_it=names_it)
    if not said.found:
        return Found((), _silence(review))
    nearest = said.found[0]
    close = said.confidence >= (QUOTED if asking.is_name else CLOSEST)
    return Found(
        (), "closest" if close else _silence(review), nearest=line_quote(review, nearest.passage, nearest.span)
    )


def _silence(review: Review) -> CellState:
    return "silent" if holds_full_text(review) else "not_indexed"


def compare(
    question: Question, library: Library, meant: Meant, aspects: Sequence[str] = (), always: bool = False
) -> Comparison | None:
    """Compare reviews on the aspects given, else on those that the question names, else on facets or topics.

    Every review of the library has its cells; those that are not `meant` were not asked, and have none where
    they are very many. None, unless it is to be `always`, for a question that is not of reviews where no two are quoted
    on the things that it compares: each has the whole of its answer then.
    """
    matter, reviews = Matter(question, library, meant), meant.reviews
    # Of papers that it describes and that are not there it is answered what else there is.
    lacking = bool(meant.describing) and not meant.surely
    across = bool(question.described or question.of_reviews)
    must = always or bool(aspects) or (across and (meant.surely or (question.of_reviews and not lacking)))
    if not must and not matter.things and not meant.surely:
        return None
    rows = _rows(question, matter, library, reviews, aspects)
    if not must and len({i for row in rows if not row.facet for i in row.found if row.found[i].quotes}) < 2:
        return None
    near = _heard(rows, matter.near, meant)
    order = _columns(rows, [review for review in reviews if review.id in near or not meant.surely], near)
    citations = _numbered(rows, order)
    numbers = {(c.quote.review_id, c.quote.start, c.quote.end): c.number for c in citations}
    asked = {review.id for review in order}
    shown = library.reviews if len(library.reviews) - len(asked) <= MOST_REVIEWS else ()
    everyone = [*order, *(review for review in shown if review.id not in asked)]
    cells = tuple(_cell(row, review, review.id in asked, numbers) for row in rows for review in everyone)
    of_all = [row for row in rows if not row.facet]
    quoted = [(row.name, [c for c in cells if c.aspect == row.name and c.citations]) for row in of_all]
    # What is found of two things is neither the same finding nor another one.
    of_one_thing = () if matter.things else quoted
    names = {review.id: label(review) for review in order}
    agreements = tuple(alike for name, own in of_one_thing if (alike := agreement(name, own, names)))
    differences = tuple(unlike for name, own in of_one_thing if (unlike := difference(name, own, names)))
    judged = {one.aspect for one in agreements} | {one.aspect for one in differences}
    return Comparison(
        aspects=tuple(row.name for row in rows),
        cells=cells,
        citations=citations,
        agreements=agreements,
        differences=differences,
        undecided=tuple(name for name, own in quoted if len(own) > 1 and name not in judged),
        shared_sources=shared_sources([review for review in order if review.id in near], citations),
        near=tuple(review.id for review in order if review.id in near),
        facets=tuple(row.name for row in rows if row.facet),
    )


def _rows(
    question: Question, matter: Matter, library: Library, reviews: Sequence[Review], aspects: Sequence[str]
) -> list[Row]:
    """Return the rows of the aspects given, else of those that a question names, else the facets of studies or topics.

    The name of a facet is one where studies are compared.
    """
    wished: dict[str, str] = {}
    for name in (" ".join(one.split()) for one in aspects if one.strip()):
        wished.setdefault(name.casefold(), name)
    known = {one.name: one for one in question.aspects}
    of_studies = are_studies(reviews, library, question)
    chosen = [known.get(name) or aspect(name, question) for name in wished.values()] or question.aspects
    of_themselves = of_studies and not question.relations & OF_WHAT_IS_SAID
    if of_themselves and not chosen:
        return matter.facet_rows(question)
    rows = []
    for one in chosen:
        facet = facet_called(one.name, library) if of_studies else None
        rows.append(matter.facet_row(one.name, facet, one, question) if facet else matter.row(one, question))
    # "A versus B for Z" asks for what was found, and of studies that say whom they tried it on and what it was.
    if of_themselves and not wished and len(rows) == 1 and _is_only_of_things(question):
        rows += [row for row in matter.facet_rows(question) if row.name not in FOUND_FACETS]
    return rows or _topic_rows(question, matter, library)


def _is_only_of_things(question: Question) -> bool:
    """Tell whether papers that are named or set against each other are asked for no aspect."""
    whole = question.text.rstrip("?!. ")
    of_things = len(question.named) > 1 or question.sets_against
    return of_things and all(one.name == whole for one in question.aspects)


def _topic_rows(question: Question, matter: Matter, library: Library) -> list[Row]:
    """Return the rows of topics that most reviews speak of; those of one review when the question asks for them."""
    focus = question.named if len(question.named) == 1 and question.asks("only") else ()
    reviews = [library.index.reviews[review_id] for review_id in matter.near]
    found = [topic for topic in topics(library, reviews) if not focus or topic.review_ids == frozenset(focus)]
    rows = [matter.row(aspect(topic.name), question) for topic in found[: MOST_ASPECTS + TRIED_MORE]]
    speaking = [(row, {i for i in row.found if row.found[i].quotes}) for row in rows]
    speaking = [(row, ids) for row, ids in speaking if ids and (not focus or ids == set(focus))]
    if not focus and question.asks("in common") and any(len(ids) > 1 for _, ids in speaking):
        speaking = [(row, ids) for row, ids in speaking if len(ids) > 1]
    return [row for row, _ in sorted(speaking, key=lambda pair: -len(pair[1]))[:MOST_ASPECTS]]


def _heard(rows: Sequence[Row], near: Sequence[str], meant: Meant) -> list[str]:
    """Return the ids of the reviews on the matter without those only likely meant that say nothing of it.

    Of itself every study says something: there the others are enough, if they are several.
    """
    of_all = [row for row in rows if not row.facet]
    saying = {i for row in of_all for i, found in row.found.items() if found.quotes}
    left = [i for i in near if i not in meant.likely or i in saying]
    return left if len(left) > 1 else [*near]


def _columns(rows: Sequence[Row], reviews: Sequence[Review], near: Collection[str]) -> list[Review]:
    """Return the reviews in shelf order, or, when they are many, those on the matter first, best quotes first."""
    if len(reviews) <= FEW:
        return list(reviews)
    best = {r.id: [row.found[r.id].score if r.id in row.found else 0.0 for row in rows] for r in reviews}
    return sorted(reviews, key=lambda review: (review.id not in near, [-s for s in best[review.id]], review.id))


def _numbered(rows: Sequence[Row], order: Sequence[Review]) -> tuple[Citation, ...]:
    """Number the quotes as they are read: row by row, review by review; each once."""
    found = [row.found[review.id] for row in rows for review in order if review.id in row.found]
    quotes: dict[tuple[str, int, int], Quote] = {}
    for one in (one for own in found for one in own.quotes):
        quotes.setdefault((one.review_id, one.start, one.end), one)
    return tuple(Citation(number, one) for number, one in enumerate(quotes.values(), 1))


def _cell(row: Row, review: Review, asked: bool, numbers: Mapping[tuple[str, int, int], int]) -> Cell:
    cell = partial(Cell, row.name, review.id)
    if not asked:
        return cell("not_asked")
    found = row.found.get(review.id)
    if not found:
        return cell(_silence(review))
    cited = tuple(numbers[one.review_id, one.start, one.end] for one in found.quotes)
    return cell(found.state, cited, found.nearest, found.direction, found.names_it)


def holds_full_text(review: Review) -> bool:
    """Tell the text of a paper from the page of its abstract."""
    return any(section.kind == "body" and section.provenance == "authors" for section in review.sections)
