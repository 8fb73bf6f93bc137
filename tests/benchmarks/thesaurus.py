"""How often what a question names stands in the evidence that experts chose for it, by the kind of thing it is.

    python -m tests.benchmarks.thesaurus READERS

READERS is a folder with `bioasq.jsonl`, `trials.jsonl` and `excluded.txt`. Each name is sought in the evidence of its
own question and, as a control, in that of another.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from rag.lexicon import Entry, is_content, open_thesaurus
from rag.text import Word, words

# How far away the other question stands.
AWAY = 97
# Bounds of how many kinds of a thing are known: from the specific to the general.
GENERALITY = (0, 10, 60, 200, 600)
FEWEST = 40


@dataclass(frozen=True)
class Evidence:
    texts: tuple[str, ...]

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(form for words_ in self._words for word in words_ for form in word.forms)

    @cached_property
    def runs(self) -> frozenset[tuple[str, ...]]:
        """All runs of up to six words."""
        lines = [tuple(word.forms[0] for word in words_) for words_ in self._words]
        runs = {line[at : at + size] for line in lines for size in range(1, 7) for at in range(len(line))}
        return frozenset(runs | {(stem,) for stem in self.stems})

    @cached_property
    def names(self) -> frozenset[tuple[str, ...]]:
        lines = [[word.forms[0] for word in words_] for words_ in self._words]
        longest = open_thesaurus().longest
        found = {tuple(line[one]) for line in lines for one in longest(line)}
        return frozenset(found | {(stem,) for stem in self.stems if open_thesaurus().entry((stem,))})

    @cached_property
    def _words(self) -> list[list[Word]]:
        return [words(text) for text in self.texts]


def held(name: tuple[str, ...], evidence: Evidence) -> int:
    """Return 0 for a name that is held by its stems, 1 by another name, 2 by a kind of it, 3 when it is not."""
    known = open_thesaurus()
    if evidence.stems.issuperset(name):
        return 0
    if any(one in evidence.runs for one in known.same(name)):
        return 1
    return 2 if any(known.is_kind_of(one, name) for one in evidence.names) else 3


def names(text: str) -> Iterator[tuple[tuple[str, ...], Entry | None]]:
    """Yield the names that a text holds, unknown words among them, without the words of grammar and of asking."""
    found = words(text)
    forms = [word.forms[0] for word in found]
    known = open_thesaurus()
    runs = known.longest(forms)
    covered = {at for run in runs for at in range(run.start, run.stop)}
    for run in [*runs, *(slice(at, at + 1) for at in range(len(forms)) if at not in covered)]:
        if any(is_content(word) for word in found[run]):
            yield tuple(forms[run]), known.entry(tuple(forms[run]))


def groups(entry: Entry | None, name: tuple[str, ...]) -> Iterator[str]:
    if entry is None:
        yield "not known"
        return
    also = entry.also_verb or entry.also_adjective
    yield entry.kind + ("*" if also and entry.kind not in ("verb", "adjective", "adverb") else "")
    if entry.kind in ("verb", "adjective", "adverb"):
        return
    bound = next((f"at most {bound}" for bound in GENERALITY if entry.kinds_below <= bound), f"over {GENERALITY[-1]}")
    yield f"any noun, {bound} kinds below it"
    if len(name) > 1:
        yield "any name of several words"


def is_kept_back(key: str, excluded: frozenset[str]) -> bool:
    return key.casefold() in excluded or int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10 == 0


def bioasq(folder: Path, excluded: frozenset[str]) -> Iterator[tuple[str, Evidence]]:
    for row in map(json.loads, (folder / "bioasq.jsonl").open(encoding="utf-8")):
        texts = tuple(one["text"] for one in row["snippets"] if not is_kept_back(one["pmid"], excluded))
        if texts and not is_kept_back(" ".join(row["question"].casefold().split()), excluded):
            yield row["question"], Evidence(texts)


def trials(folder: Path, excluded: frozenset[str], part: str) -> Iterator[tuple[str, Evidence]]:
    for row in map(json.loads, (folder / "trials.jsonl").open(encoding="utf-8")):
        if row["evidence"] and not is_kept_back(row["pmcid"], excluded):
            yield row[part], Evidence(tuple(row["evidence"]))


def table(pairs: Iterable[tuple[str, Evidence]]) -> list[str]:
    """Return lines of a table in Markdown: shares held in the own and in another's evidence, by kind."""
    listed = list(pairs)
    counts: dict[str, tuple[Counter[int], Counter[int]]] = defaultdict(lambda: (Counter(), Counter()))
    for at, (text, evidence) in enumerate(listed):
        other = listed[(at + AWAY) % len(listed)][1]
        for name, entry in names(text):
            how = held(name, evidence), held(name, other)
            for group in (*groups(entry, name), "all"):
                counts[group][0][how[0]] += 1
                counts[group][1][how[1]] += 1
    rows = sorted(counts.items(), key=lambda item: -item[1][0].total())
    return [
        f"| {group} | {own.total():,} | {_shares(own)} | {_shares(other)} |"
        for group, (own, other) in rows
        if own.total() >= FEWEST
    ]


def _shares(how: Counter[int]) -> str:
    sums = [sum(how[one] for one in range(last + 1)) / how.total() for last in range(3)]
    return " / ".join(f"{share:.2f}".removeprefix("0") for share in sums)


def main(folder: Path) -> None:
    with (folder / "excluded.txt").open(encoding="utf-8") as lines:
        excluded = frozenset(" ".join(line.casefold().split()).removeprefix("pmid:") for line in lines)
    sets = {
        "BioASQ questions": bioasq(folder, excluded),
        "Trials: intervention": trials(folder, excluded, "intervention"),
        "Trials: outcome": trials(folder, excluded, "outcome"),
    }
    for title, pairs in sets.items():
        print(f"\n{title}\n\n| kind | n | own evidence | another's |\n|---|---|---|---|", *table(pairs), sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
