"""Passages as an immutable index on disk: opened once, searched by meaning and by words.

`build_index` (from `rag.building`) makes it, `Index.open` opens it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from rag.building import build_index, fingerprint
from rag.errors import IndexDamaged
from rag.index_files import (
    CHROMA,
    Manifest,
    SentenceSpan,
    read_lexical,
    read_manifest,
    read_texts,
    read_vectors,
    sentence_spans_of,
)
from rag.types import FloatMatrix, FloatVector, Passage, Review
from rag.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from bm25s import BM25

    from rag.chroma import ChromaCopy

__all__ = ["Index", "build_index", "fingerprint"]

# Scores are rounded to this many decimals: the last bits of a float32 product differ between processors, and
# nearly equal scores must keep one order everywhere.
DECIMALS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An open index. Passages are named by their number, the place in `passages`; safe for many reading threads."""

    manifest: Manifest
    reviews: Mapping[str, Review]
    passages: tuple[Passage, ...]
    vocabulary: Vocabulary
    _vectors: FloatMatrix
    _sentences: FloatMatrix
    _rows: Mapping[SentenceSpan, int]
    _lexical: BM25
    _chroma: ChromaCopy | None

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index after checking each of its files; raises IndexDamaged when it must be built again."""
        manifest = read_manifest(folder)
        reviews, passages = read_texts(folder)
        vectors, sentences = read_vectors(folder)
        rows = sentence_spans_of(passages)
        counts = manifest.reviews, manifest.passages, manifest.sentences
        shapes = (manifest.passages, manifest.dimensions), (manifest.sentences, manifest.dimensions)
        if (len(reviews), len(passages), len(rows)) != counts or (vectors.shape, sentences.shape) != shapes:
            raise IndexDamaged(f"The index in {folder} does not hold what its manifest says.")
        chroma = _open_chroma(folder, vectors) if manifest.embedder else None
        vocabulary = load_vocabulary(folder)
        return cls(manifest, reviews, passages, vocabulary, vectors, sentences, rows, read_lexical(folder), chroma)

    def close(self) -> None:
        """Let go of Chroma at once; dense search is over. It happens by itself when nobody holds the index."""
        if self._chroma:
            self._chroma.close()

    def search_dense(
        self, vector: FloatVector, k: int, review_ids: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k passages (number, cosine) of the reviews asked for, best first, ties by number.

        Exact up to 10,000 distinct vectors. Without an embedding model there are none.
        Raises ValueError when the vector has another shape, a norm of 0 or a value that is not finite.
        """
        if self._chroma is None or k < 1:
            return []
        query = self._checked(vector)
        asked = self._asked(review_ids)
        if asked is not None and not asked:
            return []
        numbers = {*self._chroma.nearest(query.astype(np.float32), k, asked), *self._chroma.unreached}
        allowed = [n for n in sorted(numbers) if asked is None or self.passages[n].review_id in asked]
        return _best(allowed, self._products(query, allowed), k)

    def dense_scores(self, vector: FloatVector, numbers: Sequence[int]) -> FloatVector:
        """Return the cosine of the query to each of the passages, shape (len(numbers),); 0 without a model.

        Raises ValueError as `search_dense` does.
        """
        if self._chroma is None:
            return np.zeros(len(numbers), np.float32)
        return self._products(self._checked(vector), numbers)

    def search_lexical(
        self, terms: Sequence[str], k: int, review_ids: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k passages (number, BM25 score) that hold a term, best first, ties by number.

        `terms` are stems as `rag.terms.stems` gives them; one that is given twice counts twice.
        """
        scores = self.lexical_scores(terms)
        asked = self._asked(review_ids)
        found = [int(n) for n in np.flatnonzero(scores) if asked is None or self.passages[n].review_id in asked]
        return _best(found, scores[found], k)

    def lexical_scores(self, terms: Sequence[str], numbers: Sequence[int] | None = None) -> FloatVector:
        """Return the BM25 score of the passages, of all or of those given; 0 or higher, 0 without any term."""
        # Sorted, so that the order of a question's words cannot change the last bits of a sum.
        words = self._lexical.get_tokens_ids(sorted(terms))
        scores = self._lexical.get_scores_from_ids(words) if words else np.zeros(len(self.passages), np.float32)
        return np.round(scores if numbers is None else scores[list(numbers)], DECIMALS)

    def sentence_vectors(self, spans: Sequence[SentenceSpan]) -> FloatMatrix:
        """Return the unit vectors of sentences (review_id, start, end), shape (len(spans), dimensions).

        There are none without an embedding model: shape (len(spans), 0). Raises KeyError for a span that is no
        sentence of a passage.
        """
        return np.array(self._sentences[[self._rows[span] for span in spans]])

    def _asked(self, review_ids: Collection[str] | None) -> frozenset[str] | None:
        """Return the known ones of the reviews asked for, None for all."""
        if review_ids is None or self.reviews.keys() <= set(review_ids):
            return None
        return frozenset(review_ids) & self.reviews.keys()

    def _products(self, query: npt.NDArray[np.float64], numbers: Sequence[int]) -> FloatVector:
        # In float64, where the product of one passage does not depend on which others are asked for with it.
        products = self._vectors[list(numbers)].astype(np.float64) @ query
        return np.round(products, DECIMALS).astype(np.float32)

    def _checked(self, vector: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        query = np.asarray(vector, np.float64)
        norm = float(np.linalg.norm(query))
        if query.shape != (self.manifest.dimensions,) or not np.isfinite(norm) or norm == 0:
            raise ValueError(f"A query vector must have {self.manifest.dimensions} finite numbers, not all 0.")
        return query / norm


def _open_chroma(folder: Path, vectors: FloatMatrix) -> ChromaCopy:
    from rag.chroma import ChromaCopy

    return ChromaCopy(folder / CHROMA, vectors)


def _best(numbers: Sequence[int], scores: FloatVector, k: int) -> list[tuple[int, float]]:
    order = np.lexsort((np.array(numbers), -scores))[: max(k, 0)]
    return [(numbers[i], float(scores[i])) for i in order]
