"""What the folder of an index holds, and how it is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import TypeAdapter, ValidationError

from rag.errors import IndexDamaged
from rag.publishing import file_sums, first_damaged
from rag.terms import stems
from rag.types import FloatMatrix, Passage, Review

if TYPE_CHECKING:
    from bm25s import BM25

# Raise it whenever the files of an index change in kind or meaning.
FORMAT = 1
MANIFEST = "manifest.json"
REVIEWS, PASSAGES = "reviews.jsonl", "passages.jsonl"
VECTORS, SENTENCES = "vectors.npy", "sentences.npy"
LEXICAL, CHROMA = "bm25", "chroma"
# The usual values for prose.
K1, B = 1.2, 0.75

SentenceSpan = tuple[str, int, int]
_REVIEW, _PASSAGE = TypeAdapter(Review), TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from, how many values it holds, and the SHA-256 of each of its files.

    `embedder` is None and `dimensions` 0 when there was no embedding model: such an index finds words only.
    """

    fingerprint: str
    format: int
    embedder: str | None
    dimensions: int
    reviews: int
    passages: int
    sentences: int
    versions: dict[str, str]
    created: str
    files: dict[str, str]


def sentence_spans_of(passages: Iterable[Passage]) -> dict[SentenceSpan, int]:
    """Return the row in `sentences.npy` of each distinct sentence, numbered by first appearance."""
    spans = dict.fromkeys((p.review_id, start, end) for p in passages for start, end in p.sentences)
    return {span: row for row, span in enumerate(spans)}


def write_texts(folder: Path, reviews: Sequence[Review], passages: Sequence[Passage]) -> None:
    """Write the reviews and the passages, one JSON object a line."""
    (folder / REVIEWS).write_bytes(b"".join(_REVIEW.dump_json(review) + b"\n" for review in reviews))
    (folder / PASSAGES).write_bytes(b"".join(_PASSAGE.dump_json(passage) + b"\n" for passage in passages))


def read_texts(folder: Path) -> tuple[dict[str, Review], tuple[Passage, ...]]:
    """Return the reviews by id, in the order they were given, and the passages; raises IndexDamaged."""
    try:
        reviews = [_REVIEW.validate_json(line) for line in _lines(folder / REVIEWS)]
        passages = tuple(_PASSAGE.validate_json(line) for line in _lines(folder / PASSAGES))
    except (OSError, ValidationError) as error:
        raise IndexDamaged(f"The texts in {folder} cannot be read.") from error
    return {review.id: review for review in reviews}, passages


def write_lexical(folder: Path, passages: Iterable[Passage]) -> None:
    """Write the BM25 index of the passages' stems; the same passages give the same bytes."""
    from bm25s import BM25

    # bm25s cannot index a text without a word: "" stands in.
    tokens = [stems(passage.text) or [""] for passage in passages]
    # It would number the words in the order of a set, which differs from run to run.
    words = sorted({word for text in tokens for word in text} | {""})
    numbers = {word: number for number, word in enumerate(words)}
    bm25 = BM25(k1=K1, b=B)
    bm25.index(([[numbers[word] for word in text] for text in tokens], numbers), show_progress=False)
    bm25.save(folder / LEXICAL, show_progress=False)


def read_lexical(folder: Path) -> BM25:
    """Return the BM25 index, its arrays mapped from the files; raises IndexDamaged."""
    from bm25s import BM25

    try:
        return BM25.load(folder / LEXICAL, mmap=True, show_progress=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"The word index in {folder} cannot be read.") from error


def write_vectors(folder: Path, vectors: FloatMatrix, sentences: FloatMatrix) -> None:
    """Write the unit vectors of the passages and of the distinct sentences."""
    np.save(folder / VECTORS, vectors, allow_pickle=False)
    np.save(folder / SENTENCES, sentences, allow_pickle=False)


def read_vectors(folder: Path) -> tuple[FloatMatrix, FloatMatrix]:
    """Return the vectors of passages and sentences, mapped from the files; raises IndexDamaged."""
    try:
        return tuple(np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (VECTORS, SENTENCES))
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"The vectors in {folder} cannot be read.") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, with the sums of all other files as they are now."""
    (folder / MANIFEST).unlink(missing_ok=True)
    values = asdict(manifest) | {"files": file_sums(folder)}
    (folder / MANIFEST).write_text(json.dumps(values, indent=1), "utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest after checking every file against its sum; raises IndexDamaged."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text("utf-8")))
        damaged = first_damaged(folder, manifest.files)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexDamaged(f"There is no readable index in {folder}.") from error
    if manifest.format != FORMAT or damaged:
        raise IndexDamaged(f"The index in {folder} is damaged: {damaged or f'format {manifest.format}'}.")
    return manifest


def is_sound(folder: Path) -> bool:
    """Tell whether a folder holds an index whose files are all as they were published."""
    try:
        return bool(read_manifest(folder))
    except IndexDamaged:
        return False


def _lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()
