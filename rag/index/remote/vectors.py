"""What a library has on a Chroma server: its passages, brought and searched there, and the vectors of its texts.

The passages are the collection `rag-<makers>`. Only what is not there as it is here is brought: whoever dies at it is
followed by another, and what is brought twice is the same.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.encoders import Progress
from rag.errors import IndexDamaged
from rag.index.collection import SPARE, Searchable, batches
from rag.index.columns import IntVector
from rag.index.files import Manifest, about
from rag.index.remote import WORDS, Fault, ServerFault
from rag.index.vectors import Asked, Vectors
from rag.types import Embedder, FloatMatrix, FloatVector

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

    from rag.index.remote.server import ChromaServer

log = logging.getLogger(__name__)
PREFIX, OF_TEXTS = "rag-", "rag-vectors-"
OURS = re.compile(r"rag-[0-9a-f]{16}(-texts)?")
# Up to this many passages a search visits all of them, and misses none. The graph of more is not asked: it missed 4 of
# 40,000 that are among the nearest 200, and takes twice as long as a scan.
SEARCHED = 50_000
# By the inner product vectors come back bit for bit: by the cosine Chroma normalizes them. The graph of what is only
# fetched by name need not be good.
GRAPH: Any = {"hnsw": {"space": "ip", "ef_search": SEARCHED}}
FETCHED: Any = {"hnsw": {"space": "ip", "ef_construction": 2, "max_neighbors": 2}}
# Chroma Cloud reads and writes no more records in a request; a server of one's own writes as fast with so few.
BATCH, PAGE = 300, 2_000
# Who waits longer for a search goes on without the server, which is looked for again after a while.
SECONDS_FOR_A_SEARCH, SECONDS_TO_RETURN = 1.5, 10.0
# A builder that gave no sign of life for this long is dead, and a collection of ours that nobody opened is removed.
SECONDS_TO_BE_DEAD, SECONDS_UNUSED = 120, 7 * 86_400
NORM_TOLERANCE = 2e-3  # of the square of the norm


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
        self._looked, self._looking = time.monotonic(), Lock()

    @property
    def told(self) -> str:
        """Where the passages are, and what is wrong there with what its owner can do, if anything is."""
        return f"{self.place}: {WORDS[self.fault]}" if self.fault else self.place

    def __getitem__(self, numbers: IntVector) -> FloatMatrix:
        """Return some rows."""
        return self._vectors[numbers]

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        most = BATCH - SPARE if self._server.cloud else SEARCHED
        # Of chosen reviews a scan takes 0.1 ms, Chroma's filter 7 to 87.
        if asked is None and k <= most and len(self._held.order) <= SEARCHED and self._is_there():
            held, collection = self._held, self._collection
            try:
                found = self._server.ask(lambda _: held.nearest(collection, vector, k), SECONDS_FOR_A_SEARCH)
                return np.array(sorted(found | self._unreached), np.int64)
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
                self._collection = self._server.ask(self._made)
                self._fill(on_progress)
                self._unreached = self._server.ask(self._checked)
            except ServerFault as fault:
                self._lost(fault.fault)
            else:
                self.fault = None

    def _lost(self, fault: Fault) -> None:
        if self.fault != fault:
            log.warning("Chroma at %s: %s. It is not asked.", self._server.host, WORDS[fault])
        self.fault, self._looked = fault, time.monotonic()

    def _is_there(self) -> bool:
        """Tell whether the server is there; one that was lost some time ago is looked for again, meanwhile."""
        if self.fault and time.monotonic() - self._looked > SECONDS_TO_RETURN and not self._looking.locked():
            Thread(target=self.bring, daemon=True).start()
        return not self.fault

    # How the passages come to be there. Each of these asks the server once, or a batch of records once.

    def _made(self, client: ClientAPI) -> Any:
        """Return the collection, which is made unless it is there: whoever may only read can find it."""
        from chromadb.errors import NotFoundError

        with suppress(NotFoundError):
            return client.get_collection(self._name, embedding_function=None)
        return client.get_or_create_collection(
            self._name, configuration=GRAPH, metadata=self._about, embedding_function=None
        )

    def _fill(self, on_progress: Progress | None) -> None:
        """Bring what is not there as it is here; remove what is not here, and what was made otherwise and not used."""
        held, ids, there = self._held, self._held.passages.ids, self._there()
        missing = [number for number in held.order if there.get(ids[number]) != held.said(number)]
        if missing and (self._collection.metadata or {}).get("filled", 0) > time.time() - SECONDS_TO_BE_DEAD:
            raise ServerFault("gone")
        for done, numbers in enumerate(batches(missing, BATCH)):
            records = held.records(numbers, self._vectors)
            for id, known in zip(records["ids"], records["metadatas"], strict=True):
                known |= dict.fromkeys(there.get(id, ({},))[0].keys() - known.keys())  # None removes what stood there
            self._ask("modify", metadata=self._about | {"filled": time.time()})
            self._ask("upsert", **records)
            if on_progress:
                on_progress(done * BATCH + len(numbers), len(missing))
        with suppress(ServerFault):  # whoever may only read removes nothing, and marks nothing
            for gone in batches([*there.keys() - {*ids}], BATCH):
                self._ask("delete", gone)
            self._ask("modify", metadata=self._about | {"used": time.time()})
            self._server.ask(_remove_unused)

    def _there(self) -> dict[str, Any]:
        """Return what the records there say, by id."""
        found, size, said = dict[str, Any](), BATCH if self._server.cloud else PAGE, ["metadatas", "documents"]
        for at in range(0, self._ask("count"), size):
            page = self._ask("get", limit=size, offset=at, include=said)
            found |= zip(page["ids"], zip(page["metadatas"], page["documents"], strict=True), strict=True)
        return found

    def _checked(self, client: ClientAPI) -> frozenset[int]:
        """Return the passages that the server's graph does not reach, after a look at all that it holds."""
        if self._server.cloud or len(self._held.order) > SEARCHED:  # it is not asked for all
            return frozenset()
        try:
            return self._held.unreached(self._collection, self._vectors)
        except IndexDamaged:
            client.delete_collection(self._name)
            raise ServerFault("failed") from None

    def _ask(self, what: str, *given: Any, **named: Any) -> Any:
        """Return what a method of the collection does."""
        return self._server.ask(lambda _: getattr(self._collection, what)(*given, **named))


def _remove_unused(client: ClientAPI) -> None:
    for each in client.list_collections(BATCH):
        used = (each.metadata or {}).get("used", 0)
        if OURS.fullmatch(each.name) and used < time.time() - SECONDS_UNUSED:
            client.delete_collection(each.name)


class SharedEmbedder:
    """An embedder that looks for the vectors of texts on a server first, and takes those there that it had to make."""

    def __init__(self, embedder: Embedder, server: ChromaServer) -> None:
        self._embedder, self._server = embedder, server
        self.id, self.dimensions = embedder.id, embedder.dimensions
        self._name = OF_TEXTS + hashlib.sha256(self.id.encode()).hexdigest()[:16]
        self._away = False

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text, shape (len(texts), dimensions); of at most 300, as a request of Cloud has."""
        ids = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] for text in texts]
        distinct, known = [*dict.fromkeys(ids)], dict[str, FloatVector]()
        self._asked(lambda held: known.update(_unit_vectors(held.get(distinct, include=["embeddings"]))))
        if missing := {id: text for id, text in zip(ids, texts, strict=True) if id not in known}:
            made = self._embedder.embed([*missing.values()])
            self._asked(lambda held: held.upsert([*missing], made))
            known.update(zip(missing, made, strict=True))
        return np.array([known[id] for id in ids], np.float32).reshape(len(ids), self.dimensions)

    def _asked(self, call: Callable[[Any], object]) -> None:
        """Ask the collection; where it is away, it is not asked again."""
        kept = {"configuration": FETCHED, "embedding_function": None}
        if not self._away:
            try:
                self._server.ask(lambda client: call(client.get_or_create_collection(self._name, **kept)))
            except ServerFault as fault:
                self._away = True
                log.warning("Chroma at %s: %s. All is embedded here.", self._server.host, fault)


def _unit_vectors(found: Any) -> Iterator[tuple[str, FloatVector]]:
    for id, vector in zip(found["ids"], np.asarray(found["embeddings"], np.float32), strict=True):
        if abs(np.vecdot(vector, vector) - 1) < NORM_TOLERANCE:
            yield id, vector
