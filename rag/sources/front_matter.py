"""The fields that some Markdown files begin with, between two rules of three hyphens, in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rag.sources.lines import Line, squeeze

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
# Fields that only notes have. A date beside them is that of the note.
_OF_NOTES = frozenset(["tags", "tag", "aliases", "created", "modified", "updated", "cssclass", "cssclasses"])
_WIKI_LINK = re.compile(r"!?\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]")
_FIELD = re.compile(r"[A-Za-z][\w -]*:(?:\s|$)")
_LONGEST = 200_000  # characters of YAML
_LONGEST_VALUE = 2_000


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The fields by our names, as text, lists joined by semicolons; the place of the first line below.

    `note` says that they are those of a note or a clipping, which somebody made of a paper; `abstract` has the places
    of the lines of an abstract among them.
    """

    fields: Mapping[str, str]
    end: int
    note: bool = False
    abstract: range = range(0)


def front_matter_end(lines: Sequence[Line]) -> int:
    """Return the place of the first line after the front matter, 0 where there is none."""
    if not lines or lines[0].text != "---":
        return 0
    closing = (place for place, line in enumerate(lines[1:], start=1) if line.text in ("---", "..."))
    end = next(closing, -1) + 1
    named = any(_FIELD.match(line.text[:200]) for line in lines[1:end])
    return end if named else 0


def front_matter(text: str, lines: Sequence[Line]) -> FrontMatter:
    """Return the fields that a text begins with; none, and 0, where it begins with none, or they are no YAML."""
    end = front_matter_end(lines)
    if not end or lines[end - 1].start > _LONGEST:
        return FrontMatter({}, 0)
    loaded = {str(name).casefold(): value for name, value in _loaded(text[lines[0].end : lines[end - 1].start]).items()}
    note = not _OF_NOTES.isdisjoint(loaded)
    fields: dict[str, str] = {}
    for name, value in loaded.items():
        if (ours := _NAMES.get(name)) and not (note and name.startswith("date")):
            fields.setdefault(ours, _as_text(value))
    return FrontMatter(
        {name: stated for name, stated in fields.items() if stated}, end, note, _abstract(text, lines[:end])
    )


def _abstract(text: str, lines: Sequence[Line]) -> range:
    """Return the places of the lines below the field of the abstract, where it has more than one."""
    fields = [place for place, line in enumerate(lines) if text[line.start - 1 : line.start] in ("\n", "\r")]
    first = next((place for place in fields if lines[place].text.casefold().startswith("abstract:")), None)
    return (
        range(0) if first is None else range(first + 1, next((place for place in fields if place > first), first + 1))
    )


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
    return squeeze(_WIKI_LINK.sub(r"\1", str(value)[:_LONGEST_VALUE])) if isinstance(value, str | int) else ""
