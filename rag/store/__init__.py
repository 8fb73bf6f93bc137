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
from rag.store.database import Store, open_store
from rag.store.networks import network
from rag.store.owner_figures import Balance, Day, Figures, balance, feedback_csv, figures
from rag.store.passwords import Door
from rag.store.sharing import Link, Recheck, Shared, delete_link, open_link, recheck, set_expiry, share
from rag.store.tokens import new_token

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
    "metered",
    "network",
    "new_token",
    "open_link",
    "open_store",
    "recheck",
    "set_expiry",
    "share",
    "switched_off",
    "visitor_key",
]
