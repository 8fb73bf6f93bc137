"""A row: one paragraph read for one question, and what rows are made of."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import bm25s

from rag.text import sentence_spans, stem_set

UNKNOWN = -1
DIRECTIONS = ("increased", "decreased", "no difference", "not stated")
CLAIMS = ("supports", "refutes", "neither")
# A sentence is evidence from this share of common words of the shorter one on.
SAME_WORDS = 0.7
MAX_SENTENCES = 14
SEED = 20261128
_ADDRESS = re.compile(r"https?://\S+")
# Sources that nothing that is shipped learned from: the product is measured on them.
UNSEEN = ("scifact", "pubmedqa")


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph read for one question; labels are numbers into DIRECTIONS and CLAIMS, or 0/1, or UNKNOWN.

    `key` is the document or question by which rows are set aside; `answers`, `direction`, `claim` have one label a
    sentence, `sufficient` and `claim_all` are of the paragraph.
    """

    source: str
    key: str
    question: str
    title: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...]
    direction: tuple[int, ...]
    claim: tuple[int, ...]
    sufficient: int
    claim_all: int = UNKNOWN

    def swapped(self, question: str) -> Row:
        """Return the same paragraph for a question that it does not answer."""
        count = len(self.sentences)
        neither = (CLAIMS.index("neither"),) * count
        return replace(
            self,
            question=question,
            answers=(0,) * count,
            direction=(UNKNOWN,) * count,
            claim=neither,
            sufficient=0,
            claim_all=CLAIMS.index("neither"),
        )


def unknown(count: int) -> tuple[int, ...]:
    """Return labels that say nothing."""
    return (UNKNOWN,) * count


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a text."""
    return tuple(text[start:end] for start, end in sentence_spans(text, 0, len(text)))


def without_addresses(text: str) -> str:
    """Return a sentence as this project keeps it: without addresses of the web, which it does not pass on."""
    return " ".join(_ADDRESS.sub("", text).split())


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9.]+", text.lower()))


def is_evidence(sentence: str, evidence: str) -> bool:
    """Tell whether a sentence and the experts' evidence share most words of the shorter one."""
    one, other = _tokens(sentence), _tokens(evidence)
    return len(one & other) >= SAME_WORDS * max(1, min(len(one), len(other))) and len(one) > 2


def windows(sentences: Sequence[str], chosen: Sequence[int], draw: random.Random) -> slice:
    """Return a stretch of at most MAX_SENTENCES that holds a chosen sentence, at a random place in it."""
    if len(sentences) <= MAX_SENTENCES:
        return slice(0, len(sentences))
    at = draw.choice(chosen) if chosen else draw.randrange(len(sentences))
    start = min(max(0, at - draw.randrange(MAX_SENTENCES)), len(sentences) - MAX_SENTENCES)
    return slice(start, start + MAX_SENTENCES)


class Nearest:
    """Texts found by their words."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._search = bm25s.BM25()
        self._search.index([sorted(stem_set(text)) or ["-"] for text in texts], show_progress=False)
        self._count = len(texts)

    def __call__(self, query: str, k: int) -> list[int]:
        """Return the numbers of the k texts nearest to a query, best first."""
        known = [stem for stem in sorted(stem_set(query)) if stem in self._search.vocab_dict]
        if not known:
            return []
        scores = self._search.get_scores(known)
        return [int(at) for at in (-scores).argsort(kind="stable")[: min(k, self._count)]]


def fold_question(question: str) -> str:
    """Return a question without case and extra space, as the list of what is kept back has it."""
    return " ".join(question.casefold().split())


def json_lines(file: Path) -> list[dict[str, Any]]:
    """Return the objects of a file, one a line."""
    return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip()]
