"""A file of questions with what their answers must hold becomes figures."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rag.errors import RagError
from rag.pipeline import ask, converse
from rag.shelf import Library
from rag.sources import read_again
from rag.types import Answer, Quote, Review

log = logging.getLogger(__name__)
T = TypeVar("T")
Record = Mapping[str, Any]

_HEADINGS = ("kind", "n", "passed", "exact quotes", "boilerplate", "right abst.", "wrong abst.", "p50 ms", "p95 ms")


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that holds no question; the message names the file, the line and the reason."""

    message: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the earlier ones of its conversation, oldest first; `line` is its place in a file, from 1."""

    question: str
    history: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Expectation:
    """A question with what its answer must hold; the format of `seeds/questions.jsonl`.

    `expect` are regular expressions that the text or a quote must match, `cite` and `never` the ids of reviews that
    must and must not be cited. `abstain`: the reviews do not hold the answer.
    """

    id: str
    kind: str
    asked: Asked
    expect: tuple[str, ...] = ()
    cite: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    abstain: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """What one answer was like. `faults` is empty when it passed; `seconds` is None for the first, warm-up answer."""

    expected: Expectation
    faults: tuple[str, ...]
    cited: int
    exact: int
    boilerplate: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """The counts over the questions of one kind, and the time that half and 95 % of the answers took at most."""

    kind: str
    questions: int
    passed: int
    citations: int
    exact_citations: int
    boilerplate_citations: int
    to_abstain: int
    right_abstentions: int
    wrong_abstentions: int
    p50_ms: float | None
    p95_ms: float | None


def read_questions(path: Path) -> list[Expectation]:
    """Return the questions of a file; raise RagError that lists every broken line, or when there are none."""
    return read_whole(path, _expectation)


def read_whole(path: Path, read: Callable[[Record, int], T]) -> list[T]:
    """Return what `read` makes of each line; raise RagError that lists every broken line, or when there are none."""
    lines = list(read_lines(path, read))
    broken = [line.message for line in lines if isinstance(line, BadLine)]
    if broken or not lines:
        raise RagError("\n".join(broken) or f"{path}: the file holds no questions")
    return [line for line in lines if not isinstance(line, BadLine)]


def read_lines(path: Path, read: Callable[[Record, int], T]) -> Iterator[T | BadLine]:
    """Yield what `read` makes of the JSON object of each line and its number; blank lines are left out.

    A ValueError of `read` is the reason of a BadLine. Raises RagError when the file cannot be read.
    """
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise RagError(f"{path}: the file cannot be read ({error.strerror or error})") from error
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            try:
                yield read(_record(line), number)
            except ValueError as error:
                yield BadLine(f"{path}, line {number}: {error}")


def _record(line: bytes) -> Record:
    try:
        record = json.loads(line.decode())
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("JSON that is nested too deeply") from error
    if not isinstance(record, dict):
        raise ValueError("not a JSON object")
    return record


def asked(record: Record, line: int) -> Asked:
    """Return the `question` and the `history` of a record; raise ValueError with what is wrong."""
    return Asked(text_of(record, "question"), texts_of(record, "history"), line)


def _expectation(record: Record, line: int) -> Expectation:
    return Expectation(
        id=str(record.get("id", line)),
        kind=text_of(record, "kind"),
        asked=asked(record, line),
        expect=_patterns(record, "expect"),
        cite=texts_of(record, "cite"),
        never=texts_of(record, "never"),
        abstain=flag_of(record, "abstain"),
    )


def text_of(record: Record, key: str) -> str:
    """Return the text under a key; raise ValueError when there is none."""
    value = record.get(key)
    if not isinstance(value, str):
        raise ValueError(f'"{key}" is missing' if value is None else f'"{key}" is not a text')
    return value


def texts_of(record: Record, key: str) -> tuple[str, ...]:
    """Return the texts under a key, none when it is not there; raise ValueError when it holds anything else."""
    values = record.get(key)
    if values is None:
        return ()
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f'"{key}" is not a list of texts')
    return tuple(values)


def _patterns(record: Record, key: str) -> tuple[str, ...]:
    patterns = texts_of(record, key)
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f'"{key}" has {pattern!r}, which is no regular expression: {error}') from error
    return patterns


def flag_of(record: Record, key: str) -> bool:
    """Return what is true or false under a key, false when it is not there; raise ValueError when it is neither."""
    value = record.get(key, False)
    if not isinstance(value, bool):
        raise ValueError(f'"{key}" is neither true nor false')
    return value


def evaluate(questions: Sequence[Expectation], library: Library, seeds: Path) -> list[Checked]:
    """Ask every question, each with its history, and check the answers against the files in `seeds`."""

    @cache
    def on_disk(review_id: str) -> Review | None:
        return read_again(library.index.reviews[review_id], seeds)

    return [_check(expected, library, on_disk, warm=at > 0) for at, expected in enumerate(questions)]


def _check(expected: Expectation, library: Library, on_disk: Callable[[str], Review | None], warm: bool) -> Checked:
    turns = converse(expected.asked.history, library)
    began = time.perf_counter()
    try:
        answer = ask(expected.asked.question, library, turns)
    except Exception as error:  # a crash is a figure too; the other questions are still asked
        log.exception("No answer to question %s", expected.id)
        return Checked(expected, (f"crashed: {error!r}",), 0, 0, 0, None)
    seconds = time.perf_counter() - began
    quotes = [citation.quote for citation in answer.citations]
    return Checked(
        expected,
        tuple(faults(answer, expected)),
        cited=len(quotes),
        exact=sum(is_exact(quote, on_disk(quote.review_id)) for quote in quotes),
        boilerplate=sum(is_boilerplate(quote, on_disk(quote.review_id)) for quote in quotes),
        seconds=seconds if warm else None,
    )


def faults(answer: Answer, expected: Expectation) -> list[str]:
    """Return what is wrong with an answer; [] when it passes."""
    if expected.abstain:
        abstained = answer.outcome in ("not_found", "closest", "chat") and not answer.citations
        return [] if abstained else ["answered, though the reviews do not hold it"]
    if not answer.citations:
        return ["only the closest" if answer.closest else "abstained"]
    held = "\n".join([answer.text, *(citation.quote.text for citation in answer.citations)])
    cited = {citation.quote.review_id for citation in answer.citations}
    return [
        *(f"lacks {pattern}" for pattern in expected.expect if not re.search(pattern, held, re.IGNORECASE)),
        *(f"does not cite {review_id}" for review_id in expected.cite if review_id.lower() not in cited),
        *(f"cites {review_id}" for review_id in expected.never if review_id.lower() in cited),
    ]


def is_exact(quote: Quote, review: Review | None) -> bool:
    """Tell whether a quote is what its source holds at its place."""
    return review is not None and bool(quote.text) and review.text[quote.start : quote.end] == quote.text


def is_boilerplate(quote: Quote, review: Review | None) -> bool:
    """Tell whether a quote lies in no section of its source that may be cited."""
    citable = [section for section in review.sections if section.kind != "boilerplate"] if review else []
    return not any(section.start <= quote.start and quote.end <= section.end for section in citable)


def figures(checked: Sequence[Checked]) -> list[Figures]:
    """Return the figures of each kind, in the order in which the kinds first appear, and of "all"."""
    kinds = list(dict.fromkeys(check.expected.kind for check in checked))
    by_kind = [_figures(kind, [check for check in checked if check.expected.kind == kind]) for kind in kinds]
    return [*by_kind, _figures("all", checked)]


def _figures(kind: str, checked: Sequence[Checked]) -> Figures:
    milliseconds = [1000 * check.seconds for check in checked if check.seconds is not None]
    to_abstain = [check for check in checked if check.expected.abstain]
    return Figures(
        kind=kind,
        questions=len(checked),
        passed=sum(not check.faults for check in checked),
        citations=sum(check.cited for check in checked),
        exact_citations=sum(check.exact for check in checked),
        boilerplate_citations=sum(check.boilerplate for check in checked),
        to_abstain=len(to_abstain),
        right_abstentions=sum(not check.faults for check in to_abstain),
        wrong_abstentions=sum("abstained" in check.faults for check in checked),
        p50_ms=_percentile(milliseconds, 50),
        p95_ms=_percentile(milliseconds, 95),
    )


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(values, percent)), 1) if values else None


def answers_report(checked: Sequence[Checked]) -> dict[str, Any]:
    """Return the figures of each kind and of all, and the failed questions with what was wrong, as plain values."""
    *kinds, overall = (asdict(row) for row in figures(checked))
    failed = [
        {
            "id": check.expected.id,
            "kind": check.expected.kind,
            "question": check.expected.asked.question,
            "faults": list(check.faults),
        }
        for check in checked
        if check.faults
    ]
    return {"kinds": kinds, "all": overall, "failed": failed}


def answers_text(checked: Sequence[Checked]) -> str:
    """Return the same as a table and a list."""
    table = [_HEADINGS, *(_cells(row) for row in figures(checked))]
    widths = [max(len(row[column]) for row in table) for column in range(len(_HEADINGS))]
    lines = ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in table]
    failed = [check for check in checked if check.faults]
    return "\n".join([*lines, "", f"Failed: {len(failed)}", *map(_failure, failed)])


def _failure(check: Checked) -> str:
    return "\n  ".join([f"\n{check.expected.id}: {check.expected.asked.question}", *check.faults])


def _cells(row: Figures) -> tuple[str, ...]:
    return (
        row.kind,
        str(row.questions),
        _share(row.passed, row.questions),
        _share(row.exact_citations, row.citations),
        str(row.boilerplate_citations),
        _share(row.right_abstentions, row.to_abstain),
        _share(row.wrong_abstentions, row.questions - row.to_abstain),
        *("–" if time_ms is None else f"{time_ms:.1f}" for time_ms in (row.p50_ms, row.p95_ms)),
    )


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {part / whole:4.0%}" if whole else "–"
