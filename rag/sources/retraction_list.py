"""Lists of retractions, concerns and corrections of papers, a row each, in the columns of Retraction Watch."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from rag.sources.identifiers import find_doi
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.types import Status

COLUMNS = ("OriginalPaperDOI", "OriginalPaperPubMedID", "RetractionNature", "RetractionDate", "RetractionDOI", "Title")
NATURES: dict[str, Status] = {
    "retraction": "retracted",
    "expression of concern": "expression of concern",
    "correction": "corrected",
}
_NEEDED = frozenset(["originalpaperdoi", "retractionnature"])
_HEAD = 5_000  # characters in which the names of the columns stand


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins with the columns of such a list."""
    names = file.text[:_HEAD].partition("\n")[0].split(",")
    return _NEEDED.issubset(name.strip().casefold() for name in names)


def read(file: SourceFile) -> Reading:
    """Return the notices, and no review; raise UnreadableReview where the list cannot be taken apart."""
    try:
        notices = tuple(_notices(file.text))
    except csv.Error as error:
        raise file.refused("is a list of retractions whose rows cannot be told apart; save it again as CSV") from error
    return Reading("list of retractions", (), len(file.text), notices=notices)


def _notices(text: str) -> Iterator[Notice]:
    for row in csv.DictReader(StringIO(text, newline="")):
        fields = {str(name).strip().casefold(): value.strip() for name, value in row.items() if isinstance(value, str)}
        status = NATURES.get(fields.get("retractionnature", "").casefold())
        doi, pmid = find_doi(fields.get("originalpaperdoi", "")), fields.get("originalpaperpubmedid", "")
        pmid = pmid if pmid.isdigit() and pmid != "0" else ""
        if status and (doi or pmid):
            yield Notice(status, doi or "", pmid)
