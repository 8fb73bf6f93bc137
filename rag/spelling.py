"""Typing errors in a question, mended with the words of the library."""

from __future__ import annotations

from collections.abc import Callable

from rag.questions import STOP_WORDS
from rag.terms import Word, stem, words
from rag.vocabulary import Vocabulary

# As clinicians note things down.
SHORTHAND = {
    "abx": "antibiotics", "dx": "diagnosis", "hx": "history", "mo": "months", "mos": "months", "pt": "patient", "pts": "patients",
    "rx": "treatment", "sx": "symptoms", "tx": "treatment", "wk": "week", "wks": "weeks", "wt": "weight", "yo": "year old",
    "yr": "year", "yrs": "years", "w": "with",
}
# Shorter words have too many neighbours ("lung", "long"); longer ones may have two errors.
MIN_LENGTH, MIN_STUMP = 4, 3
TWO_EDITS_FROM = 9
# One edit apart and opposite in meaning, or different in kind: never mended into each other.
_OPPOSITES = (("hypo", "hyper"), ("intra", "inter"), ("pro", "pre"), ("anti", "ante"), ("in", "un"), ("mono", "di"))


def correct_spelling(text: str, vocabulary: Vocabulary, is_word: Callable[[str], bool]) -> str:
    """Return the text with words that neither the library nor the language knows replaced by near ones of the library.

    Names, numbers and codes (digits, inner capitals) stay as typed.
    """
    corrected = text
    for word in reversed(words(text)):
        if better := _better(word, vocabulary, is_word):
            corrected = corrected[: word.start] + better + corrected[word.end :]
    return corrected


def _better(word: Word, vocabulary: Vocabulary, is_word: Callable[[str], bool]) -> str | None:
    typed = word.text.casefold()
    if typed in SHORTHAND:
        return SHORTHAND[typed]
    if len(typed) < MIN_STUMP or not typed.isalpha() or not word.text[1:].islower() or typed in STOP_WORDS:
        return None
    if stem(typed) in vocabulary or is_word(typed):
        return None
    if len(typed) >= MIN_LENGTH:
        better = vocabulary.closest_spelling(typed, 2 if len(typed) >= TWO_EDITS_FROM else 1)
        if better and not _opposite(typed, better):
            return better
    return vocabulary.completion(typed)


def _opposite(one: str, other: str) -> bool:
    return any({a, b} == {_prefix(one, a, b), _prefix(other, a, b)} for a, b in _OPPOSITES)


def _prefix(word: str, *prefixes: str) -> str:
    return next((prefix for prefix in sorted(prefixes, key=len, reverse=True) if word.startswith(prefix)), "")
