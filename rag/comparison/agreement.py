"""Where reviews agree and differ, on an aspect or anywhere in their texts; found without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rag.answers import Candidate, Line, announces
from rag.comparison.numbers import Pair, quantities, side_by_side
from rag.comparison.phrases import phrases
from rag.comparison.polarity import Opposition, differ_in_certainty, opposed, opposed_advice, tells
from rag.comparison.thresholds import COMMON_STEMS, MUCH_THE_SAME, SAME_MATTER, SAME_STATEMENT
from rag.comparison.topics import THIN, says_nothing_new, sentences_of
from rag.shelf import label
from rag.text import listed, stem_set, words
from rag.types import Agreement, Difference, DifferenceKind, Review

if TYPE_CHECKING:
    from rag.questions import Aspect
    from rag.shelf import Library

# Advice is worded in too many ways to be near in sense, but an aspect that is itself advice holds it together.
SAME_ADVICE, _ADVICE = 0.2, stem_set("recommend recommendation advice guideline guidance")
# How many of the nearest pairs of quotes are read.
QUOTE_PAIRS = 400
# How many differences of one kind, and terms of one review, are listed for an aspect.
MOST_LISTED = 3
# How many of the nearest pairs of sentences are read where no aspect is given.
SENTENCE_PAIRS = 1500


@dataclass(frozen=True, slots=True)
class NumberedQuote:
    """A quote of one review with its number."""

    number: int
    text: str
    candidate: Candidate

    @property
    def review_id(self) -> str:
        """The review that it is from."""
        return self.candidate.passage.review_id


class Pairing(NamedTuple):
    """Two quotes of different reviews, and how near in sense they are."""

    one: NumberedQuote
    other: NumberedQuote
    cosine: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What reviews share and where they differ on one aspect; `decided` when a pair of quotes shows either."""

    agreements: tuple[Agreement, ...]
    differences: tuple[Difference, ...]
    decided: bool


def assess(aspect: Aspect, quotes: Mapping[str, Sequence[NumberedQuote]], library: Library) -> Verdict:
    """Compare the quotes of the reviews on an aspect pair by pair; their order changes nothing."""
    about = frozenset(form for term in aspect.terms for form in term.forms)
    names = {review_id: label(library.index.reviews[review_id]) for review_id in quotes}
    differences: list[Difference] = []
    agreements: list[Agreement] = []
    for one, other, cosine in _pairs(quotes, about):
        if (names[other.review_id], other.review_id) < (names[one.review_id], one.review_id):
            one, other = other, one
        for verdict in _of_pair(aspect, Pairing(one, other, cosine), names, about, library):
            if isinstance(verdict, Agreement):
                agreements.append(verdict)
            elif sum(known.kind == verdict.kind for known in differences) < MOST_LISTED:
                differences.append(verdict)
    shared = _shared(aspect, quotes, names, library)
    emphasis = _emphasis(aspect, quotes, names, library)
    decided = bool(differences or agreements)
    return Verdict((*agreements[:MOST_LISTED], *shared), (*differences, *emphasis), decided)


def _of_pair(
    aspect: Aspect, pairing: Pairing, names: Mapping[str, str], about: frozenset[str], library: Library
) -> Iterator[Agreement | Difference]:
    """Yield what two quotes say of each other: opposite things, numbers of one measure, another certainty, the same."""
    one, other, cosine = pairing
    a, b, cited = names[one.review_id], names[other.review_id], _numbers((one, other))

    def differ(kind: DifferenceKind, text: str) -> Difference:
        return Difference(aspect.name, kind, text, cited)

    opposition, numbers = _set_against(one, other, cosine, about, library.index.vocabulary.ubiquitous)
    if opposition:
        yield differ("opposite statements", f"{a} says “{opposition.one}”, {b} “{opposition.other}”.")
    for pair in numbers:
        if pair.same:
            yield Agreement(aspect.name, f"{a} and {b} give the same number for {pair.measure}.", cited)
        else:
            text = f"For {pair.measure} {a} gives {_wording(one, pair, 0)}, {b} {_wording(other, pair, 1)}."
            yield differ("different numbers", text)
    if opposition or any(not pair.same for pair in numbers):
        return
    if cosine >= SAME_STATEMENT and (cautious := differ_in_certainty(one.text, other.text, about)):
        yield differ("differ in certainty", f"{a} says “{cautious[0]}”, {b} “{cautious[1]}”.")
    elif _say_the_same(pairing):
        yield Agreement(aspect.name, f"{a} and {b} say much the same.", cited)


def _say_the_same(pairing: Pairing) -> bool:
    one, other, cosine = pairing
    alike = cosine >= MUCH_THE_SAME and _common(one.candidate, other.candidate) >= COMMON_STEMS
    return alike and _as_exact(one, other)


def contradicting_lines(
    aspect: Aspect, quotes: Mapping[str, Sequence[NumberedQuote]], library: Library
) -> frozenset[Line]:
    """Return the sentences, as (review id, start, end), that contradict one of another review or give other numbers."""
    about = frozenset(form for term in aspect.terms for form in term.forms)
    common = library.index.vocabulary.ubiquitous
    found: list[NumberedQuote] = []
    for one, other, cosine in _pairs(quotes, about):
        opposition, numbers = _set_against(one, other, cosine, about, common)
        if len(found) < 2 * MOST_LISTED and (opposition or any(not pair.same for pair in numbers)):
            found += [one, other]
    return frozenset(one.candidate.line for one in found)


def _set_against(
    one: NumberedQuote, other: NumberedQuote, cosine: float, about: frozenset[str], common: frozenset[str]
) -> tuple[Opposition | None, tuple[Pair, ...]]:
    opposition = opposed(one.text, other.text, about, common) if cosine >= SAME_STATEMENT else None
    if not opposition and about & _ADVICE:
        opposition = opposed_advice(one.text, other.text)
    if cosine < SAME_MATTER:
        return opposition, ()
    return opposition, side_by_side(one.text, other.text, about, common)


def _numbers(quotes: Iterable[NumberedQuote]) -> tuple[int, ...]:
    return tuple(sorted({one.number for one in quotes}))


def _wording(quote: NumberedQuote, pair: Pair, side: int) -> str:
    quantity = (pair.one, pair.other)[side]
    return quote.text[quantity.start : quantity.end]


def _pairs(quotes: Mapping[str, Sequence[NumberedQuote]], about: frozenset[str]) -> Iterator[Pairing]:
    """Yield the pairs of quotes of different reviews that are near in sense, with their likeness, nearest first."""
    least = SAME_ADVICE if about & _ADVICE else SAME_MATTER
    stating = {review_id: [one for one in quotes[review_id] if not announces(one.text)] for review_id in sorted(quotes)}
    near = [
        (cosine, one, other)
        for one_id, other_id in combinations(stating, 2)
        for one in stating[one_id]
        for other in stating[other_id]
        if (cosine := likeness(one.candidate, other.candidate)) >= least
    ]
    near.sort(key=lambda pair: (-pair[0], pair[1].review_id, pair[2].review_id, pair[1].text, pair[2].text))
    return (Pairing(one, other, cosine) for cosine, one, other in near[:QUOTE_PAIRS])


def likeness(one: Candidate, other: Candidate) -> float:
    """Return the cosine of two sentences, rounded so that ties stay; without a model the share of stems in common."""
    if one.vector is not None and other.vector is not None:
        return round(float(one.vector @ other.vector), 4)
    return round(_common(one, other), 4)


def _as_exact(one: NumberedQuote, other: NumberedQuote) -> bool:
    """Tell whether two quotes give the same numbers, or none."""
    here, there = ({(q.kind, q.unit, q.low, q.high) for q in quantities(quote.text)} for quote in (one, other))
    return here == there


def _common(one: Candidate, other: Candidate) -> float:
    return len(one.forms & other.forms) / max(1, min(len(one.forms), len(other.forms)))


def _shared(
    aspect: Aspect, quotes: Mapping[str, Sequence[NumberedQuote]], names: Mapping[str, str], library: Library
) -> tuple[Agreement, ...]:
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
    speaking = listed([names[review_id] for review_id in sorted(most, key=names.__getitem__)])
    text = f"{speaking} name {listed([wording[key] for key in keys])}."
    return (Agreement(aspect.name, text, _numbers(one for key in keys for one in holding[key])),)


def _emphasis(
    aspect: Aspect, quotes: Mapping[str, Sequence[NumberedQuote]], names: Mapping[str, str], library: Library
) -> tuple[Difference, ...]:
    """Return the terms of each review's quotes that no other quoted review uses anywhere."""
    if len(quotes) < 2:
        return ()
    parts, carrying = [], []
    for review_id in sorted(quotes, key=names.__getitem__):
        others = [library.stems_of(other) for other in quotes if other != review_id]
        own = {
            k: text for k, text in _terms(aspect, quotes[review_id], library) if not any(_uses(o, k) for o in others)
        }
        keys = _longest(sorted(own, key=lambda key: (-len(key), own[key])))[:MOST_LISTED]
        if keys:
            parts.append(f"only {names[review_id]} names {listed([own[key] for key in keys])}")
            carrying += [one for one in quotes[review_id] if any(set(key) <= one.candidate.forms for key in keys)]
    if not parts:
        return ()
    text = "; ".join(parts)
    return (Difference(aspect.name, "differ in emphasis", f"{text[0].upper()}{text[1:]}.", _numbers(carrying)),)


def _uses(stems: frozenset[str], key: tuple[str, ...]) -> bool:
    """Tell whether a review has most of the telling words of a phrase: "autoimmune disorders" for "… diseases"."""
    telling = [form for form in key if form not in THIN] or list(key)
    return sum(form in stems for form in telling) > len(telling) / 2


def _terms(aspect: Aspect, quotes: Sequence[NumberedQuote], library: Library) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the noun phrases of quotes, by their stems, that say more than the aspect and the library's own subject."""
    about = {form for term in aspect.terms for form in term.forms}
    for one in quotes:
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


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sentences, as (review id, start, end), that contradict each other or give different numbers for `name`."""

    name: str
    lines: tuple[Line, Line]

    @property
    def forms(self) -> frozenset[str]:
        """The stems of its name."""
        return stem_set(self.name)


def disagreements(library: Library, reviews: Sequence[Review]) -> list[Disagreement]:
    """Return where reviews contradict each other, those nearest in sense first; none without a model."""
    common = library.index.vocabulary.ubiquitous
    found = []
    for one, other in _near(library, reviews):
        here, there = (library.index.reviews[name].text[start:end] for name, start, end in (one, other))
        if announces(here) or announces(there):
            continue
        numbers = side_by_side(here, there, (), common)
        apart = opposed(here, there, (), common) or any(not pair.same for pair in numbers)
        if apart and (name := _shared_name(here, there, library)):
            found.append(Disagreement(name, (one, other)))
    return found


def _near(library: Library, reviews: Sequence[Review]) -> Iterator[tuple[Line, Line]]:
    """Yield the pairs of sentences of different reviews that are near in sense, nearest first."""
    lines = {review.id: [(review.id, *span) for span in sentences_of(library, review)] for review in reviews}
    lines = {review_id: own for review_id, own in lines.items() if own}
    if not library.embedder:
        return
    vectors = {review_id: library.index.sentence_vectors(own) for review_id, own in lines.items()}
    pairs = []
    for a, b in combinations(sorted(lines), 2):
        likeness = np.round(vectors[a] @ vectors[b].T, 4)
        pairs += [
            (-float(likeness[i, j]), lines[a][i], lines[b][j]) for i, j in np.argwhere(likeness >= SAME_STATEMENT)
        ]
    for _, one, other in sorted(pairs)[:SENTENCE_PAIRS]:
        yield one, other


def _shared_name(one: str, other: str, library: Library) -> str | None:
    """Return the words by which two sentences name the same thing, the most telling."""
    vocabulary = library.index.vocabulary
    shared = {phrase.key: phrase for phrase in phrases(one, 0, len(one))}
    keys = shared.keys() & {phrase.key for phrase in phrases(other, 0, len(other))}
    if telling := [key for key in keys if not says_nothing_new(key, library)]:
        best = shared[max(telling, key=lambda key: (sum(map(vocabulary.weight, key)), key))]
        return _lowered(best.text) if not best.start else best.text
    forms = {word.forms[0] for word in words(other)}
    both = [w for w in words(one) if w.forms[0] in forms and tells(w) and not says_nothing_new(w.forms[:1], library)]
    if not both:
        return None
    word = max(both, key=lambda word: (vocabulary.weight(word.forms[0]), word.text))
    return _lowered(word.text) if not word.start else word.text


def _lowered(name: str) -> str:
    """Return a name without the capital of a sentence's start."""
    return name[0].lower() + name[1:] if name[1:].islower() else name
