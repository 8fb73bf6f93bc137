"""Files dropped onto the page: read, asked, filtered, taken away, brought back, forgotten; and seen by no one else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rag.settings import PROJECT
from tests.browser.conftest import DESKTOP, PHONE, Visit, serving, visiting
from tests.engine import write_pages
from tests.invented import PAGES

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]

ZINC = "# Zinc lozenges and the common cold\n\nAda Quill. J Colds. 2021.\n\n## Abstract\n\n" + (
    "Zinc lozenges shortened colds by two days in a trial of 120 adults. Sore throats were as frequent as without.\n"
)
IRON = "# Iron pills and fatigue\n\nBo Flint. J Blood. 2003.\n\n## Abstract\n\n" + (
    "Iron pills eased fatigue in 40 women with low ferritin. Stomach ache was common with iron pills.\n"
)
QUESTION = "Do zinc lozenges shorten colds?"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pages(tmp_path_factory.mktemp("own") / "seeds", PAGES)


@pytest.fixture(scope="module", params=["1", "0"], ids=["hosted", "local"])
def open_page(
    request: pytest.FixtureRequest, browser: object, seeds: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open]:
    data = tmp_path_factory.mktemp("data")
    with serving(PROJECT, seeds, data, RAG_HOSTED=request.param) as (address, _), visiting(browser, address) as opened:
        yield opened


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two files that can be read, and an archive with one that cannot."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "zinc.md").write_text(ZINC)
    (folder / "iron.md").write_text(IRON)
    with zipfile.ZipFile(folder / "scans.zip", "w") as scans:
        scans.writestr("scan.pdf", b"\x89PNG\r\n\x1a\n")
    return [folder / name for name in ("zinc.md", "iron.md", "scans.zip")]


def open_dialog(visit: Visit) -> None:
    open_sidebar(visit)
    visit.page.locator(".st-key-add-papers button").click()
    visit.page.get_by_role("dialog").wait_for()


def add(visit: Visit, files: list[Path]) -> None:
    open_dialog(visit)
    visit.page.locator("input[type=file]").set_input_files([str(file) for file in files])
    expect(visit.page.get_by_test_id("stFileChip")).to_have_count(len(files))
    wanted = visit.page.get_by_role("button", name="Add these files")
    # It is drawn last: only then is it known whether the page asks where to keep them.
    wanted.wait_for()
    here = visit.page.get_by_role("dialog").get_by_text("in this conversation")
    if here.count():
        here.click()
    wanted.click()
    # They are read in children of their own, one after the other.
    expect(visit.page.get_by_role("dialog")).to_have_count(0, timeout=30_000)
    visit.settle()


def open_sidebar(visit: Visit) -> None:
    if (expand := visit.page.get_by_test_id("stExpandSidebarButton")).is_visible():
        expand.click()


def close_sidebar(visit: Visit) -> None:
    if visit.page.viewport_size == PHONE:
        visit.page.get_by_test_id("stSidebarCollapseButton").locator("button").click()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_three_files_are_dropped_asked_filtered_taken_away_and_brought_back(
    open_page: Open, files: list[Path], viewport: dict[str, int]
) -> None:
    visit = open_page(viewport=viewport)
    page = visit.page
    add(visit, files)
    notice = page.get_by_test_id("stAlert").first
    expect(notice).to_contain_text("zinc.md: ")
    expect(notice).to_contain_text("scan.pdf: the file is an image, not text")
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Your file: iron.md")

    page.get_by_role("button", name="Filter").click()
    page.get_by_label("From", exact=True).fill("2010")
    page.get_by_label("From", exact=True).press("Enter")
    chip = page.get_by_role("button", name="from 2010 on ✕")
    chip.wait_for()
    expect(page.get_by_test_id("stSidebar")).not_to_contain_text("Your file: iron.md")
    page.keyboard.press("Escape")
    close_sidebar(visit)
    expect(visit.ask(QUESTION)).to_contain_text("shortened colds by two days")
    expect(visit.ask("Do iron pills ease fatigue?")).to_contain_text("Not asked")
    cell = visit.ask("Which papers on zinc are there, with year and journal?").locator("td[data-label=year]")
    line = cell.locator(".quote")
    expect(line).to_be_hidden()
    cell.locator("summary").click()
    expect(line).to_have_text("“Ada Quill. J Colds. 2021.”")
    expect(line).to_be_in_viewport()
    open_sidebar(visit)
    chip.click()
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Your file: iron.md")

    open_dialog(visit)
    page.get_by_role("tab", name="Take away").click()
    page.get_by_role("dialog").get_by_role("combobox").click()
    page.get_by_role("option", name="zinc.md").click()
    page.get_by_role("button", name="Take it away").click()
    page.get_by_text("zinc.md was taken away").wait_for()
    visit.settle()
    expect(page.get_by_test_id("stSidebar")).not_to_contain_text("Your file: zinc.md")
    close_sidebar(visit)
    page.get_by_role("button", name="Bring it back").click()
    visit.settle()
    page.reload()
    visit.settle()
    expect(page.get_by_test_id("stSidebar")).to_contain_text("Your file: zinc.md")


def test_the_files_of_one_visitor_are_in_nobody_elses_answers(open_page: Open, files: list[Path]) -> None:
    one, other = open_page(), open_page()
    add(one, files[:1])
    add(other, files[1:2])
    expect(one.ask(QUESTION)).to_contain_text("shortened colds by two days")
    answer = other.ask(QUESTION)
    expect(answer).not_to_contain_text("two days")
    expect(other.page.get_by_test_id("stSidebar")).not_to_contain_text("zinc")
    other.go(one.page.url)
    expect(other.page.get_by_test_id("stApp")).to_contain_text("not saved for this browser")
    expect(other.page.get_by_test_id("stApp")).not_to_contain_text("two days")


def test_forgotten_files_and_those_of_another_talk_are_asked_no_more(open_page: Open, files: list[Path]) -> None:
    visit = open_page()
    add(visit, files[:1])
    first = visit.page.url
    visit.start_anew()
    expect(visit.ask(QUESTION)).not_to_contain_text("two days")
    visit.go(first)
    expect(visit.ask(QUESTION)).to_contain_text("two days")
    visit.page.get_by_role("button", name="Forget").first.click()
    visit.page.get_by_role("button", name="Forget this conversation").click()
    visit.page.get_by_text("The conversation is forgotten").wait_for()
    visit.settle()
    expect(visit.page.get_by_test_id("stSidebar")).not_to_contain_text("zinc")
    visit.go(first)
    expect(visit.page.get_by_test_id("stSidebar")).not_to_contain_text("zinc")


def test_a_link_says_that_it_carries_quotes_and_no_file(open_page: Open, files: list[Path]) -> None:
    visit = open_page()
    add(visit, files[:1])
    visit.ask(QUESTION)
    visit.page.get_by_role("button", name="Share").click()
    dialog = visit.page.get_by_role("dialog")
    expect(dialog).to_contain_text("It quotes files of yours")
    expect(dialog).to_contain_text("would not find what only your files say")
    visit.page.get_by_role("button", name="Make the link").click()
    link = dialog.locator("code").first.inner_text()
    guest = open_page()
    guest.go(link)
    expect(guest.page.locator(".answer")).to_contain_text("shortened colds by two days")
    expect(guest.page.get_by_test_id("stApp")).to_contain_text("quoted from a file of whoever shared this")
