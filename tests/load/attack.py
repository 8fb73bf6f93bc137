"""One attacker against a page that others read: how long these wait, by kind of attack.

Run as a program this is the attacker, apart from the visitors, so that its work slows no clock of theirs:
`python -m tests.load.attack PAGE ADDRESS SECONDS ONCE|AGAIN KIND…`.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from rag.settings import PROJECT
from rag.ui.server.guard import NEEDED_MESSAGES
from tests.load.hosting import address_of
from tests.load.visitor import CUT_OFF, PATIENCE, Place, fetched
from tests.load.visitors import Outcome, Talk, visit, within

RERUNS, SOCKETS, CROWD, FRAMES, FRAME_BYTES, FETCHES, AT_ONCE = 3000, 6, 500, 10, 60_000_000, 5000, 50
SECONDS, SECONDS_TO_GATHER = 25.0, 3.0
UNNEEDED = [field.name for field in BackMsg.DESCRIPTOR.fields if field.name not in NEEDED_MESSAGES]


class Attacker:
    """Each way to attack, and what came of it: how many sockets opened, were refused, were closed with which code."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.met: Counter[str] = Counter()

    async def reruns(self) -> None:
        """Ask for the page as often and as fast as a socket takes it."""
        async with self._socket() as socket:
            for _ in range(RERUNS // SOCKETS):
                await socket.send(frame("rerun_script"))

    async def silent(self) -> None:
        """Hold a socket and say nothing."""
        async with self._socket():
            pass

    async def one_message(self) -> None:
        """Hold a socket after one message."""
        async with self._socket() as socket:
            await socket.send(frame("rerun_script"))

    async def large_frames(self) -> None:
        """Send a frame that is far too large."""
        async with self._socket() as socket:
            await socket.send(b"\0" * FRAME_BYTES)

    async def unneeded(self) -> None:
        """Send the messages that the page does not need, such as the one that clears all caches."""
        async with self._socket() as socket:
            for number in range(RERUNS // SOCKETS):
                await socket.send(frame(UNNEEDED[number % len(UNNEEDED)]))

    async def fetches(self) -> None:
        """Get the page again and again."""
        for _ in range(FETCHES // AT_ONCE):
            await fetched(self.place)
            self.met["pages"] += 1

    @asynccontextmanager
    async def _socket(self) -> AsyncIterator[ClientConnection]:
        """Open a socket, and read it to its end once all is said."""
        url = f"{self.place.page.replace('http', 'ws', 1)}/_stcore/stream"
        try:
            socket = await connect(
                url,
                subprotocols=["streamlit"],
                additional_headers=self.place.headers,
                max_size=None,
                compression=None,
                open_timeout=PATIENCE,
            )
        except InvalidStatus:
            self.met["refused"] += 1
            raise
        self.met["opened"] += 1
        try:
            yield socket
            async for _ in socket:
                pass
        finally:
            self.met[f"closed with {socket.close_code}" if socket.close_code else "kept open"] += 1

    async def attack(self, kinds: Sequence[str], seconds: float, again: bool) -> None:
        """Attack in these ways at the same time; `again` and again, a second after each refusal or closing."""

        async def one(way: Callable[[], Awaitable[None]]) -> None:
            while True:
                with suppress(*CUT_OFF):
                    await way()
                if not again:
                    return
                await asyncio.sleep(1)

        ways = [getattr(self, kind.replace("-", "_")) for kind in kinds for _ in range(KINDS[kind])]
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.gather(*(one(way) for way in ways))


# Each with how many do it at once.
KINDS = {
    "reruns": SOCKETS,
    "silent": CROWD,
    "one-message": CROWD,
    "large-frames": FRAMES,
    "unneeded": SOCKETS,
    "fetches": AT_ONCE,
}


def frame(kind: str) -> bytes:
    """Return a message of a type, with nothing in it."""
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return message.SerializeToString()


@asynccontextmanager
async def attacked(place: Place, kinds: Sequence[str], seconds: float, again: bool) -> AsyncIterator[None]:
    """Let an attacker work in the meantime; in the end it is gone."""
    arguments = [place.page, place.address or "", str(seconds), "AGAIN" if again else "ONCE", *kinds]
    attacker = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.load.attack", *arguments, cwd=PROJECT)
    try:
        yield
        await asyncio.wait_for(attacker.wait(), seconds + PATIENCE)
    finally:
        with suppress(ProcessLookupError):
            attacker.kill()
        await attacker.wait()


async def besieged(
    page: str, planned: Sequence[Talk], kinds: Sequence[str], same: bool, again: bool, seconds: float = SECONDS
) -> tuple[Outcome, Outcome]:
    """Return what visitors met who were there before the attack, and what the last of them met, who came into it.

    The attacker has the `same` address as all of them, or another one.
    """
    *first, last = planned
    place, attacker = Place(page, address_of(1)), Place(page, address_of(1 if same else 2))
    outcome, newcomer = Outcome(), Outcome()
    arrived = asyncio.Barrier(len(first) + 1)

    async def siege() -> None:
        await arrived.wait()
        async with attacked(attacker, kinds, seconds, again):
            await asyncio.sleep(SECONDS_TO_GATHER)
            await visit(last, place, newcomer)

    visits = [*(visit(each, place, outcome, arrived) for each in first), siege()]
    await within(2 * seconds + 2 * PATIENCE, visits, outcome)
    return outcome, newcomer


if __name__ == "__main__":
    page, address, seconds, again, *kinds = sys.argv[1:]
    attacker = Attacker(Place(page, address or None))
    asyncio.run(attacker.attack(kinds, float(seconds), again == "AGAIN"))
    print("attacker:", ", ".join(f"{what} {count}" for what, count in attacker.met.items()), flush=True)
