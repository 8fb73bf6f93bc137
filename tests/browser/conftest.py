"""A real browser against the real server: both start once a session, a page of its own a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from rag.settings import PROJECT
from tests.conftest import SEEDS

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
# Generous: a machine that does other work as well may take its time.
SECONDS_TO_START, PATIENCE_MS = 300, 120_000


def executable() -> str | None:
    """Return the browser: `RAG_CHROMIUM`, or the first that the system has."""
    named = os.environ.get("RAG_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


@pytest.fixture(scope="package")
def browser() -> Iterator[object]:
    """The browser; without one a skip that says so, or a failure when `RAG_REQUIRE_BROWSER=1`.

    It ends with the tests of this folder: it keeps an event loop running, beside which others cannot run theirs.
    """
    path = executable()
    if not path:
        reason = f"no browser: none of {', '.join(NAMES)} is installed (RAG_CHROMIUM names another)"
        if os.environ.get("RAG_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield running
        running.close()


@pytest.fixture(scope="session")
def served_sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the server reads."""
    return Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("served") / "seeds"))


@pytest.fixture(scope="package")
def address(served_sources: Path, data: Path, browser: object) -> Iterator[str]:
    """The address of the server; its data folder is the one of this run."""
    with serving(PROJECT, served_sources, data) as (started, _):
        yield started


@contextmanager
def serving(
    folder: Path, sources: Path, data: Path, kept_log: Path | None = None, **more: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `app.py` of a folder on a free port of this machine, with `more` in its environment, and end it.

    What it writes to its log is added to `kept_log`.
    """
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "RAG_SEEDS": str(sources), "RAG_DATA": str(data), **more}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    options = ["--server.address=127.0.0.1", "--server.headless=true", "--browser.gatherUsageStats=false"]
    with kept_log.open("ab+") if kept_log else tempfile.TemporaryFile() as log:
        server = subprocess.Popen([*command, *options], cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.terminate()
            server.wait(timeout=300)


def wait_for(url: str, server: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    log.seek(0)
    raise RuntimeError(f"the server did not start (exit code {server.poll()}):\n{log.read().decode(errors='replace')}")


class Seats:
    """Pages at one address, each in a browser context of its own, which visitors take by turns.

    A new page compiles all of Streamlit's scripts, which takes longer than most tests; one that was there keeps them.
    """

    def __init__(self, browser, address: str) -> None:
        self.address, self._browser = address, browser
        self._free: list = []

    def take(self):
        """Return a page that nobody has, without anything that would tell its visitor from a new one."""
        page = self._free.pop() if self._free else self._browser.new_context(viewport=DESKTOP).new_page()
        page.context.clear_cookies()
        page.context.clear_permissions()
        return page

    def leave(self, page) -> None:
        """Take a page back for the next visitor, unless it was closed or led elsewhere."""
        if page.is_closed() or not page.url.startswith(f"{self.address}/"):
            page.context.close()
            return
        page.evaluate("[localStorage, sessionStorage].forEach(kept => kept.clear())")
        self._free.append(page)

    def close(self) -> None:
        for page in self._free:
            page.context.close()


@contextmanager
def seats_at(browser: object, address: str) -> Iterator[Seats]:
    """Offer seats for as long as a server runs."""
    seats = Seats(browser, address)
    yield seats
    seats.close()


@contextmanager
def visits_to(seats: Seats, faultless: bool = True) -> Iterator[Callable[..., Visit]]:
    """Yield a function that opens the page for one more visitor; all of them leave in the end.

    Then no console error and no foreign request may have happened, unless the test itself tells what may.
    """
    visits: list[Visit] = []

    def open_page(**options: object) -> Visit:
        visits.append(Visit(seats, **options))
        return visits[-1]

    try:
        yield open_page
    finally:
        for opened in visits:
            opened.close()
    for opened in visits if faultless else ():
        opened.assert_nothing_went_wrong()


@contextmanager
def visiting(browser: object, address: str) -> Iterator[Callable[..., Visit]]:
    """Yield a function that opens the page of a server that no other test visits."""
    with seats_at(browser, address) as seats, visits_to(seats) as open_page:
        yield open_page


@pytest.fixture(scope="package")
def seats(browser: object, address: str) -> Iterator[Seats]:
    with seats_at(browser, address) as offered:
        yield offered


@pytest.fixture
def visit(seats: Seats) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens the page."""
    with visits_to(seats) as open_page:
        yield open_page


class Visit:
    """A visitor's page, and what went wrong in it."""

    def __init__(
        self,
        seats: Seats,
        viewport: Mapping[str, int] = DESKTOP,
        color_scheme: str = "light",
        permissions: Sequence[str] = (),
    ) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.address, self._seats = seats.address, seats
        self.page = seats.take()
        self.context = self.page.context
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.grant_permissions(permissions)
        self.page.set_viewport_size(viewport)
        self.page.emulate_media(color_scheme=color_scheme)
        self._hearing = {
            "console": self._note,
            "pageerror": lambda error: self.errors.append(str(error)),
            "request": lambda request: self._check(request.url),
            "websocket": lambda socket: self._check(socket.url.replace("ws:", "http:")),
        }
        for event, hear in self._hearing.items():
            self.page.on(event, hear)
        self.go(self.address)

    def _note(self, message) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _check(self, url: str) -> None:
        if not url.startswith((f"{self.address}/", "data:", "blob:")):
            self.foreign.append(url)

    def go(self, address: str) -> None:
        self.page.goto(address)
        self.settle()

    def settle(self) -> None:
        """Wait until the page has been drawn to its end."""
        self.page.wait_for_selector("[data-testid=stChatInputTextArea]")
        self.page.wait_for_selector(IDLE)

    def ask(self, question: str):
        """Type a question as a reader does, and return the answer."""
        number = self.page.locator(".question").count()
        box = self.page.locator("[data-testid=stChatInputTextArea]")
        box.fill(question)
        box.press("Enter")
        answer = self.page.locator(".answer").nth(number)
        answer.wait_for()
        self.settle()
        return answer

    def start_anew(self) -> None:
        """Leave the conversation for a new one, and wait until nothing of the old one is on the page."""
        self.page.get_by_role("button", name="New conversation").click()
        self.page.locator(".st-key-suggested").wait_for()
        self.page.wait_for_function("document.querySelectorAll('.question').length === 0")
        self.settle()

    def close(self) -> None:
        """Leave the page to the next visitor."""
        for event, hear in self._hearing.items():
            self.page.remove_listener(event, hear)
        self._seats.leave(self.page)

    def assert_nothing_went_wrong(self) -> None:
        assert self.errors == []
        assert self.foreign == []
