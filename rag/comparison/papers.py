"""Which papers a question sets side by side: those that it names, else those that it likely means, else all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answers import HELD, build_matcher, held_anywhere, may_be_called_otherwise, nearest_reviews, stands_for_many
from rag.comparison.chances import chances
from rag.questions import Question, is_inside
from rag.shelf import Catalogue
from rag.text import stem_set
from rag.types import Review, Term

if TYPE_CHECKING:
    from rag.shelf import Library

# More reviews than this are too many to set side by side: those nearest to the question are.
MOST_REVIEWS = 100
# Of more, this many are.
NEAREST_REVIEWS = 50
# So few papers are all set side by side, where a question does not say which it means.
FEW = 5
# A paper may be meant from this probability on, and has a column if it says anything; it surely is from the second on.
MAY_BE_MEANT, SURELY_MEANT = 0.1, 0.3
# Papers that a question describes are there if the library has so many of the words that do.
OF_MOST = 0.5


@dataclass(frozen=True, slots=True)
class Meant:
    """The papers that a question may set side by side; `surely` where it says which, and they are there.

    `describing` are its terms that say which they are and nothing of what is asked of them. What is only `likely`
    meant, given by its id, has no place beside the others where it says nothing.
    """

    reviews: Catalogue
    surely: bool = False
    describing: frozenset[Term] = frozenset()
    likely: frozenset[str] = frozenset()


def papers_meant(question: Question, library: Library) -> Meant:
    """Return the papers that a question sets side by side: those that it names or describes, else all.

    Of very many they are those nearest to the question.
    """
    if question.named:
        return _of_those_named(question)
    scope = question.scope
    if len(scope) > MOST_REVIEWS:
        scope = nearest_reviews(question, scope, library, NEAREST_REVIEWS)
    if not question.terms or len(scope) < 2 or (len(scope) <= FEW and not question.described):
        return Meant(scope)
    chance = chances(question, scope, library)
    likely = frozenset(review_id for review_id in chance if chance[review_id] < SURELY_MEANT)
    may_be = _of_kind(question, [review for review in scope if chance[review.id] >= MAY_BE_MEANT], library)
    describing = _describing(question)
    # Of "A versus B" a library without B sets nothing side by side.
    lacking = _lacking([term for term in question.terms if term in describing], library)
    there = len(lacking) < OF_MOST * len(describing) if question.described else all(map(stands_for_many, lacking))
    if describing and len(may_be) > 1 and there:
        return Meant(scope.part([review.id for review in may_be]), True, describing, likely)
    return Meant(scope, False, describing if question.described else frozenset(), likely)


def _of_those_named(question: Question) -> Meant:
    """Return the papers that a question names, with what it says that they are on."""
    if len(question.scope) < 2:
        return Meant(question.scope)
    titles = [stem_set(review.title) for review in question.scope]
    if all(term.forms[0] in title for term in question.terms for title in titles):
        return Meant(question.scope, True, frozenset(question.terms))
    return Meant(question.scope, True, _describing(question))


def _describing(question: Question) -> frozenset[Term]:
    """Return the terms that say which papers are meant and nothing of what is asked of them."""
    return frozenset(term for term in question.terms if is_inside(term.start, question.papers))


def _lacking(terms: Sequence[Term], library: Library) -> list[Term]:
    """Return those of some words, as they stand in a question, that a library does not have."""
    held = held_anywhere(build_matcher(terms, library), library) >= HELD
    return [one for one, has in zip(terms, held, strict=True) if not has and not may_be_called_otherwise(one, library)]


def _of_kind(question: Question, papers: Sequence[Review], library: Library) -> Sequence[Review]:
    """Return those papers that are of the kind that is asked for, as far as they state what they are."""
    kind = question.described.kind if question.described else "paper"
    if kind == "paper":
        return papers
    facts = {review.id: library.facts(review) for review in papers}
    studies = [review for review in papers if facts[review.id].kind != "review"]
    # What tells what it did and found and names no design may be a trial.
    trials = [r for r in studies if facts[r.id].kind == "trial" or (facts[r.id].is_study and not facts[r.id].designs)]
    return trials if kind == "trial" and len(trials) > 1 else studies
