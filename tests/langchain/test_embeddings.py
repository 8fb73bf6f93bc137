"""The embedding model as LangChain's Embeddings: LangChain's own standard tests, and the vectors of the library."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings
from langchain_tests.integration_tests import EmbeddingsIntegrationTests

from rag.langchain import ReviewEmbeddings
from rag.shelf.library import Library


@pytest.fixture(autouse=True)
def model(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_DATA", str(data))


class TestStandard(EmbeddingsIntegrationTests):
    @property
    def embeddings_class(self) -> type[Embeddings]:
        return ReviewEmbeddings


def test_a_question_has_the_vector_that_the_library_searches_with(library: Library) -> None:
    question = "What limits CAR-T cells in solid tumors?"
    vectors = library.embed([question])
    assert vectors is not None
    assert np.array_equal(np.array(ReviewEmbeddings().embed_query(question), np.float32), vectors[0])
