"""What is known of English: how common a word is, and which is meant by a misspelt one."""

from __future__ import annotations

from functools import cached_property

from rapidfuzz.distance import OSA

# Shorter words have too many neighbours.
MIN_PART = 3


class Language:
    """English as the word list of the embedding model has it."""

    def __init__(self, pieces: dict[str, int] | None) -> None:
        """Take the word pieces of the model with their ranks, the commoner the lower."""
        self._pieces = pieces
        self._known = pieces or {}

    def rank(self, word: str) -> int | None:
        """Return the rank of a word in the model's list, the commoner the lower; None of one that it has in pieces."""
        return self._known.get(word)

    def closest(self, word: str) -> str | None:
        """Return the commonest word one edit from a misspelt one that has its first letter; None without one."""
        if self._pieces is None:
            return None
        alike = [w for w in self._by_initial.get(word[:1], ()) if OSA.distance(word, w, score_cutoff=1) <= 1]
        return min(alike, key=self._known.__getitem__) if alike else None

    def is_common(self, word: str) -> bool:
        """Tell whether the model's list has a word whole; without a list every word counts as common."""
        return self._pieces is None or word in self._known

    @cached_property
    def _by_initial(self) -> dict[str, list[str]]:
        grouped: dict[str, list[str]] = {}
        for word in self._known:
            if len(word) > MIN_PART and word.isalpha():
                grouped.setdefault(word[0], []).append(word)
        return grouped
