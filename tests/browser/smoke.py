"""`make smoke URL=https://…`: does a deployed page do what it is there for? Walked through as a stranger would.

PASSWORD=… opens a page with a password. The link that is shared on the way is deleted at the end.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote_plus, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, Response, sync_playwright

from tests.browser.conftest import IDLE, SWITCHES, executable

USAGE = "make smoke URL=https://the-page.example   (PASSWORD=… where the page asks for one)"
HEADING = "Ask the reviews"
UNANSWERABLE = "What does a litre of milk cost in Reykjavik?"
# A page that slept is started by the first who asks for it, and a model may write for 90 s.
SECONDS_TO_WAKE, PATIENCE_MS = 120, 120_000
ASLEEP = {502, 503, 504}


class NotWhole(Exception):
    """What the page does not do, in words."""


@contextmanager
def checking(what: str) -> Iterator[None]:
    """Print what was checked, or raise NotWhole with what went wrong."""
    began = time.monotonic()
    try:
        yield
    except Error as error:
        raise NotWhole(f"{what}: {error.message.splitlines()[0]}") from error
    except NotWhole as fault:
        raise NotWhole(f"{what}: {fault}") from fault
    print(f"ok      {what} ({time.monotonic() - began:.1f} s)", flush=True)


def require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotWhole(otherwise)


class Stranger:
    """Someone who comes with a browser that has never been here, and what went wrong for them."""

    def __init__(self, browser: Browser, base: str, password: str) -> None:
        self.base, self.password = base, password
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.context: BrowserContext = browser.new_context()
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda socket: self._note(re.sub("^ws", "http", socket.url)))

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.errors.append(said.text)

    def _note(self, url: str) -> None:
        if not url.startswith((f"{origin(self.base)}/", "data:", "blob:")):
            self.foreign.append(url)

    def open(self, query: str = "") -> Response:
        """Open the page and pass its door; return what the server sent first."""
        response = self.page.goto(self.base + query)
        require(response is not None and response.ok, f"the page answered {response and response.status}")
        require(self.page.locator("#root").count() > 0, "this is not the page")
        heading = self.page.get_by_role("heading", level=1)
        heading.first.wait_for()
        require(heading.first.inner_text() == HEADING, f"its heading is not “{HEADING}”")
        door, inside = self.page.get_by_label("Password", exact=True), self.page.get_by_test_id("stChatInputTextArea")
        door.or_(inside).first.wait_for()
        if door.is_visible():
            require(bool(self.password), f"it asks for a password: {USAGE}")
            door.fill(self.password)
            self.page.get_by_role("button", name="Open", exact=True).click()
            refused = self.page.get_by_text("This is not the password")
            refused.or_(inside).first.wait_for()
            require(not refused.is_visible(), "the password is another one")
        self.settle()
        return response

    def settle(self) -> None:
        self.page.wait_for_selector(IDLE)

    def answer(self, number: int = 0) -> Locator:
        """Return an answer when it is there to its end, or say what stands in its place."""
        found = self.page.locator("article.answer").nth(number)
        self.wait_for(found)
        return found

    def wait_for(self, wanted: Locator) -> None:
        """Wait until something is drawn, and the page with it; raise NotWhole with the error that is drawn instead."""
        problem = self.page.get_by_test_id("stAlertContentError")
        wanted.or_(problem).first.wait_for()
        self.settle()
        require(not problem.count(), "; ".join(problem.all_inner_texts()))

    def ask(self, question: str, number: int) -> Locator:
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        box.press("Enter")
        return self.answer(number)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def wake(stranger: Stranger) -> None:
    """Wait until the server answers; what is another server is told at once."""
    url = f"{stranger.base}_stcore/health"
    deadline = time.monotonic() + SECONDS_TO_WAKE
    while (said := stranger.context.request.get(url)).status in ASLEEP and time.monotonic() < deadline:
        time.sleep(2)
    require(
        said.status == 200 and said.text().strip() == "ok",
        f"this is not the page: {url} answers {said.status}, and not with “ok”",
    )


def check_headers(response: Response, context: BrowserContext) -> None:
    headers = response.all_headers()
    for name, part in {
        "content-security-policy": "default-src 'none'",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=()",
    }.items():
        require(part in headers.get(name, ""), f"{name} does not say {part}")
    if response.url.startswith("https:"):
        cookies = [cookie for cookie in context.cookies() if cookie["name"] == "reader"]
        require(
            all(cookie["secure"] for cookie in cookies),
            "the reader's cookie is not Secure: FORWARDED_ALLOW_IPS does not name the proxy (docs/hosting.md)",
        )


def share(stranger: Stranger) -> tuple[str, str]:
    """Make a link that keeps the answer; return what follows the page's address in it, and its secret."""
    page = stranger.page
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name="Make the link").click()
    stranger.wait_for(page.get_by_text("with this secret"))
    lines = [line.strip() for line in page.get_by_test_id("stCode").all_inner_texts()]
    (link,) = (line for line in lines if "?share=" in line)
    (secret,) = (line for line in lines if "://" not in line)
    return f"?{urlsplit(link).query}", secret


def check_shared(stranger: Stranger) -> str:
    """Return what the page says of the quotes of a shared answer, when all of them still match."""
    said = stranger.page.get_by_text(re.compile("quotes? still match")).first
    said.wait_for()
    found = re.search(r"(\d+) of (\d+)", said.inner_text())
    require(found is not None and found[1] == found[2], said.inner_text())
    return said.inner_text()


def delete_link(stranger: Stranger, secret: str) -> None:
    page = stranger.page
    page.get_by_role("button", name="Delete or change this link").click()
    page.get_by_label("Secret of the link").fill(secret)
    page.get_by_role("button", name="Delete the link for everyone").click()
    stranger.wait_for(page.get_by_text("The link is deleted"))


def walk(browser: Browser, base: str, password: str) -> None:
    """Walk through the page; raises NotWhole at the first thing that it does not do."""
    first, second, third = (Stranger(browser, base, password) for _ in range(3))
    with checking("the server answers"):
        wake(first)
    with checking("the page opens"):
        response = first.open()
    with checking("the security headers are there"):
        check_headers(response, first.context)

    with checking("a suggested question is answered with quotes"):
        suggested = first.page.get_by_role("radio").first
        question = suggested.inner_text()
        suggested.click()
        answer = first.answer()
        require(answer.locator(".source mark").count() > 0, "the answer holds no quote")
    with checking("a marker opens its source, with the quote highlighted"):
        answer.locator(".marker").first.click()
        mark = answer.locator(".source[open] mark").first
        mark.wait_for()
        require(bool(mark.inner_text().strip()), "nothing is highlighted")
    with checking("what the reviews do not hold is not answered"):
        refusal = first.ask(UNANSWERABLE, 1)
        require("Not found in" in refusal.inner_text(), f"it answers “{UNANSWERABLE}”")

    with checking("an answer is shared"):
        first.open()
        first.page.get_by_role("radio").first.click()
        first.answer()
        link, secret = share(first)
    with checking("another browser opens the link, and the quotes still match"):
        second.open(link)
        print(f"        {check_shared(second)}")
    with checking("the link is deleted with its secret"):
        delete_link(second, secret)
    with checking("a link with ?q= asks its question"):
        third.open(f"?q={quote_plus(question)}")
        require(third.answer().locator(".source mark").count() > 0, "the answer holds no quote")

    strangers = (first, second, third)
    with checking("no error in the browser's console"):
        errors = [error for stranger in strangers for error in stranger.errors]
        require(not errors, "; ".join(errors[:3]))
    with checking("nothing was fetched from another server"):
        foreign = [url for stranger in strangers for url in stranger.foreign]
        require(not foreign, ", ".join(foreign[:3]))


def main(url: str, password: str) -> str | None:
    """Check the page at an address; return what is wrong, None when it is whole."""
    if not re.match(r"https?://[^/\s]+", url):
        return USAGE
    path = executable()
    if not path:
        return "The check drives a real browser, and no chromium is installed (RAG_CHROMIUM names another)."
    base = url.split("?")[0].rstrip("/") + "/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        try:
            walk(browser, base, password)
        except NotWhole as fault:
            return f"FAILED  {fault}"
        finally:
            browser.close()
    print(f"{base} is whole.")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], os.environ.get("PASSWORD", "")))
