"""Files as Documents and Documents as passages: those of the library, with their places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.documents import Document

from rag.errors import UnreadableReview
from rag.langchain import ReviewLoader, ReviewSplitter
from rag.shelf.library import Library
from rag.text import chunk_review
from rag.types import Review, Section
from tests.engine import invented
from tests.invented import PAGES


def test_what_is_loaded_and_split_are_the_passages_of_a_library() -> None:
    shelf = invented()
    parts = ReviewSplitter().split_documents(ReviewLoader(shelf.settings.seeds).load())
    passages = {passage.id: passage for passage in shelf.library.index.passages}
    assert {part.id for part in parts} == {*passages} and len(parts) == len(passages)
    for part in parts:
        passage, known = passages[str(part.id)], part.metadata
        assert (part.page_content, known["start"], known["end"]) == (passage.text, passage.start, passage.end)
        assert (known["section"], known["kind"]) == (passage.heading, passage.kind)
        assert known["title"] == shelf.library.index.reviews[passage.review_id].title


def test_a_section_stands_in_the_text_of_its_file(tmp_path: Path) -> None:
    name, page = next(iter(PAGES.items()))
    (tmp_path / Path(name).name).write_text(page, "utf-8")
    documents = ReviewLoader(tmp_path / Path(name).name).load()
    assert len(documents) > 2
    for document in documents:
        assert page[document.metadata["start"] : document.metadata["end"]] == document.page_content


def test_a_file_that_is_no_paper_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"\0" * 50)
    with pytest.raises(UnreadableReview):
        ReviewLoader(tmp_path / "empty.txt").load()


@given(st.text(max_size=3000), st.integers(0, 10**6))
def test_any_text_is_split_into_what_stands_in_it(text: str, start: int) -> None:
    whole = Document(text, metadata={"start": start, "mine": "stays"})
    for part in ReviewSplitter().split_documents([whole]):
        first, last = part.metadata["start"] - start, part.metadata["end"] - start
        assert text[first:last] == part.page_content and part.metadata["mine"] == "stays"
    review = Review("", "", text, (Section("", "body", "authors", 0, len(text)),))
    assert ReviewSplitter().split_text(text) == [passage.text for passage in chunk_review(review)]


def test_documents_are_transformed_as_langchain_asks_for_it(library: Library) -> None:
    documents = ReviewLoader("seeds").load()
    parts = ReviewSplitter().transform_documents(documents)
    assert [part.page_content for part in parts] == [passage.text for passage in library.index.passages]
