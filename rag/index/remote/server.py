"""Where a Chroma server, or Chroma Cloud, is, how long it may take, and what it can do wrong.

chromadb's own clients ask it (`client`, which costs nothing until then). They wait without end and hand on what the
server says; here is what is put round them: no text of a server and no token reaches a page, a log or an error.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import urlsplit

from rag.errors import BadSettings, RagError
from rag.index.collection import import_chromadb
from rag.settings import Settings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# A server that is there answers within this. Whoever fills a collection, or opens one that it reads from its disk
# first, is more patient.
SECONDS_TO_ANSWER, SECONDS_FOR_A_BATCH = 3.0, 60.0
# As many requests at once as Chroma Cloud allows to read a collection, less two for other processes.
CONNECTIONS = 8
CLOUD = "https://api.trychroma.com"
MAJOR = "1"  # of the versions that this was tried with

Fault = Literal[
    "unreachable", "too slow", "token refused", "other version", "not chroma", "busy", "failed", "no database", "gone"
]
# What is wrong, and what the owner of the server can do.
_ACCOUNT = "CHROMA_TOKEN or CHROMA_API_KEY, CHROMA_TENANT and CHROMA_DATABASE"
WORDS: dict[Fault, tuple[str, str]] = {
    "unreachable": ("the vector store cannot be reached", "start the server, or check CHROMA_URL and the network"),
    "too slow": ("the vector store does not answer in time", "look at the load and memory of the server"),
    "token refused": ("the vector store refuses the token", f"check {_ACCOUNT}"),
    "other version": ("the vector store has another version", f"run Chroma {MAJOR}.x"),
    "not chroma": ("what answered is not the vector store", "check CHROMA_URL"),
    "busy": ("the vector store is not taking any more requests right now", "look at the limits of the account"),
    "failed": ("the vector store is having problems", "look at the log and the disk of the server"),
    "no database": ("the vector store has no such database", f"make it, or check {_ACCOUNT}"),
    "gone": ("the passages are being brought to the vector store", "nothing: it ends by itself"),
}
T = TypeVar("T")
log = logging.getLogger(__name__)


class ServerFault(RagError):
    """What went wrong with a server; `fault` names it, the message is for a reader."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(WORDS[fault][0])
        self.fault = fault


class ChromaServer:
    """One database of a server, for many threads."""

    def __init__(self, address: str, token: str, tenant: str | None, database: str | None, cloud: bool) -> None:
        """Keep where it is; `cloud` learns tenant and database from the key where they are not given."""
        self.address, self.host = _split(address)
        if not all(sign.isascii() and sign.isprintable() for sign in token):
            raise BadSettings("CHROMA_TOKEN or CHROMA_API_KEY cannot be read: it holds characters that no token has.")
        self.token, self.tenant, self.database, self.cloud = token, tenant, database, cloud
        # However a server drips its reply, nobody waits for it any longer than agreed.
        self._workers = ThreadPoolExecutor(CONNECTIONS, "chroma")
        self._client: ClientAPI | None = None

    def ask(self, call: Callable[[ClientAPI], T], seconds: float = SECONDS_FOR_A_BATCH) -> T:
        """Return what a client of chromadb's is asked for; raises ServerFault, in time, whatever the server does."""
        return self.run(lambda: call(self._connected()), seconds)

    def run(self, call: Callable[[], T], seconds: float = SECONDS_FOR_A_BATCH) -> T:
        """Return what a call gives that asks the server; raises ServerFault, in time, and any RagError of its own."""
        import_chromadb()
        from rag.index.remote.client import fault_of

        try:
            return self._workers.submit(call).result(seconds)
        except RagError:
            raise
        except TimeoutError:
            fault: Fault = "too slow"
        # chromadb's errors and httpx's share no base class but Exception; what they say may be the server's.
        except Exception as error:
            fault = fault_of(error)
        if fault != "gone":
            self._let_go()
        raise ServerFault(fault) from None

    def check(self) -> None:
        """Raise ServerFault unless a server of a version that this was tried with has the database."""
        try:
            version = self.ask(lambda client: client.get_version(), SECONDS_TO_ANSWER)
        except ServerFault as fault:
            raise ServerFault("no database" if fault.fault == "gone" else fault.fault) from None
        if version.split(".")[0] != MAJOR:
            raise ServerFault("other version")

    def close(self) -> None:
        """Let go of the connections."""
        self._let_go()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _connected(self) -> ClientAPI:
        # Without a lock, which a server that drips would hold: of two clients one is soon let go.
        if (client := self._client) is None:
            from rag.index.remote.client import connected

            self._client = client = connected(self)
        return client

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client:
            from rag.index.remote.client import let_go

            let_go(client)


def chroma_server(settings: Settings) -> ChromaServer | None:
    """Return the server that the settings name, None where there is none.

    Asks it nothing yet. Raises BadSettings when the address is none.
    """
    token = settings.chroma_api_key or settings.chroma_token
    address = settings.chroma_url.get_secret_value().strip() if settings.chroma_url else ""
    if not address and not settings.chroma_api_key:
        return None
    known = token.get_secret_value().strip() if token else "", settings.chroma_tenant, settings.chroma_database
    return ChromaServer(address or CLOUD, *known, cloud=bool(settings.chroma_api_key))


def _split(address: str) -> tuple[str, str]:
    """Return where requests go, with the name and password for a proxy if any, and what may be shown of it."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}", scheme="http")
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise BadSettings('CHROMA_URL cannot be read: write it as "http://localhost:8000".')
    return f"{parts.scheme}://{parts.netloc}{parts.path}", parts.netloc.rpartition("@")[2]
