"""Which papers a question sets side by side: those that it describes, or those on both things that it compares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rag.answers import GONE_THROUGH, Subject, nearest_reviews
from rag.comparison.things import BOUNDS
from rag.questions import Question
from rag.shelf import Catalogue
from rag.text import stem_set
from rag.types import Review, Span, Term

if TYPE_CHECKING:
    from rag.shelf import Library

_AGAINST = re.compile(r"\b(?:versus|vs\.?|compared (?:with|to)|rather than|better than|than|or)\b", re.IGNORECASE)
# More reviews than this are too many to set side by side: those nearest to the question are.
MOST_REVIEWS = 100
# Of more, this many are.
NEAREST_REVIEWS = 50
# Of a subject papers must hold so much at the least.
LEAST = 0.4


@dataclass(frozen=True, slots=True)
class Meant:
    """The papers that a question may set side by side; `surely` where it says which, and they are there.

    `describing` are its terms that say which they are and nothing of what is asked of them.
    """

    reviews: Catalogue
    surely: bool = False
    describing: frozenset[Term] = frozenset()


def papers_meant(question: Question, library: Library) -> Meant:
    """Return the papers that a question sets side by side: those that it describes, else all.

    Of very many they are those nearest to the question.
    """
    says_which = question.described or question.sets_against or len(question.aspects) > 1
    if says_which and len(question.scope) > GONE_THROUGH:
        question = replace(question, scope=nearest_reviews(question, question.scope, library, GONE_THROUGH))
    meant = _described(question, library)
    if len(meant.reviews) <= MOST_REVIEWS:
        return meant
    return replace(meant, reviews=nearest_reviews(question, meant.reviews, library, NEAREST_REVIEWS))


def _described(question: Question, library: Library) -> Meant:
    """Return the papers that a question describes by what they are on; all where it does not, or no two are there."""
    everyone = Meant(question.scope)
    if question.named:
        return _of_those_named(question)
    terms, found = question.terms, question.described
    if found is None:
        return _on_both_sides(question, library) or _on_one_of_two(question, library) or everyone
    shared = [_within(terms, span) for span in found.shared]
    sides = [_within(terms, span) for span in found.sides]
    describing = frozenset(term for term in terms if found.meets((term.start, term.end)))
    among = _most_on([term for own in shared for term in own], question.scope, library)
    each = [_on([side], among, library) for side in sides]
    if each and len(among := _in_all(each)) < 2:
        # "Studies on tea and cancer": of studies on cancer it is asked what they say of tea.
        largest = max(each, key=len)
        asked = [term for side, own in zip(sides, each, strict=True) if len(own) < 2 for term in side]
        among = largest if asked else [r for r in question.scope if any(r in own for own in each)]
        describing -= {*asked}
    meant = _of_kind(found.kind, among, library)
    return (
        Meant(question.scope.part(meant), True, describing)
        if len(meant) > 1
        else replace(everyone, describing=describing)
    )


def _of_those_named(question: Question) -> Meant:
    """Return the papers that a question names, with what it says that they are on."""
    if len(question.scope) < 2:
        return Meant(question.scope)
    found = question.described
    describing = [term for term in question.terms if found and found.meets((term.start, term.end))]
    titles = [stem_set(review.title) for review in question.scope]
    if all(term.forms[0] in title for term in question.terms for title in titles):
        describing = [*question.terms]
    return Meant(question.scope, True, frozenset(describing))


def _on_both_sides(question: Question, library: Library) -> Meant | None:
    """Return the papers that are on both of the things that a question sets against each other, if several are."""
    sides = [_within(question.terms, span) for span in _sides(question)]
    both = _on(sides, question.scope, library) if sides else ()
    return Meant(question.scope.part([review.id for review in both]), True) if len(both) > 1 else None


def _on_one_of_two(question: Question, library: Library) -> Meant | None:
    """Return the studies that are on the one of two aspects that a question names, and are asked of the other.

    "Do the studies agree about vitamin D and cholesterol?" asks those of vitamin D what became of cholesterol.
    """
    if not question.compares or len(question.aspects) != 2:
        return None
    each = [[term for term in one.terms if not term.aside] for one in question.aspects]
    papers = [[r.id for r in _on([terms], question.scope, library) if library.facts(r).is_study] for terms in each]
    (fewer, more), terms = sorted(papers, key=len), each[max((0, 1), key=lambda at: len(papers[at]))]
    return Meant(question.scope.part(more), True, frozenset(terms)) if len(more) > max(1, len(fewer)) else None


def _within(terms: Sequence[Term], span: Span) -> list[Term]:
    return [term for term in terms if span[0] <= term.start < span[1]]


def _in_all(each: Sequence[Sequence[Review]]) -> list[Review]:
    return [review for review in each[0] if all(review in other for other in each[1:])]


def _on(subjects: Iterable[Sequence[Term]], reviews: Sequence[Review], library: Library) -> list[Review]:
    """Return the papers that are on each of some subjects."""
    named = [Subject(terms, library) for terms in subjects]
    return [review for review in reviews if all(subject.is_of(review) for subject in named)]


def _most_on(subject: Sequence[Term], reviews: Sequence[Review], library: Library) -> Sequence[Review]:
    """Return the papers that are on most of a subject: those of the highest share that several reach."""
    if not subject:
        return reviews
    named = Subject(subject, library)
    shares = {review.id: named.share(review) for review in reviews}
    reached = sorted((share for share in shares.values() if share >= LEAST), reverse=True)
    level = reached[1] if len(reached) > 1 else 1.0
    return [review for review in reviews if shares[review.id] >= level]


def _sides(question: Question) -> Iterable[Span]:
    """Yield the spans of the two things that a question sets against each other: "A versus B for Z"."""
    text = question.text
    if not question.sets_against or not (join := _AGAINST.search(text)):
        return
    *_, before = [None, *BOUNDS.finditer(text, 0, join.start())]
    after = BOUNDS.search(text, join.end())
    sides = (before.end() if before else 0, join.start()), (join.end(), after.start() if after else len(text))
    if all(any(start <= term.start < end for term in question.terms) for start, end in sides):
        yield from sides


def _of_kind(kind: str, reviews: Sequence[Review], library: Library) -> list[str]:
    """Return the ids of those papers that are of the kind that is asked for, as far as they state what they are."""
    if kind == "paper":
        return [review.id for review in reviews]
    kinds = {review.id: library.facts(review).kind for review in reviews}
    trials = [i for i, own in kinds.items() if own == "trial"]
    return trials if kind == "trial" and len(trials) > 1 else [i for i, own in kinds.items() if own != "review"]
