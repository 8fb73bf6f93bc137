"""Vectors that were computed before, by the content of their texts: nothing is embedded twice.

A file of SQLite beside the indexes. It is written after every few texts, so a build that was killed goes on where
it stood; losing or damaging it costs nothing but time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.types import Embedder, FloatMatrix, FloatVector

Progress = Callable[[int, int], None]

CHECKPOINT = 256  # texts: a few seconds of work at most are lost to a kill
# How many vectors are kept for each of the current ones, and at least: what was indexed before may come back.
KEPT_FOR_EACH, KEPT_AT_LEAST = 3, 20_000
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NORM_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True)
class CachedEmbedder:
    """An embedder that looks into a cache first, and tells `on_progress` how many texts are done, of how many."""

    embedder: Embedder
    cache: Path
    on_progress: Progress | None = None

    @property
    def id(self) -> str:
        """The id of the embedder itself."""
        return self.embedder.id

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self.embedder.dimensions

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text; raises OSError when the disk is full."""
        return embed_cached(texts, self.embedder, self.cache, self.on_progress)


def embed_cached(
    texts: Sequence[str], embedder: Embedder, cache: Path, on_progress: Progress | None = None
) -> FloatMatrix:
    """Return one unit vector a text, shape (len(texts), dimensions), embedding only texts that are not in the cache.

    `on_progress` is told how many distinct texts are done, of how many. Raises OSError when the disk is full.
    """
    keys = {text: hashlib.sha256(f"{embedder.id}\0{text}".encode("utf-8", "surrogatepass")).digest() for text in texts}
    try:
        with closing(_open(cache)) as store:
            vectors = _complete(keys, embedder, store, on_progress)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) not in DAMAGED:
            raise OSError(f"{cache.name}: {error}") from error
        cache.unlink()
        return embed_cached(texts, embedder, cache, on_progress)
    rows = [vectors[keys[text]] for text in texts]
    return np.array(rows, np.float32).reshape(len(texts), embedder.dimensions)


def _open(cache: Path) -> sqlite3.Connection:
    store = sqlite3.connect(cache)
    store.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
    return store


def _complete(
    keys: dict[str, bytes], embedder: Embedder, store: sqlite3.Connection, on_progress: Progress | None
) -> dict[bytes, FloatVector]:
    known = _known(set(keys.values()), embedder.dimensions, store)
    missing = sorted((text for text, key in keys.items() if key not in known), key=lambda text: (len(text), text))
    report = on_progress or (lambda done, total: None)
    report(len(known), len(keys))
    for start in range(0, len(missing), CHECKPOINT):
        batch = missing[start : start + CHECKPOINT]
        fresh = {keys[text]: vector for text, vector in zip(batch, embedder.embed(batch), strict=True)}
        with store:
            rows = [(key, vector.astype("<f4").tobytes()) for key, vector in fresh.items()]
            store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        known |= fresh
        report(len(known), len(keys))
    return known


def _known(keys: set[bytes], dimensions: int, store: sqlite3.Connection) -> dict[bytes, FloatVector]:
    found = {}
    for key in keys:
        row = store.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
        vector = np.frombuffer(row[0], "<f4") if row and len(row[0]) == 4 * dimensions else None
        if vector is not None and abs(np.linalg.norm(vector) - 1) < _NORM_TOLERANCE:
            found[key] = vector
    return found


def prune(cache: Path, current: int) -> None:
    """Drop the oldest vectors when there are many more than the number that is current."""
    kept = KEPT_FOR_EACH * current + KEPT_AT_LEAST
    with suppress(sqlite3.Error), closing(_open(cache)) as store, store:
        store.execute("DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?", (kept,))
