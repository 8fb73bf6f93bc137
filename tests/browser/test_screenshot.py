"""The pictures in the README: a cited answer with a source open, a comparison. `make screenshot` takes them again."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser
SOLID_TUMORS = "Why is it hard to treat solid tumors with CAR-T cells?"


def test_the_screenshot_shows_a_cited_answer_with_its_source_open(visit: Callable[..., Visit], tmp_path: Path) -> None:
    reader = visit(viewport={"width": 1200, "height": 1400})
    answer = reader.ask(SOLID_TUMORS)
    answer.locator(".source summary").first.click()
    assert answer.locator("mark").first.is_visible()
    picture(reader, tmp_path, "answer.png")


def test_the_screenshot_shows_reviews_side_by_side(visit: Callable[..., Visit], tmp_path: Path) -> None:
    reader = visit(viewport={"width": 1200, "height": 1150})
    answer = reader.ask("How do the reviews differ on solid tumors and on autoimmune diseases?")
    assert answer.locator(".matrix").is_visible()
    picture(reader, tmp_path, "comparison.png")


def picture(reader: Visit, tmp_path: Path, name: str) -> None:
    folder = PROJECT / "docs" if os.environ.get("RAG_SCREENSHOT") == "1" else tmp_path
    folder.mkdir(exist_ok=True)
    reader.page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
    reader.page.mouse.move(0, 0)
    reader.page.screenshot(path=folder / name, animations="disabled", caret="hide")
