"""Conversations that outlive a page: kept under an id for the browser that holds the secret of its reader."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, delete, desc, func, insert, select, update

from rag.errors import ChangedElsewhere, Forgotten
from rag.store.database import DAY, Store
from rag.store.schema import conversations
from rag.store.serialization import freeze, thaw
from rag.store.tokens import hashed, is_token
from rag.types import Exchange

# Conversations that nobody came back to for this long are forgotten.
KEPT_DAYS = 30
# For each reader; the one left longest ago goes first.
MOST_KEPT = 50
LARGEST_BYTES = 1_000_000
# All conversations together; those left longest ago go first.
ALL_BYTES = 500_000_000

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class KeptConversation:
    """A conversation as it is kept; `version` has to be given to change it."""

    exchanges: list[Exchange]
    version: float


def keep_conversation(
    store: Store,
    conversation: str,
    reader: str,
    exchanges: Sequence[Exchange],
    version: float | None = None,
    clock: Clock = time.time,
) -> float:
    """Keep a conversation as it is now, and return its version; `version` is the one that was seen, None for a new one.

    Raises ChangedElsewhere or Forgotten when another tab has changed or forgotten it since, StoreUnavailable, or
    ValueError when it is too long.
    """
    frozen, whose = freeze(exchanges, {}), hashed(reader)
    if len(frozen) > LARGEST_BYTES:
        raise ValueError("This conversation is too long to be saved.")
    now = max(clock(), 0.0 if version is None else math.nextafter(version, math.inf))
    row = {"id": conversation, "reader": whose, "updated": now, "frozen": frozen}
    mine, its = conversations.c.reader == whose, conversations.c.id == conversation
    with store.writing() as connection:
        if version is None:
            connection.execute(insert(conversations).values(row))
        elif not connection.execute(
            update(conversations).where(its, mine, conversations.c.updated == version).values(row)
        ).rowcount:
            if connection.scalar(select(conversations.c.id).where(its, mine)) is None:
                raise Forgotten("It was forgotten in another tab. Start a new conversation to have it saved.")
            raise ChangedElsewhere("This conversation was changed in another tab.")
        latest = select(conversations.c.id).where(mine).order_by(conversations.c.updated.desc()).limit(MOST_KEPT)
        connection.execute(delete(conversations).where(mine, conversations.c.id.not_in(latest)))
        connection.execute(delete(conversations).where(conversations.c.updated < now - KEPT_DAYS * DAY))
        if version is None:
            _make_room(connection)
    return now


def _make_room(connection: Connection) -> None:
    """Remove the conversations that were left longest ago where all together take too much room."""
    size = func.length(conversations.c.frozen)
    if (connection.scalar(select(func.sum(size))) or 0) <= ALL_BYTES:
        return
    room = ALL_BYTES
    for updated, size_in_bytes in connection.execute(select(conversations.c.updated, size).order_by(desc("updated"))):
        room -= size_in_bytes
        if room < 0:
            connection.execute(delete(conversations).where(conversations.c.updated <= updated))
            return


def kept_conversation(store: Store, conversation: str, reader: str) -> KeptConversation | None:
    """Return a conversation of this reader, None when there is none; raise StoreUnavailable.

    Nobody can tell another reader's conversation from one that never existed.
    """
    if not is_token(conversation):
        return None
    its = (conversations.c.id == conversation, conversations.c.reader == hashed(reader))
    with store.reading() as connection:
        row = connection.execute(select(conversations).where(*its)).one_or_none()
    try:
        return None if row is None else KeptConversation(thaw(row.frozen)[0], row.updated)
    except ValueError:
        return None


def listed_conversations(store: Store, reader: str) -> list[tuple[str, str, float]]:
    """Return id, first question and time of each conversation of a reader, the latest first; raise StoreUnavailable."""
    mine = select(conversations).where(conversations.c.reader == hashed(reader))
    with store.reading() as connection:
        rows = connection.execute(mine.order_by(conversations.c.updated.desc())).all()
    found = []
    for row in rows:
        with suppress(ValueError):
            found.append((row.id, thaw(row.frozen)[0][0].question, row.updated))
    return found


def forget_conversation(store: Store, conversation: str, reader: str) -> None:
    """Remove a conversation of this reader for good; raise StoreUnavailable."""
    its = (conversations.c.id == conversation, conversations.c.reader == hashed(reader))
    with store.writing() as connection:
        connection.execute(delete(conversations).where(*its))
    store.wipe()
