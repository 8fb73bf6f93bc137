"""Bibliographic facts as Markdown pages and papers print them below the title:

**Authors:** Mouldy Sioud, Nicholas Paul Casey
PMC · DOI: 10.3390/ijms27020909 · 2026-01-16
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rag.sources import identifiers
from rag.sources.dates import JOURNAL_DATE, PRINTED_DATE, find_date, is_date
from rag.sources.lines import AUTHORS, CITATION, IDENTIFIERS, KEYWORDS, Line, Part, is_prose, squeeze
from rag.sources.names import is_byline, looks_like_journal, looks_like_names, split_names, unmarked
from rag.types import Status

_LONGEST_FACT = 20_000
_SEPARATOR = re.compile(r"\s*[·•|∙⋅]\s*|\s+[–—/]\s+|;\s+(?=(?:DOI|PMID|PMCID)\b)", re.IGNORECASE)
_LABELLED = re.compile(r"(?P<label>[A-Za-z][A-Za-z() /-]{1,30}?)\s*[:：]\s*(?P<value>\S.*)")
LABELS: Mapping[str, str] = {
    **dict.fromkeys(["author", "authors", "author(s)", "author list", "by", "written by"], "authors"),
    **dict.fromkeys(["journal", "venue", "published in", "publication", "publication venue", "appeared in"], "journal"),
    **dict.fromkeys(["date", "published", "publication date", "year", "published on", "publication year"], "date"),
    **dict.fromkeys(["date published", "posted", "published online", "online", "date of publication"], "date"),
    **dict.fromkeys(["doi", "digital object identifier"], "doi"),
    **dict.fromkeys(["pmid", "pubmed id", "pubmed"], "pmid"),
    **dict.fromkeys(["pmcid", "pmc id", "pmc", "pubmed central id"], "pmcid"),
    **dict.fromkeys(["paper", "reference", "citation"], "citation"),
    **dict.fromkeys(["keywords", "key words", "keyword"], "keywords"),
}
_PAGE_WORDS = re.compile(  # what a page says of itself or its copy of the paper; not a journal
    r"pmc|pubmed(?: central)?|europe pmc|medline|crossref|open[- ]access|peer[- ]reviewed|preprint|review(?: article)?"
    r"|research(?: article)?|article|paper|free|full[- ]text.*|pdf|cc[ -]by.*|licen[cs]e.*|cited by.*|https?:.*|english"
    r"|[\d,.]+ (?:citations?|views|references|pages|min(?:utes)?(?: read)?).*|\W*",
    re.IGNORECASE,
)
_JOURNAL_AND_DATE = re.compile(
    rf"(?:published in )?(?P<journal>[A-Z][^;:!?]{{2,80}}?)[,.]?\s+\(?(?P<date>{PRINTED_DATE})\)?"
    r"(?:[,;:].{1,40}|\.?)",
    re.IGNORECASE,
)
_JOURNAL_BEFORE_DATE = re.compile(rf"(?P<journal>[^;:\d]{{2,80}}?)[.,]?\s+\(?{PRINTED_DATE}\b")
_VOLUME = re.compile(r"\)?[,;]\s*\d{1,4}\b")
_LINK = re.compile(r"\[([^\[\]]{1,300})\]\(([^()\s]{1,300})\)")
WIKI_LINK = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_IN_CITATION = re.compile(
    rf"[.:?!][*_]{{0,2}}\s+[*_]{{0,2}}(?P<journal>[A-Z][^.;:?!]{{1,80}}?)[*_]{{0,2}}[.,]?\s+\(?(?P<date>{JOURNAL_DATE})\)?"
    r"\s*[;,:]\s*\w"
)
# Numbers of addresses above the line, and what else marks a name in HTML.
_CITED = re.compile(r"^[^:]{0,40}:\s*")
_MARK = re.compile(r"<sup>[^<>]{0,40}</sup>|</?[a-z]+>")
_RAISED = re.compile(r"\s*\^[^^\s]{1,12}\^,?")
# A row of a table with a label and its value, as reference managers print a record.
_ROW = re.compile(
    r"\|\s*(?P<label>[^|\s][^|]{0,29}?)\s*\|\s*(?P<value>[^|\s][^|]*?)\s*\||(?P<of>[^|\t:]{1,30})\t(?P<is>\S[^\t]*)"
)
_FEWEST_ROWS = 2
_FEWEST_WORDS = 8  # of a sentence
_MOST_WORDS_WITH_DOI = 30
_TIME = re.compile(r"\s\d{1,2}:\d\d\b")
_CAPITALS = re.compile(r"[A-Z]{4,}(?: [A-Z]{4,})+")
_BY = re.compile(r"by\s+(?=[A-Z])", re.IGNORECASE)


@dataclass(slots=True)
class Facts:
    """What lines below a title state."""

    authors: tuple[str, ...] = ()
    journal: str | None = None
    date: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    types: tuple[str, ...] = ()
    status: Status = ""

    def add(self, name: str, value: str) -> None:
        """Keep a fact under the label that the page gives it; what is known already stays."""
        match name:
            case "authors":
                self.authors = self.authors or split_names(value)
            case "journal":
                dated = _JOURNAL_AND_DATE.fullmatch(value[:200])
                self.journal = self.journal or squeeze(dated["journal"] if dated else value).strip(" .,*_")
                self.date = self.date or (dated["date"] if dated else None)
            case "date":
                # With a time of day it is when a message was sent or an entry made.
                self.date = self.date or (None if _TIME.search(value) else find_date(value))
            case "citation":
                self._add_citation(squeeze(value))
            case "doi":
                self.doi = self.doi or identifiers.find_doi(value)
            case "pmid":
                self.pmid = self.pmid or identifiers.find_pmid(value if "pubmed" in value.lower() else f"PMID:{value}")
            case "pmcid":
                self.pmcid = self.pmcid or identifiers.find_pmcid(value)

    def add_identifiers(self, text: str) -> None:
        """Keep the first DOI, PMID and PMCID of a text where none is known yet."""
        self.doi = self.doi or identifiers.find_doi(text)
        self.pmid = self.pmid or identifiers.find_pmid(text)
        self.pmcid = self.pmcid or identifiers.find_pmcid(text)

    def _add_citation(self, text: str) -> None:
        """Add what a reference to the paper itself states: "Cite as: Roe M. Title. J Sleep 2023;7:41-49. doi:…"."""
        if match := _IN_CITATION.search(text[:2_000]):
            self.add("journal", match["journal"])
            self.add("date", match["date"])
        people = _CITED.sub("", text).split(". ")[0]
        if not self.authors and looks_like_names(people[:2_000]) and len(people.split()) > 1:
            self.authors = split_names(people)
        self.add_identifiers(text)


def read_facts(lines: Sequence[Line], facts: Facts, otherwise: Part) -> list[Part]:
    """Add what lines state to the facts and return the part of each line, `otherwise` where it states nothing."""
    rows = _rows(lines)
    _add_rows(filter(None, rows), facts)
    parts: list[Part] = []
    for place, line in enumerate(lines):
        if row := rows[place]:
            parts.append(
                otherwise if is_prose(row[1], _FEWEST_WORDS) else _part([_named(row[0]) or ""], only_ids=False)
            )
            continue
        above = lines[place - 1].text if place and not line.gap else ""
        # A label may stand on a line of its own: "Published:", and the date below.
        text = f"{above} {line.text}" if above.endswith(":") and above[:-1].casefold() in LABELS else line.text
        parts.append((_read_line(text, facts) if len(text) <= _LONGEST_FACT else None) or otherwise)
    return parts


def _rows(lines: Sequence[Line]) -> list[tuple[str, str] | None]:
    """Return the label and value of each line that is a row of a table which states facts, else None."""
    found = [_ROW.fullmatch(line.text) if len(line.text) <= _LONGEST_FACT else None for line in lines]
    rows = [(row["label"] or row["of"], row["value"] or row["is"]) if row else None for row in found]
    return rows if sum(bool(row and _named(row[0])) for row in rows) >= _FEWEST_ROWS else [None] * len(lines)


def _add_rows(rows: Iterable[tuple[str, str]], facts: Facts) -> None:
    """Add what the rows of a table state; one of several authors may have a row each."""
    values: dict[str, list[str]] = {}
    for label, value in rows:
        values.setdefault(_named(label) or "", []).append(value)
    for name, stated in values.items():
        facts.add(name, "; ".join(stated) if name == "authors" else stated[0])


def _read_line(text: str, facts: Facts) -> Part | None:
    """Add what a line states to the facts and return its part, None for prose."""
    plain = WIKI_LINK.sub(r"\1", _MARK.sub("", text.replace("**", "").replace("__", "")))
    unlinked = _LINK.sub(_without_link, plain)
    bare = squeeze(unlinked.lstrip("-*+> ").strip("*_ "))
    fields = [part for part in _SEPARATOR.split(bare) if part]
    named = [_label(part) for part in fields]
    if WIKI_LINK.search(text) and not any(map(_is_labelled, fields)):
        return None  # what other notes are about
    if any(named):
        _add_fields(fields, named, facts)
        only_ids = all(named) and len(bare.split()) <= 3 * len(fields)
        return _part([name for name, _ in filter(None, named)], only_ids=only_ids)
    by = _BY.match(bare) and looks_like_names(bare)
    if (by or is_byline(bare)) and not facts.authors:
        facts.add("authors", unmarked(bare))
        return AUTHORS
    dated = _JOURNAL_AND_DATE.fullmatch(bare[:200])
    if dated and looks_like_journal(dated["journal"]) and not facts.journal:
        facts.add("journal", bare)
        return CITATION
    return None


def stated_names(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the names in a list of authors without their marks; lines may be wrapped or hold one name each."""
    bare = [
        squeeze(_RAISED.sub(", ", _LINK.sub(_without_link, _MARK.sub("", line))).strip("-*+>_, ")) for line in lines
    ]
    single = all("," not in line and ";" not in line and " and " not in line for line in bare)
    names = split_names(unmarked((", " if single else " ").join(bare)))
    # Among names in small letters words in capitals alone are the label of what stands next: "AUTHOR ADDRESSES".
    labels = () if all(map(str.isupper, names)) else tuple(filter(_CAPITALS.fullmatch, names))
    return tuple(name for name in names if looks_like_names(name) and name not in labels)


def is_printed_in(text: str) -> bool:
    """Return whether a line names a journal, a date and a volume: "J Sleep, 01 Feb 2020, 31(2):144-152"."""
    dated = _JOURNAL_AND_DATE.fullmatch(text[:200])
    return bool(dated and looks_like_journal(dated["journal"]) and _VOLUME.match(text, dated.end("date")))


def _without_link(link: re.Match[str]) -> str:
    """Return the words of a Markdown link, and its address if that may hold a DOI that the words leave out."""
    if "doi.org/" in link[2]:
        return f"{link[1]} {link[2]}"
    return "" if link[2].startswith("#") else link[1]  # the number of an address


def _label(text: str) -> tuple[str, str] | None:
    """Return the name and value of a field, by its label or by its form."""
    match = _LABELLED.fullmatch(text)
    if match and (name := _named(match["label"])):
        return name, match["value"]
    if identifiers.find_doi(text) and len(text.split()) <= _MOST_WORDS_WITH_DOI:
        return "doi", text
    if is_date(text):
        return "date", text
    if re.fullmatch(r"PMID\s*#?\d+", text, re.IGNORECASE):
        return "pmid", text[4:].strip(" #")
    return ("pmcid", text) if re.fullmatch(r"PMC\s?\d+", text, re.IGNORECASE) else None


def _is_labelled(text: str) -> bool:
    match = _LABELLED.fullmatch(text)
    return bool(match and _named(match["label"]))


def _named(label: str) -> str | None:
    """Return the field that a label names, of "Journal / Year" the first."""
    words = label.casefold().strip(" *_")
    return LABELS.get(words) or LABELS.get(words.partition("/")[0].strip())


def _add_fields(fields: Sequence[str], named: Sequence[tuple[str, str] | None], facts: Facts) -> None:
    """Add the fields of one line; an unlabelled one is another name after authors, else the journal."""
    last = ""
    for text, field in zip(fields, named, strict=True):
        if field:
            last, value = field
            facts.add(last, value)
            if last == "doi":
                _add_beside_doi(text, facts)
        elif looks_like_names(text) and (last == "authors" or (not facts.authors and len(split_names(text)) >= 2)):
            facts.authors += split_names(text)
        elif not _PAGE_WORDS.fullmatch(text) and not _named(text) and looks_like_journal(text):
            facts.add("journal", text)


def _part(names: Sequence[str], *, only_ids: bool) -> Part:
    if names[0] == "authors":
        return AUTHORS
    if names[0] == "keywords":
        return KEYWORDS
    return IDENTIFIERS if only_ids and {"doi", "pmid", "pmcid"}.issuperset(names) else CITATION


def _add_beside_doi(text: str, facts: Facts) -> None:
    """Add journal, date, PMID and PMCID where a field holds them beside the DOI without a separator."""
    rest = identifiers.without_doi(text)
    dated = _JOURNAL_BEFORE_DATE.match(rest)
    if dated and looks_like_journal(dated["journal"]):
        facts.add("journal", dated["journal"])
    facts.add_identifiers(rest)
    facts.date = facts.date or find_date(rest)
