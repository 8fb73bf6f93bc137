"""Where the quotes of several reviews on one aspect agree and differ, told without a model and only where it shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from rag.answers import Candidate, Line, announces
from rag.comparison.numbers import Pair, quantities, side_by_side
from rag.comparison.phrases import phrases
from rag.comparison.polarity import Opposition, differ_in_certainty, opposed, opposed_advice
from rag.comparison.thresholds import COMMON_STEMS, MUCH_THE_SAME, SAME_MATTER, SAME_STATEMENT
from rag.comparison.topics import THIN, says_nothing_new
from rag.exports import listed
from rag.shelf import label
from rag.text import stem_set
from rag.types import Agreement, Difference, DifferenceKind

if TYPE_CHECKING:
    from rag.questions import Aspect
    from rag.shelf import Library

# what is advised is said in too many ways to be near, but an aspect that is advice itself holds it together;
SAME_ADVICE, _ADVICE = 0.2, stem_set("recommend recommendation advice guideline guidance")
# So many of the nearest pairs of quotes are read.
READ = 400
# So many differences of one kind, and terms of one review, are told for an aspect.
MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A quote of one review with its number."""

    number: int
    text: str
    candidate: Candidate

    @property
    def review_id(self) -> str:
        """Whose it is."""
        return self.candidate.passage.review_id


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reviews share and where they differ on one aspect; `decided` when a pair of quotes shows either."""

    agreements: tuple[Agreement, ...]
    differences: tuple[Difference, ...]
    decided: bool


def weigh(aspect: Aspect, said: Mapping[str, Sequence[Said]], library: Library) -> Verdict:
    """Compare the quotes of the reviews on an aspect pair by pair; their order changes nothing."""
    about = frozenset(form for term in aspect.terms for form in term.forms)
    common = library.index.vocabulary.ubiquitous
    names = {review_id: label(library.index.reviews[review_id]) for review_id in said}
    differences: list[Difference] = []
    agreements: list[Agreement] = []

    def differ(kind: DifferenceKind, pair: tuple[Said, Said], text: str) -> None:
        if sum(told.kind == kind for told in differences) < MOST_TOLD:
            differences.append(Difference(aspect.name, kind, text, _numbers(pair)))

    for one, other, cosine in _pairs(said, about):
        if (names[other.review_id], other.review_id) < (names[one.review_id], one.review_id):
            one, other = other, one
        a, b = names[one.review_id], names[other.review_id]
        opposition, numbers = _set_against(one, other, cosine, about, common)
        if opposition:
            differ("opposite statements", (one, other), f"{a} says “{opposition.one}”, {b} “{opposition.other}”.")
        for pair in (pair for pair in numbers if not pair.same):
            text = f"For {pair.measure} {a} gives {_wording(one, pair, 0)}, {b} {_wording(other, pair, 1)}."
            differ("different numbers", (one, other), text)
        for pair in (pair for pair in numbers if pair.same):
            agreements.append(_agreement(aspect, (one, other), f"{a} and {b} give the same number for {pair.measure}."))
        if opposition or any(not pair.same for pair in numbers):
            continue
        if cosine >= SAME_STATEMENT and (cautious := differ_in_certainty(one.text, other.text, about)):
            differ("differ in certainty", (one, other), f"{a} says “{cautious[0]}”, {b} “{cautious[1]}”.")
        elif (
            cosine >= MUCH_THE_SAME
            and _common(one.candidate, other.candidate) >= COMMON_STEMS
            and _as_exact(one, other)
        ):
            agreements.append(_agreement(aspect, (one, other), f"{a} and {b} say much the same."))
    shared = _shared(aspect, said, names, library)
    emphasis = _emphasis(aspect, said, names, library)
    decided = bool(differences or agreements)
    return Verdict((*agreements[:MOST_TOLD], *shared), (*differences, *emphasis), decided)


def telling(aspect: Aspect, said: Mapping[str, Sequence[Said]], library: Library) -> frozenset[Line]:
    """Return the sentences, as (review id, start, end), that contradict one of another review or give other numbers."""
    about = frozenset(form for term in aspect.terms for form in term.forms)
    common = library.index.vocabulary.ubiquitous
    found: list[Said] = []
    for one, other, cosine in _pairs(said, about):
        opposition, numbers = _set_against(one, other, cosine, about, common)
        if len(found) < 2 * MOST_TOLD and (opposition or any(not pair.same for pair in numbers)):
            found += [one, other]
    return frozenset(one.candidate.line for one in found)


def _set_against(
    one: Said, other: Said, cosine: float, about: frozenset[str], common: frozenset[str]
) -> tuple[Opposition | None, tuple[Pair, ...]]:
    opposition = opposed(one.text, other.text, about, common) if cosine >= SAME_STATEMENT else None
    if not opposition and about & _ADVICE:
        opposition = opposed_advice(one.text, other.text)
    if cosine < SAME_MATTER:
        return opposition, ()
    return opposition, side_by_side(one.text, other.text, about, common)


def _agreement(aspect: Aspect, pair: tuple[Said, Said], text: str) -> Agreement:
    return Agreement(aspect.name, text, _numbers(pair))


def _numbers(said: Iterable[Said]) -> tuple[int, ...]:
    return tuple(sorted({one.number for one in said}))


def _wording(said: Said, pair: Pair, side: int) -> str:
    quantity = (pair.one, pair.other)[side]
    return said.text[quantity.start : quantity.end]


def _pairs(said: Mapping[str, Sequence[Said]], about: frozenset[str]) -> Iterator[tuple[Said, Said, float]]:
    """Yield the pairs of quotes of different reviews that are near in sense, with their likeness, nearest first."""
    least = SAME_ADVICE if about & _ADVICE else SAME_MATTER
    stating = {review_id: [one for one in said[review_id] if not announces(one.text)] for review_id in sorted(said)}
    near = [
        (cosine, one, other)
        for one_id, other_id in combinations(stating, 2)
        for one in stating[one_id]
        for other in stating[other_id]
        if (cosine := likeness(one.candidate, other.candidate)) >= least
    ]
    near.sort(key=lambda pair: (-pair[0], pair[1].review_id, pair[2].review_id, pair[1].text, pair[2].text))
    return ((one, other, cosine) for cosine, one, other in near[:READ])


def likeness(one: Candidate, other: Candidate) -> float:
    """Return the cosine of two sentences, rounded so that ties stay; without a model the share of stems in common."""
    if one.vector is not None and other.vector is not None:
        return round(float(one.vector @ other.vector), 4)
    return round(_common(one, other), 4)


def _as_exact(one: Said, other: Said) -> bool:
    """Tell whether two quotes give the same numbers, or none."""
    here, there = ({(q.kind, q.unit, q.low, q.high) for q in quantities(said.text)} for said in (one, other))
    return here == there


def _common(one: Candidate, other: Candidate) -> float:
    return len(one.forms & other.forms) / max(1, min(len(one.forms), len(other.forms)))


def _shared(
    aspect: Aspect, said: Mapping[str, Sequence[Said]], names: Mapping[str, str], library: Library
) -> tuple[Agreement, ...]:
    """Tell the terms that the quotes of the most reviews share, besides those of the aspect."""
    holding: dict[tuple[str, ...], list[Said]] = {}
    wording: dict[tuple[str, ...], str] = {}
    for review_id in sorted(said):
        for key, text in _terms(aspect, said[review_id], library):
            found = [one for quotes in said.values() for one in quotes if set(key) <= one.candidate.forms]
            if len({one.review_id for one in found}) > 1:
                holding[key] = found
                wording.setdefault(key, text)
    if not holding:
        return ()
    reviews = {key: frozenset(one.review_id for one in found) for key, found in holding.items()}
    most = max(reviews.values(), key=lambda ids: (len(ids), sorted(ids)))
    keys = sorted((key for key in holding if reviews[key] == most), key=lambda key: (-len(key), wording[key]))
    keys = _longest(keys)[:MOST_TOLD]
    speaking = listed([names[review_id] for review_id in sorted(most, key=names.__getitem__)])
    text = f"{speaking} name {listed([wording[key] for key in keys])}."
    return (Agreement(aspect.name, text, _numbers(one for key in keys for one in holding[key])),)


def _emphasis(
    aspect: Aspect, said: Mapping[str, Sequence[Said]], names: Mapping[str, str], library: Library
) -> tuple[Difference, ...]:
    """Tell the terms of each review's quotes that no other quoted review uses anywhere."""
    if len(said) < 2:
        return ()
    parts, carrying = [], []
    for review_id in sorted(said, key=names.__getitem__):
        others = [library.stems_of(other) for other in said if other != review_id]
        own = {k: text for k, text in _terms(aspect, said[review_id], library) if not any(_uses(o, k) for o in others)}
        keys = _longest(sorted(own, key=lambda key: (-len(key), own[key])))[:MOST_TOLD]
        if keys:
            parts.append(f"only {names[review_id]} names {listed([own[key] for key in keys])}")
            carrying += [one for one in said[review_id] if any(set(key) <= one.candidate.forms for key in keys)]
    if not parts:
        return ()
    text = "; ".join(parts)
    return (Difference(aspect.name, "differ in emphasis", f"{text[0].upper()}{text[1:]}.", _numbers(carrying)),)


def _uses(stems: frozenset[str], key: tuple[str, ...]) -> bool:
    """Tell whether a review has most of the telling words of a phrase: "autoimmune disorders" for "… diseases"."""
    telling = [form for form in key if form not in THIN] or list(key)
    return sum(form in stems for form in telling) > len(telling) / 2


def _terms(aspect: Aspect, said: Sequence[Said], library: Library) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the noun phrases of quotes, by their stems, that say more than the aspect and the library's own subject."""
    about = {form for term in aspect.terms for form in term.forms}
    for one in said:
        for phrase in phrases(one.text, 0, len(one.text)):
            if not about <= set(phrase.key) and not says_nothing_new(phrase.key, library, about):
                yield phrase.key, phrase.text


def _longest(keys: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Leave out phrases that are part of a longer one before them."""
    kept: list[tuple[str, ...]] = []
    for key in keys:
        if not any(set(key) <= set(other) for other in kept):
            kept.append(key)
    return kept
