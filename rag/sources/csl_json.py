"""References in JSON: CSL-JSON, and what Zotero, its plug-in Better BibTeX and Paperpile write."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rag.sources.lines import squeeze
from rag.sources.record import Field, gathered, laid_out, listed_names, title_of, without_tags
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

_HEAD = 100_000  # characters, in which the first reference has shown itself
_TITLE = re.compile(r'"title"\s*:')
_TELLING = re.compile(
    r'"(?:issued|container-title|citation-key|itemType|creators|abstractNote|publicationTitle|published|DOI)"\s*:'
)
_FIELDS: Mapping[str, Field] = {
    "title": "title",
    **dict.fromkeys(("container-title", "publicationTitle", "proceedingsTitle", "bookTitle", "journal"), "journal"),
    **dict.fromkeys(("issued", "date", "published"), "date"),
    "year": "year",
    "volume": "volume",
    **dict.fromkeys(("issue", "number"), "issue"),
    **dict.fromkeys(("page", "pages"), "pages"),
    **dict.fromkeys(("DOI", "doi"), "doi"),
    **dict.fromkeys(("PMID", "pmid"), "pmid"),
    **dict.fromkeys(("PMCID", "pmcid"), "pmcid"),
    **dict.fromkeys(("URL", "url"), "url"),
    "genre": "type",
    **dict.fromkeys(("abstract", "abstractNote"), "abstract"),
    **dict.fromkeys(("keyword", "keywords", "tags"), "keyword"),
    **dict.fromkeys(("note", "notes", "extra", "annote"), "note"),
}
_NO_REFERENCES = ("attachment", "note", "annotation")
_MARKUP = re.compile(r"<[^<>]{1,1000}>")
_MARKED_UP: tuple[Field, ...] = ("title", "journal", "abstract")


def recognises(file: SourceFile) -> bool:
    """Tell whether a text is JSON that begins with a reference."""
    head = file.text[:_HEAD].lstrip()
    return head[:1] in ("[", "{") and bool(_TITLE.search(head) and _TELLING.search(head))


def read(file: SourceFile) -> Reading:
    """Return the references as reviews; raise UnreadableReview for JSON that is damaged or holds none."""
    try:
        content = json.loads(file.text)
    except (ValueError, RecursionError) as error:
        raise file.refused("is JSON that is damaged; export it again") from error
    items = enumerate(_items(content), start=1)
    return gathered(file, "References in JSON", (_review(item, number) for number, item in items))


def _items(content: Any) -> Iterator[Any]:
    """Yield the references, wherever the program that wrote them puts the list; attachments and notes are none."""
    while isinstance(content, dict) and isinstance(content.get("items"), list | dict):
        content = content["items"]
    if isinstance(content, dict):
        found = (inner for inner in content.values() if isinstance(inner, dict))
        content = [content] if "title" in content else list(found)
    for item in content if isinstance(content, list) else ():
        inner = item.get("data") if isinstance(item, dict) else None
        item = inner if isinstance(inner, dict) else item
        if not (isinstance(item, dict) and item.get("itemType") in _NO_REFERENCES):
            yield item


def _review(item: Any, number: int) -> Review | str:
    if not isinstance(item, dict):
        return f"Item {number}: it is no reference"
    fields = _fields(item)
    return laid_out(fields) if title_of(fields) else f"Item {number}: it has no title"


def _fields(item: Mapping[str, Any]) -> dict[Field, list[str]]:
    fields: dict[Field, list[str]] = {}
    for name, field in _FIELDS.items():
        words = _dates(item.get(name)) if field == "date" else _strings(item.get(name))
        fields.setdefault(field, []).extend(_unmarked(field, value) for value in words)
    fields["author"] = list(_authors(item.get("author") or item.get("creators") or item.get("authors")))
    if item.get("itemType") == "preprint":
        fields["type"].append("Preprint")
    return fields


def _unmarked(field: Field, value: str) -> str:
    """Return a value without HTML, of which titles and abstracts have a little and notes are made."""
    if field == "note":
        return html.unescape(_MARKUP.sub(" ", value))
    return without_tags(html.unescape(value)) if field in _MARKED_UP else value


def _strings(value: Any) -> Iterator[str]:
    """Yield the strings that a value is or holds: Zotero has {"tag": …} and {"note": …} in its lists."""
    if isinstance(value, str):
        yield value.encode("utf-8", "replace").decode()  # half a character may be escaped in JSON
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for inner in value:
            inner = (
                next((inner[name] for name in ("tag", "note") if name in inner), None)
                if isinstance(inner, dict)
                else inner
            )
            if isinstance(inner, str):
                yield from _strings(inner)


def _dates(value: Any) -> Iterator[str]:
    """Yield what a date is printed as, or its parts with hyphens."""
    if not isinstance(value, dict):
        yield from _strings(value)
        return
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts and isinstance(parts[0], list) else None
    yield from _joined(first or [value.get(name) for name in ("year", "month", "day")])
    for name in ("raw", "literal"):
        yield from _strings(value.get(name))


def _joined(parts: Iterable[Any]) -> Iterator[str]:
    words = [squeeze(word) for part in parts for word in _strings(part)]
    if words:
        yield "-".join(f"{int(word):02}" if word.isdecimal() and len(word) < 5 else word for word in words)


def _authors(value: Any) -> Iterator[str]:
    """Yield the names of authors, given name first; editors and the like are none."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            if one.get("creatorType", "author") == "author" and (name := _name(one)):
                yield name
        else:
            for words in _strings(one):
                yield from listed_names(words)


def _name(author: Mapping[str, Any]) -> str:
    def part(*names: str) -> str:
        return next((squeeze(word) for name in names for word in _strings(author.get(name)) if word.strip()), "")

    particles = part("non-dropping-particle"), part("dropping-particle")
    family = " ".join(filter(None, (*particles[::-1], part("family", "lastName", "last"))))
    whole = " ".join(filter(None, (part("given", "firstName", "first"), family, part("suffix"))))
    return whole or part("literal", "name", "formatted")
