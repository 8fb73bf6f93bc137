"""What the folder of an index holds, and how it is written and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from rag.atomic_folder import file_sums, first_damaged
from rag.errors import IndexDamaged
from rag.types import Review

# Raise it whenever the files of an index change in kind or meaning.
FORMAT = 9
MANIFEST, REVIEWS, CHROMA = "manifest.json", "reviews.jsonl", "chroma"

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
    files: Mapping[str, str] = field(default_factory=dict)


def write_reviews(folder: Path, reviews: Sequence[Review]) -> None:
    """Write the reviews, one JSON object a line."""
    (folder / REVIEWS).write_bytes(b"".join(_REVIEW.dump_json(review) + b"\n" for review in reviews))


def read_reviews(folder: Path) -> list[Review]:
    """Return the reviews in the order they were given; raises IndexDamaged."""
    with reading(folder), (folder / REVIEWS).open("rb") as lines:
        return [_REVIEW.validate_json(line) for line in lines]


def write(folder: Path, **values: Any) -> None:
    """Write some values by their names: arrays, what JSON can say, and dataclasses of such."""
    for name, value in values.items():
        if is_dataclass(value):
            write(folder, **{f"{name}_{part.name}": getattr(value, part.name) for part in fields(value)})
        elif isinstance(value, np.ndarray):
            np.save(folder / f"{name}.npy", value, allow_pickle=False)
        else:
            (folder / f"{name}.json").write_text(json.dumps(value, ensure_ascii=False), "utf-8")


def read(folder: Path, name: str, kind: type | None = None) -> Any:
    """Return the value of a name, a dataclass where its `kind` is given; raises IndexDamaged.

    Arrays are mapped from their files, as plain views: each slice of a np.memmap costs microseconds.
    """
    if kind:
        return kind(*(read(folder, f"{name}_{part.name}") for part in fields(kind)))
    with reading(folder):
        if (array := folder / f"{name}.npy").exists():
            return np.asarray(np.load(array, mmap_mode="r", allow_pickle=False))
        return json.loads((folder / f"{name}.json").read_bytes())


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
