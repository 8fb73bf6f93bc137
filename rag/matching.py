"""How much of a question a sentence holds: term by term, by the word itself, a form of it, or a word that means the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag.abbreviations import Abbreviations, initials
from rag.questions import KEY_NOTIONS, Term
from rag.terms import fold, stem, stems
from rag.types import FloatMatrix, FloatVector
from rag.vocabulary import Vocabulary

# Cosine of two words in MiniLM: below the first they are unrelated, from the second on they mean the same
# ("cost" and "price" .74, "difficult" and "challenges" .57, "survival" and "remission" .36).
UNRELATED, SAME = 0.42, 0.72
# Technical words of one kind are near each other too ("neuroblastoma" and "glioblastoma" .71), synonyms nearer
# ("renal" and "kidney" .92, "hepatic" and "liver" .81, "cardiac" and "heart" .76).
TECHNICAL_UNRELATED, TECHNICAL_SAME = 0.72, 0.82
# What an everyday word of medicine is a kind of ("stroke", "fracture", "liver"), and how near it then is.
MEDICAL_KINDS = (
    "disease", "drug", "symptom", "infection", "injury", "organ of the body", "medical condition", "cancer", "protein", "virus",
    "surgery",
)
MEDICAL = 0.45
GENERIC_MEDICAL = frozenset(
    stem(word)
    for word in "patient drug treatment therapy disease body product sign medicine medication symptom clinic doctor physician "
    "hospital tissue damage condition disorder illness health healthy cell organ painful chronic acute severe".split()
)
# Words of the sentences that lead up to the question.
ASIDE_WEIGHT = 0.3
# A word in this share of all sentences is what the library is about; no question turns on it.
UBIQUITOUS = 0.12
# A term is held by a sentence from this strength on.
HELD = 0.3
INITIALS = range(3, 7)
_INFLECTIONS = (("", ""), ("s", ""), ("es", ""), ("ies", "y"), ("ed", ""), ("ed", "e"), ("d", ""), ("ing", ""), ("ing", "e"), ("ly", ""), ("er", ""), ("er", "e"))


@dataclass(frozen=True)
class TermMatcher:
    """Finds one term: `accepted` maps stems to how well each stands for the term, `phrases` are its long forms.

    A `key` term is one that the question turns on: a name, a technical word, or one of KEY_NOTIONS. A `medical`
    one is an everyday word of medicine, for which the texts may have another name.
    """

    term: Term
    weight: float
    key: bool
    medical: bool
    accepted: dict[str, float]
    phrases: tuple[frozenset[str], ...]

    def strength(self, forms: frozenset[str], spelled: str) -> float:
        """Return how well a sentence holds the term, in [0, 1], from its stems and its initials."""
        best = max((self.accepted[form] for form in self.accepted.keys() & forms), default=0.0)
        if best < 1 and self.term.parts and all(part in forms for part in self.term.parts):
            best = 1.0
        if best < 1 and any(phrase <= forms for phrase in self.phrases):
            best = 1.0
        if best < 1 and self.key and len(self.term.text) in INITIALS and self.term.text.isalpha():
            best = 1.0 if self.term.text.casefold() in spelled else best
        return best

    def defined(self, forms: frozenset[str]) -> bool:
        """Tell whether a sentence has the term and what it stands for: "tumor microenvironment (TME)"."""
        return bool(self.accepted.keys() & forms) and any(phrase <= forms for phrase in self.phrases)


@dataclass(frozen=True)
class Matcher:
    """Measures sentences against the terms of one question."""

    terms: tuple[TermMatcher, ...]

    def strengths(self, text: str) -> np.ndarray:
        """Return the strength of each term in a text, shape (n_terms,)."""
        return self.strengths_in(frozenset(stems(text)), initials(text))

    def strengths_in(self, forms: frozenset[str], spelled: str = "") -> np.ndarray:
        """Return the same for a text given as its stems and initials."""
        return np.array([term.strength(forms, spelled) for term in self.terms])

    def coverage(self, strengths: np.ndarray) -> float:
        """Return the share of the question's weight that strengths cover, in [0, 1]."""
        weights = np.array([term.weight for term in self.terms])
        return float(weights @ strengths / weights.sum()) if len(weights) else 0.0

    def holds_keys(self, strengths: np.ndarray) -> bool:
        """Tell whether every term that the question turns on is held."""
        return all(strength >= HELD for term, strength in zip(self.terms, strengths, strict=True) if term.key)

    def holds_medical(self, strengths: np.ndarray) -> bool:
        """Tell whether every everyday word of medicine is held."""
        return all(strength >= HELD for term, strength in zip(self.terms, strengths, strict=True) if term.medical)

    def discounted(self, which: Sequence[bool], factor: float) -> Matcher:
        """Return a matcher in which some terms weigh less."""
        pairs = zip(self.terms, which, strict=True)
        return Matcher(tuple(replace(term, weight=term.weight * factor) if less else term for term, less in pairs))


def build_matcher(
    terms: Sequence[Term],
    vectors: FloatMatrix | None,
    vocabulary: Vocabulary,
    abbreviations: Abbreviations,
    is_word: Callable[[str], bool],
    medical: FloatMatrix | None,
) -> Matcher:
    """Return the matcher of a question's terms; `vectors` holds one unit vector a term, None without a model.

    `medical` holds the vectors of MEDICAL_KINDS, by which the terms of medicine among ordinary words are known.
    """
    expansions = abbreviations.expansions(terms)
    matchers = []
    for at, term in enumerate(terms):
        technical = _is_technical(term, is_word)
        nearby = {} if vectors is None or term.name or term.parts else _nearby(vectors[at], technical, vocabulary)
        common = _commonest(term, vocabulary)
        decides = not term.aside and vocabulary.share(common) < UBIQUITOUS
        matchers.append(
            TermMatcher(
                term=term,
                weight=vocabulary.weight(common) * (ASIDE_WEIGHT if term.aside else 1.0),
                key=decides and (term.name or technical or term.forms[0] in KEY_NOTIONS),
                medical=decides and term.forms[0] not in GENERIC_MEDICAL and _is_medical(at, vectors, medical),
                accepted=nearby | expansions.short[at] | dict.fromkeys(_own_forms(term), 1.0),
                phrases=expansions.long[at],
            )
        )
    return Matcher(tuple(matchers))


def _is_technical(term: Term, is_word: Callable[[str], bool]) -> bool:
    """Tell a word of the field from one of the language; a compound is technical when a part of it is."""
    parts = [part for part in re.split(r"[\W_]+", term.text.casefold()) if part.isalpha() and len(part) > 1]
    return not all(_is_inflected(part, is_word) or _is_inflected(fold(part), is_word) for part in parts)


def _is_inflected(word: str, is_word: Callable[[str], bool]) -> bool:
    return any(word.endswith(end) and is_word(word.removesuffix(end) + restored) for end, restored in _INFLECTIONS)


def _is_medical(at: int, vectors: FloatMatrix | None, medical: FloatMatrix | None) -> bool:
    return vectors is not None and medical is not None and float((medical @ vectors[at]).max()) >= MEDICAL


def _nearby(vector: FloatVector, technical: bool, vocabulary: Vocabulary) -> dict[str, float]:
    """Return the stems of the library whose words mean nearly the same as a term, with how nearly."""
    low, high = (TECHNICAL_UNRELATED, TECHNICAL_SAME) if technical else (UNRELATED, SAME)
    return {form: min(1.0, (cosine - low) / (high - low)) for form, cosine in vocabulary.similar(vector, low).items()}


def _own_forms(term: Term) -> list[str]:
    """Return the stems that are the term itself: "CAR T" and "CD 19" count joined, a lone letter only so."""
    joins = [form for form in term.forms[1:] if form not in term.parts]
    if len(term.text) == 1 and not term.text.isdigit():
        return joins
    return [term.forms[0], *(join for join in joins if not term.parts and any(c.isdigit() for c in join))]


def _commonest(term: Term, vocabulary: Vocabulary) -> str:
    """Return the form of a term that the library uses most; its own stem when it uses none."""
    return max(_own_forms(term) or [term.forms[0]], key=lambda form: vocabulary.frequency.get(form, 0))
