"""Zip archives: the files in them, within limits that no honest library meets."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO

from rag.errors import UnreadableReview
from rag.sources.decoding import LARGEST_FILE

_MOST_FILES = 20_000
_LARGEST_WHOLE = 1_000_000_000  # bytes, unpacked
_LARGEST_RATIO = 200  # of unpacked to packed bytes; text packs to a tenth
_UNPACKED_AT_LEAST = 10_000_000  # bytes, below which the ratio does not matter
_DEPTH = 2  # archives in archives
_DOCUMENT = frozenset(["[Content_Types].xml", "mimetype"])  # a file in every Office document and e-book


def is_archive(content: bytes) -> bool:
    """Tell whether bytes are a zip archive of files, and not an Office document, which is one too."""
    if not content.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _DOCUMENT.isdisjoint(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError):
        return True


def members(content: bytes, name: str, depth: int = 0) -> Iterator[tuple[str, bytes | UnreadableReview]]:
    """Yield the files of an archive by their paths in it, each with its bytes or with why they cannot be had.

    Archives in it are opened too. Raises UnreadableReview, which names the archive, for what is none or has no end.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > _MOST_FILES:
                raise UnreadableReview(f"{name}: the archive has {len(entries):,} files, the limit is {_MOST_FILES:,}")
            if sum(entry.file_size for entry in entries) > _LARGEST_WHOLE:
                raise UnreadableReview(f"{name}: the archive unpacks to more than {_LARGEST_WHOLE / 1e9:.0f} GB")
            for entry in sorted(entries, key=lambda entry: entry.filename):
                path = "/".join(part for part in entry.filename.replace("\\", "/").split("/") if part not in ("", ".."))
                inside = _unpacked(archive, entry, f"{name}/{path}")
                if isinstance(inside, bytes) and is_archive(inside) and depth < _DEPTH:
                    for below, bytes_below in members(inside, f"{name}/{path}", depth + 1):
                        yield f"{path}/{below}", bytes_below
                else:
                    yield path, inside
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OSError) as error:
        raise UnreadableReview(f"{name}: the archive is damaged; make it again") from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> bytes | UnreadableReview:
    if entry.flag_bits & 1:
        return UnreadableReview(f"{name}: the file is locked with a password; unpack it")
    swollen = entry.file_size > _UNPACKED_AT_LEAST and entry.file_size > _LARGEST_RATIO * max(entry.compress_size, 1)
    if entry.file_size > LARGEST_FILE or swollen:
        return UnreadableReview(f"{name}: the file unpacks to {entry.file_size / 1e6:,.0f} MB, which is too much")
    try:
        with archive.open(entry) as file:
            return file.read(LARGEST_FILE)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return UnreadableReview(f"{name}: the file is damaged in its archive; make the archive again")
