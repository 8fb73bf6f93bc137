"""The search as a LangChain retriever: LangChain's own standard tests, and what each Document points at."""

from __future__ import annotations

from typing import Any

from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from rag.langchain.retriever import ReviewRetriever
from tests.engine import invented

QUESTION = "Does a biofilm grow on cement?"


class TestStandard(RetrieversIntegrationTests):
    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return ReviewRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"library": invented().library}

    @property
    def retriever_query_example(self) -> str:
        return QUESTION


def test_a_document_is_the_passage_at_its_place() -> None:
    library = invented().library
    documents = ReviewRetriever(library=library, k=5).invoke(QUESTION)
    assert len(documents) == 5
    for document in documents:
        review = library.index.reviews[document.metadata["review_id"]]
        assert review.text[document.metadata["start"] : document.metadata["end"]] == document.page_content
