"""A library on a Chroma server or Chroma Cloud, which may be away at any moment, and what that can do wrong.

No text of a server and no token reaches a page, a log or an error. Without a server, no client of one is loaded.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from rag.errors import RagError
from rag.index.collection import import_chromadb
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.index.remote.server import ChromaServer

MAJOR = "1"  # of the versions that this was tried with
_ACCOUNT = "CHROMA_TOKEN or CHROMA_API_KEY, CHROMA_TENANT and CHROMA_DATABASE"


class Fault(Enum):
    """What can be wrong with a server: what it is, and what its owner can do."""

    UNREACHABLE = "the vector store cannot be reached: start the server, or check CHROMA_URL and the network"
    TOO_SLOW = "the vector store does not answer in time: look at the load and memory of the server"
    REFUSED = f"the vector store refuses the token: check {_ACCOUNT}"
    OTHER_VERSION = f"the vector store has another version: run Chroma {MAJOR}.x"
    NOT_CHROMA = "what answered is not the vector store: check CHROMA_URL"
    BUSY = "the vector store is not taking any more requests right now: look at the limits of the account"
    FAILED = "the vector store is having problems: look at the log and the disk of the server"
    NO_DATABASE = f"the vector store has no such database: make it, or check {_ACCOUNT}"
    GONE = "the passages are being brought to the vector store: nothing to do, it ends by itself"


class ServerFault(RagError):
    """What went wrong with a server; `fault` names it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


def chroma_server(settings: Settings) -> ChromaServer | None:
    """Return the server that the settings name, None where there is none; asks it nothing yet. Raises BadSettings."""
    if not settings.chroma_url and not settings.chroma_api_key:
        return None
    import_chromadb()
    from rag.index.remote.server import ChromaServer

    return ChromaServer(settings)
