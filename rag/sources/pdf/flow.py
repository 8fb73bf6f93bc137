"""The order in which blocks are read: paragraphs that a column's or page's end divides are whole again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.sources.pdf.paragraphs import SAME_SIZE, Block, alike, begins_divided

CAPTION = re.compile(
    r"(?P<label>(?:supplementary |supplemental |extended data )?(?:fig(?:ure|\.)?|table|box|scheme|plate|chart)\s?"
    r"(?:[A-Z]?\d{1,3}|[IVX]{1,5})\b)(?P<stop>\s*[.:|–—-]?)",
    re.IGNORECASE,
)
# Blocks between parts of a paragraph: the captions, tables and notes of a page or two; between parts of small print.
_MOST_BETWEEN, _MOST_BETWEEN_NOTES = 200, 8
_LABEL_LINES = 2  # of what is set as the text is and is none
_LETTER = 0.5  # of a character's size: how wide most are


def paragraphs(blocks: Sequence[Block], body_size: float) -> list[list[Block]]:
    """Return the blocks of each paragraph, heading and table; what stood between its parts comes after it."""
    found: list[list[Block]] = []
    used: set[int] = set()
    for place, block in enumerate(blocks):
        if place in used:
            continue
        group, last = [block], place
        while (following := _continuation(blocks, last, used, body_size)) is not None:
            used.add(following)
            group.append(blocks[following])
            last = following
        found.append(group)
    return found


def is_caption(block: Block, body_size: float) -> bool:
    """Tell the words below a figure or above a table from a sentence that begins with its name."""
    match = CAPTION.match(block.text)
    return match is not None and (bool(match["stop"].strip()) or block.size < body_size - SAME_SIZE or block.first.bold)


def _continuation(blocks: Sequence[Block], place: int, used: set[int], body_size: float) -> int | None:
    """Return the place of the block that goes on with the paragraph that a block leaves unfinished, if one does."""
    block, between = blocks[place], False
    if block.is_table or not block.is_unfinished:
        return None
    most = _MOST_BETWEEN if abs(block.size - body_size) < SAME_SIZE else _MOST_BETWEEN_NOTES
    for following in range(place + 1, min(place + most, len(blocks))):
        other = blocks[following]
        if other.first.page - block.rows[-1].page > 1 + (most == _MOST_BETWEEN):
            return None
        if following in used or other.is_table or is_caption(other, body_size) or not alike(block, other):
            between |= other.size > body_size + SAME_SIZE or other.bold
            continue
        if begins_divided(block, other) or (not between and _runs_on(block, other)):
            return following
        if len(other.rows) > _LABEL_LINES:
            return None
    return None


def _runs_on(block: Block, other: Block) -> bool:
    """Tell whether a column's last line has no room for the next column's first word, which is not indented."""
    room = max(row.right for row in block.rows) - block.rows[-1].right
    full = room < _LETTER * block.size * (len(other.text.split()[0]) + 1)
    apart = other.column is not block.column
    return (
        block.kind == other.kind
        and full
        and apart
        and other.first.left - other.column.left < other.size / 2
        and len(block.rows) > 1
    )
