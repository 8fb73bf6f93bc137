"""Typing errors in a question, mended with the words of the library."""

from __future__ import annotations

import re

from rapidfuzz import process
from rapidfuzz.distance import OSA

from rag.lexicon import OPPOSITE_BEGINNINGS, STOP_WORDS, open_thesaurus
from rag.questions.terms import is_name
from rag.text import Language, Vocabulary, Word, stem, words

# As clinicians note things down.
SHORTHAND = {
    "abt": "about",
    "abx": "antibiotics",
    "dx": "diagnosis",
    "hx": "history",
    "mo": "months",
    "mos": "months",
    "pls": "please",
    "probs": "problems",
    "pt": "patient",
    "pts": "patients",
    "r": "are",
    "rx": "treatment",
    "sx": "symptoms",
    "tx": "treatment",
    "wk": "week",
    "wks": "weeks",
    "wt": "weight",
    "yo": "year old",
    "yr": "year",
    "yrs": "years",
    "u": "you",
    "w": "with",
    "wat": "what",
}
# Words by which facts of publication are asked for: no text of the library may have them.
ASKING_WORDS = (
    "author",
    "authors",
    "journal",
    "published",
    "written",
    "review",
    "reviews",
    "compare",
    "conflicts",
    "interest",
    "funding",
    "title",
)
_TLDR = re.compile(r"\btl;?dr\b", re.IGNORECASE)
# Shorter words have too many neighbours. One edit only: two make another drug of a drug ("prednisone").
MIN_LENGTH, MIN_STUMP, LONG = 4, 3, 8
EDITS = 1


def correct_spelling(text: str, vocabulary: Vocabulary, language: Language) -> str:
    """Return the text with words that neither the library nor the language knows replaced by near ones of the library.

    Names, numbers and codes (digits, capitals inside a word or a sentence) stay as typed.
    """
    corrected = text = _TLDR.sub("summary", text)
    for word in reversed(words(text)):
        if not is_name(word, text) and (better := _better(word, vocabulary, language)):
            corrected = corrected[: word.start] + better + corrected[word.end :]
    return corrected


def _better(word: Word, vocabulary: Vocabulary, language: Language) -> str | None:
    typed = word.text.casefold()
    if word.text != typed and (len(typed) < MIN_STUMP or not word.text[1:].islower()):  # "Pt", "WT"
        return None
    if typed in SHORTHAND:
        return SHORTHAND[typed]
    if len(typed) < MIN_STUMP or not typed.isalpha() or typed in STOP_WORDS:
        return None
    if stem(typed) in vocabulary or language.is_common(typed) or open_thesaurus().entry((stem(typed),)):
        return None
    if len(typed) >= MIN_LENGTH:
        better = _asking_word(typed) or vocabulary.closest_spelling(typed, EDITS)
        if better and not _opposite(typed, better):
            return better
    return vocabulary.completion(typed) or (language.closest(typed) if len(typed) >= LONG else None)


def _asking_word(typed: str) -> str | None:
    found = process.extractOne(typed, ASKING_WORDS, scorer=OSA.distance, score_cutoff=EDITS)
    return found[0] if found and found[0][0] == typed[0] else None


def _opposite(one: str, other: str) -> bool:
    return any({a, b} == {_prefix(one, a, b), _prefix(other, a, b)} for a, b in OPPOSITE_BEGINNINGS)


def _prefix(word: str, *prefixes: str) -> str:
    return next((prefix for prefix in sorted(prefixes, key=len, reverse=True) if word.startswith(prefix)), "")
