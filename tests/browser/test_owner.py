"""The owner's page in a real browser, within the content security policy of a hosted page."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rag.settings import PROJECT
from tests.browser.conftest import DESKTOP, IDLE, PHONE, Visit, serving, visiting
from tests.conftest import SEEDS

pytestmark = pytest.mark.browser
PASSWORD = "open sesame"
SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"


@pytest.fixture
def reader(data: Path, browser: object, tmp_path: Path) -> Iterator[Visit]:
    """A visitor of a hosted page with an owner and an empty store."""
    database = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    owned = {"RAG_HOSTED": "1", "RAG_OWNER_PASSWORD": PASSWORD, "DATABASE_URL": database}
    with serving(PROJECT, SEEDS, data, **owned) as (address, _), visiting(browser, address) as visit:
        yield visit()


def test_the_owner_sees_what_was_asked_for_and_takes_the_thumbs_along(reader: Visit) -> None:
    reader.ask(SOLID_TUMORS)
    reader.page.get_by_label("Thumbs up").click()
    reader.ask("What does Yescarta cost?")
    page = reader.page
    page.goto(f"{reader.address}/?owner")
    page.get_by_label("Owner's password").fill(PASSWORD)
    page.get_by_role("button", name="Open").click()
    figures = page.locator(".figures")
    figures.wait_for()
    page.wait_for_selector(IDLE)
    expect(figures.locator("div", has_text="Questions")).to_contain_text("2")
    expect(figures.locator("div", has_text="Not found")).to_contain_text("50 %")
    expect(figures.locator("div", has_text="Thumbs up")).to_contain_text("1")
    assert page.get_by_test_id("stChatInput").count() == 0
    assert "solid tumors" not in page.locator("body").inner_text()
    assert page.locator(".bars i").first.bounding_box()["height"] > 50
    page.get_by_text("As a table").click()
    expect(page.locator(".owner tbody tr").first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Thumbs as CSV").click()
    head, line = csv.reader(Path(download.value.path()).read_text("utf-8-sig").splitlines())
    assert (head[1], line[1], line[4]) == ("thumb", "up", "")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
