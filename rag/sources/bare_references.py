"""Lists of references that hold no text to quote: PubMed's "Summary (text)", a bibliography, PubMed numbers alone."""

from __future__ import annotations

import re

from rag.sources.cited import reference_in
from rag.sources.lines import split_lines
from rag.sources.record import FROM_PUBMED, without_text
from rag.sources.source_file import Reading, SourceFile

_SUMMARY = re.compile(r"1: \S")
_NUMBERED = re.compile(r"(?:\A|\n\r?\n)\d{1,6}: \S")
_PMID = re.compile(r"\bPMID:\s+\d{1,8}\b")
_PMIDS = re.compile(r"\s*(?:\"?PMID\"?\s*[\r\n])?(?:\"?[1-9]\d{0,7}\"?(?:\s*[,;]\s*|\s+|\Z))+")
_NUMBER = re.compile(r"\d+")
_HEAD = 20_000  # characters
_LONGEST_HEADING, _FEWEST = 60, 3  # characters; references of a bibliography
_WITH_ABSTRACTS = "export them with their abstracts from where they come from"


def recognises(file: SourceFile) -> bool:
    """Tell whether a text is a numbered list of PubMed's one-line citations, of PubMed numbers, or a bibliography."""
    return bool(_numbered(file.text) or _PMIDS.fullmatch(file.text) or _cited(file.text))


def read(file: SourceFile) -> Reading:
    """Raise UnreadableReview, which tells how many references there are and what to save instead."""
    if count := _cited(file.text):
        raise without_text(file, count, _WITH_ABSTRACTS)
    raise without_text(file, len(_numbered(file.text) or _NUMBER.findall(file.text)), FROM_PUBMED)


def _cited(text: str) -> int:
    """Return how many references a text has, 0 where anything else but headings stands there, too."""
    first = [line for line in split_lines(text[:_HEAD])[:_FEWEST] if len(line.text) > _LONGEST_HEADING]
    if not all(reference_in(line.text) for line in first):
        return 0
    lines = [line.text for line in split_lines(text) if len(line.text) > _LONGEST_HEADING]
    return len(lines) if len(lines) >= _FEWEST and all(map(reference_in, lines)) else 0


def _numbered(text: str) -> list[str]:
    begins = _SUMMARY.match(text.lstrip()) and _PMID.search(text[:_HEAD])
    return _NUMBERED.findall(text.strip()) if begins else []
