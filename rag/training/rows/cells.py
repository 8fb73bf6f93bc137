"""Questions across papers that were written for this project, row by row with the sentences of each paper that answer.

`written/cells.jsonl` has one a line: the articles it means (their abstracts alone, or all of them), the question, and
for each row what it asks and by article the sentences that answer it, best first (none where the article is silent),
those that come near, and the direction that they report.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rag.questions import Aspect, beside, content_terms, parse
from rag.text import stem_set
from rag.training.held_back import is_for_tuning
from rag.training.rows.row import json_lines
from rag.training.rows.written import ABSTRACT, Written

CELLS = Path(__file__).parents[1] / "written" / "cells.jsonl"
# So many words of a question, beside what a row asks, say which papers it means.
MOST_BESIDE = 6


@dataclass(frozen=True, slots=True)
class AskedRow:
    """What a row of a comparison asks, and what each of the articles has for it."""

    aspect: str
    evidence: Mapping[str, Sequence[str]]
    near: Mapping[str, Sequence[str]] = field(default_factory=dict)
    direction: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compared:
    """A question across papers with its rows."""

    papers: tuple[str, ...]
    question: str
    rows: tuple[AskedRow, ...]

    @property
    def for_tuning(self) -> bool:
        """Tell whether its articles are among those on which settings are chosen."""
        return is_for_tuning(self.papers[0].removesuffix(ABSTRACT))

    def cells(self) -> Iterator[Written]:
        """Yield what is asked of each paper, as the product puts it to each: a row and what the question is on."""
        for row in self.rows:
            for paper, evidence in row.evidence.items():
                near, direction = frozenset(row.near.get(paper, ())), row.direction.get(paper)
                asked = self.asked(row).text
                yield Written(paper, "cell", asked, frozenset(evidence), near - {*evidence}, direction, None)

    def asked(self, row: AskedRow) -> Aspect:
        """Return what a row asks beside the words of the question that say which papers it means."""
        asked = stem_set(" ".join(other.aspect for other in self.rows))
        on = [term for term in parse(self.question, ()).terms if term.forms[0] not in asked]
        return beside(row.aspect, content_terms(row.aspect), on[:MOST_BESIDE])


def read_compared(file: Path = CELLS) -> list[Compared]:
    """Return the questions."""
    return [
        Compared(
            tuple(f"{paper}{ABSTRACT if one['abstracts'] else ''}" for paper in one["papers"]),
            one["question"],
            tuple(_row(row, ABSTRACT if one["abstracts"] else "") for row in one["cells"]),
        )
        for one in json_lines(file)
    ]


def _row(row: dict[str, object], part: str) -> AskedRow:
    def by_paper(name: str) -> dict[str, object]:
        found = row.get(name, {})
        assert isinstance(found, dict)
        return {f"{paper}{part}": value for paper, value in found.items()}

    return AskedRow(str(row["aspect"]), by_paper("evidence"), by_paper("near"), by_paper("direction"))  # type: ignore[arg-type]
