"""A real browser against the real server: both start once a session, a page of its own a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
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
SECONDS_TO_START, PATIENCE_MS = 120, 90_000


def executable() -> str | None:
    """Return the browser: `RAG_CHROMIUM`, or the first that the system has."""
    named = os.environ.get("RAG_CHROMIUM")
    found = (shutil.which(name) for name in ([named] if named else NAMES))
    return next((path for path in found if path), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """The browser; without one a skip that says so, or a failure when `RAG_REQUIRE_BROWSER=1`."""
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


@pytest.fixture(scope="session")
def address(served_sources: Path, data: Path, browser: object) -> Iterator[str]:
    """The address of the server; its data folder is the one of this run."""
    with serving(PROJECT, served_sources, data) as (started, _):
        yield started


@contextmanager
def serving(folder: Path, sources: Path, data: Path, **more: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Run `app.py` of a folder on a free port of this machine, with `more` in its environment, and end it."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "RAG_SEEDS": str(sources), "RAG_DATA": str(data), **more}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"]
    options = ["--server.address=127.0.0.1", "--server.headless=true", "--browser.gatherUsageStats=false"]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([*command, *options], cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}", server
        finally:
            server.terminate()
            server.wait(timeout=20)


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


@pytest.fixture
def visit(browser: object, address: str) -> Iterator[Callable[..., Visit]]:
    """Return a function that opens the page; afterwards no console error and no foreign request may have happened."""
    visits: list[Visit] = []

    def open_page(**options: object) -> Visit:
        visits.append(Visit(browser, address, options))
        return visits[-1]

    yield open_page
    for opened in visits:
        opened.close()
        assert opened.errors == []
        assert opened.foreign == []


class Visit:
    """A visitor's page, and what went wrong in it."""

    def __init__(self, browser, address: str, options: dict[str, object]) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.context = browser.new_context(**{"viewport": DESKTOP, **options})
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._check(request.url, address))
        self.page.on("websocket", lambda socket: self._check(socket.url.replace("ws:", "http:"), address))
        self.page.goto(address)
        self.settle()

    def _note(self, message) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(message.text)

    def _check(self, url: str, address: str) -> None:
        if not url.startswith((f"{address}/", "data:", "blob:")):
            self.foreign.append(url)

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
        answer.wait_for(timeout=60_000)
        self.settle()
        return answer

    def close(self) -> None:
        self.context.close()
