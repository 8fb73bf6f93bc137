"""The reviews as they can be asked: an open index with what a question needs beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rag.encoders import MiniLM, Reader
from rag.index import Index
from rag.lexicon import Synonyms
from rag.shelf.catalogue import Catalogue
from rag.shelf.kept_facts import KeptFacts
from rag.shelf.paper_facts import PaperFacts, paper_facts
from rag.shelf.versions import changed, spoken_for
from rag.sources import FileReport
from rag.text import Language, stems
from rag.types import PROSE, TRAITS, FloatMatrix, FloatVector, Passage, Review, SectionKind, Span

if TYPE_CHECKING:
    from rag.index import ServedVectors

# Reviews whose stems are kept once they were asked for: a comparison asks again for each of its aspects.
REMEMBERED = 1024
# The meanings of the words of so many sentences: 100 KB each.
MEANINGS = 256
# Of a sentence: how likely it is on what was done or found, from which on it is the paper's own.
OWN = 0.5
# Of more papers than this it is not read what they are.
CALLED = 20


@dataclass(frozen=True)
class Library:
    """An open index with what a question needs beside it, and a report of each file of its folder.

    `vectors` are those of the index when they are on a server, which may be away; `reader` is None where it cannot be
    used; `kept` are the facts of papers that were gone through before.
    """

    index: Index
    embedder: MiniLM | None
    files: tuple[FileReport, ...] = ()
    vectors: ServedVectors | None = None
    reader: Reader | None = None
    kept: KeptFacts | None = None

    @cached_property
    def reviews(self) -> Catalogue:
        """The reviews in shelf order."""
        index = self.index
        return Catalogue(index.reviews.values(), index.reviews_with, (index.titled, index.openings))

    @cached_property
    def spoken_for(self) -> Mapping[str, str]:
        """By id, for each review of which another version is asked, the id of that one."""
        return spoken_for(self.reviews)

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each file, and each record of a file, that could not be read."""
        return tuple(line for file in self.files for line in file.refused)

    @cached_property
    def by_words(self) -> Library:
        """The same reviews, searched by words only: for the time in which the vectors are away."""
        return Library(self.index.by_words(), None, self.files, reader=self.reader, kept=self.kept)

    @cached_property
    def without_reader(self) -> Library:
        """The same reviews, judged by words and sense alone: for the time in which the reader's files are gone."""
        return replace(self, reader=None)

    @cached_property
    def synonyms(self) -> Synonyms:
        """Other names of things: those that the reviews define, and common ones."""
        return Synonyms(self.index.names)

    @cached_property
    def language(self) -> Language:
        """What is known of the language that questions are asked in."""
        return Language(self.embedder.word_pieces() if self.embedder else None)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {review.id: number for number, review in enumerate(self.reviews)}

    def topics(self, review: Review) -> frozenset[str]:
        """Return the stems of what a whole review is about: its title, its index terms, the words it keeps using."""
        return self.index.topics[self._numbers[review.id]]

    def facts(self, review: Review) -> PaperFacts:
        """Return what a paper states of itself: design, participants, registration, places, funding."""
        return self._facts(review.id)

    @cached_property
    def _facts(self) -> Callable[[str], PaperFacts]:
        @cache
        def facts(review_id: str) -> PaperFacts:
            review, sense = self.index.reviews[review_id], self.embedder is not None
            if self.kept and (found := self.kept.find(review, sense)):
                return found
            spans = [span for passage in self.passages_of(review_id) for span in passage.sentences]
            own = {span for span, traits in zip(spans, self._traits(review_id, spans), strict=True) if traits}
            read = paper_facts(review, own.__contains__)
            if self.kept:
                self.kept.keep(review, sense, read)
            return read

        return facts

    @cached_property
    def places(self) -> tuple[str, ...]:
        """The names of the places that papers state, each once."""
        return tuple(sorted({fact.value for review in self.reviews for fact in self.facts(review).places}))

    def keep_facts(self) -> None:
        """Go through the papers that are new, and keep what they state: the first question on it need not."""
        if self.kept:
            for review in self.reviews:
                self.facts(review)
            self.kept.write(len(self.reviews))

    def changed(self, review: Review) -> list[str]:
        """Return what the version of a review that is asked in its place states otherwise: nothing where none is."""
        other = self.index.reviews.get(self.spoken_for.get(review.id, ""))
        if other is None:
            return []
        first, last = sorted((review, other), key=lambda one: (one.status != "preprint", one.year or 0, one.doi or ""))
        return changed((first, self.facts(first)), (last, self.facts(last)))

    def called(self, reviews: Sequence[Review]) -> str:
        """Return what some papers are together, in the plural: trials, studies, papers, or reviews as all are here."""
        if len(reviews) > CALLED:
            return "papers"
        facts = [self.facts(review) for review in reviews]
        if not any(one.is_study for one in facts):
            return "reviews"
        kinds = {one.kind for one in facts}
        return "trials" if kinds == {"trial"} else "studies" if kinds <= {"trial", "study"} else "papers"

    def _traits(self, review_id: str, spans: Sequence[Span]) -> Sequence[bool]:
        """Tell which sentences are on what a paper did or found; all where roles are not known."""
        traits = self.index.sentence_traits([(review_id, *span) for span in spans])
        own = traits[:, [TRAITS.index("method"), TRAITS.index("result")]].sum(axis=1)
        return [True] * len(spans) if not traits.any() else (own > OWN).tolist()

    def passages_of(self, review_id: str) -> Sequence[Passage]:
        """Return the passages of a review in reading order."""
        passages = self.index.passages
        return [passages[number] for number in passages.numbers_of(self._numbers[review_id]).tolist()]

    def passage_numbers(self, review_ids: Collection[str], kinds: Collection[SectionKind]) -> list[int]:
        """Return the numbers of the passages of some reviews in sections of some kinds, in order."""
        passages = self.index.passages
        asked = passages.of_reviews(passages.review_numbers(review_ids)) & passages.of_kinds(kinds)
        return np.flatnonzero(asked).tolist()

    def embed(self, texts: Sequence[str]) -> FloatMatrix | None:
        """Return one unit vector a text, or None without a model."""
        return self._embed(tuple(texts)) if self.embedder else None

    @cached_property
    def _embed(self) -> Callable[[tuple[str, ...]], FloatMatrix]:
        """Embed texts, or remember them: the parts of a question ask for the same ones again.

        Only the very same texts together, because those beside a text change the last bits of its vector.
        """

        @lru_cache(maxsize=128)
        def embed(texts: tuple[str, ...]) -> FloatMatrix:
            assert self.embedder
            vectors = self.embedder.embed(texts)
            vectors.flags.writeable = False
            return vectors

        return embed

    def in_context(self, text: str, spans: tuple[Span, ...]) -> tuple[FloatVector, FloatMatrix]:
        """Return the vector of a question, and what its words mean in it; there must be a model."""
        vectors = self.embed([text])
        assert vectors is not None
        return vectors[0], self.meanings(text, spans)

    def meanings(self, text: str, spans: tuple[Span, ...]) -> FloatMatrix:
        """Return what some words mean in their text, see `MiniLM.in_context`; there must be a model."""
        return self._in_context((text, spans))

    @cached_property
    def _in_context(self) -> Callable[[tuple[str, tuple[Span, ...]]], FloatMatrix]:
        assert self.embedder
        embedder = self.embedder
        return lru_cache(maxsize=MEANINGS)(lambda asked: embedder.in_context(*asked))

    def alike(self, phrase: str, others: Sequence[str]) -> list[float]:
        """Return the cosine of a phrase to each of several others, rounded so that ties stay; 0 without a model."""
        vectors = self.embed([phrase, *others])
        return [0.0] * len(others) if vectors is None else [round(float(c), 4) for c in vectors[1:] @ vectors[0]]

    def prose(self, review: Review) -> str:
        """Return the title and all that a review says, without the facts of its publication."""
        prose = [p.text for p in self.passages_of(review.id) if p.kind in PROSE]
        return "\n".join([review.title, *prose])

    def stems_of(self, review_id: str) -> frozenset[str]:
        """Return the stems of all that a review says."""
        return self._stems_of(review_id)

    @cached_property
    def _stems_of(self) -> Callable[[str], frozenset[str]]:
        return lru_cache(maxsize=REMEMBERED)(
            lambda review_id: frozenset(stems(self.prose(self.index.reviews[review_id])))
        )
