"""What a line of a printed page is there for, told from how it is set, where it stands and which words it has.

One hidden layer over a line and its neighbours, then the likeliest course of kinds down the document, by how often one
follows another. Learned from articles that are had both as a PDF and as XML (`rag.training.page_lines`; figures in
`docs/formats.md`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

import numpy as np

from rag.encoders.roles import Numbers, layers, softmax
from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix, FloatVector

LINE_WEIGHTS = Path(__file__).parent / "weights" / "page_lines.safetensors"
LineKind = Literal["text", "title", "authors", "place", "frame", "references", "abstract"]
LINE_KINDS: tuple[LineKind, ...] = get_args(LineKind)


def line_kinds(features: FloatMatrix) -> list[tuple[LineKind, float]]:
    """Return the kind of each line of a document, in reading order, and how likely it is; nothing without the weights.

    `features` has a row for each line, as `rag.sources` writes them.
    """
    weights = read_weights(LINE_WEIGHTS)
    if weights is None or not len(features):
        return []
    likely = softmax(layers(features, weights.matrices, "lines"))
    course = _likeliest(np.log(likely), weights.matrices["follows"])
    return [(LINE_KINDS[kind], float(chance)) for kind, chance in zip(course, likely[range(len(course)), course])]


def _likeliest(scores: FloatMatrix, follows: FloatMatrix) -> Numbers:
    """Return the course of kinds with the highest sum of scores and of what follows what (Viterbi 1967)."""
    best: FloatVector = scores[0]
    came_from = []
    for score in scores[1:]:
        ways = best[:, None] + follows
        came_from.append(ways.argmax(axis=0))
        best = ways.max(axis=0) + score
    course = [int(best.argmax())]
    for origins in reversed(came_from):
        course.append(int(origins[course[-1]]))
    return np.array(course[::-1])
