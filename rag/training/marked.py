"""Questions across papers that were written for this project, with marks on what their words are there for.

`written/rows.txt` has one a line: its rows in [], what all of them share in (), what says which papers are meant in {}.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.encoders import RowTag, pieces

WRITTEN = Path(__file__).parent / "written" / "rows.txt"
_OPENS: Mapping[str, RowTag] = {"[": "begins", "(": "shared", "{": "papers"}
_CLOSES = "])}"


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, and what each of its words and marks is there for."""

    text: str
    tags: tuple[RowTag, ...]


def read_marked(line: str) -> Marked:
    """Return a question without its marks, with what they say.

    >>> read_marked("[Pain] in {the trials}")
    Marked(text='Pain in the trials', tags=('begins', 'plain', 'papers', 'papers'))
    """
    text, marked = "", dict[int, RowTag]()
    tag: RowTag = "plain"
    begins = set[int]()
    for letter in line.strip():
        if letter in _OPENS:
            tag = _OPENS[letter]
            begins.add(len(text))
        elif letter in _CLOSES:
            tag = "plain"
        else:
            marked[len(text)] = tag
            text += letter
    return Marked(text, tuple(_tag(marked[start], start in begins) for start, _ in pieces(text)))


def _tag(tag: RowTag, first: bool) -> RowTag:
    return tag if tag != "begins" or first else "goes on"


def read_questions() -> list[Marked]:
    """Return all of them."""
    return [read_marked(line) for line in WRITTEN.read_text("utf-8").splitlines()]
