"""What a question across papers asks of each, word by word: "[Pain] and [stay] in {the nerve block trials}".

Two convolutions over what each word means in its question, and how likely one kind of word follows another (a linear
chain: Lafferty et al., ICML 2001), learned from questions marked for this project (`rag.training.of_rows`; figures in
`docs/meaning.md`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix, Span

ROW_WEIGHTS = Path(__file__).parent / "weights" / "of_rows.safetensors"
# Nothing, the first word of a row, a further one, one that belongs to all rows, one that says which papers are meant.
RowTag = Literal["plain", "begins", "goes on", "shared", "papers"]
ROW_TAGS: tuple[RowTag, ...] = get_args(RowTag)
# So many words before and behind are seen by a convolution.
NEIGHBOURS = 2
# A row goes on behind one of its words alone.
BARRED = -50.0
PIECE = re.compile(r"\d{1,3}(?:,\d{3})+|\w+(?:[.’'-]\w+)*|[^\w\s]")


def pieces(text: str) -> tuple[Span, ...]:
    """Return the spans of the words and marks of a question."""
    return tuple(match.span() for match in PIECE.finditer(text))


def piece_features(text: str, spans: Sequence[Span], words: FloatMatrix) -> FloatMatrix:
    """Return what each piece means, as `MiniLM.in_context` tells, and how it is written, a row a piece."""
    first = [text[start] for start, _ in spans]
    written = [(not one.isalnum(), one.isupper(), one.isdigit()) for one in first]
    return np.concatenate([words, np.array(written, np.float32).reshape(-1, 3)], axis=1)


def tag_rows(features: FloatMatrix) -> tuple[RowTag, ...] | None:
    """Return what each piece of a question is there for, given what `piece_features` returns; None without weights."""
    weights = read_weights(ROW_WEIGHTS)
    if weights is None or not len(features):
        return None
    return tuple(ROW_TAGS[at] for at in best_path(row_scores(features, weights.matrices), weights.matrices))


def row_scores(features: FloatMatrix, weights: Mapping[str, FloatMatrix]) -> FloatMatrix:
    """Return the scores of each tag for each piece, shape (n, len(ROW_TAGS))."""
    seen = np.tanh(features @ weights["in"] + weights["in.bias"])
    for name in ("first", "second"):
        seen = np.maximum(_neighbourhood(seen) @ weights[name] + weights[f"{name}.bias"], 0)
    return np.asarray(seen @ weights["out"] + weights["out.bias"])


def _neighbourhood(seen: FloatMatrix) -> FloatMatrix:
    """Return each row beside those before and behind it."""
    padded = np.pad(seen, ((NEIGHBOURS, NEIGHBOURS), (0, 0)))
    return np.concatenate([padded[at : at + len(seen)] for at in range(2 * NEIGHBOURS + 1)], axis=1)


def best_path(scores: FloatMatrix, weights: Mapping[str, FloatMatrix]) -> list[int]:
    """Return the tags that are likeliest together (Viterbi): by their own scores and those of what follows what."""
    follows, begins = barred(weights["follows"], weights["begins"])
    total, came_from = begins + scores[0], []
    for own in scores[1:]:
        paths = total[:, None] + follows
        came_from.append(paths.argmax(axis=0))
        total = paths.max(axis=0) + own
    path = [int(total.argmax())]
    for back in reversed(came_from):
        path.append(int(back[path[-1]]))
    return path[::-1]


def barred(follows: FloatMatrix, begins: FloatMatrix) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the scores of what follows what and of what begins without those of rows that go on from nothing."""
    goes_on, in_row = ROW_TAGS.index("goes on"), ("begins", "goes on")
    follows, begins = np.array(follows, np.float32), np.array(begins, np.float32)
    follows[[at for at, tag in enumerate(ROW_TAGS) if tag not in in_row], goes_on] = BARRED
    begins[goes_on] = BARRED
    return follows, begins
