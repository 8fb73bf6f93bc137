"""`python -m tests.benchmarks.retrieval`: finding and quoting, beside what one would otherwise pick, in one run.

Each system has a process of its own, so that its memory is its own; they take turns of a few queries and of a whole
small index, so that what else the machine does falls on all. Rankings are of the whole collections. Indexing is
measured on the first 300 documents, on all with `--full`. Vectors and indexes are kept between runs in the system's
folder for temporary files, or where `--folder` says. Writes `retrieval.md` and `retrieval.png` beside this file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any, Self

from rag.encoders.embedding import load_embedder
from rag.evaluation.beir import Collection, read_collection
from rag.evaluation.searching import FUSED, MAIN, MEASURES, difference, hit_share, is_marked, judged_queries, measures
from rag.settings import PROJECT
from tests.baselines import SYSTEMS
from tests.benchmarks.embedding import write_chroma_files
from tests.outside import outside

COLLECTIONS = ("scifact-dev", "comparison-dev", "pubmedqa-dev")
SAMPLE, ROUNDS = 300, 2
# Queries that a system answers before the next has its turn, and how many of them the product answers in whole.
TURN, ANSWERED = 20, 5
OURS = f"product, {FUSED}"
HERE = Path(__file__).parent
LIBRARIES = ("langchain-chroma", "langchain-text-splitters", "chromadb", "bm25s")
COLUMNS = (
    "collection",
    "system",
    *MEASURES,
    f"ours − it, {MAIN} (95 %)",
    "quotes hit@1",
    "hit@3",
    "index, ms / document",
    "search, ms",
    "answer, ms",
    "MB indexing",
    "MB searching",
)
NOTES = """\
*product* is this project: fused is its search, lexical and dense its two halves alone; *answer* is the whole answer,
with quotes and citations. *quickstart* is LangChain's semantic search as documented (recursive splitter 1000/200,
Chroma, Chroma's own MiniLM function on the same weights), k=4 as documented, and k=10 because four splits cannot fill
ten places. *bm25s* as its README builds it; *dense*: one vector of our embedder a document, exact; *RRF* of these two,
k=60. A document is as good as its best passage. Times are medians of a shared machine, the systems taking turns.
"""


@dataclass(slots=True)
class Run:
    """What one variant of a system found for each query, and what it took; times in milliseconds."""

    ranking: dict[str, list[str]] = field(default_factory=dict)
    searches: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    quote_ranks: list[int | None] = field(default_factory=list)
    per_document: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    megabytes_indexing: float = 0.0


class Process:
    """A system that serves in a process of its own."""

    def __init__(self, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "tests.baselines", *map(str, arguments)]
        pipe = subprocess.PIPE
        self._running = subprocess.Popen(command, cwd=PROJECT, stdin=pipe, stdout=pipe, text=True)

    def ask(self, **request: Any) -> dict[str, Any]:
        print(json.dumps(request), file=self._running.stdin, flush=True)
        return self.reply()

    def reply(self) -> dict[str, Any]:
        return json.loads(self._running.stdout.readline())

    def end(self) -> None:
        self._running.stdin.close()
        if self._running.wait():
            raise SystemExit(f"{self._running.args} ended with {self._running.returncode}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


def main() -> None:
    """Measure, print the table, write it and its plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="measure indexing on all documents")
    parser.add_argument("--folder", type=Path, default=Path(gettempdir()) / "rag-retrieval", help="what is kept")
    parser.add_argument("--only", action="append", choices=COLLECTIONS, help="this collection; writes no files")
    args, _ = parser.parse_known_args()
    found = {name: path for name in args.only or COLLECTIONS if (path := outside(name)).is_dir()}
    if not found:
        print("retrieval: none of the collections lies beside the project")
        return
    _share(args.folder)
    measured = {name: measure(path, args.folder, args.full) for name, path in found.items()}
    collections = {name: read_collection(path) for name, path in found.items()}
    lines = list(table(measured, collections))
    print("\n".join(lines))
    if len(found) == len(COLLECTIONS):
        (HERE / "retrieval.md").write_text(page(lines, args.full), "utf-8")
        plot(measured, collections, HERE / "retrieval.png")


def _share(folder: Path) -> None:
    """Write what several systems read: our graph, and what Chroma's function would download."""
    folder.mkdir(parents=True, exist_ok=True)
    load_embedder(folder / "models")
    if not (folder / "onnx").exists():
        with TemporaryDirectory(dir=folder) as draft:
            write_chroma_files(Path(draft))
            (Path(draft) / "onnx").rename(folder / "onnx")


def measure(path: Path, kept: Path, full: bool) -> dict[str, Run]:
    """Return what each variant of each system finds in a collection, and what it takes."""
    collection = read_collection(path)
    runs = search_in_turns(collection, path, prepare(path, kept))
    for system, spent in index_in_turns(path, kept, full).items():
        for name, run in runs.items():
            if name.startswith(system):
                run.per_document = [one["milliseconds"] for one in spent]
                run.megabytes_indexing = max(one["megabytes"] for one in spent)
    return runs


def prepare(path: Path, kept: Path) -> dict[str, Path]:
    """Return the folder of each system, the collection indexed there."""
    content = hashlib.sha256((path / "corpus.jsonl").read_bytes()).hexdigest()[:8]
    folders = {name: kept / f"{path.name}-{content}-{name}" for name in SYSTEMS}
    for name, folder in folders.items():
        if name == "product" or not (folder / "prepared").exists():  # the product looks for itself
            with Process("prepare", name, path, folder):
                pass
            (folder / "prepared").touch()
    return folders


def search_in_turns(collection: Collection, path: Path, folders: Mapping[str, Path]) -> dict[str, Run]:
    """Let every system search for all queries, each a few at a time, and then choose the sentences to quote."""
    queries = judged_queries(collection)
    pairs = [(collection.queries[r.query_id], r.document_id) for r in collection.rationales]
    runs: dict[str, Run] = {}
    with ExitStack() as stack:
        served = {name: stack.enter_context(Process("serve", name, path, folder)) for name, folder in folders.items()}
        for process in served.values():
            process.ask(
                search=[*queries.values()][:3], answer=[*queries.values()][:1]
            )  # the first loads what is needed
        for block in _blocks(list(queries), TURN):
            texts = [queries[query_id] for query_id in block]
            for name, process in served.items():
                _note(name, block, process.ask(search=texts, answer=texts[:ANSWERED]), runs)
        for name, process in served.items():
            for at, spans in enumerate(process.ask(sentences=pairs)["spans"]):
                marked = (rank for rank, one in enumerate(spans or []) if is_marked(one, collection.rationales[at]))
                if spans:
                    _main_run(name, runs).quote_ranks.append(next(marked, None))
    return runs


def _note(system: str, block: Sequence[str], reply: Mapping[str, Any], runs: dict[str, Run]) -> None:
    for query_id, variants in zip(block, reply["found"], strict=True):
        for variant, (documents, seconds) in variants.items():
            run = runs.setdefault(", ".join(filter(None, [system, variant])), Run())
            run.ranking[query_id] = documents
            run.searches += [1000 * seconds] if seconds else []
            run.megabytes = reply["megabytes"]
    _main_run(system, runs).answers += [1000 * seconds for seconds in reply.get("seconds", ())]


def _main_run(system: str, runs: Mapping[str, Run]) -> Run:
    return next(run for name, run in runs.items() if name.startswith(system))


def _blocks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def index_in_turns(path: Path, kept: Path, full: bool) -> dict[str, list[dict[str, float]]]:
    """Return what it takes each system to index, several times in turns; what RRF takes is what its parts take."""
    some = [] if full else ["--documents", str(SAMPLE)]
    spent: dict[str, list[dict[str, float]]] = {name: [] for name in SYSTEMS if name != "RRF"}
    for name in [*spent] * (1 if full else ROUNDS):
        with TemporaryDirectory(dir=kept) as fresh:
            for shared in ("models", "onnx"):
                (Path(fresh) / shared).symlink_to(kept / shared, target_is_directory=True)
            with Process("index", name, path, Path(fresh) / name, *some) as process:
                spent[name].append(process.reply())
    parts = zip(spent["bm25s"], spent["dense"], strict=True)
    return spent | {"RRF": [_one_after_the_other(*both) for both in parts]}


def _one_after_the_other(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    longer = one["milliseconds"] + other["milliseconds"]
    return {"milliseconds": longer, "megabytes": max(one["megabytes"], other["megabytes"])}


def table(measured: Mapping[str, Mapping[str, Run]], collections: Mapping[str, Collection]) -> Iterator[str]:
    """Yield the lines of the table in Markdown."""
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "|---|---|" + "--:|" * (len(COLUMNS) - 2)
    for name, runs in measured.items():
        ours = measures(runs[OURS].ranking, collections[name])[MAIN]
        for system, run in runs.items():
            yield "| " + " | ".join([name, system, *_cells(run, ours, collections[name])]) + " |"


def _cells(run: Run, ours: Sequence[float], collection: Collection) -> Iterator[str]:
    values = measures(run.ranking, collection)
    yield from (f"{statistics.fmean(values[name]):.3f}" for name in MEASURES)
    one = difference("", ours, values[MAIN])
    yield "" if values[MAIN] == ours else f"{one.mean:+.3f} ({one.low:+.3f} to {one.high:+.3f})"
    yield from (f"{hit_share(run.quote_ranks, k):.3f}" if run.quote_ranks else "" for k in (1, 3))
    yield from (f"{statistics.median(ms):.1f}" if ms else "" for ms in (run.per_document, run.searches, run.answers))
    yield from (f"{megabytes:.0f}" for megabytes in (run.megabytes_indexing, run.megabytes))


def page(lines: Sequence[str], full: bool) -> str:
    """Return the table with what it was measured with."""
    documents = "all documents" if full else f"the first {SAMPLE} documents, {ROUNDS} times"
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    where = (
        f"{date.today()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}; {versions}. Indexing: {documents}."
    )
    return "\n".join(["# Finding and quoting, side by side", "", NOTES, where, "", *lines, ""])


def plot(measured: Mapping[str, Mapping[str, Run]], collections: Mapping[str, Collection], path: Path) -> None:
    """Draw how good and how fast the systems are."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, (quality, speed) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    names = list(next(iter(measured.values())))
    width = 0.8 / len(names)
    for at, name in enumerate(names):
        places = [place + (at - (len(names) - 1) / 2) * width for place in range(len(measured))]
        good = [statistics.fmean(measures(runs[name].ranking, collections[c])[MAIN]) for c, runs in measured.items()]
        quality.bar(places, good, width, label=name, color=f"C{at}")
        fast = [statistics.median(runs[name].searches or [0]) for runs in measured.values()]
        speed.bar(places, fast, width, color=f"C{at}")
    for axes, title in ((quality, MAIN), (speed, "search, ms (p50)")):
        axes.set_xticks(range(len(measured)), list(measured))
        axes.set_title(title)
        axes.spines[["top", "right"]].set_visible(False)
    speed.set_yscale("log")
    figure.legend(loc="outside lower center", ncols=4, frameon=False)
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    main()
