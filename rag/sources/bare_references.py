"""Lists of references that hold no text to quote: PubMed's "Summary (text)", and PubMed numbers alone."""

from __future__ import annotations

import re

from rag.sources.record import FROM_PUBMED, without_text
from rag.sources.source_file import Reading, SourceFile

_SUMMARY = re.compile(r"1: \S")
_NUMBERED = re.compile(r"(?:\A|\n\r?\n)\d{1,6}: \S")
_PMID = re.compile(r"\bPMID:\s+\d{1,8}\b")
_PMIDS = re.compile(r"\s*(?:\"?PMID\"?\s*[\r\n])?(?:\"?[1-9]\d{0,7}\"?(?:\s*[,;]\s*|\s+|\Z))+")
_NUMBER = re.compile(r"\d+")
_HEAD = 20_000  # characters


def recognises(file: SourceFile) -> bool:
    """Tell whether a text is a numbered list of PubMed's one-line citations, or of PubMed numbers."""
    return bool(_numbered(file.text) or _PMIDS.fullmatch(file.text))


def read(file: SourceFile) -> Reading:
    """Raise UnreadableReview, which tells how many references there are and what to save instead."""
    raise without_text(file, len(_numbered(file.text) or _NUMBER.findall(file.text)), FROM_PUBMED)


def _numbered(text: str) -> list[str]:
    begins = _SUMMARY.match(text.lstrip()) and _PMID.search(text[:_HEAD])
    return _NUMBERED.findall(text.strip()) if begins else []
