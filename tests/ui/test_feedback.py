"""Thumbs and the owner's page without a browser: what is kept, who may see it, and what it says."""

from __future__ import annotations

import doctest
import logging
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select
from streamlit.testing.v1 import AppTest

from rag import pipeline
from rag.answers import gather
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.store.budget import SWITCH, Caps, Ledger, Quota, admit, finish
from rag.store.database import DAY, FILE, open_store
from rag.store.owner_figures import feedback_csv, record_thumb
from rag.store.passwords import FREE_GUESSES, Door
from rag.store.schema import feedback
from rag.ui.page import gate
from rag.ui.page import owner as owners_page
from tests.engine import as_closest
from tests.ui.test_page import LUPUS, ask, checked, text

PASSWORD = "open sesame"
QUESTION = "Which quokkas eat leaves at night?"


@pytest.fixture
def page(sources: Path, data: Path, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page, not yet opened, over an empty store."""
    monkeypatch.setenv("RAG_SEEDS", str(sources))
    monkeypatch.setenv("RAG_DATA", str(data))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / FILE}")
    monkeypatch.setattr(gate.OWNER, "door", Door())
    gate.OWNER.admitted.clear()
    st.cache_resource.clear()
    return AppTest.from_file(str(PROJECT / "app.py"), default_timeout=300)


@pytest.fixture
def owner(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The owner's page, not yet opened."""
    monkeypatch.setenv("RAG_OWNER_PASSWORD", PASSWORD)
    monkeypatch.setenv("RAG_HOSTED", "1")
    page.query_params["owner"] = ""
    return page


def enter(page: AppTest, password: str = PASSWORD) -> AppTest:
    page.text_input[0].set_value(password)
    return checked(page.button[0].click().run())


def thumbs() -> list[tuple[bool | None, str, str | None]]:
    with open_store(Settings()).reading() as connection:
        kept = select(feedback.c.up, feedback.c.outcome, feedback.c.question).order_by(feedback.c.id)
        return [tuple(row) for row in connection.execute(kept)]


def thumb(page: AppTest, value: int | None) -> AppTest:
    return checked(page.get("feedback")[0].set_value(value).run())


def test_a_thumb_is_kept_without_the_words_of_the_question(page):
    thumb(ask(checked(page.run()), LUPUS), 1)
    assert thumbs() == [(True, "answered", None)]
    line = feedback_csv(open_store(Settings())).decode("utf-8-sig").splitlines()[1]
    assert "10.3390/ijms27020909:" in line
    assert "achieved" not in line


def test_an_answer_has_one_thumb_of_a_reader_the_last(page):
    ask(checked(page.run()), LUPUS)
    thumb(page, 1)
    thumb(page, 0)
    assert thumbs() == [(False, "answered", None)]
    thumb(page, None)
    assert thumbs() == [(None, "answered", None)]


def test_the_thumb_of_another_answer_in_the_same_place_is_another(page):
    ask(checked(page.run()), LUPUS)
    thumb(page, 1)
    next(button for button in page.button if button.label == "New conversation").click().run()
    ask(page, "What does Yescarta cost?")
    thumb(page, 0)
    assert thumbs() == [(True, "answered", None), (False, "not_found", None)]


def test_a_thumb_for_quotes_that_may_not_answer_keeps_which_they_were(page, monkeypatch):
    monkeypatch.setattr(pipeline, "gather", lambda question, library: as_closest(gather(question, library)))
    asked = ask(checked(page.run()), LUPUS)
    assert "Closest — may not answer" in text(asked) and "I am not sure that a sentence in these 2 reviews" in text(
        asked
    )
    thumb(asked, 0)
    assert thumbs() == [(False, "closest", None)]
    assert "10.3390/ijms27020909:" in feedback_csv(open_store(Settings())).decode("utf-8-sig")


def test_the_question_is_kept_with_the_thumb_where_the_owner_keeps_questions(page, monkeypatch):
    monkeypatch.setenv("RAG_KEEP_QUESTIONS", "1")
    thumb(ask(checked(page.run()), LUPUS), 1)
    assert thumbs() == [(True, "answered", LUPUS)]


def test_a_thumb_that_the_store_cannot_keep_is_logged_and_the_page_goes_on(page, monkeypatch, caplog):
    ask(checked(page.run()), LUPUS)
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    with caplog.at_level(logging.WARNING):
        thumb(page, 1)
    assert "A thumb is not kept" in caplog.text
    assert "antigen heterogeneity" in text(page)


def test_without_a_password_there_is_no_page_for_the_owner(page, monkeypatch):
    page.query_params["owner"] = ""
    for password in (None, ""):
        if password is not None:
            monkeypatch.setenv("RAG_OWNER_PASSWORD", password)
        checked(page.run())
        assert [line.value for line in page.text] == ["There is no such page here."]
        assert not page.chat_input and not page.button and not page.text_input


def test_a_wrong_password_opens_nothing_and_the_guesses_after_some_have_to_wait(owner):
    checked(owner.run())
    for _ in range(FREE_GUESSES):
        assert not owner.html
        enter(owner, "open barley")
        assert "not the owner's password" in owner.error[0].value
    assert "Too many guesses: wait" in owner.error[0].value
    enter(owner)
    assert not owner.html and not owner.get("download_button")


def test_an_empty_database_is_a_page_without_use(owner):
    enter(checked(owner.run()))
    assert "No questions in these days." in text(owner)
    assert "No model is connected" in text(owner)
    assert "Not kept" in text(owner)
    assert owner.get("download_button")
    assert not owner.error and not owner.chat_input


def use(settings: Settings, now: float) -> None:
    """Let two visitors ask and pay, and one of them like an answer."""
    store = open_store(settings)
    for visitor, outcome, fault in (("a", "answered", "too slow"), ("b", "not_found", None)):
        request = admit(store, "question", visitor, Quota(9, 9), now, QUESTION)
        finish(store, request, outcome, "m", fault, 2.0)
    admit(store, "question", "b", Quota(9, 9), now - 8 * DAY, QUESTION)
    ledger = Ledger(store, Caps.of(settings), lambda: now)
    ledger.settle(ledger.reserve("a", "m", 40_000_000), 30_000_000)
    record_thumb(store, True, "answered", [("a", 1, 2)], QUESTION, now)


def test_the_owner_sees_figures_and_no_word_of_a_question(owner):
    use(Settings(), time.time())
    enter(checked(owner.run()))
    shown = " ".join(text(owner).split())
    assert "Questions 3 2 searched for" in shown
    assert "Visitor-days 3" in shown
    assert "Not found 50 %" in shown
    assert "Spent $0.03 all settled" in shown
    assert "Thumbs up 1 0 down" in shown
    assert "too slow 1" in shown
    assert "Today (UTC) $0.03 $1.00 $0.97" in shown
    assert "quokkas" not in shown
    owner.get("button_group")[0].set_value(7).run()
    assert "Questions 2 2 searched for" in " ".join(text(checked(owner)).split())


def test_the_bars_have_words_and_a_table_for_who_does_not_see_them(owner):
    use(Settings(), time.time())
    enter(checked(owner.run()))
    html = "\n".join(element.value for element in owner.html)
    assert html.count('role="img" aria-label=') == 2
    assert "most: 2 on" in html
    table = html.split("As a table")[1].split("</table>")[0]
    days = [f"{datetime.now(UTC).date() - timedelta(days=ago)}" for ago in range(3, 20)]
    assert all(day in table for day in days)


def test_the_state_of_the_switch_and_how_to_throw_it_are_shown(owner, monkeypatch, tmp_path):
    monkeypatch.setenv("RAG_MODEL", "openai:<m>")
    monkeypatch.setenv("RAG_DATA", str(tmp_path))
    enter(checked(owner.run()))
    assert f"On : openai:<m>. Make an empty file {tmp_path / SWITCH} to switch it off" in " ".join(text(owner).split())
    (tmp_path / SWITCH).touch()
    assert f"Off . Remove the file {tmp_path / SWITCH}" in " ".join(text(checked(owner.run())).split())
    monkeypatch.setenv("RAG_MODEL_ENABLED", "0")
    assert "Off , by RAG_MODEL_ENABLED" in " ".join(text(checked(owner.run())).split())


def test_on_a_page_that_is_not_hosted_the_owner_is_told_that_nothing_is_counted(owner, monkeypatch):
    monkeypatch.delenv("RAG_HOSTED")
    enter(checked(owner.run()))
    assert "not hosted" in owner.caption[0].value


def test_a_store_that_is_down_is_one_clear_line(owner, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "nonsense")
    enter(checked(owner.run()))
    (error,) = owner.error
    assert "There are no figures" in error.value and "DATABASE\\_URL" in error.value
    assert "The model" in text(owner)


def test_amounts_are_written_as_the_docstring_says():
    assert doctest.testmod(owners_page).failed == 0
