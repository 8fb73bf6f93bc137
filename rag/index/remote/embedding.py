"""Vectors of texts that are kept on a Chroma server: what one process embedded, no other one needs to."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from rag.index.remote.server import ChromaServer, ServerFault
from rag.types import Embedder, FloatMatrix, FloatVector

PREFIX = "rag-vectors-"
NORM_TOLERANCE = 2e-3  # of the square of the norm
# By the inner product vectors come back bit for bit: by the cosine Chroma normalizes them. The graph of what is only
# fetched by name need not be good.
FETCHED: Any = {"hnsw": {"space": "ip", "ef_construction": 2, "max_neighbors": 2}}
log = logging.getLogger(__name__)


class SharedEmbedder:
    """An embedder that looks for the vectors of texts on a server first, and takes those there that it had to make."""

    def __init__(self, embedder: Embedder, server: ChromaServer) -> None:
        self._embedder, self._server = embedder, server
        self.id, self.dimensions = embedder.id, embedder.dimensions
        self._name = PREFIX + hashlib.sha256(self.id.encode()).hexdigest()[:16]
        self._away = False

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text, shape (len(texts), dimensions); of at most 300, as a request of Cloud has."""
        ids = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32] for text in texts]
        distinct = [*dict.fromkeys(ids)]
        known: dict[str, FloatVector] = (
            self._asked(lambda held: _sound(held.get(distinct, include=["embeddings"]), self.dimensions)) or {}
        )
        if missing := {id: text for id, text in zip(ids, texts, strict=True) if id not in known}:
            made = self._embedder.embed([*missing.values()])
            self._asked(lambda held: held.upsert([*missing], made))
            known.update(zip(missing, made, strict=True))
        return np.array([known[id] for id in ids], np.float32).reshape(len(ids), self.dimensions)

    def _asked(self, call: Callable[[Any], Any]) -> Any:
        """Return what is asked of the collection, None where it is away: then it is not asked again."""
        if self._away:
            return None
        kept = {"configuration": FETCHED, "embedding_function": None}
        try:
            return self._server.ask(lambda client: call(client.get_or_create_collection(self._name, **kept)))
        except ServerFault as fault:
            self._away = True
            log.warning("Chroma at %s: %s. All is embedded here.", self._server.host, fault)
            return None


def _sound(found: Any, dimensions: int) -> dict[str, FloatVector]:
    """Return by id the unit vectors of this length among what was found."""
    vectors = np.asarray(found["embeddings"], np.float32).reshape(len(found["ids"]), dimensions)
    whole = np.abs(np.vecdot(vectors, vectors) - 1) < NORM_TOLERANCE
    return {id: vector for id, vector, sound in zip(found["ids"], vectors, whole, strict=True) if sound}
