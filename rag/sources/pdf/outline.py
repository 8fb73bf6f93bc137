"""What each block of a PDF belongs to: headings, told by how they are set, and the parts that they open."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.sources.headings import ABSTRACT, REFERENCES, abstract_label, abstract_part, labelled_part, usual_part
from rag.sources.lines import AFFILIATIONS, BOILERPLATE, CITATION, COPYRIGHT, Line, Part, is_prose
from rag.sources.names import looks_like_institution
from rag.sources.pdf.flow import CAPTION, is_caption
from rag.sources.pdf.grobid import Structure
from rag.sources.pdf.paragraphs import AROUND, SAME_SIZE, Block, plain

TEXT = Part("Text", "body", "authors")
_TABLE = Part("Table", "body", "authors")

_NUMBER = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)\.?\s+[^\W\d_]")
_WORD = re.compile(r"\b[^\W\d_]{4}")
_RUN_IN = re.compile(r"(?:abstract|summary)\b\s*[:.—–-]?\s+\S|abstract[—–]", re.IGNORECASE)
_FIRST_REFERENCE = re.compile(r"\[?1[\].]?\s+[A-Z][\w'’-]+,? (?:[A-Z]\.?[ -]?){1,3}[,;.]")
_RIGHTS = re.compile(
    r"©|\(c\) \d{4}|copyright|creative commons|open[- ]access article|all rights reserved", re.IGNORECASE
)
_DATED = re.compile(
    r"\b(?:received|accepted|published|revised|available online|doi|citation)\b|https?://", re.IGNORECASE
)
_MAIL = re.compile(r"\S@[\w-]+\.\w")
_LONGEST_HEADING, _MOST_LINES = 160, 4
_RIGHTS_WITHIN = 100  # characters
_LONGEST_ABSTRACT = 4_000
_FEWEST_WORDS = 25  # of a paragraph on the first page
_SENTENCE = 8  # words
_LINE_OF_TEXT = 5  # words; the lines in a drawing are shorter
_SMALLER = 1.0  # points; a heading is not set that much smaller than the text
_LONGEST_LINE = 80
_ENOUGH = 2  # headings that show how headings of the first rank are set

Type = tuple[float, bool, bool]


def type_of(block: Block) -> Type:
    """Return how a block is set: size, whether bold, whether in capitals."""
    return block.size, block.bold, block.text.isupper()


def body_type(blocks: Sequence[Block], size: float) -> Type:
    """Return how the text of a paper is set, of a known size."""
    bold = sum(len(block.text) * (1 if block.bold else -1) for block in blocks if block.size == size)
    return size, bold > 0, False


@dataclass(slots=True)
class Outline:
    """The parts of a paper as its headings open them, block after block.

    `body` and `top` are how its text and its headings of the first rank are set; without a title there are no facts
    around it, and what stands higher than it, where `begins` on the first page, is no heading. `structure` is what a
    server says of the paper.
    """

    body: Type
    top: Type
    has_title: bool
    begins: float = 0.0
    structure: Structure = field(default_factory=Structure)
    current: Part = TEXT
    begun: bool = False
    _above: str = ""
    _set: Type = (0.0, False, False)
    _length: int = 0

    def part(self, block: Block, below: Block | None, *, first_page: bool) -> Part | None:
        """Return what a block belongs to, None for a heading; it goes on with what the blocks before it opened."""
        if (block.kind in AROUND and not usual_part(plain(block.text))) or (first_page and _MAIL.search(block.text)):
            return _frame(block)
        if block.is_table:
            return self._around()
        if caption := caption_of(block, self.body[0]):
            return caption
        if not (first_page and block.first.base < self.begins) and self._opens(block, below):
            self._open(block)
            return None
        return self._text(block, first_page=first_page)

    def _text(self, block: Block, *, first_page: bool) -> Part:
        """Return the part that a block goes on with or, without a heading, begins."""
        known = self.current.kind != "references" and self.structure.is_reference(block.text)
        if known or (_FIRST_REFERENCE.match(block.text) and not first_page):
            self._enter(REFERENCES, block)
        elif _RUN_IN.match(block.text) and first_page:
            self._enter(ABSTRACT, block)
            return ABSTRACT
        elif labelled := labelled_part(Line(0, 0, block.text, gap=True)) or _listed(block):
            return labelled
        elif self.current.kind == "abstract" and self._ends_abstract(block):
            self.current = TEXT
        elif self._begins_abstract(block):
            self._enter(ABSTRACT, block)
        if first_page and self.has_title and not self.begun and not is_prose(block.text, _SENTENCE):
            return _frame(block)
        self._length += len(block.text)
        return self._within(block)

    def _begins_abstract(self, block: Block) -> bool:
        around = self.current is TEXT or self.current.kind == "bibliographic"
        return self.has_title and around and block.kind == "abstract" and is_prose(block.text, _FEWEST_WORDS)

    def _opens(self, block: Block, below: Block | None) -> bool:
        opens = is_heading(block, self.body, below) or self.structure.is_heading(plain(block.text))
        if self.current.kind == "references":
            return opens and (type_of(block) == self._set or usual_part(plain(block.text)) is not None)
        return opens

    def _open(self, block: Block) -> None:
        words = plain(block.text)
        part = usual_part(words)
        if words.casefold() == "summary" and not self.begun:
            part = ABSTRACT
        deeper = self._is_deeper(block)
        if part is None and deeper and (label := self._abstract_label(words)):
            self.current = abstract_part(label)
        elif part is None and deeper and self._above:
            self._enter(Part(f"{self._above}: {words}", "body", "authors"), block, above=self._above)
        else:
            self._enter(part or Part(words, "body", "authors"), block, above="" if part else words)

    def _enter(self, part: Part, block: Block, above: str = "") -> None:
        self.current, self._above, self._set, self.begun, self._length = part, above, type_of(block), True, 0

    def _abstract_label(self, words: str) -> str | None:
        """Return the label of a structured abstract that a heading within one is, if it is short enough for one."""
        label = abstract_label(Line(0, 0, words, gap=True), Line(0, 0, "", gap=True))
        within = self.current.kind == "abstract" and self._length < _LONGEST_ABSTRACT
        return label if within and label and label.casefold() != "introduction" else None

    def _is_deeper(self, block: Block) -> bool:
        """Tell a heading below another from one of the first rank, by its number or its type."""
        if number := _NUMBER.match(block.text):
            return "." in number[1]
        size, bold, capitals = type_of(block)
        return size < self.top[0] - SAME_SIZE / 2 or (bold, capitals) < self.top[1:]

    def _ends_abstract(self, block: Block) -> bool:
        """Tell text from the abstract above it, where no heading parts them."""
        is_text = block.kind == "text" and abs(block.size - self.body[0]) < SAME_SIZE
        return is_text and (is_prose(block.text, _FEWEST_WORDS) or self._length > _LONGEST_ABSTRACT)

    def _within(self, block: Block) -> Part:
        longest = max(len(row.text.split()) for row in block.rows)
        drawn = abs(block.size - self.body[0]) >= SAME_SIZE and longest < _LINE_OF_TEXT
        return BOILERPLATE if drawn and self.current.kind != "references" else self.current

    def _around(self) -> Part:
        return self.current if self.current.kind == "references" else _TABLE


def _listed(block: Block) -> Part | None:
    """Return the part of a list with its label before it: "Keywords Lamps · Moths"."""
    first, second, *_ = [*block.text.split(" ", 2), "", ""]
    part = usual_part(first) or usual_part(f"{first} {second}")
    return part if part and part.kind == "bibliographic" and not is_prose(block.text, _SENTENCE) else None


def _frame(block: Block) -> Part:
    """Return the part of what stands around the text."""
    if labelled := labelled_part(Line(0, 0, block.text, gap=True)):
        return labelled
    if _RIGHTS.search(block.text[:_RIGHTS_WITHIN]):
        return COPYRIGHT
    place = block.kind == "place" or _MAIL.search(block.text) or looks_like_institution(block.text)
    return AFFILIATIONS if place else CITATION if _DATED.search(block.text) else BOILERPLATE


def is_heading(block: Block, body: Type, below: Block | None = None) -> bool:
    """Tell a heading: short, no sentence, with a word; of a usual wording, numbered, or set apart from the text."""
    text, (size, bold, capitals) = block.text, type_of(block)
    if block.is_table or len(text) > _LONGEST_HEADING or len(block.rows) > _MOST_LINES or caption_of(block, body[0]):
        return False
    if usual_part(plain(text)):
        return True
    if text[0].islower() or text[-1] in ",;." or not _WORD.search(text) or _DATED.search(text):
        return False
    if size < body[0] - _SMALLER:
        return False
    heads_text = below is not None and _heads(block, below, body)
    other_font = heads_text and below is not None and block.first.font != below.first.font
    numbered = bool(_NUMBER.match(text)) and len(block.rows) == 1
    return size > body[0] + SAME_SIZE or (bold and not body[1]) or capitals or ((other_font or numbered) and heads_text)


def _heads(block: Block, below: Block, body: Type) -> bool:
    """Tell a line with a paragraph of the text right below it."""
    text = abs(below.size - body[0]) < SAME_SIZE and len(below.rows) > 1 and not below.text[0].islower()
    return text and len(block.rows) == 1 and below.column is block.column and len(block.text) <= _LONGEST_LINE


def caption_of(block: Block, body_size: float) -> Part | None:
    """Return the part of a figure's or table's caption under its name, None for another block."""
    match = CAPTION.match(block.text)
    return Part(match["label"], "body", "authors") if match and is_caption(block, body_size) else None


def first_rank(blocks: Sequence[Block], body: Type) -> Type:
    """Return how the headings of the first rank in the text are set: the largest that stand more than once."""
    headings = [block for block in blocks if is_heading(block, body) and not usual_part(plain(block.text))]
    counts = Counter(map(type_of, headings))
    return max((kind for kind, count in counts.items() if count >= _ENOUGH), default=body)
