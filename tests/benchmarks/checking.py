"""How often the check of written sentences is right: `python -m tests.benchmarks.checking [tuning] [-v]`."""

from __future__ import annotations

import sys
import time
from collections import Counter

from rag.encoders import load_embedder, load_reader
from rag.settings import Settings
from rag.writing.checking import Verdict, check_sentences
from tests.checked_rows import ABSTRACTS, DATA, TRUE, rows, written_rows


def main() -> None:
    """Print a table over the held-back rows; `tuning` as an argument takes the other half of the claims."""
    if not DATA.is_dir() or not ABSTRACTS.is_dir():
        print(f"Nothing to measure: {DATA.name} or {ABSTRACTS.name} is not here.")
        return
    reader = load_reader(load_embedder(Settings().data / "models"))
    found = rows(held_back="tuning" not in sys.argv) + written_rows()
    verdicts = check_sentences([row.cited for row in found], reader)
    by_kind: dict[str, list[Verdict]] = {}
    fired: dict[str, Counter[bool]] = {}
    for row, verdict in zip(found, verdicts, strict=True):
        by_kind.setdefault(row.kind, []).append(verdict)
        if verdict.reason:
            fired.setdefault(_check(verdict), Counter())[row.planted] += 1
    print(f"{'kind':52} rows  supported  weak  unsupported  most frequent reason")
    for kind, own in sorted(by_kind.items(), key=lambda pair: (pair[0] not in TRUE, pair[0])):
        share = Counter(verdict.support for verdict in own)
        reasons = Counter(_check(verdict) for verdict in own if verdict.reason)
        figures = "".join(f"{share[s] / len(own):10.2f}" for s in ("supported", "weak", "unsupported"))
        print(f"{kind:52} {len(own):4} {figures}   {dict(reasons.most_common(3))}")
    print(f"{'check':52} fired  right")
    for reason, count in sorted(fired.items()):
        print(f"{reason:52} {count.total():5} {count[True] / count.total():6.2f}")
    if "-v" in sys.argv:
        for row, verdict in zip(found, verdicts, strict=True):
            if (verdict.support == "supported") == row.planted:
                print(f"{row.kind} | {verdict.reason} | {row.sentence[:160]} | {' '.join(row.quotes)[:300]}")
    ten = [row.cited for row in found[:10]]
    began = time.perf_counter()
    check_sentences(ten, reader)
    print(f"ten sentences: {(time.perf_counter() - began) * 1000:.0f} ms")


def _check(verdict: Verdict) -> str:
    """Return a reason without the words of the sentence or quote that it names."""
    return "Its quote says otherwise" if "otherwise" in verdict.reason else verdict.reason.split("”")[-1].strip()


if __name__ == "__main__":
    main()
