"""A file of questions with what their answers must hold becomes figures."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from rag.library import Library
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Expectation:
    """A question with what its answer must hold; the format of `seeds/questions.jsonl`."""

    id: str
    kind: str
    question: str
    expect: tuple[str, ...]
    cite: tuple[str, ...]
    never: tuple[str, ...]
    history: tuple[str, ...]
    abstain: bool


def read_questions(path: Path) -> list[Expectation]:
    lines = [json.loads(line) for line in path.read_text("utf-8-sig").splitlines() if line.strip()]
    return [
        Expectation(
            str(line.get("id", at)), line["kind"], line["question"], tuple(line.get("expect", ())), tuple(line.get("cite", ())),
            tuple(line.get("never", ())), tuple(line.get("history", ())), bool(line.get("abstain", False)),
        )
        for at, line in enumerate(lines, 1)
    ]


def faults(answer: Answer, expected: Expectation, library: Library) -> list[str]:
    """Return what is wrong with an answer; [] when it passes."""
    if expected.abstain:
        return [] if not answer.citations else ["answered, though the reviews do not hold it"]
    if not answer.citations:
        return ["abstained"]
    held = "\n".join([answer.text, *(citation.quote.text for citation in answer.citations)])
    cited = {citation.quote.review_id for citation in answer.citations}
    return [
        *(f"lacks {pattern}" for pattern in expected.expect if not re.search(pattern, held, re.IGNORECASE)),
        *(f"does not cite {doi}" for doi in expected.cite if doi not in cited),
        *(f"cites {doi}" for doi in expected.never if doi in cited),
    ]
