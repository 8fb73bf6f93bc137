"""The reviews as they can be asked: read, chunked, indexed, opened."""

from __future__ import annotations

import logging
import shutil
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from rag.chunking import chunk_review
from rag.embedding import MiniLM, load_embedder
from rag.errors import IndexDamaged, ModelMissing, NoReviews
from rag.index import Index
from rag.language import Language
from rag.matching import MEDICAL_KINDS
from rag.questions import Term
from rag.retrieval import Query
from rag.settings import Settings
from rag.sources import read_library
from rag.synonyms import Synonyms
from rag.terms import stems
from rag.types import PROSE, FloatMatrix, Passage, Review, SectionKind

# A word in this many sentences of a review, and in this share of them, is a topic of all of it.
TOPIC_SENTENCES, TOPIC_SHARE = 3, 0.2
log = logging.getLogger(__name__)
Progress = Callable[[int, int], None]


def sources_stamp(settings: Settings) -> str:
    """Return what changes when a file of the sources folder is added, removed or written."""
    try:
        files = sorted(path for path in settings.seeds.rglob("*") if path.is_file())
        return "|".join(f"{path}:{stat.st_size}:{stat.st_mtime_ns}" for path in files for stat in [path.stat()])
    except OSError:
        return ""


def open_library(settings: Settings, on_progress: Progress | None = None) -> Library:
    """Read the sources, build their index unless a sound one is there, and open it.

    `on_progress` is told how many texts are embedded, of how many. Raises NoReviews, IndexBusy and IndexNotWritten;
    without the embedding model the library is searched by words only.
    """
    from rag.building import build_index

    shelf = read_library(settings.seeds)
    for line in shelf.skipped:
        log.warning("skipped %s", line)
    if not shelf.reviews:
        refused = "".join(f" Skipped {line}" for line in shelf.skipped[:5])
        raise NoReviews(
            f"There are no readable reviews in {settings.seeds}. Put .txt or .md files of review papers there.{refused}"
        )
    embedder = _embedder(settings)
    passages = [passage for review in shelf.reviews for passage in chunk_review(review)]
    folder = build_index(shelf.reviews, passages, embedder, settings.data, on_progress)
    try:
        index = Index.open(folder)
    except IndexDamaged as damage:
        log.warning("%s It is built again.", damage)
        shutil.rmtree(folder)
        index = Index.open(build_index(shelf.reviews, passages, embedder, settings.data, on_progress))
    return Library(index, embedder, shelf.skipped)


def _embedder(settings: Settings) -> MiniLM | None:
    try:
        return load_embedder(settings.data / "models")
    except ModelMissing as missing:
        log.warning("%s Search is by words only.", missing)
        return None


@dataclass(frozen=True)
class Library:
    """An open index with what a question needs beside it. `skipped` has one line a file that could not be read."""

    index: Index
    embedder: MiniLM | None
    skipped: tuple[str, ...] = ()

    @property
    def reviews(self) -> tuple[Review, ...]:
        """The reviews in shelf order."""
        return tuple(self.index.reviews.values())

    @cached_property
    def synonyms(self) -> Synonyms:
        """Other names of things: those that the reviews define, and common ones."""
        return Synonyms(review.text for review in self.reviews)

    @cached_property
    def language(self) -> Language:
        """What is known of the language that questions are asked in."""
        return Language(self.embedder.word_pieces() if self.embedder else None)

    @cached_property
    def medical(self) -> FloatMatrix | None:
        """One unit vector for each of MEDICAL_KINDS, None without a model."""
        return self.embed(MEDICAL_KINDS)

    @cached_property
    def _passages(self) -> dict[str, list[Passage]]:
        by_review: dict[str, list[Passage]] = {review.id: [] for review in self.reviews}
        for passage in self.index.passages:
            by_review[passage.review_id].append(passage)
        return by_review

    def topics(self, review: Review) -> frozenset[str]:
        """Return the stems of what a whole review is about: its title, its index terms, the words it keeps using."""
        return self._topics[review.id]

    @cached_property
    def _topics(self) -> dict[str, frozenset[str]]:
        return {review.id: _topics(review, self._passages[review.id]) for review in self.reviews}

    def passages_of(self, review_id: str) -> Sequence[Passage]:
        """Return the passages of a review in reading order."""
        return self._passages[review_id]

    def passage_numbers(self, review_ids: Collection[str], kinds: Collection[SectionKind]) -> list[int]:
        """Return the numbers of the passages of some reviews in sections of some kinds, in order."""
        return [n for n, p in enumerate(self.index.passages) if p.review_id in review_ids and p.kind in kinds]

    def embed(self, texts: Sequence[str]) -> FloatMatrix | None:
        """Return one unit vector a text, or None without a model."""
        return self.embedder.embed(texts) if self.embedder else None

    def alike(self, phrase: str, others: Sequence[str]) -> list[float]:
        """Return the cosine of a phrase to each of several others, rounded so that ties stay; 0 without a model."""
        vectors = self.embed([phrase, *others])
        return [0.0] * len(others) if vectors is None else [round(float(c), 4) for c in vectors[1:] @ vectors[0]]

    def prose(self, review: Review) -> str:
        """Return the title and all that a review says, without the facts of its publication."""
        said = [p.text for p in self._passages[review.id] if p.kind in PROSE]
        return "\n".join([review.title, *said])

    def stems_of(self, review_id: str) -> frozenset[str]:
        """Return the stems of all that a review says."""
        return self._stems[review_id]

    @cached_property
    def _stems(self) -> dict[str, frozenset[str]]:
        return {review.id: frozenset(stems(self.prose(review))) for review in self.reviews}

    def query(self, text: str, terms: Sequence[Term]) -> Query:
        """Return what is searched for a question: the stems of its terms and of what may stand for them, its vector."""
        own = [form for term in terms for form in term.forms]
        others = sorted({form for names in self.synonyms.others(terms) for name in names for form in name})
        vectors = self.embed([text])
        return Query(tuple(dict.fromkeys([*own, *others])), None if vectors is None else vectors[0])


def _topics(review: Review, passages: Sequence[Passage]) -> frozenset[str]:
    spans = {span for passage in passages if passage.kind in PROSE for span in passage.sentences}
    counts = Counter(form for start, end in spans for form in set(stems(review.text[start:end])))
    frequent = {form for form, count in counts.items() if count >= max(TOPIC_SENTENCES, TOPIC_SHARE * len(spans))}
    opening = [review.text[slice(*p.sentences[0])] for p in passages if p.kind in ("abstract", "summary")]
    return frozenset({*stems("\n".join([review.title, *review.mesh, *opening[:2]])), *frequent})
