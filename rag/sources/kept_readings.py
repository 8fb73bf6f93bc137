"""What was read in files, kept beside the indexes: a file that did not change is not read again.

A file of SQLite. A reading is found by the bytes of its file, and without a look at these by the stamp that the file
had then: its place, size and times. Losing or damaging it costs nothing but time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter

from rag.encoders import LINE_WEIGHTS, TEXT_WEIGHTS
from rag.kept_table import open_kept
from rag.settings import PACKAGE, Settings
from rag.sources.source_file import Reading

FILE = "readings.sqlite3"
# Readings that are written together: what takes long to read is written at once.
CHECKPOINT = 500
# How many readings are kept for each of those in use, and at least: what was read before may come back.
KEPT_FOR_EACH, KEPT_AT_LEAST = 3, 1_000
_READING = TypeAdapter(Reading)
_TABLES = """
CREATE TABLE IF NOT EXISTS readings (key BLOB PRIMARY KEY, reading BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS stamps (stamp BLOB PRIMARY KEY, key BLOB NOT NULL);
"""
_OLDEST = "DELETE FROM {0} WHERE rowid <= (SELECT max(rowid) FROM {0}) - ?"


class KeptReadings:
    """Readings in a file, None to keep nothing; whoever cannot write there reads again. Of one thread, to be closed."""

    def __init__(self, file: Path | None) -> None:
        self._store = open_kept(file, _TABLES, of_one_thread=True) if file else None
        # What a server adds to a reading is lacking in one without it.
        self._version = f"{_version()}{bool(Settings().grobid_url)}".encode()
        self._new: dict[bytes, bytes] = {}
        self._new_stamps: dict[bytes, bytes] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._write()
        if self._store:
            self._store.close()

    def unchanged(self, stamp: str) -> Reading | None:
        """Return what a file with this stamp held, None where that is not known."""
        key = self._stamps.get(self._key(stamp)) if stamp else None
        return self._reading(key) if key else None

    def find(self, name: str, content: bytes, stamp: str = "") -> Reading | None:
        """Return what a file of this name and these bytes held, None where that is not known."""
        found = self._reading(key := self._key(name, content))
        if found:
            self._note(stamp, key)
        return found

    def keep(self, name: str, content: bytes, reading: Reading, stamp: str = "", *, at_once: bool = True) -> None:
        """Keep what a file held, in the end or at once."""
        if not self._store:
            return
        self._new[key := self._key(name, content)] = _READING.dump_json(reading)
        self._note(stamp, key)
        if at_once or len(self._new) >= CHECKPOINT:
            self._write()

    def prune(self, in_use: int) -> None:
        """Drop the oldest when there are many more than those in use."""
        self._write()
        with suppress(sqlite3.Error):
            if self._store:
                with self._store as store:
                    for table in ("readings", "stamps"):
                        store.execute(_OLDEST.format(table), (KEPT_FOR_EACH * in_use + KEPT_AT_LEAST,))

    def _note(self, stamp: str, key: bytes) -> None:
        if stamp:
            self._new_stamps[self._key(stamp)] = key

    @cached_property
    def _stamps(self) -> dict[bytes, bytes]:
        with suppress(sqlite3.Error):
            return dict(self._store.execute("SELECT stamp, key FROM stamps")) if self._store else {}
        return {}

    def _reading(self, key: bytes) -> Reading | None:
        with suppress(sqlite3.Error, ValueError):
            asked = "SELECT reading FROM readings WHERE key = ?"
            row = self._store.execute(asked, (key,)).fetchone() if self._store else None
            return _READING.validate_json(row[0]) if row else None
        return None

    def _write(self) -> None:
        with suppress(sqlite3.Error):
            if self._store:
                with self._store as store:
                    store.executemany("INSERT OR REPLACE INTO readings VALUES (?, ?)", self._new.items())
                    store.executemany("INSERT OR REPLACE INTO stamps VALUES (?, ?)", self._new_stamps.items())
        self._new, self._new_stamps = {}, {}

    def _key(self, name: str, content: bytes | None = None) -> bytes:
        own = self._version + b"\0" + name.encode("utf-8", "surrogateescape")
        return hashlib.sha256(own if content is None else own + b"\0" + content).digest()


@cache
def _version() -> str:
    """Return what changes with the readers and what they have learned."""
    digest = hashlib.sha256()
    for file in (*sorted((PACKAGE / "sources").rglob("*.py")), LINE_WEIGHTS, TEXT_WEIGHTS):
        digest.update(file.read_bytes() if file.exists() else b"")
    return digest.hexdigest()[:16]
