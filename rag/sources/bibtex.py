"""BibTeX and BibLaTeX: each entry is a record; its LaTeX is decoded."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from rag.sources.lines import squeeze
from rag.sources.record import Field, gathered, laid_out, name_in_order, title_of, without_tags
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

_BLOCK = re.compile(
    r"^[ \t\ufeff]*@(?P<type>[a-zA-Z]{2,30})[ \t]*[{(]\s*[^\s,{}()=\"]{0,300}\s*(?P<then>[,})=]?)", re.MULTILINE
)
_NO_ENTRIES = ("comment", "preamble", "string")
_HEAD = 4_000  # characters, in which the first block begins, below the name of the program that wrote the file
_HEADING_OR_PROSE = re.compile(r"^(?:#|[^%\r\n].{200})", re.MULTILINE)
_FIELDS: Mapping[str, Field] = {
    "title": "title",
    "author": "author",
    **dict.fromkeys(("journaltitle", "journal", "booktitle", "shortjournal"), "journal"),
    "date": "date",
    "year": "year",
    "month": "month",
    "day": "day",
    "volume": "volume",
    **dict.fromkeys(("number", "issue"), "issue"),
    **dict.fromkeys(("pages", "eid"), "pages"),
    "doi": "doi",
    **dict.fromkeys(("pmid", "pubmed_id", "unique-id"), "pmid"),
    **dict.fromkeys(("pmcid", "pmc"), "pmcid"),
    "url": "url",
    **dict.fromkeys(("document_type", "type"), "type"),
    "abstract": "abstract",
    **dict.fromkeys(("keywords", "keyword", "author_keywords", "keywords-plus"), "keyword"),
    **dict.fromkeys(("affiliation", "affiliations"), "affiliation"),
    **dict.fromkeys(("funding", "funding-text", "funding_details"), "funding"),
    **dict.fromkeys(("note", "annote", "annotation", "comment", "review"), "note"),
    **dict.fromkeys(("references", "cited-references"), "reference"),
}
_ADDRESSES: frozenset[Field] = frozenset(["doi", "url", "pmid", "pmcid"])
# What an entry takes over from that of the volume that it stands in.
_OF_VOLUME = ("year", "date", "month", "booktitle")
# Said twice and not alike, they may be those of two papers.
_TELLING = frozenset(["title", "author", "doi", "pmid", "year", "date", "abstract"])
_KEY = re.compile(r"@\w+\s*[{(]\s*([^\s,{}()=]{1,100})")
_AND = r"\s+(?i:and)\s+"
_ESCAPE = re.compile(r"\\([%&$#_{}])")
_BRACE = re.compile(r"(?<!\\)[{}]")
_BARE_PERCENT = re.compile(r"(?<!\\)%")
_COMMAND = re.compile(r"\\(?![%&$#_{}])|(?<!\\)\$")
_DOLLARS = re.compile(r"(?<!\\)\$(?:([^$]{1,300})(?<!\\)\$)?")
_FORMULA = re.compile(r"[\\^_<>=]|^\w$")
_SUBSCRIPT = re.compile(r"_(?:\{(\w+)\}|(\w))")
_LIGATURES = (("---", "—"), ("--", "–"), ("``", "“"), ("''", "”"), ("~", " "))
_LONGEST_LATEX = 50_000  # characters; the decoder takes its time
# Commands that the decoder does not know and that are signs of the text.
_SIGN = re.compile(r"\\([a-zA-Z]+)(?:\{\}|[ \t])?")
_SIGNS = {
    "textasciitilde": "~",
    "textless": "<",
    "textgreater": ">",
    "textbar": "|",
    "textunderscore": "_",
    "degree": "°",
    "S": "§",
    "P": "¶",
}


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins, below a short header, with the blocks of BibTeX, an entry among them."""
    first = _BLOCK.search(file.text[:_HEAD])
    if not first or _HEADING_OR_PROSE.search(file.text[: first.start()]):
        return False
    blocks = _BLOCK.finditer(file.text)
    return any(block["type"].lower() not in _NO_ENTRIES and block["then"] in ("", ",", "=") for block in blocks)


def read(file: SourceFile) -> Reading:
    """Return the entries as reviews; one that is broken, or says twice what tells papers apart, is refused."""
    from bibtexparser.splitter import Splitter

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    library = Splitter(file.text.replace("\ufeff", "\n")).split()
    strings: dict[str, str] = {}
    for string in library.strings:
        strings[string.key.lower()] = _bare(string.value, strings)
    entries = [found for block in library.blocks if (found := _entry(block, strings))]
    volumes = {entry.key.lower(): entry for entry in entries if isinstance(entry, _Entry)}
    return gathered(file, "BibTeX", (_record(entry, volumes) for entry in entries))


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry: its key, its fields by their names in small letters, without the signs around their values."""

    key: str
    values: Mapping[str, str]


def _entry(block: Block, strings: Mapping[str, str]) -> _Entry | str | None:
    """Return the entry that a block is, why it cannot be read, or None for a block of another kind."""
    from bibtexparser.model import DuplicateBlockKeyBlock, DuplicateFieldKeyBlock, Entry, ParsingFailedBlock

    match block:
        case Entry():
            values = {field.key.lower(): _bare(field.value, strings) for field in reversed(block.fields)}
            return _Entry(block.key, values)
        case DuplicateBlockKeyBlock(ignore_error_block=inner) if inner:
            return _entry(inner, strings)
        case DuplicateFieldKeyBlock(ignore_error_block=Entry() as inner):
            twice = sorted(name for name in _TELLING if len({*_said(inner, name)}) > 1)
            return f"Entry {inner.key}: it has the field {twice[0]} twice" if twice else _entry(inner, strings)
        case ParsingFailedBlock():
            raw = block.raw or ""
            if raw[1:].lower().startswith(_NO_ENTRIES):
                return None
            key = match[1] if (match := _KEY.match(raw)) else f"of line {(block.start_line or 0) + 1}"
            return f"Entry {key}: it is broken, {_reason(block.error)}"
    return None


def _said(entry: Entry, name: str) -> Iterator[str]:
    return (squeeze(field.value) for field in entry.fields if field.key.lower() == name)


def _reason(error: Exception) -> str:
    """Return on one line what a parser says against an entry."""
    reason = squeeze(str(getattr(error, "abort_reason", error))).rstrip(". ")
    return reason[:1].lower() + reason[1:]


def _record(entry: _Entry | str, volumes: Mapping[str, _Entry]) -> Review | str:
    if isinstance(entry, str):
        return entry
    fields = _fields(entry, volumes)
    return laid_out(fields) if title_of(fields) else f"Entry {entry.key or 'without a key'}: it has no title"


def _fields(entry: _Entry, volumes: Mapping[str, _Entry]) -> dict[Field, list[str]]:
    values = dict(entry.values)
    if volume := volumes.get(values.get("crossref", "").strip().lower()):
        inherited = {name: volume.values[name] for name in _OF_VOLUME if name in volume.values}
        values = {"booktitle": volume.values.get("title", "")} | inherited | values
    found: dict[Field, list[str]] = {}
    for name, field in _FIELDS.items():
        if value := values.get(name, "").strip():
            found.setdefault(field, []).extend(_decoded(field, value))
    if "title" not in found and (volume_title := values.get("booktitle")):
        found["title"] = [_plain(volume_title)]
    if subtitle := values.get("subtitle"):
        found["title"] = [f"{title}: {_plain(subtitle)}" for title in found.get("title", ())]
    if values.get("eprinttype", "").lower() in ("pmid", "pubmed"):
        found.setdefault("pmid", []).append(values.get("eprint", ""))
    return found


def _decoded(field: Field, value: str) -> list[str]:
    if field == "author":
        names = (name for name in _divided(value, _AND) if name.strip().lower() != "others")
        return [_name(name.strip()) for name in names]
    return [_address(value) if field in _ADDRESSES else _plain(value)]


def _address(value: str) -> str:
    """Return a DOI or the like, whose own signs stand for nothing else: "10.5555/a{[}1{]}{\\textless}2"."""
    signs = _SIGN.sub(lambda match: _SIGNS.get(match[1], match[0]), value)
    return _ESCAPE.sub(r"\1", _BRACE.sub("", signs))


def _name(name: str) -> str:
    """Return a name with the given name first; one in braces is that of a group."""
    grouped = name.startswith("{") and name.endswith("}") and len(_divided(name, ",")) == 1
    return _plain(name) if grouped else name_in_order(_plain(name))


def _bare(value: str, strings: Mapping[str, str]) -> str:
    """Return a value without the braces or quotation marks around it, its pieces joined, its strings looked up."""
    if value[:1] == "{" and value[-1:] == "}" and "#" not in value:
        return value[1:-1]
    pieces = (piece.strip() for piece in _divided(value, "#", quoted=True))
    return "".join(piece[1:-1] if piece[:1] in ("{", '"') else strings.get(piece.lower(), piece) for piece in pieces)


def _divided(text: str, separator: str, *, quoted: bool = False) -> list[str]:
    """Return the parts of a text between separators that stand in no braces, nor in quotation marks if those count."""
    parts, start, depth, in_quotes = [], 0, 0, False
    for match in re.finditer(rf"\\\\.|[{{}}\"]|{separator}", text, re.DOTALL):
        sign = match.group()
        if sign in "{}":
            depth = max(0, depth + (1 if sign == "{" else -1))
        elif sign == '"':
            in_quotes = quoted and not depth and not in_quotes
        elif not (depth or in_quotes or sign[0] == "\\"):
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _plain(value: str) -> str:
    """Return what LaTeX prints, as text; a command that is not known stays as it stands."""
    text = _DOLLARS.sub(_formula, value)
    if _COMMAND.search(text) and len(text) < _LONGEST_LATEX:
        return without_tags(_decoder()(_BARE_PERCENT.sub(r"\%", text)))
    text = _BRACE.sub("", text)
    for signs, sign in _LIGATURES:
        text = text.replace(signs, sign)
    return without_tags(_ESCAPE.sub(r"\1", text))


def _formula(match: re.Match[str]) -> str:
    """Return a formula, as LaTeX only where it has commands; dollars that enclose none are money."""
    inside = match[1]
    if not inside or not _FORMULA.search(inside):
        return match.group().replace("$", r"\$")
    inside = _SUBSCRIPT.sub(r"\1\2", inside)
    return f"${inside}$" if "\\" in inside else inside


@cache
def _decoder() -> Callable[[str], str]:
    from pylatexenc.latex2text import (  # type: ignore[import-untyped]
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    context = get_default_latex_context_db()
    signs = [MacroTextSpec(name, sign) for name, sign in _SIGNS.items()]
    context.add_context_category("signs", macros=signs, prepend=True)
    context.set_unknown_macro_spec(MacroTextSpec("", simplify_repl=_unknown))
    latex = LatexNodes2Text(latex_context=context, math_mode="text", strict_latex_spaces=False)

    def decode(text: str) -> str:
        try:
            return str(latex.latex_to_text(text, tolerant_parsing=True))
        except Exception:  # the decoder trips over commands with arguments of another number, and over deep nesting
            return _ESCAPE.sub(r"\1", _BRACE.sub("", text))

    return decode


def _unknown(node: Any) -> str:
    """Return a command as it stands, or nothing for one that sets the words behind it in some type."""
    return "" if node.parsing_state.s[node.pos + node.len :][:1] == "{" else f"\\{node.macroname} "
