"""Tables of references, a row each: CSV and the like from Zotero, Scopus, Web of Science, Rayyan, Covidence, Elicit.

Embase writes a row for each field.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from io import StringIO

from rag.sources.labels import FIELDS, field_called
from rag.sources.lines import squeeze
from rag.sources.record import FROM_PUBMED, Field, gathered, laid_out, listed_names, title_of, without_text
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

_DELIMITERS = (",", ";", "\t")
_SEPARATOR_LINE = re.compile(r"sep=.\r?\n")  # Excel's own, above the names of the columns
_UPRIGHT = re.compile(r"\s*(?:\"?RECORD \d+\"?,*\s+)?\"?TITLE\"?,(?!\"?[A-Z ]+\"?,)")
_HEAD = 20_000  # characters, in which those names stand
# Elicit has a model's answers in columns, each with the quotes that it gives for them in another.
_OF_ANSWER = re.compile(
    r"(?:supporting (?:quotes|tables|text)|reasoning) for [\"“]?(?P<column>.+?)[\"”]?", re.IGNORECASE
)
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOTHING = frozenset(["", "NA", "N/A", "NaN", "nan", "None", "NULL"])


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins with names of columns that a list of references has."""
    if _upright(file.text[:_HEAD]):
        return True
    names, _ = _header(file.text)
    columns = set(map(field_called, names))
    telling = {"abstract", "pmid"} & columns or ("author" in columns and {"year", "doi", "journal"} & columns)
    return "title" in columns and bool(telling)


def read(file: SourceFile) -> Reading:
    """Return the rows as reviews; raise UnreadableReview for references without abstracts or notes."""
    rows = _upright(file.text) or list(_rows(file.text))
    if not any(isinstance(row, dict) and (row.get("abstract") or row.get("note")) for row in rows):
        of_pubmed = any(isinstance(row, dict) and row.get("pmid") for row in rows)
        raise without_text(file, len(rows), FROM_PUBMED if of_pubmed else "export them with their abstracts")
    return gathered(file, "Table of references", (_review(row, number) for number, row in enumerate(rows, start=1)))


def _review(row: dict[Field, list[str]] | str, number: int) -> Review | str:
    if isinstance(row, str):
        return f"Row {number}: {row}"
    # Zotero writes "journalArticle".
    row["type"] = [
        _CAPITAL_INSIDE.sub(" ", kind).lower() if _CAPITAL_INSIDE.search(kind) else kind for kind in row.get("type", ())
    ]
    return laid_out(row) if title_of(row) else f"Row {number}: it has no title"


def _upright(text: str) -> list[dict[Field, list[str]] | str]:
    """Return the records of a table with a row a field, as Embase writes it; [] of another table."""
    if not _UPRIGHT.match(text[_start(text) :]):
        return []
    records: list[dict[Field, list[str]]] = []
    for label, *cells in _upright_rows(text):
        name, values = field_called(label), [cell for cell in cells if cell.strip()]
        if name == "title":
            records.append({})
        if name and values and records and name not in records[-1]:
            records[-1][name] = listed_names("; ".join(values)) if name == "author" else [" ".join(values)]
    return [*records]


def _upright_rows(text: str) -> Iterator[list[str]]:
    with suppress(csv.Error):
        yield from filter(None, csv.reader(StringIO(text[_start(text) :], newline="")))


def _header(text: str) -> tuple[list[str], str]:
    """Return the names of the columns and the sign between them: that which makes most of the names known."""
    headers = [(_first_row(text[_start(text) :][:_HEAD], delimiter), delimiter) for delimiter in _DELIMITERS]
    return max(headers, key=lambda header: sum(field_called(name) is not None for name in header[0]))


def _start(text: str) -> int:
    return match.end() if (match := _SEPARATOR_LINE.match(text)) else 0


def _first_row(head: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(StringIO(head, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _rows(text: str) -> Iterator[dict[Field, list[str]] | str]:
    """Yield the fields of each row that holds something, or why it cannot be read.

    A row whose cells cannot be told apart might hold those of another paper; so might all rows below a quotation mark
    that is not closed.
    """
    names, delimiter = _header(text)
    columns = _columns(names)
    rows = csv.reader(StringIO(text[_start(text) :], newline=""), delimiter=delimiter, strict=True)
    try:
        for place, row in enumerate(rows):
            cells = ["" if cell.strip() in _NOTHING else cell for cell in row]
            if any(cells[len(names) :]):
                yield "it has more cells than there are columns; save the table again"
            elif place and any(cells):
                yield _values(cells, columns)
    except csv.Error:
        yield "its quotation marks do not match, so it and the rows below cannot be read; save the table again"


def _columns(names: Sequence[str]) -> list[tuple[int, Field, str]]:
    """Return the places of the columns that are read, with their fields and, for a model's answers, their names."""
    worth = list(FIELDS)
    known = [(place, squeeze(name.replace("_", " ")).casefold()) for place, name in enumerate(names)]
    read = sorted((worth.index(name), place, FIELDS[name]) for place, name in known if name in FIELDS)
    answered = {match["column"].casefold() for name in names if (match := _OF_ANSWER.fullmatch(squeeze(name)))}
    answers = [
        (place, squeeze(name))
        for place, name in enumerate(names)
        if _OF_ANSWER.fullmatch(squeeze(name)) or squeeze(name).casefold() in answered
    ]
    places = {place for place, _ in answers}
    found: list[tuple[int, Field, str]] = [(place, field, "") for _, place, field in read if place not in places]
    return [*found, *((place, "note", name) for place, name in answers)]


def _values(cells: Sequence[str], columns: Sequence[tuple[int, Field, str]]) -> dict[Field, list[str]]:
    values: dict[Field, list[str]] = {}
    for place, field, name in columns:
        cell = cells[place].strip() if place < len(cells) else ""
        if cell and not (field == "author" and field in values):
            said = listed_names(cell) if field == "author" else [f"{name}: {cell}" if name else cell]
            values.setdefault(field, []).extend(said)
    return values
