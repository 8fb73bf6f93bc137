"""How often the check of written sentences is right: `python -m tests.benchmarks.checking [tuning] [-v] [--json]`.

A minute on one core. Run it again whenever the reader's weights change: it takes those of `rag/encoders/weights`.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.encoders import Reader, load_embedder, load_reader
from rag.settings import Settings
from rag.writing.checking import Verdict, check_sentences
from tests.checked_rows import ABSTRACTS, DATA, TRUE, Row, denied_rows, readers_rows, rows, written_rows

STATES = ("supported", "weak", "unsupported")


@dataclass(frozen=True, slots=True)
class Figure:
    """What the check makes of the sentences of a kind: their number, and the share of each of STATES."""

    kind: str
    count: int
    shares: tuple[float, float, float]
    reasons: dict[str, int]

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval (95 %) of the share that is supported."""
        return wilson(self.shares[0], self.count)

    @property
    def not_supported(self) -> float:
        """The share that is not called supported, weak counted half."""
        return self.shares[2] + self.shares[1] / 2


def wilson(share: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval in which a share may truly lie that was seen in so many."""
    middle, spread = share + z * z / (2 * count), z * ((share * (1 - share) + z * z / (4 * count)) / count) ** 0.5
    return max(0.0, middle - spread) / (1 + z * z / count), (middle + spread) / (1 + z * z / count)


def main() -> None:
    """Print a table over the held-back rows; `tuning` as an argument takes the other half of the claims."""
    if not DATA.is_dir() or not ABSTRACTS.is_dir():
        print(f"Nothing to measure: {DATA.name} or {ABSTRACTS.name} is not here.")
        return
    reader = load_reader(load_embedder(Settings().data / "models"))
    found = rows(held_back="tuning" not in sys.argv) + written_rows() + readers_rows()
    found += denied_rows(found)
    verdicts = check_sentences([row.cited for row in found], reader)
    table = [*_table(found, verdicts)]
    milliseconds = statistics.median(_times([row for row in found if row.kind.startswith("written")], reader))
    if "--json" in sys.argv:
        kinds = {one.kind: {"count": one.count, "shares": one.shares, "interval": one.interval} for one in table}
        print(json.dumps({"reader": reader.id, "kinds": kinds, "ten sentences, ms": milliseconds}, indent=1))
        return
    print(f"reader {reader.id}")
    print(f"{'kind':52} rows  supported  (95 %)       weak  struck  not supported, weak half  most frequent reasons")
    for one in table:
        supported, weak, struck = one.shares
        low, high = one.interval
        print(
            f"{one.kind:52} {one.count:4}  {supported:9.3f}  ({low:.2f}–{high:.2f})  {weak:6.2f}  {struck:6.2f}  "
            f"{f'{one.not_supported:24.3f}' if one.kind in TRUE else ' ' * 24}  {one.reasons}"
        )
    print(f"ten sentences: {milliseconds:.0f} ms of processor time")
    if "-v" in sys.argv:
        for row, verdict in zip(found, verdicts, strict=True):
            if (verdict.support == "supported") == row.planted:
                print(f"{row.kind} | {verdict.reason} | {row.sentence[:160]} | {' '.join(row.quotes)[:300]}")


def _times(found: Sequence[Row], reader: Reader | None) -> Iterator[float]:
    """Yield the milliseconds of processor time that ten sentences of as many papers take, a dozen times."""
    for at in range(12):
        ten = [row.cited for row in found[at::75][:10]]
        began = time.process_time()
        check_sentences(ten, reader)
        yield (time.process_time() - began) * 1000


def _table(found: Sequence[Row], verdicts: Sequence[Verdict]) -> Iterator[Figure]:
    """Yield the figures of each kind, true ones first, and of all that is false among what a model would write."""
    by_kind: dict[str, list[Verdict]] = {}
    for row, verdict in zip(found, verdicts, strict=True):
        by_kind.setdefault(row.kind, []).append(verdict)
        if row.planted and row.kind.startswith("written"):
            by_kind.setdefault("written: all that is false", []).append(verdict)
    for kind, own in sorted(by_kind.items(), key=lambda pair: (pair[0] not in TRUE, pair[0])):
        states = Counter(verdict.support for verdict in own)
        reasons = Counter(_check(verdict) for verdict in own if verdict.reason)
        supported, weak, struck = (states[state] / len(own) for state in STATES)
        yield Figure(kind, len(own), (supported, weak, struck), dict(reasons.most_common(2)))


def _check(verdict: Verdict) -> str:
    """Return a reason without the words of the sentence or quote that it names."""
    return "Its quote says otherwise" if "otherwise" in verdict.reason else verdict.reason.split("”")[-1].strip()


if __name__ == "__main__":
    main()
