"""Sharing in a real browser: links that ask, links that keep, conversations that outlive their page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import IDLE, PHONE, Visit, serving, visiting

pytestmark = pytest.mark.browser

Open = Callable[..., Visit]
QUESTION = "What have CAR-T cells achieved in blood cancers?"


def shared_link(reader: Visit, whole: bool = False) -> tuple[str, str]:
    """Make a link to the newest answer, and return it with its secret."""
    reader.page.get_by_role("button", name="Share").last.click()
    if whole:
        reader.page.get_by_text("the whole conversation").click()
    reader.page.get_by_role("button", name="Make the link").click()
    reader.page.get_by_role("button", name="Copy secret").wait_for()
    reader.page.wait_for_selector(IDLE)
    shown = reader.page.locator("[data-testid=stDialog] [data-testid=stCode]")
    shown.nth(1).wait_for()
    link, secret = shown.all_inner_texts()[:2]
    return link.strip(), secret.strip()


def test_a_link_shows_question_answer_and_quotes_to_another_browser_on_a_phone(visit: Open) -> None:
    sender, colleague = visit(), visit(viewport=PHONE)
    answer = sender.ask(QUESTION)
    link, _ = shared_link(sender)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?share=[A-Za-z0-9_-]{22}", link)
    colleague.go(link)
    colleague.page.get_by_text("quotes still match the reviews word for word").wait_for()
    assert colleague.page.locator(".question").inner_text() == QUESTION
    assert colleague.page.locator(".answer").inner_text() == answer.inner_text()
    assert colleague.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    colleague.page.locator(".answer a.marker").first.click()
    assert colleague.page.locator("details.source[open] mark").count() == 1
    assert "no model" in colleague.page.get_by_text("Shared on").inner_text()


def test_a_colleague_asks_on_from_a_link_in_a_conversation_of_their_own(visit: Open) -> None:
    sender, colleague = visit(), visit()
    sender.ask("What have CAR-T cells achieved in blood cancers?")
    link, _ = shared_link(sender)
    colleague.go(link)
    answer = colleague.ask("And in lupus?")
    assert "lupus" in answer.inner_text()
    assert "Searched as" in colleague.page.locator(".searched").inner_text()
    assert "share=" not in colleague.page.url
    assert "conversation=" in colleague.page.url
    assert sender.page.locator(".answer").count() == 1


def test_a_new_conversation_offers_no_link_to_an_answer_of_the_old_one(visit: Open) -> None:
    reader = visit()
    reader.ask(QUESTION)
    old, _ = shared_link(reader)
    reader.page.keyboard.press("Escape")
    reader.start_anew()
    reader.ask("What about lupus?")
    new, _ = shared_link(reader)
    assert new != old
    reader.go(new)
    assert reader.page.locator(".question").all_inner_texts() == ["What about lupus?"]


def test_the_owner_deletes_a_link_and_nobody_reads_it_any_more(visit: Open) -> None:
    sender, colleague = visit(), visit()
    sender.ask(QUESTION)
    link, secret = shared_link(sender)
    colleague.go(link)
    colleague.page.get_by_role("button", name="Delete or change this link").click()
    colleague.page.get_by_label("Secret of the link").fill("x" * 22)
    colleague.page.get_by_role("button", name="Delete the link for everyone").click()
    colleague.page.get_by_text("This is not the secret of this link").wait_for()
    colleague.page.get_by_label("Secret of the link").fill(secret)
    colleague.page.get_by_role("button", name="Delete the link for everyone").click()
    colleague.page.get_by_text("The link is deleted.").wait_for()
    sender.go(link)
    sender.page.get_by_text("This link was deleted by its owner.").wait_for()
    assert sender.page.locator(".answer").count() == 0


def test_a_link_that_opens_nothing_is_told_on_a_clear_page(visit: Open, address: str) -> None:
    reader = visit()
    for token in ("", "x", "A" * 22, "%3Cscript%3Ealert(1)%3C/script%3E"):
        reader.go(f"{address}/?share={token}")
        assert reader.page.get_by_text("This link does not work").is_visible(), token
        reader.page.get_by_role("button", name="Ask the reviews yourself").click()
        reader.page.locator(".st-key-suggested").wait_for()
        assert "share=" not in reader.page.url, token


def test_a_shared_conversation_keeps_all_its_answers(visit: Open) -> None:
    sender, colleague = visit(), visit()
    for question in (QUESTION, "What does tea cost?"):
        sender.ask(question)
    link, _ = shared_link(sender, whole=True)
    colleague.go(link)
    assert colleague.page.locator(".question").all_inner_texts() == [QUESTION, "What does tea cost?"]
    assert colleague.page.locator(".answer").all_inner_texts() == sender.page.locator(".answer").all_inner_texts()


def test_the_address_of_a_question_asks_it_at_once_and_alike_every_time(visit: Open, address: str) -> None:
    first, second = visit(), visit()
    asking = f"{address}/?q=Why+is+it+hard+to+use+CAR-T+cells+against+solid+tumors%3F"
    drawn = []
    for reader in (first, second):
        reader.go(asking)
        reader.page.locator(".answer").wait_for()
        drawn.append(reader.page.locator(".answer").inner_html())
    assert drawn[0] == drawn[1]
    assert first.page.url == asking
    first.page.reload()
    first.settle()
    first.page.locator(".answer").wait_for()
    assert first.page.locator(".answer").count() == 1


def test_the_address_of_a_question_names_the_reviews_to_ask(visit: Open, address: str) -> None:
    reader = visit()
    reader.go(f"{address}/?q=What+about+solid+tumors%3F&review=10.1038/s41587-024-02446-2")
    reader.page.locator(".answer").wait_for()
    assert "Not asked: Sioud & Casey 2026" in reader.page.locator(".answer").inner_text()


def test_a_conversation_is_there_after_a_reload_and_for_nobody_else(visit: Open) -> None:
    reader, stranger = visit(), visit()
    reader.ask(QUESTION)
    reader.ask("And in lupus?")
    said = reader.page.locator(".answer").all_inner_texts()
    kept = reader.page.url
    assert re.search(r"\?conversation=[A-Za-z0-9_-]{22}$", kept)
    reader.page.reload()
    reader.settle()
    assert reader.page.locator(".answer").all_inner_texts() == said
    assert "lupus" in reader.ask("What do they say about it?").inner_text().lower()
    stranger.go(kept)
    assert stranger.page.get_by_text("not saved for this browser").is_visible()
    assert stranger.page.locator(".answer").count() == 0


def test_the_back_button_and_the_list_lead_to_earlier_conversations(visit: Open) -> None:
    reader = visit()
    reader.ask("What about lupus?")
    reader.start_anew()
    reader.ask(QUESTION)
    question = reader.page.locator(".question")
    reader.page.wait_for_timeout(1500)  # a step back at once may as well be an address that lags behind
    reader.page.go_back()
    reader.page.locator(".st-key-suggested").wait_for()
    reader.page.go_back()
    reader.page.get_by_text("What about lupus?").first.wait_for()
    assert question.all_inner_texts() == ["What about lupus?"]
    reader.page.get_by_role("button", name="Earlier").click()
    reader.page.get_by_role("button", name="What have CAR-T cells achieved").click()
    reader.page.locator(".question", has_text=QUESTION).wait_for()
    assert question.all_inner_texts() == [QUESTION]
    assert "lupus" in reader.ask("And in lupus?").inner_text()


def test_a_new_conversation_leaves_the_old_one_and_forgetting_removes_it(visit: Open) -> None:
    reader = visit()
    reader.ask(QUESTION)
    first = reader.page.url
    reader.start_anew()
    assert "conversation=" not in reader.page.url
    reader.go(first)
    assert reader.page.locator(".answer").count() == 1
    reader.page.get_by_role("button", name="Forget").click()
    reader.page.get_by_role("button", name="Forget this conversation").click()
    reader.page.get_by_text("The conversation is forgotten.").wait_for()
    reader.go(first)
    assert reader.page.get_by_text("not saved for this browser").is_visible()


def test_an_answer_is_saved_as_documents_and_references(visit: Open) -> None:
    reader = visit()
    answer = reader.ask(QUESTION)
    reader.page.get_by_role("button", name="Save", exact=True).click()
    saved = {}
    for name in ("Markdown", "HTML, to print", "BibTeX", "RIS", "CSL-JSON"):
        with reader.page.expect_download() as coming:
            reader.page.get_by_role("button", name=name).click()
        saved[coming.value.suggested_filename] = Path(coming.value.path()).read_text("utf-8")
    assert set(saved) == {"answers.md", "answers.html", "reviews.bib", "reviews.ris", "reviews.json"}
    assert saved["answers.md"].startswith(f"# {QUESTION}")
    assert saved["answers.html"].count("<mark") == answer.locator(".number").count()
    quoted = set(
        answer.locator(".source a[href^='https://doi.org/']").evaluate_all("links => links.map(to => to.href)")
    )
    assert quoted
    assert {f"https://doi.org/{item['DOI']}" for item in json.loads(saved["reviews.json"])} == quoted


def test_without_its_database_the_page_answers_and_says_why_nothing_is_kept(
    browser, served_sources: Path, data: Path
) -> None:
    nowhere = "postgresql://reader:secret@127.0.0.1:9/none"
    with (
        serving(PROJECT, served_sources, data, DATABASE_URL=nowhere) as (started, _),
        visiting(browser, started) as visit,
    ):
        reader = visit()
        assert "solid tumors" in reader.ask(QUESTION).inner_text()
        reader.page.get_by_role("button", name="Share").click()
        reader.page.get_by_role("button", name="Make the link").click()
        reader.page.get_by_text("No link was made. The database cannot be reached.").wait_for()
        reader.page.keyboard.press("Escape")
        reader.page.get_by_text("This conversation is not saved beyond this page: The database").first.wait_for()
        assert "lupus" in reader.ask("And in lupus?").inner_text()
        reader.go(f"{started}/?share={'A' * 22}")
        assert reader.page.get_by_text("This link cannot be opened right now").is_visible()
        assert "secret" not in reader.page.content()
