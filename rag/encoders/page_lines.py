"""What a line of a paper is there for, told from how it is set, where it stands and which words it has.

One hidden layer over a line and its neighbours. For printed pages it is learned from articles that are had both as a
PDF and as XML (`rag.training.page_lines`), for text from articles laid out as people keep them
(`rag.training.text_lines`); figures in `docs/meaning.md`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from rag.encoders.roles import layers, softmax
from rag.encoders.small_weights import read_weights
from rag.types import FloatMatrix

LINE_WEIGHTS = Path(__file__).parent / "weights" / "page_lines.safetensors"
TEXT_WEIGHTS = LINE_WEIGHTS.with_name("text_lines.safetensors")
LineKind = Literal["text", "title", "authors", "place", "frame", "references", "abstract"]
LINE_KINDS: tuple[LineKind, ...] = get_args(LineKind)


def line_kinds(features: FloatMatrix, file: Path | None = None) -> list[tuple[LineKind, float]]:
    """Return the kind of each line of a document, in reading order, and how likely it is; nothing without the weights.

    `features` has a row for each line, as `rag.sources` writes them; the weights are those in `file`, else of pages.
    """
    weights = read_weights(file or LINE_WEIGHTS)
    if weights is None or not len(features):
        return []
    likely = softmax(layers(features, weights.matrices, "lines"))
    return [
        (LINE_KINDS[kind], float(chances[kind])) for kind, chances in zip(likely.argmax(axis=1), likely, strict=True)
    ]
