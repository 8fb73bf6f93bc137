"""The page as it is hosted, in a real browser: all of it works within its content security policy."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rag.settings import PROJECT
from rag.ui.server.headers import READER_COOKIE, is_reader
from tests.browser.conftest import PHONE, Seats, Visit, seats_at, serving, visits_to
from tests.conftest import SEEDS

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]

SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"


@contextmanager
def framing() -> Iterator[tuple[str, list[str]]]:
    """Serve a page of another origin that shows, in a frame, the page whose address is its query."""

    class Frame(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{self.path.partition("?")[2]}" width=900 height=700>'.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Frame)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def other_site() -> Iterator[str]:
    with framing() as address:
        yield address


@pytest.fixture(scope="module")
def hosted(data: Path, browser: object, other_site: str) -> Iterator[str]:
    with serving(PROJECT, SEEDS, data, RAG_HOSTED="1", RAG_FRAME_ANCESTORS=other_site) as (address, _):
        yield address


@pytest.fixture(scope="module")
def seats(browser: object, hosted: str) -> Iterator[Seats]:
    """Seats at the hosted page."""
    with seats_at(browser, hosted) as offered:
        yield offered


@pytest.fixture
def open_hosted(seats: Seats) -> Iterator[Open]:
    """Return a function that opens the hosted page; the test tells what went wrong in it."""
    with visits_to(seats, faultless=False) as open_page:
        yield open_page


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark", "viewport": PHONE}], ids=["desktop", "dark phone"])
def test_everything_on_the_page_works_within_its_policy(open_hosted: Open, options: dict[str, object]) -> None:
    reader = open_hosted(permissions=["clipboard-read", "clipboard-write"], **options)
    page = reader.page
    answer = reader.ask(SOLID_TUMORS)
    answer.locator(".marker").first.click()
    assert answer.locator("mark").first.is_visible()
    page.get_by_role("button", name="Copy with citations").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert "https://doi.org/10.3390/ijms27020909" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_label("Thumbs up").click()
    page.get_by_role("button", name="Edit question").click()
    page.get_by_label("Question", exact=True).fill("Which competing interests are declared?")
    page.get_by_role("button", name="Ask this instead").click()
    expect(page.locator(".question").first).to_have_text("Which competing interests are declared?")
    reader.settle()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Compare across reviews").first.click()
    page.locator(".comparison").first.wait_for()
    reader.settle()
    page.get_by_role("button", name="Share", exact=True).last.click()
    page.get_by_role("button", name="Copy link").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save", exact=True).last.click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()
    assert Path(download.value.path()).read_text("utf-8")
    page.keyboard.press("Escape")
    if (folded := page.get_by_test_id("stExpandSidebarButton")).is_visible():
        folded.click()
    page.get_by_test_id("stSidebar").get_by_text("On the shelf").wait_for()
    assert page.locator(".question").last.evaluate("question => question.getBoundingClientRect().top") < 400
    reader.assert_nothing_went_wrong()


INTRUDE = """async foreign => {
    const blocked = []
    addEventListener("securitypolicyviolation", event => blocked.push(event.effectiveDirective))
    const script = document.createElement("script")
    script.textContent = "window.inline = true"
    document.body.append(script)
    const holder = document.createElement("div")
    holder.innerHTML = `<img src=x onerror="window.attribute = true"><img src="${foreign}/a.png">`
    document.body.append(holder)
    const source = document.createElement("script")
    source.src = `${foreign}/a.js`
    document.body.append(source)
    document.body.append(Object.assign(document.createElement("iframe"), {src: foreign}))
    document.head.append(Object.assign(document.createElement("base"), {href: foreign}))
    await fetch(foreign).catch(() => {})
    // Later, since a debugger may evaluate what it likes.
    setTimeout(() => eval("window.evaluated = true"), 10)
    await new Promise(done => setTimeout(done, 500))
    return [[window.inline, window.attribute, window.evaluated].some(Boolean), blocked.sort()]
}"""


def test_what_an_intruder_would_put_into_the_page_is_blocked(open_hosted: Open, other_site: str) -> None:
    reader = open_hosted()
    ran, blocked = reader.page.evaluate(INTRUDE, other_site)
    assert not ran
    assert set(blocked) == {
        "base-uri",
        "connect-src",
        "frame-src",
        "img-src",
        "script-src",
        "script-src-attr",
        "script-src-elem",
    }


def test_the_named_origin_may_frame_the_page_and_no_other_may(
    open_hosted: Open, hosted: str, other_site: str, browser: object
) -> None:
    page = open_hosted().page
    page.goto(f"{other_site}/?{hosted}")
    page.frame_locator("iframe").get_by_test_id("stChatInputTextArea").wait_for()
    with framing() as stranger:
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(f"{stranger}/?{hosted}")
        page.wait_for_timeout(1500)
        assert page.frame_locator("iframe").get_by_test_id("stChatInputTextArea").count() == 0
        assert any("frame-ancestors" in text for text in refused)


def test_the_toolbar_shows_nothing_and_no_key_asks_to_clear_the_cache(open_hosted: Open) -> None:
    page = open_hosted().page
    assert page.get_by_test_id("stMainMenu").count() == 0
    assert page.get_by_test_id("stAppDeployButton").count() == 0
    page.locator("h1").click()
    page.keyboard.press("c")
    page.wait_for_timeout(300)
    assert page.get_by_role("dialog").count() == 0


def test_a_reader_keeps_the_cookie_over_reloads_and_no_script_reads_it(open_hosted: Open) -> None:
    reader = open_hosted()

    def kept() -> str:
        return next(c["value"] for c in reader.context.cookies() if c["name"] == READER_COOKIE)

    first = kept()
    assert is_reader(first)
    assert READER_COOKIE not in reader.page.evaluate("document.cookie")
    reader.page.reload()
    reader.settle()
    assert kept() == first


KEEP_SOCKETS = """window.sockets = []
window.WebSocket = class extends WebSocket {
    constructor(...given) { super(...given); window.sockets.push(this) }
}"""


def test_a_page_that_was_cut_off_connects_again_and_stays_though_it_asks_for_nothing(open_hosted: Open) -> None:
    reader = open_hosted()
    reader.page.add_init_script(KEEP_SOCKETS)
    reader.page.reload()
    reader.settle()
    reader.page.evaluate("sockets[0].close()")
    reader.page.wait_for_timeout(12_000)
    assert reader.page.evaluate("sockets.map(socket => socket.readyState === WebSocket.OPEN)") == [False, True]
    assert reader.ask(SOLID_TUMORS).locator(".quote").count() > 0
    reader.page.close()  # its sockets are kept, which no other visitor needs
