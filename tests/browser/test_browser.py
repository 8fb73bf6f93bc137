"""Journeys in a real browser: what only a browser can show."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.conftest import SEEDS

pytestmark = pytest.mark.browser
Open = Callable[..., Visit]

SOLID_TUMORS = "Why is it hard to use CAR-T cells against solid tumors?"
UNANSWERABLE = "What does Yescarta cost?"

# Of an element: is all of it on the screen, below the header, above the question box, and covered by nothing?
IN_SIGHT = """element => {
    const header = document.querySelector("[data-testid=stHeader]").getBoundingClientRect().bottom
    const box = document.querySelector("[data-testid=stBottom]").getBoundingClientRect().top
    const lines = [...element.getClientRects()]
    return lines.length > 0 && lines.every(line => {
        const top = document.elementFromPoint(line.left + 2, line.top + line.height / 2)
        return line.top >= header && line.bottom <= box && (top === element || element.contains(top))
    })
}"""
# Elements that stick out of the window to the right, with their words.
CUT_OFF = """() => [...document.querySelectorAll("[data-testid=stMain] *, [data-testid=stBottom] *")]
    .filter(element => element.getClientRects().length && element.getBoundingClientRect().right > innerWidth + 1)
    .map(element => element.className + ": " + element.textContent.slice(0, 60))"""
SIDEWAYS = "() => document.scrollingElement.scrollWidth > innerWidth"


def test_a_marker_opens_its_source_and_brings_the_very_quote_into_sight(visit: Open) -> None:
    reader = visit()
    answer = reader.ask(SOLID_TUMORS)
    reader.ask("Which competing interests are declared?")
    seeds = "".join(path.read_text(encoding="utf-8") for path in SEEDS.glob("*.txt"))
    assert answer.locator("details[open]").count() == 0
    for number in range(answer.locator(".marker").count()):
        answer.locator(".marker").nth(number).click()
        mark = answer.locator("mark").nth(number)
        assert mark.evaluate(IN_SIGHT)
        assert mark.text_content() in seeds
        assert answer.locator("details").nth(number).get_attribute("open") is not None


def test_the_newest_question_is_at_the_top_and_its_answer_below(visit: Open) -> None:
    reader = visit(viewport=PHONE)
    reader.ask(SOLID_TUMORS)
    answer = reader.ask("Which competing interests are declared?")
    assert reader.page.locator(".question").nth(1).evaluate(IN_SIGHT)
    assert answer.locator("h3, .note").first.evaluate(IN_SIGHT)


def test_an_opened_source_stays_open_when_a_thumb_is_given(visit: Open) -> None:
    reader = visit()
    answer = reader.ask(SOLID_TUMORS)
    answer.locator(".marker").first.click()
    reader.page.get_by_label("Thumbs up").click()
    reader.page.wait_for_selector("[data-testid=stFeedback] [aria-checked=true]")
    reader.settle()
    assert answer.locator("mark").first.is_visible()


def test_everything_can_be_done_with_the_keyboard(visit: Open) -> None:
    reader = visit()
    keyboard, page = reader.page.keyboard, reader.page
    tab_to(reader, "[role=radio]")
    keyboard.press("Space")
    answer = page.locator(".answer")
    answer.wait_for()
    reader.settle()
    tab_to(reader, ".marker")
    keyboard.press("Enter")
    assert answer.locator("mark").first.evaluate(IN_SIGHT)
    tab_to(reader, "a[href^='https://doi.org/']")
    tab_to(reader, "a[href='#answer0']")
    keyboard.press("Enter")
    tab_to(reader, "summary")
    tab_to(reader, "[data-testid=stChatInputTextArea]")
    keyboard.type("Who wrote Beyond the blood?")
    keyboard.press("Enter")
    page.locator(".answer").nth(1).wait_for()


# Streamlit shows the focus on its own elements; on those of an answer, an outline does.
SHOWS_FOCUS = """() => {
    const focused = document.activeElement
    return !focused.closest(".answer") || getComputedStyle(focused).outlineStyle !== "none"
}"""


def tab_to(reader: Visit, selector: str) -> None:
    """Press Tab until an element that matches has the focus, and can be seen to have it."""
    for _ in range(60):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            assert reader.page.evaluate(SHOWS_FOCUS), selector
            return
    pytest.fail(f"the keyboard does not reach {selector}")


def test_a_follow_up_shows_what_was_searched_and_the_reader_changes_it(visit: Open) -> None:
    reader = visit()
    reader.ask("What have CAR-T cells achieved in blood cancers?")
    reader.ask("And in lupus?")
    reader.page.get_by_role("button", name="Edit", exact=True).click()
    box = reader.page.get_by_label("Search for")
    expect(box).to_have_value(re.compile("lupus"))
    box.fill("Who wrote Beyond the blood?")
    reader.page.get_by_role("button", name="Ask again").click()
    answer = reader.page.locator(".answer").nth(2)
    answer.wait_for()
    assert "Uslu" in answer.text_content()


def test_what_is_not_found_is_said_and_the_nearest_passages_wait_behind_a_click(visit: Open) -> None:
    answer = visit().ask(UNANSWERABLE)
    assert "Not found in these 2 reviews" in answer.inner_text()
    nearest = answer.locator("details.nearest")
    assert not nearest.locator(".quote").first.is_visible()
    nearest.locator("summary").first.click()
    assert nearest.locator(".quote").first.is_visible()
    nearest.locator(".marker").first.click()
    assert nearest.locator("mark").first.evaluate(IN_SIGHT)


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_on_a_phone_nothing_is_cut_off_and_nothing_scrolls_sideways(visit: Open, colours: str) -> None:
    reader = visit(viewport=PHONE, color_scheme=colours)
    assert not reader.page.evaluate(SIDEWAYS)
    assert reader.page.evaluate(CUT_OFF) == []
    for pill in reader.page.get_by_role("radio").all():
        assert pill.evaluate("pill => [...pill.querySelectorAll('*')].every(e => e.scrollWidth <= e.clientWidth + 1)")
    answer = reader.ask(SOLID_TUMORS)
    answer.locator(".marker").first.click()
    reader.ask("And in lupus? " + "w" * 300)
    assert not reader.page.evaluate(SIDEWAYS)
    assert reader.page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(visit: Open, colours: str) -> None:
    reader = visit(color_scheme=colours)
    answer = reader.ask(SOLID_TUMORS)
    answer.locator(".marker").first.click()
    for selector in (".quote", ".marker", ".coverage", ".provenance", ".foot a", "mark", ".passage"):
        assert answer.locator(selector).first.evaluate(CONTRAST) >= 4.5, selector
    refusal = reader.ask(UNANSWERABLE)
    assert refusal.locator(".note").evaluate(CONTRAST) >= 4.5


# The contrast ratio of an element's words to the colour behind them (WCAG 2.2, 1.4.3), drawn by a canvas.
CONTRAST = """element => {
    const canvas = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    const pen = canvas.getContext("2d", {willReadFrequently: true})
    const behind = []
    for (let at = element; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor)
    const draw = colours => {
        for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1) }
        const linear = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3).map(byte => byte / 255)
            .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    const [dark, light] = [draw(["white", ...behind]), draw([getComputedStyle(element).color])].sort((a, b) => a - b)
    return (light + 0.05) / (dark + 0.05)
}"""


def test_an_answer_is_copied_with_its_citations(visit: Open) -> None:
    reader = visit(permissions=["clipboard-read", "clipboard-write"])
    answer = reader.ask(SOLID_TUMORS)
    reader.page.get_by_role("button", name="Copy with citations").click()
    reader.page.get_by_role("button", name="Copied").wait_for()
    copied = reader.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(SOLID_TUMORS)
    quotes = answer.locator("mark").all_text_contents()
    assert quotes and all(f"“{quote}” [{number}]" in copied for number, quote in enumerate(quotes, 1))
    assert re.search(r"^\[1\] (Mouldy Sioud, Nicholas Paul Casey|Ugur Uslu)", copied, re.MULTILINE)
    assert re.search(r"https://doi\.org/10\.\S+ \(.+, (page summary|authors’ abstract)\)", copied)


HOSTILE = (
    "<script>document.title = 'owned'</script> <img src=x onerror=alert(1)> ![](http://evil.example/a.png) "
    "[solid tumors](http://evil.example) $x^2$ $$y$$ :red[z] :tada: :material/home: https://evil.example **b**"
)


def test_what_a_visitor_types_is_shown_literally(visit: Open) -> None:
    reader = visit()
    reader.ask(HOSTILE)
    question = reader.page.locator(".question")
    assert question.inner_text() == HOSTILE
    assert question.locator("*").count() == 0
    assert_nothing_is_rendered(reader)


def test_a_source_added_while_the_page_is_open_is_asked_next_and_shown_literally(
    visit: Open, served_sources: Path
) -> None:
    reader = visit()
    planted = served_sources / "planted.md"
    title = "Quokkas https://evil.example :tada: $x$ -> *b*"
    planted.write_text(f"# {title}\n\nQuokkas of Rottnest eat leaves {HOSTILE} at night.\n", encoding="utf-8")
    try:
        answer = reader.ask("What do quokkas eat?")
        answer.locator(".marker").first.click()
        shown = HOSTILE.replace("**b**", "b").replace("[solid tumors](http://evil.example)", "solid tumors")
        assert shown in " ".join(answer.locator("mark").first.inner_text().split())
        named = reader.page.locator("[data-testid=stCheckbox]")
        assert "Quokkas https://evil.example :tada:" in named.last.inner_text().replace("\u2060", "")
        assert_nothing_is_rendered(reader)
    finally:
        planted.unlink()


def assert_nothing_is_rendered(reader: Visit) -> None:
    page = reader.page
    assert page.title() == "Ask the reviews"
    assert page.locator(".katex, img[src*=evil], img[src=x], a[href*=evil]").count() == 0
    assert "🎉" not in page.locator("body").inner_text()


def test_without_sources_the_page_says_what_to_put_where_and_goes_on_when_they_come(
    visit: Open, served_sources: Path
) -> None:
    kept = served_sources.rename(served_sources.with_name("kept"))
    try:
        reader = visit()
        assert str(served_sources) in reader.page.locator("[data-testid=stAlert]").inner_text().replace("\u2060", "")
    finally:
        kept.rename(served_sources)
    reader.page.get_by_role("button", name="Look again").click()
    reader.page.get_by_role("radio").first.wait_for()
