"""A page as blocks in reading order: headings, paragraphs, items of lists, rows of tables."""

from __future__ import annotations

import copy
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace

from rag.sources.html.markup import Element, is_shown, local_name, names, shown_text
from rag.sources.lines import listed, squeeze
from rag.sources.xml.formulas import mathml, tex
from rag.sources.xml.tables import table_lines
from rag.sources.xml.words import Words

_BLOCKS = listed("""
    address | article | blockquote | body | caption | center | dd | details | div | dl | dt | fieldset | figcaption
    | figure | form | h1 | h2 | h3 | h4 | h5 | h6 | header | hgroup | hr | legend | li | main | ol | p | pre | section
    | summary | table | tbody | td | tfoot | th | thead | tr | ul
""")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_OUTSIDE_HEADINGS = frozenset(["section", "article", "body", "table", "li"])
_BOLD = frozenset(["b", "strong"])
_TEX = "mathjax-tex"
_NUMBER = re.compile(r"[\[(]?\d{1,4}[\])]?\.?|[•·▪‣–-]")
_LONGEST_HEADING = 600  # characters
_LONGEST_LABEL = 100
_MOST_CELLS = 50_000
_LONGEST_CELL = 1_000
_DEEPEST_FORMULA = 100


@dataclass(frozen=True, slots=True)
class Block:
    """What stands in an element between its neighbours; `level` is 1 to 6 for a heading, else 0.

    `label` are the bold words that it begins with; `linked` is the share of its characters that are links.
    """

    element: Element
    words: str
    level: int = 0
    label: str = ""
    linked: float = 0.0
    is_row: bool = False


@dataclass(frozen=True, slots=True)
class _Piece:
    """Words, or an element that stands raised, lowered or for a formula; where it stands."""

    content: str | Element
    linked: bool
    bold: bool

    @property
    def words(self) -> str:
        return self.content if isinstance(self.content, str) else "".join(self.content.itertext())


def read_blocks(root: Element) -> list[Block]:
    """Return the blocks of what a page shows below an element."""
    return [*_with_numbers(_Reader().read(root))]


def _with_numbers(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks, the number or bullet of an item of a list together with what follows it there."""
    number: Block | None = None
    for block in blocks:
        if number is not None and (item := _item(number)) is not None and item is _item(block):
            block, number = replace(block, words=f"{number.words} {block.words}"), None
        if number is not None:
            yield number
        number = block if _NUMBER.fullmatch(block.words) else None
        if number is None:
            yield block
    if number is not None:
        yield number


def _item(block: Block) -> Element | None:
    return next((above for above in (block.element, *block.element.iterancestors()) if above.tag == "li"), None)


class _Reader:
    """Pieces gathered until a block begins or ends."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._links = 0
        self._bold = 0
        self._broken = False  # a line, with nothing after it yet

    def read(self, root: Element) -> Iterator[Block]:
        from lxml import etree

        walk = etree.iterwalk(root, events=("start", "end"))
        skipped: Element | None = None
        for event, element in walk:
            if event == "start":
                if self._divides(element):
                    yield from self._block(element if element is root else element.getparent())
                if not (yield from self._enter(element)):
                    skipped = element
                    walk.skip_subtree()
                continue
            if element is not skipped:
                self._links -= element.tag == "a"
                self._bold -= element.tag in _BOLD
            if element.tag in _BLOCKS:
                yield from self._block(element)
            skipped = None
            if element is not root:
                self._add(element.tail)

    def _divides(self, element: Element) -> bool:
        """Return whether a block ends where an element begins: before a block, and at the second break in a row."""
        if element.tag != "br":
            return element.tag in _BLOCKS
        if self._broken:
            return True
        self._add(" ")
        self._broken = True
        return False

    def _enter(self, element: Element) -> Generator[Block, None, bool]:
        """Yield the rows of a table, and return whether to read what is in an element."""
        if not isinstance(element.tag, str) or not is_shown(element):
            return False
        if element.tag in {"sup", "sub"}:
            self._add(_shifted(element, linked=self._links > 0))
        elif local_name(element) == "math":
            self._add(_formula(element))
        elif _TEX in names(element):
            self._add(tex(element.text_content()))
        elif element.tag == "table" and (rows := _rows(element)):
            yield from rows
        else:
            self._links += element.tag == "a"
            self._bold += element.tag in _BOLD
            self._add(element.text)
            return True
        return False

    def _add(self, content: str | Element | None) -> None:
        if isinstance(content, str):
            content = shown_text(content)
        if content is not None and content != "":
            self._pieces.append(_Piece(content, self._links > 0, self._bold > 0))
            self._broken = self._broken and isinstance(content, str) and not content.strip()

    def _block(self, element: Element) -> Iterator[Block]:
        """Yield what was gathered, which stands in `element`."""
        pieces, self._pieces, self._broken = self._pieces, [], False
        paragraph = Words()
        for piece in pieces:
            if isinstance(piece.content, str):
                paragraph.add(piece.content)
            else:
                paragraph.add_element(piece.content)
        if words := paragraph.text():
            linked = sum(map(_length, filter(lambda piece: piece.linked, pieces))) / max(1, sum(map(_length, pieces)))
            label = _label(pieces)
            yield Block(element, words, _level(element, words, label), label, linked)


def _length(piece: _Piece) -> int:
    return len("".join(piece.words.split()))


def _label(pieces: list[_Piece]) -> str:
    bold = ""
    for piece in pieces:
        if not piece.bold and piece.words.strip():
            break
        bold += piece.words
    bold = squeeze(bold)
    return bold if len(bold) <= _LONGEST_LABEL else ""


def _level(element: Element, words: str, label: str) -> int:
    """Return the depth of the heading that an element is: by its tag, class or role, or because all of it is bold."""
    if len(words) > _LONGEST_HEADING:
        return 0
    for above in (element, *element.iterancestors()):
        if level := next((_HEADINGS[name] for name in (above.tag, *names(above)) if name in _HEADINGS), 0):
            return level
        if above.get("role") == "heading":
            depth = above.get("aria-level") or "2"
            return int(depth) if depth in {"1", "2", "3", "4", "5", "6"} else 2
        if above.tag in _OUTSIDE_HEADINGS:
            break
    alone = element.tag in {"p", "div"} and label == words
    return 6 if alone and label[-1] not in ".,;:" and not label.isdigit() else 0


def _shifted(element: Element, *, linked: bool) -> Element:
    """Return an element that stands raised or lowered as JATS has it: what links to a reference is a marker of it."""
    from lxml import etree

    shifted = etree.Element(element.tag)
    into = shifted
    if element.tag == "sup" and (linked or element.find(".//a") is not None):
        into = etree.SubElement(shifted, "xref", {"ref-type": "bibr"})
    into.text = squeeze(shown_text("".join(element.itertext())))
    return shifted


def _formula(math: Element) -> str:
    """Return a formula as words; its TeX where it has no others."""
    plain = copy.deepcopy(math)
    plain.tail = None
    depth = 0
    for part in plain.iter():
        if isinstance(part.tag, str):
            part.tag = local_name(part)
        depth = max(depth, sum(1 for _ in part.iterancestors()))
    words = mathml(plain) if depth <= _DEEPEST_FORMULA else ""
    return words or tex(math.get("alttext") or "")


def _rows(table: Element) -> list[Block]:
    """Return the caption and the rows of a table that holds values; nothing for one that arranges the page."""
    rows = [row for row in table.iter("tr") if next(row.iterancestors("table")) is table]
    cells = [cell for row in rows for cell in row.iterchildren("td", "th")]
    arranges = table.get("role") == "presentation" or any(True for _ in table.iterdescendants("table"))
    if arranges or not 2 * len(rows) <= len(cells) <= _MOST_CELLS or len(rows) < 2:
        return []
    headed = any(True for _ in table.iter("th", "thead"))
    if not headed and any(len(cell.text_content()) > _LONGEST_CELL for cell in cells):
        return []
    caption = [Block(table, block.words) for part in table.iter("caption") for block in read_blocks(part)]
    return [*caption, *(Block(table, words, is_row=True) for words in table_lines(_plain(table, headed), []))]


def _plain(table: Element, headed: bool) -> Element:
    """Return a copy of a table as JATS has it; where no cell is a header, the first row is."""
    from lxml import etree

    plain = copy.deepcopy(table)
    for element in [*plain.iterdescendants()]:
        if not isinstance(element.tag, str) or not is_shown(element):
            element.drop_tree()
        elif element.tag in {"sup", "sub"} and element.getparent() is not None:
            tail = element.tail
            shifted = _shifted(element, linked=False)
            shifted.tail = tail
            element.getparent().replace(element, shifted)
        elif element.tag in _BLOCKS - {"td", "th", "tr", "thead", "tbody", "tfoot", "caption"} or element.tag == "br":
            element.tag = "p"
    etree.strip_elements(plain, "caption", with_tail=False)
    for element in plain.iter():
        element.text, element.tail = shown_text(element.text), shown_text(element.tail)
    first = next(plain.iter("tr"), None)
    if not headed and first is not None:
        for cell in first.iterchildren("td"):
            cell.tag = "th"
    return plain
