"""The index of some reviews: found, built, or one that is there, without what is gone, and another beside it."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from pydantic import BaseModel, Field

from rag.errors import IndexDamaged
from rag.index import PREFIX, Index, build_index, makers
from rag.text import CHUNKER_VERSION, chunk_review
from rag.types import Embedder, Review

# An index of so many passages is taken up again, until this share of them is new or gone.
LARGE, GROWTH = 2_000, 0.25
log = logging.getLogger(__name__)


class Parts(BaseModel):
    """The folders of an index, one after the other, and the ids of the reviews of the first that are not asked."""

    folders: tuple[str, ...] = Field(min_length=1)
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indexer:
    """What makes indexes in a folder; `on_progress` is told how many texts are embedded, of how many."""

    data: Path
    embedder: Embedder | None
    on_progress: Callable[[int, int], None] | None = None

    def index(self, reviews: Sequence[Review], before: Parts | None = None) -> tuple[Index, Parts]:
        """Return the index of some reviews and its parts; the first of those `before` may be one of them.

        Raises NoReviews, IndexBusy and IndexNotWritten.
        """
        base = self._base(before.folders[0]) if before else None
        if base:
            now = {review.id: review for review in reviews}
            gone = tuple(name for name, review in base.reviews.items() if now.get(name) != review)
            added = [review for review in reviews if review.id not in base.reviews or review.id in gone]
            new = sum(len(chunk_review(review)) for review in added)
            old = int(base.passages.of_reviews(base.passages.review_numbers(gone)).sum())
            if new + old <= GROWTH * len(base.passages) and bool(new) == bool(added):
                name = f"{PREFIX}{base.manifest.fingerprint}"
                beside = [self._built(added, beside=self.data / name)] if added else []
                parts = Parts(folders=(name, *(folder for _, folder in beside)), gone=gone)
                return _joined([base, *(index for index, _ in beside)], gone), parts
            base.close()
        index, folder = self._built(reviews)
        return index, Parts(folders=(folder,))

    def opened(self, parts: Parts) -> Index:
        """Return the index of these parts; raises IndexDamaged."""
        return _joined([Index.open(self.data / folder) for folder in parts.folders], parts.gone)

    def _base(self, folder: str) -> Index | None:
        """Return an index if it is large, sound, and as it would be built today."""
        try:
            index = Index.open(self.data / folder)
        except IndexDamaged:
            return None
        today = makers(CHUNKER_VERSION, self.embedder.id if self.embedder else None)
        if index.manifest.makers == today and len(index.passages) >= LARGE:
            return index
        index.close()
        return None

    def _built(self, reviews: Sequence[Review], beside: Path | None = None) -> tuple[Index, str]:
        """Return an open index and the name of its folder; one that is found damaged is built again."""
        passages = [passage for review in reviews for passage in chunk_review(review)]

        def build() -> Path:
            return build_index(reviews, passages, self.embedder, self.data, self.on_progress, beside=beside)

        folder = build()
        try:
            return Index.open(folder), folder.name
        except IndexDamaged as damage:
            log.warning("%s It is built again.", damage)
            shutil.rmtree(folder)
            return Index.open(build()), folder.name


def _joined(indexes: Sequence[Index], gone: Sequence[str]) -> Index:
    base, *beside = indexes
    return reduce(Index.joined, beside, base.without({*gone}) if gone else base)
