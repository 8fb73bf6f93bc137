"""A Word document (.docx) as a review: its paragraphs by their styles."""

from rag.sources.docx.document import read, recognises

__all__ = ["read", "recognises"]
