"""The index of some reviews: found, built, or grown by another beside it that holds what was added."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from rag.encoders import MiniLM
from rag.errors import IndexDamaged
from rag.index import PREFIX, Index, build_index, makers
from rag.text import CHUNKER_VERSION, chunk_review
from rag.types import Review

# An index of so many passages grows by another beside it, until that one has this share of its passages.
LARGE, GROWTH = 2_000, 0.25
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indexer:
    """What makes indexes in a folder; `on_progress` is told how many texts are embedded, of how many."""

    data: Path
    embedder: MiniLM | None
    on_progress: Callable[[int, int], None] | None = None

    def index(self, reviews: Sequence[Review], before: Sequence[str] = ()) -> tuple[Index, tuple[str, ...]]:
        """Return the index of some reviews and the names of its folders; those `before` may be a part of it.

        Raises NoReviews, IndexBusy and IndexNotWritten.
        """
        base = self._base(before[0]) if before else None
        added = _added(reviews, base) if base else None
        if base and added is not None:
            name = f"{PREFIX}{base.manifest.fingerprint}"
            if not added:
                return base, (name,)
            passages = sum(len(chunk_review(review)) for review in added)
            if 0 < passages <= GROWTH * len(base.passages):
                grown, folder = self._built(added, beside=self.data / name)
                return base.joined(grown), (name, folder)
        if base:
            base.close()
        index, folder = self._built(reviews)
        return index, (folder,)

    def opened(self, folders: Sequence[str]) -> Index:
        """Return the index in these folders, one after the other; raises IndexDamaged."""
        return reduce(Index.joined, [Index.open(self.data / folder) for folder in folders])

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


def _added(reviews: Sequence[Review], base: Index) -> list[Review] | None:
    """Return the reviews that an index does not hold, None where it holds one that is gone or has changed."""
    held = {review.id: review for review in reviews if review.id in base.reviews}
    return [review for review in reviews if review.id not in held] if held == base.reviews else None
