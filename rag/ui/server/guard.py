"""Limits on what a visitor may send: a stranger can neither freeze the page nor clear a cache for all.

Every WebSocket is counted with those of its address and with all. What a browser of this page never sends closes the
socket that sent it: a text frame, bytes that are no message, a message of no type (1008), a frame too big (1009).
A message of a type that the page does not need is dropped, since Streamlit's frontend may well send it for an honest
reader. Messages that come too fast wait; their socket is not read meanwhile, so that its sender waits as well.

Where the page takes files, an address may upload so many bytes; of a file the length is told before its first byte.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from rag.networks import network

# Not clear_cache, set_run_on_save, load_git_info, debug_*, backend_operation_request: they act on all visitors, or
# serve what this page does not have.
NEEDED_MESSAGES = {"rerun_script", "stop_script", "app_heartbeat"}
# What a browser asks before it uploads files, where it sends them, and how.
UPLOAD_MESSAGE, UPLOAD_PATH, UPLOAD_METHODS = "file_urls_request", "upload_file/", ("PUT", "DELETE")
# Below `/_stcore/`: what the browser fetches, and the probe of whoever hosts the page.
NEEDED_PATHS = {"health", "host-config"}
STREAM = "stream"
METHODS = ("GET", "HEAD")
_POLICY, _TOO_BIG, _TRY_LATER = 1008, 1009, 1013
_DISCONNECT: Message = {"type": "websocket.disconnect", "code": 1006}
_SECONDS_BETWEEN_SWEEPS = 1.0
# A socket floods while fewer of its tokens are left. By the share, not by the wait: on a busy server a flood is read so
# slowly that it hardly has to wait.
_IN_FLOOD = 0.5


@dataclass(frozen=True)
class Rate:
    """So many at once, then so many a second."""

    burst: int
    per_second: float


@dataclass(frozen=True)
class Crowd:
    """What the sockets of one address, or all sockets together, may do."""

    sockets: int
    openings: Rate
    messages: Rate
    uploads: Rate  # in bytes


@dataclass(frozen=True)
class Limits:
    """What a visitor may do; times are in seconds, sizes in bytes.

    `messages` are those of one socket; of these the `unhurried` never wait because others flood. So the rates of an
    address and of all, which are near what two cores can draw, slow floods down and hardly a reader.
    `seconds_to_ask` is how long a new socket may wait before it asks for the page, `seconds_of_flood` how long messages
    may go on to come faster than their rate.
    """

    frame_bytes: int = 1_000_000
    url_bytes: int = 32_768
    messages: Rate = Rate(burst=30, per_second=5)
    unhurried: Rate = Rate(burst=4, per_second=0.25)
    of_address: Crowd = Crowd(40, openings=Rate(60, 2), messages=Rate(30, 5), uploads=Rate(120_000_000, 100_000))
    in_all: Crowd = Crowd(200, openings=Rate(120, 20), messages=Rate(40, 10), uploads=Rate(400_000_000, 1_000_000))
    upload_bytes: int = 32_000_000
    seconds_to_ask: float = 10
    seconds_of_flood: float = 5


class _Bucket:
    """A token bucket that lends: what is taken beyond its tokens has to be waited for."""

    def __init__(self, rate: Rate, now: Callable[[], float]) -> None:
        self._rate, self._now = rate, now
        self._tokens, self._at = float(rate.burst), now()

    def left(self) -> float:
        """Return the share of tokens that is there: 1 when none was taken of late, below 0 when some are lent."""
        now = self._now()
        self._tokens = min(self._rate.burst, self._tokens + (now - self._at) * self._rate.per_second)
        self._at = now
        return self._tokens / self._rate.burst

    def take(self) -> float:
        """Take a token and return the seconds until it is there; no more is lent than the bucket holds."""
        self.left()
        self._tokens = max(self._tokens - 1, -self._rate.burst)
        return max(0.0, -self._tokens / self._rate.per_second)

    def has(self, tokens: int = 1) -> bool:
        """Take some tokens, unless one would have to be lent."""
        self.left()
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True


class _Sockets:
    """The open sockets of an address, or all, and what they share."""

    def __init__(self, crowd: Crowd, now: Callable[[], float]) -> None:
        self.most = crowd.sockets
        self.openings, self.messages = _Bucket(crowd.openings, now), _Bucket(crowd.messages, now)
        self.uploads = _Bucket(crowd.uploads, now)
        self.open: set[_Socket] = set()

    def forgettable(self) -> bool:
        """Tell whether this can be dropped and made again when needed."""
        return not self.open and min(self.openings.left(), self.messages.left(), self.uploads.left()) == 1

    def idlest(self) -> _Socket:
        """Return the socket to close when there are too many: one that never asked, else the one longest unheard."""
        return min(self.open, key=lambda socket: (socket.asked, socket.heard))


class Guard:
    """ASGI middleware that keeps the limits. Asyncio only: its state belongs to the one event loop of the server."""

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits = Limits(),
        uploads: bool = False,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.app, self.limits, self.uploads = app, limits, uploads
        self.now, self.sleep = now, sleep
        self._all = _Sockets(limits.in_all, now)
        self._addresses: dict[str, _Sockets] = {}
        self._swept = now()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits."""
        if scope["type"] == "http":
            refusal = self._refusal(scope)
            await (refusal or self.app)(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._converse(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> HTMLResponse | None:
        """Return what to answer instead of the page, without reading a body."""
        if self.uploads and (_below_stcore(scope) or "").startswith(UPLOAD_PATH):
            return self._upload_refusal(scope)
        if scope["method"] not in METHODS:
            return _plain_page(405, "This page takes no uploads.", "Open its address in a browser.")
        if len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"]) > self.limits.url_bytes:
            way = "Open the page without what follows the question mark, or ask for the link again."
            return _plain_page(414, "This address is too long; it was probably damaged on its way.", way)
        if _below_stcore(scope) not in (None, *NEEDED_PATHS):
            return _plain_page(404, "There is nothing here.", "Open the page at its plain address.")
        return None

    def _upload_refusal(self, scope: Scope) -> HTMLResponse | None:
        """Return what to answer instead of taking a file, without reading it."""
        if scope["method"] not in UPLOAD_METHODS:
            return _plain_page(405, "Only files are sent there.", "Open the page at its plain address.")
        if scope["method"] == "DELETE":
            return None
        told = dict(scope["headers"]).get(b"content-length", b"")
        if not told.isdigit():
            return _plain_page(411, "The file does not tell its length.", "Send it from the page.")
        length = int(told)
        if length > self.limits.upload_bytes:
            return _plain_page(413, "The file is too large.", "Ask the owner of this page to put it on the shelf.")
        if not self._sockets_of(_address(scope)).uploads.has(length) or not self._all.uploads.has(length):
            return _plain_page(429, "Too much was uploaded of late.", "Try again in some minutes.")
        return None

    async def _converse(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a WebSocket be served, or refuse it before it opens."""
        own = self._sockets_of(_address(scope))
        if _below_stcore(scope) != STREAM or not (own.openings.has() and self._all.openings.has()):
            await receive()
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        self._make_room(own)
        socket = _Socket(self, (own, self._all), scope, receive, send)
        deadline = asyncio.create_task(socket.must_ask())
        try:
            await self.app(scope, socket.receive, socket.send)
        finally:
            deadline.cancel()
            socket.leave()

    def _sockets_of(self, address: str) -> _Sockets:
        """Return the sockets of an address; addresses of which nothing needs to be remembered are forgotten."""
        if self.now() - self._swept >= _SECONDS_BETWEEN_SWEEPS:
            self._swept = self.now()
            self._addresses = {a: sockets for a, sockets in self._addresses.items() if not sockets.forgettable()}
        if address not in self._addresses:
            # Behind a proxy that is not trusted all visitors have one address that is not global.
            crowd = self.limits.of_address if address else self.limits.in_all
            self._addresses[address] = _Sockets(crowd, self.now)
        return self._addresses[address]

    def _make_room(self, own: _Sockets) -> None:
        """Close the idlest socket where one more would be too many."""
        if len(own.open) >= own.most:
            own.idlest().close(_TRY_LATER)
        if len(self._all.open) >= self._all.most:
            max(self._addresses.values(), key=lambda sockets: len(sockets.open)).idlest().close(_TRY_LATER)


class _Socket:
    """An open WebSocket between the server and the application."""

    def __init__(self, guard: Guard, places: tuple[_Sockets, ...], scope: Scope, receive: Receive, send: Send) -> None:
        self._guard, self._limits, self._places = guard, guard.limits, places
        self._receive, self._send = receive, send
        self._messages = _Bucket(guard.limits.messages, guard.now)
        self._unhurried = _Bucket(guard.limits.unhurried, guard.now)
        self._flooding_since: float | None = None
        self._closed = asyncio.Event()
        self._closing: asyncio.Task[None] | None = None
        self.heard, self.asked = guard.now(), False
        # A browser that connects again names its session, third of the subprotocols, and asks for nothing.
        self._returns = len(scope.get("subprotocols", ())) > 2
        for place in places:
            place.open.add(self)

    async def receive(self) -> Message:
        """Return the next message that may pass, once it may."""
        while (message := await self._next())["type"] == "websocket.receive":
            await self._slow_down()
            if not self._closed.is_set() and self._may_pass(message):
                return message
        return message

    async def send(self, message: Message) -> None:
        """Send a message of the application, unless the socket was closed."""
        if not self._closed.is_set():
            await self._send(message)
        elif message["type"] != "websocket.close":
            raise OSError("The guard closed this WebSocket.")

    def close(self, code: int) -> None:
        """Close the socket; whoever asks for it waits neither for the client nor for the application."""
        if not self._closed.is_set():
            self._closed.set()
            self.leave()
            self._closing = asyncio.create_task(self._send_close(code))

    def leave(self) -> None:
        """Be counted no longer."""
        for place in self._places:
            place.open.discard(self)

    async def must_ask(self) -> None:
        """Close the socket when it has not asked for the page in time."""
        await self._guard.sleep(self._limits.seconds_to_ask)
        if not self.asked and not self._returns:
            self.close(_POLICY)

    async def _send_close(self, code: int) -> None:
        with suppress(OSError, RuntimeError):  # when the client or the application was faster
            await self._send({"type": "websocket.close", "code": code})

    async def _next(self) -> Message:
        """Return the next message of the client, or a disconnection as soon as the socket is closed."""
        message, closed = asyncio.ensure_future(self._receive()), asyncio.ensure_future(self._closed.wait())
        try:
            await asyncio.wait((message, closed), return_when=asyncio.FIRST_COMPLETED)
            return _DISCONNECT if closed.done() else message.result()
        finally:
            message.cancel()
            closed.cancel()

    async def _slow_down(self) -> None:
        """Wait until one more message is within the rates; close the socket when its flood goes on."""
        wait = self._messages.take()
        shared = max(place.messages.take() for place in self._places)
        if self._messages.left() > _IN_FLOOD:
            self._flooding_since = None
        elif self._flooding_since is None:
            self._flooding_since = self._guard.now()
        elif self._guard.now() - self._flooding_since > self._limits.seconds_of_flood:
            self.close(_POLICY)
            return
        if not self._unhurried.has():
            wait = max(wait, shared)
        if wait:
            await self._guard.sleep(wait)

    def _may_pass(self, message: Message) -> bool:
        """Tell whether the application may have a message; close the socket when no browser would send it."""
        frame = message.get("bytes")
        if frame is not None and len(frame) > self._limits.frame_bytes:
            self.close(_TOO_BIG)
            return False
        kind = _kind(frame)
        if kind is None:
            self.close(_POLICY)
            return False
        self.asked = self.asked or kind == "rerun_script"
        self.heard = self._guard.now()
        return kind in NEEDED_MESSAGES or (kind == UPLOAD_MESSAGE and self._guard.uploads)


def _kind(frame: bytes | None) -> str | None:
    """Return the type of a message as Streamlit will read it, or None when it has none."""
    try:
        kind: str | None = BackMsg.FromString(frame or b"").WhichOneof("type")
    except DecodeError:
        return None
    return kind


def _address(scope: Scope) -> str:
    """Return by what a visitor is counted; "" when the address does not tell visitors apart."""
    client = scope.get("client") or ("",)
    return network(client[0]) or ""


def _below_stcore(scope: Scope) -> str | None:
    """Return what stands below `/_stcore/` in the path, wherever the page is mounted; None for another path."""
    _, found, rest = scope["path"].partition("/_stcore/")
    return rest if found else None


def _plain_page(status: int, what: str, way_out: str) -> HTMLResponse:
    """Return a page that says what happened and what to do; the connection ends, so that no body is read."""
    body = f"<!doctype html><html lang=en><title>Ask the reviews</title><p>{what} {way_out}</p></html>"
    return HTMLResponse(body, status, {"Connection": "close", "Allow": ", ".join(METHODS)})
