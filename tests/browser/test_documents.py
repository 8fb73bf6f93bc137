"""The HTML document of a conversation in a real browser: on a phone, in print, and alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.exports.html.document import html_document
from rag.pipeline import ask
from rag.shelf.library import Library
from rag.types import Exchange
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser
QUESTIONS = (
    "What have CAR-T cells achieved in blood cancers?",
    "Compare the reviews",
    "What is the price of tea?",
)


@pytest.fixture
def opened(browser, library: Library, tmp_path: Path) -> Iterator:
    """The document on a phone; afterwards it may have asked for nothing but itself, and complained of nothing."""
    asked = [Exchange(q, library.reviews, ask(q, library), index="f") for q in QUESTIONS]
    written = tmp_path / "answers.html"
    written.write_text(html_document(asked), "utf-8")
    page = browser.new_page(viewport=PHONE)
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))
    page.on("console", lambda message: seen.append(message.text))
    page.goto(written.as_uri())
    yield page
    page.close()
    assert seen == [written.as_uri()]


def test_a_document_fits_a_phone_and_its_markers_lead_to_the_quotes_and_back(opened) -> None:
    assert opened.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    opened.locator("#answer1 .quote a.marker").nth(1).click()
    quoted = opened.locator("mark:target")
    assert opened.locator("mark").nth(1).text_content() == quoted.text_content()
    assert quoted.evaluate("mark => mark.getBoundingClientRect().top") < PHONE["height"]
    opened.locator(".source:has(mark:target) .foot a[href='#answer1']").click()
    assert opened.locator("article:target").get_attribute("id") == "answer1"


def test_every_quote_and_every_address_is_printed(opened) -> None:
    opened.emulate_media(media="print")
    for one in [*opened.locator("mark").all(), *opened.locator("td .quote").all()]:
        assert one.is_visible() or one.evaluate("quote => quote.closest('.near') !== null")
    shown = "link => getComputedStyle(link, '::after').content"
    assert opened.locator(".references a").first.evaluate(shown).startswith('" (')
    assert not opened.locator("nav").is_visible()
