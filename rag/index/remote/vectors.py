"""What a library has on a Chroma server: the collection of its passages, brought and searched there.

Only what is not there as it is here is brought: whoever dies at it is followed by another, and what is brought twice is
the same.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoders import Progress
from rag.errors import IndexDamaged
from rag.index.collection import SPARE, Searchable, batches
from rag.index.columns import IntVector
from rag.index.files import Manifest, about
from rag.index.remote import Fault, ServerFault
from rag.index.vectors import Asked, Vectors
from rag.types import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from rag.index.remote.server import ChromaServer

log = logging.getLogger(__name__)
NAME = "rag-passages"
# Up to this many passages a search visits all of them, and misses none. The graph of more is not asked: it missed 4 of
# 40,000 that are among the nearest 200, and takes twice as long as a scan.
SEARCHED = 50_000
HNSW: Any = {"hnsw": {"space": "cosine", "ef_search": SEARCHED}}
# Chroma Cloud reads and writes no more records in a request; a server of one's own is as fast with so few.
BATCH = 300
# Who waits longer for a search goes on without the server, which is looked for again after a while. A builder that gave
# no sign of life for so long is dead.
SECONDS_TO_SEARCH, SECONDS_TO_RETURN, SECONDS_TO_BE_DEAD = 1.5, 10.0, 120


class ServedVectors:
    """The vectors of an index, whose nearest are asked of a server while it is there; safe for many threads.

    While it is not, they are found as without it: the answers are the same. `fault` names what is wrong with it.
    """

    def __init__(self, server: ChromaServer, manifest: Manifest, held: Searchable, vectors: Vectors) -> None:
        """Name what there is to bring; nothing is asked of the server before `bring`."""
        self._server, self._held, self._vectors, self._about = server, held, vectors, about(manifest)
        self._collection: Any = None
        self._unreached: frozenset[int] = frozenset()
        self.fault: Fault | None = Fault.GONE
        self._looked, self._looking = time.monotonic(), Lock()

    @property
    def told(self) -> str:
        """Where the passages are, and what is wrong there with what its owner can do, if anything is."""
        return f"{NAME} on Chroma at {self._server.host}" + (f": {self.fault.value}" if self.fault else "")

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows."""
        return self._vectors[numbers]

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        # Of chosen reviews a scan takes 0.1 ms, Chroma's filter 7 to 87; Chroma Cloud finds no more than it reads.
        if asked is None and k <= BATCH - SPARE and len(self._held.order) <= SEARCHED and self._is_there():
            try:
                found = self._server.ask(lambda _: self._held.nearest(self._collection, vector, k), SECONDS_TO_SEARCH)
                return np.array(sorted(found | self._unreached), np.int64)
            except (ServerFault, IndexDamaged) as error:  # it is damaged where another library has taken its place
                self._lost(error.fault if isinstance(error, ServerFault) else Fault.GONE)
        return self._vectors.nearest(vector, k, asked)

    def close(self) -> None:
        """Let go of the server, and of the vectors beside the index."""
        self.fault, self._looked = Fault.UNREACHABLE, float("inf")
        self._server.close()
        self._vectors.close()

    def bring(self, on_progress: Progress | None = None) -> None:
        """Bring what the server does not have, unless another process does so now or it is away: `fault` tells.

        `on_progress` is told how many passages are brought, of how many.
        """
        with self._looking:
            try:
                self._collection = self._server.ask(self._made)
                self._fill(on_progress)
                self._unreached, self.fault = self._server.ask(self._checked), None
            except ServerFault as fault:
                self._lost(fault.fault)

    def _lost(self, fault: Fault) -> None:
        if self.fault != fault:
            log.warning("Chroma at %s: %s. It is not asked.", self._server.host, fault.value)
        self.fault, self._looked = fault, time.monotonic()

    def _is_there(self) -> bool:
        """Tell whether the server is there; one that was lost some time ago is looked for again, meanwhile."""
        if self.fault and time.monotonic() - self._looked > SECONDS_TO_RETURN and not self._looking.locked():
            Thread(target=self.bring, daemon=True).start()
        return not self.fault

    def _made(self, client: Any) -> Any:
        """Return the collection; whoever may only read can find it. One with vectors of another model is made anew."""
        from chromadb.errors import NotFoundError

        with suppress(NotFoundError):
            found = client.get_collection(NAME, embedding_function=None)
            if (found.metadata or {}).get("embedder") == self._about["embedder"]:
                return found
            client.delete_collection(NAME)
        return client.get_or_create_collection(NAME, configuration=HNSW, metadata=self._about, embedding_function=None)

    def _fill(self, on_progress: Progress | None) -> None:
        """Bring what is not there as it is here; remove what is not here."""
        held, ids, there = self._held, self._held.passages.ids, self._there()
        missing = [number for number in held.order if there.get(ids[number]) != held.said(number)]
        if missing and (self._collection.metadata or {}).get("filled", 0) > time.time() - SECONDS_TO_BE_DEAD:
            raise ServerFault(Fault.GONE)
        for done, numbers in enumerate(batches(missing, BATCH)):
            records = held.records(numbers, self._vectors)
            for id, known in zip(records["ids"], records["metadatas"], strict=True):
                known |= dict.fromkeys(there.get(id, ({},))[0].keys() - known.keys())  # None removes what stood there
            self._ask("modify", metadata=self._about | {"filled": time.time()})
            self._ask("upsert", **records)
            if on_progress:
                on_progress(done * BATCH + len(numbers), len(missing))
        with suppress(ServerFault):  # whoever may only read removes nothing
            for gone in batches([*there.keys() - {*ids}], BATCH):
                self._ask("delete", gone)
            self._ask("modify", metadata=self._about)

    def _there(self) -> dict[str, Any]:
        """Return what the records there say, by id."""
        found = dict[str, Any]()
        for at in range(0, self._ask("count"), BATCH):
            page = self._ask("get", limit=BATCH, offset=at, include=["metadatas", "documents"])
            found |= zip(page["ids"], zip(page["metadatas"], page["documents"], strict=True), strict=True)
        return found

    def _checked(self, client: Any) -> frozenset[int]:
        """Return the passages that the server's graph does not reach, after a look at all that it holds."""
        if self._server.cloud or len(self._held.order) > SEARCHED:  # it is not asked for all
            return frozenset()
        try:
            return self._held.unreached(self._collection, self._vectors)
        except IndexDamaged:
            client.delete_collection(NAME)
            raise ServerFault(Fault.FAILED) from None

    def _ask(self, what: str, *given: Any, **named: Any) -> Any:
        """Return what a method of the collection does."""
        return self._server.ask(lambda _: getattr(self._collection, what)(*given, **named))
