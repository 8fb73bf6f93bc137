"""The guard: each limit by real ASGI messages on a clock of the test's own, then all of it before the real server."""

from __future__ import annotations

import asyncio
import http.client
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from rag.settings import PROJECT
from rag.ui.server.guard import NEEDED_MESSAGES, Guard, Limits
from tests.browser.conftest import serving
from tests.conftest import SEEDS
from tests.patience import PATIENCE

LIMITS = Limits()
TYPES = [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields]
GLOBAL, OTHER, LOCAL = "8.8.8.8", "9.9.9.9", "127.0.0.1"
SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"


def frame(kind: str) -> bytes:
    """A message of a type, as Streamlit's frontend would send it."""
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return message.SerializeToString()


RERUN = frame("rerun_script")


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.time = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.time + seconds, woken))
        await woken

    async def pass_by(self, seconds: float) -> None:
        """Let time pass, in steps that none of the guard's waits is shorter than by much."""
        end = self.time + seconds
        while self.time < end:
            await settle()
            self.time = min(end, self.time + 0.05)
            for _, sleeper in [entry for entry in self._sleepers if entry[0] <= self.time and not entry[1].done()]:
                sleeper.set_result(None)
            self._sleepers = [entry for entry in self._sleepers if not entry[1].done()]
        await settle()


async def settle() -> None:
    """Let everything happen that needs no time."""
    for _ in range(400):
        await asyncio.sleep(0)


class Page:
    """The application behind the guard: keeps what it was let have."""

    def __init__(self) -> None:
        self.had: list[bytes] = []
        self.asked_for: list[str] = []

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            self.asked_for.append(scope["path"])
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            self.had.append(message.get("bytes"))


class Caller:
    """A client with a WebSocket to the guarded page, and the server between them."""

    def __init__(self, guard: Guard, host: str, path: str = "/_stcore/stream", protocols: list[str] | None = None):
        self.incoming: asyncio.Queue[dict] = asyncio.Queue()
        self.sent: list[dict] = []
        self.incoming.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "path": path, "client": (host, 1), "subprotocols": protocols or ["streamlit"]}
        self.task = asyncio.create_task(guard(scope, self.incoming.get, self._send))

    async def _send(self, message: dict) -> None:
        self.sent.append(message)

    def say(self, *frames: bytes) -> None:
        for each in frames:
            self.incoming.put_nowait({"type": "websocket.receive", "bytes": each})

    @property
    def code(self) -> int | None:
        """The code with which the socket was closed, None while it is open."""
        return next((message["code"] for message in self.sent if message["type"] == "websocket.close"), None)

    @property
    def accepted(self) -> bool:
        return {"type": "websocket.accept"} in self.sent


Scene = Callable[[Guard, Page, Clock], Coroutine[None, None, None]]


def play(scene: Scene, limits: Limits = LIMITS) -> None:
    """Play a scene before a fresh guard; in the end nothing of it may be left running."""

    async def whole() -> None:
        page, clock = Page(), Clock()
        await scene(Guard(page, limits, False, clock.now, clock.sleep), page, clock)

    asyncio.run(asyncio.wait_for(whole(), PATIENCE))


async def call(guard: Guard, host: str = GLOBAL, *frames: bytes, protocols: list[str] | None = None) -> Caller:
    caller = Caller(guard, host, protocols=protocols)
    caller.say(*frames)
    await settle()
    return caller


@pytest.mark.parametrize("kind", TYPES)
def test_only_messages_of_a_needed_type_reach_the_page_and_others_are_dropped(kind: str) -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = await call(guard, GLOBAL, frame(kind), RERUN)
        assert page.had == ([frame(kind), RERUN] if kind in NEEDED_MESSAGES else [RERUN])
        assert caller.code is None

    play(scene)


def test_what_clears_a_cache_is_not_needed() -> None:
    assert {"rerun_script", "stop_script", "app_heartbeat"} == NEEDED_MESSAGES
    assert "clear_cache" in TYPES


NO_MESSAGES = {
    "garbage": b"\xff\xfe\xfd",
    "empty": b"",
    "a field that no message has": b"\xfa\x3f\x01x",
    "a field cut off": RERUN + b"\x5a\x7f",
}


@pytest.mark.parametrize("named", NO_MESSAGES)
def test_what_is_no_message_closes_the_socket(named: str) -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = await call(guard, GLOBAL, NO_MESSAGES[named], RERUN)
        assert (caller.code, page.had) == (1008, [])
        assert caller.task.done()

    play(scene)


def test_a_text_frame_closes_the_socket() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = Caller(guard, GLOBAL)
        caller.incoming.put_nowait({"type": "websocket.receive", "text": "rerun"})
        await settle()
        assert (caller.code, page.had) == (1008, [])

    play(scene)


def test_of_two_types_in_one_frame_the_one_counts_that_streamlit_would_read() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = await call(guard, GLOBAL, RERUN + frame("clear_cache"), frame("clear_cache") + RERUN)
        assert [BackMsg.FromString(had).WhichOneof("type") for had in page.had] == ["rerun_script"]
        assert caller.code is None

    play(scene)


def test_a_frame_up_to_the_limit_passes_and_one_beyond_closes_the_socket() -> None:
    def of_size(size: int) -> bytes:
        message = BackMsg()
        message.rerun_script.query_string = "q" * (size - 20)
        message.rerun_script.query_string += "q" * (size - message.ByteSize())
        assert message.ByteSize() == size
        return message.SerializeToString()

    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = await call(guard, GLOBAL, of_size(LIMITS.frame_bytes))
        assert (caller.code, len(page.had)) == (None, 1)
        caller.say(of_size(LIMITS.frame_bytes + 1))
        await settle()
        assert (caller.code, len(page.had)) == (1009, 1)

    play(scene)


def test_thirty_messages_pass_at_once_then_five_a_second_and_the_rest_is_not_read() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = await call(guard, GLOBAL, *[RERUN] * 100)
        assert len(page.had) == 30
        assert caller.incoming.qsize() >= 68
        await clock.pass_by(2)
        assert 39 <= len(page.had) <= 41

    play(scene)


def test_a_flood_that_goes_on_closes_its_socket_and_one_that_pauses_does_not() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        flood = await call(guard, GLOBAL, *[RERUN] * 3000)
        busy = await call(guard, OTHER, *[RERUN] * 40)
        await clock.pass_by(6)
        busy.say(*[RERUN] * 40)
        await clock.pass_by(4)
        assert (flood.code, busy.code) == (1008, None)
        assert len(page.had) <= (30 + 6 * 5) + (40 + 40)

    play(scene)


def test_many_sockets_of_one_address_share_a_rate_and_whoever_has_hardly_spoken_does_not_wait() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        for _ in range(20):
            await call(guard, GLOBAL, *[RERUN] * 25)
        assert 30 <= len(page.had) <= 30 + 20 * 5
        before = len(page.had)
        await clock.pass_by(1)
        assert len(page.had) - before <= 12
        for neighbour in (GLOBAL, OTHER):
            before = len(page.had)
            await call(guard, neighbour, RERUN)
            assert len(page.had) == before + 1

    play(scene)


def test_a_socket_that_asks_for_nothing_is_closed_after_ten_seconds() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        silent = await call(guard)
        chatty = await call(guard, GLOBAL, frame("app_heartbeat"))
        asked = await call(guard, GLOBAL, RERUN)
        returning = await call(guard, protocols=["streamlit", "", "session"])
        await clock.pass_by(9)
        assert [each.code for each in (silent, chatty, asked, returning)] == [None] * 4
        await clock.pass_by(2)
        assert [each.code for each in (silent, chatty, asked, returning)] == [1008, 1008, None, None]

    play(scene)


@pytest.mark.parametrize("host", [GLOBAL, "::ffff:8.8.8.8", "2606:4700::1"])
def test_one_more_than_forty_of_an_address_closes_the_idlest_of_that_address(host: str) -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        other = await call(guard, OTHER, RERUN)
        callers = []
        for number in range(40):
            callers.append(await call(guard, host, *([] if number == 20 else [RERUN])))
            await clock.pass_by(0.05)
        callers[0].say(RERUN)
        await clock.pass_by(0.05)
        callers += [await call(guard, host, RERUN), await call(guard, host, RERUN)]
        # First the one that never asked, then the one that was longest unheard.
        assert [number for number, each in enumerate(callers) if each.code == 1013] == [1, 20]
        assert other.code is None

    play(scene)


def test_an_ipv6_network_counts_as_one_address_and_ipv4_in_ipv6_as_ipv4() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        callers = [await call(guard, f"2606:4700::{number}:1", RERUN) for number in range(41)]
        assert Counter(each.code for each in callers) == {1013: 1, None: 40}
        mixed = [await call(guard, ("8.8.8.8", "::ffff:8.8.8.8")[number % 2], RERUN) for number in range(41)]
        assert Counter(each.code for each in mixed) == {1013: 1, None: 40}
        neighbours = [await call(guard, f"2606:4700:0:{number + 1:x}::1", RERUN) for number in range(30)]
        assert {each.code for each in neighbours} == {None}

    play(scene)


@pytest.mark.parametrize("host", [LOCAL, "::1", "10.0.0.3", "fe80::1%eth0", "not an address", "999.1.1.1", None])
def test_a_hundred_visitors_behind_an_address_that_is_not_global_all_stay(host: str | None) -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        callers = [await call(guard, host, RERUN) for _ in range(100)]
        assert {each.code for each in callers} == {None}
        assert len(page.had) == 100

    play(scene)


def test_when_all_places_are_taken_the_address_with_the_most_gives_one_up() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        callers: dict[str, list[Caller]] = {}
        for number in range(200):
            host = f"8.8.{number % 6 + 1}.8" if number < 190 else f"9.9.9.{number}"
            callers.setdefault(host, []).append(await call(guard, host, RERUN))
            await clock.pass_by(0.1)
        assert all(each.code is None for group in callers.values() for each in group)
        newcomer = await call(guard, "1.1.1.1", RERUN)
        closed = Counter(host for host, group in callers.items() for each in group if each.code == 1013)
        assert sum(closed.values()) == 1
        assert max(callers, key=lambda host: len(callers[host])) in closed
        assert newcomer.code is None

    play(scene)


def test_sockets_open_at_a_rate_and_the_refused_come_in_later() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        callers = [await call(guard, GLOBAL, RERUN) for _ in range(70)]
        assert [each.accepted for each in callers] == [True] * 60 + [False] * 10
        assert {each.code for each in callers[60:]} == {1013}
        assert (await call(guard, OTHER, RERUN)).accepted
        await clock.pass_by(1)
        assert (await call(guard, GLOBAL, RERUN)).accepted

    play(scene)


def test_a_client_that_reads_nothing_does_not_hold_up_the_one_that_takes_its_place() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        callers = [await call(guard, GLOBAL, RERUN) for _ in range(40)]
        stuck = callers[0]

        async def never(message: dict) -> None:
            await asyncio.Event().wait()

        stuck._send = never  # type: ignore[method-assign]
        guard._all.idlest()._send = never  # the same socket, as the guard sees it
        assert (await call(guard, GLOBAL, RERUN)).accepted
        assert sum(each.task.done() for each in callers) == 1

    play(scene)


def test_addresses_that_are_idle_are_forgotten() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        for number in range(100):
            caller = await call(guard, f"8.8.8.{number}", RERUN)
            caller.incoming.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await settle()
        assert len(guard._addresses) == 100
        await clock.pass_by(5)
        await call(guard, OTHER, RERUN)
        assert list(guard._addresses) == [OTHER]

    play(scene)


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/agent/mcp", "/stream"])
def test_a_websocket_to_another_path_is_refused(path: str) -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        caller = Caller(guard, GLOBAL, path)
        await settle()
        assert not caller.accepted
        assert caller.code == 1013

    play(scene)


def fetched(
    method: str, path: str, query: bytes = b"", guard: Guard | None = None, **headers: str
) -> tuple[int, dict[bytes, bytes], bytes, list[str]]:
    """Ask the guarded page over HTTP; return status, headers, body and what reached the page. No body is read."""
    page, sent = (guard.app if guard else Page()), []

    async def receive() -> dict:
        raise AssertionError("a body was read")

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": query}
    lines = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run((guard or Guard(page))({**scope, "headers": lines, "client": (GLOBAL, 1)}, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"], page.asked_for


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "GIBBERISH"])
def test_only_what_reads_is_answered(method: str) -> None:
    status, headers, _, reached = fetched(method, "/")
    assert (status, headers[b"allow"], headers[b"connection"], reached) == (405, b"GET, HEAD", b"close", [])
    assert fetched("GET", "/")[3] == fetched("HEAD", "/")[3] == ["/"]


def test_an_address_that_is_too_long_is_answered_with_what_to_do() -> None:
    assert fetched("GET", "/", b"share=" + b"x" * 16_000)[0] == 200
    status, _, body, reached = fetched("GET", "/", b"share=" + b"x" * 32_768)
    assert (status, reached) == (414, [])
    assert b"too long" in body
    assert b"Open the page" in body


@pytest.mark.parametrize("tail", ["metrics", "agent/openapi.json", "agent/interact", "upload_file/a/b", "stream", ""])
def test_paths_of_streamlit_that_the_page_does_not_need_are_not_there(tail: str) -> None:
    assert fetched("GET", f"/_stcore/{tail}")[::3] == (404, [])
    assert fetched("GET", f"/mounted/_stcore/{tail}")[0] == 404
    assert fetched("GET", "/_stcore/health")[0] == fetched("GET", "/mounted/_stcore/host-config")[0] == 200


# A page that takes files.

UPLOAD = "/_stcore/upload_file/session/file"


def sent(guard: Guard, method: str = "PUT", path: str = UPLOAD, **headers: str) -> int:
    return fetched(method, path, guard=guard, **headers)[0]


def taking() -> Guard:
    return Guard(Page(), uploads=True)


def test_a_page_that_takes_files_takes_them_at_their_place_alone() -> None:
    guard = taking()
    assert sent(guard, content_length="1000") == sent(guard, "DELETE") == 200
    assert sent(guard, path="/mounted/_stcore/upload_file/a/b", content_length="1") == 200
    assert [sent(guard, method) for method in ("GET", "POST", "OPTIONS")] == [405] * 3
    assert sent(guard, path="/", content_length="1000") == sent(guard, "POST", "/_stcore/health") == 405
    assert sent(Guard(Page()), content_length="1000") == 405


def test_a_file_that_is_too_large_or_does_not_tell_its_length_is_not_read() -> None:
    guard = taking()
    assert sent(guard, content_length=str(LIMITS.upload_bytes)) == 200
    assert sent(guard, content_length=str(LIMITS.upload_bytes + 1)) == 413
    assert [sent(guard), sent(guard, content_length="-1"), sent(guard, transfer_encoding="chunked")] == [411] * 3
    assert guard.app.asked_for == [UPLOAD]


def test_an_address_uploads_so_many_bytes_and_then_waits() -> None:
    clock = Clock()
    guard = Guard(Page(), LIMITS, True, clock.now, clock.sleep)
    most, size = LIMITS.of_address.uploads, 30_000_000
    statuses = [sent(guard, content_length=str(size)) for _ in range(1 + most.burst // size)]
    assert statuses == [200] * (most.burst // size) + [429]
    clock.time += size / most.per_second
    assert sent(guard, content_length=str(size)) == 200
    assert sent(guard, content_length=str(size)) == 429


def test_only_a_page_that_takes_files_is_asked_where_to_send_them() -> None:
    async def scene(guard: Guard, page: Page, clock: Clock) -> None:
        await call(guard, GLOBAL, frame("file_urls_request"), RERUN)
        assert page.had == [RERUN]
        guard.uploads = True
        await call(guard, OTHER, frame("file_urls_request"))
        assert page.had == [RERUN, frame("file_urls_request")]

    play(scene)


# Before the real server.


@pytest.fixture(scope="module")
def hosted(data: Path) -> Iterator[str]:
    """The address of the real page; its proxy, which it trusts, is said to be at 127.0.0.9."""
    with serving(PROJECT, SEEDS, data, RAG_HOSTED="1", FORWARDED_ALLOW_IPS="127.0.0.9") as (address, _):
        yield address


class Reader:
    """A visitor of the real page, without a browser."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.box = ""
        self.texts: list[str] = []

    @classmethod
    async def arrive(cls, address: str, **options: object) -> Reader:
        url = f"{address.replace('http', 'ws')}/_stcore/stream"
        return cls(await connect(url, subprotocols=["streamlit"], max_size=None, open_timeout=PATIENCE, **options))

    async def turn(self, question: str = "") -> None:
        """Load the page, or ask a question; return when the page is drawn."""
        message = BackMsg()
        message.rerun_script.SetInParent()
        if question:
            widget = message.rerun_script.widget_states.widgets.add(id=self.box)
            widget.chat_input_value.data = question
        await self.socket.send(message.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while (kind := self._take(await self.socket.recv())) != "script_finished":
                assert kind

    def _take(self, received: str | bytes) -> str | None:
        message = ForwardMsg.FromString(received)
        element = message.delta.new_element
        if element.WhichOneof("type") == "chat_input":
            self.box = element.chat_input.id
        if element.WhichOneof("type") == "html":
            self.texts.append(element.html.body)
        return message.WhichOneof("type")

    async def code(self) -> int | None:
        """Read to the end and return the code with which the server closed."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE):
                while True:
                    await self.socket.recv()
        return self.socket.close_code


CACHED = """
import streamlit as st
if __name__ == "__main__":
    import time
    made = st.cache_resource(lambda: str(time.time_ns()), show_spinner=False)
    st.html(made())
else:
    from rag.ui.server import middleware
    app = st.App(__file__, middleware=middleware() if {guarded} else [])
"""


@pytest.mark.parametrize("guarded", [True, False])
def test_a_strangers_message_clears_no_cache_and_without_the_guard_it_does(
    guarded: bool, tmp_path: Path, data: Path
) -> None:
    (tmp_path / "app.py").write_text(CACHED.format(guarded=guarded), encoding="utf-8")

    async def scene(address: str) -> list[str]:
        reader, stranger = await Reader.arrive(address), await Reader.arrive(address)
        await reader.turn()
        await stranger.turn()
        await stranger.socket.send(frame("clear_cache"))
        await asyncio.sleep(0.5)
        await reader.turn()
        return reader.texts

    with serving(tmp_path, SEEDS, data, PYTHONPATH=str(PROJECT)) as (address, _):
        before, after = asyncio.run(scene(address))
    assert (before == after) is guarded


@pytest.mark.parametrize("kind", TYPES)
def test_the_real_page_answers_whatever_message_a_stranger_sent(hosted: str, kind: str) -> None:
    async def scene() -> None:
        reader = await Reader.arrive(hosted)
        await reader.turn()
        stranger = await Reader.arrive(hosted)
        await stranger.socket.send(frame(kind))
        await reader.turn(SOLID_TUMORS)
        assert any("antigen heterogeneity" in text for text in reader.texts)
        # Dropped, not closed: who sent it may go on.
        await stranger.turn()

    asyncio.run(scene())


def test_garbage_text_and_sixty_megabytes_close_the_socket_that_sent_them(hosted: str) -> None:
    async def scene() -> None:
        for sent, codes in ((b"\xff\xfe", {1008}), ("text", {1008}), (b"\0" * 60_000_000, {1009})):
            stranger = await Reader.arrive(hosted)
            with suppress(ConnectionClosed):
                await stranger.socket.send(sent)
            assert await stranger.code() in codes
        await (await Reader.arrive(hosted)).turn()

    asyncio.run(scene())


def test_a_post_of_sixty_megabytes_is_refused_before_it_is_read(hosted: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(hosted).netloc, timeout=PATIENCE)
    connection.putrequest("POST", "/_stcore/upload_file/a/b")
    connection.putheader("Content-Length", "60000000")
    connection.endheaders()
    sent = 0
    with suppress(OSError):
        while sent < 60_000_000:
            connection.send(b"\0" * 100_000)
            sent += 100_000
    assert sent < 20_000_000
    with suppress(OSError):
        assert connection.getresponse().status == 405


def test_a_forged_forwarded_address_is_believed_of_the_trusted_proxy_only(hosted: str) -> None:
    async def open_with(source: str, forwarded: str, count: int) -> int:
        headers = {"X-Forwarded-For": forwarded}
        readers = [
            await Reader.arrive(hosted, additional_headers=headers, local_addr=(source, 0)) for _ in range(count)
        ]
        await asyncio.sleep(0.5)
        still_open = sum(reader.socket.close_code is None for reader in readers)
        await asyncio.gather(*(reader.socket.close() for reader in readers))
        return still_open

    async def scene() -> None:
        limit = LIMITS.of_address.sockets
        # The proxy adds the right-most address; what stands before it was sent by the visitor.
        assert await open_with("127.0.0.9", "1.2.3.4, 8.8.8.8", limit + 1) == limit
        assert await open_with("127.0.0.1", "8.8.4.4", limit + 1) == limit + 1

    asyncio.run(scene())


def test_after_five_hundred_silent_sockets_a_newcomer_gets_through(data: Path) -> None:
    async def silent(address: str) -> Reader | None:
        with suppress(InvalidHandshake, OSError):
            return await Reader.arrive(address)
        return None

    async def scene(address: str) -> None:
        crowd = [reader for reader in await asyncio.gather(*(silent(address) for _ in range(500))) if reader]
        async with asyncio.timeout(PATIENCE):
            while not (newcomer := await silent(address)):
                # As Streamlit's frontend, which tries again by itself.
                await asyncio.sleep(0.2)
        await newcomer.turn()
        assert 100 < len(crowd) <= LIMITS.in_all.sockets
        assert newcomer.socket.close_code is None

    with serving(PROJECT, SEEDS, data, RAG_HOSTED="1") as (address, _):
        asyncio.run(scene(address))


def test_while_one_socket_floods_another_reader_gets_each_turn(hosted: str) -> None:
    async def flood(socket: ClientConnection) -> None:
        with suppress(ConnectionClosed):
            for _ in range(3000):
                await socket.send(RERUN)

    async def scene() -> None:
        reader, stranger = await Reader.arrive(hosted), await Reader.arrive(hosted)
        await reader.turn()
        sending, closing = asyncio.create_task(flood(stranger.socket)), asyncio.create_task(stranger.code())
        while not closing.done():
            await reader.turn(SOLID_TUMORS)
            await asyncio.sleep(0.1)
        await sending
        assert closing.result() == 1008

    asyncio.run(scene())
