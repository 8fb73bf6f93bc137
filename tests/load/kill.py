"""The server is killed at any moment and started again: how soon it answers, and whether it kept what it had said."""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import select

from rag.errors import RagError
from rag.exports.html.answer import answer_html
from rag.settings import PROJECT, Settings
from rag.store.conversations import kept_conversation
from rag.store.database import Store, open_store
from rag.store.schema import spending
from rag.store.sharing import open_link
from rag.types import Exchange
from tests.load.hosting import hosting, load, spread
from tests.load.shelf import SECTIONS_A_REVIEW, write_review
from tests.load.visitor import SECONDS_TO_RETURN, SIGNS, Place, Unanswered, Visitor

FIRST = "Why is it hard to use CAR-T cells against solid tumors?"
SECOND, THIRD = "What do CAR-T cells target in blood cancers?", "Are there studies in lupus?"
SECONDS_TO_ANSWER, SECONDS_TO_SHARE = 0.6, 2.0


@dataclass(frozen=True)
class Seen:
    """A conversation as its reader saw it last."""

    reader: str
    conversation: str
    answers: tuple[str, ...]


@dataclass
class Acknowledged:
    """All that was acknowledged before a kill, and what of it was missing afterwards."""

    conversations: list[Seen] = field(default_factory=list)
    links: list[tuple[str, Seen]] = field(default_factory=list)
    reservations: list[tuple[int, int]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    starts: dict[str, list[float]] = field(default_factory=dict)

    def __str__(self) -> str:
        counts = (len(self.conversations), len(self.links), len(self.reservations))
        acknowledged = "{} conversations, {} links, {} reservations acknowledged".format(*counts)
        starts = [f"from start to a good answer, {when}: {spread(t)}" for when, t in self.starts.items()]
        return "\n".join([*starts, f"{acknowledged}, lost {len(self.lost)}", *self.lost[:5]])


@dataclass(frozen=True)
class Host:
    """Where the killed page has its sources, its data folder and its database.

    A review of so many `sections` is what changes; to build the index again takes about `seconds_to_rebuild`.
    """

    sources: Path
    settings: Settings
    sections: int = SECTIONS_A_REVIEW
    seconds_to_rebuild: float = 12.0

    @property
    def database(self) -> dict[str, str]:
        url = self.settings.database_url
        return {"DATABASE_URL": url.get_secret_value()} if url else {}

    @property
    def store(self) -> Store:
        return open_store(self.settings)


@dataclass(frozen=True)
class Scene:
    """What a moment to kill is made of."""

    host: Host
    visitor: Visitor
    server: subprocess.Popen[bytes]
    chance: random.Random
    said: Acknowledged


Moment = Callable[[Scene], Awaitable[None]]


def kill_again_and_again(host: Host, rounds: int, moments: Sequence[str] | None = None, seed: int = 7) -> Acknowledged:
    """Kill the page so many times, at the moments by turns; return what it acknowledged and how it came back."""
    chance, said = random.Random(seed), Acknowledged()
    before = "first"
    for moment in [*islice(cycle(moments or MOMENTS), rounds), ""]:
        start = time.monotonic()
        with hosting(host.sources, host.settings.data, **host.database) as (page, server):
            asyncio.run(_first_answer(Place(page)))
            said.starts.setdefault(before, []).append(time.monotonic() - start)
            print(f"{before}: {said.starts[before][-1]:.1f} s from start to a good answer; {load()}", flush=True)
            asyncio.run(_check_last(Place(page), said))
            if moment:
                asyncio.run(_killed(MOMENTS[moment], host, Place(page), server, chance, said))
        before = moment
    check_store(host.store, said)
    host.store.close()
    return said


async def _first_answer(place: Place) -> None:
    """Come first after a start, ask as soon as one can, and get a good answer: one with a source."""
    visitor = Visitor(place, SIGNS[0])
    await visitor.arrive(eager=True)
    await visitor.ask(FIRST)
    if 'id="answer0-1"' not in visitor.answers[0]:
        raise Unanswered("an answer without a source")
    await visitor.leave()


async def _check_last(place: Place, said: Acknowledged) -> None:
    """Open the last conversation as its reader: the page has to show what it showed before."""
    for each in said.conversations[-1:]:
        visitor = Visitor(place, SIGNS[0], each.reader, each.conversation)
        await visitor.arrive()
        if tuple(visitor.answers[: len(each.answers)]) != each.answers:
            said.lost.append(f"{len(each.answers)} answers on the page, {len(visitor.answers)} came back")
        await visitor.leave()


async def _killed(
    moment: Moment, host: Host, place: Place, server: subprocess.Popen[bytes], chance: random.Random, said: Acknowledged
) -> None:
    """Let a visitor ask, kill the server at a moment, and note what was acknowledged until then."""
    visitor = Visitor(place, SIGNS[0])
    await visitor.arrive(eager=True)
    await visitor.ask(FIRST)
    await visitor.ask(SECOND)
    seen = tuple(visitor.answers)
    await moment(Scene(host, visitor, server, chance, said))
    seen = max(seen, tuple(visitor.answers), key=len)
    said.conversations.append(Seen(visitor.reader, visitor.conversation, seen))


async def _idle(scene: Scene) -> None:
    """Kill the server while nobody asks."""
    await asyncio.sleep(scene.chance.uniform(0, 1))
    scene.server.kill()


async def _answering(scene: Scene) -> None:
    """Kill the server while a question is on its way to its answer."""
    async with _asking(scene.visitor):
        await asyncio.sleep(scene.chance.uniform(0, SECONDS_TO_ANSWER))
        scene.server.kill()


async def _sharing(scene: Scene) -> None:
    """Kill the server while another program shares and books at its store; that program as well."""
    host, visitor = scene.host, scene.visitor
    settings = {"RAG_DATA": str(host.settings.data), **host.database}
    command = [sys.executable, "-m", "tests.load.clerk", visitor.reader, visitor.conversation]
    with subprocess.Popen(command, cwd=PROJECT, env=os.environ | settings, stdout=subprocess.PIPE, text=True) as clerk:
        try:
            assert clerk.stdout
            first = await asyncio.to_thread(clerk.stdout.readline)
            assert first, "the clerk did not begin"
            others = asyncio.create_task(asyncio.to_thread(clerk.stdout.readlines))
            await asyncio.sleep(scene.chance.uniform(0, SECONDS_TO_SHARE))
            scene.server.kill()
        finally:
            clerk.kill()
        lines = [first, *await others]
    for line in (json.loads(line) for line in lines if line.endswith("}\n")):
        if "token" in line:
            scene.said.links.append((line["token"], Seen(visitor.reader, visitor.conversation, tuple(visitor.answers))))
        else:
            scene.said.reservations.append((line["reservation"], line["worst"]))


async def _rebuilding(scene: Scene) -> None:
    """Kill the server while it builds the index of a review that has changed."""
    write_review(scene.host.sources, 0, scene.chance.randrange(10**9), scene.host.sections)
    async with _asking(scene.visitor):
        await asyncio.sleep(scene.chance.uniform(0, scene.host.seconds_to_rebuild))
        scene.server.kill()


@asynccontextmanager
async def _asking(visitor: Visitor) -> AsyncIterator[None]:
    """Let a visitor ask meanwhile, and take what was still on its way when the server was killed."""
    asking = asyncio.create_task(visitor.ask(THIRD))
    try:
        yield
        await asyncio.sleep(SECONDS_TO_RETURN / 2)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


MOMENTS: dict[str, Moment] = {
    "idle": _idle,
    "answering": _answering,
    "sharing": _sharing,
    "rebuilding": _rebuilding,
}


def check_store(store: Store, said: Acknowledged) -> None:
    """Look for all that was acknowledged, from the first round on."""
    for each in said.conversations:
        found = kept_conversation(store, each.conversation, each.reader)
        if not found or _drawn(found.exchanges)[: len(each.answers)] != each.answers:
            said.lost.append(f"conversation {each.conversation}")
    for token, shared in said.links:
        try:
            exchanges = open_link(store, token).exchanges
        except RagError as error:
            said.lost.append(f"link {token}: {error}")
            continue
        if _drawn(exchanges) != shared.answers:
            said.lost.append(f"link {token}: another answer")
    with store.reading() as connection:
        booked = dict(connection.execute(select(spending.c.id, spending.c.reserved)).all())
    said.lost += [f"reservation {name}" for name, worst in said.reservations if booked.get(name) != worst]


def _drawn(exchanges: Sequence[Exchange]) -> tuple[str, ...]:
    """Return the answers of a conversation as the page draws them."""
    answered = [(number, each) for number, each in enumerate(exchanges) if each.answer]
    return tuple(answer_html(each.answer, each.reviews, f"answer{number}") for number, each in answered)
