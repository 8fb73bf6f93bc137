"""Folders that appear whole or not at all: sums over their files, and a rename into place."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from uuid import uuid4

# What stood in the place of a new folder, on its way out.
DISCARDED = ".discarded-"


def file_sums(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file below a folder, by its path with forward slashes, in order."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): sha256(path) for path in files}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def first_damaged(folder: Path, sums: Mapping[str, str]) -> str | None:
    """Return the first file that is missing, unreadable or not as summed; None when all are as they were."""
    for name, expected in sums.items():
        try:
            if sha256(folder / name) != expected:
                return name
        except OSError:
            return name
    return None


@contextmanager
def draft(parent: Path, prefix: str) -> Iterator[Path]:
    """Give a new temporary folder in `parent`; what is left of it afterwards is removed.

    Raises OSError when `parent` cannot be made or written.
    """
    parent.mkdir(parents=True, exist_ok=True)
    # Not mkdtemp: what is published must be readable by others where the user's umask says so.
    folder = parent / f"{prefix}{uuid4().hex}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, target: Path) -> None:
    """Bring every byte of a folder to disk, then rename it to `target`; what stood there is removed.

    Only one process may do so at a time; readers see the old folder, none, or the new one. Raises OSError.
    """
    for path in [*folder.rglob("*"), folder]:
        _sync(path)
    if target.exists():
        with draft(target.parent, DISCARDED) as aside:
            target.rename(aside / target.name)
    folder.rename(target)
    _sync(target.parent)


def _sync(path: Path) -> None:
    if os.name == "nt":  # Windows cannot sync what is open for reading.
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Some file systems cannot sync a folder.
        with suppress(OSError) if path.is_dir() else nullcontext():
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
