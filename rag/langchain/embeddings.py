"""The embedding model as LangChain's Embeddings: what asks a Chroma that was exported here, or builds another one."""

from __future__ import annotations

from langchain_core.embeddings import Embeddings

from rag.encoders import load_embedder
from rag.settings import Settings


class ReviewEmbeddings(Embeddings):
    """Embeds by all-MiniLM-L6-v2, on this machine, as the passages of a library are; raises ModelMissing without it."""

    def __init__(self) -> None:
        self._model = load_embedder(Settings().data / "models")

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one unit vector a text."""
        vectors: list[list[float]] = self._model.embed(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the unit vector of a question."""
        return self.embed_documents([text])[0]
