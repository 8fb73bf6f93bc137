"""One attacker against a page that others read: how long these wait, by kind of attack.

Run as a program this is the attacker, a process of its own, so that its work slows no visitor's clock:
`python -m tests.load.attack PAGE ADDRESS SECONDS ONCE|AGAIN KIND…`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

from streamlit.proto.BackMsg_pb2 import BackMsg
from websockets.asyncio.client import ClientConnection, connect

from rag.settings import PROJECT
from rag.ui.guard import NEEDED_MESSAGES
from tests.load.hosting import address_of
from tests.load.visitor import CUT_OFF, PATIENCE, Place, fetched
from tests.load.visitors import Outcome, Talk, visit, within

RERUNS, SOCKETS, CROWD, FRAMES, FRAME_BYTES, FETCHES, AT_ONCE = 3000, 6, 500, 10, 60_000_000, 5000, 50
SECONDS, SECONDS_TO_GATHER = 25.0, 3.0


def frame(kind: str) -> bytes:
    """Return a message of a type, with nothing in it."""
    message = BackMsg()
    field = BackMsg.DESCRIPTOR.fields_by_name[kind]
    if field.message_type:
        getattr(message, kind).SetInParent()
    else:
        setattr(message, kind, True)
    return message.SerializeToString()


UNNEEDED = [field.name for field in BackMsg.DESCRIPTOR.fields if field.name not in NEEDED_MESSAGES]


@asynccontextmanager
async def opened(place: Place) -> AsyncIterator[ClientConnection]:
    """A socket to the page, for whoever has no browser."""
    url = f"{place.page.replace('http', 'ws', 1)}/_stcore/stream"
    async with connect(
        url, subprotocols=["streamlit"], additional_headers=place.headers, max_size=None, compression=None
    ) as socket:
        yield socket


async def reruns(place: Place) -> None:
    """Ask for the page as often and as fast as a socket takes it."""
    async with opened(place) as socket:
        for _ in range(RERUNS // SOCKETS):
            await socket.send(frame("rerun_script"))
        await socket.wait_closed()


async def silent(place: Place) -> None:
    """Hold a socket and say nothing."""
    async with opened(place) as socket:
        await socket.wait_closed()


async def one_message(place: Place) -> None:
    """Hold a socket after one message."""
    async with opened(place) as socket:
        await socket.send(frame("rerun_script"))
        await socket.wait_closed()


async def large_frames(place: Place) -> None:
    """Send a frame that is far too large."""
    async with opened(place) as socket:
        await socket.send(b"\0" * FRAME_BYTES)
        await socket.wait_closed()


async def unneeded(place: Place) -> None:
    """Send the messages that the page does not need, such as the one that clears all caches."""
    async with opened(place) as socket:
        for number in range(RERUNS // SOCKETS):
            await socket.send(frame(UNNEEDED[number % len(UNNEEDED)]))
        await socket.wait_closed()


async def fetches(place: Place) -> None:
    """Get the page again and again."""
    for _ in range(FETCHES // AT_ONCE):
        await fetched(place)


Attack = Callable[[Place], Awaitable[None]]
# Each with how many do it at once.
KINDS: dict[str, tuple[Attack, int]] = {
    "reruns": (reruns, SOCKETS),
    "silent": (silent, CROWD),
    "one-message": (one_message, CROWD),
    "large-frames": (large_frames, FRAMES),
    "unneeded": (unneeded, SOCKETS),
    "fetches": (fetches, AT_ONCE),
}


async def attack(place: Place, kinds: Sequence[str], seconds: float, again: bool) -> None:
    """Attack in these ways at the same time; `again` and again, a second after each refusal or closing."""

    async def one(way: Attack) -> None:
        while True:
            with suppress(*CUT_OFF):
                await way(place)
            if not again:
                return
            await asyncio.sleep(1)

    ways = [way for way, count in (KINDS[kind] for kind in kinds) for _ in range(count)]
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await asyncio.gather(*(one(way) for way in ways))


@asynccontextmanager
async def attacked(place: Place, kinds: Sequence[str], seconds: float, again: bool) -> AsyncIterator[None]:
    """Let an attacker work in the meantime; in the end it is gone."""
    arguments = [place.page, place.address or "", str(seconds), "AGAIN" if again else "ONCE", *kinds]
    attacker = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.load.attack", *arguments, cwd=PROJECT)
    try:
        yield
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
            await asyncio.sleep(seconds)

    besieger = asyncio.create_task(siege())
    try:
        await within(2 * seconds + PATIENCE, [visit(each, place, outcome, arrived) for each in first], outcome)
    finally:
        besieger.cancel()
        await asyncio.gather(besieger, return_exceptions=True)
    return outcome, newcomer


if __name__ == "__main__":
    page, address, seconds, again, *kinds = sys.argv[1:]
    asyncio.run(attack(Place(page, address or None), kinds, float(seconds), again == "AGAIN"))
