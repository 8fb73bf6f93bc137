"""What a question asks of the shelf, word by word: "Which [trials: a design] came out [after 2020: a year]?".

Small networks on what each word means in its question, and on the whole, and which tag follows which, learned from
wordings written for this project (`rag.training.of_shelf`; figures in `docs/meaning.md`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args
from zlib import crc32

import numpy as np

from rag.encoders.roles import layers, softmax
from rag.encoders.small_weights import SmallWeights, read_weights
from rag.types import FloatMatrix, FloatVector

SHELF_WEIGHTS = Path(__file__).parent / "weights" / "of_shelf.safetensors"
# What a question is put to: the papers as such, what some of them say, what all of them say.
Put = Literal["shelf", "filtered", "content"]
PUT: tuple[Put, ...] = get_args(Put)
# What is known of a word by looking it up: that it is a place, in a journal's name, an author's, that it has a figure.
KNOWN = ("place", "journal", "author", "figure")
# What words tell that are on what papers say, or lead to it: none of a question that is put to the papers as such.
OF_CONTENT = ("SAYS", "LEAD")
# Beside numbers between -1 and 1 a fact weighs so much.
_FACT = 3.0
# "Before" and "after" mean nearly the same to the embedder: a word and the three on each side have a code each.
_CODE, _SEEN, _CODE_WEIGHT = 64, 3, 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """What a word tells of the papers that are meant, how surely, and whether of those that are not."""

    tag: str
    sure: float
    excluded: bool


@dataclass(frozen=True, slots=True)
class ShelfReading:
    """What a question is put to, how likely each, and what each of its words tells.

    `of_content` is how likely a word of it is on what papers say, on average.
    """

    put: Put
    likely: dict[Put, float]
    words: tuple[Told, ...]
    of_content: float


def read_question(
    question: FloatVector, texts: Sequence[str], words: FloatMatrix, known: FloatMatrix
) -> ShelfReading | None:
    """Return what a question asks of the shelf, given its vector, its words, these in context, what is known of each.

    `words` is what `MiniLM.in_context` returns of `texts`, `known` has a column for each of `KNOWN`; None without
    the weights.
    """
    weights = read_weights(SHELF_WEIGHTS)
    if weights is None:
        return None
    tags, excluded = tagged(word_features(texts, words, known), weights)
    whole = softmax(layers(summed_up(question, tags)[None], weights.matrices, "put"))[0]
    likely = {put: round(float(share), 4) for put, share in zip(PUT, whole, strict=True)}
    put, names = max(PUT, key=lambda one: likely[one]), weights.metadata["tags"].split()
    on_papers = np.array([name not in OF_CONTENT for name in names], np.float32)
    of_content = round(float((tags @ (1 - on_papers)).mean()), 4)
    together = chained(tags * on_papers if put == "shelf" else tags, weights.matrices["words.behind"])
    told = (
        Told(names[row.argmax()], round(float(row.max()), 4), bool(out > 0))
        for row, out in zip(together, excluded, strict=True)
    )
    return ShelfReading(put, likely, tuple(told), of_content)


def word_features(texts: Sequence[str], words: FloatMatrix, known: FloatMatrix) -> FloatMatrix:
    """Return what is known of each word and of its neighbours, a row a word."""
    own = np.concatenate([words, known * np.float32(_FACT)], axis=1)
    none = np.zeros_like(own[:1])
    before, after = np.concatenate([none, own[:-1]]), np.concatenate([own[1:], none])
    codes = np.zeros((len(texts) + 2 * _SEEN, _CODE), np.float32)
    for at, text in enumerate(texts):
        codes[at + _SEEN] = _code(re.sub(r"\d", "0", text.casefold()))
    around = [codes[at : at + len(texts)] for at in range(2 * _SEEN + 1)]
    return np.concatenate([own, before, after, *around], axis=1)


@lru_cache(maxsize=10_000)
def _code(word: str) -> FloatVector:
    """Return numbers that stand for the letters of a word, those of no two words alike."""
    chance = np.random.default_rng(crc32(word.encode("utf-8", "surrogatepass")))
    return _CODE_WEIGHT * chance.standard_normal(_CODE, np.float32)


def tagged(rows: FloatMatrix, weights: SmallWeights) -> tuple[FloatMatrix, FloatVector]:
    """Return how likely each tag is of each word, and from 0 on that it tells which papers are not meant."""
    scores = layers(rows, weights.matrices, "words")
    return softmax(scores[:, :-1]), scores[:, -1]


def chained(tags: FloatMatrix, behind: FloatMatrix) -> FloatMatrix:
    """Return how likely each tag is of each word among its neighbours' tags: forward and backward along a chain.

    `behind` tells how much likelier each tag is behind each other one than anywhere.
    """
    before, after = np.empty_like(tags), np.ones_like(tags)
    for at, row in enumerate(tags):
        before[at] = row * (before[at - 1] @ behind if at else 1)
        before[at] /= before[at].sum()
    for at in range(len(tags) - 2, -1, -1):
        after[at] = behind @ (tags[at + 1] * after[at + 1])
        after[at] /= after[at].sum()
    both = before * after
    found: FloatMatrix = both / both.sum(axis=1, keepdims=True)
    return found


def summed_up(question: FloatVector, tags: FloatMatrix) -> FloatVector:
    """Return a question's vector with what its words tell: on average, and at the most."""
    if not len(tags):
        return np.concatenate([question, np.zeros(2 * tags.shape[1], np.float32)])
    return np.concatenate([question, tags.mean(axis=0), tags.max(axis=0)])
