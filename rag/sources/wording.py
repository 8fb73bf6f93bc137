"""Lines as numbers: the form of their words, the words themselves, and those of the lines around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np

from rag.types import FloatMatrix

_MOST_WORDS, _LONGEST = 16, 24  # of a line; letters of a word
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]")
_MARK = re.compile(r"\[[^\[\]]{1,8}\]")
_INITIAL = re.compile(r"\b[A-Z]\.")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def shifted(numbers: FloatMatrix, step: int) -> FloatMatrix:
    """Return for each row the numbers of the one `step` further on, zeros where there is none."""
    found = np.zeros_like(numbers)
    if abs(step) < len(numbers):
        found[max(-step, 0) : len(numbers) - max(step, 0)] = numbers[max(step, 0) : len(numbers) + min(step, 0)]
    return found


def around(numbers: FloatMatrix, texts: Sequence[str], reach: int, own: int, beside: int) -> FloatMatrix:
    """Return the numbers of each line and of those up to `reach` from it, and the words of it and of its neighbours.

    `own` and `beside` are how many numbers stand for the words of a line and of one beside it.
    """
    words = [_words(text) for text in texts]
    near = [shifted(numbers, step) for step in range(-reach, reach + 1)]
    neighbours = [shifted(_hashed(words, beside), step) for step in (-1, 1)]
    return np.concatenate([*near, _hashed(words, own), *neighbours], axis=1).astype(np.float32)


def _words(text: str) -> list[str]:
    """Return the first words and signs of a line, numbers by their length alone."""
    words = _WORD.findall(text[: _MOST_WORDS * _LONGEST])[:_MOST_WORDS]
    return ["0" * len(word) if word.isdigit() else word.casefold()[:_LONGEST] for word in words]


def _hashed(words: Sequence[Sequence[str]], width: int) -> FloatMatrix:
    """Return for each line which of `width` classes, by a sum of their letters, its words are of."""
    found = np.zeros((len(words), width), np.float32)
    for place, line in enumerate(words):
        found[place, [crc32(word.encode()) % width for word in line]] = 1
    return found


def wording(text: str, small: Mapping[str, int], named: Mapping[str, frozenset[str]]) -> tuple[float, ...]:
    """Return the form of a line's words; `small` are those that the document writes in small letters.

    `named` are the words that are known to be of its "Title" and its "Author".
    """
    words = text.split()
    bare = [word.strip(".,;:()*").casefold() for word in words]
    count, letters = max(len(words), 1), max(sum(map(str.isalpha, text)), 1)
    return (
        min(count, 20) / 20, sum(word[0].islower() for word in words) / count,
        sum(word[0].isupper() for word in words) / count, sum(map(str.isupper, text)) / letters,
        sum(map(str.isdigit, text)) / len(text), min(text.count(","), 6) / 6, text[-1] == ".", text[-1] == ",",
        text[0].islower(), text[0].isdigit(), "@" in text, min(len(_MARK.findall(text)), 4) / 4,
        min(len(_INITIAL.findall(text)), 4) / 4, bool(_YEAR.search(text)), "/" in text, ":" in text,
        sum(small.get(word, 0) > 1 for word in bare) / count,
        sum(word in named["Title"] for word in bare) / count, sum(word in named["Author"] for word in bare) / count,
    )  # fmt: skip
