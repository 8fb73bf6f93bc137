"""Which blocks of a page are its paper's, and of which part: by headings, by marks, by where the text stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources.headings import ABSTRACT, DETAILS, REFERENCES, abstract_label, abstract_part, labelled_part, usual_part
from rag.sources.html.blocks import Block
from rag.sources.html.layout import (
    FEWEST_WORDS,
    MOST_LINKED,
    Layout,
    Place,
    as_line,
    is_frame,
    is_prose,
    is_within,
    with_ancestors,
)
from rag.sources.html.markup import Element
from rag.sources.lines import COPYRIGHT, KEYWORDS, Part, squeeze

TEXT = Part("Text", "body", "authors")
_COPYRIGHT = re.compile(r"(?:copyright\b|©|\(c\) ?(?:19|20)\d\d)", re.IGNORECASE)
_OF_FIGURE = re.compile(
    r"(?:extended data |supplementary )?(?:fig(?:ure)?|table|scheme|chart|video|movie)s?\.?\s*[A-Z]?\d+\w?(?:\W|$)",
    re.IGNORECASE,
)
_ABSTRACT_LABEL = re.compile(r"(abstract|summary)\s*[:—–]\s*(?=\S)", re.IGNORECASE)
_FEWEST_IN_PARAGRAPH = 40  # words of prose that are no list of keywords
_LONGEST_LABEL = 8  # words
_MOST_LINKED_IN_ABSTRACT = 0.5
_ENDS = ".!?…:;)。"  # of what is said


class Parts:
    """The part of each block: by headings, by what the page marks as abstract, by where its prose stands."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._layout = Layout(blocks)
        self._open: list[Place] = []
        self._begun = False  # what follows the abstract
        self._over = False  # the text
        self._abstracts: Element | None = None  # the element that holds them
        self._in_abstract = False

    def placed(self) -> Iterator[tuple[str, Part | None]]:
        """Yield the words that belong to the paper with their parts, headings with None."""
        headings: list[str] = []
        for place, block in enumerate(self._layout.blocks):
            inside = self._layout.is_inside(place)
            while self._open and not self._goes_on(self._open[-1], block, inside):
                self._open.pop()
            if (block.level and not self._is_label(block)) or self._is_abstract_label(place):
                headings = [*headings, block.words] if self._enter(block, inside) else []
            elif part := self._part(block, inside):
                yield from ((heading, None) for heading in headings)
                headings = []
                yield from _labelled(block, part)

    # Headings.

    def _now(self) -> Part | None:
        return self._open[-1].part if self._open else None

    def _goes_on(self, place: Place, block: Block, inside: bool) -> bool:
        """Return whether a block stands below a heading, which does not reach from outside into the text."""
        around = inside and self._layout.main is not place.within and is_within(self._layout.main, place.within)
        return is_within(block.element, place.within) and not around

    def _is_label(self, block: Block) -> bool:
        """Return whether a heading is the caption of a figure or table or belongs to an item of the reference list."""
        if _OF_FIGURE.match(block.words):
            return True
        now = self._now()
        of_item = block.level == 6 or any(above.tag == "li" for above in with_ancestors(block.element))
        return now is not None and now.kind == "references" and of_item

    def _is_abstract_label(self, place: int) -> bool:
        """Return whether a block is a label of a structured abstract that stands alone."""
        block, below = self._layout.blocks[place], self._layout.blocks[place + 1 : place + 2]
        if not below or not self._layout.is_abstract(block) or not self._may_be_abstract(block):
            return False
        if self._in_abstract:
            return block.words.endswith(":") and bool(abstract_label(as_line(block.words), as_line(below[0].words)))
        return usual_part(block.words) == ABSTRACT

    def _enter(self, block: Block, inside: bool) -> Part | None:
        while self._open and self._open[-1].level >= block.level:
            self._open.pop()
        part = self._announced(block, inside)
        self._open.append(Place(part, block.level, self._layout.scope(block, part, inside=inside)))
        return part

    def _announced(self, block: Block, inside: bool) -> Part | None:
        """Return the part that a heading opens below those that are open; None for one of the page's frame."""
        words = squeeze(block.words).strip(" :")
        usual, above = usual_part(words), self._now()
        if is_frame(words):
            return None
        if usual:
            late = inside and self._abstracts is None and not self._over and all(place.part for place in self._open)
            return usual if usual.kind != "abstract" or late or self._may_be_abstract(block) else None
        if DETAILS.fullmatch(words.casefold()) and inside:
            return Part(words, "bibliographic", "authors")
        if self._layout.is_abstract(block) and self._may_be_abstract(block):
            return self._of_abstract(words, above)
        if above and (inside or above.kind != "body"):
            return Part(f"{above.heading.split(':')[0]}: {words}", above.kind, above.provenance)
        return Part(words, "body", "authors") if inside else None

    def _of_abstract(self, words: str, above: Part | None) -> Part | None:
        """Return the part that a heading opens among abstracts: of one of them, or another; None for a sentence."""
        if len(words.split()) > _LONGEST_LABEL:
            return None
        divides = self._in_abstract or (above and above.kind == "abstract")
        return abstract_part(words) if divides else Part(words, "abstract", "authors")

    def _may_be_abstract(self, block: Block) -> bool:
        """Return whether a block may be of this paper's abstracts, which stand together before its text."""
        if self._begun or self._abstracts is None:
            return not self._begun
        return is_within(block.element, self._abstracts)

    # Text.

    def _part(self, block: Block, inside: bool) -> Part | None:
        part = self._now() if self._open else TEXT if inside and self._is_text(block) else None
        if self._is_of_abstract(block, part):
            part = part if part and part.kind in {"abstract", "bibliographic"} else ABSTRACT
        elif part and (part.kind == "body" or DETAILS.fullmatch(part.heading.casefold())):
            part = self._in_text(block, part) if inside else None
        elif part and inside and usual_part(part.heading) == KEYWORDS and is_prose(block.words, _FEWEST_IN_PARAGRAPH):
            self._open.clear()
            part = TEXT
        linked = block.linked >= MOST_LINKED and part is not None and part.kind != "bibliographic"
        if part is None or linked or self._is_stray(block, part):
            return None
        self._note(block, part)
        return part

    def _is_of_abstract(self, block: Block, part: Part | None) -> bool:
        begun = self._in_abstract or (part is not None and part.kind == "abstract")
        said = self._layout.is_abstract(block) and (begun or is_prose(block.words, FEWEST_WORDS))
        return said and self._may_be_abstract(block)

    def _is_stray(self, block: Block, part: Part) -> bool:
        """Return whether a block below an abstract is too short for one, where neither marks nor labels tell."""
        if part.kind != "abstract" or block.label or is_prose(block.words, FEWEST_WORDS):
            return False
        label = part.heading.rpartition(": ")[2]
        if self._layout.is_abstract(block):
            named = label == part.heading and usual_part(label) == part
            return block.linked > _MOST_LINKED_IN_ABSTRACT or (named and block.words[-1] not in _ENDS)
        return not abstract_label(as_line(label), as_line(block.words))

    def _note(self, block: Block, part: Part) -> None:
        """Note where the abstracts are, and that they are over."""
        self._in_abstract = part.kind == "abstract"
        if self._in_abstract and self._abstracts is None:
            self._abstracts = self._layout.home(block, self._open[-1].within if self._open else block.element)
        prose = part.kind == "body" and is_prose(block.words, FEWEST_WORDS)
        self._over = self._over or part.kind in {"references", "competing interests"}
        self._begun = self._begun or prose or self._over

    def _is_text(self, block: Block) -> bool:
        """Return whether a block that no heading stands over is text: once it has begun, or prose."""
        return self._begun or is_prose(block.words, FEWEST_WORDS)

    def _in_text(self, block: Block, part: Part) -> Part:
        """Return the part of a block of the text, which may be a reference or say itself what it is."""
        if self._layout.is_reference(block):
            return REFERENCES
        said = usual_part(block.label) if block.label.endswith(":") else labelled_part(as_line(block.words))
        if said and said.kind != "abstract":
            return said
        if self._layout.is_note(block):
            return Part(part.heading, "bibliographic", "authors")
        return COPYRIGHT if part is TEXT and _COPYRIGHT.match(block.words) else part


def _labelled(block: Block, part: Part) -> Iterator[tuple[str, Part | None]]:
    """Yield a block, in an abstract with the label that it begins with as a heading: a bold one, or "Abstract:"."""
    named = _ABSTRACT_LABEL.match(block.words)
    label, end = (named[1], named.end()) if named else (block.label.strip(" :."), len(block.label))
    rest = block.words[end:].lstrip(" :.")
    begins = part.kind == "abstract" and label and rest and block.words.startswith(label)
    ends = begins and (block.words[end - 1] in ":. " or rest[0].isupper())
    if ends or (begins and abstract_label(as_line(label), as_line(rest))):
        yield label, None
        yield rest, usual_part(label) or abstract_part(label)
    else:
        yield block.words, part
