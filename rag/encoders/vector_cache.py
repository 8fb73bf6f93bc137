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
import numpy.typing as npt

from rag.types import Embedder, FloatMatrix

Progress = Callable[[int, int], None]

ASKED_AT_ONCE = 500  # keys: SQLite takes 999 values in one statement
CHECKPOINT = 256  # texts: a few seconds of work at most are lost to a kill
# How many vectors are kept for each of the current ones, and at least: what was indexed before may come back.
KEPT_FOR_EACH, KEPT_AT_LEAST = 3, 20_000
DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_NORM_TOLERANCE = 2e-3  # of the square of the norm


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
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    try:
        with closing(_open(cache)) as store:
            vectors = _complete(list(numbers), embedder, store, on_progress)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) not in DAMAGED:
            raise OSError(f"{cache.name}: {error}") from error
        cache.unlink()
        return embed_cached(texts, embedder, cache, on_progress)
    return vectors if len(numbers) == len(texts) else vectors[[numbers[text] for text in texts]]


def _open(cache: Path) -> sqlite3.Connection:
    store = sqlite3.connect(cache)
    store.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
    return store


def _complete(
    texts: list[str], embedder: Embedder, store: sqlite3.Connection, on_progress: Progress | None
) -> FloatMatrix:
    keys = [hashlib.sha256(f"{embedder.id}\0{text}".encode("utf-8", "surrogatepass")).digest() for text in texts]
    vectors = np.zeros((len(texts), embedder.dimensions), np.float32)
    known = _read(keys, vectors, store)
    # Texts of one length together: the embedder pads the shorter of a batch.
    missing = sorted(np.flatnonzero(~known).tolist(), key=lambda number: (len(texts[number]), texts[number]))
    report = on_progress or (lambda done, total: None)
    done = len(texts) - len(missing)
    report(done, len(texts))
    for start in range(0, len(missing), CHECKPOINT):
        batch = missing[start : start + CHECKPOINT]
        vectors[batch] = embedder.embed([texts[number] for number in batch])
        with store:
            rows = [(keys[number], vectors[number].astype("<f4").tobytes()) for number in batch]
            store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)
        report(done + start + len(batch), len(texts))
    return vectors


def _read(keys: list[bytes], vectors: FloatMatrix, store: sqlite3.Connection) -> npt.NDArray[np.bool_]:
    """Fill in the vectors that the cache has, and tell which are whole."""
    numbers = {key: number for number, key in enumerate(keys)}
    for start in range(0, len(keys), ASKED_AT_ONCE):
        asked = keys[start : start + ASKED_AT_ONCE]
        marks = ", ".join("?" * len(asked))
        for key, vector in store.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", asked):
            if len(vector) == vectors.itemsize * vectors.shape[1]:
                vectors[numbers[key]] = np.frombuffer(vector, "<f4")
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return np.asarray(np.abs(squares - 1) < _NORM_TOLERANCE)


def prune(cache: Path, current: int) -> None:
    """Drop the oldest vectors when there are many more than the number that is current."""
    kept = KEPT_FOR_EACH * current + KEPT_AT_LEAST
    with suppress(sqlite3.Error), closing(_open(cache)) as store, store:
        store.execute("DELETE FROM vectors WHERE rowid <= (SELECT max(rowid) FROM vectors) - ?", (kept,))
