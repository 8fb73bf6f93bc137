"""Comparisons in a real browser: the matrix, what the reader changes in it, and what is taken along."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import PHONE, Seats, Visit, seats_at, serving, visits_to
from tests.browser.test_browser import CONTRAST, CUT_OFF, IN_SIGHT, SIDEWAYS
from tests.conftest import SEEDS

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]

SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"
COMPARISON = "How do the two reviews differ on solid tumors and lupus?"
# Marsupials of which each but the last sleeps by day, and the last is not said to.
MARSUPIALS = ("Quokka", "Wombat", "Numbat", "Potoroo", "Bilby", "Quoll")


def marsupial(name: str, sleeps: bool = True) -> str:
    day = f"By day {name.lower()}s sleep in burrows that they dig in sandy ground.\n\n" if sleeps else ""
    return f"# {name}s of Australia\n\n{name}s eat leaves and roots of many plants at night.\n\n{day}"


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory, data: Path, browser: object) -> Iterator[Seats]:
    """Seats at a server with eight reviews."""
    sources = Path(shutil.copytree(SEEDS, tmp_path_factory.mktemp("many") / "seeds"))
    for name in MARSUPIALS:
        (sources / f"{name}.md").write_text(marsupial(name, name != MARSUPIALS[-1]), encoding="utf-8")
    with serving(PROJECT, sources, data) as (address, _), seats_at(browser, address) as seats:
        yield seats


@pytest.fixture
def visit_many(many: Seats) -> Iterator[Open]:
    """Return a function that opens the page of eight reviews."""
    with visits_to(many) as open_page:
        yield open_page


def aspects(reader: Visit) -> list[str]:
    return [name.strip() for name in reader.page.locator(".answer th[scope=row]").all_inner_texts()]


def wait_for_aspects(reader: Visit, names: list[str]) -> None:
    for name in names:
        reader.page.locator(".answer th[scope=row]").get_by_text(name, exact=True).wait_for()
    reader.settle()
    assert aspects(reader) == names


def add(reader: Visit, aspect: str) -> None:
    box = reader.page.get_by_placeholder("Add an aspect")
    box.fill(aspect)
    box.press("Enter")


def edit(reader: Visit, lines: str) -> None:
    reader.page.get_by_role("button", name="Edit aspects").click()
    reader.page.get_by_label("One aspect a line").fill(lines)
    reader.page.get_by_role("button", name="Update").click()


def test_the_reader_adds_renames_and_removes_an_aspect_in_place(visit: Open) -> None:
    reader = visit()
    reader.ask(COMPARISON)
    add(reader, "manufacturing")
    wait_for_aspects(reader, ["solid tumors", "lupus", "manufacturing"])
    assert reader.page.get_by_placeholder("Add an aspect").input_value() == ""
    edit(reader, "autoimmune disease\nsolid tumors")
    wait_for_aspects(reader, ["autoimmune disease", "solid tumors"])
    assert not reader.page.get_by_label("One aspect a line").is_visible()
    assert reader.page.locator(".question").all_inner_texts() == [COMPARISON]
    assert reader.page.locator(".answer").count() == 1


def test_an_aspect_that_looks_like_markup_is_shown_literally(visit: Open) -> None:
    reader = visit()
    reader.ask(COMPARISON)
    hostile = "<img src=x onerror=alert(1)> **b** $x$ :tada: [c](http://evil.example)"
    add(reader, hostile)
    wait_for_aspects(reader, ["solid tumors", "lupus", hostile])
    assert reader.page.locator(".katex, img[src=x], a[href*=evil]").count() == 0


def test_the_marker_of_a_cell_opens_its_quote_in_its_place(visit: Open) -> None:
    reader = visit()
    answer = reader.ask(COMPARISON)
    for marker in answer.locator("td.quoted > .quote .marker").all():
        marker.click()
        mark = answer.locator(marker.get_attribute("href"))
        assert mark.evaluate(IN_SIGHT)
        assert mark.inner_text() == marker.evaluate("marker => marker.closest('.quote').innerText").split("”")[0][1:]


def test_a_marker_of_what_is_told_above_the_matrix_opens_its_quote(visit: Open) -> None:
    answer = visit().ask(COMPARISON)
    marker = answer.locator(".compared .marker").first
    marker.click()
    assert answer.locator(marker.get_attribute("href")).evaluate(IN_SIGHT)


def test_the_comparison_is_downloaded_as_csv_and_as_markdown(visit: Open) -> None:
    reader = visit()
    answer = reader.ask(COMPARISON)
    reader.page.get_by_role("button", name="Save", exact=True).click()
    with reader.page.expect_download() as coming:
        reader.page.get_by_role("button", name="CSV").click()
    assert coming.value.suggested_filename == "comparison.csv"
    written = Path(coming.value.path()).read_bytes()
    lines = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    assert written.startswith(b"\xef\xbb\xbf")
    assert {line["aspect"] for line in lines} == {"solid tumors", "lupus"}
    seeds = "".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    quotes = [line["quote"] for line in lines if line["state"] == "quoted"]
    assert quotes and all(quote in seeds for quote in quotes)
    assert {line["number"] for line in lines if line["number"]} == set(answer.locator(".number").all_text_contents())
    with reader.page.expect_download() as coming:
        reader.page.get_by_role("button", name="Markdown").click()
    assert "| **solid tumors** | “" in Path(coming.value.path()).read_text(encoding="utf-8")


def test_a_comparison_is_copied_with_its_citations(visit: Open) -> None:
    reader = visit(permissions=["clipboard-read", "clipboard-write"])
    reader.ask(COMPARISON)
    reader.page.get_by_role("button", name="Copy with citations").click()
    reader.page.get_by_role("button", name="Copied").wait_for()
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(COMPARISON)
    assert "\n\nlupus\nSioud & Casey 2026:\n“" in copied
    assert "\nNot in the indexed text: Uslu et al. 2025\n" in copied
    assert "https://doi.org/10.3390/ijms27020909 (Abstract, authors’ abstract)" in copied


def test_any_answer_is_compared_across_reviews_by_a_button(visit: Open) -> None:
    reader = visit()
    reader.ask(SOLID_TUMORS)
    assert reader.page.locator(".matrix, .comparison").count() == 0
    reader.page.get_by_role("button", name="Compare across reviews").click()
    answer = reader.page.locator(".answer").nth(1)
    answer.locator("table").wait_for()
    assert answer.locator("thead th").all_inner_texts() == ["Aspect", "Sioud & Casey 2026", "Uslu et al. 2025"]
    assert reader.page.locator(".question").all_inner_texts() == [SOLID_TUMORS] * 2


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_on_a_phone_the_cells_are_cards_under_their_aspect(visit: Open, colours: str) -> None:
    reader = visit(viewport=PHONE, color_scheme=colours)
    answer = reader.ask(COMPARISON)
    assert not reader.page.evaluate(SIDEWAYS)
    assert reader.page.evaluate(CUT_OFF) == []
    assert not answer.locator("thead").is_visible()
    aspect = answer.locator("th[scope=row]").first.bounding_box()
    first, second = (cell.bounding_box() for cell in answer.locator("td[data-label]").all()[:2])
    assert aspect["y"] < first["y"] < second["y"]
    assert first["x"] == second["x"] and first["width"] == second["width"] > 250
    shown = answer.locator("td[data-label]").first.evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "Sioud & Casey 2026" in shown
    answer.locator("td .marker").first.click()
    assert answer.locator("mark").first.evaluate(IN_SIGHT)


def test_on_a_phone_many_reviews_are_cards_too(visit_many: Open) -> None:
    reader = visit_many(viewport=PHONE)
    answer = reader.ask("Compare the reviews on leaves and burrows")
    assert answer.locator("td[data-label]").count() == 12
    assert not reader.page.evaluate(SIDEWAYS)
    assert reader.page.evaluate(CUT_OFF) == []


def test_many_reviews_scroll_sideways_with_the_aspects_in_view(visit_many: Open) -> None:
    reader = visit_many()
    answer = reader.ask("Compare the reviews on leaves and burrows")
    assert "Searched, on something else: " in answer.inner_text()
    place = answer.get_by_role("region", name="Comparison")
    assert place.evaluate("place => place.scrollWidth > place.clientWidth + 100")
    assert not reader.page.evaluate(SIDEWAYS)
    last = answer.locator("thead th").last
    at = place.bounding_box()
    assert last.bounding_box()["x"] > at["x"] + at["width"]
    place.focus()
    for _ in range(60):
        reader.page.keyboard.press("ArrowRight")
    reader.page.wait_for_function(
        "([place]) => place.scrollLeft + place.clientWidth >= place.scrollWidth - 2", arg=[place.element_handle()]
    )
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= at["x"] + at["width"] + 2
    assert all(name.bounding_box()["x"] == at["x"] for name in answer.locator("th[scope=row]").all())
    assert answer.locator("th[scope=row]").first.evaluate(ON_TOP)


# Of an element: is it what the reader sees at its own middle?
ON_TOP = """element => {
    element.scrollIntoView({block: "center"})
    const box = element.getBoundingClientRect()
    return element.contains(document.elementFromPoint(box.left + 4, box.top + box.height / 2))
}"""


def test_the_silent_among_many_show_their_nearest_passage_at_a_click(visit_many: Open) -> None:
    answer = visit_many().ask("Compare the reviews on leaves and burrows")
    silent = answer.locator("td.silent details").first
    assert not silent.locator(".quote").first.is_visible()
    silent.locator("summary").click()
    assert silent.locator(".quote").first.is_visible()
    assert "no answer" in silent.inner_text()


def test_the_reader_limits_a_comparison_of_many_to_chosen_reviews(visit_many: Open) -> None:
    reader = visit_many()
    reader.ask("Compare the reviews on leaves and burrows")
    reader.page.get_by_role("button", name="Choose reviews").click()
    chosen = reader.page.get_by_test_id("stMultiSelect")
    for _ in range(6):
        chosen.get_by_role("button").first.click()
    reader.page.get_by_role("button", name="Update").click()
    reader.page.wait_for_function("() => document.querySelectorAll('.answer thead th').length === 3")
    reader.settle()
    assert reader.page.locator(".answer").count() == 1


def test_the_three_empty_cells_are_told_apart(visit: Open, served_sources: Path) -> None:
    planted = served_sources / "planted.md"
    planted.write_text(marsupial("Quokka"), encoding="utf-8")
    try:
        reader = visit()
        reader.page.get_by_test_id("stSidebar").get_by_text("Uslu et al. 2025", exact=True).click()
        reader.settle()
        answer = reader.ask("Compare the reviews on lupus and leaves")
        texts = {state: answer.locator(f"td.{state}").first.inner_text() for state in EMPTY}
        assert all(words in texts[state] for state, words in EMPTY.items())
        edges = {answer.locator(f"td.{state} .empty").first.evaluate(EDGE) for state in EMPTY}
        assert len(edges) == 3
        for state in ("silent", "not_indexed"):
            near = answer.locator(f"td.{state} details").first
            assert not near.locator(".quote").is_visible()
            near.locator("summary").click()
            assert near.locator(".quote").is_visible()
    finally:
        planted.unlink()


EMPTY = {"silent": "Nothing found on it", "not_indexed": "Not in the indexed text", "not_asked": "Not asked"}
EDGE = "element => getComputedStyle(element).borderInlineStartStyle"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_words_of_a_comparison_stand_out_from_what_is_behind_them(visit_many: Open, colours: str) -> None:
    reader = visit_many(color_scheme=colours)
    answer = reader.ask("Compare the reviews on lupus and burrows")
    for summary in answer.locator("summary").all():
        if summary.is_visible():
            summary.click()
    for selector in (
        "th[scope=row]",
        "td .quote",
        ".where",
        ".empty",
        ".empty span",
        ".caution",
        ".near .quote",
        ".marker",
    ):
        assert answer.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    for selector in (".coverage", "td .near summary", "td .near .quote", ".remark", ".remark b"):
        assert answer.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
