"""An open index: passages searched by meaning and by words."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from rag.index.columns import IntVector, Passages, SentenceSpan
from rag.index.files import CHROMA, Manifest, about, read, read_manifest, read_reviews
from rag.index.postings import Lexical, Postings
from rag.index.sentence_roles import WHOLE, no_roles
from rag.index.stem_sets import StemSets
from rag.index.vectors import Gathered, GatheredVectors, MappedRows, Rows, ScannedVectors, Vectors
from rag.lexicon import Names
from rag.text import Vocabulary, load_vocabulary
from rag.types import FloatMatrix, FloatVector, Review

if TYPE_CHECKING:
    from rag.index.remote.server import ChromaServer
    from rag.index.remote.vectors import ServedVectors

# Scores are rounded to this many decimals: the last bits of a float32 product differ between processors, and
# nearly equal scores must keep one order everywhere.
DECIMALS = 6
# What the title of a review adds to the sense of each of its sentences, whose own vector counts 1.
TITLE_SHARE = 0.4
# Stems that are searched, with their weights or each as often as it counts.
Terms = Mapping[str, float] | Sequence[str]
# Vectors that are multiplied in float64 at a time.
BLOCK = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """An open index. Passages are named by their number, the place in `passages`; safe for many reading threads."""

    manifest: Manifest
    reviews: Mapping[str, Review]
    passages: Passages
    vocabulary: Vocabulary
    topics: StemSets
    titled: StemSets
    openings: StemSets
    _names: Sequence[Sequence[Names]]
    _stems: StemSets
    _vectors: Vectors
    _sentences: Rows
    _titles: Rows
    _roles: Rows
    _lexical: Lexical

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open an index after checking each of its files; raises IndexDamaged when it must be built again."""
        manifest, reviews, vocabulary = read_manifest(folder), read_reviews(folder), load_vocabulary(folder)
        passages = Passages(reviews, *(read(folder, name) for name in ("ids", "places", "rows", "spans")))
        stems = (read(folder, name) for name in ("sentence_stems", "sentence_stems_bounds"))
        return cls(
            manifest=manifest,
            reviews={review.id: review for review in reviews},
            passages=passages,
            vocabulary=vocabulary,
            topics=read(folder, "topics", StemSets),
            titled=read(folder, "titled", StemSets),
            openings=read(folder, "openings", StemSets),
            _names=read(folder, "names"),
            _stems=StemSets([*vocabulary.frequency], *stems),
            _vectors=_searched(folder / CHROMA, passages, read(folder, "vectors")),
            _sentences=MappedRows(folder / "sentences.npy"),
            _titles=MappedRows(folder / "titles.npy"),
            _roles=read(folder, "roles"),
            _lexical=Lexical((read(folder, "postings", Postings),)),
        )

    def joined(self, other: Self) -> Self:
        """Return this index and another one as one; what the other holds comes after what this one does.

        It answers as one that was built of the reviews of both, but for what that would make of equal scores. Raises
        ValueError where they hold one review, or vectors of different models.
        """
        one, two = self.manifest, other.manifest
        if one.embedder != two.embedder or self.reviews.keys() & other.reviews.keys():
            raise ValueError("Only indexes of different reviews with vectors of one model can be joined.")
        return replace(
            self,
            manifest=replace(one, fingerprint=_fingerprint(one.fingerprint, two.fingerprint)),
            reviews={**self.reviews, **other.reviews},
            passages=self.passages.joined(other.passages),
            vocabulary=self.vocabulary.joined(other.vocabulary),
            topics=self.topics.joined(other.topics),
            titled=self.titled.joined(other.titled),
            openings=self.openings.joined(other.openings),
            _names=[*self._names, *other._names],
            _stems=self._stems.joined(other._stems),
            _vectors=GatheredVectors(self._vectors, other._vectors),
            _sentences=Gathered(self._sentences, other._sentences),
            _titles=Gathered(self._titles, other._titles),
            _roles=Gathered(self._roles, other._roles),
            _lexical=self._lexical.joined(other._lexical),
        )

    def without(self, review_ids: AbstractSet[str]) -> Self:
        """Return this index without some of its reviews.

        It answers as one that was built of the others, but for words whose stem others have: their spellings stay.
        """
        gone = self.passages.review_numbers(review_ids)
        kept = np.setdiff1d(np.arange(len(self.reviews)), [*gone])
        asked, of_gone = self.passages.of_reviews(kept), np.isin(self.passages.sentence_reviews(), [*gone])
        sentences, left_out = np.flatnonzero(~of_gone), np.flatnonzero(of_gone)
        fingerprint = _fingerprint(self.manifest.fingerprint, *sorted(review_ids))
        return replace(
            self,
            manifest=replace(self.manifest, fingerprint=fingerprint),
            reviews={name: review for name, review in self.reviews.items() if name not in review_ids},
            passages=self.passages.part(kept),
            vocabulary=self.vocabulary.without(len(left_out), self._stems.part(left_out).frequency()),
            topics=self.topics.part(kept),
            titled=self.titled.part(kept),
            openings=self.openings.part(kept),
            _names=[self._names[at] for at in kept.tolist()],
            _stems=self._stems.part(sentences),
            _vectors=GatheredVectors(self._vectors, kept=np.flatnonzero(asked)),
            _sentences=Gathered(self._sentences, kept=sentences),
            _titles=Gathered(self._titles, kept=kept),
            _roles=Gathered(self._roles, kept=sentences),
            _lexical=self._lexical.part(asked),
        )

    @property
    def names(self) -> list[Names]:
        """The names of the same thing that the reviews define, in order."""
        return sorted({(tuple(one), tuple(other)) for of_one in self._names for one, other in of_one})

    def served(self, server: ChromaServer) -> tuple[Self, ServedVectors]:
        """Return this index searched by what a server holds of it, and what brings it there."""
        from rag.index.collection import Searchable
        from rag.index.remote.vectors import ServedVectors

        vectors = ServedVectors(server, self.manifest, Searchable(self.passages), self._vectors)
        return replace(self, _vectors=vectors), vectors

    def by_words(self) -> Self:
        """Return the same index without its vectors: it finds words only."""
        manifest = replace(self.manifest, embedder=None, dimensions=0)
        counts = len(self.passages), self.passages.n_sentences, len(self.reviews)
        vectors, sentences, titles = (np.empty((count, 0), np.float32) for count in counts)
        return replace(
            self,
            manifest=manifest,
            _vectors=ScannedVectors(vectors),
            _sentences=sentences,
            _titles=titles,
            _roles=no_roles(self.passages.n_sentences),
        )

    def write_collection(self, folder: Path) -> None:
        """Write the passages into a collection of Chroma's in a new folder."""
        from rag.index.collection import write_collection

        write_collection(folder, self.passages, self._vectors, about(self.manifest))

    def close(self) -> None:
        """Let go of Chroma at once; dense search is over. It happens by itself when nobody holds the index."""
        self._vectors.close()

    def search_dense(
        self, vector: FloatVector, k: int, review_ids: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k passages (number, cosine) of the reviews asked for, best first, ties by number.

        Exact, in a library of any size. Without an embedding model there are none.
        Raises ValueError when the vector has another shape, a norm of 0 or a value that is not finite.
        """
        if not self.manifest.embedder or k < 1:
            return []
        query = self._checked(vector)
        asked = self._asked(review_ids)
        if asked is not None and not asked.any():
            return []
        numbers = self._vectors.nearest(query.astype(np.float32), k, asked)
        return _best(numbers, self._products(query, numbers), k)

    def dense_scores(self, vector: FloatVector, numbers: Sequence[int]) -> FloatVector:
        """Return the cosine of the query to each of the passages, shape (len(numbers),); 0 without a model.

        Raises ValueError as `search_dense` does.
        """
        if not self.manifest.embedder:
            return np.zeros(len(numbers), np.float32)
        return self._products(self._checked(vector), np.asarray(numbers, np.int64))

    def search_lexical(
        self, terms: Terms, k: int, review_ids: Collection[str] | None = None
    ) -> list[tuple[int, float]]:
        """Return up to k passages (number, BM25 score) that hold a term, best first, ties by number.

        `terms` are stems as `rag.text.terms.stems` gives them, with weights; one that is listed twice counts twice.
        """
        scores = self.lexical_scores(terms)
        asked = self._asked(review_ids)
        found = np.flatnonzero(scores if asked is None else scores * asked)
        return _best(found, scores[found], k)

    def lexical_scores(self, terms: Terms, numbers: Sequence[int] | None = None) -> FloatVector:
        """Return the BM25 score of the passages, of all or of those given; 0 or higher, 0 without any term."""
        scores = np.zeros(len(self.passages), np.float32)
        # Sorted, so that the order of a question's words cannot change the last bits of a sum.
        for term, weight in sorted(Counter(terms).items()):
            holding, shares = self._lexical.scores(term)
            scores[holding] += np.float32(weight) * shares
        return np.round(scores if numbers is None else scores[np.asarray(numbers, np.int64)], DECIMALS)

    def reviews_with(self, term: str) -> list[str]:
        """Return the ids of the reviews with a passage that holds a stem, in the order of the index."""
        numbers = np.unique(self.passages.rows["review"][self._lexical.scores(term)[0]])
        return [self.passages.reviews[number].id for number in numbers.tolist()]

    def sentence_scores(self, vector: FloatVector, numbers: Sequence[int]) -> FloatVector:
        """Return the cosine of the query to the best sentence of each passage, read under its title; 0 without a model.

        Shape (len(numbers),). Raises ValueError as `search_dense` does.
        """
        if not self.manifest.embedder or not len(numbers):
            return np.zeros(len(numbers), np.float32)
        query = self._checked(vector)
        sentences = [self.passages.sentences_of(number) for number in numbers]
        sizes = [len(rows) for rows in sentences]
        titles = np.repeat(self._titles[self.passages.rows["review"][list(numbers)]], sizes, axis=0)
        in_context = self._sentences[np.concatenate(sentences)].astype(np.float64) + TITLE_SHARE * titles
        cosines = np.vecdot(in_context, query) / np.linalg.norm(in_context, axis=1)
        best = np.maximum.reduceat(cosines, np.cumsum([0, *sizes[:-1]]))
        return np.round(best, DECIMALS).astype(np.float32)

    def sentence_vectors(self, spans: Sequence[SentenceSpan]) -> FloatMatrix:
        """Return the unit vectors of sentences (review_id, start, end), shape (len(spans), dimensions).

        There are none without an embedding model: shape (len(spans), 0). Raises KeyError for a span that is no
        sentence of a passage.
        """
        return self._sentences[self.passages.sentence_numbers(spans)]

    def title_vectors(self, review_ids: Sequence[str]) -> FloatMatrix:
        """Return the unit vectors of the titles of reviews, shape (len(review_ids), dimensions or 0)."""
        numbers = [number for review_id in review_ids for number in self.passages.review_numbers([review_id])]
        return self._titles[np.array(numbers, np.int64)]

    def sentence_traits(self, spans: Sequence[SentenceSpan]) -> FloatMatrix:
        """Return how likely each of TRAITS is for sentences (review_id, start, end), shape (len(spans), len(TRAITS)).

        The roles of each sum to about 1; all is 0 without an embedding model, or with another than the weights were
        learned from. Raises KeyError as above.
        """
        return np.float32(1 / WHOLE) * self._roles[self.passages.sentence_numbers(spans)]

    def sentence_stems(self, spans: Sequence[SentenceSpan]) -> list[frozenset[str]]:
        """Return the stems of sentences, as `rag.text.terms.stem_set` gives them; raises KeyError as above."""
        return [self._stems[number] for number in self.passages.sentence_numbers(spans).tolist()]

    def _asked(self, review_ids: Collection[str] | None) -> npt.NDArray[np.bool_] | None:
        """Tell for each passage whether it is of a review asked for; None for all."""
        # Most questions are put to the whole shelf, in its order: quick to see.
        if review_ids is None or [*review_ids] == [*self.reviews]:
            return None
        numbers = self.passages.review_numbers(review_ids)
        return None if len(numbers) == len(self.reviews) else self.passages.of_reviews(numbers)

    def _products(self, query: npt.NDArray[np.float64], numbers: IntVector) -> FloatVector:
        # Row by row, so that the product of one passage does not depend on which others are asked for with it.
        blocks = [numbers[at : at + BLOCK] for at in range(0, len(numbers), BLOCK)]
        products = [np.vecdot(self._vectors[block].astype(np.float64), query) for block in blocks]
        return np.round(np.concatenate([np.empty(0), *products]), DECIMALS).astype(np.float32)

    def _checked(self, vector: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
        query = np.asarray(vector, np.float64)
        norm = float(np.linalg.norm(query))
        if query.shape != (self.manifest.dimensions,) or not np.isfinite(norm) or norm == 0:
            raise ValueError(f"A query vector must have {self.manifest.dimensions} finite numbers, not all 0.")
        return query / norm


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]


def _searched(chroma: Path, passages: Passages, vectors: FloatMatrix) -> Vectors:
    if not chroma.exists():
        return ScannedVectors(vectors)
    from rag.index.embedded_chroma import ChromaVectors

    return ChromaVectors(chroma, passages, vectors)


def _best(numbers: IntVector, scores: FloatVector, k: int) -> list[tuple[int, float]]:
    """Return the k best of some passages, given in order, with their scores."""
    if 0 < k < len(scores):
        # Only these are sorted: nearly all passages hold a common word.
        among = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
        numbers, scores = numbers[among], scores[among]
    order = np.argsort(-scores, kind="stable")[: max(k, 0)]
    return list(zip(numbers[order].tolist(), scores[order].tolist(), strict=True))
