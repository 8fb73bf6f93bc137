"""The fields that some Markdown files begin with, between two rules of three hyphens (YAML, read line by line)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.sources.lines import Line

_FIELD = re.compile(r"(?P<name>[A-Za-z][\w-]*)\s*:(?P<value>.*)", re.DOTALL)
_ITEM = re.compile(r"-\s+(?:name\s*:\s*)?(?P<value>.+)", re.DOTALL)
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
    "doi": "doi",
    "pmid": "pmid",
    "pmcid": "pmcid",
}
_MOST_LINES = 400


def front_matter(lines: Sequence[Line]) -> tuple[dict[str, str], int]:
    """Return the fields by our names, lists joined by semicolons, and the place of the first line after them."""
    end = _end(lines)
    fields: dict[str, str] = {}
    name = ""
    for line in lines[1 : max(end - 1, 1)]:
        if match := _FIELD.match(line.text[:2_000]):
            name = _NAMES.get(match["name"].lower(), "")
            value = match["value"].strip()
        elif match := _ITEM.match(line.text[:2_000]):
            value = match["value"].strip()
        else:
            continue
        if name and value:
            value = value.strip("[]").strip("\"'")
            listed = name == "authors" and name in fields
            fields[name] = f"{fields[name]}; {value}" if listed else fields.get(name, value)
    return fields, end


def _end(lines: Sequence[Line]) -> int:
    if not lines or lines[0].text != "---":
        return 0
    closing = (place for place, line in enumerate(lines[1:_MOST_LINES], start=1) if line.text in ("---", "..."))
    end = next(closing, -1) + 1
    named = any(_FIELD.match(line.text[:200]) for line in lines[1:end])
    return end if named else 0
