"""The page's figures, in a real browser: `python -m tests.browser.figures [ROUNDS]`.

first page   from the address to title and question box, a new server and a new visitor each time, beside the same
             two elements in a bare Streamlit script; then the same for a second visitor, once the first has all
turn         from Enter to the answer on the screen
memory       of the server after the turns, as Linux counts it (VmRSS)
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, sync_playwright

from rag.settings import PROJECT, Settings
from rag.shelf.opening import open_library
from tests.browser.conftest import DESKTOP, IDLE, PATIENCE_MS, SWITCHES, executable, serving
from tests.conftest import SEEDS

BARE = 'import streamlit as st\nst.title("Bare")\nst.chat_input("Ask")\n'
QUESTIONS = ("Why is it hard to use CAR-T cells against solid tumors?", "And in lupus?", "What does Yescarta cost?")
BOX = "[data-testid=stChatInputTextArea]"


def main(rounds: int) -> None:
    path = executable()
    if not path:
        raise SystemExit("No browser is installed; RAG_CHROMIUM names one.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        data, bare = Path(folder) / "data", Path(folder) / "bare"
        bare.mkdir()
        (bare / "app.py").write_text(BARE, encoding="utf-8")
        open_library(Settings(seeds=SEEDS, data=data))
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        seen = [(first_pages(browser, bare, data), first_pages(browser, PROJECT, data)) for _ in range(rounds)]
        for visitor in (0, 1):
            without, ours = (median(pair[page][visitor] for pair in seen) for page in (0, 1))
            print(f"first page, visitor {visitor + 1}: {ours:.2f} s, bare {without:.2f} s, ratio {ours / without:.2f}")
        turns, memory = conversation(browser, data)
        print(f"turn: p50 {median(turns):.2f} s, longest {max(turns):.2f} s over {len(turns)}; memory {memory}")


def first_pages(browser: Browser, folder: Path, data: Path) -> list[float]:
    """Return the seconds to the first page of a new server, and to that of its second visitor."""
    with serving(folder, SEEDS, data) as (address, _):
        return [first_page(browser, address) for _ in range(2)]


def first_page(browser: Browser, address: str) -> float:
    with browser.new_context(viewport=DESKTOP) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("h1")
        page.wait_for_selector(BOX)
        seconds = time.perf_counter() - started
        page.wait_for_selector(IDLE)
        return seconds


def conversation(browser: Browser, data: Path) -> tuple[list[float], str]:
    """Return the seconds of each turn of a conversation, and the memory of the server after it."""
    turns = []
    with serving(PROJECT, SEEDS, data) as (address, server), browser.new_context(viewport=DESKTOP) as context:
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector("[role=radio]")
        for number in range(12):
            page.fill(BOX, QUESTIONS[number % len(QUESTIONS)])
            started = time.perf_counter()
            page.press(BOX, "Enter")
            page.locator(".answer").nth(number).wait_for()
            turns.append(time.perf_counter() - started)
        status = Path(f"/proc/{server.pid}/status")
        found = re.search(r"VmRSS:\s+(\d+)", status.read_text()) if status.exists() else None
    return turns, f"{int(found[1]) / 1024:.0f} MB" if found else "not known on this system"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
