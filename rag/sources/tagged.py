"""Records of tagged fields, one below the other: MEDLINE (.nbib), RIS, Web of Science, Ovid and EndNote.

PMID- 10000001
TI  - Moths at street lamps, a
      review.

A record's text is its lines as they stand in the file, and no line of another record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.sources.lines import AFFILIATIONS, AUTHORS, COPYRIGHT, IDENTIFIERS, Line, Part
from rag.sources.pubmed.words import SUBSTANCES
from rag.sources.record import gathered, separate_lines
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.sources.tagged_record import TaggedRecord, Tags, review_of
from rag.types import Status

_HEAD = 20_000  # characters in which the first record begins
_LONGEST_HEADER = 20  # lines above it, such as "Provider: …" and "FN …"
_LONGEST_HEADER_LINE = 200

_INDENT = re.compile(r"[^\S\r\n]{2}")
_NEVER = re.compile(r"(?!)")
_CITED_PMID = re.compile(r"PMID: (\d{1,8})\b")


@dataclass(frozen=True, slots=True)
class _Dialect:
    """A way of tagging: lines that begin a field, begin a record and end one; tags in the order of their worth.

    `apart` says that a field below a blank line begins a record as well. `glued` is a record's beginning behind the
    end of another. `others` are tags by which a record tells what has become of another one, named by its PMID, "" for
    its versions.
    """

    kind: str
    tag: re.Pattern[str]
    begins: re.Pattern[str]
    tags: Tags
    ends: re.Pattern[str] | None = None
    apart: bool = False
    glued: re.Pattern[str] = _NEVER
    others: Mapping[str, Status] = field(default_factory=dict)


_MEDLINE = _Dialect(
    "PubMed export (MEDLINE)",
    re.compile(r"(?P<tag>[A-Z]{4}|[A-Z]{3} |[A-Z]{2}  )-(?: +(?P<value>.*)|$)"),
    re.compile(r"PMID- *\d"),
    Tags(
        {
            "PMID": "pmid",
            **dict.fromkeys(("TI", "BTI", "TT"), "title"),
            **dict.fromkeys(("FAU", "AU"), "author"),
            "CN": "group",
            "AD": AFFILIATIONS,
            # Identifiers of authors and investigators stand between the authors.
            **dict.fromkeys(("AUID", "FIR", "IR", "IRAD"), AUTHORS),
            **dict.fromkeys(("TA", "JT"), "journal"),
            **dict.fromkeys(("DP", "DEP"), "date"),
            "VI": "volume",
            "IP": "issue",
            "PG": "pages",
            **dict.fromkeys(("LID", "AID"), "doi"),
            "SO": "citation",
            "PMC": "pmcid",
            "PT": "type",
            "AB": "abstract",
            "OAB": Part("Other abstract", "abstract", "authors"),
            "CI": COPYRIGHT,
            "MH": "mesh",
            "RN": SUBSTANCES,
            "SI": IDENTIFIERS,  # of its trial
            "OT": "keyword",
            "COIS": "competing",
            "GR": "funding",
            **dict.fromkeys(("RIN", "RPI"), "retracted"),
            "ECI": "concern",
            **dict.fromkeys(("EIN", "CRI"), "corrected"),
        }
    ),
    apart=True,
    glued=re.compile(r"(?<=\S)PMID- *\d{1,8}$"),
    others={"ROF": "retracted", "ECF": "expression of concern", "EFR": "corrected", "UIN": "", "UOF": ""},
)
_RIS = _Dialect(
    "RIS",
    re.compile(r"(?P<tag>[A-Z][A-Z0-9]|PMID)(?:[ \t]{2}|\t)-\s*(?P<value>.*)"),
    re.compile(r"TY(?:[ \t]{2}|\t)-"),
    Tags(
        {
            **dict.fromkeys(("TI", "T1", "CT", "BT"), "title"),
            "AU": "author",
            **dict.fromkeys(("JF", "T2", "JO", "JA", "J2"), "journal"),
            **dict.fromkeys(("PY", "Y1"), "year"),
            "DA": "date",
            "VL": "volume",
            "IS": "issue",
            **dict.fromkeys(("SP", "EP"), "pages"),
            **dict.fromkeys(("DO", "DI"), "doi"),
            "PMID": "pmid",
            **dict.fromkeys(("C2", "C7"), "pmcid"),
            "AN": "accession",
            **dict.fromkeys(("DB", "DP"), "database"),
            "UR": "url",
            **dict.fromkeys(("M3", "PT"), "type"),
            **dict.fromkeys(("AB", "N2"), "abstract"),
            "KW": "keyword",
            "AD": "affiliation",
            **dict.fromkeys(("N1", "RN"), "note"),
        },
        same={"A1": "AU"},
    ),
    ends=re.compile(r"ER[ \t]{1,2}-"),
    glued=re.compile(r"(?<=^ER  -)[\s\ufeff]*TY  -"),
)
# Some programs set one blank, which in other files stands between words: "UK - the".
_LOOSE_RIS = replace(
    _RIS, tag=re.compile(r"(?P<tag>[A-Z][A-Z0-9]|PMID)[ \t]{1,2}-\s*(?P<value>.*)"), begins=re.compile(r"TY -")
)
_WEB_OF_SCIENCE = _Dialect(
    "Web of Science export",
    re.compile(r"(?P<tag>[A-Z][A-Z0-9])(?: (?P<value>.*)|$)"),
    re.compile(r"PT [A-Z]$"),
    Tags(
        {
            "TI": "title",
            **dict.fromkeys(("AF", "AU", "BF", "BA"), "author"),
            **dict.fromkeys(("CA", "GP"), "group"),
            **dict.fromkeys(("SO", "JI", "J9"), "journal"),
            "PY": "year",
            "PD": "month",
            "VL": "volume",
            "IS": "issue",
            **dict.fromkeys(("BP", "EP", "AR", "PS"), "pages"),
            "DI": "doi",
            **dict.fromkeys(("PM", "UT"), "pmid"),
            "DT": "type",
            "AB": "abstract",
            **dict.fromkeys(("DE", "ID"), "keyword"),
            **dict.fromkeys(("C1", "RP"), "affiliation"),
            **dict.fromkeys(("FU", "FX"), "funding"),
            "CR": "reference",
        },
        lists=frozenset(["AF", "AU", "BF", "BA", "CA", "GP"]),
    ),
    ends=re.compile(r"ER$"),
)
_OVID = _Dialect(
    "Ovid export",
    re.compile(r"(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?: +(?P<value>.*)|$)"),
    re.compile(r"<\d+ ?\. ?>$"),
    Tags(
        {
            "TI": "title",
            "AU": "author",
            "JN": "journal",
            "YR": "year",
            "DP": "date",
            "SO": "citation",
            **dict.fromkeys(("DO", "DI"), "doi"),
            "PM": "pmid",
            **dict.fromkeys(("UI", "AN"), "accession"),
            "DB": "database",
            **dict.fromkeys(("PT", "DT"), "type"),
            "AB": "abstract",
            **dict.fromkeys(("DE", "KW", "ID", "SH", "MH"), "keyword"),
            "IN": "affiliation",
        }
    ),
)
_ENDNOTE = _Dialect(
    "EndNote export",
    re.compile(r"%(?P<tag>\S)(?:\s+(?P<value>.*)|$)"),
    re.compile(r"%0\s+\S"),
    Tags(
        {
            "T": "title",
            "A": "author",
            **dict.fromkeys("JB", "journal"),
            "D": "year",
            "8": "date",
            "V": "volume",
            "N": "issue",
            "P": "pages",
            "R": "doi",
            "2": "pmcid",
            "M": "accession",
            **dict.fromkeys("~W", "database"),
            "U": "url",
            "9": "type",
            "X": "abstract",
            "K": "keyword",
            "+": "affiliation",
            "Z": "note",
        }
    ),
)
_REFER = replace(_ENDNOTE, begins=_NEVER, apart=True)
# The tags of MEDLINE are those of RIS and Ovid too, which therefore come first.
_DIALECTS = (_RIS, _LOOSE_RIS, _OVID, _WEB_OF_SCIENCE, _ENDNOTE, _REFER, _MEDLINE)


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins, below a short header, with a record of tagged fields."""
    return _dialect(file.text) is not None


def read(file: SourceFile) -> Reading:
    """Return the records as reviews, each with its own lines of the file as its text."""
    dialect = _dialect(file.text)
    if dialect is None:
        raise file.refused("holds no record of tagged fields")
    records = list(_records(file.text, dialect))
    reviews = (review_of(file.text, one, dialect.tags, number) for number, one in enumerate(records, start=1))
    notices = tuple(notice for one in records for notice in _notices(one, dialect))
    return replace(gathered(file, dialect.kind, reviews), notices=notices)


def _notices(record: TaggedRecord, dialect: _Dialect) -> Iterator[Notice]:
    """Yield what a record says has become of other papers, and which is the later version of which."""
    own = next((one.lines[0].strip() for one in record.fields if one.tag == "PMID"), "")
    for one in record.fields:
        number = _CITED_PMID.search(" ".join(one.lines)) if one.tag in dialect.others else None
        if number and dialect.others[one.tag]:
            yield Notice(dialect.others[one.tag], pmid=number[1])
        elif number and own:
            earlier, later = (own, number[1]) if one.tag == "UIN" else (number[1], own)
            yield Notice("", pmid=earlier, later=later)


def _dialect(text: str) -> _Dialect | None:
    lines = list(separate_lines(text[:_HEAD], _NEVER))
    for place, line in enumerate(lines[:_LONGEST_HEADER]):
        for dialect in _DIALECTS:
            if dialect.begins.match(line.text) and any(map(dialect.tag.match, _texts(lines[place + 1 : place + 2]))):
                return dialect
            if dialect.apart and not place and dialect.tag.match(line.text) and _has_title(lines, dialect):
                return dialect
        if len(line.text) > _LONGEST_HEADER_LINE:
            return None
    return None


def _texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def _has_title(lines: Sequence[Line], dialect: _Dialect) -> bool:
    tagged = filter(None, map(dialect.tag.match, _texts(lines)))
    return any(dialect.tags.fields.get(match["tag"].strip()) == "title" for match in tagged)


def _records(text: str, dialect: _Dialect) -> Iterator[TaggedRecord]:
    record: TaggedRecord | None = None
    for line in separate_lines(text, dialect.glued):
        at_margin = not _is_indented(text, line)
        tagged = dialect.tag.match(line.text) if at_margin else None
        if (at_margin and dialect.begins.match(line.text)) or (dialect.apart and line.gap and tagged):
            if record:
                yield record
            record = TaggedRecord(line.start, line.end)
        if record:
            record.take(line, *_tag(tagged))
            if at_margin and dialect.ends and dialect.ends.match(line.text):
                yield record
                record = None
    if record:
        yield record


def _tag(tagged: re.Match[str] | None) -> tuple[str | None, str]:
    return (tagged["tag"].strip(), (tagged["value"] or "").lstrip()) if tagged else (None, "")


def _is_indented(text: str, line: Line) -> bool:
    """Tell a line that goes on with the one above: two blanks or more stand before it."""
    return bool(_INDENT.fullmatch(text, max(line.start - 2, 0), line.start))
