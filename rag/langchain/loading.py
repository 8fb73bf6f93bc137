"""Files as we read them, and passages as we cut them, for pipelines that go on by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document
from langchain_text_splitters import TextSplitter

from rag.index import described
from rag.sources import read_file, read_folder
from rag.text import chunk_review
from rag.types import Passage, Review, Section


class ReviewLoader(BaseLoader):
    """Loads the reviews of a file or folder: a Document a section, with its paper and its place in the paper's text.

    `page_content == text[start:end]` of the review's text, as read; what surrounds a paper on a page is left out.
    """

    def __init__(self, path: str | Path) -> None:
        """Name a file or a folder, in any of the formats that are read."""
        self._path = Path(path)

    def lazy_load(self) -> Iterator[Document]:
        """Yield the sections of one review after the other; raises UnreadableReview or NoReviews."""
        read = read_folder(self._path) if self._path.is_dir() else read_file(self._path)
        for review in read.reviews:
            for section in review.sections:
                if section.kind != "boilerplate":
                    whole = _passage(review, section)
                    yield Document(id=whole.id, page_content=whole.text, metadata=described(whole, review))


class ReviewSplitter(TextSplitter):
    """Cuts texts into passages of whole sentences, as a library does, of 180 words that overlap by 40.

    A Document that ReviewLoader loaded becomes the very passages of a library, with their ids and places.
    """

    def split_text(self, text: str) -> list[str]:
        """Return the passages of a text."""
        return [part.page_content for part in self.split_documents([Document(text)])]

    def split_documents(self, documents: Iterable[Document]) -> list[Document]:
        """Return the passages of Documents, each with the metadata of its own and where in the text it stands."""
        return [part for document in documents for part in _parts(document)]


def _parts(document: Document) -> Iterator[Document]:
    known = document.metadata
    name, first = str(known.get("review_id", document.id or "")), int(known.get("start", 0))
    kind, provenance = known.get("kind", "body"), known.get("provenance", "authors")
    section = Section(str(known.get("section", "")), kind, provenance, 0, len(document.page_content))
    for passage in chunk_review(Review(name, "", document.page_content, (section,))):
        start, end = first + passage.start, first + passage.end
        place = {"start": start, "end": end}
        yield Document(id=f"{name}#{start}-{end}", page_content=passage.text, metadata=known | place)


def _passage(review: Review, section: Section) -> Passage:
    """Return a whole section as if it were one passage."""
    return Passage(
        id=f"{review.id}#{section.start}-{section.end}",
        review_id=review.id,
        heading=section.heading,
        kind=section.kind,
        provenance=section.provenance,
        start=section.start,
        end=section.end,
        text=review.text[section.start : section.end],
        sentences=(),
    )
