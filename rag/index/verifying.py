"""`python -m rag.index.verifying FOLDER BUILDER`: fill the Chroma of a drafted index, then check it as a reader would.

It runs as a child of the builder (of that process id, with which it ends), because a damaged Chroma folder can crash
the process that opens it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import numpy as np

from rag.errors import IndexDamaged
from rag.index.collection import write_collection
from rag.index.columns import Passages
from rag.index.embedded_chroma import MOST_KEPT
from rag.index.files import (
    CHROMA,
    PASSAGES,
    SENTENCES,
    VECTORS,
    about,
    read,
    read_manifest,
    read_reviews,
    write_manifest,
)
from rag.index.index import Index
from rag.text import stems
from rag.types import FloatMatrix, FloatVector

NORM_TOLERANCE, TOLERANCE = 1e-3, 1e-4
# Passages that are looked up by their own vector and words: all of a small library, a sample of a large one.
# (That Chroma holds every vector is checked for all of them when it is opened.)
LOOK_UPS = 200
SECONDS_BETWEEN_LOOKS = 0.2


def finish(folder: Path) -> None:
    """Fill, seal and check the index; raises IndexDamaged or OSError."""
    manifest = read_manifest(folder)
    vectors, sentences = read(folder, VECTORS, SENTENCES)
    if manifest.embedder:
        _check_norms(vectors)
        _check_norms(sentences)
        if len(vectors) <= MOST_KEPT:
            passages = Passages(read_reviews(folder), *read(folder, *PASSAGES))
            write_collection(folder / CHROMA, passages, vectors, about(manifest))
        write_manifest(folder, manifest)
    index = Index.open(folder)
    for number in sorted({int(n) for n in np.linspace(0, len(vectors) - 1, LOOK_UPS)}):
        _check_search(index, number, vectors[number])
    index.close()


def _check_norms(vectors: FloatMatrix) -> None:
    # NaN compares false, so that it fails as well; `norm` would copy all vectors.
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    if not np.all(np.abs(norms - 1) < NORM_TOLERANCE):
        raise IndexDamaged("A vector is not of length 1.")


def _check_search(index: Index, number: int, vector: FloatVector) -> None:
    """Look a passage up by its vector and by its words: it must be among the best, or as good as they are."""
    passage = index.passages[number]
    words = stems(passage.text)
    found = [(index.search_lexical(words, 1), float(index.lexical_scores(words, [number])[0]))] if words else []
    if index.manifest.embedder:
        found.append((index.search_dense(vector, 1), 1.0))
    for best, own in found:
        if not best or (best[0][0] != number and best[0][1] < own - TOLERANCE):
            raise IndexDamaged(f"Passage {passage.id} is not found by a search for itself.")


def _end_with(builder: int) -> None:
    while os.getppid() == builder:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=[int(sys.argv[2])], daemon=True).start()
    try:
        finish(Path(sys.argv[1]))
    except (IndexDamaged, OSError) as error:
        sys.exit(str(error))
