"""A Word document (.docx): its paragraphs by their styles, as the Markdown that `plain` reads.

Comments, deleted and hidden words are left out; inserted ones, content controls, text boxes and footnotes are read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rag.sources import plain
from rag.sources.headings import OF_PAPERS, usual_part
from rag.sources.lines import Line, is_prose, key, listed, squeeze
from rag.sources.source_file import Reading, SourceFile
from rag.sources.tables import rows_in_words
from rag.sources.xml.formulas import grouped
from rag.sources.xml.parsing import Element, markup, parse
from rag.sources.xml.words import Words

_MOST_UNPACKED = 200_000_000  # bytes
_MOST_PARTS = 10_000
_MOST_COLUMNS = 200
_LONGEST_HEADING = 160
_LONGEST_TITLE = 300
_FIRST_PARAGRAPHS = 12  # among which a title stands
_FEWEST_WORDS = 8  # of a sentence
_SILENT = listed("""
    pPr | rPr | del | moveFrom | delText | instrText | delInstrText | Fallback | txbxContent | rt | sdtPr | sdtEndPr
    | commentReference | annotationRef | footnoteRef | endnoteRef | drawing | pict | object
""")
_WITHIN = listed("sdt | sdtContent | customXml | ins | moveTo | smartTag | body | document")
# What Word writes in the font Symbol, at U+F000 and above.
_SYMBOLS = dict(
    zip("abgdezhqiklmnxoprstufcywGDQLXPSFYW±³£´°®µ", "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ±≥≤×°→∝", strict=True)
)
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError)
_SIGNS = {"sup": "^", "sub": "_", "den": "/"}


@dataclass(frozen=True, slots=True)
class _Style:
    name: str = ""
    level: int = 0
    is_item: bool = False
    is_bold: bool = False


@dataclass(frozen=True, slots=True)
class _Paragraph:
    words: str
    style: _Style


def recognises(file: SourceFile) -> bool:
    """Return whether a file is a Word document."""
    return file.content.startswith(b"PK\x03\x04") and b"word/" in file.content


def read(file: SourceFile) -> Reading:
    """Return the review that a Word document holds; raise UnreadableReview where it is damaged, locked or too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.content)) as package:
            paragraphs, title = _read(file, package)
    except _DAMAGED as error:
        raise file.refused("is a damaged Word document") from error
    except RuntimeError as error:  # what zipfile raises for a part that needs a password
        raise file.refused("is locked with a password; save it without") from error
    if not paragraphs:
        raise file.refused("is a Word document without text")
    reading = plain.read(SourceFile(file.name, file.content, _markdown(paragraphs, title)))
    return replace(reading, kind="Word document (.docx)", guessed=False)


def _read(file: SourceFile, package: zipfile.ZipFile) -> tuple[list[_Paragraph], str]:
    """Return the paragraphs of a document, and the title among its properties."""
    parts = package.infolist()
    if sum(part.file_size for part in parts) > _MOST_UNPACKED or len(parts) > _MOST_PARTS:
        raise file.refused(f"unpacks to more than {_MOST_UNPACKED // 10**6} MB")
    place = _document_place(package)
    document = _part(package, place)
    if document is None:
        raise file.refused("is a damaged Word document")
    styles = _styles(_part(package, str(PurePosixPath(place).with_name("styles.xml"))))
    properties = _part(package, "docProps/core.xml")
    title = "" if properties is None else squeeze(properties.findtext("title") or "")
    paragraphs = [*_paragraphs(document, styles)]
    for name in ("footnotes", "endnotes"):
        paragraphs += _notes(name, _part(package, str(PurePosixPath(place).with_name(f"{name}.xml"))), styles)
    return paragraphs, title


def _document_place(package: zipfile.ZipFile) -> str:
    """Return where the package says that its document is."""
    relations = _part(package, "_rels/.rels")
    for relation in [] if relations is None else relations.iter("Relationship"):
        if (relation.get("Type") or "").endswith("/officeDocument"):
            return (relation.get("Target") or "").lstrip("/")
    return "word/document.xml"


def _part(package: zipfile.ZipFile, place: str) -> Element | None:
    with suppress(KeyError):
        return parse(markup(package.read(place).decode("utf-8-sig", "replace")), recover=True)[0]
    return None


# Styles.


def _styles(root: Element | None) -> dict[str, _Style]:
    """Return the styles of paragraphs by their ids, each with what it has from those that it is based on."""
    elements = {} if root is None else {_value(style, "styleId"): style for style in root.iter("style")}
    return {name: _style(name, elements) for name in elements}


def _style(name: str, elements: dict[str, Element]) -> _Style:
    found = _Style(_value(elements[name].find("name")).casefold())
    seen: set[str] = set()
    while name in elements and name not in seen:
        seen.add(name)
        found = _with_own(found, elements[name])
        words = _value(elements[name].find("name")).casefold().split()
        if not found.level and len(words) == 2 and words[0] == "heading" and words[1] in "123456789":
            found = replace(found, level=int(words[1]))
        name = _value(elements[name].find("basedOn"))
    return found


def _with_own(style: _Style, element: Element) -> _Style:
    """Return a style with what a style or paragraph sets where it sets nothing: outline level, list, bold."""
    outline = _value(element.find("pPr/outlineLvl"))
    return _Style(
        style.name,
        style.level or (int(outline) + 1 if outline in {*"01234567"} else 0),
        style.is_item or element.find("pPr/numPr/numId") is not None,
        style.is_bold or _is_on(element.find("rPr/b")),
    )


def _value(element: Element | None, name: str = "val") -> str:
    """Return an attribute whatever its name space."""
    attributes = {} if element is None else element.attrib
    return next((str(value) for key, value in attributes.items() if key.rpartition("}")[2] == name), "")


def _is_on(switch: Element | None) -> bool:
    return switch is not None and _value(switch) not in {"0", "false", "off"}


# Paragraphs.


def _paragraphs(root: Element, styles: dict[str, _Style]) -> Iterator[_Paragraph]:
    """Yield the paragraphs and rows below an element in reading order."""
    for child in root:
        if child.tag == "p":
            yield from _paragraph(child, styles)
        elif child.tag == "tbl":
            yield from (_Paragraph(row, _Style()) for row in _rows(child))
        elif child.tag in _WITHIN:
            yield from _paragraphs(child, styles)


def _paragraph(element: Element, styles: dict[str, _Style]) -> Iterator[_Paragraph]:
    style = _with_own(styles.get(_value(element.find("pPr/pStyle")), _Style()), element)
    if style.name.startswith("toc "):
        return
    runs = [*_runs(element)]
    said = [run for run in runs if "".join(run.itertext()).strip()]
    bold = bool(said) and all(_is_on(run.find("rPr/b")) or style.is_bold for run in said)
    for words in _words(runs):
        yield _Paragraph(words, replace(style, is_bold=bold))
    for box in element.iter("txbxContent"):
        inner = next(box.iterancestors("p")) is not element
        if not inner and not any(above.tag == "Fallback" for above in box.iterancestors()):
            yield from _paragraphs(box, styles)


def _runs(element: Element) -> Iterator[Element]:
    """Yield the runs of a paragraph that are shown."""
    for child in element:
        if child.tag in {"r", "oMath", "oMathPara"}:
            if not _is_on(child.find("rPr/vanish")):
                yield child
        elif child.tag not in _SILENT:
            yield from _runs(child)


def _words(runs: Sequence[Element]) -> Iterator[str]:
    """Yield the words of a paragraph; two breaks of the line in a row end it."""
    words, broken = Words(), False
    for run in runs:
        shift = {"superscript": "sup", "subscript": "sub"}.get(_value(run.find("rPr/vertAlign")), "")
        for piece in _pieces(run):
            if piece == "\n":
                if broken and (text := words.text()):
                    yield text
                    words = Words()
                words.add(" ")
            elif shift and piece.strip():
                words.add_element(_shifted(shift, piece))
            else:
                words.add(piece)
            broken = piece == "\n" or (broken and not piece.strip())
    if text := words.text():
        yield text


def _shifted(tag: str, words: str) -> Element:
    from lxml import etree

    element = etree.Element(tag)
    element.text = words
    return element


def _pieces(run: Element) -> Iterator[str]:
    for child in run:
        match child.tag:
            case "t":
                yield child.text or ""
            case "tab" | "ptab":
                yield " "
            case "br" | "cr":
                yield "\n"
            case "noBreakHyphen":
                yield "-"
            case "sym":
                yield _symbol(child)
            case "sup" | "sub" | "den":  # of a formula
                yield _SIGNS[child.tag] + grouped(squeeze("".join(_pieces(child))))
            case silent if silent in _SILENT:
                pass
            case _:
                yield from _pieces(child)


def _symbol(element: Element) -> str:
    with suppress(ValueError, OverflowError):
        code = int(_value(element, "char"), 16)
        return _SYMBOLS.get(chr(code & 0xFF), "") if code >= 0xF000 else chr(code)
    return ""


def _rows(table: Element) -> list[str]:
    """Return the rows of a table as lines; in one with a single row or column, what its cells say."""
    rows = [[*_cells(row)] for row in table if row.tag == "tr"]
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return [cell for row in rows for cell in row if cell]
    return rows_in_words(rows[:1], rows[1:])


def _cells(row: Element) -> Iterator[str]:
    for cell in row.iter("tc"):
        if next(cell.iterancestors("tr")) is row:
            yield " ".join(paragraph.words for paragraph in _paragraphs(cell, {}))
            spanned = _value(cell.find("tcPr/gridSpan"))
            yield from [""] * (min(int(spanned), _MOST_COLUMNS) - 1 if spanned.isdecimal() else 0)


def _notes(name: str, root: Element | None, styles: dict[str, _Style]) -> Iterator[_Paragraph]:
    """Yield the footnotes or endnotes of a document below a heading."""
    notes = [] if root is None else [note for note in root.iter(name[:-1]) if not _value(note, "type")]
    said = [paragraph for note in notes for paragraph in _paragraphs(note, styles)]
    if said:
        yield _Paragraph(name.capitalize(), _Style(level=1))
        yield from (_Paragraph(note.words, _Style()) for note in said)


# Markdown.


def _markdown(paragraphs: Sequence[_Paragraph], title: str) -> str:
    """Return paragraphs as Markdown, in which the title is the only heading of the first level."""
    place = _title_place(paragraphs, title)
    return "\n\n".join(_marked(one) if at != place else f"# {one.words}" for at, one in enumerate(paragraphs))


def _marked(paragraph: _Paragraph) -> str:
    words, style = paragraph.words, paragraph.style
    if len(words) > _LONGEST_HEADING:
        return words
    if style.level:
        return f"{'#' * min(style.level + 1, 6)} {words}"
    if style.is_bold and words[-1] not in ".,;:" and not style.is_item:
        return f"{'##' if _is_usual(words) else '###'} {words}"
    return f"- {words}" if style.is_item else words


def _is_usual(words: str) -> bool:
    return usual_part(words) is not None or key(Line(0, len(words), words, True)) in OF_PAPERS


def _title_place(paragraphs: Sequence[_Paragraph], title: str) -> int | None:
    """Return which paragraph is the title: by its style, by the document's properties, or as the first that can be."""
    first = paragraphs[:_FIRST_PARAGRAPHS]
    named = [at for at, one in enumerate(first) if one.style.name == "title"]
    named += [at for at, one in enumerate(first) if title and one.words.casefold() == title.casefold()]
    if named:
        return named[0]
    above = first[0].words
    could_be = len(above) <= _LONGEST_TITLE and not _is_usual(above) and above[-1] not in ".,;:"
    return (
        0
        if could_be and (first[0].style.level or not is_prose(above, _FEWEST_WORDS) or first[0].style.is_bold)
        else None
    )
