"""Files for readers, without a disk."""

from __future__ import annotations

from types import ModuleType

from rag.sources.source_file import Reading, SourceFile
from rag.types import Review


def text_file(text: str) -> SourceFile:
    """Return a text as a reader gets it."""
    return SourceFile("page.txt", text.encode("utf-8", "surrogatepass"), text)


def only_review(text: str, form: ModuleType) -> Review:
    """Return the one review that a reader, which must recognise it, finds in a text."""
    file = text_file(text)
    assert form.recognises(file)
    reading: Reading = form.read(file)
    (review,) = reading.reviews
    return review
