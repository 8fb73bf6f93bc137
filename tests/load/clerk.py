"""Another program at the same store: it shares a conversation and books calls, again and again, until it is killed.

`python -m tests.load.clerk READER CONVERSATION` prints a line of JSON for all that the store has acknowledged.
"""

from __future__ import annotations

import json
import sys

from rag.settings import Settings
from rag.store.budget import Caps, Ledger
from rag.store.conversations import kept_conversation
from rag.store.database import open_store
from rag.store.sharing import share

ROUNDS, PLENTY = 2000, 10**15


def main(reader: str, conversation: str) -> None:
    """Share and book by turns."""
    store = open_store(Settings())
    found = kept_conversation(store, conversation, reader)
    assert found, "the conversation is not kept"
    ledger = Ledger(store, Caps(PLENTY, PLENTY, PLENTY, PLENTY))
    for number in range(1, ROUNDS):
        print(json.dumps({"token": share(store, found.exchanges, {}).token}), flush=True)
        booked = ledger.reserve("a visitor", "a model", number)
        print(json.dumps({"reservation": booked.id, "worst": booked.worst}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
