"""Two visitors with files of their own, the server killed again and again: no word of one comes to the other.

`RAG_TEST_QUESTIONS` and `RAG_TEST_KILLS` make it longer.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from rag.shelf.own_files import FOLDER, OwnFiles
from tests.browser.conftest import Visit, visiting
from tests.browser.test_own_files import add
from tests.engine import write_pages
from tests.invented import PAGES
from tests.load.hosting import hosting
from tests.load.visitor import Place, Visitor

pytestmark = pytest.mark.browser

QUESTIONS, KILLS = int(os.environ.get("RAG_TEST_QUESTIONS", "12")), int(os.environ.get("RAG_TEST_KILLS", "2"))
UNLIMITED = {"RAG_QUESTIONS_A_MINUTE": "1000", "RAG_QUESTIONS_A_DAY": "9999"}
SECONDS_TO_ANSWER = 0.6
ASKED = (
    "Do {own} lozenges shorten colds?",
    "What shortens colds?",
    "Do {other} lozenges shorten colds?",
    "How many adults were in the trial of {own} lozenges?",
    "Where was the trial of {other} lozenges?",
    "Which papers are trials?",
)


class Watched(Visitor):
    """A visitor who notes whether words ever come to them, in whatever message."""

    never: bytes = b""
    leaks = 0

    def _take(self, frame: bytes) -> bool:
        self.leaks += self.never in frame.lower()
        return super()._take(frame)


@dataclass
class Owner:
    """Whose files are on a thing that others may ask for too, from a place that no one but they can know."""

    thing: str
    place: str
    reader: str = ""
    conversation: str = ""
    files: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def write(self, folder: Path, number: int) -> Path:
        path = folder / f"{self.thing}-{number}.md"
        path.write_text(
            f"# {self.thing.title()} lozenges and the common cold, trial {number}\n\nAda Quill. J Colds. 2021.\n\n"
            f"## Abstract\n\n{self.thing.title()} lozenges shortened colds by {number + 2} days in a trial of "
            f"120 adults in {self.place}. Sore throats were as frequent as without.\n"
        )
        return path

    def add(self, visit: Visit, path: Path) -> None:
        """Drop a file onto the page; once the page says that it is read, it must never be lost."""
        add(visit, [path])
        assert path.name in visit.page.get_by_test_id("stAlert").first.inner_text()
        self.files.append(path.name)
        self.reader = next(c["value"] for c in visit.context.cookies() if c["name"] == "reader")
        self.conversation = urlsplit(visit.page.url).query.partition("conversation=")[2]

    def address(self, page: str) -> str:
        return f"{page}/?conversation={self.conversation}" if self.conversation else page


@pytest.fixture
def owners() -> tuple[Owner, Owner]:
    return Owner("zinc", "ardvexil"), Owner("iron", "quolmere")


@contextmanager
def tabs(browser: object, page: str, owners: tuple[Owner, Owner]) -> Iterator[list[Visit]]:
    """Open the conversations of both in a browser, each with the cookie of its owner."""
    with visiting(browser, page) as opened:
        visits = []
        for owner in owners:
            visits.append(visit := opened())
            if owner.reader:
                visit.context.add_cookies([{"name": "reader", "value": owner.reader, "url": page}])
                visit.go(owner.address(page))
        yield visits


async def asked_in_turn(
    page: str, server: subprocess.Popen[bytes], owners: tuple[Owner, Owner], first: int, count: int, kill_after: float
) -> int:
    """Let both ask by turns, and then both at once while the server is killed; return how often a word was leaked."""
    visitors = []
    for owner, other, sign in zip(owners, owners[::-1], "⠁⠂", strict=True):
        visitors.append(visitor := Watched(Place(page), sign, owner.reader, owner.conversation))
        visitor.never = other.place.encode()
        await visitor.arrive()
        assert visitor.answers[: len(owner.answers)] == owner.answers, "an answer was lost"
    for number in range(first, first + count):
        at = number % 2
        await visitors[at].ask(question(number, owners[at], owners[1 - at]))
        owners[at].answers = [*visitors[at].answers]
    if kill_after:
        asking = [asyncio.create_task(one.ask("What shortens colds?")) for one in visitors]
        await asyncio.sleep(kill_after)
        server.kill()
        await asyncio.sleep(SECONDS_TO_ANSWER)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    for visitor in visitors:
        await visitor.leave()
    return sum(visitor.leaks for visitor in visitors)


def question(number: int, own: Owner, other: Owner) -> str:
    return ASKED[number // 2 % len(ASKED)].format(own=own.thing, other=other.thing)


def carried_away(visit: Visit, asked: str) -> list[str]:
    """Ask, and return in small letters what can be carried away: page, documents, references, and what a link shows."""
    visit.ask(asked)
    found = [visit.page.content()]
    if (expand := visit.page.get_by_test_id("stExpandSidebarButton")).is_visible():
        expand.click()
    visit.page.get_by_role("button", name="Save all").click()
    for name in ("Markdown", "HTML, to print", "BibTeX", "RIS", "CSL-JSON"):
        with visit.page.expect_download() as coming:
            visit.page.get_by_role("button", name=name, exact=True).click()
        found.append(Path(coming.value.path()).read_text("utf-8"))
    visit.page.keyboard.press("Escape")
    visit.page.get_by_role("button", name="Share", exact=True).last.click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_text("the whole conversation").click()
    visit.page.get_by_role("button", name="Make the link").click()
    visit.go(dialog.locator("code").first.inner_text())
    return [one.lower() for one in (*found, visit.page.content())]


def test_nothing_of_one_comes_to_the_other_and_nothing_is_lost_though_the_server_is_killed(
    browser: object, owners: tuple[Owner, Owner], tmp_path: Path
) -> None:
    chance, log = random.Random(16), tmp_path / "server.log"
    sources, data, files = write_pages(tmp_path / "seeds", PAGES), tmp_path / "data", tmp_path / "files"
    files.mkdir()
    a_round = -(-QUESTIONS // (KILLS + 1))
    leaks = 0
    for number in range(KILLS + 1):
        with hosting(sources, data, log, **UNLIMITED) as (page, server):
            with tabs(browser, page, owners) as visits:
                at = number % 2
                for owner, visit in zip(owners, visits, strict=True):
                    if owner is owners[at] or not owner.files:
                        owner.add(visit, owner.write(files, number))
            last = number == KILLS
            kill_after = 0.0 if last else chance.uniform(0.01, SECONDS_TO_ANSWER)
            count = min(a_round, QUESTIONS - number * a_round)
            # The browser keeps an event loop running in this thread.
            with ThreadPoolExecutor(1) as apart:
                told = asked_in_turn(page, server, owners, number * a_round, count, kill_after)
                leaks += apart.submit(asyncio.run, told).result()
            if last:
                with tabs(browser, page, owners) as visits:
                    for owner, other, visit in zip(owners, owners[::-1], visits, strict=True):
                        carried = carried_away(visit, question(0, owner, other))
                        assert all(owner.place in one for one in carried)
                        assert not any(other.place in one for one in carried)
    assert leaks == 0
    for owner, other in (owners, owners[::-1]):
        own = OwnFiles(data, f"{owner.reader} {owner.conversation}")
        assert set(own.holdings.names) == set(owner.files)
        assert sum(answer.count(owner.place) for answer in owner.answers) > 0
        folders = [folder for folder in (data / FOLDER).iterdir() if folder != own.folder]
        assert not any(owner.place.encode() in path.read_bytes() for each in folders for path in each.rglob("*.md"))
        assert owner.place not in log.read_text(errors="replace") and other.files
