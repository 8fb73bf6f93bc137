"""The first line of an answer made of quotes: what the papers found and how many, in fixed words and with citations."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from rag.answers.direction import answer_of, asks_for_findings, direction_of
from rag.answers.reading import Candidate, Line, by_review
from rag.answers.selection import is_own_finding
from rag.questions import AUXILIARY
from rag.shelf import label
from rag.text import UNIT, listed, stem_set
from rag.types import DIRECTIONS, Direction, Verdict

if TYPE_CHECKING:
    from rag.questions import Question
    from rag.shelf import Library

FOUND: Mapping[Direction, str] = {
    "increased": "an increase",
    "decreased": "a decrease",
    "no difference": "no difference",
}
# With more papers than this, their number replaces their names.
NAMED = 2
_YES_OR_NO = re.compile(rf"\W*{AUXILIARY}\b(?!.*\bor\b)", re.IGNORECASE)
# Numbers that are no quantity: of a test, of an interval, of a year, of a table or a reference.
_NO_QUANTITY = re.compile(
    r"\bp\s*[<=>≤≥]\s*\S+|\b\d+\s?% ?CI\b[^);]*|\b(?:19|20)\d\d\b|\b(?:table|figure|fig\.?|grade|phase)\s*\d\w*"
    r"|\[[\d,–-]+\]",
    re.IGNORECASE,
)
_IN_WORDS = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|half|twice|both|none|all)\b", re.IGNORECASE
)
_HOW_MANY = re.compile(r"\bhow many\b", re.IGNORECASE)
_QUANTITY = re.compile(rf"(?<![\w.-])\d+(?:[.,·]\d+)*(?:\s?%|\s?{UNIT}(?:/[a-z]+)*|(?:\s[a-z]+){{1,2}})?(?![\w-]*\d)")


def verdict(
    question: Question,
    found: Sequence[Candidate],
    chosen: Sequence[Candidate],
    numbers: Mapping[Line, int],
    library: Library,
) -> Verdict | None:
    """Return what the quotes say, where it is sure; `numbers` are those of the chosen sentences among the citations."""
    if _HOW_MANY.search(question.text):
        return _count(question, chosen[0], numbers, library)
    if not asks_for_findings(question.bare, library):
        return None
    own, read = by_review(chosen), by_review(found)
    reporting = {i: [one for one in quotes if is_own_finding(one)] for i, quotes in own.items()}
    directions = {i: direction for i in own if (direction := direction_of(read[i], reporting[i]))}
    if not directions:
        return None
    answers = [answer_of(own[i]) for i in own] if _YES_OR_NO.match(question.text) else []
    said = {answer[0] for answer in answers if answer}
    alike = said.pop() if len(said) == 1 else None
    cited = sorted({numbers[candidate.line] for _, candidate in directions.values()})
    told = {direction for direction, _ in directions.values()}
    text = _findings({i: direction for i, (direction, _) in directions.items()}, own, library)
    if len(told) > 1:
        return Verdict(text, tuple(cited), "mixed", "mixed")
    return Verdict(f"{alike.capitalize()}: {text}" if alike else text, tuple(cited), alike, told.pop())


def _findings(directions: Mapping[str, Direction], own: Collection[str], library: Library) -> str:
    """Return what was found and by how many of the papers quoted, and of which it is not read surely."""
    groups = {one: [i for i in own if directions.get(i) == one] for one in DIRECTIONS}
    parts = [f"{_who(ids, own, library)} found {FOUND[one]}" for one, ids in groups.items() if ids]
    unsure = [i for i in own if i not in directions]
    return "; ".join([*parts, *([f"for {_who(unsure, own, library)} see the quotes"] if unsure else [])]) + "."


def _count(question: Question, best: Candidate, numbers: Mapping[Line, int], library: Library) -> Verdict | None:
    """Return the number of the best quote, where it has one only, of the things that are asked for."""
    plain = _NO_QUANTITY.sub(lambda left: " " * len(left.group()), best.text)
    quantities = [match.group() for match in _QUANTITY.finditer(plain)]
    asked = {form for term in question.terms for form in term.forms}
    if len(quantities) != 1 or _IN_WORDS.search(plain) or not stem_set(quantities[0]) & asked:
        return None
    who = label(library.index.reviews[best.passage.review_id])
    return Verdict(f"“{quantities[0]}”, by {who}.", (numbers[best.line],), "value")


def _who(ids: Sequence[str], papers: Collection[str], library: Library) -> str:
    if len(papers) <= NAMED:
        return listed([label(library.index.reviews[i]) for i in ids])
    return f"{len(ids)} of {len(papers)} papers"
