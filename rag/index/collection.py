"""The passages of an index as a collection of Chroma's that means something to whoever opens it, and how it is asked.

A record is a passage: its id, its exact wording as the document, where it stands and in what paper as metadata, and the
vector that it is searched by. The metadata of the collection name the embedder and the format.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from rag.errors import IndexDamaged
from rag.index.columns import Passages
from rag.index.vectors import TOLERANCE, Rows
from rag.text import in_context
from rag.types import FloatVector, Passage, Review

if TYPE_CHECKING:
    from chromadb import Collection

COLLECTION = "passages"
# Up to this many passages a search visits all of them, which makes it exact. Beyond, it visits so many, and misses 4 of
# 40,000 that are among the nearest 200 (50,000 passages).
EXHAUSTIVE, VISITED = 10_000, 2_000
# More are asked for than are wanted: Chroma's float32 distances differ by up to 7e-7 from the products that decide, so
# that the last ones may have changed places.
SPARE = 20
BATCH = 5000  # Chroma refuses more than 5,461 records at once
OLDEST_SQLITE = (3, 35, 0)
Record = TypeVar("Record", int, str)


class Searchable:
    """The passages of a collection, and what is known of how they are found in it."""

    def __init__(self, passages: Passages) -> None:
        """Note which passages are searched by the same text: they are equally near to anything."""
        by_text: dict[str, list[int]] = {}
        for number in range(len(passages)):
            by_text.setdefault(self.text(passages, number), []).append(number)
        self.passages = passages
        self.numbers = {id: number for number, id in enumerate(passages.ids)}
        # What is the same again comes last: a thousand equal vectors amid the others would tear the graph apart.
        self.order = [numbers[0] for numbers in by_text.values()]
        self.order += [number for numbers in by_text.values() for number in numbers[1:]]
        self._alike = {number: numbers for numbers in by_text.values() if len(numbers) > 1 for number in numbers}

    @staticmethod
    def text(passages: Passages, number: int) -> str:
        """Return what a passage is searched by, and embedded as."""
        return in_context(passages[number], passages.reviews[passages.rows["review"][number]].title)

    def said(self, number: int) -> tuple[dict[str, str | int], str]:
        """Return the metadata and the document of a passage."""
        passage = self.passages[number]
        return described(passage, self.passages.reviews[self.passages.rows["review"][number]]), passage.text

    def records(self, numbers: Sequence[int], vectors: Rows) -> dict[str, Any]:
        """Return some passages as a collection takes them."""
        said = [self.said(number) for number in numbers]
        return {
            "ids": [self.passages.ids[number] for number in numbers],
            "documents": [text for _, text in said],
            "metadatas": [known for known, _ in said],
            "embeddings": np.array(vectors[np.array(numbers)], np.float32),
        }

    def nearest(self, collection: Collection, vector: FloatVector, k: int) -> set[int]:
        """Return the numbers of passages that the k nearest, which its graph reaches, are among.

        Raises IndexDamaged where others are among them.
        """
        found = collection.query(vector[None], n_results=min(k + SPARE, len(self.passages)), include=[])["ids"][0]
        if not self.numbers.keys() >= {*found}:
            raise IndexDamaged("Chroma holds other passages than the index.")
        numbers = [self.numbers[id] for id in found]
        return {each for number in numbers for each in self._alike.get(number, (number,))}

    def unreached(self, collection: Collection, vectors: Rows) -> frozenset[int]:
        """Ask for all passages at once; return those that the graph does not reach.

        Raises IndexDamaged where one is not there, or has another distance than its vector.
        """
        query, count = np.array(vectors[np.array([0])][0]), collection.count()
        found = collection.query(query[None], n_results=count, include=["distances"])
        distances = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
        held = {self.numbers[id]: distance for id, distance in distances if id in self.numbers}
        unreached = frozenset(range(len(self.passages))) - held.keys()
        ids = [self.passages.ids[number] for number in sorted(unreached)]
        if ids and len(collection.get(ids, include=[])["ids"]) < len(ids):
            raise IndexDamaged(f"Chroma does not hold all of {len(self.passages)} passages.")
        products = np.vecdot(np.asarray(vectors[np.array([*held])], np.float32), query)
        if not np.allclose(1 - np.array([*held.values()]), products, atol=TOLERANCE):
            raise IndexDamaged("Chroma holds other vectors than the index.")
        return unreached


def write_collection(folder: Path, passages: Passages, vectors: Rows, about: Mapping[str, str | int]) -> None:
    """Write passages into a new collection of Chroma's in a folder; `about` says what they were made with.

    The graph is written with them: each opening finds the same, and builds nothing, so that it takes 0.1 s.
    """
    held = Searchable(passages)
    every = len(held.order)
    graph: Any = {"space": "cosine", "sync_threshold": max(every, 2)}
    graph["ef_search"] = every if every <= EXHAUSTIVE else VISITED
    with open_folder(folder) as client:
        collection = client.create_collection(
            COLLECTION, metadata=dict(about), embedding_function=None, configuration={"hnsw": graph}
        )
        for part in batches(held.order, BATCH):
            collection.add(**held.records(part, vectors))


def batches(order: Sequence[Record], size: int) -> Iterator[list[Record]]:
    """Yield numbers or ids in their order, so many at a time."""
    for start in range(0, len(order), size):
        yield list(order[start : start + size])


def import_chromadb() -> ModuleType:
    """Import chromadb, which takes a second, also where Python's own SQLite is older than it asks for."""
    # Chroma bundles a recent SQLite of its own but looks at Python's.
    sqlite3.sqlite_version_info = max(sqlite3.sqlite_version_info, OLDEST_SQLITE)  # type: ignore[misc]
    import chromadb

    return chromadb


def open_folder(path: Path) -> Any:
    """Return chromadb's client of a folder."""
    chromadb = import_chromadb()
    return chromadb.PersistentClient(str(path), settings=chromadb.Settings(anonymized_telemetry=False))


def described(passage: Passage, review: Review) -> dict[str, str | int]:
    """Return the metadata of a passage: where it stands, and what its review is."""
    known: dict[str, str | int | None] = {
        "review_id": review.id,
        "title": review.title,
        "authors": "; ".join(review.authors),
        "year": review.year,
        "section": passage.heading,
        "kind": passage.kind,
        "provenance": passage.provenance,
        "source": review.files[0] if review.files else "",
        "start": passage.start,
        "end": passage.end,
        "status": review.status,
    }
    return {name: value for name, value in known.items() if value is not None}
