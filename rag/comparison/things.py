"""The two things that a question sets against each other, where some reviews are on the one and some on the other.

What a library says tells which words those are, not the wording of the question: both sides of an "and" or "versus" are
the things when a review has the one and lacks the other, and a second review has the other and lacks the one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, takewhile

import numpy as np

from rag.answers import HELD, Matcher
from rag.types import Term

_JOINS = re.compile(
    r"\b(?:and|or|versus|vs\.?|with|from|to|than|against)\b(?:\s+(?:that|those|the ones?)\s+(?:of|in|on|with|from))?",
    re.IGNORECASE,
)
BOUNDS = re.compile(
    r"\b(?:in|of|for|with|against|among|during|after|on|by|from|under|as|at|to|and|or|versus|vs|than|between)\b|[,;:?.]",
    re.IGNORECASE,
)
# A review has a thing when it holds this share of the weight of its words.
HAS = 0.5


@dataclass(frozen=True, slots=True)
class Things:
    """The terms of two things, the reviews that have one of them only, and where in the question they end."""

    one: frozenset[Term]
    other: frozenset[Term]
    with_one: frozenset[str]
    with_other: frozenset[str]
    end: int

    def own(self, review_id: str, matcher: Matcher) -> Matcher:
        """Return a matcher without the thing that a review is not on, where it is on one of them only."""
        left = self.other if review_id in self.with_one else self.one if review_id in self.with_other else frozenset()
        return replace(matcher, terms=tuple(one for one in matcher.terms if one.term not in left))


def set_apart(text: str, matcher: Matcher, held: Mapping[str, np.ndarray]) -> Things | None:
    """Return the two things that a question compares; None where no two reviews part over them.

    `held` has the strengths of the terms in all of a review, by its id.
    """
    if not matcher.terms or len(held) < 2:
        return None
    found = [things for join in _JOINS.finditer(text) if (things := _around(join, text, matcher, held))]
    return max(found, key=lambda pair: pair[0], default=(0.0, None))[1]


def _around(
    join: re.Match[str], text: str, matcher: Matcher, held: Mapping[str, np.ndarray]
) -> tuple[float, Things] | None:
    """Return the things on both sides of a joint, with the weight of the lighter one."""
    *_, before = [None, *BOUNDS.finditer(text, 0, join.start())]
    if before and before.group() == ",":  # a list, of which these are the last
        return None
    start = before.end() if before else 0
    after = BOUNDS.search(text, join.end())
    end = after.start() if after else len(text)
    places = [at for at, one in enumerate(matcher.terms) if start <= one.term.start < end]
    parting = _parting(held)
    one = _run([at for at in places[::-1] if matcher.terms[at].term.start < join.start()], parting)
    other = _run([at for at in places if matcher.terms[at].term.start >= join.end()], parting)
    if not one or not other:
        return None
    has_one, has_other = ({i for i in held if _share(side, held[i], matcher) >= HAS} for side in (one, other))
    if not has_one - has_other or not has_other - has_one:
        return None
    terms, others = ([matcher.terms[at].term for at in side] for side in (one, other))
    things = Things(
        frozenset(terms),
        frozenset(others),
        frozenset(has_one - has_other),
        frozenset(has_other - has_one),
        max(term.end for term in others),
    )
    return min(_weight(one, matcher), _weight(other, matcher)), things


def _run(places: Sequence[int], parting: frozenset[int]) -> list[int]:
    """Return the first neighbours among some places over which reviews part."""
    behind = dropwhile(lambda at: at not in parting, places)
    return list(takewhile(lambda at: at in parting, behind))


def _parting(held: Mapping[str, np.ndarray]) -> frozenset[int]:
    """Return the places of the terms that some reviews hold and some do not."""
    has = np.array([held[review_id] >= HELD for review_id in sorted(held)])
    return frozenset(np.flatnonzero(has.any(axis=0) & ~has.all(axis=0)).tolist())


def _weight(side: Sequence[int], matcher: Matcher) -> float:
    return float(matcher.weights[list(side)].sum())


def _share(side: Sequence[int], strengths: np.ndarray, matcher: Matcher) -> float:
    return float(matcher.weights[list(side)] @ (strengths[list(side)] >= HELD)) / max(_weight(side, matcher), 1e-9)
