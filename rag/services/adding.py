"""From a number to a file of the shelf: the open full text where there is one, else the abstract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote
from uuid import uuid4

from rag.errors import ServiceAway, UnreadableReview
from rag.services.web import Web
from rag.shelf import Catalogue
from rag.sources import read_file, read_one_apart
from rag.types import Review

FOLDER = "added"
_PMID = re.compile(r"(?:pmid:?\s*)?(?P<n>\d{1,8})", re.IGNORECASE)
_PMCID = re.compile(r"PMC\s?(?P<n>\d{3,9})", re.IGNORECASE)
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(?P<doi>10\.\d{4,9}/\S+)", re.IGNORECASE)
_TRIAL = re.compile(r"NCT\d{8}", re.IGNORECASE)
_ARXIV = re.compile(r"(?:arxiv:\s*|https?://arxiv\.org/(?:abs|pdf)/)?(?P<n>\d{4}\.\d{4,5}(?:v\d+)?)", re.IGNORECASE)
_MOST = 200  # papers found for one number or search
# What of a work of Crossref is kept.
_OF_CSL = frozenset(
    ["DOI", "title", "container-title", "author", "issued", "volume", "issue", "page", "type", "abstract"]
)

Outcome = Literal["full text", "abstract", "known", "not found", "away"]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a number: the file that holds the paper, or why there is none."""

    number: str
    outcome: Outcome
    file: Path | None = None
    why: str = ""

    def __str__(self) -> str:
        if self.file:
            return f"{self.number}: added ({self.outcome}), {self.file.name}"
        return f"{self.number}: {self.why or self.outcome}"


def numbers_in(item: str) -> list[str]:
    """Return the numbers that an argument stands for: itself, or those of the papers in a file of references."""
    path = Path(item)
    if not path.is_file():
        return [item.strip()]
    try:
        found = [review.doi or review.pmid or review.pmcid for review in read_file(path).reviews]
    except UnreadableReview:
        found = re.findall(r"\b\d{5,8}\b", path.read_text("utf-8", errors="replace"))  # a list of PubMed numbers
    return list(dict.fromkeys(filter(None, found)))


def add(numbers: Iterable[str], known: Sequence[Review], folder: Path, web: Web) -> Iterator[Added]:
    """Yield what becomes of each number: PMID, PMCID, DOI, NCT or arXiv; files go below `folder`/added."""
    adding = _Adding(Catalogue(known), folder / FOLDER, web)
    for number in numbers:
        try:
            yield from adding.added(number)
        except ServiceAway as away:
            yield Added(number, "away", why=str(away))


def add_found(query: str, most: int, known: Sequence[Review], folder: Path, web: Web) -> Iterator[Added]:
    """Yield what becomes of the first papers that PubMed finds for a search."""
    try:
        found = _Adding(Catalogue(known), folder / FOLDER, web).search(query, most)
    except ServiceAway as away:
        yield Added(query, "away", why=str(away))
        return
    yield from add(found, known, folder, web) if found else [Added(query, "not found", why="PubMed finds nothing")]


@dataclass(frozen=True, slots=True)
class _Adding:
    """The papers that are known, where new ones go, and what asks for them."""

    shelf: Catalogue
    folder: Path
    web: Web

    def added(self, number: str) -> Iterator[Added]:
        """Yield what becomes of one number, of a trial's the papers that PubMed knows of it."""
        doi = match["doi"].rstrip(".,;").lower() if (match := _DOI.fullmatch(number)) else ""
        if self.shelf.numbered(f"PMID{number}" if number.isdigit() else doi or number):
            yield Added(number, "known", why="is on the shelf already")
        elif _TRIAL.fullmatch(number):
            found = [paper for pmid in self.search(f"{number}[si]", _MOST) for paper in self.added(pmid)]
            yield from found or [Added(number, "not found", why="PubMed knows no paper of it")]
        elif match := _ARXIV.fullmatch(number):
            yield self._of_arxiv(match["n"])
        elif match := _PMCID.fullmatch(number):
            full = self._full_text(f"PMC{match['n']}", number)
            yield full or Added(number, "not found", why="its full text is not open")
        elif match := _PMID.fullmatch(number):
            yield self._of_pubmed(match["n"], number)
        elif doi:
            yield self._of_doi(doi, number)
        else:
            yield Added(number, "not found", why="is no PMID, PMCID, DOI, NCT or arXiv number")

    def search(self, query: str, most: int) -> list[str]:
        """Return the PubMed numbers that a search finds, the most relevant first."""
        asked = {"db": "pubmed", "term": query, "retmode": "json", "retmax": min(most, _MOST), "sort": "relevance"}
        reply = _json(self.web.get(f"{self.web.addresses.eutils}/esearch.fcgi", asked))
        numbers = reply.get("esearchresult", {}).get("idlist", []) if isinstance(reply, dict) else []
        return [str(number) for number in numbers if str(number).isdigit()]

    def _of_pubmed(self, pmid: str, number: str) -> Added:
        """Add the open full text of a paper in PubMed, or its record with the abstract."""
        record = self._record(f"EXT_ID:{pmid} AND SRC:MED")
        if full := self._full_text(str(record.get("pmcid")), number):
            return full
        asked = {"db": "pubmed", "id": pmid, "retmode": "xml"}
        content = self.web.get(f"{self.web.addresses.eutils}/efetch.fcgi", asked)
        return self._kept(content, f"pmid-{pmid}.xml", Added(number, "abstract"), pmid)

    def _of_doi(self, doi: str, number: str) -> Added:
        """Add the paper with a DOI: as in PubMed, else its open PDF, else its record in Crossref."""
        record = self._record(f'DOI:"{doi}"')
        if str(record.get("doi", "")).lower() == doi:
            if str(record.get("pmid", "")).isdigit():
                return self._of_pubmed(str(record["pmid"]), number)
            if full := self._full_text(str(record.get("pmcid")), number):
                return full
        return self._open_pdf(doi, number) or self._of_crossref(doi, number)

    def _record(self, query: str) -> dict[str, Any]:
        """Return what Europe PMC knows of a paper; {} of an unknown one."""
        asked = {"query": query, "format": "json", "pageSize": 1}
        reply = _json(self.web.get(f"{self.web.addresses.europepmc}/search", asked))
        found = reply.get("resultList", {}).get("result", []) if isinstance(reply, dict) else []
        return found[0] if found and isinstance(found[0], dict) else {}

    def _full_text(self, pmcid: str, number: str) -> Added | None:
        """Add an open full text of Europe PMC; None where it has none."""
        content = (
            self.web.get(f"{self.web.addresses.europepmc}/{pmcid}/fullTextXML") if _PMCID.fullmatch(pmcid) else None
        )
        return self._kept(content, f"{pmcid}.xml", Added(number, "full text"), pmcid) if content else None

    def _open_pdf(self, doi: str, number: str) -> Added | None:
        """Add the PDF that Unpaywall knows, which answers only those who say whom to write to; None without one."""
        if not self.web.contact:
            return None
        asked = {"email": self.web.contact}
        reply = _json(self.web.get(f"{self.web.addresses.unpaywall}/{quote(doi, safe='/')}", asked))
        place = reply.get("best_oa_location") if isinstance(reply, dict) else None
        address = place.get("url_for_pdf") if isinstance(place, dict) else None
        is_address = isinstance(address, str) and address.startswith(("https://", "http://"))
        content = self.web.get(address) if isinstance(address, str) and is_address else None
        if not content or not content.startswith(b"%PDF"):
            return None
        return self._kept(content, f"{_file_name(doi)}.pdf", Added(number, "full text"))

    def _of_crossref(self, doi: str, number: str) -> Added:
        reply = _json(self.web.get(f"{self.web.addresses.crossref}/works/{quote(doi, safe='/')}"))
        work = reply.get("message") if isinstance(reply, dict) else None
        content = json.dumps([_csl(work)]).encode() if isinstance(work, dict) else None
        return self._kept(content, f"{_file_name(doi)}.json", Added(number, "abstract"), doi)

    def _of_arxiv(self, number: str) -> Added:
        """Add the PDF of a paper on arXiv, or the page of its abstract."""
        content = self.web.get(f"{self.web.addresses.arxiv}/pdf/{number}")
        if content and content.startswith(b"%PDF"):
            return self._kept(content, f"arxiv-{number}.pdf", Added(f"arXiv:{number}", "full text"))
        page = self.web.get(f"{self.web.addresses.arxiv}/abs/{number}")
        return self._kept(page, f"arxiv-{number}.html", Added(f"arXiv:{number}", "abstract"))

    def _kept(self, content: bytes | None, name: str, added: Added, must_name: str = "") -> Added:
        """Write a file that holds a paper, and the one with the number that it `must_name`; nothing else is kept."""
        if not content:
            return Added(added.number, "not found")
        try:
            reviews = read_one_apart(content, name).reviews
        except UnreadableReview as error:
            return Added(added.number, "not found", why=str(error))
        numbers = {value.lower() for review in reviews for value in (review.doi, review.pmid, review.pmcid) if value}
        if not reviews or (must_name and must_name.lower() not in numbers):
            return Added(added.number, "not found", why="the service gave another paper")
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{uuid4().hex}"
        draft.write_bytes(content)
        return replace(added, file=draft.replace(self.folder / name))


def _csl(work: dict[str, Any]) -> dict[str, Any]:
    """Return a work of Crossref as an item of CSL-JSON, which it nearly is: titles are lists, abstracts are JATS."""

    def first(value: object) -> object:
        return value[0] if isinstance(value, list) and value else value

    item = {**work, "title": first(work.get("title")), "container-title": first(work.get("container-title"))}
    item["abstract"] = " ".join(re.sub(r"<[^<>]*>", " ", str(work.get("abstract") or "")).split())
    return {name: value for name, value in item.items() if name in _OF_CSL and value}


def _file_name(doi: str) -> str:
    return re.sub(r"[^\w.-]+", "-", doi)


def _json(content: bytes | None) -> Any:
    try:
        return json.loads(content or b"null")
    except ValueError:
        return None
