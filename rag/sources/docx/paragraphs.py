"""The paragraphs of a Word document in reading order, each with its style, and the rows of its tables.

Comments, deleted and hidden words are left out; inserted ones, content controls, text boxes and footnotes are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from rag.sources.lines import listed, squeeze
from rag.sources.tables import rows_in_words
from rag.sources.xml.formulas import grouped
from rag.sources.xml.parsing import Element
from rag.sources.xml.words import Words

_MOST_COLUMNS = 200
_SILENT = listed("""
    pPr | rPr | del | moveFrom | delText | instrText | delInstrText | Fallback | txbxContent | rt | sdtPr | sdtEndPr
    | commentReference | annotationRef | footnoteRef | endnoteRef | drawing | pict | object
""")
_WITHIN = listed("sdt | sdtContent | customXml | ins | moveTo | smartTag | body | document")
# What Word writes in the font Symbol, at U+F000 and above.
_SYMBOLS = dict(
    zip("abgdezhqiklmnxoprstufcywGDQLXPSFYW±³£´°®µ", "αβγδεζηθικλμνξοπρστυφχψωΓΔΘΛΞΠΣΦΨΩ±≥≤×°→∝", strict=True)
)
_SIGNS = {"sup": "^", "sub": "_", "den": "/"}


@dataclass(frozen=True, slots=True)
class Style:
    """How a paragraph is set; `level` is 1 to 9 for a heading, `size` that of its type in half points, 0 if unknown."""

    name: str = ""
    level: int = 0
    is_item: bool = False
    is_bold: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The words of a paragraph or of a table's row, and its style."""

    words: str
    style: Style


def read_styles(root: Element | None) -> dict[str, Style]:
    """Return the styles of paragraphs by their ids, each with what it has from those that it is based on.

    That with the id "" is for paragraphs that name none.
    """
    if root is None:
        return {}
    elements = {_value(style, "styleId"): style for style in root.iter("style")}
    usual = Style(size=_number(root.find("docDefaults/rPrDefault/rPr/sz")))
    styles = {name: _style(name, elements, usual) for name in elements}
    normal = next((styles[name] for name, style in elements.items() if _is_normal(style)), usual)
    return styles | {"": Style(size=normal.size)}


def _is_normal(style: Element) -> bool:
    return _value(style, "type") == "paragraph" and _value(style, "default") in {"1", "true", "on"}


def _style(name: str, elements: dict[str, Element], usual: Style) -> Style:
    found = Style(_value(elements[name].find("name")).casefold())
    seen: set[str] = set()
    while name in elements and name not in seen:
        seen.add(name)
        found = _with_own(found, elements[name])
        words = _value(elements[name].find("name")).casefold().split()
        if not found.level and len(words) == 2 and words[0] == "heading" and words[1] in "123456789":
            found = replace(found, level=int(words[1]))
        name = _value(elements[name].find("basedOn"))
    return replace(found, size=found.size or usual.size)


def _with_own(style: Style, element: Element) -> Style:
    """Return a style with what a style or paragraph sets where it sets nothing: outline level, list, bold, size."""
    outline = _value(element.find("pPr/outlineLvl"))
    return Style(
        style.name,
        style.level or (int(outline) + 1 if outline in {*"01234567"} else 0),
        style.is_item or element.find("pPr/numPr/numId") is not None,
        style.is_bold or _is_on(element.find("rPr/b")),
        style.size or _number(element.find("rPr/sz")),
    )


def _number(element: Element | None) -> int:
    value = _value(element)
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 5 else 0


def _value(element: Element | None, name: str = "val") -> str:
    """Return an attribute whatever its name space."""
    attributes = {} if element is None else element.attrib
    return next((str(value) for key, value in attributes.items() if key.rpartition("}")[2] == name), "")


def _is_on(switch: Element | None) -> bool:
    return switch is not None and _value(switch) not in {"0", "false", "off"}


# Paragraphs.


def read_paragraphs(root: Element, styles: dict[str, Style]) -> Iterator[Paragraph]:
    """Yield the paragraphs and rows below an element in reading order."""
    for child in root:
        if child.tag == "p":
            yield from _paragraph(child, styles)
        elif child.tag == "tbl":
            yield from (Paragraph(row, Style()) for row in _rows(child))
        elif child.tag in _WITHIN:
            yield from read_paragraphs(child, styles)


def _paragraph(element: Element, styles: dict[str, Style]) -> Iterator[Paragraph]:
    style = _with_own(styles.get(_value(element.find("pPr/pStyle")), Style()), element)
    if style.name.startswith("toc "):
        return
    runs = [*_runs(element)]
    said = [run for run in runs if "".join(run.itertext()).strip()]
    bold = bool(said) and all(_is_on(run.find("rPr/b")) or style.is_bold for run in said)
    size = max((_number(run.find("rPr/sz")) for run in said), default=0) or style.size
    for words in _words(runs):
        yield Paragraph(words, replace(style, is_bold=bold, size=size))
    for box in element.iter("txbxContent"):
        inner = next(box.iterancestors("p")) is not element
        if not inner and not any(above.tag == "Fallback" for above in box.iterancestors()):
            yield from read_paragraphs(box, styles)


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
            yield " ".join(paragraph.words for paragraph in read_paragraphs(cell, {}))
            spanned = _value(cell.find("tcPr/gridSpan"))
            yield from [""] * (min(int(spanned), _MOST_COLUMNS) - 1 if spanned.isdecimal() else 0)


def read_notes(name: str, root: Element | None, styles: dict[str, Style]) -> Iterator[Paragraph]:
    """Yield the footnotes or endnotes of a document below a heading."""
    notes = [] if root is None else [note for note in root.iter(name[:-1]) if not _value(note, "type")]
    said = [paragraph for note in notes for paragraph in read_paragraphs(note, styles)]
    if said:
        yield Paragraph(name.capitalize(), Style(level=1))
        yield from (Paragraph(note.words, Style()) for note in said)
