"""What outlives a page, in SQL: links, conversations, the budget and its ledger, the owner's figures.

Authority is a secret of which only a hash is kept.
"""

from rag.store.budget import (
    NANO,
    SWITCH,
    Caps,
    Kind,
    Ledger,
    Quota,
    Request,
    admit,
    finish,
    metered,
    switched_off,
    visitor_key,
)
from rag.store.conversations import forget_conversation, keep_conversation, kept_conversation, listed_conversations
from rag.store.database import Store, open_store
from rag.store.owner_figures import Balance, Day, Figures, balance, feedback_csv, figures, record_thumb
from rag.store.passwords import Door
from rag.store.serialization import quotes_of
from rag.store.sharing import Link, Recheck, Shared, delete_link, open_link, recheck, set_expiry, share
from rag.store.tokens import is_token, new_token

__all__ = [
    "NANO",
    "SWITCH",
    "Balance",
    "Caps",
    "Day",
    "Door",
    "Figures",
    "Kind",
    "Ledger",
    "Link",
    "Quota",
    "Recheck",
    "Request",
    "Shared",
    "Store",
    "admit",
    "balance",
    "delete_link",
    "feedback_csv",
    "figures",
    "finish",
    "forget_conversation",
    "is_token",
    "keep_conversation",
    "kept_conversation",
    "listed_conversations",
    "metered",
    "new_token",
    "open_link",
    "open_store",
    "quotes_of",
    "recheck",
    "record_thumb",
    "set_expiry",
    "share",
    "switched_off",
    "visitor_key",
]
