"""Conversations that outlive a page: kept under an id for the browser that holds the secret of its reader."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import delete, select

from rag.records import freeze, thaw
from rag.schema import conversations
from rag.store import Store
from rag.types import Exchange

_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_OCTETS = 16
# What nobody came back to for so long is forgotten.
KEPT_DAYS = 30
# A reader keeps so many; the one that was left longest ago goes first.
KEPT = 50
LARGEST_OCTETS = 4_000_000
_DAY = 86_400.0

Clock = Callable[[], float]


def new_id() -> str:
    """Return the id of a new conversation: 128 bits that nobody guesses."""
    return token_urlsafe(_OCTETS)


def keep(store: Store, conversation: str, reader: str, exchanges: Sequence[Exchange], clock: Clock = time.time) -> None:
    """Keep a conversation as it is now; raise StoreUnavailable, or ValueError when it is too long to be kept."""
    frozen, now, whose = freeze(exchanges, {}), clock(), _hashed(reader)
    if len(frozen) > LARGEST_OCTETS:
        raise ValueError("This conversation is too long to be kept.")
    row = {"id": conversation, "reader": whose, "updated": now, "frozen": frozen}
    mine = conversations.c.reader == whose
    with store.writing() as connection:
        connection.execute(delete(conversations).where(conversations.c.id == conversation, mine))
        connection.execute(conversations.insert().values(row))
        latest = select(conversations.c.id).where(mine).order_by(conversations.c.updated.desc()).limit(KEPT)
        connection.execute(delete(conversations).where(mine, conversations.c.id.not_in(latest)))
        connection.execute(delete(conversations).where(conversations.c.updated < now - KEPT_DAYS * _DAY))


def kept(store: Store, conversation: str, reader: str) -> list[Exchange] | None:
    """Return a conversation of this reader, None when there is none; raise StoreUnavailable.

    Another's conversation and one that never was are told apart by nobody.
    """
    if not _ID.fullmatch(conversation):
        return None
    its = (conversations.c.id == conversation, conversations.c.reader == _hashed(reader))
    with store.reading() as connection:
        frozen = connection.scalar(select(conversations.c.frozen).where(*its))
    try:
        return None if frozen is None else thaw(frozen)[0]
    except ValueError:
        return None


def forget(store: Store, conversation: str, reader: str) -> None:
    """Remove a conversation of this reader for good; raise StoreUnavailable."""
    its = (conversations.c.id == conversation, conversations.c.reader == _hashed(reader))
    with store.writing() as connection:
        connection.execute(delete(conversations).where(*its))


def _hashed(reader: str) -> str:
    return sha256(reader.encode("utf-8", "surrogatepass")).hexdigest()
