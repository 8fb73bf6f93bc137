"""The way into the search for other programs, which costs those nothing that do not take it: LangChain is slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rag.answers.retrieval import HITS

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever

    from rag.shelf import Library


def as_langchain_retriever(library: Library, k: int = HITS) -> BaseRetriever:
    """Return the same search as a LangChain retriever of at most `k` Documents; see `ReviewRetriever`."""
    from rag.answers.langchain_retriever import ReviewRetriever

    return ReviewRetriever(library=library, k=k)
