"""How often the check of written sentences is right: `python -m tests.benchmarks.checking [tuning] [-v]`."""

from __future__ import annotations

import sys
import time
from collections import Counter

from rag.encoders.embedding import load_embedder
from rag.settings import Settings
from rag.writing.checking import check_sentences
from tests.checked_rows import DATA, TRUE, rows, table


def main() -> None:
    """Print a table over the held-back rows; `tuning` as an argument takes those that thresholds were set on."""
    if not DATA.is_dir():
        print(f"Nothing to measure: {DATA.name} is not here.")
        return
    embedder = load_embedder(Settings().data / "models")
    found = rows(held_back="tuning" not in sys.argv)
    print(f"{'kind':52} rows  supported  weak  unsupported  most frequent reason")
    for kind, verdicts in sorted(table(found, embedder.embed).items(), key=lambda pair: (pair[0] not in TRUE, pair[0])):
        share = Counter(verdict.support for verdict in verdicts)
        reasons = Counter(verdict.reason.split("”")[-1].strip() for verdict in verdicts if verdict.reason)
        figures = "".join(f"{share[s] / len(verdicts):10.2f}" for s in ("supported", "weak", "unsupported"))
        print(f"{kind:52} {len(verdicts):4} {figures}   {dict(reasons.most_common(3))}")
    fired: dict[str, Counter[bool]] = {}
    verdicts = check_sentences([(row.sentence, row.quotes, row.context) for row in found], embedder.embed)
    for row, verdict in zip(found, verdicts, strict=True):
        reason = "Its quote says otherwise" if "otherwise" in verdict.reason else verdict.reason.split("”")[-1].strip()
        if reason:
            fired.setdefault(reason, Counter())[row.planted] += 1
    print(f"{'check':52} fired  right")
    for reason, count in sorted(fired.items()):
        print(f"{reason:52} {count.total():5} {count[True] / count.total():6.2f}")
    if "-v" in sys.argv:
        for row, verdict in zip(found, verdicts, strict=True):
            if (verdict.support == "supported") == row.planted:
                print(f"{row.kind} | {verdict.reason} | {row.sentence[:160]} | {' '.join(row.quotes)[:300]}")
    ten = [(row.sentence, row.quotes[:3], row.context) for row in found[:10]]
    began = time.perf_counter()
    check_sentences(ten, embedder.embed)
    print(f"ten sentences: {(time.perf_counter() - began) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
