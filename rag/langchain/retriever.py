"""The search of a library as a LangChain retriever."""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import InstanceOf

from rag.answers import HITS, query_for, retrieve
from rag.index import described
from rag.questions import content_terms
from rag.shelf import Library


class ReviewRetriever(BaseRetriever):
    """Returns the passages nearest to a question, at most `k`, each as a Document with its paper, place and score."""

    library: InstanceOf[Library]
    k: int = HITS

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None, **_: Any
    ) -> list[Document]:
        hits = retrieve(query_for(query, content_terms(query), self.library), self.library.index)
        reviews = self.library.index.reviews
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata=described(hit.passage, reviews[hit.passage.review_id]) | {"score": hit.score},
            )
            for hit in hits[: self.k if k is None else k]
        ]
