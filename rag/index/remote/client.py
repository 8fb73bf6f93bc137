"""chromadb's own clients of a server, with limits put round what they send, and what goes wrong there by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import chromadb
import httpx
from chromadb.api.fastapi import FastAPI
from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings, System
from chromadb.errors import ChromaError

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

    from rag.index.remote.server import ChromaServer, Fault

SECONDS_TO_CONNECT, SECONDS_OF_SILENCE = 2.0, 10.0
_BY_STATUS: dict[int, Fault] = {
    **dict.fromkeys((401, 403), "token refused"),
    **dict.fromkeys((404, 409), "gone"),  # by 409 another process has made what was to be made
    **dict.fromkeys((410, 501), "other version"),
    408: "too slow",
    429: "busy",
}


class LimitedAPI(FastAPI):
    """What chromadb's clients ask a server through, which waits without end for one that is silent."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self._session.timeout = httpx.Timeout(SECONDS_OF_SILENCE, connect=SECONDS_TO_CONNECT)
        if (url := httpx.URL(self._api_url)).userinfo:  # for a proxy in front of the server; httpx logs addresses
            self._session.auth = url.username, url.password
            self._api_url = str(url.copy_with(userinfo=b""))


class LimitedSettings(Settings):
    """Settings of a client that name LimitedAPI where chromadb looks for the class that asks the server."""

    def require(self, key: str) -> Any:
        """Return the value of a setting."""
        return f"{__name__}.{LimitedAPI.__name__}" if key == "chroma_api_impl" else super().require(key)


def connected(server: ChromaServer) -> ClientAPI:
    """Return a client of a database after it was found there; raises what chromadb and httpx do."""
    settings = LimitedSettings(
        _env_file=None, anonymized_telemetry=False, chroma_server_host=None, chroma_server_http_port=None
    )
    # chromadb takes a whole address for a host; what it says of port and encryption is left aside then.
    secure, tenant, database = server.address.startswith("https:"), server.tenant, server.database
    if server.cloud:
        return chromadb.CloudClient(
            tenant, database, server.token, settings, cloud_host=server.address, enable_ssl=secure
        )
    headers = {"X-Chroma-Token": server.token, "Authorization": f"Bearer {server.token}"} if server.token else {}
    tenant, database = tenant or DEFAULT_TENANT, database or DEFAULT_DATABASE
    return chromadb.HttpClient(server.address, 0, secure, headers, settings, tenant, database)


def let_go(client: Any) -> None:
    """Close the connections of a client; whoever still reads from one finds it closed."""
    client._server._session.close()


def fault_of(error: BaseException | None) -> Fault:
    """Return what is wrong where chromadb's client ended in an error."""
    while error:
        if isinstance(error, ChromaError):
            return _BY_STATUS.get(error.code(), "failed")
        if isinstance(error, httpx.HTTPStatusError):
            status = error.response.status_code
            return "not chroma" if status < 400 or status == 404 else _BY_STATUS.get(status, "failed")
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return "too slow"
        if isinstance(error, (httpx.TransportError, httpx.InvalidURL, OSError)):
            return "unreachable"
        error = error.__context__
    return "not chroma"
