"""Questions made from `written/shelf_wordings.txt`: each word with what it tells of the papers that are meant.

What is put to the papers in other words than those stands in `written/shelf.jsonl`, what is put to what they say in
`written/questions.jsonl`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from rag.encoders import Put
from rag.questions import TOKEN, content_terms
from rag.types import Span

WORDINGS = Path(__file__).parent / "written" / "shelf_wordings.txt"
# What is looked up of a value when a question is read.
LOOKED_UP = {"PL": "place", "PE": "place", "J": "journal", "A": "author"}
LOOKED_UP_BY_TAG = {"PLACE": "place", "JOURNAL": "journal", "AUTHOR": "author"}
_PART = re.compile(
    r"!\((?P<out>[^()]*)\)|<(?P<name>\w+)>|\[(?P<words>[^\]]*)\](?P<tag>[\w:-]+)|@(?P<value>[A-Z]+\d?)|\S+"
)
_CLOSE = re.compile(r"[,:?]|['’]s$|[-–]|s$")
# The tag of a word of which nobody has said what it tells.
UNTOLD = ""
# Frame words of a clause that says which papers are asked are no part of what they are asked.
_FRAME = ("O", "PAPER")
# What is made: up to each share of all, what begins with a name; the rest keeps a question to some papers.
_SHARES = (("S", 0.57), ("F", 0.68), ("C", 0.84))
_FIRST_YEAR, _LAST_YEAR = 1965, 2026
# "Before the year 2000"
_SAID_YEAR = 0.06


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words of a question: what they tell, whether of papers that are not meant, and what a look-up finds."""

    text: str
    tag: str = "O"
    excluded: bool = False
    known: str = ""


@dataclass(frozen=True, slots=True)
class Worded:
    """A question, what it is put to, and for each of its words the span and what it tells, `UNTOLD` where unknown."""

    text: str
    put: Put
    words: tuple[tuple[Span, Piece], ...] = ()


class Wordings:
    """The wordings with a source of chance; `content` are questions on what papers say."""

    def __init__(self, content: Sequence[str], seed: int) -> None:
        self._chance = np.random.default_rng(seed)
        self._content = content
        self._subjects = [*_subjects(content, self._chance)]
        self._stands_for: dict[str, list[str]] = {}
        for line in WORDINGS.read_text("utf-8").splitlines():
            if not line.startswith("#"):
                name, _, wordings = line.partition(": ")
                self._stands_for.setdefault(name, []).extend(re.split(r"\s*\|\s+", f"{wordings} "))

    def questions(self, count: int) -> Iterator[Worded]:
        """Yield questions put to the shelf, and to what some of its papers say."""
        for _ in range(count):
            share = self._chance.random()
            start = next((name for name, upto in _SHARES if share < upto), "")
            pieces = self._pieces(self._one_of(self._stands_for[start])) if start else self._filtered()
            if start == "C":
                pieces = [Piece(piece.text, "SAYS", known=piece.known) for piece in pieces]
            if pieces:
                yield _worded(self._styled(pieces), "content" if start == "C" else "shelf" if start else "filtered")

    def written(self, question: str) -> Worded:
        """Return a question that was written to be put to the shelf, whose words may be marked as wordings are."""
        if "]" not in question:
            return _worded([Piece(question, UNTOLD)], "shelf")
        pieces = self._pieces(question)
        named = [LOOKED_UP_BY_TAG.get(piece.tag, "") if piece.text[0].isupper() else "" for piece in pieces]
        return _worded([replace(piece, known=known) for piece, known in zip(pieces, named, strict=True)], "shelf")

    def _filtered(self) -> list[Piece]:
        start = self._one_of(["L", "M", "E"])
        clause = [
            Piece(piece.text, "LEAD" if piece.tag in _FRAME else piece.tag, piece.excluded, piece.known)
            for piece in self._pieces(self._one_of(self._stands_for[start]))
        ]
        asked = Piece(self._one_of(self._subjects if start == "M" else self._content).rstrip("?. "), "SAYS")
        return [asked, *clause] if start == "E" else [*clause, asked]

    def _pieces(self, wording: str, tag: str = "O", excluded: bool = False) -> list[Piece]:
        found: list[Piece] = []
        for part in _PART.finditer(wording):
            if part["out"] is not None:
                found += self._pieces(part["out"], tag, True)
            elif part["name"]:
                found += self._pieces(self._one_of(self._stands_for[part["name"]]), tag, excluded)
            elif part["words"] is not None:
                found += self._pieces(part["words"], part["tag"], excluded)
            elif part["value"]:
                found.append(Piece(self._value(part["value"]), tag, excluded, LOOKED_UP.get(part["value"], "")))
            else:
                found.append(Piece(part.group(), tag, excluded))
        return found

    def _value(self, name: str) -> str:
        if name == "Y":
            said = "the year " if self._chance.random() < _SAID_YEAR else ""
            return f"{said}{self._chance.integers(_FIRST_YEAR, _LAST_YEAR)}"
        if name == "RN":
            return f"{self._one_of(['NCT0', 'ISRCTN', 'ACTRN126'])}{self._chance.integers(10**6, 10**7)}"
        if name == "S":
            return self._one_of(self._subjects)
        value = self._one_of(self._stands_for[f"@{name}"])
        return value.replace("@S", self._one_of(self._subjects).split()[-1].capitalize())

    def _one_of(self, several: Sequence[str]) -> str:
        return several[int(self._chance.integers(len(several)))]

    def _styled(self, pieces: list[Piece]) -> list[Piece]:
        """Return a question as it may be typed: with a capital, all in small letters, with a mark at its end."""
        first, *rest = pieces
        style = self._chance.random()
        if style < 0.1:
            pieces = [Piece(piece.text.lower(), piece.tag, piece.excluded, piece.known) for piece in pieces]
        elif style < 0.4:
            capital = first.text[:1].upper() + first.text[1:]
            pieces = [Piece(capital, first.tag, first.excluded, first.known), *rest]
        return [*pieces, Piece(self._one_of(["", "?", "?", "."]))]


def _subjects(content: Sequence[str], chance: np.random.Generator) -> Iterator[str]:
    """Yield subjects: runs of up to three content words of questions."""
    for question in content:
        terms = content_terms(question)
        for length in (1, 2, 2, 3):
            if len(terms) >= length:
                at = chance.integers(len(terms) - length + 1)
                words = question[terms[at].start : terms[at + length - 1].end]
                if re.fullmatch(r"[\w\s-]{3,40}", words):
                    yield words


def _worded(pieces: Sequence[Piece], put: Put) -> Worded:
    """Return the question that pieces make; a word belongs to the piece in which it begins."""
    text, of = "", list[Piece]()
    for piece in pieces:
        close = not text or _CLOSE.fullmatch(piece.text) or text[-1] in "-–"
        added = f"{'' if close else ' '}{piece.text}"
        text, of = text + added, of + [piece] * len(added)
    return Worded(text, put, tuple((match.span(), of[match.start()]) for match in TOKEN.finditer(text)))


def of_content(question: str) -> Worded:
    """Return a question on what papers say, every word of it asking that."""
    return Worded(
        question, "content", tuple((match.span(), Piece(match.group(), "SAYS")) for match in TOKEN.finditer(question))
    )
