"""The passages of an index in columns: a hundred thousand open at once, and each is made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from rag.types import Passage, Provenance, Review, SectionKind

IntVector = npt.NDArray[np.int64]
SentenceSpan = tuple[str, int, int]
Place = tuple[str, SectionKind, Provenance]
# A row a passage: the number of its review and of its place, its span there, and how many sentences it has.
ROW = np.dtype([("review", "<i4"), ("place", "<i4"), ("start", "<i4"), ("end", "<i4"), ("sentences", "<i4")])
# A row a sentence of a passage, passage after passage. `number` is that of the distinct sentence: passages overlap.
SENTENCE = np.dtype([("start", "<i4"), ("end", "<i4"), ("number", "<i4")])

# Passages that are kept once they were made: those that a question comes back to.
REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Passages(Sequence[Passage]):
    """The passages of some reviews by their number; `places` are the distinct headings with their kind of section."""

    reviews: Sequence[Review]
    ids: Sequence[str]
    places: Sequence[Place]
    rows: npt.NDArray[Any]
    sentences: npt.NDArray[Any]

    @classmethod
    def of(cls, reviews: Sequence[Review], passages: Sequence[Passage]) -> Passages:
        """Return the same passages in columns; raises KeyError for a passage of another review."""
        numbers = {review.id: number for number, review in enumerate(reviews)}
        places = {place: number for number, place in enumerate(dict.fromkeys(map(_place, passages)))}
        rows = [(numbers[p.review_id], places[_place(p)], p.start, p.end, len(p.sentences)) for p in passages]
        spans = [(numbers[p.review_id], start, end) for p in passages for start, end in p.sentences]
        distinct = {span: number for number, span in enumerate(dict.fromkeys(spans))}
        sentences = [(start, end, distinct[review, start, end]) for review, start, end in spans]
        ids = [passage.id for passage in passages]
        return cls(reviews, ids, list(places), np.array(rows, ROW), np.array(sentences, SENTENCE))

    def joined(self, other: Passages) -> Passages:
        """Return these passages and those of other reviews, which are numbered after them."""
        rows, sentences = other.rows.copy(), other.sentences.copy()
        rows["review"] += len(self.reviews)
        rows["place"] += len(self.places)
        sentences["number"] += self.n_sentences
        return Passages(
            [*self.reviews, *other.reviews],
            [*self.ids, *other.ids],
            [*self.places, *other.places],
            np.concatenate([self.rows, rows]),
            np.concatenate([self.sentences, sentences]),
        )

    def part(self, reviews: IntVector) -> Passages:
        """Return the passages of some reviews, given by their numbers in order, numbered as if there were no others."""
        number = np.full(len(self.reviews), -1)
        number[reviews] = np.arange(len(reviews))
        held = number[self.rows["review"]] >= 0
        rows, sentences = self.rows[held], self.sentences[np.repeat(held, self.rows["sentences"])]
        rows["review"] = number[rows["review"]]
        sentences["number"] = np.unique(sentences["number"], return_inverse=True)[1]
        ids = [self.ids[at] for at in np.flatnonzero(held).tolist()]
        return Passages([self.reviews[at] for at in reviews.tolist()], ids, self.places, rows, sentences)

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, number: int) -> Passage: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Passage]: ...
    def __getitem__(self, number: int | slice) -> Passage | Sequence[Passage]:
        if isinstance(number, slice):
            return tuple(self[at] for at in range(*number.indices(len(self))))
        return self._made(range(len(self))[number])

    @cached_property
    def _made(self) -> Callable[[int], Passage]:
        return lru_cache(maxsize=REMEMBERED)(self._make)

    def _make(self, number: int) -> Passage:
        review, place, start, end, _ = self.rows[number].item()
        heading, kind, provenance = self.places[place]
        spans = self.sentences[self._bounds[number] : self._bounds[number + 1]].tolist()
        return Passage(
            id=self.ids[number],
            review_id=self.reviews[review].id,
            heading=heading,
            kind=kind,
            provenance=provenance,
            start=start,
            end=end,
            text=self.reviews[review].text[start:end],
            sentences=tuple((first, last) for first, last, _ in spans),
        )

    def __iter__(self) -> Iterator[Passage]:
        return (self[number] for number in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def numbers_of(self, review: int) -> IntVector:
        """Return the numbers of the passages of a review, given by its own number, in order."""
        order, bounds = self._by_review
        return order[bounds[review] : bounds[review + 1]]

    def review_numbers(self, review_ids: Iterable[str]) -> set[int]:
        """Return the numbers of the known ones of some reviews."""
        return {self._numbers[name] for name in review_ids if name in self._numbers}

    def of_reviews(self, numbers: Iterable[int]) -> npt.NDArray[np.bool_]:
        """Tell for each passage whether it is of one of some reviews, given by their numbers."""
        asked = np.zeros(len(self.reviews), bool)
        asked[list(numbers)] = True
        return np.asarray(asked[self.rows["review"]])

    def of_kinds(self, kinds: Collection[SectionKind]) -> npt.NDArray[np.bool_]:
        """Tell for each passage whether it is in a section of one of some kinds."""
        asked = np.array([kind in kinds for _, kind, _ in self.places], bool)
        return np.asarray(asked[self.rows["place"]])

    def sentences_of(self, number: int) -> IntVector:
        """Return the numbers of the distinct sentences of a passage, in order."""
        return self.sentences["number"][self._bounds[number] : self._bounds[number + 1]]

    @property
    def n_sentences(self) -> int:
        """How many distinct sentences there are."""
        return len(self._distinct)

    def sentence_texts(self) -> Iterator[str]:
        """Yield the distinct sentences in the order of their numbers."""
        for review, start, end in self._spans.tolist():
            yield self.reviews[review].text[start:end]

    def sentence_reviews(self) -> IntVector:
        """Return the number of the review of each distinct sentence."""
        return self._spans[:, 0]

    def sentence_places(self) -> IntVector:
        """Return the number, in `places`, of the heading of each distinct sentence, and its kind of section."""
        return np.repeat(self.rows["place"], self.rows["sentences"])[self._distinct].astype(np.int64)

    def sentence_kinds(self, kinds: Collection[SectionKind]) -> npt.NDArray[np.bool_]:
        """Tell for each distinct sentence whether it is in a passage of one of some kinds."""
        held = np.zeros(self.n_sentences, bool)
        held[self.sentences["number"][np.repeat(self.of_kinds(kinds), self.rows["sentences"])]] = True
        return held

    def sentence_numbers(self, spans: Sequence[SentenceSpan]) -> IntVector:
        """Return the numbers of sentences; raises KeyError for a span that is no sentence of a passage."""
        return np.array([self._numbered(name)[start, end] for name, start, end in spans], np.int64)

    @cached_property
    def _numbered(self) -> Callable[[str], dict[tuple[int, int], int]]:
        """The numbers of the sentences of a review by their spans; kept of those that a question comes back to."""

        @lru_cache(maxsize=REMEMBERED)
        def numbered(review_id: str) -> dict[tuple[int, int], int]:
            held = [self._bounds[at : at + 2] for at in self.numbers_of(self._numbers[review_id]).tolist()]
            return {(first, last): number for of in held for first, last, number in self.sentences[slice(*of)].tolist()}

        return numbered

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {review.id: number for number, review in enumerate(self.reviews)}

    @cached_property
    def _bounds(self) -> IntVector:
        return np.concatenate([[0], np.cumsum(self.rows["sentences"], dtype=np.int64)])

    @cached_property
    def _by_review(self) -> tuple[IntVector, IntVector]:
        order = np.argsort(self.rows["review"], kind="stable")
        return order, np.searchsorted(self.rows["review"][order], np.arange(len(self.reviews) + 1))

    @cached_property
    def _distinct(self) -> IntVector:
        """The place in `sentences` of each distinct one, by its number: where it stands first."""
        numbers = self.sentences["number"]
        return np.flatnonzero(np.diff(np.maximum.accumulate(numbers), prepend=-1))

    @cached_property
    def _spans(self) -> IntVector:
        """The distinct sentences as rows of review, start, end."""
        reviews = np.repeat(self.rows["review"], self.rows["sentences"])[self._distinct]
        found = self.sentences[self._distinct]
        return np.stack([reviews, found["start"], found["end"]], axis=1).astype(np.int64)


def _place(passage: Passage) -> Place:
    return passage.heading, passage.kind, passage.provenance
