"""What was read in files, kept by their bytes: a file that did not change is not read again."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

from pydantic import TypeAdapter

from rag.settings import PACKAGE, Settings
from rag.sources.source_file import Reading

FOLDER = "read"
_READING = TypeAdapter(Reading)


class KeptReadings:
    """Readings in a folder, None to keep nothing; whoever cannot write there reads again."""

    def __init__(self, folder: Path | None) -> None:
        # What a server adds to a reading is lacking in one without it.
        asked = "-grobid" if Settings().grobid_url else ""
        self._folder = folder / f"{_version()}{asked}" if folder else None

    def find(self, key: str) -> Reading | None:
        """Return what is kept under a key, None where nothing is."""
        with suppress(OSError, ValueError):
            return _READING.validate_json(self._path(key).read_bytes()) if self._folder else None
        return None

    def keep(self, key: str, reading: Reading) -> None:
        """Keep what a file held."""
        if not self._folder:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._path(f"{key}.{uuid4().hex}")
            draft.write_bytes(_READING.dump_json(reading))
            draft.replace(self._path(key))

    def _path(self, key: str) -> Path:
        assert self._folder
        return self._folder / key


def content_key(content: bytes, name: str) -> str:
    """Return what a file is kept under: its bytes and the name by which it is shown."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\0" + content).hexdigest()


@cache
def _version() -> str:
    """Return what changes with the readers."""
    digest = hashlib.sha256()
    for module in sorted((PACKAGE / "sources").rglob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
