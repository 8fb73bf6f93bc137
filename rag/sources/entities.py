"""Terms that a page lists by kind, with their database identifiers:

- **Genes:** CD19 (CD19 molecule) [NCBI Gene 930] {aka B4, CVID3}, MS4A1 (NCBIGene:931)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources.lines import Line, squeeze
from rag.types import Entity, Span

_KIND = re.compile(
    r"(?:[-*+•]\s+)?(?:\*\*|__)?([^\W\d_][^:*_()\[\]{},;]{1,60}?)\s*(?::\s*(?:\*\*|__)|(?:\*\*|__)\s*:|:)\s+"
)
_BULLET = re.compile(r"(?:[-*+•]|\d{1,3}[.)])\s+")
_OPENING, _CLOSING = "([{", {")": "(", "]": "[", "}": "{"}
_ALIASES = re.compile(r"(?:aka|also known as|synonyms?)\b\s*:?\s*", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[A-Za-z][\w.-]{0,20}:\s?[\w.:-]{1,40}"
    r"|(?:PubChem|NCBI|Entrez|Gene|tax(?:on|id)|CID|OMIM|UniProt|ChEBI|DrugBank|Ensembl|HGNC|CAS|KEGG)\b"
    r"[\w .-]{0,15}?\d[\w-]*",
    re.IGNORECASE,
)
_LONGEST_LINE = 100_000


def entities_in(lines: Sequence[Line], heading: str) -> tuple[Entity, ...]:
    """Return the terms of the lines of an entity section; a line without a kind of its own has the last one."""
    found: list[Entity] = []
    kind = heading
    for line in lines:
        if len(line.text) > _LONGEST_LINE:
            continue
        start = 0
        if match := _KIND.match(line.text[:100]):
            kind, start = squeeze(match.group(1)), match.end()
        elif match := _BULLET.match(line.text[:10]):
            start = match.end()
        found += (_entity(kind, line, span) for span in _items(line.text, start))
    return tuple(entity for entity in found if entity.name)


def terms_in(lines: Sequence[Line], kind: str) -> tuple[Entity, ...]:
    """Return the terms of a list with one on each line, or with semicolons between; a term may hold commas."""
    found: list[Entity] = []
    for line in lines:
        mark = _BULLET.match(line.text[:10])
        start = mark.end() if mark else 0
        for item in line.text[start:_LONGEST_LINE].split(";"):
            found.append(_term(kind, line, (start, start + len(item))))
            start += len(item) + 1
    return tuple(term for term in found if term.name)


def _term(kind: str, line: Line, span: Span) -> Entity:
    raw = line.text[slice(*span)]
    item = raw.strip()
    start = line.start + span[0] + raw.find(item)
    return Entity(kind, squeeze(item.replace("*", "")), start, start + len(item))


def _items(text: str, start: int) -> Iterator[Span]:
    """Yield the spans between separators that no bracket encloses; "1,2-dioleoyl" holds no separator."""
    depth = 0
    for place in range(start, len(text)):
        character = text[place]
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif depth == 0 and (character == ";" or (character == "," and text[place + 1 : place + 2].isspace())):
            yield start, place
            start = place + 1
    yield start, len(text)


def _entity(kind: str, line: Line, span: Span) -> Entity:
    raw = line.text[slice(*span)]
    item = raw.strip(" \t\u00a0.*_`")
    start = line.start + span[0] + raw.find(item)
    name, notes = _without_notes(item)
    identifiers: list[str] = []
    aliases: list[str] = []
    for bracket, note in notes:
        if match := _ALIASES.match(note):
            aliases += (squeeze(alias) for alias in note[match.end() :].split(","))
        elif bracket == "[" or _IDENTIFIER.fullmatch(note.split(";")[0].split(",")[0].strip()):
            identifiers += (squeeze(identifier) for identifier in re.split(r"[;,]", note))
    return Entity(kind, squeeze(name), start, start + len(item), _given(identifiers), _given(aliases))


def _given(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _without_notes(item: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the item without the bracketed notes at its end, and these notes with their opening bracket."""
    notes: list[tuple[str, str]] = []
    while item and item[-1] in _CLOSING:
        opening = _opening(item)
        if opening <= 0:
            break
        notes.append((item[opening], item[opening + 1 : -1].strip()))
        item = item[:opening].rstrip()
    return item, notes[::-1]


def _opening(item: str) -> int:
    """Return where the bracket opens that closes at the item's end, or -1."""
    depth = 0
    for place in range(len(item) - 1, -1, -1):
        if item[place] in _CLOSING:
            depth += 1
        elif item[place] in _OPENING:
            depth -= 1
            if depth == 0:
                return place
    return -1
