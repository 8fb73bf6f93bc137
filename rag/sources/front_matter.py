"""The fields that some Markdown files begin with, between two rules of three hyphens, in YAML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.sources.facts import WIKI_LINK
from rag.sources.headings import ABSTRACT
from rag.sources.lines import AUTHORS, BOILERPLATE, CITATION, IDENTIFIERS, TITLE, Line, Part, squeeze

# What the fields of pandoc, Obsidian, Zotero and web clippers are called here.
_NAMES = {
    "title": "title",
    "author": "authors",
    "authors": "authors",
    "author-meta": "authors",
    "date": "date",
    "date-meta": "date",
    "published": "date",
    "year": "date",
    "journal": "journal",
    "publication": "journal",
    "publicationtitle": "journal",
    "container-title": "journal",
    "doi": "doi",
    "pmid": "pmid",
    "pmcid": "pmcid",
    "source": "url",
    "url": "url",
}
_PARTS = {
    "title": TITLE,
    "authors": AUTHORS,
    "date": CITATION,
    "journal": CITATION,
    "doi": IDENTIFIERS,
    "pmid": IDENTIFIERS,
    "pmcid": IDENTIFIERS,
    "url": IDENTIFIERS,
}
# Fields that only notes have. A date beside them is that of the note.
_OF_NOTES = frozenset(["tags", "tag", "aliases", "created", "modified", "updated", "cssclass", "cssclasses"])
_FIELD = re.compile(r"[A-Za-z][\w -]*:(?:\s|$)")
_LONGEST = 200_000  # characters of YAML
_LONGEST_VALUE = 2_000


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields by our names, as text, lists joined by semicolons, and what each line of it states.

    `note` says that they are those of a note or a clipping, which somebody made of a paper.
    """

    fields: Mapping[str, str]
    parts: tuple[Part, ...] = ()
    note: bool = False


def front_matter_end(lines: Sequence[Line]) -> int:
    """Return the place of the first line after the front matter, 0 where there is none."""
    if not lines or lines[0].text != "---":
        return 0
    closing = (place for place, line in enumerate(lines[1:], start=1) if line.text in ("---", "..."))
    end = next(closing, -1) + 1
    named = any(_FIELD.match(line.text[:200]) for line in lines[1:end])
    return end if named else 0


def front_matter(text: str, lines: Sequence[Line]) -> FrontMatter:
    """Return the fields that a text begins with; none where it begins with none, or they are no YAML."""
    end = front_matter_end(lines)
    if not end or lines[end - 1].start > _LONGEST:
        return FrontMatter({})
    loaded = {str(name).casefold(): value for name, value in _loaded(text[lines[0].end : lines[end - 1].start]).items()}
    note = not _OF_NOTES.isdisjoint(loaded)
    names = {name: ours for name, ours in _NAMES.items() if not (note and name.startswith("date"))}
    fields: dict[str, str] = {}
    for name, value in loaded.items():
        if ours := names.get(name):
            fields.setdefault(ours, _as_text(value))
    stated = {name: value for name, value in fields.items() if value}
    return FrontMatter(stated, tuple(_parts(text, lines[:end], names)), note)


def _parts(text: str, lines: Sequence[Line], names: Mapping[str, str]) -> Iterator[Part]:
    """Yield what each line states: a field by its name, with the lines below that go on with its value."""
    field, part = "", BOILERPLATE
    for line in lines:
        if text[line.start - 1 : line.start] in ("", "\n", "\r") and not line.text.startswith("- "):
            field = line.text.partition(":")[0].casefold()
            part = _PARTS.get(names.get(field, ""), BOILERPLATE)
            yield part
        else:
            yield ABSTRACT if field == "abstract" else part


def _loaded(block: str) -> Mapping[object, object]:
    """Return the fields of YAML, those before a fault where there is one."""
    import yaml

    rows = block.splitlines(keepends=True)
    for most in (len(rows), *(at for at in range(len(rows) - 1, 0, -1) if _FIELD.match(rows[at])))[:50]:
        try:
            loaded = yaml.load("".join(rows[:most]), yaml.CSafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            continue
        return loaded if isinstance(loaded, dict) else {}
    return {}


def _as_text(value: object) -> str:
    """Return a field as text, what a list holds with semicolons between."""
    return "; ".join(filter(None, map(_one, value[:1_000]))) if isinstance(value, list) else _one(value)


def _one(value: object) -> str:
    """Return one value as text, a wiki link as the name that it shows; nothing for what is nested."""
    if isinstance(value, dict):
        given, family = value.get("given"), value.get("family")
        value = (
            f"{given} {family}" if given and family else value.get("name") or value.get("literal") or value.get("title")
        )
    if isinstance(value, date):
        return value.isoformat()[:10]
    return squeeze(WIKI_LINK.sub(r"\1", str(value)[:_LONGEST_VALUE])) if isinstance(value, str | int) else ""
