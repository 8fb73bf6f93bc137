"""A PDF as a review, told by its pages' text and how it is set; and the pages as pictures, with a quote marked."""

from rag.sources.pdf.marking import Box, page_pictures, quote_boxes
from rag.sources.pdf.reading import PrintedLines, printed_lines, read
from rag.sources.source_file import SourceFile

__all__ = ["Box", "PrintedLines", "page_pictures", "printed_lines", "quote_boxes", "read", "recognises"]

_SIGN = b"%PDF-"
_WITHIN = 1_024  # bytes at the beginning, where PDFium looks for the sign


def recognises(file: SourceFile) -> bool:
    """Tell a PDF by its sign."""
    return _SIGN in file.content[:_WITHIN]
