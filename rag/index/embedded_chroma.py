"""Chroma, embedded: one collection of the unit vectors of a small library, filled once and only read afterwards.

What was measured of chromadb 1.5.9 and shapes this module:

- Opening a Chroma folder changes its files, so the published one is never opened: a reader opens a copy of its own.
- A kill during its synchronisation breaks the folder; so it never synchronises, and builds its graph at opening.
- That graph differs from one opening to the next. A search is repeatable only when it visits every vector: 2 ms for
  1,000, 9 ms for 5,000, 18 ms for 10,000. An opening costs 0.13 s and 5 MB of memory for 1,000. So a large library has
  no Chroma of its own: a scan of 100,000 vectors takes some milliseconds, is exact, and costs an opening nothing.
- Equal vectors tear the graph apart (1,000 equal ones in 10,000: most others are lost), so each is stored once.
"""

from __future__ import annotations

import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import ModuleType
from typing import Any
from weakref import finalize

import numpy as np
from filelock import FileLock, Timeout

from rag.errors import IndexDamaged, IndexNotWritten
from rag.types import FloatMatrix, FloatVector

log = logging.getLogger(__name__)

COLLECTION = "passages"
NEVER = 100_000_000  # vectors before Chroma synchronises its graph to disk
BATCH = 5000  # Chroma refuses more than 5,461 records at once
OLDEST_SQLITE = (3, 35, 0)
# Up to this many distinct vectors an index has a Chroma of its own.
MOST_VECTORS = 5_000
# Chroma's float32 distances differ by up to 7e-7 from NumPy's.
TOLERANCE = 1e-4
COPY, LOCK = "rag-chroma-", ".in-use"
SECONDS_TO_LOCK = 60  # a copy younger than this may not have been locked yet


class ChromaCopy:
    """A private copy of a Chroma folder, opened for searching from several threads."""

    def __init__(self, folder: Path, vectors: FloatMatrix) -> None:
        """Open a copy of the folder, which holds `vectors` (n_passages, dimensions), and check its distances.

        Raises IndexDamaged when Chroma cannot open it or does not hold these vectors.
        """
        self._passages = distinct_rows(vectors)
        with ExitStack() as stack:
            path = stack.enter_context(_private_copy(folder))
            try:
                client = _open_client(path)
                stack.callback(client.close)
                self._collection = client.get_collection(COLLECTION, embedding_function=None)
                self.unreached = self._sweep(vectors)
            except IndexDamaged:
                raise
            # Chroma's errors share no base class but Exception.
            except Exception as error:
                raise IndexDamaged(f"Chroma cannot open {folder}: {error}") from error
            # Close it when nobody holds it any more, and at the end of the process.
            self.close = finalize(self, stack.pop_all().close)

    def nearest(self, vector: FloatVector, k: int) -> list[int]:
        """Return the numbers of passages, unordered, that the k nearest of those that are reached are among.

        `unreached` must be considered as well.
        """
        found = self._collection.query(query_embeddings=vector[None], n_results=min(k, len(self._passages)), include=[])
        return [number for record in found["ids"][0] for number in self._passages[int(record)]]

    def _sweep(self, vectors: FloatMatrix) -> tuple[int, ...]:
        """Ask for all records at once: compare their distances, return the passages that the graph does not reach."""
        if self._collection.count() != len(self._passages):
            raise IndexDamaged(f"Chroma holds {self._collection.count()} of {len(self._passages)} vectors.")
        query = np.array(vectors[0])
        found = self._collection.query(
            query_embeddings=query[None], n_results=len(self._passages), include=["distances"]
        )
        rows = [int(record) for record in found["ids"][0]]
        if len(rows) < len(self._passages):
            log.warning("Chroma reaches %d of %d vectors; searches add the rest.", len(rows), len(self._passages))
        if not np.allclose(1 - np.array(found["distances"][0]), vectors[rows] @ query, atol=TOLERANCE):
            raise IndexDamaged("Chroma holds other vectors than the index.")
        return tuple(sorted(n for record in self._passages.keys() - set(rows) for n in self._passages[record]))


def fill_chroma(folder: Path, vectors: FloatMatrix) -> None:
    """Make a Chroma folder that holds each distinct vector once; none when there are more than MOST_VECTORS."""
    records = list(distinct_rows(vectors))
    if len(records) > MOST_VECTORS:
        return
    graph = {"space": "cosine", "sync_threshold": NEVER, "ef_search": len(records)}
    client = _open_client(folder)
    collection = client.create_collection(COLLECTION, embedding_function=None, configuration={"hnsw": graph})
    for start in range(0, len(records), BATCH):
        batch = records[start : start + BATCH]
        collection.add(ids=[str(record) for record in batch], embeddings=np.array(vectors[batch]))
    client.close()


def distinct_rows(vectors: FloatMatrix) -> dict[int, tuple[int, ...]]:
    """Return the rows that are equal to each distinct one, by the first of them.

    >>> distinct_rows(np.array([[1, 0], [0, 1], [1, 0]], np.float32))
    {0: (0, 2), 1: (1,)}
    """
    rows: dict[bytes, list[int]] = {}
    for number, vector in enumerate(vectors):
        rows.setdefault(vector.tobytes(), []).append(number)
    return {numbers[0]: tuple(numbers) for numbers in rows.values()}


def import_chromadb() -> ModuleType:
    """Import chromadb, which takes a second, also where Python's own SQLite is older than it asks for."""
    # Chroma bundles a recent SQLite of its own but looks at Python's.
    sqlite3.sqlite_version_info = max(sqlite3.sqlite_version_info, OLDEST_SQLITE)  # type: ignore[misc]
    import chromadb

    return chromadb


@contextmanager
def _private_copy(folder: Path) -> Iterator[Path]:
    """Give a copy of a folder in the system's temporary folder; raises IndexNotWritten when there is no room."""
    _sweep_copies(Path(gettempdir()))
    try:
        copy = TemporaryDirectory(prefix=COPY, ignore_cleanup_errors=True)
        with copy, FileLock(Path(copy.name) / LOCK):
            # File by file, because the copy of a read-only file must be writable.
            for source in sorted(folder.rglob("*")):
                target = Path(copy.name) / "chroma" / source.relative_to(folder)
                target.parent.mkdir(exist_ok=True, parents=True)
                if source.is_file():
                    shutil.copyfile(source, target)
            yield Path(copy.name) / "chroma"
    except OSError as error:
        raise IndexNotWritten(f"Chroma could not be copied to {gettempdir()}: {error.strerror or error}.") from error


def _sweep_copies(parent: Path) -> None:
    """Remove the copies of processes that were killed: nobody holds their locks."""
    for left in parent.glob(f"{COPY}*/"):
        with suppress(OSError, Timeout):
            if time.time() - left.stat().st_mtime > SECONDS_TO_LOCK:
                with FileLock(left / LOCK, timeout=0):
                    shutil.rmtree(left, ignore_errors=True)


def _open_client(path: Path) -> Any:
    chromadb = import_chromadb()
    return chromadb.PersistentClient(str(path), settings=chromadb.Settings(anonymized_telemetry=False))
