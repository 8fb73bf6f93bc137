"""One database of a Chroma server, asked through chromadb's own clients within limits of time.

They wait without end for a server that is silent or drips its reply, and hand on what it says.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import chromadb
import httpx
from chromadb import config
from chromadb.api import ClientAPI
from chromadb.api.fastapi import FastAPI
from chromadb.errors import ChromaError

from rag.errors import BadSettings, RagError
from rag.index.remote import MAJOR, Fault, ServerFault
from rag.settings import Settings

# A server that is there answers within this. Whoever fills a collection, or opens one that it reads from its disk
# first, is more patient.
SECONDS_TO_ANSWER, SECONDS_FOR_A_BATCH = 3.0, 60.0
SECONDS_TO_CONNECT, SECONDS_OF_SILENCE = 2.0, 10.0
# As many requests at once as Chroma Cloud allows to read a collection, less two for other processes.
CONNECTIONS = 8
CLOUD = "https://api.trychroma.com"
# By 409 another process has made what was to be made.
_BY_STATUS = {401: Fault.REFUSED, 403: Fault.REFUSED, 404: Fault.GONE, 408: Fault.TOO_SLOW, 409: Fault.GONE}
_BY_STATUS |= {410: Fault.OTHER_VERSION, 429: Fault.BUSY, 501: Fault.OTHER_VERSION}
T = TypeVar("T")


class LimitedAPI(FastAPI):
    """What chromadb's clients ask a server through, with an end to its silence."""

    def __init__(self, system: config.System) -> None:
        super().__init__(system)
        self._session.timeout = httpx.Timeout(SECONDS_OF_SILENCE, connect=SECONDS_TO_CONNECT)
        if (url := httpx.URL(self._api_url)).userinfo:  # for a proxy in front of the server; httpx logs addresses
            self._session.auth = url.username, url.password
            self._api_url = str(url.copy_with(userinfo=b""))


class LimitedSettings(config.Settings):
    """Settings of a client that name LimitedAPI where chromadb looks for the class that asks the server."""

    def require(self, key: str) -> Any:
        """Return the value of a setting."""
        return f"{__name__}.{LimitedAPI.__name__}" if key == "chroma_api_impl" else super().require(key)


class ChromaServer:
    """One database of a server, for many threads; `host` is what may be shown of its address."""

    def __init__(self, settings: Settings) -> None:
        """Take from the settings where it is; of Chroma Cloud the key tells tenant and database where they do not."""
        key, self.cloud = settings.chroma_api_key or settings.chroma_token, bool(settings.chroma_api_key)
        self._token = key.get_secret_value().strip() if key else ""
        if not all(sign.isascii() and sign.isprintable() for sign in self._token):
            raise BadSettings("CHROMA_TOKEN or CHROMA_API_KEY cannot be read: it holds characters that no token has.")
        address = settings.chroma_url.get_secret_value().strip() if settings.chroma_url else CLOUD
        try:
            self._url = httpx.URL(address if "//" in address else f"http://{address}")
        except httpx.InvalidURL:
            self._url = httpx.URL()
        if self._url.scheme not in ("http", "https") or not self._url.host or "%" in self._url.host:
            raise BadSettings('CHROMA_URL cannot be read: write it as "http://localhost:8000".')
        self.host = self._url.netloc.decode()
        named = ("tenant", settings.chroma_tenant), ("database", settings.chroma_database)
        self._place: Any = {name: value for name, value in named if value}
        # However a server drips its reply, nobody waits for it any longer than agreed.
        self._workers = ThreadPoolExecutor(CONNECTIONS, "chroma")
        self._client: Any = None

    def ask(self, call: Callable[[ClientAPI], T], seconds: float = SECONDS_FOR_A_BATCH) -> T:
        """Return what a client is asked for; raises ServerFault, in time, whatever the server does."""
        try:
            # Without a lock, which a server that drips would hold: of two clients one is soon let go.
            client = self._client or self._workers.submit(self._connected).result(SECONDS_TO_ANSWER)
            return self._workers.submit(call, client).result(seconds)
        except RagError:
            raise
        except TimeoutError:
            fault = Fault.TOO_SLOW
        # chromadb's errors and httpx's share no base class but Exception; what they say may be the server's.
        except Exception as error:
            fault = _fault_of(error)
        if fault is not Fault.GONE:
            self._let_go()
        raise ServerFault(fault) from None

    def close(self) -> None:
        """Let go of the connections."""
        self._let_go()
        self._workers.shutdown(wait=False, cancel_futures=True)

    def _connected(self) -> ClientAPI:
        """Return a client of the database, after it was found there on a server of a known version."""
        settings = LimitedSettings(
            _env_file=None, anonymized_telemetry=False, chroma_server_host=None, chroma_server_http_port=None
        )
        # chromadb takes a whole address for a host.
        to: Any = {"settings": settings, **self._place}
        at, secure, token = str(self._url), self._url.scheme == "https", self._token
        try:
            if self.cloud:
                client = chromadb.CloudClient(api_key=token, cloud_host=at, enable_ssl=secure, **to)
            else:
                headers = {"X-Chroma-Token": token, "Authorization": f"Bearer {token}"} if token else {}
                client = chromadb.HttpClient(at, headers=headers, **to)
        except ChromaError as error:
            raise ServerFault(Fault.NO_DATABASE) if error.code() == 404 else error from None
        if client.get_version().split(".")[0] != MAJOR:
            raise ServerFault(Fault.OTHER_VERSION)
        self._client = client
        return client

    def _let_go(self) -> None:
        client, self._client = self._client, None
        if client:  # whoever still reads from a connection finds it closed
            client._server._session.close()
            client.close()


def _fault_of(error: BaseException | None) -> Fault:
    """Return what is wrong where chromadb's client ended in an error."""
    while error:
        if isinstance(error, ChromaError):
            return _BY_STATUS.get(error.code(), Fault.FAILED)
        if isinstance(error, httpx.HTTPStatusError):
            status = error.response.status_code
            return Fault.NOT_CHROMA if status < 400 or status == 404 else _BY_STATUS.get(status, Fault.FAILED)
        if isinstance(error, httpx.TimeoutException) and not isinstance(error, httpx.ConnectTimeout):
            return Fault.TOO_SLOW
        if isinstance(error, (httpx.TransportError, httpx.InvalidURL, OSError)):
            return Fault.UNREACHABLE
        error = error.__context__
    return Fault.NOT_CHROMA
