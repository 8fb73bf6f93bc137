"""A page of records, as reference managers and databases write it: each a table of labels and values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rag.sources.html.markup import Element, names
from rag.sources.labels import FIELDS, field_called
from rag.sources.lines import is_prose, squeeze
from rag.sources.record import Field, Fields, listed_names, name_in_order

_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_LISTS = frozenset(["ul", "ol"])
_LINES = frozenset(["br", "p", "div", "li"])
_BOLD = frozenset(["b", "strong"])
_FEWEST, _FEWEST_WORDS, _SENTENCE = 2, 25, 8  # fields beside the title; words of an abstract, of a sentence
_DATE = re.compile(r"(?:[12]?\d/)?(?:[1-3]?\d/)?(?:19|20)\d\d(?:[-/.]\d{1,2}){0,2}")
_MOSTLY = 0.5  # of what a page says
_WORTH = {name: place for place, name in enumerate(FIELDS)}


def read_records(body: Element) -> list[Fields]:
    """Return the fields of each record of a page; [] where it is not most of all a page of records."""
    tables = [table for table in body.iter("table") if table.find(".//table") is None]
    beside = Counter(table.getparent() for table in tables)
    found: list[Fields] = []
    said = 0
    for table in tables:
        parent = table.getparent()
        # What stands around a table belongs to it where no other does.
        around = parent if beside[parent] == 1 and parent.tag != "body" else None
        fields = _fields([*_rows(table), *(_around(table, around) if around is not None else ())])
        if fields.get("title") and len(fields) > _FEWEST:
            found.append(fields)
            said += len((table if around is None else around).text_content())
    return found if said >= _MOSTLY * len(body.text_content()) else []


def _fields(labelled: Iterable[tuple[str, list[str]]]) -> Fields:
    """Return what a table and the lists below it state."""
    found: dict[Field, list[str]] = {}
    worth: dict[Field, int] = {}
    others: list[str] = []
    for label, lines in labelled:
        name = field_called(label)
        if not name or not lines:
            others += [" ".join(lines)] if lines else []
            continue
        name = "journal" if name == "citation" else name  # volume and pages have labels of their own
        place = _WORTH[squeeze(label).strip(" :").casefold()]
        if name in ("author", "journal") and worth.setdefault(name, place) != place:
            if worth[name] < place:
                continue
            found.pop(name, None)
            worth[name] = place
        found.setdefault(name, []).extend(_values(name, lines))
    return _with_others(found, others)


def _with_others(found: dict[Field, list[str]], others: Sequence[str]) -> Fields:
    """Add what stands below labels that are not known, as in another language: abstract and date by what they are.

    Other sentences are a reader's.
    """
    said = [words for words in others if is_prose(words, _SENTENCE if words[-1] in ".!?" else _FEWEST_WORDS)]
    longest = max(said, key=len, default="")
    if "abstract" not in found and is_prose(longest, _FEWEST_WORDS):
        found["abstract"] = [longest]
        said.remove(longest)
    if said:
        found.setdefault("note", []).extend(said)
    if {"date", "year"}.isdisjoint(found) and (dates := [words for words in others if _DATE.fullmatch(words)]):
        found["date"] = dates[:1]
    return found


def _values(name: Field, lines: list[str]) -> list[str]:
    if name == "author":
        return [name_in_order(line) for line in lines] if len(lines) > 1 else listed_names(lines[0])
    return ["\n".join(lines)] if name == "note" else [" ".join(lines)]


def _rows(table: Element) -> Iterator[tuple[str, list[str]]]:
    for row in table.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if cells:
            yield from _labelled(cells[-1], _called(cells[0]) if len(cells) > 1 else "")


def _called(label: Element) -> str:
    """Return what a label says, or the name that its class gives it in every language."""
    return next((name for name in names(label) if field_called(name)), squeeze(label.text_content()))


def _around(table: Element, container: Element) -> Iterator[tuple[str, list[str]]]:
    """Yield the heading above a table, which is the title, and the lists below it by their headings."""
    children = [*container]
    at = children.index(table)
    for child in children[:at]:
        if child.tag in _HEADINGS:
            yield "title", [squeeze(child.text_content())]
    for heading, below in zip(children[at + 1 :], children[at + 2 :], strict=False):
        if heading.tag in _HEADINGS and below.tag in _LISTS and field_called(_called(heading)):
            for item in below:
                yield from _labelled(item, _called(heading))


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
