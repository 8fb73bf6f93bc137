"""What a question is about: each of its words, what may stand for it, and how surely a quote that answers holds it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz.distance import Prefix

from rag.answers.judgement import judgement, logit
from rag.answers.thresholds import ASIDE_WEIGHT, NEAR, NEARLY_SAME
from rag.lexicon import STOP_WORDS, Entry, open_thesaurus, words_with_initials
from rag.text import stem_set
from rag.types import FloatVector, Term

if TYPE_CHECKING:
    from rag.shelf import Library

INITIALS = range(3, 7)
# A word that a quote lacks surprises by at most so many nats.
MOST_SURPRISING = 4.0
# A kind stands for a name with at most so many kinds: "disease" is held by any text.
SPECIFIC = 200
# Of such kinds are what adjectives are derived from; a word is so from this cosine on, if this share of the longer one
# is its beginning.
DERIVED_KINDS = ("body", "disease")
DERIVED, BEGINNING = 0.7, 0.6
# What is near in sense from this cosine on may be the same thing in a layman's word: "gum" .69 to "mouth", "arthritic"
# .70 to "arthritis"; "acupuncture" .50 and "laser" .55 to what is nearest in a library without them. One agent is
# never another, however near.
SENSE_SHARED = 0.6
AGENTS = ("drug", "drug class", "disease", "substance", "microbe", "plant")
# Kinds of words that are near in sense to others of their kind: "neuroblastoma" is no "glioblastoma".
NAMED_KINDS = ("drug", "disease", "substance", "body", "animal", "plant", "microbe", "food", "person", "location")


@dataclass(frozen=True)
class TermMatcher:
    """Finds one term: `accepted` maps stems to how well each stands for the term, `phrases` are its other names.

    `weight` is how surprising a quote that answers is without it, in nats: -log(1 - P(held)).
    """

    term: Term
    weight: float
    accepted: Mapping[str, float]
    phrases: tuple[frozenset[str], ...]

    @cached_property
    def initials(self) -> re.Pattern[str] | None:
        """What finds words with these initials, when the term may be short for them."""
        short = self.term.name and len(self.term.text) in INITIALS and self.term.text.isalpha()
        return words_with_initials(self.term.text) if short else None

    @cached_property
    def written(self) -> re.Pattern[str] | None:
        """What finds a short form that is a word of grammar in small letters: "ALL" is not "all"."""
        common = self.term.text.isupper() and self.term.text.casefold() in STOP_WORDS
        return re.compile(rf"\b{re.escape(self.term.text)}\b") if common else None

    def written_out(self, forms: frozenset[str], text: str) -> bool:
        """Tell whether a sentence, given as its stems and itself, has the term in parts or by another name."""
        return (
            bool(self.written and self.written.search(text))
            or bool(self.term.parts and all(part in forms for part in self.term.parts))
            or self.named_otherwise(forms)
            or bool(self.initials and self.initials.search(text))
        )

    def named_otherwise(self, forms: frozenset[str]) -> bool:
        """Tell whether a sentence has one of the other names."""
        # Two frozensets meet in the time of the smaller one; `forms` may be all of a library.
        return any(phrase <= forms for form in forms & self._any_stem for phrase in self._by_stem[form])

    @cached_property
    def _by_stem(self) -> Mapping[str, Sequence[frozenset[str]]]:
        """The other names by one of their stems: in a large library a short form has very many."""
        by_stem: dict[str, list[frozenset[str]]] = {}
        for phrase in filter(None, self.phrases):
            by_stem.setdefault(min(phrase), []).append(phrase)
        return by_stem

    @cached_property
    def _any_stem(self) -> frozenset[str]:
        return frozenset(self._by_stem)


@dataclass(frozen=True)
class Matcher:
    """Measures texts against the terms of one question."""

    terms: tuple[TermMatcher, ...]

    def strengths(self, text: str, forms: frozenset[str] | None = None) -> np.ndarray:
        """Return the strength of each term in a text, shape (n_terms,); `forms` are its stems where they are known."""
        return self.strengths_in(stem_set(text) if forms is None else forms, text)

    def strengths_in(self, forms: frozenset[str], text: str = "") -> np.ndarray:
        """Return the same for stems, and for the text that they are of if there is one."""
        best = [0.0] * len(self.terms)
        for form in forms & self._any_form:
            for at, strength in self._standing[form]:
                best[at] = max(strength, best[at])
        for at in self._composite:
            if best[at] < 1 and self.terms[at].written_out(forms, text):
                best[at] = 1.0
        return np.array(best)

    @cached_property
    def strengths_in_all(self) -> Callable[[frozenset[str]], np.ndarray]:
        """What returns the same for all stems of a library, which many papers are held against: worked out once."""
        return lru_cache(1)(self.strengths_in)

    @cached_property
    def _standing(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """For each stem the places of the terms that it may stand for, and how well it does."""
        standing: dict[str, list[tuple[int, float]]] = {}
        for at, term in enumerate(self.terms):
            for form, strength in term.accepted.items():
                standing.setdefault(form, []).append((at, strength))
        return standing

    @cached_property
    def _any_form(self) -> frozenset[str]:
        return frozenset(self._standing)

    @cached_property
    def _composite(self) -> Sequence[int]:
        """The places of the terms that may be written out."""
        return [
            at for at, term in enumerate(self.terms) if term.term.parts or term.phrases or term.initials or term.written
        ]

    @cached_property
    def weights(self) -> np.ndarray:
        """The weight of each term, shape (n_terms,)."""
        return np.array([term.weight for term in self.terms])

    def coverage(self, strengths: np.ndarray) -> np.ndarray:
        """Return the share of the question's weight that strengths (…, n_terms) cover, in [0, 1], shape (…)."""
        if not self.terms:
            return np.zeros(strengths.shape[:-1])
        return np.asarray(np.vecdot(strengths, self.weights) / self.weights.sum())

    def surprise(self, strengths: np.ndarray) -> np.ndarray:
        """Return how surprising a text with strengths (…, n_terms) is as one that answers, in nats, shape (…)."""
        return np.asarray(np.vecdot(1 - strengths, self.weights))

    @cached_property
    def deciding(self) -> np.ndarray:
        """Which terms weigh at least half as much as the heaviest, shape (n_terms,)."""
        return np.asarray(self.weights >= self.weights.max(initial=0) / 2)

    def decided(self, strengths: np.ndarray) -> float:
        """Return the share of the weight of the terms that decide that strengths (n_terms,) cover."""
        weights = self.weights * self.deciding
        return float(weights @ strengths / weights.sum()) if len(weights) else 0.0

    def discounted(self, which: Sequence[bool], factor: float) -> Matcher:
        """Return a matcher in which some terms weigh less."""
        pairs = zip(self.terms, which, strict=True)
        return Matcher(tuple(replace(term, weight=term.weight * factor) if less else term for term, less in pairs))


def build_matcher(terms: Sequence[Term], library: Library) -> Matcher:
    """Return the matcher of a question's terms, with what the library has that may stand for each."""
    known = library.index.vocabulary.__contains__
    named, names = units(terms), other_names(terms, library)
    vectors = library.embed([term.text for term in terms]) if terms else None
    found = []
    for at, (term, unit) in enumerate(zip(terms, named, strict=True)):
        near = {} if vectors is None else _near(term, unit, vectors[at], library)
        accepted = near | dict.fromkeys(own_forms(term), 1.0)
        weight = weight_of(traits(terms, at, unit, library.language.rank)) * (ASIDE_WEIGHT if term.aside else 1)
        kinds = map(frozenset, unit.kinds(known))
        found.append(TermMatcher(term, weight, accepted, tuple(dict.fromkeys((*names[at], *kinds)))))
    return Matcher(tuple(found))


def other_names(terms: Sequence[Term], library: Library) -> list[tuple[frozenset[str], ...]]:
    """Return for each term the other names, as sets of stems that the library has, of what it is part of."""
    known = library.index.vocabulary.__contains__
    defined = library.synonyms.others(terms)
    return [
        tuple(dict.fromkeys((*said, *map(frozenset, unit.same(known)))))
        for said, unit in zip(defined, units(terms), strict=True)
    ]


def in_known_words(text: str, terms: Sequence[Term], library: Library) -> str:
    """Return a question with the names that the library does not have replaced by what it calls the same thing."""
    vocabulary = library.index.vocabulary
    for term, unit in reversed([*zip(terms, units(terms), strict=True)]):
        stands = text[term.start : term.end] == term.text
        if not stands or len(unit.name) > 1 or unit.entry is None or term.forms[0] in vocabulary:
            continue
        same = [name for name in open_thesaurus().same(unit.name) if all(form in vocabulary for form in name)]
        if same:
            best = max(same, key=lambda name: (min(map(vocabulary.frequency.__getitem__, name)), name))
            text = text[: term.start] + " ".join(map(vocabulary.spelling_of, best)) + text[term.end :]
    return text


@dataclass(frozen=True)
class Unit:
    """One or more words of a question that are one name, with what it means."""

    name: tuple[str, ...]
    entry: Entry | None

    def same(self, known: Callable[[str], bool]) -> tuple[tuple[str, ...], ...]:
        """Return what else the thing is called, of which all stems are known."""
        return tuple(name for name in open_thesaurus().same(self.name) if all(map(known, name)))

    def kinds(self, known: Callable[[str], bool]) -> tuple[tuple[str, ...], ...]:
        """Return what kinds of the thing are called, of which all stems are known; none of a very general one."""
        specific = self.entry is not None and self.entry.kinds_below <= SPECIFIC
        return open_thesaurus().narrower(self.name, known) if specific else ()


def units(terms: Sequence[Term]) -> list[Unit]:
    """Return for each term the longest name that it is part of."""
    words = open_thesaurus()
    forms = [term.forms[0] for term in terms]
    named = [Unit((form,), words.entry((form,))) for form in forms]
    for run in words.longest(forms):
        name = tuple(forms[run])
        beside = all(b.start - a.end <= 1 for a, b in zip(terms[run], terms[run][1:], strict=False))
        if len(name) > 1 and beside:
            named[run] = [Unit(name, words.entry(name))] * len(name)
    return named


def traits(terms: Sequence[Term], at: int, unit: Unit, rank: Callable[[str], int | None]) -> dict[str, float]:
    """Return what is known of a term before anything is searched, by name: what `weight_of` weighs."""
    term, entry = terms[at], unit.entry
    found = {"1": 1.0, f"kind {entry.kind if entry else 'unknown'}": 1.0}
    if entry:
        found["kinds below, log"] = float(np.log1p(entry.kinds_below))
        found["senses, log"] = float(np.log1p(entry.senses))
        found["also a verb"] = float(entry.also_verb)
        found["also an adjective"] = float(entry.also_adjective)
    place = rank(term.text.casefold())
    found["rare word"] = 1.0 if place is None else 0.0
    found["rank, log"] = 0.0 if place is None else float(np.log(max(place, 1000) / 1000))
    found["written as a name"] = float(term.name)
    found["number"] = float(term.forms[0][0].isdigit())
    found["of a longer name"] = float(len(unit.name) > 1)
    found["first"], found["last"] = float(at == 0), float(at == len(terms) - 1)
    found["words, log"] = float(np.log(len(terms)))
    found["letters"] = min(len(term.text), 12) / 12
    return found


def weight_of(found: Mapping[str, float]) -> float:
    """Return how surprising a quote that answers is without a term of these traits, in nats."""
    return float(min(MOST_SURPRISING, np.logaddexp(0, logit(judgement().held, found))))


def _near(term: Term, unit: Unit, vector: FloatVector, library: Library) -> dict[str, float]:
    """Return the stems of the library whose words mean nearly the same, from 0 at NEAR to 1 at NEARLY_SAME."""
    if term.name or term.parts:
        return {}
    if unit.entry and unit.entry.kind in NAMED_KINDS:
        return _derived(term, vector, library) if unit.entry.kind in DERIVED_KINDS else {}
    near = library.index.vocabulary.similar(vector, NEAR)
    return {form: min(1.0, (cosine - NEAR) / (NEARLY_SAME - NEAR)) for form, cosine in near.items()}


def may_be_called_otherwise(term: Term, library: Library) -> bool:
    """Tell whether the library may speak of a thing in other words: "gum" in those of the mouth. Not so of an agent."""
    (unit,) = units([term])
    vectors = None if term.name or (unit.entry and unit.entry.kind in AGENTS) else library.embed([term.text])
    return vectors is not None and bool(library.index.vocabulary.similar(vectors[0], SENSE_SHARED))


def stands_for_many(term: Term) -> bool:
    """Tell a word that a reader may put for many things: "the dummy pill", "stick to it"."""
    (unit,) = units([term])
    return unit.entry is not None and not term.name and not unit.entry.means_one_thing


def _derived(term: Term, vector: FloatVector, library: Library) -> dict[str, float]:
    """Return the stems derived from a name that the library lacks: "nasopharyngeal" from "nasopharynx"."""
    form, vocabulary = term.forms[0], library.index.vocabulary
    if form in vocabulary:
        return {}
    near = vocabulary.similar(vector, DERIVED)
    return {one: 1.0 for one in near if Prefix.similarity(one, form) >= BEGINNING * max(len(one), len(form))}


def own_forms(term: Term) -> list[str]:
    """Return the stems that are the term itself: "CAR T" and "CD 19" count joined, a lone letter only so."""
    joins = [form for form in term.forms[1:] if form not in term.parts]
    if term.text.casefold() in STOP_WORDS:
        return joins
    if len(term.text) == 1 and not term.text.isdigit():
        return joins
    return [term.forms[0], *(join for join in joins if not term.parts and any(c.isdigit() for c in join))]
