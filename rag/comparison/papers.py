"""Which papers a question sets side by side: those that it names, else those that it likely means, else all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rag.answers import HELD, build_matcher, held_anywhere, may_be_called_otherwise, nearest_reviews
from rag.comparison.chances import chances
from rag.questions import Question, compared_on, is_noun_phrase
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
# A text holds a word from this strength on.
STANDS = 0.5
# A word says which papers are meant where so many of these are on it; else it is asked of them.
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
    describing = _describing(question, [one for one in may_be if one.id not in likely] or may_be, library)
    # Of "A versus B" a library without B sets nothing side by side.
    lacking = _share_lacking([term for term in question.terms if term in describing], library)
    there = lacking < OF_MOST if question.described else not lacking
    if describing and len(may_be) > 1 and there:
        return Meant(scope.part([review.id for review in may_be]), True, describing, likely)
    return Meant(scope, False, describing if question.described else frozenset(), likely)


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


def _describing(question: Question, papers: Sequence[Review], library: Library) -> frozenset[Term]:
    """Return the terms that say which papers are meant and nothing of what is asked of them; none where none do.

    Of "Studies on tea and cancer" one side may be asked of those on the other: "A versus B" are both what papers are
    on, and "agree about A and B" asks for one of the two if most papers are on the other alone.
    """
    terms, found = question.terms, question.described
    if found:
        told = [term for term in terms if found.meets((term.start, term.end))]
        sides = [[term for term in told if start <= term.start < end] for start, end in found.sides]
        most = [len(_on_most(side, papers, library)) >= OF_MOST * len(side) for side in sides]
        asked = [term for side, on in zip(sides, most, strict=True) if any(most) and not on for term in side]
        return frozenset(told).difference(asked)
    if question.sets_against and is_noun_phrase(question.text):
        behind = compared_on(question.text)
        return frozenset(term for term in terms if term.start < behind or not behind)
    if question.compares and len(question.aspects) == 2:
        on = _on_most(terms, papers, library)
        own = [frozenset(term for term in one.terms if not term.aside) for one in question.aspects]
        return on if any(on == one for one in own) else frozenset()
    return frozenset()


def _share_lacking(terms: Sequence[Term], library: Library) -> float:
    """Return the share of some words, as they stand in a question, for which a library has none, in [0, 1]."""
    held = held_anywhere(build_matcher(terms, library), library) >= HELD
    lacking = [not has and not may_be_called_otherwise(one, library) for one, has in zip(terms, held, strict=True)]
    return sum(lacking) / max(1, len(lacking))


def _on_most(terms: Sequence[Term], papers: Sequence[Review], library: Library) -> frozenset[Term]:
    """Return those of some terms that most of some papers are on."""
    if not terms or not papers:
        return frozenset()
    matcher = build_matcher(terms, library)
    held = [matcher.strengths_in(library.topics(review) | stem_set(review.title)) >= STANDS for review in papers]
    shares = np.mean(held, axis=0).tolist()
    return frozenset(term for term, share in zip(terms, shares, strict=True) if share >= OF_MOST)


def _of_kind(question: Question, papers: Sequence[Review], library: Library) -> Sequence[Review]:
    """Return those papers that are of the kind that is asked for, as far as they state what they are."""
    kind = question.described.kind if question.described else "paper"
    if kind == "paper":
        return papers
    kinds = {review.id: library.facts(review).kind for review in papers}
    trials = [review for review in papers if kinds[review.id] == "trial"]
    others = [review for review in papers if kinds[review.id] != "review"]
    return trials if kind == "trial" and len(trials) > 1 else others
