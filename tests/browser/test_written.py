"""Written answers in a real browser: streamed, stopped, written again, and quoted where the model fails."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from rag.settings import PROJECT
from tests.browser.conftest import DESKTOP, PHONE, Seats, Visit, seats_at, serving, visits_to
from tests.model_server import KEY, Messages, ModelServer, evidence, model_server

pytestmark = pytest.mark.browser
QUESTION = "What have CAR-T cells achieved in blood cancers?"


def writes(messages: Messages) -> str:
    """Write each quote as a sentence, and ten that no quote carries: long enough to be stopped on the way."""
    told = evidence(messages)
    said = [f"{one['quote'].rstrip('.')} [{one['id']}]." for one in told]
    false = [f"CAR-T cells cure {share}% of all patients [{told[0]['id']}]." for share in range(80, 90)]
    return " ".join(said + false)


@pytest.fixture(scope="module")
def models() -> Iterator[ModelServer]:
    with model_server(writes) as running:
        yield running


@pytest.fixture(scope="module")
def seats(browser: object, served_sources: Path, data: Path, models: ModelServer) -> Iterator[Seats]:
    """Seats at a page with a model."""
    settings = {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": models.url, "RAG_MODEL": "openai:writer"}
    with serving(PROJECT, served_sources, data, **settings) as (address, _), seats_at(browser, address) as offered:
        yield offered


@pytest.fixture
def reader(seats: Seats, models: ModelServer, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visitor of a page whose model behaves as the test's parameter says."""
    models.behaviour = getattr(request, "param", "writer")
    with visits_to(seats) as visit:
        visitor = visit()
        yield visitor
        assert KEY not in visitor.page.content()


def test_a_written_answer_has_markers_that_open_its_quotes_and_shows_what_was_struck(reader):
    answer = reader.ask(QUESTION)
    assert answer.locator(".written .marker").count() > 1
    answer.locator(".written .marker").first.click()
    expect(answer.locator("mark").first).to_be_visible()
    assert "87%" not in answer.locator(".written").inner_text()
    answer.get_by_text("10 sentences removed").click()
    assert "stands in none of its quotes" in answer.locator(".behind").first.inner_text()
    answer.get_by_text("What the model was given").click()
    assert "You write short answers" in answer.locator(".behind").last.inner_text()
    assert reader.page.locator(".st-key-stop button").count() == 0


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_quotes_of_a_sentence_are_shown_while_it_is_pointed_at_or_tapped(reader, size):
    reader.page.set_viewport_size(size)
    answer = reader.ask(QUESTION)
    sentence = answer.locator(".stated").first
    expect(sentence.locator(".carried")).to_be_hidden()
    if size == PHONE:
        sentence.focus()  # as a tap does
    else:
        sentence.hover(position={"x": 4, "y": 6})
    expect(sentence.locator(".carried")).to_be_visible()
    assert "“" in sentence.locator(".carried").inner_text()
    assert reader.page.evaluate("document.scrollingElement.scrollWidth") <= size["width"]
    share = answer.locator(".coverage", has_text="supported by their quotes").inner_text()
    assert re.fullmatch(r"\d+ of \d+ sentences supported by their quotes, (\d+ weak, )?10 removed\.", share)


def test_the_same_evidence_is_written_up_in_another_manner_and_the_first_is_kept(reader, models):
    reader.ask(QUESTION)
    reader.page.get_by_role("button", name="Say it otherwise").click()
    reader.page.get_by_role("button", name="For a patient").click()
    expect(reader.page.get_by_text("Earlier version 1")).to_be_visible()
    reader.settle()
    assert "Write for a patient" in models.requests[-1]["messages"][-1]["content"]
    assert reader.page.locator(".answer .written").first.is_visible()


@pytest.mark.parametrize("reader", ["thinks"], indirect=True)
def test_the_quotes_can_be_read_while_the_model_thinks(reader):
    box = reader.page.locator("[data-testid=stChatInputTextArea]")
    box.fill(QUESTION)
    box.press("Enter")
    expect(reader.page.get_by_text("The model is reading and thinking")).to_be_visible()
    expect(reader.page.locator(".answer .quote").first).to_be_visible()
    reader.settle()
    assert reader.page.locator(".answer .written").is_visible() and reader.page.locator(".answer .quote").count() == 0


def test_the_reader_switches_to_quotes_and_compares_versions(reader):
    reader.ask(QUESTION)
    reader.page.get_by_text("Written by writer").click()
    reader.settle()
    reader.page.get_by_role("button", name="Write again").click()
    expect(reader.page.get_by_text("Earlier version 1")).to_be_visible()
    reader.settle()
    answer = reader.page.locator(".answer").first
    assert answer.locator(".written").count() == 0 and answer.locator(".quote").count() > 0
    reader.page.get_by_text("Earlier version 1").click()
    expect(reader.page.locator(".answer .written").first).to_be_visible()


def test_an_edited_question_takes_the_place_of_the_old_one_which_is_kept(reader):
    reader.ask(QUESTION)
    reader.page.get_by_role("button", name="Edit question").click()
    box = reader.page.get_by_label("Question", exact=True)
    expect(box).to_have_value(QUESTION)
    box.fill("What have CAR-T cells achieved in lupus?")
    reader.page.get_by_role("button", name="Ask this instead").click()
    expect(reader.page.get_by_text("Earlier version 1")).to_be_visible()
    reader.settle()
    assert "lupus" in reader.page.locator(".question").first.inner_text()
    assert "lupus" in reader.page.locator(".answer").first.inner_text()


def test_a_comparison_is_written_up_above_its_matrix(reader):
    answer = reader.ask("How do the reviews differ on solid tumors?")
    assert answer.locator(".matrix").is_visible() and answer.locator(".compared .marker").count() > 0
    reader.page.set_viewport_size(PHONE)
    assert reader.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("reader", ["slow-writer"], indirect=True)
def test_stop_keeps_what_was_written_and_says_so(reader):
    box = reader.page.locator("[data-testid=stChatInputTextArea]")
    box.fill(QUESTION)
    box.press("Enter")
    expect(reader.page.locator(".answer .written")).to_contain_text("[1]")
    assert reader.page.get_by_text("not checked yet").is_visible()
    reader.page.locator(".st-key-stop button").click()
    expect(reader.page.get_by_text("Stopped. This is what was")).to_be_visible()
    reader.settle()
    assert reader.page.locator(".question").count() == 1
    assert reader.page.locator(".st-key-stop button").count() == 0


@pytest.mark.parametrize("reader", ["401-echoing-the-key", "cut"], indirect=True)
def test_when_the_model_fails_the_quotes_answer_with_one_line_of_why(reader):
    answer = reader.ask(QUESTION)
    assert answer.locator(".quote").count() > 0 and answer.locator(".written").count() == 0
    assert "These are the quotes themselves" in answer.locator(".note").inner_text()
