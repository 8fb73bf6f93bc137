"""A question becomes evidence: the quotes that answer it, or the decision that the reviews do not hold the answer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.direction import asks_for_findings, asks_for_limits
from rag.answers.each import confidence
from rag.answers.judgement import judgement
from rag.answers.matching import Matcher, build_matcher, may_be_called_otherwise, stands_for_many
from rag.answers.reading import Candidate, by_review, held_anywhere, measure
from rag.answers.retrieval import query_for, retrieve
from rag.answers.selection import (
    QUOTES_PER_REVIEW,
    choose,
    distinct,
    holds_quantity,
    is_own_finding,
    is_prose,
    lacks_what,
    line_of,
    line_quote,
    quote,
    with_conclusions,
)
from rag.answers.subject import Subject, of_the_paper_described
from rag.answers.thresholds import ASIDE_COVERAGE, CARRIED_WEIGHT, DESCRIBES, HELD, SPEAKS_AT_ALL
from rag.answers.verdict import verdict
from rag.questions import FIELD_NAMES, WORDED_FIELDS, Aspect, Question, named_column, states_field
from rag.shelf import Facet, study_facet
from rag.types import PROSE, TRAITS, Quote, Review, Role, SectionKind, Term, Verdict

if TYPE_CHECKING:
    from rag.shelf import Library

# Asked only when the prose holds nothing: they state facts about the paper, not its findings.
ASIDE: tuple[SectionKind, ...] = ("competing interests", "entities")
NEAREST = 3
# A look takes the reader 10 to 25 ms.
LOOKS = 16
# The facts of more reviews than this, and what they say of themselves, are too much for an answer.
GONE_THROUGH = 100
# What is quoted of a review for the whole of it: where few are asked, and where there are more than FEW.
OF_ONE: tuple[Role, ...] = ("aim", "result", "conclusion")
OF_MANY: tuple[Role, ...] = ("conclusion",)
FEW = 3
# A paper is heard that answers with this probability by itself; at most so many are.
ANSWERS_ITSELF, MOST_PAPERS = 0.6, 5
# A finding comes before what leads up to it if it is so likely to answer, as a share of the best sentence.
ABOUT_AS_LIKELY = 0.5
# A part of a question is found more easily than the whole: where that is not answered, it is from this probability on.
PART_ANSWERED = 0.8
# A model may be given what is so likely to answer, as a share of the best sentence; so many sentences a paper.
MAY_MATTER, MOST_OF_A_PAPER = 0.05, 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """The quotes an answer may use, best review first; what of the question none holds; the nearest otherwise.

    `speaking` are the ids of the reviews that hold some of the question, quoted or not. `closest` are quotes that may
    not answer, where none is sure enough to; `confidence` is the probability in [0, 1] that the reviews hold an
    answer. `verdict` is what the quotes say, with their numbers from 1 on. `beside` are the next best sentences of the
    question and of its parts, for a model that writes from the quotes.
    """

    quotes: tuple[Quote, ...] = ()
    missing: tuple[str, ...] = ()
    nearest: tuple[Quote, ...] = ()
    speaking: frozenset[str] = frozenset()
    closest: tuple[Quote, ...] = ()
    confidence: float | None = None
    verdict: Verdict | None = None
    beside: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class Search:
    """The sentences found, best first, how likely they answer, and the words of the question that nothing holds.

    `matcher` measured them. `speaking` are the ids of the reviews that hold some of the question.
    """

    found: list[Candidate]
    confidence: float
    missing: tuple[str, ...]
    matcher: Matcher
    speaking: frozenset[str] = frozenset()

    @property
    def answers(self) -> bool:
        """Tell whether they answer."""
        return self.confidence >= judgement().answered


def gather(question: Question, library: Library) -> Evidence:
    """Return the evidence for a question in what the reviews of its scope found, or say of themselves."""
    if question.absent and not question.named:
        return Evidence(missing=question.absent)
    if question.intent == "overview":
        return _overview(library, _nearest(question, library))
    return _findings(of_the_paper_described(question, library), library)


def _beside(searches: Sequence[Search], quotes: Sequence[Quote], library: Library) -> tuple[Quote, ...]:
    """Return what may matter beside some quotes, best first: of each search by turns, of each paper a few sentences.

    The best sentence of each paper comes before the second of any.
    """
    ranked = []
    for search in searches:
        best = search.found[0].score if search.found else 0.0
        likely = [one for one in search.found if one.score >= MAY_MATTER * best and is_prose(one.text)]
        own = [distinct(told, MOST_OF_A_PAPER) for told in by_review(likely).values()]
        ranked.append([one for at in zip_longest(*own) for one in at if one])
    found = _once(quote(one, library.index.reviews) for at in zip_longest(*ranked) for one in at if one)
    shown = {(one.review_id, one.start, one.end) for one in quotes}
    return tuple(one for one in found if (one.review_id, one.start, one.end) not in shown)


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

    "The erenumab trial" is the paper with that title, and not one that speaks of such a trial.

    `near` are the reviews that the lines are from; no other is read.
    """
    matcher = _matcher(question.rest, library)

    def holds(text: str, forms: frozenset[str] | None = None) -> bool:
        return bool(matcher.coverage(matcher.strengths(text, forms)) >= DESCRIBES)

    of_a_paper = question.of_a_paper or bool(question.named)
    holding = [(field, line) for field, line in lines if holds(line.text) and (of_a_paper or field in WORDED_FIELDS)]
    of_a_trial = any("trial" in term.forms for term in question.rest)
    if holding or not (of_a_paper or of_a_trial):
        return holding
    about = {review.id for review in near if holds(review.title)}
    if of_a_paper and not about:
        about = {review.id for review in near if holds(library.prose(review), library.stems_of(review.id))}
    return [(field, line) for field, line in lines if line.review_id in about]


def _matcher(terms: Sequence[Term], library: Library, carried: Collection[str] = ()) -> Matcher:
    return build_matcher(terms, library).discounted([term.forms[0] in carried for term in terms], CARRIED_WEIGHT)


def _overview(library: Library, scope: Sequence[Review]) -> Evidence:
    """Quote what each review says of itself: of many what it concludes, of few also what it set out for and found."""
    roles = OF_ONE if len(scope) <= FEW else OF_MANY
    quotes = [line for review in scope for line in _telling(library, review, roles)]
    return Evidence(tuple(quotes), speaking=frozenset(line.review_id for line in quotes))


def _telling(library: Library, review: Review, roles: Sequence[Role]) -> list[Quote]:
    """Return the sentence that is most surely of each role, as they stand; nearest to the sense of all its prose first.

    The authors' words come before a page's, and those of their abstract before those of the text.
    """
    prose = [(p, span) for p in library.passages_of(review.id) if p.kind in PROSE for span in p.sentences]
    lines = [(p, span) for p, span in prose if p.provenance == "authors"] or prose
    lines = [line for line in lines if line[0].kind == "abstract"] or lines
    lines = [*dict.fromkeys(line for line in lines if is_prose(review.text[slice(*line[1])]))] or list(
        dict.fromkeys(lines)
    )
    if not lines:
        return []
    keys = [(review.id, *span) for _, span in lines]
    vectors, traits = library.index.sentence_vectors(keys), library.index.sentence_traits(keys)
    central = vectors @ vectors.mean(axis=0) if len(vectors) else np.zeros(len(lines))
    best = {}
    for role in roles:
        worth = traits[:, TRAITS.index(role)] + central
        best[min(range(len(lines)), key=lambda at: (-round(float(worth[at]), 5), at))] = role
    return [line_quote(review, *lines[at]) for at in sorted(best)]


def _findings(question: Question, library: Library) -> Evidence:
    """Search the prose for the whole question, then for its parts, then the facts beside the prose."""
    whole = _search(question, question.terms, PROSE, library)
    if (facet := _facet_asked(question, library)) and (told := _told_by_facet(facet, question, whole, library)):
        speaking, beside = frozenset(one.review_id for one in told), _beside([whole], told, library)
        return Evidence(told, speaking=speaking, confidence=whole.confidence, beside=beside)
    if whole.answers and not question.parts:
        of_findings = asks_for_findings(question.bare, library)
        chosen = _found_by_each(whole, library) if of_findings else choose(whole.found)
        return _evidence(chosen, whole, library, whole.missing, question)
    searches = {part.name: _search(_alone(part, question), part.terms, PROSE, library) for part in question.parts}
    at_least = judgement().answered if whole.answers else PART_ANSWERED
    missing = tuple(name for name, search in searches.items() if search.confidence < at_least)
    if in_parts := [c for name, search in searches.items() if name not in missing for c in choose(search.found)]:
        words = (word for word in whole.missing if word not in " ".join(missing))
        in_all = _evidence(in_parts, whole, library, (*missing, *words))
        return replace(in_all, beside=_beside([whole, *searches.values()], in_all.quotes, library))
    if whole.answers:
        return _evidence(choose(whole.found), whole, library, whole.missing, question)
    if not question.wants and (aside := _aside(question, library)):
        return _evidence(aside, whole, library)
    return _evidence((), whole, library)


def _alone(part: Aspect, question: Question) -> Question:
    """Return a part as a question of its own, where it says what it is on.

    "Are they safe" does not, and neither does one that shares words with the others.
    """
    says = len(part.own) > 1 and all(term.text in part.name for term in part.own)
    return replace(question, text=part.name, names=()) if says else question


def _facet_asked(question: Question, library: Library) -> Facet | None:
    """Return what of studies is asked for by its kind: their limitations in any words, their harms by their name.

    None of what is asked beside something else.
    """
    if question.parts:
        return None
    if asks_for_limits(question.bare, library):
        return "limitations"
    return "harms" if named_column("harms", question.text) else None


def _told_by_facet(facet: Facet, question: Question, whole: Search, library: Library) -> tuple[Quote, ...]:
    """Return what each of the studies that a question is about tells of a facet, in one sentence each, best first.

    It is about those that it names, else about those that answer by themselves, else about those on its subject.
    """
    start, end = named_column(facet, question.text) or (0, 0)
    reviews = library.index.reviews
    subject = Subject([term for term in question.terms if not start <= term.start < end], library)
    found = dict.fromkeys(one.passage.review_id for one in whole.found)
    about = list(question.scope) if question.named else [reviews[i] for i in _answering(whole, library)]
    about = about or [reviews[i] for i in found if subject.is_of(reviews[i])]
    studies = [review for review in about[:MOST_PAPERS] if library.facts(review).is_study]
    facts = [(review, study_facet(facet, review, library)) for review in studies]
    return tuple(filter(None, (line_of(review, fact.span, library) for review, fact in facts if fact and fact.span)))


def _answering(whole: Search, library: Library) -> list[str]:
    """Return the ids of the papers that answer by themselves, likeliest first."""
    own = {review_id: confidence(found, whole.matcher, library) for review_id, found in by_review(whole.found).items()}
    return sorted((i for i in own if own[i] >= ANSWERS_ITSELF), key=lambda i: (-own[i], i))[:MOST_PAPERS]


def _found_by_each(whole: Search, library: Library) -> list[Candidate]:
    """Return what was found by each of the papers that answer by themselves: of several one sentence, the best.

    Of one or two their conclusion, too, where it is not among these.
    """
    own = [one for one in whole.found if is_own_finding(one) or not _reports(one, library)]
    telling = [one for one in own if not lacks_what(whole.found[0], one)]
    # What was meant or done answers where nothing that was found is as likely to.
    if not telling or telling[0].score < ABOUT_AS_LIKELY * whole.found[0].score:
        telling = whole.found
    told_by = by_review(telling)
    # Where the whole answers and none does by itself, the one with the best sentence does.
    answering = [i for i in _answering(whole, library) if i in told_by] or [*told_by][:1]
    most = QUOTES_PER_REVIEW if len(answering) == 1 else 2 if len(answering) == 2 else 1
    chosen = [one for i in answering for one in choose(told_by[i], most)]
    return chosen if len(answering) > 2 else with_conclusions(telling, chosen)


def _reports(candidate: Candidate, library: Library) -> bool:
    """Tell whether a sentence is of a study, which found what it tells, and not of a review, which knows it."""
    return library.facts(library.index.reviews[candidate.passage.review_id]).is_study


def _aside(question: Question, library: Library) -> list[Candidate]:
    """Return the lines beside the prose that hold most of the question; they have no sense to go by."""
    found, matcher = measured(question, question.terms, ASIDE, library)
    return choose([c for c in found if matcher.coverage(c.own) >= ASIDE_COVERAGE and _holds_deciding(c, matcher)])


def _holds_deciding(candidate: Candidate, matcher: Matcher) -> bool:
    return bool((candidate.own[matcher.deciding] >= HELD).all())


def _search(question: Question, terms: Sequence[Term], kinds: Collection[SectionKind], library: Library) -> Search:
    found, matcher = measured(question, terms, kinds, library)
    anywhere = held_anywhere(matcher, library)
    deciding = zip(matcher.terms, anywhere, matcher.deciding, strict=True)
    lacking = [one.term for one, held, decides in deciding if decides and held < HELD]
    missing = tuple(
        term.text for term in lacking if not stands_for_many(term) and not may_be_called_otherwise(term, library)
    )
    if not found:
        return Search([], 0.0, missing, matcher)
    speaking = {c.passage.review_id for c in found if matcher.coverage(c.strengths) >= SPEAKS_AT_ALL}
    return Search(found, confidence(found, matcher, library), missing, matcher, frozenset(speaking))


def measured(
    question: Question, terms: Sequence[Term], kinds: Collection[SectionKind], library: Library
) -> tuple[list[Candidate], Matcher]:
    """Return the sentences of the best passages for a question with these terms, best first, and what measured them."""
    scope, matcher = question.scope, _matcher(terms, library, question.carried)
    query = query_for(question.bare, terms, library)
    hits = retrieve(query, library.index, None if scope is library.reviews else [r.id for r in scope], kinds)
    found = [c for c in measure(hits, matcher, query, library, LOOKS) if holds_quantity(c, question.wants)]
    # Lines of tables and headings come behind all sentences.
    return sorted(found, key=lambda c: not (is_prose(c.text) or c.passage.kind in ASIDE)), matcher


def _evidence(
    chosen: Sequence[Candidate],
    whole: Search,
    library: Library,
    missing: tuple[str, ...] = (),
    question: Question | None = None,
) -> Evidence:
    """Return the chosen sentences as quotes; without any, the best that were found, as the closest or the nearest.

    What they say of the question as a whole is told where that is given.
    """
    reviews = library.index.reviews
    ordered = _by_review(chosen or distinct(whole.found, NEAREST))
    shown = _once(quote(candidate, reviews) for candidate in ordered)
    numbers = {(one.review_id, one.start, one.end): number for number, one in enumerate(shown, 1)}
    is_close = not chosen and whole.confidence >= judgement().closest
    return Evidence(
        quotes=shown if chosen else (),
        missing=missing if chosen else whole.missing,
        nearest=() if chosen or is_close else shown,
        speaking=whole.speaking.union(candidate.passage.review_id for candidate in chosen),
        closest=shown if is_close else (),
        confidence=whole.confidence,
        verdict=verdict(question, whole.found, ordered, numbers, library) if question and chosen else None,
        beside=_beside([whole], shown, library) if chosen else (),
    )


def _by_review(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Order sentences by review, the one with the best sentence first, and by relevance within a review."""
    best: dict[str, float] = {}
    for candidate in candidates:
        review_id = candidate.passage.review_id
        best[review_id] = max(best.get(review_id, 0.0), candidate.score)
    return sorted(candidates, key=lambda c: (-best[c.passage.review_id], *c.key[1:2], c.key))
