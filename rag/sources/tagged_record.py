"""A record whose fields have places in the text of its file: what becomes of each, and the review that they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rag.sources.assembly import assemble
from rag.sources.headings import COMPETING, FUNDING, REFERENCES
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    IDENTIFIERS,
    JOURNAL,
    KEYWORDS,
    TITLE,
    Line,
    Part,
)
from rag.sources.pubmed.words import MESH, PUBLICATION_TYPE
from rag.sources.record import NOTES, Field, abstract_lines, facts_of, name_in_order, title_of, url_of
from rag.types import Review

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
# What a record says under several tags, in full and in short: the first tag that it has counts.
_SAID_ONCE: frozenset[Field] = frozenset(["author", "journal", "abstract"])
# What a database notes on its own record, in the field of a reader's notes.
_OF_THE_EXPORT = re.compile(
    r"(?:export date|(?:total )?(?:cited by|times cited)|correspondence address|affiliations?|coden|language|references"
    r"|funding (?:details|text)|chemicals/cas|tradenames|manufacturers|source)\b[^:]{0,60}:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Tags:
    """What each tag stands for, in the order of their worth.

    `lists` has the tags with a value a line, `same` those that a record may mix with others.
    """

    fields: Mapping[str, Field | Part]
    lists: frozenset[str] = frozenset()
    same: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Tagged:
    """A field: its tag, the place of its value, and that line by line."""

    tag: str
    start: int
    end: int
    lines: list[str]


@dataclass(slots=True)
class TaggedRecord:
    """The place of a record in the text of its file, and its fields."""

    start: int
    end: int
    fields: list[Tagged] = field(default_factory=list)

    def take(self, line: Line, tag: str | None, value: str = "") -> None:
        """Add a line: one with a tag, which ends with its value, begins a field; another goes on with the last."""
        self.end = line.end
        if tag is not None:
            self.fields.append(Tagged(tag, line.end - len(value), line.end, [value]))
        elif self.fields:
            last = self.fields[-1]
            last.start, last.end = (line.start if last.start == last.end else last.start), line.end
            last.lines.append(line.text)


def review_of(text: str, record: TaggedRecord, tags: Tags, number: int) -> Review | str:
    """Return the review of a record, its own lines its text; why it is none where it has no title."""
    values, used = _values(record, tags)
    title = title_of(values)
    if not title:
        return f"Record {number}: it has no title"
    own = text[record.start : record.end]
    lines, parts = zip(*_placed(own, record, tags, used), strict=True)
    facts = facts_of(values)
    mesh = tuple(" / ".join(value.replace("*", "").split("/")) for value in values.get("mesh", ()))
    return assemble(own, title, lines, parts, facts, url=url_of(values, facts), mesh=mesh)


def _values(record: TaggedRecord, tags: Tags) -> tuple[dict[Field, list[str]], dict[Field, str]]:
    """Return what the record's fields hold, and the tag that counts for what is said once."""
    by_tag: dict[str, list[str]] = {}
    for one in record.fields:
        tag = tags.same.get(one.tag, one.tag)
        by_tag.setdefault(tag, []).extend(one.lines if tag in tags.lists else [" ".join(one.lines)])
    for tag in {tags.same[one.tag] for one in record.fields if one.tag in tags.same}:
        by_tag[tag] = list(dict.fromkeys(by_tag[tag]))
    values: dict[Field, list[str]] = {}
    used: dict[Field, str] = {}
    for tag, name in tags.fields.items():
        found = [value for value in by_tag.get(tag, ()) if value.strip()]
        if not found or isinstance(name, Part) or (name in _SAID_ONCE and name in used):
            continue
        used.setdefault(name, tag)
        values.setdefault(name, []).extend(map(name_in_order, found) if name == "author" else found)
    return values, used


def _placed(own: str, record: TaggedRecord, tags: Tags, used: Mapping[Field, str]) -> Iterator[tuple[Line, Part]]:
    """Yield the values of a record with their places in its own text and their parts."""
    for one in record.fields:
        start, end = one.start - record.start, one.end - record.start
        name = tags.fields.get(tags.same.get(one.tag, one.tag), BOILERPLATE)
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
