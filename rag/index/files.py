"""What the folder of an index holds, and how it is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from rag.atomic_folder import file_sums, first_damaged
from rag.errors import IndexDamaged
from rag.types import Review

# Raise it whenever the files of an index change in kind or meaning.
FORMAT = 8
MANIFEST, REVIEWS, CHROMA, ARRAY = "manifest.json", "reviews.jsonl", "chroma", ".npy"
PASSAGES = "passages.json", "places.json", "passages.npy", "passage_sentences.npy"
VECTORS, SENTENCES, TITLES, ROLES = "vectors.npy", "sentences.npy", "titles.npy", "roles.npy"
# The stems of sentences are those of the vocabulary.
STEMS = "sentence_stems.npy", "sentence_stems_bounds.npy"
TOPICS, TITLED, OPENINGS = (
    (f"{sets}.json", f"{sets}.npy", f"{sets}_bounds.npy") for sets in ("topics", "titled", "openings")
)
POSTINGS = "words.json", *(f"postings_{column}.npy" for column in ("bounds", "passages", "counts", "lengths"))
NAMES = "names.json"

_REVIEW = TypeAdapter(Review)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an index was made from, how many values it holds, and the SHA-256 of each of its files.

    `embedder` is None and `dimensions` 0 when there was no embedding model: such an index finds words only. `makers`
    changes with all that decides what an index of the same reviews holds.
    """

    fingerprint: str
    makers: str
    format: int
    embedder: str | None
    dimensions: int
    versions: dict[str, str]
    created: str
    files: dict[str, str]


def write_reviews(folder: Path, reviews: Sequence[Review]) -> None:
    """Write the reviews, one JSON object a line."""
    (folder / REVIEWS).write_bytes(b"".join(_REVIEW.dump_json(review) + b"\n" for review in reviews))


def read_reviews(folder: Path) -> list[Review]:
    """Return the reviews in the order they were given; raises IndexDamaged."""
    with reading(folder):
        return [_REVIEW.validate_json(line) for line in (folder / REVIEWS).read_bytes().splitlines()]


def write(folder: Path, values: Mapping[str, object]) -> None:
    """Write some values by the names of their files: arrays, and what JSON can say."""
    for name, value in values.items():
        if name.endswith(ARRAY):
            np.save(folder / name, value, allow_pickle=False)  # type: ignore[arg-type]
        else:
            (folder / name).write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def read(folder: Path, *names: str) -> list[Any]:
    """Return the values in some files; raises IndexDamaged.

    Arrays are mapped from their files, as plain views: each slice of a np.memmap costs microseconds.
    """
    with reading(folder):
        return [
            np.asarray(np.load(folder / name, mmap_mode="r", allow_pickle=False))
            if name.endswith(ARRAY)
            else json.loads((folder / name).read_bytes())
            for name in names
        ]


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """Raise IndexDamaged for what cannot be read in a folder."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamaged(f"The index in {folder} cannot be read.") from error


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


def about(manifest: Manifest) -> dict[str, str | int]:
    """Return what the collection of an index says of itself."""
    return {"embedder": manifest.embedder or "", "format": manifest.format, "fingerprint": manifest.fingerprint}


def is_sound(folder: Path) -> bool:
    """Tell whether a folder holds an index whose files are all as they were published."""
    try:
        return bool(read_manifest(folder))
    except IndexDamaged:
        return False
