"""Papers fetched by their numbers from PubMed, Europe PMC, Crossref, Unpaywall and arXiv, and checked there later.

What comes is kept as files of the shelf.

Nothing here is asked unless the reader says so; `RAG_OFFLINE` forbids it, and a hosted page never does.
"""

from rag.services.adding import Added, add, add_found, numbers_in
from rag.services.checking import Checked, check, check_in_list, keep
from rag.services.web import Addresses, Web, open_web

__all__ = [
    "Added",
    "Addresses",
    "Checked",
    "Web",
    "add",
    "add_found",
    "check",
    "check_in_list",
    "keep",
    "numbers_in",
    "open_web",
]
