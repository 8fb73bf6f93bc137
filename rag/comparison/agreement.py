"""What reviews name alike in their quotes on an aspect, and what only one names; found without a model.

Whether they agree is not judged: that two quotes oppose each other, or measure the same, is not read surely enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answers import Candidate
from rag.comparison.phrases import phrases
from rag.comparison.topics import THIN, says_nothing_new
from rag.shelf import label
from rag.text import listed
from rag.types import Agreement, Difference

if TYPE_CHECKING:
    from rag.questions import Aspect
    from rag.shelf import Library

# How many terms of several reviews, or of one, are listed for an aspect.
MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class NumberedQuote:
    """A quote of one review with its number."""

    number: int
    candidate: Candidate

    @property
    def review_id(self) -> str:
        """The review that it is from."""
        return self.candidate.passage.review_id


Quotes = Mapping[str, Sequence[NumberedQuote]]


def shared_terms(aspect: Aspect, quotes: Quotes, library: Library) -> tuple[Agreement, ...]:
    """Return the terms that the quotes of the most reviews share, besides those of the aspect."""
    holding: dict[tuple[str, ...], list[NumberedQuote]] = {}
    wording: dict[tuple[str, ...], str] = {}
    for review_id in sorted(quotes):
        for key, text in _terms(aspect, quotes[review_id], library):
            found = [one for own in quotes.values() for one in own if set(key) <= one.candidate.forms]
            if len({one.review_id for one in found}) > 1:
                holding[key] = found
                wording.setdefault(key, text)
    if not holding:
        return ()
    reviews = {key: frozenset(one.review_id for one in found) for key, found in holding.items()}
    most = max(reviews.values(), key=lambda ids: (len(ids), sorted(ids)))
    keys = sorted((key for key in holding if reviews[key] == most), key=lambda key: (-len(key), wording[key]))
    keys = _longest(keys)[:MOST_LISTED]
    names = _names(most, library)
    text = f"{listed(list(names.values()))} name {listed([wording[key] for key in keys])}."
    return (Agreement(aspect.name, text, _numbers(one for key in keys for one in holding[key])),)


def terms_of_one(aspect: Aspect, quotes: Quotes, library: Library) -> tuple[Difference, ...]:
    """Return the terms of each review's quotes that no other quoted review uses anywhere."""
    if len(quotes) < 2:
        return ()
    parts, carrying = [], []
    for review_id, name in _names(quotes, library).items():
        others = [library.stems_of(other) for other in quotes if other != review_id]
        terms = _terms(aspect, quotes[review_id], library)
        own = {key: text for key, text in terms if not any(_uses(stems, key) for stems in others)}
        keys = _longest(sorted(own, key=lambda key: (-len(key), own[key])))[:MOST_LISTED]
        if keys:
            parts.append(f"only {name} names {listed([own[key] for key in keys])}")
            carrying += [one for one in quotes[review_id] if any(set(key) <= one.candidate.forms for key in keys)]
    if not parts:
        return ()
    text = "; ".join(parts)
    return (Difference(aspect.name, "differ in emphasis", f"{text[0].upper()}{text[1:]}.", _numbers(carrying)),)


def _names(review_ids: Iterable[str], library: Library) -> dict[str, str]:
    """Return what reviews are called, in the order of that."""
    names = {review_id: label(library.index.reviews[review_id]) for review_id in review_ids}
    return dict(sorted(names.items(), key=lambda pair: pair[::-1]))


def _numbers(quotes: Iterable[NumberedQuote]) -> tuple[int, ...]:
    return tuple(sorted({one.number for one in quotes}))


def _uses(stems: frozenset[str], key: tuple[str, ...]) -> bool:
    """Tell whether a review has half of the telling words of a phrase: "immunotherapy" of "powerful immunotherapy"."""
    telling = [form for form in key if form not in THIN] or list(key)
    return sum(form in stems for form in telling) >= len(telling) / 2


def _terms(aspect: Aspect, quotes: Sequence[NumberedQuote], library: Library) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the noun phrases of quotes, by their stems, that say more than the aspect and the library's own subject."""
    about = {form for term in aspect.terms for form in term.forms}
    for one in quotes:
        text = one.candidate.text
        for phrase in phrases(text, 0, len(text)):
            if not about <= set(phrase.key) and not says_nothing_new(phrase.key, library, about):
                yield phrase.key, phrase.text


def _longest(keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out phrases that are part of a longer one before them."""
    kept: list[tuple[str, ...]] = []
    for key in keys:
        if not any(set(key) <= set(other) for other in kept):
            kept.append(key)
    return kept
