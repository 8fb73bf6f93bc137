"""chromadb's own clients of a server, with limits of time and size put round each of their requests."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import chromadb
import httpx
from chromadb.api.fastapi import FastAPI
from chromadb.config import Settings, System

from rag.index.remote.server import Fault, ServerFault, waiting

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

    from rag.index.remote.server import ChromaServer

SECONDS_TO_CONNECT = 2.0
# Of one reply: 20,000 vectors as text are 90 MB.
MOST_BYTES = 200_000_000
# As many requests at once as Chroma Cloud allows to read a collection, less two for other processes.
CONNECTIONS = 8
SECONDS_OF_KEEPING = 30.0  # of a connection that is not used
_BY_STATUS: dict[int, Fault] = {
    401: "token refused",
    403: "token refused",
    404: "gone",
    408: "too slow",
    410: "other version",
    429: "busy",
}
# The other side let go of a connection; what is asked may be asked again, because nothing of it adds up.
_DISCONNECTED = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


class Session(httpx.Client):
    """What sends the requests of chromadb's client: each ends, in time, in a reply of Chroma's or in a ServerFault."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        limits = httpx.Limits(max_connections=CONNECTIONS, keepalive_expiry=SECONDS_OF_KEEPING)
        self._wire = httpx.HTTPTransport(limits=limits)
        super().__init__(transport=self._wire, headers=headers)
        # However a server drips its reply, nobody waits for it any longer than agreed.
        self._workers = ThreadPoolExecutor(CONNECTIONS, "chroma")

    def request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Response:
        """Return a reply that was read whole; raises ServerFault."""
        with waiting() as (seconds, silence):
            options["timeout"] = httpx.Timeout(silence, connect=min(silence, SECONDS_TO_CONNECT))
            reply = self._workers.submit(self._read, method, url, time.monotonic() + seconds, options)
            try:
                status, content = reply.result(seconds)
            except httpx.ConnectTimeout:
                raise ServerFault("unreachable") from None
            except (TimeoutError, httpx.TimeoutException):
                # Whoever still reads from it finds it closed.
                self._wire.close()
                raise ServerFault("too slow") from None
            except (httpx.TransportError, httpx.InvalidURL, OSError):
                raise ServerFault("unreachable") from None
        _check(status, content)
        return httpx.Response(status, content=content, request=httpx.Request(method, url))

    def close(self) -> None:
        """Let go of the connections."""
        super().close()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _read(
        self, method: str, url: httpx.URL | str, until: float, options: dict[str, Any], again: bool = True
    ) -> tuple[int, bytes]:
        content = bytearray()
        try:
            with self.stream(method, url, **options) as response:
                for piece in response.iter_bytes():
                    content += piece
                    if time.monotonic() > until:
                        raise ServerFault("too slow")
                    if len(content) > MOST_BYTES:
                        raise ServerFault("not chroma")
                return response.status_code, bytes(content)
        except _DISCONNECTED:
            if not again or time.monotonic() > until:
                raise
        return self._read(method, url, until, options, again=False)


class LimitedAPI(FastAPI):
    """What chromadb's clients ask a server through, sending its requests by the Session of its settings."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        assert isinstance(system.settings, LimitedSettings)
        session = system.settings._session
        session.headers.update(self._session.headers)
        self._session = session


class LimitedSettings(Settings):
    """Settings of a client that name LimitedAPI where chromadb looks for the class that asks the server."""

    _session: Session

    def require(self, key: str) -> Any:
        """Return the value of a setting."""
        return f"{__name__}.{LimitedAPI.__name__}" if key == "chroma_api_impl" else super().require(key)


def connected(server: ChromaServer, session: Session) -> ClientAPI:
    """Return a client of a database after it was found there; raises ServerFault, or what chromadb makes of one."""
    settings = LimitedSettings(
        _env_file=None, anonymized_telemetry=False, chroma_server_host=None, chroma_server_http_port=None
    )
    settings._session = session
    # chromadb takes a whole address for a host; what it says of port and encryption is left aside then.
    secure = server.address.startswith("https:")
    if server.cloud:
        return chromadb.CloudClient(
            server.tenant, server.database, server.token, settings, cloud_host=server.address, enable_ssl=secure
        )
    tenant, database = str(server.tenant), str(server.database)
    return chromadb.HttpClient(server.address, ssl=secure, settings=settings, tenant=tenant, database=database)


def _check(status: int, content: bytes) -> None:
    """Raise a ServerFault for a reply that is none to what was asked."""
    if 200 <= status < 300:
        return
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    kind = str(value.get("error")) if isinstance(value, dict) else ""
    if status == 409 or kind == "UniqueConstraintError":  # another process has made what was to be made
        raise ServerFault("gone")
    if kind == "Unimplemented":
        raise ServerFault("other version")
    if status < 400 or (status == 404 and not kind):
        raise ServerFault("not chroma")
    raise ServerFault(_BY_STATUS.get(status, "failed"))
