"""What is known of English: which words it has, and which is meant by a misspelt one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache

from rapidfuzz.distance import OSA

# How words of the language are made from others: a word that the model's list has in pieces only is one of the
# language if it is made so, or of two of its words ("keyhole", "painkillers"); else it is one of the field.
_ENDINGS = (
    ("", ""),
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ly", ""),
    ("er", ""),
    ("er", "e"),
    ("est", ""),
    ("est", "e"),
    ("iest", "y"),
    ("en", ""),
    ("ens", ""),
    ("ness", ""),
    ("ful", ""),
    ("less", ""),
    ("able", ""),
    ("able", "e"),
    ("ability", "able"),
    ("ise", "ize"),
    ("ises", "izes"),
    ("ised", "ized"),
    ("ising", "izing"),
)
_BEGINNINGS = ("", "un", "re", "de", "non", "pre", "over", "under", "mis", "out")
_EVERYDAY = frozenset(
    "milieu kilo kilos jab jabs hurdle hurdles caveat caveats outlook arming anaesthetist anesthetist oncologist "
    "affordability".split()
)
MIN_PART = 3


class Language:
    """English as the word list of the embedding model has it; without one, every word counts as known."""

    def __init__(self, pieces: dict[str, int] | None) -> None:
        """Take the word pieces of the model with their ranks, the commoner the lower."""
        self._pieces = pieces
        self._known = pieces or {}
        self.is_word = lru_cache(maxsize=16_384)(self._is_word)
        self.is_everyday = lru_cache(maxsize=16_384)(self._is_everyday)

    is_word: Callable[[str], bool]
    is_everyday: Callable[[str], bool]

    def closest(self, word: str) -> str | None:
        """Return the commonest word one edit from a misspelt one that has its first letter; None without one."""
        if self._pieces is None:
            return None
        alike = [w for w in self._by_initial.get(word[:1], ()) if OSA.distance(word, w, score_cutoff=1) <= 1]
        return min(alike, key=self._known.__getitem__) if alike else None

    def _is_word(self, word: str) -> bool:
        """Tell whether a lower-case word, or the one that it is an inflection of, is in the list."""
        bases = {
            word.removesuffix(ending).removeprefix(beginning) + restored
            for ending, restored in _ENDINGS
            for beginning in _BEGINNINGS
            if word.endswith(ending) and word.startswith(beginning)
        }
        return self._pieces is None or any(len(base) >= MIN_PART and base in self._known for base in bases)

    def _is_everyday(self, word: str) -> bool:
        """Tell a word of the language from a term of a field: in the list, or made of two that are ("painkillers")."""
        if word in _EVERYDAY or self._is_word(word):
            return True
        cuts = range(MIN_PART, len(word) - MIN_PART + 1)
        return any(word[:cut] in self._known and word[cut:] in self._known for cut in cuts)

    @cached_property
    def _by_initial(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = {}
        for word in self._known:
            if len(word) > MIN_PART and word.isalpha():
                grouped.setdefault(word[0], []).append(word)
        return grouped
