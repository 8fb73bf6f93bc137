"""An index is built aside, its Chroma filled, closed and checked, then renamed into place."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from itertools import chain
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from rag.atomic_folder import DISCARDED, draft, publish
from rag.encoders import CachedEmbedder, Progress, embed_cached, prune, roles_id
from rag.errors import IndexBusy, IndexNotWritten, NoReviews
from rag.index.collection import write_collection
from rag.index.columns import Passages
from rag.index.embedded_chroma import MOST_KEPT, ChromaVectors
from rag.index.files import CHROMA, FORMAT, Manifest, about, is_sound, write, write_manifest, write_reviews
from rag.index.postings import Postings
from rag.index.sentence_roles import role_shares
from rag.index.stem_sets import review_topics, sentence_stems, title_stems
from rag.lexicon import defined_names
from rag.settings import PACKAGE
from rag.text import CHUNKER_VERSION, build_vocabulary, in_context, save_vocabulary, stems
from rag.types import Embedder, FloatMatrix, Passage, Review

PREFIX, DRAFT = "index-", ".building-"
LOCK, BUILDER, CACHE = ".building.lock", ".building.pid", "vectors.sqlite3"
PATIENCE = 0.8  # seconds for another builder to finish
GENERATIONS = 2  # the current index, and the one that another process may still be opening
# Modules that decide which stems, names and roles an index holds: another version of them makes another index.
DECIDING = ("text/*.py", "lexicon/*.py", "index/stem_sets.py", "index/sentence_roles.py", "encoders/roles.py")
# Libraries whose files an index holds: another version of them makes another index.
WRITERS = ("chromadb", "PyStemmer")
# Disk used for a passage: its text, words and postings; its record in Chroma; its vector in an array and in the cache.
BYTES_PER_PASSAGE, BYTES_PER_RECORD, BYTES_PER_VECTOR_ELEMENT, BYTES_SPARE = 10_000, 15_000, 8, 20_000_000
NORM_TOLERANCE = 2e-3  # of the square of the norm


def makers(chunker: str, embedder_id: str | None) -> str:
    """Return 16 hexadecimal digits that differ whenever an index of the same reviews would differ."""
    digest = hashlib.sha256()
    for module in sorted(path for pattern in DECIDING for path in PACKAGE.glob(pattern)):
        digest.update(module.read_bytes())
    versions = [f"{library} {version(library)}" for library in WRITERS]
    for part in (FORMAT, chunker, embedder_id, roles_id(), versions):
        digest.update(json.dumps(part).encode() + b"\n")
    return digest.hexdigest()[:16]


def fingerprint(reviews: Sequence[Review], chunker: str, embedder_id: str | None) -> str:
    """Return 16 hexadecimal digits that differ whenever an index of these reviews would differ.

    They depend on all that a Review says, not on its text alone: a corrected title must be shown as well.
    """
    digest = hashlib.sha256(makers(chunker, embedder_id).encode())
    for review in reviews:
        digest.update(json.dumps(asdict(review)).encode() + b"\n")
    return digest.hexdigest()[:16]


def build_index(
    reviews: Sequence[Review],
    passages: Sequence[Passage],
    embedder: Embedder | None,
    data: Path,
    on_progress: Progress | None = None,
    chunker: str = CHUNKER_VERSION,
    beside: Path | None = None,
) -> Path:
    """Return the folder of the index of these reviews below `data`; build it unless a sound one is there.

    Without an embedder the index finds words only. One that it is to be joined to, `beside` it, stays; then it is
    small, and has no Chroma. `on_progress` is told how many texts are embedded, of how many.
    Raises IndexBusy when another process builds, IndexNotWritten when the disk is full or not writable or the
    result fails its checks, NoReviews when there are no passages. What was published before stays as it is.
    """
    if not passages:
        raise NoReviews("There is no text to search in these reviews.")
    model, dimensions = (embedder.id, embedder.dimensions) if embedder else (None, 0)
    manifest = Manifest(fingerprint(reviews, chunker, model), makers(chunker, model), FORMAT, model, dimensions)
    target = data / f"{PREFIX}{manifest.fingerprint}"
    if is_sound(target):
        return target
    try:
        with _only_builder(data):
            if not is_sound(target):
                vectors = _build(reviews, passages, embedder, target, manifest, on_progress, not beside)
                _keep_newest(data, {target, beside})
                if not beside:
                    prune(data / CACHE, current=vectors)
    except IndexBusy:
        if not is_sound(target):
            raise
    except OSError as error:
        raise IndexNotWritten(f"The index could not be written to {data}: {error.strerror or error}.") from error
    return target


def _build(
    reviews: Sequence[Review],
    passages: Sequence[Passage],
    embedder: Embedder | None,
    target: Path,
    manifest: Manifest,
    on_progress: Progress | None,
    with_chroma: bool,
) -> int:
    """Build an index and publish it; return how many vectors it took."""
    data = target.parent
    _sweep(data)
    _require_space(data, passages, embedder)
    _check_texts(reviews, passages)
    with draft(data, DRAFT) as folder:
        columns = Passages.of(reviews, passages)
        title_of = {review.id: review.title for review in reviews}
        searched = [in_context(passage, title_of[passage.review_id]) for passage in passages]
        above = [heading for heading, _, _ in columns.places]
        texts = searched, list(columns.sentence_texts()), list(title_of.values()), above
        vectors, sentences, titles, headings = _embed(texts, embedder, data / CACHE, on_progress)
        stems_of = sentence_stems(columns)
        titled, openings = title_stems(reviews)
        write_reviews(folder, reviews)
        write(
            folder,
            ids=columns.ids,
            places=columns.places,
            rows=columns.rows,
            spans=columns.sentences,
            # Their stems are those of the vocabulary.
            sentence_stems=stems_of.members,
            sentence_stems_bounds=stems_of.bounds,
            topics=review_topics(columns, stems_of),
            titled=titled,
            openings=openings,
            postings=Postings.of(map(stems, searched)),
            vectors=vectors,
            sentences=sentences,
            titles=titles,
            roles=role_shares(columns, sentences, headings, manifest.embedder),
            names=[sorted({*defined_names(review.text)}) for review in reviews],
        )
        # One word after the other costs little, and takes no part in the progress.
        one_by_one = CachedEmbedder(embedder, data / CACHE) if embedder else None
        words = build_vocabulary(columns.sentence_texts(), len(stems_of), stems_of.frequency(), one_by_one)
        save_vocabulary(words, folder)
        if embedder and with_chroma and len(passages) <= MOST_KEPT:
            _write_chroma(folder / CHROMA, columns, vectors, manifest)
        write_manifest(folder, manifest)
        publish(folder, target)
    return len(passages) + len(sentences) + len(headings) + len(words.embedded)


def _check_texts(reviews: Sequence[Review], passages: Sequence[Passage]) -> None:
    text_of = {review.id: review.text for review in reviews}
    for passage in passages:
        if text_of.get(passage.review_id, "")[passage.start : passage.end] != passage.text:
            raise IndexNotWritten(f"Passage {passage.id} is not in its review at its place.")


def _embed(
    texts: Sequence[Sequence[str]], embedder: Embedder | None, cache: Path, on_progress: Progress | None
) -> list[FloatMatrix]:
    """Return the vectors of each of several lists of texts, all embedded together; of an empty text zeros."""
    if embedder is None:
        return [np.empty((len(part), 0), np.float32) for part in texts]
    vectors = embed_cached([*chain.from_iterable(texts)], embedder, cache, on_progress)
    # NaN compares false, so that it fails as well.
    if not np.all(np.abs(np.vecdot(vectors, vectors) - 1) < NORM_TOLERANCE):
        raise IndexNotWritten("The embedding model gave a vector that is not of length 1.")
    vectors[[at for at, text in enumerate(chain.from_iterable(texts)) if not text]] = 0
    return np.split(vectors, np.cumsum([len(part) for part in texts])[:-1])


def _write_chroma(folder: Path, passages: Passages, vectors: FloatMatrix, manifest: Manifest) -> None:
    """Fill Chroma and open it as readers do; raises IndexNotWritten."""
    try:
        write_collection(folder, passages, vectors, about(manifest))
        ChromaVectors(folder, passages, vectors).close()
    # Chroma's errors share no base class but Exception.
    except Exception as error:
        raise IndexNotWritten(f"The new index failed its check and was discarded: {error}") from error


@contextmanager
def _only_builder(data: Path) -> Iterator[None]:
    """Hold the lock that makes this the only builder in `data`; raises IndexBusy with the number of the other."""
    data.mkdir(parents=True, exist_ok=True)
    lock = FileLock(data / LOCK)
    try:
        lock.acquire(timeout=PATIENCE)
    except Timeout as error:
        raise IndexBusy(f"Another process is building the index (pid {_builder(data)}).") from error
    try:
        (data / BUILDER).write_text(str(os.getpid()))
        yield
    finally:
        lock.release()


def _builder(data: Path) -> str:
    try:
        return (data / BUILDER).read_text() or "unknown"
    except OSError:
        return "unknown"


def _sweep(data: Path) -> None:
    """Remove what dead builders left; the caller holds the lock, so no other builder is alive."""
    for left in [*data.glob(f"{DRAFT}*/"), *data.glob(f"{DISCARDED}*/")]:
        shutil.rmtree(left, ignore_errors=True)


def _require_space(data: Path, passages: Sequence[Passage], embedder: Embedder | None) -> None:
    dimensions = embedder.dimensions if embedder else 0
    vectors = len(passages) + sum(len(passage.sentences) for passage in passages)
    needed = len(passages) * BYTES_PER_PASSAGE + vectors * dimensions * BYTES_PER_VECTOR_ELEMENT + BYTES_SPARE
    if embedder and len(passages) <= MOST_KEPT:
        needed += len(passages) * BYTES_PER_RECORD
    free = shutil.disk_usage(data).free
    if free < needed:
        raise IndexNotWritten(
            f"The index needs about {needed / 1e6:.0f} MB in {data}, but {free / 1e6:.0f} MB are free."
        )


def _keep_newest(data: Path, current: Collection[Path | None]) -> None:
    """Remove all but the current indexes and the ones published last before them."""
    with suppress(OSError):
        others = sorted((p for p in data.glob(f"{PREFIX}*/") if p not in current), key=lambda p: -p.stat().st_mtime)
        for old in others[GENERATIONS - 1 :]:
            shutil.rmtree(old, ignore_errors=True)
