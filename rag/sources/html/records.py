"""A page of records, as reference managers and databases write it: each a table of labels and values."""

from __future__ import annotations

from collections.abc import Iterator

from rag.sources.html.markup import Element
from rag.sources.labels import FIELDS, field_called
from rag.sources.lines import squeeze
from rag.sources.record import Field, Fields, listed_names, name_in_order

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LISTS = frozenset(["ul", "ol"])
_LINES = frozenset(["br", "p", "div", "li"])
_BOLD = frozenset(["b", "strong"])
_FEWEST = 2  # fields beside the title
_MOSTLY = 0.5  # of what a page says
_WORTH = {name: place for place, name in enumerate(FIELDS)}


def read_records(body: Element) -> list[Fields]:
    """Return the fields of each record of a page; [] where it is not most of all a page of records."""
    tables = [table for table in body.iter("table") if table.find(".//table") is None]
    records = [(table, fields) for table in tables if _is_record(fields := _fields(table))]
    said = sum(len(_container(table).text_content()) for table, _ in records)
    return [fields for _, fields in records] if said >= _MOSTLY * len(body.text_content()) else []


def _is_record(fields: Fields) -> bool:
    return bool(fields.get("title")) and len(fields) > _FEWEST


def _container(table: Element) -> Element:
    """Return what holds a table and what belongs to it: its parent, where that has no other table."""
    parent = table.getparent()
    alone = parent.tag != "body" and len(parent.findall(".//table")) == 1
    return parent if alone else table


def _fields(table: Element) -> Fields:
    """Return what a table states and what stands around it: a title above it, lists with a heading below it."""
    found: dict[Field, list[str]] = {}
    worth: dict[Field, int] = {}
    for label, lines in [*_rows(table), *_around(table)]:
        name = field_called(label)
        if name and lines:
            name = "journal" if name == "citation" else name  # volume and pages have labels of their own
            place = _WORTH[squeeze(label).strip(" :").casefold()]
            if name in ("author", "journal") and worth.setdefault(name, place) != place:
                if worth[name] < place:
                    continue
                found.pop(name, None)
                worth[name] = place
            found.setdefault(name, []).extend(_values(name, lines))
    return found


def _values(name: Field, lines: list[str]) -> list[str]:
    if name == "author":
        return [name_in_order(line) for line in lines] if len(lines) > 1 else listed_names(lines[0])
    return ["\n".join(lines)] if name == "note" else [" ".join(lines)]


def _rows(table: Element) -> Iterator[tuple[str, list[str]]]:
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if cells:
            yield from _labelled(cells[-1], squeeze(cells[0].text_content()) if len(cells) > 1 else "")


def _around(table: Element) -> Iterator[tuple[str, list[str]]]:
    """Yield the heading that is the title, and the lists below the table by their headings."""
    if (container := _container(table)) is table:
        return
    children = [*container]
    at = next(place for place, child in enumerate(children) if table is child or table in child.iterdescendants())
    for child in children[:at]:
        if child.tag in _HEADINGS:
            yield "title", [squeeze(child.text_content())]
    for heading, below in zip(children[at + 1 :], children[at + 2 :], strict=False):
        if heading.tag in _HEADINGS and below.tag in _LISTS:
            for item in below:
                yield from _labelled(item, squeeze(heading.text_content()))


def _labelled(cell: Element, label: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the labels in a cell, which are bold and end with a colon, each with the lines behind it."""
    said = ""
    for words, is_label in _pieces(cell):
        if is_label:
            yield label, _lines(said)
            label, said = words, ""
        else:
            said += words
    yield label, _lines(said)


def _pieces(element: Element) -> Iterator[tuple[str, bool]]:
    words = element.text_content()
    if element.tag in _BOLD and words.rstrip().endswith(":"):
        yield words, True
        return
    yield element.text or "", False
    for child in element:
        broken = "\n" if child.tag in _LINES else ""
        yield broken, False
        yield from _pieces(child)
        yield broken + (child.tail or ""), False


def _lines(said: str) -> list[str]:
    return [words for line in said.splitlines() if (words := squeeze(line))]
