"""Where a Chroma server, or Chroma Cloud, is, how long it may take, and what it can do wrong.

chromadb's own clients ask it (`client`, which costs nothing until then). They wait without end and hand on what the
server says; here is what is put round them: no text of a server and no token reaches a page, a log or an error.
"""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from rag.errors import BadSettings, VectorsAway
from rag.index.collection import import_chromadb
from rag.settings import Settings

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

# A question waits so long for the server in all, then it is answered by words.
SECONDS_FOR_A_QUESTION, SECONDS_OF_SILENCE = 6.0, 3.0
# Whoever fills a collection, or opens one that the server reads from its disk first, is more patient.
SECONDS_FOR_A_BATCH = 60.0
CLOUD = "https://api.trychroma.com"
MAJOR = "1"  # of the versions that this was tried with
TENANT, DATABASE = "default_tenant", "default_database"

Fault = Literal[
    "unreachable", "too slow", "token refused", "other version", "not chroma", "busy", "failed", "no database", "gone"
]
# What is wrong, for a reader, after "Searched by words only: "; and what its owner can do.
WORDS: dict[Fault, tuple[str, str]] = {
    "unreachable": ("the vector store cannot be reached", "start the server, or check CHROMA_URL and the network"),
    "too slow": ("the vector store does not answer in time", "look at the load and memory of the server"),
    "token refused": (
        "the vector store refuses the token",
        "check CHROMA_TOKEN or CHROMA_API_KEY, CHROMA_TENANT and CHROMA_DATABASE",
    ),
    "other version": ("the vector store has another version", f"run Chroma {MAJOR}.x"),
    "not chroma": ("what answered is not the vector store", "check CHROMA_URL"),
    "busy": ("the vector store is not taking any more requests right now", "look at the limits of the account"),
    "failed": ("the vector store is having problems", "look at the log and the disk of the server"),
    "no database": (
        "the vector store has no such database",
        "make it, or check CHROMA_TENANT and CHROMA_DATABASE",
    ),
    "gone": (
        "the vectors are being brought to the vector store",
        "nothing, if another process is at it; else run python -m rag index",
    ),
}
log = logging.getLogger(__name__)
# What is left of the seconds that the question of this thread may wait.
_patience: ContextVar[list[float] | None] = ContextVar("patience", default=None)


class ServerFault(VectorsAway):
    """What went wrong with a server; `fault` names it, the message is for a reader."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(WORDS[fault][0])
        self.fault = fault


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let this thread wait for servers no longer than so many seconds together; what it does between does not count."""
    outer = _patience.get()
    left = [seconds if outer is None else min(seconds, outer[0])]
    given, before = left[0], _patience.set(left)
    try:
        yield
    finally:
        _patience.reset(before)
        if outer:
            outer[0] -= given - left[0]


@contextmanager
def waiting() -> Iterator[tuple[float, float]]:
    """Yield how many seconds a request may take, and how many of them in silence; raises ServerFault when none are."""
    question, start = _patience.get(), time.monotonic()
    seconds = SECONDS_FOR_A_BATCH if question is None else min(SECONDS_FOR_A_BATCH, question[0])
    if seconds <= 0:
        raise ServerFault("too slow")
    try:
        yield seconds, seconds if question is None else min(seconds, SECONDS_OF_SILENCE)
    finally:
        if question:
            question[0] -= time.monotonic() - start


@contextmanager
def reporting(gone: Fault = "gone") -> Iterator[None]:
    """Report what chromadb's client cannot make sense of as a ServerFault: the one behind it, or "not chroma"."""
    try:
        yield
    except OSError:  # a disk of ours
        raise
    except Exception as error:
        behind: BaseException | None = error
        while behind and not isinstance(behind, ServerFault):
            behind = behind.__context__
        if isinstance(behind, ServerFault):
            raise ServerFault(gone if behind.fault == "gone" else behind.fault) from None
        # chromadb finds by itself that a key is for no database, or for several.
        refused = type(error).__name__ == "ChromaAuthError"
        # By its name alone: what it says may be the server's.
        log.warning("chromadb's client ended in %s", type(error).__name__)
        raise ServerFault("token refused" if refused else "not chroma") from None


class ChromaServer:
    """One database of a server, for many threads."""

    def __init__(self, address: str, token: str, tenant: str | None, database: str | None, cloud: bool) -> None:
        """Keep where it is; `cloud` learns tenant and database from the key where they are not given."""
        self.address, self.host, login = _split(address)
        if not all(sign.isascii() and sign.isprintable() for sign in token):
            raise BadSettings("CHROMA_TOKEN or CHROMA_API_KEY cannot be read: it holds characters that no token has.")
        self.token, self.cloud = token, cloud
        self.headers = {"X-Chroma-Token": token} if token else {}
        if login:  # for a proxy in front of the server
            self.headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode()}"
        elif token and not cloud:
            self.headers["Authorization"] = f"Bearer {token}"
        self.tenant = tenant or (None if cloud else TENANT)
        self.database = database or (None if cloud else DATABASE)
        self._session: Any = None
        self._client: ClientAPI | None = None
        self._lock = Lock()

    def client(self) -> ClientAPI:
        """Return chromadb's client of this database; raises ServerFault unless a server that is known has it."""
        with self._lock:
            if self._client is None:
                import_chromadb()
                from rag.index.remote import client

                self._session = self._session or client.Session(self.headers)
                with reporting("no database"), patience(SECONDS_OF_SILENCE):
                    self._client = client.connected(self, self._session)
            return self._client

    def check(self) -> None:
        """Raise ServerFault unless a server of a version that this was tried with has the database."""
        with reporting("not chroma"), patience(SECONDS_OF_SILENCE):
            if self.client().get_version().split(".")[0] != MAJOR:
                raise ServerFault("other version")

    def close(self) -> None:
        """Let go of the connections."""
        if self._session:
            self._session.close()


def chroma_server(settings: Settings) -> ChromaServer | None:
    """Return the server that the settings name, None when the vectors are kept beside the index.

    Asks it nothing yet. Raises BadSettings when the address is none.
    """
    token = settings.chroma_api_key or settings.chroma_token
    address = settings.chroma_url.get_secret_value().strip() if settings.chroma_url else ""
    if not address and not settings.chroma_api_key:
        return None
    return ChromaServer(
        address or CLOUD,
        token.get_secret_value().strip() if token else "",
        settings.chroma_tenant,
        settings.chroma_database,
        cloud=bool(settings.chroma_api_key),
    )


def _split(address: str) -> tuple[str, str, str]:
    """Return where requests go, what may be shown of it, and the name and password in it, if any."""
    try:
        parts = urlsplit(address if "//" in address else f"//{address}", scheme="http")
        port, known = parts.port, parts.scheme in ("http", "https") and parts.hostname
    except ValueError:
        known = None
    if not known:
        raise BadSettings('CHROMA_URL cannot be read: write it as "http://localhost:8000".')
    name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else str(parts.hostname)
    host = f"{name}:{port}" if port else name
    login = f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""
    return f"{parts.scheme}://{host}{parts.path.rstrip('/').removesuffix('/api/v2')}", host, login
