"""What papers state of themselves, kept beside the indexes: a paper that did not change is not gone through again.

A file of SQLite, open to all threads. Losing or damaging it costs nothing but time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import suppress
from copy import copy
from functools import cache
from pathlib import Path
from threading import Lock

from pydantic import TypeAdapter

from rag.encoders import roles_id
from rag.kept_table import open_kept
from rag.settings import PACKAGE
from rag.shelf.paper_facts import PaperFacts
from rag.types import Review

FILE = "facts.sqlite3"
# Facts that are written together; those of so many papers more than there are may come back.
CHECKPOINT, SPARE = 500, 5_000
_FACTS = TypeAdapter(PaperFacts)
_TABLE = "CREATE TABLE IF NOT EXISTS facts (paper BLOB PRIMARY KEY, facts BLOB NOT NULL)"
_OLDEST = "DELETE FROM facts WHERE rowid <= (SELECT max(rowid) FROM facts) - ?"


class KeptFacts:
    """Facts in a file; whoever cannot read or write there goes through the papers again."""

    def __init__(self, file: Path) -> None:
        self._lock, self._new, self._keeps = Lock(), dict[bytes, bytes](), True
        self._store = open_kept(file, _TABLE, of_one_thread=False)

    def lent(self) -> KeptFacts:
        """Return the same facts for a library with papers of which nothing may be kept here."""
        lent = copy(self)
        lent._keeps = False
        return lent

    def find(self, review: Review, sense: bool) -> PaperFacts | None:
        """Return what a paper stated when it was gone through, with `sense` where the roles of sentences were known."""
        with suppress(sqlite3.Error, ValueError), self._lock:
            if self._store:
                asked = "SELECT facts FROM facts WHERE paper = ?"
                row = self._store.execute(asked, (_key(review, sense),)).fetchone()
                return _FACTS.validate_json(row[0]) if row else None
        return None

    def keep(self, review: Review, sense: bool, facts: PaperFacts) -> None:
        """Keep what a paper states, once many were gone through or `write` is called."""
        if not self._keeps:
            return
        with self._lock:
            self._new[_key(review, sense)] = _FACTS.dump_json(facts)
        if len(self._new) >= CHECKPOINT:
            self.write()

    def write(self, papers: int | None = None) -> None:
        """Write what is new; of more facts than there are `papers`, and some, the oldest go."""
        with suppress(sqlite3.Error), self._lock:
            if self._store and self._new:
                with self._store as store:
                    store.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", self._new.items())
                    if papers is not None:
                        store.execute(_OLDEST, (2 * papers + SPARE,))
            self._new = {}


def _key(review: Review, sense: bool) -> bytes:
    read = (review.id, review.text, review.sections, review.types, review.mesh, sense)
    return hashlib.sha256(f"{_version()}\0{read!r}".encode("utf-8", "surrogateescape")).digest()


@cache
def _version() -> str:
    """Return what changes with the rules, the vocabularies and the roles of sentences."""
    digest = hashlib.sha256(roles_id().encode())
    for file in (*sorted((PACKAGE / "shelf").glob("paper_facts.py")), *sorted((PACKAGE / "text").glob("*.py"))):
        digest.update(file.read_bytes())
    digest.update(f"{(PACKAGE / 'lexicon' / 'vocabularies' / 'thesaurus.safetensors').stat().st_size}".encode())
    return digest.hexdigest()
