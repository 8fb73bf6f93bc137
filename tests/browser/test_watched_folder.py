"""Sources that appear while the page is open are read behind it, and the shelf as it was answers meanwhile."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import DESKTOP, PATIENCE_MS, PHONE, serving, visiting
from tests.engine import write_pages
from tests.invented import PAGES
from tests.load.shelf import write_review

pytestmark = pytest.mark.browser

# The page as it is, but that it waits for a changed shelf half a second instead of twenty.
IMPATIENT = """
import streamlit as st

if __name__ == "__main__":
    from rag.ui.page import draw, opening

    opening._PATIENCE_SECONDS = 0.5
    draw()
else:
    from rag.ui.server import middleware

    app = st.App(__file__, middleware=middleware())
"""
PROGRESS = re.compile(r"The shelf has changed\. (?:Reading the files|Preparing the reviews): .*as it was\.")
REVIEWS, CEMENT = 6, "Does antibiotic-loaded cement prevent infection?"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_new_sources_are_read_behind_the_page_while_the_shelf_answers_as_it_was(
    browser: object, viewport: dict[str, int], tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text(IMPATIENT)
    shutil.copytree(PROJECT / ".streamlit", tmp_path / ".streamlit")
    sources = write_pages(tmp_path / "seeds", PAGES)
    with (
        serving(tmp_path, sources, tmp_path / "data", PYTHONPATH=str(PROJECT)) as (page, _),
        visiting(browser, page) as opened,
    ):
        visit = opened(viewport=viewport)
        before = visit.ask(CEMENT).inner_text()
        for number in range(REVIEWS):
            write_review(sources, number, edition=1)
        (sources / "quokkas.md").write_text("# Quokkas of Rottnest\n\nQuokkas of Rottnest eat leaves at night.\n")
        box = visit.page.locator("[data-testid=stChatInputTextArea]")
        box.fill(CEMENT)
        box.press("Enter")
        visit.page.get_by_text(PROGRESS).wait_for()
        answer = visit.page.locator(".answer").nth(1)
        answer.wait_for()
        assert answer.inner_text() == before
        visit.page.get_by_text(PROGRESS).wait_for(state="hidden", timeout=PATIENCE_MS)
        visit.settle()
        assert "eat leaves at night" in visit.ask("What do quokkas eat?").inner_text()
