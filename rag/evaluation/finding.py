"""A file of questions, each with the sentence of a paper that answers it, or known to have none, becomes figures.

A line has `question`, and `absent` or `evidence` and `pmcid`; `also` lists more sentences of which each answers alone.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import RagError
from rag.evaluation.answering import Asked, BadLine, Record, asked, flag_of, read_lines, read_whole, text_of, texts_of
from rag.evaluation.calibration import calibration_error, risk_coverage
from rag.pipeline import ask, converse
from rag.shelf import Library
from rag.types import Citation, Outcome, Review

log = logging.getLogger(__name__)

# A quote and a sentence are the same when they share this much of the words of the shorter one: a quote may be cut at
# another place, and a file may hold the sentence without its markup.
SAME_WORDS = 0.7
# So many quotes are read before the reader gives up.
READ = 3
COVERAGE = 0.8
_WORD = re.compile(r"[a-z0-9.]+")


@dataclass(frozen=True, slots=True)
class Sought:
    """A question with sentences `evidence`, each of which answers it in the paper `pmcid`; none where it is `absent`.

    `kind` is "" where the questions are of no kinds.
    """

    id: str
    kind: str
    asked: Asked
    pmcid: str = ""
    evidence: tuple[str, ...] = ()
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What an answer held: `outcome` is None when there was none because of a fault.

    `evidence` and `papers` tell, quote by quote, which hold the evidence and which are from its paper; the quotes are
    those of the answer, else the closest, else the nearest.
    """

    sought: Sought
    outcome: Outcome | None
    confidence: float | None = None
    evidence: tuple[bool, ...] = ()
    papers: tuple[bool, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether quotes were given for an answer, to all of the question or a part."""
        return self.outcome in ("answered", "partial")

    @property
    def states(self) -> bool:
        """Whether the first quotes hold the evidence, under whatever head they are shown."""
        return any(self.evidence[:READ])


def names_evidence(path: Path) -> bool:
    """Tell whether the first question of a file comes with its evidence, or with the word that there is none."""
    lines = read_lines(path, lambda record, _: not record.keys().isdisjoint(("evidence", "absent")))
    return next((line for line in lines if not isinstance(line, BadLine)), False)


def read_sought(path: Path) -> list[Sought]:
    """Return the questions of a file; raise RagError that lists every broken line, or when there are none."""
    return read_whole(path, _sought)


def _sought(record: Record, line: int) -> Sought:
    absent = flag_of(record, "absent")
    return Sought(
        id=str(record.get("id", line)),
        kind=text_of(record, "kind") if "kind" in record else "",
        asked=asked(record, line),
        pmcid="" if absent else text_of(record, "pmcid"),
        evidence=() if absent else (text_of(record, "evidence"), *texts_of(record, "also")),
        absent=absent,
    )


def find(questions: Sequence[Sought], library: Library) -> list[Found]:
    """Ask every question, each with its history; raise RagError when none of the papers is in the library."""
    held = (is_of(review, one.pmcid) for one in questions if one.pmcid for review in library.reviews)
    if any(one.pmcid for one in questions) and not any(held):
        raise RagError("None of the papers that answer these questions is in the library: RAG_SEEDS names its folder.")
    return [_found(one, library) for one in questions]


def _found(sought: Sought, library: Library) -> Found:
    try:
        answer = ask(sought.asked.question, library, converse(sought.asked.history, library))
    except Exception:  # a crash is a figure too; the other questions are still asked
        log.exception("No answer to question %s", sought.id)
        return Found(sought, None)
    shown: Sequence[Citation] = answer.quoted or answer.nearest
    reviews = library.index.reviews
    papers = tuple(not sought.absent and is_of(reviews[one.quote.review_id], sought.pmcid) for one in shown)
    evidence = tuple(
        right and any(same_words(one.quote.text, sentence) for sentence in sought.evidence)
        for right, one in zip(papers, shown, strict=True)
    )
    return Found(sought, answer.outcome, answer.confidence, evidence, papers)


def is_of(review: Review, pmcid: str) -> bool:
    """Tell whether a review is the paper of a PMCID: by what it says, or by its id or the name of its file."""
    named = re.compile(rf"(?<![A-Za-z0-9]){re.escape(pmcid)}(?![0-9])", re.IGNORECASE)
    return any(named.search(name) for name in (review.pmcid or "", review.id, *review.files))


def same_words(quote: str, evidence: str) -> bool:
    """Tell whether two texts share SAME_WORDS of the distinct words of the shorter one.

    >>> same_words("It fell by 8% (p < 0.05).", "Telmisartan reduced it: it fell by 8%.")
    True
    >>> same_words("It fell by 8% (p < 0.05).", "It rose in the others.")
    False
    """
    one, other = (set(_WORD.findall(text.lower())) for text in (quote, evidence))
    return len(one & other) >= SAME_WORDS * max(1, min(len(one), len(other)))


def _share(found: Sequence[Found], holds: Callable[[Found], float]) -> float | None:
    return round(sum(map(holds, found)) / len(found), 3) if found else None


def _figures(found: Sequence[Found]) -> dict[str, float | None]:
    """Return the shares of the questions that have an answer, and of those that have none."""
    answerable = [one for one in found if not one.sought.absent]
    absent = [one for one in found if one.sought.absent]

    def quoted(count: int | None) -> float | None:
        return _share(answerable, lambda one: one.answers and any(one.evidence[:count]))

    return {
        "questions with an answer": len(answerable),
        "evidence first": quoted(1),
        "evidence in three": quoted(READ),
        "evidence anywhere": quoted(None),
        "evidence in three, closest counted": _share(
            answerable, lambda one: one.states and (one.answers or one.outcome == "closest")
        ),
        "right paper first": _share(answerable, lambda one: one.answers and any(one.papers[:1])),
        "quotes an answer": _share([one for one in answerable if one.answers], lambda one: len(one.evidence)),
        "closest": _share(answerable, lambda one: one.outcome == "closest"),
        "wrongly not found": _share(answerable, _missed),
        "wrongly not found, closest counted half": _share(
            answerable, lambda one: _missed(one) + 0.5 * (one.outcome == "closest")
        ),
        "questions without an answer": len(absent),
        "absent answered": _share(absent, lambda one: one.outcome == "answered"),
        "absent answered or in part": _share(absent, lambda one: one.answers),
        "absent closest": _share(absent, lambda one: one.outcome == "closest"),
        "crashed": sum(one.outcome is None for one in found),
    }


def _missed(one: Found) -> bool:
    return not one.answers and one.outcome != "closest"


def judged(found: Iterable[Found]) -> tuple[list[float], list[bool]]:
    """Return the confidences of the answers that have one, and whether their first quotes hold the evidence."""
    pairs = [(one.confidence, one.states) for one in found if one.confidence is not None]
    return [confidence for confidence, _ in pairs], [states for _, states in pairs]


def _answerable(found: Iterable[Found]) -> list[bool]:
    """Return whether the library answers each question that has a confidence: what it is the chance of."""
    return [not one.sought.absent for one in found if one.confidence is not None]


def _calibration(found: Sequence[Found]) -> dict[str, float | None]:
    confidences, right = judged(found)
    curve = risk_coverage(confidences, right) if confidences else None
    return {
        "answers with a confidence": len(confidences),
        "calibration error": round(calibration_error(confidences, _answerable(found)), 3) if confidences else None,
        "area under risk by coverage": round(curve.area, 3) if curve else None,
        f"risk at coverage {COVERAGE}": round(curve.at(COVERAGE), 3) if curve else None,
    }


def findings_report(found: Sequence[Found]) -> dict[str, Any]:
    """Return the figures of all and of each kind as plain values; `None` where there is nothing to take a share of.

    A share is of the questions that have an answer, or of those that have none. Calibration asks of
    a confidence whether there is an answer, risk whether the first three quotes hold the evidence, under whatever head.
    """
    kinds = dict.fromkeys(one.sought.kind for one in found)
    by_kind = {kind: [one for one in found if one.sought.kind == kind] for kind in kinds if kind}
    return {
        "all": _figures(found) | _calibration(found),
        "kinds": {kind: _figures(those) | _calibration(those) for kind, those in by_kind.items()},
    }


def findings_text(found: Sequence[Found]) -> str:
    """Return the same as a table, a column a kind."""
    report = findings_report(found)
    columns = {"": list(report["all"]), "all": _cells(report["all"])}
    columns |= {kind: _cells(figures) for kind, figures in report["kinds"].items()}
    aligned = []
    for at, (name, cells) in enumerate(columns.items()):
        width = max(map(len, (name, *cells)))
        aligned.append([cell.rjust(width) if at else cell.ljust(width) for cell in (name, *cells)])
    return "\n".join("  ".join(row).rstrip() for row in zip(*aligned, strict=True))


def _cells(figures: dict[str, float | None]) -> list[str]:
    return ["–" if value is None else str(value) for value in figures.values()]
