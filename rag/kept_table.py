"""A file of SQLite that is kept beside the indexes and may be lost: it costs nothing but time."""

from __future__ import annotations

import sqlite3
from pathlib import Path


def open_kept(file: Path, tables: str, *, of_one_thread: bool) -> sqlite3.Connection | None:
    """Return a file opened with its tables, made anew where it is damaged; None where nothing can be kept."""
    for _ in range(2):
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            store = sqlite3.connect(file, check_same_thread=of_one_thread)
        except (OSError, sqlite3.Error):
            return None
        try:
            store.executescript(tables)
            return store
        except sqlite3.OperationalError:
            store.close()
            return None
        except sqlite3.DatabaseError:
            store.close()
            file.unlink(missing_ok=True)
    return None
