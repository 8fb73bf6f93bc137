"""A Chroma server, or Chroma Cloud, by its HTTP interface: what is asked of it, for how long, and what it can do wrong.

chromadb's own client waits without end (`timeout=None`, also while it is made) and hands on what the server says. This
one speaks the same requests with a limit on each, and reports faults in fixed words: no text of a server and no token
reaches a page, a log or an error.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote, unquote, urlsplit

import numpy as np

from rag.errors import BadSettings, VectorsAway
from rag.settings import Settings
from rag.types import FloatMatrix, FloatVector

if TYPE_CHECKING:
    import ssl

    import httpcore

# A question waits so long for the server in all, then it is answered by words.
SECONDS_FOR_A_QUESTION, SECONDS_OF_SILENCE, SECONDS_TO_CONNECT = 6.0, 3.0, 2.0
# Whoever fills a collection, or opens one that the server reads from its disk first, is more patient.
SECONDS_FOR_A_BATCH = 60.0
# Of one reply: 20,000 vectors as text are 90 MB.
MOST_BYTES = 200_000_000
# Chroma Cloud reads and writes no more records in a request; a server of one's own is as fast with so few.
BATCH = 300
# As many requests at once as Chroma Cloud allows to read a collection, less two for other processes.
CONNECTIONS = 8
SECONDS_OF_KEEPING = 30.0  # of a connection that is not used
CLOUD = "https://api.trychroma.com"
MAJOR = "1"  # of the versions of the interface that this module was tried with
TENANT, DATABASE = "default_tenant", "default_database"

Fault = Literal[
    "unreachable", "too slow", "token refused", "other version", "not chroma", "busy", "failed", "no database", "gone"
]
# For a reader: what is wrong, after "Searched by words only: ".
_WORDS: dict[Fault, str] = {
    "unreachable": "the vector store cannot be reached",
    "too slow": "the vector store does not answer in time",
    "token refused": "the vector store refuses the token",
    "other version": "the vector store has another version",
    "not chroma": "what answered is not the vector store",
    "busy": "the vector store is not taking any more requests right now",
    "failed": "the vector store is having problems",
    "no database": "the vector store has no such database",
    "gone": "the vectors are being brought to the vector store",
}
# For its owner.
ADVICE: dict[Fault, str] = {
    "unreachable": "start the server, or check CHROMA_URL and the network",
    "too slow": "look at the load and memory of the server",
    "token refused": "check CHROMA_TOKEN or CHROMA_API_KEY, CHROMA_TENANT and CHROMA_DATABASE",
    "other version": f"run Chroma {MAJOR}.x",
    "not chroma": "check CHROMA_URL",
    "busy": "look at the limits of the account",
    "failed": "look at the log and the disk of the server",
    "no database": "make it, or check CHROMA_TENANT and CHROMA_DATABASE",
    "gone": "nothing, if another process is at it; else run python -m rag index",
}
_BY_STATUS: dict[int, Fault] = {
    401: "token refused",
    403: "token refused",
    404: "gone",
    408: "too slow",
    410: "other version",
    429: "busy",
}
# When the request of this thread ends, and what is left of the seconds that its question may wait.
_until: ContextVar[float] = ContextVar("until", default=inf)
_patience: ContextVar[list[float] | None] = ContextVar("patience", default=None)


class ServerFault(VectorsAway):
    """What went wrong with a server; `fault` names it, the message is for a reader."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(_WORDS[fault])
        self.fault = fault


class Taken(ServerFault):
    """The name belongs to another collection."""

    def __init__(self) -> None:
        super().__init__("busy")


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let this thread wait for servers no longer than so many seconds together; what it does between does not count."""
    before = _patience.set([seconds])
    try:
        yield
    finally:
        _patience.reset(before)


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    before = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(before)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as the server names it."""

    id: str
    name: str
    metadata: Mapping[str, Any]


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


class ChromaServer:
    """The collections of one database of a server; safe for many threads. Its methods raise ServerFault."""

    def __init__(self, address: str, token: str, tenant: str | None, database: str | None, cloud: bool) -> None:
        """Keep where the server is; `cloud` learns tenant and database from the key where they are not given."""
        self._address, self.host, login = _split(address)
        self._headers, self._pool = _headers(token, login, cloud), _pool()
        self._tenant = tenant or (None if cloud else TENANT)
        self._database = database or (None if cloud else DATABASE)
        # Chroma Cloud returns no more results of a search than it writes records.
        self.most_results = BATCH if cloud else 100_000

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.close()

    def check(self) -> None:
        """Raise ServerFault unless a server of a version that this module knows has the database."""
        with _within(SECONDS_OF_SILENCE):
            version = self._found("/version", "not chroma")
            if not isinstance(version, str):
                raise ServerFault("not chroma")
            if version.split(".")[0] != MAJOR:
                raise ServerFault("other version")
            self._found(self._collections().removesuffix("/collections"), "no database")

    def collections(self) -> list[Collection]:
        """Return all collections of the database."""
        found: list[Collection] = []
        while True:
            page = self._read(f"{self._collections()}?limit={BATCH}&offset={len(found)}")
            found += [_collection(one) for one in page]
            if len(page) < BATCH:
                return found

    def collection(self, name: str) -> Collection | None:
        """Return a collection by its name, None when there is none."""
        try:
            return _collection(self._read(f"{self._collections()}/{quote(name)}"))
        except ServerFault as error:
            if error.fault == "gone":
                return None
            raise

    def create(self, name: str, metadata: Mapping[str, Any], graph: Mapping[str, Any]) -> Collection:
        """Make a collection; raises Taken when the name is given away already. Only one of many can win it."""
        body = {"name": name, "metadata": metadata, "configuration": {"hnsw": graph}, "get_or_create": False}
        return _collection(self._request("POST", self._collections(), body, SECONDS_FOR_A_BATCH))

    def change(self, collection: Collection, name: str | None, metadata: Mapping[str, Any] | None) -> None:
        """Give a collection another name, other metadata, or both, in one step; no two ever have one name."""
        body = {"new_name": name, "new_metadata": metadata}
        self._request("PUT", f"{self._collections()}/{collection.id}", body, SECONDS_FOR_A_BATCH)

    def delete(self, name: str) -> None:
        """Remove a collection, if it is there."""
        try:
            self._request("DELETE", f"{self._collections()}/{quote(name)}", seconds=SECONDS_FOR_A_BATCH)
        except ServerFault as error:
            if error.fault != "gone":
                raise

    def add(self, collection: Collection, ids: Sequence[str], vectors: FloatMatrix, reviews: Sequence[str]) -> None:
        """Add records, with the id of the review of each."""
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            body = {
                "ids": list(ids[part]),
                "embeddings": [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors[part]],
                "metadatas": [{"review": review} for review in reviews[part]],
            }
            self._request("POST", f"{self._collections()}/{collection.id}/add", body, SECONDS_FOR_A_BATCH)

    def vectors(self, collection: Collection, ids: Sequence[str]) -> dict[str, FloatVector]:
        """Return the vectors of those records that are there, bit for bit as they were added."""
        found: dict[str, FloatVector] = {}
        for start in range(0, len(ids), BATCH):
            body = {"ids": list(ids[start : start + BATCH]), "include": ["embeddings"]}
            reply = self._read(f"{self._collections()}/{collection.id}/get", body)
            with _well_formed():
                found |= {id: np.array(row, np.float32) for id, row in zip(*_columns(reply), strict=True)}
        return found

    def nearest(
        self, collection: Collection, vector: FloatVector, k: int, reviews: Sequence[str] | None = None
    ) -> list[str]:
        """Return the ids of the k records nearest to a vector, of all or of those of some reviews."""
        body = {
            "query_embeddings": [vector.tolist()],
            "n_results": k,
            "where": None if reviews is None else {"review": {"$in": list(reviews)}},
            "include": [],
        }
        reply = self._read(f"{self._collections()}/{collection.id}/query", body)
        with _well_formed():
            return [str(id) for id in reply["ids"][0]]

    def count(self, collection: Collection) -> int:
        """Return how many records a collection has."""
        with _well_formed():
            return int(self._read(f"{self._collections()}/{collection.id}/count"))

    def _collections(self) -> str:
        if not (self._tenant and self._database):
            self._tenant, self._database = self._identity()
        return f"/tenants/{quote(self._tenant, safe='')}/databases/{quote(self._database, safe='')}/collections"

    def _found(self, path: str, else_: Fault) -> Any:
        """Return what is at a place of the server; where there is none, that is a fault."""
        try:
            return self._read(path)
        except ServerFault as error:
            raise ServerFault(else_ if error.fault == "gone" else error.fault) from None

    def _identity(self) -> tuple[str, str]:
        """Return the tenant and the database that the key is for, unless they are given."""
        known = self._read("/auth/identity")
        with _well_formed():
            tenant, databases = self._tenant or known["tenant"], [self._database or one for one in known["databases"]]
        if not tenant or len({*databases}) != 1:
            raise ServerFault("token refused")
        return tenant, databases[0]

    def _read(self, path: str, body: object = None) -> Any:
        """Ask for something; once more where the connection was one that the other side had just let go of."""
        return self._request("GET" if body is None else "POST", path, body, may_repeat=True)

    def _request(
        self,
        method: str,
        path: str,
        body: object = None,
        seconds: float = SECONDS_FOR_A_BATCH,
        may_repeat: bool = False,
    ) -> Any:
        """Return what the server says, read from JSON, within these seconds and those that the question has left."""
        question, start = _patience.get(), time.monotonic()
        try:
            with _within(min(seconds, question[0]) if question else seconds):
                return self._once(method, path, body, SECONDS_OF_SILENCE if question else SECONDS_FOR_A_BATCH)
        except _Disconnected:
            if not may_repeat:
                raise ServerFault("unreachable") from None
        finally:
            if question:
                question[0] -= time.monotonic() - start
        return self._request(method, path, body, seconds)

    def _once(self, method: str, path: str, body: object, silence: float) -> Any:
        import httpcore

        waits = {"connect": SECONDS_TO_CONNECT, "read": silence, "write": silence, "pool": silence}
        content = None if body is None else json.dumps(body).encode()
        wrong = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError, ValueError)
        try:
            with self._pool.stream(
                method, self._address + path, headers=self._headers, content=content, extensions={"timeout": waits}
            ) as response:
                status, content = response.status, _read(response)
        except httpcore.ConnectTimeout:
            raise ServerFault("unreachable") from None
        except httpcore.TimeoutException:
            raise ServerFault("too slow") from None
        except wrong:
            raise _Disconnected from None
        return _parsed(status, content)


class _Disconnected(Exception):
    """There is no connection, or it broke."""


def _headers(token: str, login: str, cloud: bool) -> list[tuple[bytes | str, bytes | str]]:
    """Return the headers that say who asks; a login in the address is for a proxy in front of the server."""
    if not all(sign.isascii() and sign.isprintable() for sign in token):
        raise BadSettings("CHROMA_TOKEN or CHROMA_API_KEY cannot be read: it holds characters that no token has.")
    headers: list[tuple[bytes | str, bytes | str]] = [
        ("Content-Type", "application/json"),
        ("User-Agent", "review-rag"),
    ]
    if token:
        headers.append(("X-Chroma-Token", token))
    if login:
        headers.append(("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}"))
    elif token and not cloud:
        headers.append(("Authorization", f"Bearer {token}"))
    return headers


def _pool() -> httpcore.ConnectionPool:
    """Return connections on which every step, and not each by itself, ends in the seconds that `_within` leaves."""
    import httpcore

    def left(timeout: float | None) -> float:
        remaining = _until.get() - time.monotonic()
        if remaining <= 0:
            raise httpcore.ReadTimeout
        return min(remaining, timeout or remaining)

    class Limited(httpcore.NetworkStream):
        """A connection whose reader may have no time left."""

        def __init__(self, stream: httpcore.NetworkStream) -> None:
            self._stream = stream

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            return self._stream.read(max_bytes, left(timeout))

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            self._stream.write(buffer, left(timeout))

        def close(self) -> None:
            self._stream.close()

        def start_tls(
            self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
        ) -> httpcore.NetworkStream:
            return Limited(self._stream.start_tls(ssl_context, server_hostname, left(timeout)))

        def get_extra_info(self, info: str) -> Any:
            return self._stream.get_extra_info(info)

    class Backend(httpcore.SyncBackend):
        """Makes such connections."""

        def connect_tcp(
            self, host: str, port: int, timeout: float | None = None, *more: Any, **options: Any
        ) -> httpcore.NetworkStream:
            return Limited(super().connect_tcp(host, port, left(timeout), *more, **options))

    return httpcore.ConnectionPool(
        max_connections=CONNECTIONS, keepalive_expiry=SECONDS_OF_KEEPING, network_backend=Backend()
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
    path = parts.path.rstrip("/").removesuffix("/api/v2")
    return f"{parts.scheme}://{host}{path}/api/v2", host, login


def _read(response: httpcore.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_stream():
        content += piece
        if len(content) > MOST_BYTES:
            raise ServerFault("not chroma")
    return bytes(content)


def _parsed(status: int, content: bytes) -> Any:
    try:
        value = json.loads(content or b"null")
    except (ValueError, RecursionError):
        value = None
    if 200 <= status < 300:
        if value is None and content.strip() != b"null" and content:
            raise ServerFault("not chroma")
        return value
    kind = str(value.get("error")) if isinstance(value, dict) else ""
    if status == 409 or kind == "UniqueConstraintError":
        raise Taken
    if kind == "Unimplemented":
        raise ServerFault("other version")
    if status == 404 and not kind:
        raise ServerFault("not chroma")
    if status in _BY_STATUS:
        raise ServerFault(_BY_STATUS[status])
    raise ServerFault("failed" if status >= 400 else "not chroma")


def _collection(reply: Any) -> Collection:
    with _well_formed():
        return Collection(str(reply["id"]), str(reply["name"]), dict(reply["metadata"] or {}))


def _columns(reply: Any) -> tuple[list[str], list[list[float]]]:
    return reply["ids"], reply["embeddings"]


@contextmanager
def _well_formed() -> Iterator[None]:
    """Report a reply that is JSON, but not Chroma's, as a ServerFault."""
    try:
        yield
    except (TypeError, KeyError, IndexError, ValueError, AttributeError):
        raise ServerFault("not chroma") from None
