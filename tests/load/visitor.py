"""A visitor's browser without its screen: the cookie of the page, Streamlit's messages, and what they draw."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

PATIENCE = 60.0
SECONDS_TO_RETURN = 0.5
# A letter of Braille signs the questions of each visitor: no review holds one, and the engine passes over them.
SIGNS = [chr(code) for code in range(0x2801, 0x2900)]
_SIGN = re.compile(b"\xe2[\xa0-\xa3][\x80-\xbf]")
_ANSWER = '<article class="answer"'
CUT_OFF = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError)


class Unanswered(Exception):
    """The page was drawn to its end without the answer; says what was drawn instead."""


@dataclass(frozen=True)
class Place:
    """Where a visitor is: the page's address, and the visitor's own as a proxy would tell it, None without a proxy."""

    page: str
    address: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Forwarded-For": self.address} if self.address else {}


class Visitor:
    """One tab. It names no messages that it has kept, so that the server sends every one in full."""

    def __init__(self, place: Place, sign: str, reader: str = "", conversation: str = "") -> None:
        self.place, self.sign, self.reader = place, sign, reader
        self.query = f"conversation={conversation}" if conversation else ""
        self.answers: list[str] = []
        self.foreign_signs: set[str] = set()
        self.returns = 0
        self._socket: ClientConnection | None = None
        self._session = self._box = ""
        self._said: list[str] = []
        self._begun = False

    @property
    def conversation(self) -> str:
        """The id under which the conversation is kept, "" before it is."""
        found = re.search(r"conversation=([A-Za-z0-9_-]+)", self.query)
        return found[1] if found else ""

    @property
    def ready(self) -> bool:
        """Whether a question can be typed."""
        return bool(self._box)

    async def arrive(self, eager: bool = False) -> float:
        """Open the page; return the seconds until all of it is drawn, for the `eager` until a question can be typed."""
        start = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            cookies = SimpleCookie(await fetched(self.place, self.reader))
            self.reader = cookies["reader"].value
            await self._connect()
            while not await self._run("", eager):
                await self._return()
        return time.monotonic() - start

    async def ask(self, question: str) -> float:
        """Ask; return the seconds until the answer stands on the page. Whoever is cut off comes back and looks."""
        start, before = time.monotonic(), len(self.answers)
        async with asyncio.timeout(PATIENCE):
            while len(self.answers) <= before:
                if not await self._run(f"{question} {self.sign}"):
                    await self._return()
                    await self._run("")
                elif len(self.answers) <= before:
                    raise Unanswered("; ".join(self._said) or "nothing")
        return time.monotonic() - start

    async def leave(self) -> None:
        """Close the tab."""
        if self._socket:
            await self._socket.close()

    async def _connect(self) -> None:
        """Open a socket, as often as it takes, as the frontend does."""
        url = f"{self.place.page.replace('http', 'ws', 1)}/_stcore/stream"
        # The frontend's own order: the protocol, a token against forgery, the session to go on with.
        protocols = ["streamlit", "none", self._session] if self._session else ["streamlit"]
        headers = {"Cookie": f"reader={self.reader}", **self.place.headers}
        options = {"subprotocols": protocols, "additional_headers": headers, "max_size": None, "compression": None}
        while True:
            try:
                self._socket = await connect(url, close_timeout=1, **options)
                return
            except CUT_OFF:
                self.returns += 1
                await asyncio.sleep(SECONDS_TO_RETURN)

    async def _return(self) -> None:
        """Go on with the same session over a new socket."""
        self.returns += 1
        await asyncio.sleep(SECONDS_TO_RETURN)
        await self._connect()

    async def _run(self, question: str, eager: bool = False) -> bool:
        """Let the page be drawn; tell whether it was drawn to its end, or as far as the `eager` need it."""
        self._begun = False
        message = BackMsg()
        message.rerun_script.query_string = self.query
        message.rerun_script.context_info.url = self.place.page
        if question:
            message.rerun_script.widget_states.widgets.add(id=self._box).chat_input_value.data = question
        try:
            assert self._socket
            await self._socket.send(message.SerializeToString())
            while not self._take(await self._socket.recv(decode=False)) and not (eager and self.ready):
                pass
        except CUT_OFF:
            return False
        return True

    def _take(self, frame: bytes) -> bool:
        """Note what a message draws; tell whether it is the last of the page that was asked for."""
        self.foreign_signs |= {found.decode() for found in _SIGN.findall(frame)} - {self.sign}
        message = ForwardMsg.FromString(frame)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._session = message.new_session.initialize.session_id
            self.answers, self._said = [], []
            self._begun = True
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "delta":
            self._draw(message.delta.new_element)
        return self._begun and kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _draw(self, element) -> None:
        kind = element.WhichOneof("type")
        if kind == "chat_input":
            self._box = element.chat_input.id
        elif kind == "html" and element.html.body.startswith(_ANSWER):
            self.answers.append(element.html.body)
        elif kind in ("alert", "exception"):
            self._said.append(element.alert.body or element.exception.message)


async def fetched(place: Place, reader: str = "") -> str:
    """Get the page as a browser does first; return the cookies that came with it."""
    host = urlsplit(place.page).netloc
    reading, writing = await asyncio.open_connection(*host.split(":"))
    try:
        lines = [f"{name}: {value}" for name, value in place.headers.items()]
        lines += [f"Cookie: reader={reader}"] if reader else []
        request = "\r\n".join(["GET / HTTP/1.1", f"Host: {host}", "Connection: close", *lines, "", ""])
        writing.write(request.encode())
        answer = (await reading.read()).decode("latin-1")
    finally:
        writing.close()
    head = answer.partition("\r\n\r\n")[0].split("\r\n")
    if " 200 " not in head[0]:
        raise OSError(f"the page was answered with {head[0]!r}")
    return "; ".join(line.partition(":")[2] for line in head if line.lower().startswith("set-cookie:"))
