"""`python -m tests.benchmarks.scale`: how time, memory and disk grow with the library, to 100,000 passages.

`--sizes 1000 10000` for others, `--folder` for another collection than pubmedqa-dev.

The abstracts of a folder in BEIR layout are copied, each copy with some words, all numbers and all names of its own,
until there are as many passages as asked for: fine for speed, worth nothing for quality. All goes the product's own
way, from files to answers. Only the vectors are a stand-in, those of the copied text with noise: embedding takes
longest by far, and takes the same for each text. Each size is built in one process and asked in another. Writes a table
and a plot.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from unittest.mock import patch

import numpy as np

from rag.encoders.embedding import MiniLM, load_embedder
from rag.encoders.vector_cache import embed_cached
from rag.index.building import PREFIX
from rag.pipeline import ask
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.sources import read_folder
from rag.text.chunking import chunk_review, in_context
from rag.types import PROSE, FloatMatrix
from tests.outside import outside

SIZES = (1_000, 10_000, 100_000)
HERE = Path(__file__).parent
TABLE, PLOT = HERE / "scale.md", HERE / "scale.png"
# The cosine of the vector of a copied text to that of the text.
LIKE = 0.8, 0.95
# One ordinary word in so many is another one in each copy.
REPLACED = 25
MARK = "qx"
ONE_MORE = "one-more.md"
_WORD = re.compile(r"[^\W_]+")
_HEADING = (
    "# What grows with the library",
    "",
    "Copies of sections of abstracts, each with words, names and numbers of its own. Their vectors are a stand-in, so",
    "that the figures are without the embedding. Each size is built in one process and asked in another. The questions",
    "are runs of words of the texts; one that speaks of a comparison is answered as one.",
    "",
)
_MARKED = re.compile(rf" ?{MARK}[a-j]+|\d+")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one size; times in seconds, memory and disk in megabytes."""

    passages: int
    reviews: int
    build: float
    add: float
    disk: float
    opening: float
    first: float
    p50: float
    p95: float
    memory_open: float
    memory_peak: float


def main() -> None:
    """Measure each size and write the table and the plot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=outside("pubmedqa-dev"), help="a folder with a corpus.jsonl")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--documents", type=int, default=1500, help="how many are copied (embedded once: 1 min)")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--into", type=Path, help="keep what is built in this folder")
    parser.add_argument("--child", choices=["build", "ask"], help=argparse.SUPPRESS)
    given, _ = parser.parse_known_args()
    if not given.folder.is_dir():
        print("scale: no collection lies beside the project; name one with --folder")
        return
    if given.child:
        settings = Settings(seeds=given.into / "pages", data=given.into / "data")
        measured = build(given, settings) if given.child == "build" else answer(given, settings)
        print(json.dumps(measured))
        return
    with TemporaryDirectory(prefix="rag-scale-", ignore_cleanup_errors=True) as folder:
        rows = [measure(given, (given.into or Path(folder)) / str(size), size) for size in given.sizes]
    TABLE.write_text(table(rows), "utf-8")
    plot(rows)
    print(table(rows))


def measure(given: argparse.Namespace, into: Path, size: int) -> Figures:
    """Build and ask a library of one size, each in a process of its own."""
    into.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.benchmarks.scale", "--folder", str(given.folder.absolute())]
    command += ["--sizes", str(size)]
    command += ["--documents", str(given.documents), "--questions", str(given.questions), "--into", str(into)]
    found: dict[str, float] = {}
    for child in ("build", "ask"):
        done = subprocess.run([*command, "--child", child], cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
        found |= json.loads(done.stdout.splitlines()[-1])
        print(size, found, file=sys.stderr, flush=True)
    return Figures(**found)  # type: ignore[arg-type]


# A library of a size, and one more paper.


def build(given: argparse.Namespace, settings: Settings) -> dict[str, float]:
    """Write the files of a library and build its index, then again with one more."""
    originals = corpus(given.folder)[: given.documents + 1]
    embedder = Copied(originals, settings.data.parent.parent / "originals", settings.data / "models")
    (settings.seeds / ONE_MORE).unlink(missing_ok=True)
    written = write_copies(originals[1:], settings.seeds, embedder.passages, given.sizes[0])
    with patch("rag.shelf.opening._embedder", lambda settings: embedder):
        library, seconds = timed(lambda: open_library(settings))
        building = seconds - embedder.seconds
        figures = {"passages": len(library.index.passages), "reviews": len(library.reviews), "build": building}
        index = settings.data / f"{PREFIX}{library.index.manifest.fingerprint}"
        disk = sum(path.stat().st_size for path in index.rglob("*") if path.is_file()) / 1e6
        title, text = copied(originals[0], written + 1)
        (settings.seeds / ONE_MORE).write_text(f"# {title}\n\n{text}\n", "utf-8")
        _, add = timed(lambda: open_library(settings))
    return figures | {"add": add, "disk": disk}


def corpus(folder: Path) -> list[tuple[str, str]]:
    """Return the titles and texts of a folder in BEIR layout."""
    lines = (folder / "corpus.jsonl").read_text("utf-8").splitlines()
    found = [(document["title"], document["text"]) for document in map(json.loads, lines)]
    return [(" ".join((title or text[:60]).split()), " ".join(text.split())) for title, text in found if text.strip()]


def write_copies(originals: Sequence[tuple[str, str]], folder: Path, passages: int, size: int) -> int:
    """Write copies of all originals, of which `passages` are made, until there are as many as asked for."""
    wanted, number = round(size * len(originals) / passages), 0
    for number in range(wanted):
        title, text = copied(originals[number % len(originals)], number // len(originals))
        path = folder / f"{number // 1000:03}" / f"{number:06}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {title}\n\n{text}\n", "utf-8")
    return number // len(originals)


def copied(document: tuple[str, str], copy: int) -> tuple[str, str]:
    """Return a title and text with some words, all numbers and all names of this copy's own; the first is as it was."""
    tag = MARK + str(copy).translate(str.maketrans("0123456789", "abcdefghij"))

    def other(match: re.Match[str]) -> str:
        word = match.group()
        if word.isdigit():
            return f"{word}{copy}" if len(word) < 4 else word
        name = any(c.isupper() or c.isdigit() for c in word[1:])
        drawn = int(hashlib.sha256(f"{word.casefold()} {copy}".encode()).hexdigest()[:8], 16) % REPLACED == 0
        return word + tag if name or (len(word) > 4 and drawn) else word

    title, text = document
    # Papers of one title are taken for one.
    return (title, text) if not copy else (f"{_WORD.sub(other, title)} {tag}", _WORD.sub(other, text))


class Copied:
    """Stands in for the model: a copied text is near what it is a copy of. `seconds` is the time it took."""

    id, dimensions = MiniLM.id, MiniLM.dimensions

    def __init__(self, originals: Sequence[tuple[str, str]], kept: Path, models: Path) -> None:
        """Embed the originals, or take their vectors from `kept`, where they are written."""
        pages, self.seconds = kept / "pages", 0.0
        self._model = load_embedder(models)
        write_copies(originals, pages, 1, 1)
        reviews = read_folder(pages).reviews
        cut = [(review, passage) for review in reviews for passage in chunk_review(review)]
        self.passages = len(cut)
        texts = [in_context(passage, review.title) for review, passage in cut]
        texts += [review.text[start:end] for review, passage in cut for start, end in passage.sentences]
        texts += [review.title for review in reviews]
        vectors = embed_cached(texts, self._model, kept / "vectors.sqlite3")
        self._vectors = dict(zip(map(_unmarked, texts), vectors, strict=True))

    @property
    def folder(self) -> Path:
        """Where the model lies, and the reader beside it."""
        return self._model.folder

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return the vectors of the originals with noise; the model's own of what is none of their copies."""
        start = time.perf_counter()
        found = [self._vectors.get(_unmarked(text)) for text in texts]
        others = [text for text, vector in zip(texts, found, strict=True) if vector is None]
        own = iter(self._model.embed(others))
        rng = np.random.default_rng(int(hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8], 16))
        vectors = np.array([_near(v, rng) if v is not None else next(own) for v in found], np.float32)
        self.seconds += time.perf_counter() - start
        return vectors.reshape(len(texts), self.dimensions)

    def word_pieces(self) -> dict[str, int]:
        """Return those of the model."""
        return self._model.word_pieces()


def _unmarked(text: str) -> str:
    return _MARKED.sub(lambda match: "" if MARK in match.group() else "0", text)


def _near(vector: FloatMatrix, rng: np.random.Generator) -> FloatMatrix:
    noise = rng.standard_normal(len(vector))
    noise -= (noise @ vector) * vector
    cosine = rng.uniform(*LIKE)
    near = cosine * vector + (1 - cosine**2) ** 0.5 * noise / np.linalg.norm(noise)
    return near / np.linalg.norm(near)


# Questions to it.


def answer(given: argparse.Namespace, settings: Settings) -> dict[str, float]:
    """Open a library with the real model and ask it questions in the words of its papers."""
    load_embedder(settings.data / "models")
    library, opening = timed(lambda: open_library(settings))
    memory = resident()
    asked = list(questions(library, given.questions))
    _, first = timed(lambda: ask(asked[0], library))
    seconds = sorted(timed(lambda question=question: ask(question, library))[1] for question in asked[1:])
    return {
        "opening": opening,
        "first": first,
        "p50": median(seconds),
        "p95": quantiles(seconds, n=20)[-1],
        "memory_open": memory,
        "memory_peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
    }


def questions(library: Library, count: int) -> Iterator[str]:
    """Yield questions about runs of words of sentences that are drawn from the whole library."""
    rng = random.Random(7)
    while count:
        passage = library.index.passages[rng.randrange(len(library.index.passages))]
        first, last = rng.choice(passage.sentences)
        words = library.index.reviews[passage.review_id].text[first:last].rstrip(".").split()
        if passage.kind in PROSE and len(words) > 12:
            at = rng.randrange(len(words) - 7)
            yield f"What is known about {' '.join(words[at : at + 7])}?"
            count -= 1


def timed(run: Callable[[], Library]) -> tuple[Library, float]:
    """Return what a call gives, and its seconds."""
    start = time.perf_counter()
    return run(), time.perf_counter() - start


def resident() -> float:
    """Return the memory that the process has now, in megabytes; mapped files count as far as they were read."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


# Table and plot.


def table(rows: Sequence[Figures]) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        ("passages", [f"{row.passages:,}" for row in rows]),
        ("reviews", [f"{row.reviews:,}" for row in rows]),
        ("building, without the embedding", [f"{row.build:.1f} s" for row in rows]),
        ("adding one paper", [f"{row.add:.1f} s" for row in rows]),
        ("disk", [f"{row.disk:,.0f} MB" for row in rows]),
        ("opening", [f"{row.opening:.1f} s" for row in rows]),
        ("memory after opening", [f"{row.memory_open:,.0f} MB" for row in rows]),
        ("memory at most", [f"{row.memory_peak:,.0f} MB" for row in rows]),
        ("first answer", [f"{1000 * row.first:,.0f} ms" for row in rows]),
        ("answer p50", [f"{1000 * row.p50:,.0f} ms" for row in rows]),
        ("answer p95", [f"{1000 * row.p95:,.0f} ms" for row in rows]),
        ("answer p95, times that of the smallest", [f"{row.p95 / rows[0].p95:.1f}" for row in rows]),
    ]
    head, *body = (f"| {name} | {' | '.join(values)} |" for name, values in lines)
    return "\n".join([*_HEADING, head, f"|---|{'---:|' * len(rows)}", *body, ""])


def plot(rows: Sequence[Figures]) -> None:
    """Draw the figures over the number of passages."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 3, figsize=(12, 3.6), layout="constrained")
    sizes = [row.passages for row in rows]
    lines = (
        ("ms", {"answer p50": [1000 * r.p50 for r in rows], "answer p95": [1000 * r.p95 for r in rows]}),
        ("s", {"opening": [r.opening for r in rows], "adding one paper": [r.add for r in rows]}),
        ("MB", {"memory at most": [r.memory_peak for r in rows], "disk": [r.disk for r in rows]}),
    )
    for panel, (unit, drawn) in zip(panels, lines, strict=True):
        for name, values in drawn.items():
            panel.plot(sizes, values, marker="o", label=name)
        panel.set(xscale="log", xlabel="passages", ylabel=unit, ylim=(0, None))
        panel.grid(alpha=0.3)
        panel.legend(frameon=False)
    figure.savefig(PLOT, dpi=120)


if __name__ == "__main__":
    main()
