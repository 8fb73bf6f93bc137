"""How much of a question a sentence holds, term by term: the word, a form of it, or a word that means the same."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.thresholds import (
    ASIDE_WEIGHT,
    HELD,
    MEDICAL,
    MEDICAL_PHRASE,
    PHRASE_GAIN,
    PHRASE_SAME,
    PHRASE_UNRELATED,
    SAME,
    SPOKEN,
    TECHNICAL_SAME,
    TECHNICAL_UNRELATED,
    UNRELATED,
)
from rag.lexicon import GENERIC_MEDICAL, KEY_NOTIONS, MEDICAL_KINDS, STOP_WORDS, members, spoken_of, words_with_initials
from rag.text import Vocabulary, fold, stem_set
from rag.types import FloatVector, Term

if TYPE_CHECKING:
    from rag.shelf import Library

# A beginning and an end of a compound have at least so many letters.
COMPOUND = 5
INITIALS = range(3, 7)


@dataclass(frozen=True)
class TermMatcher:
    """Finds one term: `accepted` maps stems to how well each stands for the term, `phrases` are its long forms.

    A `key` term is one that the question turns on: a name, a technical word, or one of KEY_NOTIONS. A `medical`
    one is an everyday word of medicine, for which the texts may have another name. One that `decides` is neither the
    subject of the whole library nor a word that stands beside any other ("patients").
    """

    term: Term
    weight: float
    key: bool
    medical: bool
    common: bool
    decides: bool
    accepted: dict[str, float]
    phrases: tuple[frozenset[str], ...]

    @cached_property
    def initials(self) -> re.Pattern[str] | None:
        """What finds words with these initials, when the term may be short for them."""
        short = self.key and len(self.term.text) in INITIALS and self.term.text.isalpha()
        return words_with_initials(self.term.text) if short else None

    @cached_property
    def written(self) -> re.Pattern[str] | None:
        """What finds a short form that is a word of grammar in small letters: "ALL" is not "all"."""
        common = self.term.text.isupper() and self.term.text.casefold() in STOP_WORDS
        return re.compile(rf"\b{re.escape(self.term.text)}\b") if common else None

    def written_out(self, forms: frozenset[str], text: str) -> bool:
        """Tell whether a sentence, given as its stems and itself, has the term in parts or by its long form."""
        return (
            bool(self.written and self.written.search(text))
            or bool(self.term.parts and all(part in forms for part in self.term.parts))
            or self.spelled_out(forms)
            or bool(self.initials and self.initials.search(text))
        )

    def defined(self, forms: frozenset[str]) -> bool:
        """Tell whether a sentence has the term and what it stands for: "tumor microenvironment (TME)"."""
        return not self.accepted.keys().isdisjoint(forms) and self.spelled_out(forms)

    def spelled_out(self, forms: frozenset[str]) -> bool:
        """Tell whether a sentence has one of the long forms."""
        return any(phrase <= forms for form in forms & self._by_stem.keys() for phrase in self._by_stem[form])

    @cached_property
    def _by_stem(self) -> Mapping[str, Sequence[frozenset[str]]]:
        """The long forms by one of their stems: in a large library a short form has very many."""
        by_stem: dict[str, list[frozenset[str]]] = {}
        for phrase in filter(None, self.phrases):
            by_stem.setdefault(min(phrase), []).append(phrase)
        return by_stem


@dataclass(frozen=True)
class Matcher:
    """Measures sentences against the terms of one question."""

    terms: tuple[TermMatcher, ...]

    def strengths(self, text: str, forms: frozenset[str] | None = None) -> np.ndarray:
        """Return the strength of each term in a text, shape (n_terms,); `forms` are its stems where they are known."""
        return self.strengths_in(stem_set(text) if forms is None else forms, text)

    def strengths_in(self, forms: frozenset[str], text: str = "") -> np.ndarray:
        """Return the same for stems, and for the text that they are of if there is one."""
        best = [0.0] * len(self.terms)
        for form in forms & self._standing.keys():
            for at, strength in self._standing[form]:
                best[at] = max(strength, best[at])
        for at in self._composite:
            if best[at] < 1 and self.terms[at].written_out(forms, text):
                best[at] = 1.0
        return np.array(best)

    @cached_property
    def _standing(self) -> Mapping[str, Sequence[tuple[int, float]]]:
        """For each stem the places of the terms that it may stand for, and how well it does."""
        standing: dict[str, list[tuple[int, float]]] = {}
        for at, term in enumerate(self.terms):
            for form, strength in term.accepted.items():
                standing.setdefault(form, []).append((at, strength))
        return standing

    @cached_property
    def _composite(self) -> Sequence[int]:
        """The places of the terms that may be written out."""
        return [
            at for at, term in enumerate(self.terms) if term.term.parts or term.phrases or term.initials or term.written
        ]

    def defines(self, forms: frozenset[str]) -> bool:
        """Tell whether a sentence, given as its stems, has a term and what it stands for."""
        return any(term.defined(forms) for term in self._with_long_form)

    @cached_property
    def _with_long_form(self) -> Sequence[TermMatcher]:
        return [term for term in self.terms if term.phrases]

    @cached_property
    def _weights(self) -> np.ndarray:
        return np.array([term.weight for term in self.terms])

    def coverage(self, strengths: np.ndarray) -> np.ndarray:
        """Return the share of the question's weight that strengths (…, n_terms) cover, in [0, 1], shape (…)."""
        if not self.terms:
            return np.zeros(strengths.shape[:-1])
        return np.asarray(np.vecdot(strengths, self._weights) / self._weights.sum())

    def decided(self, strengths: np.ndarray) -> float:
        """Return the share of the weight of the terms that decide that strengths cover; of all when none decides."""
        deciding = np.array([term.decides for term in self.terms], bool)
        if not deciding.any():
            return float(self.coverage(strengths))
        weights = self._weights * deciding
        return float(weights @ strengths / weights.sum())

    def part(self, stretch: slice) -> Matcher:
        """Return the matcher of some of the terms."""
        return Matcher(self.terms[stretch])

    def holds_keys(self, strengths: np.ndarray) -> np.ndarray:
        """Tell of strengths (…, n_terms) whether every term that the question turns on is held, shape (…)."""
        return np.asarray(np.all(strengths[..., self._keys] >= HELD, axis=-1))

    @cached_property
    def _keys(self) -> np.ndarray:
        return np.array([term.key for term in self.terms], bool)

    def holds_medical(self, strengths: np.ndarray) -> bool:
        """Tell whether every everyday word of medicine is held."""
        return all(strength >= HELD for term, strength in zip(self.terms, strengths, strict=True) if term.medical)

    def is_specific(self, strengths: np.ndarray) -> bool:
        """Tell whether a word is held that is not the subject of the whole library; True when the question has none."""
        specific = [strength for term, strength in zip(self.terms, strengths, strict=True) if not term.common]
        return not specific or max(specific) >= HELD

    def discounted(self, which: Sequence[bool], factor: float) -> Matcher:
        """Return a matcher in which some terms weigh less."""
        pairs = zip(self.terms, which, strict=True)
        return Matcher(tuple(replace(term, weight=term.weight * factor) if less else term for term, less in pairs))


def build_matcher(terms: Sequence[Term], library: Library) -> Matcher:
    """Return the matcher of a question's terms, with what the library has that may stand for each."""
    names = library.synonyms.others(terms)
    pairs = [(at, at + 1) for at in range(len(terms) - 1) if _are_phrase(terms[at], terms[at + 1])]
    vectors = library.embed([*(t.text for t in terms), *(f"{terms[a].text} {terms[b].text}" for a, b in pairs)])
    vocabulary = library.index.vocabulary
    near: list[dict[str, float]] = [{} for _ in terms]
    for at, term in enumerate(terms):
        if vectors is not None and not (term.name or term.parts):
            near[at] = vocabulary.similar(vectors[at], UNRELATED)
    in_phrases: list[dict[str, float]] = [{} for _ in terms]
    medical: set[int] = set()
    for row, pair in enumerate(pairs, len(terms)):
        if vectors is None:
            break
        together = _of_both(vectors[row], [near[at] for at in pair], vocabulary)
        for at in pair:
            in_phrases[at] = _stronger(in_phrases[at], together)
        if _is_medical(vectors[row], library, MEDICAL_PHRASE) and not any(
            terms[at].forms[0] in GENERIC_MEDICAL for at in pair
        ):
            medical.update(pair)
    return Matcher(
        tuple(
            _term_matcher(
                term,
                None if vectors is None else vectors[at],
                library,
                near[at],
                in_phrases[at],
                names[at],
                at in medical,
            )
            for at, term in enumerate(terms)
        )
    )


def _are_phrase(one: Term, other: Term) -> bool:
    return other.start - one.end == 1 and not (one.name or other.name or one.parts or other.parts)


def _term_matcher(
    term: Term,
    vector: FloatVector | None,
    library: Library,
    near: dict[str, float],
    others: dict[str, float],
    phrases: tuple[frozenset[str], ...],
    medical: bool,
) -> TermMatcher:
    vocabulary = library.index.vocabulary
    common = _commonest(term, vocabulary)
    technical = _is_technical(term, library.language.is_everyday)
    ubiquitous = vocabulary.is_ubiquitous(common)
    steers = term.aside or _is_stray(term, vocabulary)
    decides = not steers and not ubiquitous
    if vector is not None and term.forms[0] not in GENERIC_MEDICAL:
        medical = medical or _is_medical(vector, library, MEDICAL)
    limits = (TECHNICAL_UNRELATED, TECHNICAL_SAME) if technical else (UNRELATED, SAME)
    nearby = {
        form: strength for form, strength in _nearby(near, *limits).items() if not _other_compound(term.forms[0], form)
    }
    return TermMatcher(
        term=term,
        weight=vocabulary.weight(common) * (ASIDE_WEIGHT if steers else 1.0),
        key=decides and (term.name or technical or term.text.casefold() in KEY_NOTIONS),
        medical=decides and medical,
        common=ubiquitous,
        decides=decides and term.forms[0] not in GENERIC_MEDICAL,
        accepted=_stronger(
            nearby,
            others,
            dict.fromkeys(spoken_of(term.forms[:1]), SPOKEN),
            dict.fromkeys(members(term.forms[0], vocabulary), SPOKEN),
            dict.fromkeys(_own_forms(term), 1.0),
        ),
        phrases=phrases,
    )


def _is_medical(vector: FloatVector, library: Library, at_least: float) -> bool:
    kinds = library.embed(MEDICAL_KINDS)
    return kinds is not None and float((kinds @ vector).max()) >= at_least


def _stronger(*accepted: dict[str, float]) -> dict[str, float]:
    merged: dict[str, float] = {}
    for forms in accepted:
        for form, strength in forms.items():
            merged[form] = max(strength, merged.get(form, 0.0))
    return merged


def _is_technical(term: Term, is_everyday: Callable[[str], bool]) -> bool:
    """Tell a word of the field from one of the language; a compound is technical when a part of it is."""
    parts = [part for part in re.split(r"[\W_]+", term.text.casefold()) if part.isalpha() and len(part) > 1]
    return not all(is_everyday(part) or is_everyday(fold(part)) for part in parts)


def _nearby(near: dict[str, float], low: float, high: float) -> dict[str, float]:
    """Return the stems of the library whose words mean nearly the same: from 0 at cosine `low` to 1 at `high`."""
    return {form: min(1.0, (cosine - low) / (high - low)) for form, cosine in near.items() if cosine >= low}


def _other_compound(one: str, other: str) -> bool:
    """Tell "radiotherapy" from "radiological": words of one Greek or Latin beginning that are near each other by it."""
    if one[:COMPOUND] != other[:COMPOUND]:
        return False
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = sorted((len(one) - shared, len(other) - shared))
    return ends[0] > 0 and ends[1] >= COMPOUND


def _of_both(phrase: FloatVector, alone: Sequence[dict[str, float]], vocabulary: Vocabulary) -> dict[str, float]:
    """Return the stems that mean what two words mean together, and neither `alone`."""
    together = vocabulary.similar(phrase, PHRASE_UNRELATED)
    more = {form: c for form, c in together.items() if c >= max(one.get(form, 0.0) for one in alone) + PHRASE_GAIN}
    return {form: min(1.0, (c - PHRASE_UNRELATED) / (PHRASE_SAME - PHRASE_UNRELATED)) for form, c in more.items()}


def _is_stray(term: Term, vocabulary: Vocabulary) -> bool:
    """Tell a lone digit or letter that numbers nothing here: the 4 of "car t 4 lupus", not that of "grade 4".

    It numbers something where the library numbers the word before it, by whatever digit or letter.
    """
    if len(term.text) > 1:
        return False
    kinds = string.digits if term.text.isdigit() else string.ascii_lowercase
    series = [form[:-1] for form in term.forms[1:] if form.endswith(term.forms[0])]
    return bool(series) and not any(start + kind in vocabulary for start in series for kind in kinds)


def _own_forms(term: Term) -> list[str]:
    """Return the stems that are the term itself: "CAR T" and "CD 19" count joined, a lone letter only so."""
    joins = [form for form in term.forms[1:] if form not in term.parts]
    if term.text.casefold() in STOP_WORDS:
        return joins
    if len(term.text) == 1 and not term.text.isdigit():
        return joins
    return [term.forms[0], *(join for join in joins if not term.parts and any(c.isdigit() for c in join))]


def _commonest(term: Term, vocabulary: Vocabulary) -> str:
    """Return the form of a term that the library uses most; its own stem when it uses none."""
    return max(_own_forms(term) or [term.forms[0]], key=lambda form: vocabulary.frequency.get(form, 0))
