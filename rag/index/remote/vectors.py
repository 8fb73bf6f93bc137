"""The passages of a library on a Chroma server: brought there, searched there, kept as they are here.

A library has the collection `rag-<makers>`. A record has the sum of what it was made from, so that only what is new is
brought; whoever dies at it is followed by another, and what is brought twice is the same.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoders import Progress
from rag.errors import IndexDamaged
from rag.index.collection import SPARE, Searchable, batches
from rag.index.columns import IntVector
from rag.index.files import Manifest, about
from rag.index.remote.server import WORDS, ChromaServer, Fault, ServerFault
from rag.index.vectors import Asked, Vectors
from rag.types import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from chromadb import Collection
    from chromadb.api import ClientAPI

log = logging.getLogger(__name__)

PREFIX, OURS = "rag-", re.compile(r"rag-[0-9a-f]{16}(-texts)?")
# Up to this many passages a search visits all of them, and misses none. The graph of more is not asked: it missed 4 of
# 40,000 that are among the nearest 200, and takes twice as long as a scan.
SEARCHED = 50_000
# Chroma Cloud reads and writes no more records in a request; a server of one's own writes as fast with so few.
BATCH, PAGE = 300, 2_000
# Who waits longer for a search goes on without the server, which is looked for again after a while.
SECONDS_FOR_A_SEARCH, SECONDS_TO_RETURN = 1.5, 10.0
# A builder that gave no sign of life for this long is dead, and a collection of ours that nobody opened is removed.
SECONDS_TO_BE_DEAD, SECONDS_UNUSED = 120, 7 * 86_400


class ServedVectors:
    """The vectors of an index, whose nearest are asked of a server while it is there; safe for many threads.

    While it is not, they are found as without it: the answers are the same. `fault` names what is wrong with it.
    """

    def __init__(self, server: ChromaServer, manifest: Manifest, held: Searchable, vectors: Vectors) -> None:
        """Name what there is to bring; nothing is asked of the server before `bring`."""
        self._server, self._held, self._vectors = server, held, vectors
        self._name, self._about = f"{PREFIX}{manifest.makers}", about(manifest)
        self.place = f"{self._name} on Chroma at {server.host}"
        self._collection: Any = None
        self._unreached: frozenset[int] = frozenset()
        self.fault: Fault | None = "gone"
        self._looked = time.monotonic()
        self._looking = Lock()

    @property
    def told(self) -> str:
        """Where the passages are, and what is wrong there with what its owner can do, if anything is."""
        return ": ".join([self.place, *(WORDS[self.fault] if self.fault else ())])

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows."""
        return self._vectors[numbers]

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        most = BATCH - SPARE if self._server.cloud else SEARCHED
        # Of chosen reviews a scan takes 0.1 ms, Chroma's filter 7 to 87.
        if asked is None and k <= most and len(self._held.order) <= SEARCHED and self._is_there():
            try:
                find = partial(self._held.nearest, self._collection, vector, k)
                found = self._server.run(find, SECONDS_FOR_A_SEARCH) | self._unreached
                return np.array(sorted(found), np.int64)
            except ServerFault as fault:
                self._lost(fault.fault)
            except IndexDamaged:  # another library has taken the place of this one
                self._lost("gone")
        return self._vectors.nearest(vector, k, asked)

    def close(self) -> None:
        """Let go of the server, and of the vectors beside the index."""
        self.fault, self._looked = "unreachable", float("inf")
        self._server.close()
        self._vectors.close()

    def bring(self, on_progress: Progress | None = None) -> None:
        """Bring what the server does not have, unless another process does so now or it is away: `fault` tells.

        `on_progress` is told how many passages are brought, of how many.
        """
        with self._looking:
            try:
                self._server.check()
                collection = self._made()
                self._fill(collection, on_progress)
                self._unreached = self._checked(collection)
            except ServerFault as fault:
                self._lost(fault.fault)
            else:
                self._collection, self.fault = collection, None

    def _lost(self, fault: Fault) -> None:
        if self.fault != fault:
            log.warning("Chroma at %s: %s (%s). It is not asked.", self._server.host, *WORDS[fault])
        self.fault, self._looked = fault, time.monotonic()

    def _is_there(self) -> bool:
        """Tell whether the server is there; one that was lost some time ago is looked for again, meanwhile."""
        if self.fault and time.monotonic() - self._looked > SECONDS_TO_RETURN and not self._looking.locked():
            Thread(target=self.bring, daemon=True).start()
        return not self.fault

    # How the passages come to be there.

    def _made(self) -> Collection:
        """Return the collection, which is made unless it is there: whoever may only read can find it."""
        try:
            return self._server.ask(lambda client: client.get_collection(self._name, embedding_function=None))
        except ServerFault as fault:
            if fault.fault != "gone":
                raise
        graph: Any = {"hnsw": {"space": "ip", "ef_search": SEARCHED}}
        return self._server.ask(
            lambda client: client.get_or_create_collection(
                self._name, configuration=graph, metadata=self._about, embedding_function=None
            )
        )

    def _fill(self, collection: Collection, on_progress: Progress | None) -> None:
        """Bring what is not there as it is here; remove what is not here, and what was made otherwise and not used."""
        wanted, there = dict(self._sums()), dict(self._there(collection))
        missing = [id for id, known in wanted.items() if there.get(id) != known]
        if missing and (collection.metadata or {}).get("filled", 0) > time.time() - SECONDS_TO_BE_DEAD:
            raise ServerFault("gone")
        for done, ids in enumerate(batches(missing, BATCH)):
            self._mark(filled=time.time())
            numbers = np.array([self._held.numbers[id] for id in ids])
            records = self._held.records(numbers.tolist())
            for known, id in zip(records["metadatas"], ids, strict=True):
                known["sum"] = wanted[id]
            records["embeddings"] = np.asarray(self._vectors[numbers], np.float32)
            self._server.run(partial(collection.upsert, **records))
            if on_progress:
                on_progress(done * BATCH + len(ids), len(missing))
        with suppress(ServerFault):  # whoever may only read removes nothing, and marks nothing
            for ids in batches([*there.keys() - wanted.keys()], BATCH):
                self._server.run(partial(collection.delete, ids))
            self._mark()
            self._server.ask(_remove_unused)

    def _sums(self) -> Iterator[tuple[str, str]]:
        """Yield the id of each passage, in the order in which they are brought, and the sum of what its record has."""
        for number in self._held.order:
            known = self._held.records([number])["metadatas"], self._held.text(self._held.passages, number)
            yield self._held.passages.ids[number], hashlib.sha256(json.dumps(known).encode()).hexdigest()[:16]

    def _there(self, collection: Collection) -> Iterator[tuple[str, str]]:
        size = BATCH if self._server.cloud else PAGE
        for at in range(0, self._server.run(collection.count), size):
            page = self._server.run(partial(collection.get, limit=size, offset=at, include=["metadatas"]))
            for id, known in zip(page["ids"], page["metadatas"] or [], strict=True):
                yield id, str(known.get("sum"))

    def _checked(self, collection: Collection) -> frozenset[int]:
        """Return the passages that the server's graph does not reach, after a look at all that it holds."""
        if self._server.cloud or len(self._held.order) > SEARCHED:  # it is not asked for all
            return frozenset()
        try:
            return self._server.run(partial(self._held.unreached, collection, self._vectors))
        except IndexDamaged:
            self._server.ask(lambda client: client.delete_collection(self._name))
            raise ServerFault("failed") from None

    def _mark(self, **marks: float) -> None:
        """Tell that the collection is in use."""
        known = self._about | {"used": time.time()} | marks
        self._server.ask(
            lambda client: client.get_collection(self._name, embedding_function=None).modify(metadata=known)
        )


def _remove_unused(client: ClientAPI) -> None:
    for each in client.list_collections(BATCH):
        used = (each.metadata or {}).get("used", 0)
        if OURS.fullmatch(each.name) and used < time.time() - SECONDS_UNUSED:
            client.delete_collection(each.name)
