"""Whether a paper is on something: by its title, its index terms and the words that it keeps using."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.answers.matching import build_matcher, units
from rag.answers.retrieval import nearest_reviews
from rag.text import stem, stem_set, words
from rag.types import Review, Term

if TYPE_CHECKING:
    from rag.questions import Question
    from rag.shelf import Library

# A paper is on something when it holds this share of the weight of its words.
ABOUT = 0.6
# Another word stands for one of it from this strength on.
STANDS = 0.5
# Words of a name that stand apart count this much.
APART = 0.75
# Of what holds less it is not looked up whether the words stand together.
LITTLE = 0.3
# Of more papers than this those nearest to the question are looked at for what they are on.
GONE_THROUGH = 500
# So much of a paper without an abstract tells what it is on, in characters.
BRIEF = 3_000


class Subject:
    """What papers may be on: its words, and the names of several words that these make, as they stand together."""

    def __init__(self, terms: Sequence[Term], library: Library) -> None:
        """Take the words of a question that name it."""
        self._library, self._matcher = library, build_matcher(terms, library)
        # "Shock wave" is "shockwave".
        joins = [(at, at + 1) for at, (one, other) in enumerate(pairwise(terms)) if other.start == one.end + 1]
        self._joined = {stem(terms[one].text + terms[other].text): (one, other) for one, other in joins}
        known = library.index.vocabulary.__contains__
        self._names = [
            (unit.name, *unit.same(known), *((form,) for form in self._joined))
            for unit in units(terms)
            if len(unit.name) > 1
        ]

    def share(self, review: Review) -> float:
        """Return how much of it a paper is on, in [0, 1]: the weight of its words, less where no name stands whole."""
        held = self._library.topics(review) | stem_set(review.title)
        holds = self._matcher.strengths_in(held) >= STANDS
        holds[[at for form in held & self._joined.keys() for at in self._joined[form]]] = True
        covered = float(self._matcher.coverage(holds))
        whole = covered < LITTLE or all(_stands_in(names, review) for names in self._names)
        return round(covered * (1.0 if whole else APART), 2)

    def is_of(self, review: Review) -> bool:
        """Tell whether a paper is on it."""
        return self.share(review) >= ABOUT


def of_the_paper_described(question: Question, library: Library) -> Question:
    """Return a question put to the paper that it describes ("the honey study"), where one alone is most on that.

    The words that say which paper it is decide nothing more.
    """
    if not (one := question.of_one):
        return question
    terms = [term for term in question.terms if one.meets((term.start, term.end))]
    subject, reviews = Subject(terms, library), question.scope
    if len(reviews) > GONE_THROUGH:
        reviews = nearest_reviews(question, reviews, library, GONE_THROUGH)
    shares = {review.id: subject.share(review) for review in reviews}
    best = [i for i, share in shares.items() if share == max(shares.values()) >= ABOUT]
    if len(best) != 1:
        return question
    left = [term for term in question.terms if term not in terms]
    described = tuple(replace(term, aside=term in terms) if left else term for term in question.terms)
    return replace(question, scope=question.scope.part(best), named=(best[0],), terms=described)


def _stands_in(names: Sequence[tuple[str, ...]], review: Review) -> bool:
    """Tell whether the words of a name stand side by side in the title, the abstract or the index terms of a paper."""
    brief = [review.text[s.start : s.end] for s in review.sections if s.kind == "abstract"] or [review.text[:BRIEF]]
    told = [
        " ".join(["", *(word.forms[0] for word in words(text)), ""]) for text in (review.title, *brief, *review.mesh)
    ]
    return any(f" {' '.join(name)} " in text for name in names for text in told)
