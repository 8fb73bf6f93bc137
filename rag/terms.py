"""Words as the search compares them: folded, stemmed, with a way back to their place in the text."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import Stemmer

_WORD = re.compile(r"[^\W_]+(?:[-‐‑–'’/.][^\W_]+)*")
_stemmer = Stemmer.Stemmer("english")


@lru_cache(maxsize=65_536)
def fold(word: str) -> str:
    return unicodedata.normalize("NFKD", word).casefold()


def stems(text: str) -> list[str]:
    """Return the stems of the words of a text, in order, for lexical search."""
    return [_stemmer.stemWord(fold(m.group())) for m in _WORD.finditer(text)]
