"""What has become of the papers of a shelf since: asked of PubMed and Crossref, or looked up in a list of retractions.

What is found is kept as a file of the shelf, in the columns of Retraction Watch, and read with the others.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

from rag.errors import UnreadableReview
from rag.services.web import Web
from rag.shelf import label
from rag.sources import COLUMNS, NATURES, Notice, read_bytes_as, read_file
from rag.types import Review, Status

FILE = "retractions.csv"
_AT_ONCE = 100  # records of PubMed in one request
# What Crossref calls an update of a paper.
_UPDATES: dict[str, Status] = {
    "retraction": "retracted",
    "partial_retraction": "retracted",
    "removal": "retracted",
    "withdrawal": "retracted",
    "expression_of_concern": "expression of concern",
    "correction": "corrected",
    "corrigendum": "corrected",
    "erratum": "corrected",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """What is known of a paper: its status, "" for none, who says so, the DOI of the notice.

    `asked` is False where nobody could be.
    """

    review: Review
    status: Status = ""
    source: str = ""
    notice: str = ""
    asked: bool = True

    def __str__(self) -> str:
        if not self.asked:
            return f"{label(self.review)}: has no DOI and no PMID; not checked"
        said = f"{self.status} ({self.source}{f', {self.notice}' if self.notice else ''})" if self.status else "nothing"
        return f"{label(self.review)}: {said}"


def check(reviews: Sequence[Review], web: Web) -> Iterator[Checked]:
    """Yield what PubMed, and where it says nothing Crossref, knows of each paper; raise ServiceAway."""
    of_pubmed: dict[str, Status] = {}
    numbers = [review.pmid for review in reviews if review.pmid]
    for start in range(0, len(numbers), _AT_ONCE):
        of_pubmed |= _of_pubmed(numbers[start : start + _AT_ONCE], web)
    for review in reviews:
        if status := of_pubmed.get(review.pmid or ""):
            yield Checked(review, status, "PubMed")
        elif review.doi:
            status, notice = _of_crossref(review.doi, web)
            yield Checked(review, status, "Crossref" if status else "", notice)
        else:
            yield Checked(review, asked=bool(review.pmid))


def check_in_list(reviews: Sequence[Review], file: Path) -> Iterator[Checked]:
    """Yield what a list of retractions says of each paper; raise UnreadableReview where the file is none."""
    notices = read_file(file).notices
    if not notices:
        raise UnreadableReview(f"{file.name}: the file is no list of retractions in the columns of Retraction Watch")
    known: dict[str, Notice] = {}
    for notice in notices:
        known |= {number: notice for number in (notice.doi, notice.pmid) if number}
    for review in reviews:
        found = known.get(review.doi or "") or known.get(review.pmid or "")
        yield Checked(review, found.status if found else "", file.name, asked=bool(review.doi or review.pmid))


def keep(checked: Sequence[Checked], folder: Path) -> Path | None:
    """Write what was found to the shelf's own list, beside what it held of other papers; None where that is nothing."""
    path = folder / FILE
    found = {Notice(one.status, one.review.doi or "", one.review.pmid or ""): one for one in checked if one.status}
    numbers = {number for notice in found for number in (notice.doi, notice.pmid) if number}
    earlier = read_file(path).notices if path.is_file() else ()
    others = [notice for notice in earlier if numbers.isdisjoint((notice.doi, notice.pmid))]
    if not (found or others):
        return None
    natures = {status: nature.capitalize() for nature, status in NATURES.items()}
    draft = folder / f".{uuid4().hex}"
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for notice in (*found, *others):
            one = found.get(notice)
            more = (date.today().isoformat(), one.notice, one.review.title) if one else ("", "", "")
            writer.writerow([notice.doi, notice.pmid, natures[notice.status], *more])
    return draft.replace(path)


def _of_pubmed(numbers: Sequence[str], web: Web) -> dict[str, Status]:
    asked = {"db": "pubmed", "id": ",".join(numbers), "retmode": "xml"}
    content = web.get(f"{web.addresses.eutils}/efetch.fcgi", asked)
    try:
        found = read_bytes_as(content, "pubmed.xml").reviews if content else ()
    except UnreadableReview:
        found = ()
    return {review.pmid: review.status for review in found if review.pmid and review.status in NATURES.values()}


def _of_crossref(doi: str, web: Web) -> tuple[Status, str]:
    """Return the gravest update of a paper that Crossref knows, and the DOI of its notice."""
    content = web.get(f"{web.addresses.crossref}/works", {"filter": f"updates:{doi}", "rows": 20})
    try:
        works = json.loads(content)["message"]["items"] if content else []
        told = [
            (_UPDATES[update["type"]], str(work.get("DOI", "")))
            for work in works
            for update in work.get("update-to", [])
            if str(update.get("DOI", "")).lower() == doi and update.get("type") in _UPDATES
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return "", ""
    order = list(NATURES.values())
    return min(told, key=lambda pair: order.index(pair[0]), default=("", ""))
