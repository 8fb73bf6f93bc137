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

from rag.sources.assembly import assemble
from rag.sources.headings import COMPETING, FUNDING, REFERENCES
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    COPYRIGHT,
    IDENTIFIERS,
    JOURNAL,
    KEYWORDS,
    TITLE,
    Line,
    Part,
)
from rag.sources.pubmed.words import MESH, PUBLICATION_TYPE, SUBSTANCES
from rag.sources.record import (
    NOTES,
    Field,
    abstract_lines,
    facts_of,
    gathered,
    name_in_order,
    separate_lines,
    title_of,
    url_of,
)
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.types import Review, Status

_HEAD = 20_000  # characters in which the first record begins
_LONGEST_HEADER = 20  # lines above it, such as "Provider: …" and "FN …"
_LONGEST_HEADER_LINE = 200

_PARTS: Mapping[Field, Part] = {
    "author": AUTHORS,
    "group": AUTHORS,
    "affiliation": AFFILIATIONS,
    "keyword": KEYWORDS,
    "mesh": MESH,
    "type": PUBLICATION_TYPE,
    "journal": JOURNAL,
    **dict.fromkeys(("date", "year", "month", "volume", "issue", "pages", "citation"), CITATION),
    **dict.fromkeys(("doi", "pmid", "pmcid", "accession", "database", "url"), IDENTIFIERS),
    "funding": FUNDING,
    "competing": COMPETING,
    "reference": REFERENCES,
    "note": NOTES,
}
# What a record says under several tags, in full and in short: the first tag of its dialect that it has counts.
_SAID_ONCE: frozenset[Field] = frozenset(["author", "journal", "abstract"])
_INDENT = re.compile(r"[^\S\r\n]{2}")
_NEVER = re.compile(r"(?!)")
_CITED_PMID = re.compile(r"PMID: (\d{1,8})\b")
# What a database notes on its own record, in the field of a reader's notes.
_OF_THE_EXPORT = re.compile(
    r"(?:export date|(?:total )?(?:cited by|times cited)|correspondence address|affiliations?|coden|language|references"
    r"|funding (?:details|text)|chemicals/cas|tradenames|manufacturers|source)\b[^:]{0,60}:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """A way of tagging: lines that begin a field, begin a record and end one; tags in the order of their worth.

    `apart` says that a field below a blank line begins a record as well, `lists` has the tags with a value a line,
    `same` the tags that a record may mix with others. `glued` is a record's beginning behind the end of another.
    `others` are tags by which a record tells what has become of another one, named by its PMID, "" for its versions.
    """

    kind: str
    tag: re.Pattern[str]
    begins: re.Pattern[str]
    tags: Mapping[str, Field | Part]
    ends: re.Pattern[str] | None = None
    apart: bool = False
    lists: frozenset[str] = frozenset()
    same: Mapping[str, str] = field(default_factory=dict)
    glued: re.Pattern[str] = _NEVER
    others: Mapping[str, Status] = field(default_factory=dict)


_MEDLINE = _Dialect(
    "PubMed export (MEDLINE)",
    re.compile(r"(?P<tag>[A-Z]{4}|[A-Z]{3} |[A-Z]{2}  )-(?: +(?P<value>.*)|$)"),
    re.compile(r"PMID- *\d"),
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
    },
    apart=True,
    glued=re.compile(r"(?<=\S)PMID- *\d{1,8}$"),
    others={"ROF": "retracted", "ECF": "expression of concern", "EFR": "corrected", "UIN": "", "UOF": ""},
)
_RIS = _Dialect(
    "RIS",
    re.compile(r"(?P<tag>[A-Z][A-Z0-9]|PMID)(?:[ \t]{2}|\t)-\s*(?P<value>.*)"),
    re.compile(r"TY(?:[ \t]{2}|\t)-"),
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
    ends=re.compile(r"ER[ \t]{1,2}-"),
    same={"A1": "AU"},
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
    ends=re.compile(r"ER$"),
    lists=frozenset(["AF", "AU", "BF", "BA", "CA", "GP"]),
)
_OVID = _Dialect(
    "Ovid export",
    re.compile(r"(?P<tag>[A-Z][A-Z0-9]) {1,2}-(?: +(?P<value>.*)|$)"),
    re.compile(r"<\d+ ?\. ?>$"),
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
    },
)
_ENDNOTE = _Dialect(
    "EndNote export",
    re.compile(r"%(?P<tag>\S)(?:\s+(?P<value>.*)|$)"),
    re.compile(r"%0\s+\S"),
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
    },
)
_REFER = replace(_ENDNOTE, begins=_NEVER, apart=True)
# The tags of MEDLINE are those of RIS and Ovid too, which therefore come first.
_DIALECTS = (_RIS, _LOOSE_RIS, _OVID, _WEB_OF_SCIENCE, _ENDNOTE, _REFER, _MEDLINE)


@dataclass(slots=True)
class _Tagged:
    """A field: its tag, the place of its value, and that line by line."""

    tag: str
    start: int
    end: int
    lines: list[str]


@dataclass(slots=True)
class _Record:
    """The place of a record in the text of its file, and its fields."""

    start: int
    end: int
    fields: list[_Tagged] = field(default_factory=list)

    def take(self, line: Line, tagged: re.Match[str] | None) -> None:
        """Add a line, which begins a field or goes on with the last one."""
        self.end = line.end
        if tagged:
            value = (tagged["value"] or "").lstrip()
            self.fields.append(_Tagged(tagged["tag"].strip(), line.end - len(value), line.end, [value]))
        elif self.fields:
            last = self.fields[-1]
            last.start, last.end = (line.start if last.start == last.end else last.start), line.end
            last.lines.append(line.text)


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins, below a short header, with a record of tagged fields."""
    return _dialect(file.text) is not None


def read(file: SourceFile) -> Reading:
    """Return the records as reviews, each with its own lines of the file as its text."""
    dialect = _dialect(file.text)
    if dialect is None:
        raise file.refused("holds no record of tagged fields")
    records = list(_records(file.text, dialect))
    reviews = (_review(file.text, one, dialect, number) for number, one in enumerate(records, start=1))
    notices = tuple(notice for one in records for notice in _notices(one, dialect))
    return replace(gathered(file, dialect.kind, reviews), notices=notices)


def _notices(record: _Record, dialect: _Dialect) -> Iterator[Notice]:
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
    return any(dialect.tags.get(match["tag"].strip()) == "title" for match in tagged)


def _records(text: str, dialect: _Dialect) -> Iterator[_Record]:
    record: _Record | None = None
    for line in separate_lines(text, dialect.glued):
        at_margin = not _is_indented(text, line)
        tagged = dialect.tag.match(line.text) if at_margin else None
        if (at_margin and dialect.begins.match(line.text)) or (dialect.apart and line.gap and tagged):
            if record:
                yield record
            record = _Record(line.start, line.end)
        if record:
            record.take(line, tagged)
            if at_margin and dialect.ends and dialect.ends.match(line.text):
                yield record
                record = None
    if record:
        yield record


def _is_indented(text: str, line: Line) -> bool:
    """Tell a line that goes on with the one above: two blanks or more stand before it."""
    return bool(_INDENT.fullmatch(text, max(line.start - 2, 0), line.start))


def _review(text: str, record: _Record, dialect: _Dialect, number: int) -> Review | str:
    values, used = _values(record, dialect)
    title = title_of(values)
    if not title:
        return f"Record {number}: it has no title"
    own = text[record.start : record.end]
    lines, parts = zip(*_placed(own, record, dialect, used), strict=True)
    facts = facts_of(values)
    mesh = tuple(" / ".join(value.replace("*", "").split("/")) for value in values.get("mesh", ()))
    return assemble(own, title, lines, parts, facts, url=url_of(values, facts), mesh=mesh)


def _values(record: _Record, dialect: _Dialect) -> tuple[dict[Field, list[str]], dict[Field, str]]:
    """Return what the record's fields hold, and the tag that counts for what is said once."""
    by_tag: dict[str, list[str]] = {}
    for one in record.fields:
        tag = dialect.same.get(one.tag, one.tag)
        by_tag.setdefault(tag, []).extend(one.lines if tag in dialect.lists else [" ".join(one.lines)])
    for tag in {dialect.same[one.tag] for one in record.fields if one.tag in dialect.same}:
        by_tag[tag] = list(dict.fromkeys(by_tag[tag]))
    values: dict[Field, list[str]] = {}
    used: dict[Field, str] = {}
    for tag, name in dialect.tags.items():
        found = [value for value in by_tag.get(tag, ()) if value.strip()]
        if not found or isinstance(name, Part) or (name in _SAID_ONCE and name in used):
            continue
        used.setdefault(name, tag)
        values.setdefault(name, []).extend(map(name_in_order, found) if name == "author" else found)
    return values, used


def _placed(own: str, record: _Record, dialect: _Dialect, used: Mapping[Field, str]) -> Iterator[tuple[Line, Part]]:
    """Yield the values of a record with their places in its own text and their parts."""
    for one in record.fields:
        start, end = one.start - record.start, one.end - record.start
        name = dialect.tags.get(dialect.same.get(one.tag, one.tag), BOILERPLATE)
        if start == end:
            continue
        if name == "abstract" and used[name] == one.tag:
            yield from abstract_lines(own, start, end)
        else:
            listed = name == "note" and own.startswith("References:", start)
            part = REFERENCES if listed else _part(name, one.tag, used)
            exported = part is NOTES and _OF_THE_EXPORT.match(own, start, end)
            yield Line(start, end, own[start:end], gap=False), BOILERPLATE if exported else part


def _part(name: Field | Part, tag: str, used: Mapping[Field, str]) -> Part:
    if isinstance(name, Part):
        return name
    if name == "title":
        return TITLE if used[name] == tag else CITATION
    return NOTES if name == "abstract" else _PARTS.get(name, BOILERPLATE)
