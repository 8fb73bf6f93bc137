"""Which language model the settings name, and how its endpoint is reached, each call over connections of its own."""

from __future__ import annotations

import math
import os
import re
import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from importlib import import_module
from importlib.util import find_spec
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.errors import NoModel
from rag.settings import Settings
from rag.writing.providers import ANY_OTHER, PROVIDERS, Options
from rag.writing.stream import Call, LanguageModel, Limits, added

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


# A model on the reader's own machine may be slow, and is loaded when it is first asked.
LOCAL = Limits(first_token=120.0, silence=60.0, whole=300.0)


def connect(settings: Settings, name: str | None = None, limits: Limits | None = None) -> LanguageModel:
    """Return the model that the settings name, or `name`; raise NoModel that says what to set when there is none.

    Nothing is sent: whether the endpoint answers shows when it is asked.
    """
    wanted = (name or settings.model or "").strip()
    if not wanted:
        raise NoModel("No language model is named. Set RAG_MODEL, for example openai:gpt-5-mini.")
    provider, _, model = wanted.partition(":") if re.match(r"[a-z_]+:", wanted) else ("openai", "", wanted)
    key, address = _key(settings), _address(settings)
    if provider in ("openai", "openai_responses") and not key and not address:
        raise NoModel("A key is missing: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs none.")
    if not find_spec("langchain") or not find_spec("langchain_openai"):
        raise NoModel("The packages for language models are missing: install langchain and langchain-openai.")
    limits = limits or _limits(settings, _address_of_ollama() if provider == "ollama" else address)
    known = PROVIDERS.get(provider, ANY_OTHER)
    if known.of_openai:
        _import_ahead()
        open_one = partial(
            _open_openai, provider, model, _reached(provider, model, address, key), settings.seed, limits
        )
    else:
        open_one = partial(_open_other, provider, model, settings.seed, limits)
        open_one()  # to see that its package and its key are there
    return LanguageModel(
        name=model,
        key=f"{address or ''} {wanted}",
        secrets=(key,),
        open=open_one,
        prices=_prices(settings.model_prices),
        limits=limits,
        shapes=known.form is not None,
    )


def _limits(settings: Settings, address: str | None) -> Limits:
    """Return the limits that the settings name; those of a model on this machine, which costs nothing, are wider."""
    usual = LOCAL if address and _is_loopback(address) else Limits()
    first = settings.model_first_seconds or usual.first_token
    # Who waits longer for the first word waits for what follows it, too.
    whole = settings.model_seconds or max(usual.whole, 2 * first)
    return replace(usual, first_token=min(first, whole), whole=whole, tokens=settings.model_tokens or usual.tokens)


def _address_of_ollama() -> str:
    """Return where Ollama listens: on this machine, unless its own variable names another."""
    host = os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
    return host if "://" in host else f"http://{host}"


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


def _key(settings: Settings) -> str:
    """Return the key as a header can carry it, "" when none is set."""
    key = settings.openai_api_key.get_secret_value().strip() if settings.openai_api_key else ""
    if re.search(r"[^!-~]", key):
        raise NoModel(
            "OPENAI_API_KEY is not a valid key: it holds spaces, line ends or accented letters. Copy it again."
        )
    return key


def _address(settings: Settings) -> str | None:
    """Return the endpoint's address, None for the provider's own."""
    address = (settings.openai_base_url or "").strip()
    try:
        parts = urlsplit(address)
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if address and (not good or re.search(r"[^!-~]", address)):
        raise NoModel("OPENAI_BASE_URL is not an address: write it like http://localhost:8000/v1.")
    return address or None


@cache
def _trusted() -> ssl.SSLContext:
    """Return whom this machine trusts: to read their certificates holds up the first word by 40 ms."""
    import httpx2

    return httpx2.create_ssl_context()


@cache
def _import_ahead() -> None:
    """Import what the first answer needs while the reader still types."""
    threading.Thread(target=import_module, args=("langchain_openai",), daemon=True).start()


def _open_openai(provider: str, model: str, reached: Options, seed: int, limits: Limits) -> Call:
    """Return a call to an endpoint that speaks a protocol of OpenAI, over a connection of its own."""
    import httpx2

    # It quotes what the endpoint sent, in the place of the wrong type, on the standard error.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    connections = _Connections()

    class Bounded(httpx2.SyncByteStream):
        def __init__(self, whole: httpx2.SyncByteStream) -> None:
            self.whole = whole

        def __iter__(self) -> Iterator[bytes]:
            left = limits.bytes_read
            for part in self.whole:
                left -= len(part)
                if left < 0 or connections.ended:  # what still comes in can be read after a shutdown
                    raise ValueError("more than any answer")
                yield part

        def close(self) -> None:
            self.whole.close()

    def watch(request: httpx2.Request) -> None:
        request.extensions["trace"] = connections.trace

    def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise ValueError("packed, which was not asked for, and may unpack to any size")
        if isinstance(response.stream, httpx2.SyncByteStream):
            response.stream = Bounded(response.stream)

    patience = httpx2.Timeout(max(limits.first_token, limits.silence), connect=limits.connect)
    client = httpx2.Client(
        follow_redirects=False,
        # An endpoint may hang up after it has refused a wish, when the next request is on its way.
        limits=httpx2.Limits(max_keepalive_connections=0),
        verify=_trusted(),
        timeout=patience,
        headers={"Accept-Encoding": "identity"},
        event_hooks={"request": [watch], "response": [bound]},
    )
    known = PROVIDERS[provider]
    options = known.options(limits, seed) | {"timeout": patience, "stream_usage": True, "http_client": client}
    # Nobody uses it; the one that LangChain makes reads all certificates.
    options |= {"http_async_client": httpx2.AsyncClient(verify=_trusted())}
    options |= reached
    chat = _initialised(model, provider.removesuffix("_responses"), options)
    return Call(chat, connections.end, client.close, partial(known.wishes, seed))


def _reached(provider: str, model: str, address: str | None, key: str) -> Options:
    """Return where an endpoint is, and what opens it: Azure has variables of its own for these."""
    if provider == "azure_openai":
        return {"azure_deployment": model}
    there = {"api_key": key or "none", "base_url": address}
    if provider == "openai_responses":
        return {**there, "use_responses_api": True, "store": False}  # or all that is asked is kept there
    return {**there, "use_responses_api": False}


def _open_other(provider: str, model: str, seed: int, limits: Limits) -> Call:
    """Return a call to another provider of LangChain, which keeps its connections to itself."""
    known, over = PROVIDERS.get(provider, ANY_OTHER), threading.Event()
    chat = _initialised(model, provider, known.options(limits, seed))
    return Call(chat, over.set, lambda: None, partial(known.wishes, seed), over.is_set, added)


class _Connections:
    """The sockets of one call: ending them wakes the thread that waits for the endpoint, which then closes them.

    Closing a client from another thread wakes nobody before the timeout of that thread.
    """

    def __init__(self) -> None:
        self._sockets: list[socket.socket] = []
        self.ended = False
        self._lock = threading.Lock()

    def trace(self, event: str, details: Options) -> None:
        """Keep each socket as it is opened, plain or secure; one that opens after the end is ended at once."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._lock:
                self._sockets.append(details["return_value"].get_extra_info("socket"))
            if self.ended:
                self.end()

    def end(self) -> None:
        """End every connection; may be called from any thread and more than once."""
        with self._lock:
            self.ended = True
            for one in self._sockets:
                with suppress(OSError):  # reading only: half closed, an endpoint that floods could hang on to it
                    socket.socket.shutdown(one, socket.SHUT_RD)


def _initialised(model: str, provider: str, options: Options) -> BaseChatModel:
    """Return a chat model of LangChain; raise NoModel when its package or its key is missing."""
    from langchain.chat_models import init_chat_model

    try:
        chat: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except ImportError:
        raise NoModel(f"A package for the models of {provider} is missing: install langchain-{provider}.") from None
    except Exception:  # each provider has its own; its text may hold a key
        raise NoModel(
            f"No provider {provider!r} can be used. Write RAG_MODEL as provider:model, like openai:…, and set its key."
        ) from None
    return chat


def _prices(text: str | None) -> tuple[float, float] | None:
    """Return the dollars for a million tokens read and written; None when they are not given so."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*", text or "")
    prices = (float(found.group(1)), float(found.group(2))) if found else None
    return prices if prices and all(map(math.isfinite, prices)) else None
