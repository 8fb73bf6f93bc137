"""The gold matrix: what answers to comparison questions should hold, and how far the answers are from it.

`tests/gold/` holds libraries of invented papers and questions with the cells that a careful reader finds, and with the
differences, which are not told yet; `unseen` was written last, by another hand. `python -m tests.gold_matrix [PART …]
[-v]` prints the figures of all parts or some; `-v` every miss.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from rag.pipeline import ask, converse
from rag.shelf.library import Library
from rag.text.terms import stem_set
from rag.types import Answer, Cell, Comparison
from tests.engine import open_shelf, seeds, settings_for
from tests.papers import PAPERS, papers

GOLD = Path(__file__).parent / "gold"
PARTS = ("development", "heldout", "unseen", "papers")
Record = dict[str, Any]


@dataclass
class Tally:
    """Counts of right and wrong, and a line for each miss."""

    counts: Counter[str] = field(default_factory=Counter)
    misses: list[str] = field(default_factory=list)

    def ratio(self, right: str, of: str) -> float:
        return self.counts[right] / max(1, self.counts[of])


@cache
def library(part: str, name: str) -> Library:
    if name == "seeds":
        return seeds().library
    if name == "papers":
        return papers()
    pages = {file.name: file.read_text("utf-8") for file in sorted((GOLD / part / name).iterdir())}
    return open_shelf(settings_for(f"gold-{part}-{name}", pages)).library


def questions(part: str) -> list[Record]:
    lines = (GOLD / part / "questions.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def answer(part: str, gold: Record) -> Answer:
    shelf = library(part, gold["library"])
    return ask(gold["question"], shelf, converse(gold.get("history", ()), shelf))


def measure(part: str) -> Tally:
    """Ask every question of a part and compare the answer with the gold."""
    tally = Tally()
    for gold in questions(part):
        given = answer(part, gold)
        if given.comparison is None:
            tally.misses.append(f"{gold['id']}: no comparison for {gold['question']!r}")
        cells = _cells(gold, given, library(part, gold["library"]), tally)
        tally.misses += [f"{gold['id']}: {line}" for line in cells]
    return tally


def _cells(gold: Record, given: Answer, shelf: Library, tally: Tally) -> Iterator[str]:
    comparison = given.comparison or Comparison((), (), ())
    for wanted in gold["cells"]:
        if wanted["aspect"] is None:
            continue
        review_id = _review_id(wanted["review"], shelf)
        name = gold["aspects"][wanted["aspect"]]
        cell = _cell(name, wanted["aspect"], gold["aspects"], review_id, comparison)
        quotes = [given.citations[n - 1].quote.text for n in cell.citations] if cell else []
        relevant = [quote for quote in quotes if any(_holds(quote, part) for part in wanted.get("relevant", ()))]
        where = f"{name} | {wanted['review']}"
        tally.counts["quotes"] += len(quotes)
        tally.counts["relevant quotes"] += len(relevant)
        for quote in quotes:
            if quote not in relevant:
                yield f"off topic | {where} | {quote[:150]!r}"
        tally.counts["best"] += len(wanted.get("best", ()))
        for part in wanted.get("best", ()):
            if any(_holds(quote, part) for quote in quotes):
                tally.counts["best shown"] += 1
            else:
                yield f"best not shown | {where} | {part[:150]!r}"
        said = cell.state if cell else "no cell"
        tally.counts["quoted cells"] += bool(quotes)
        tally.counts["gold quoted cells"] += wanted["state"] == "quoted"
        tally.counts["right cells"] += bool(relevant)
        if wanted["state"] != "quoted" and not quotes:
            tally.counts["empty cells"] += 1
            tally.counts["right empty cells"] += said == wanted["state"]
        if said != wanted["state"]:
            yield f"is {said}, should be {wanted['state']} | {where}"


def _cell(name: str, at: int, names: Sequence[str], review_id: str, comparison: Comparison) -> Cell | None:
    """Return the cell of the aspect that is named most like the wanted one, or stands in its place."""
    likeness = [len(stem_set(name) & stem_set(aspect)) / len(stem_set(name) | {""}) for aspect in comparison.aspects]
    best = max(range(len(likeness)), key=lambda i: (likeness[i], -len(comparison.aspects[i])), default=None)
    if best is not None and not likeness[best]:
        best = at if len(names) == len(comparison.aspects) else None
    found = [c for c in comparison.cells if best is not None and c.aspect == comparison.aspects[best]]
    return next((cell for cell in found if cell.review_id == review_id), None)


def _holds(quote: str, part: str) -> bool:
    quote, part = _flat(quote), _flat(part)
    return part in quote or quote in part


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .").casefold()


def _review_id(named: str, shelf: Library) -> str:
    found = [r.id for r in shelf.reviews if named.lower() in (r.id, (r.doi or "").lower()) or named == r.title]
    return found[0]


def figures(tally: Tally) -> dict[str, float]:
    """Return the figures of the issue: shares of what was shown and of what was to be shown."""
    return {
        "cell precision": tally.ratio("right cells", "quoted cells"),
        "cell recall": tally.ratio("right cells", "gold quoted cells"),
        "quote precision": tally.ratio("relevant quotes", "quotes"),
        "best quotes shown": tally.ratio("best shown", "best"),
        "empty states right": tally.ratio("right empty cells", "empty cells"),
    }


if __name__ == "__main__":
    for part in [argument for argument in sys.argv[1:] if argument in PARTS] or PARTS:
        if part == "papers" and not PAPERS.is_dir():
            print("papers: the full-length papers are not here")
            continue
        result = measure(part)
        if "-v" in sys.argv:
            print("\n".join(result.misses))
        print(part, dict(result.counts))
        for name, value in figures(result).items():
            print(f"{name:28} {value:.2f}")
