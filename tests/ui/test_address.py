"""What the address of the page asks for, without a browser: questions, links, limits; and a store that fails."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from hypothesis import given
from hypothesis import strategies as some
from streamlit.testing.v1 import AppTest

from rag.pipeline import ask as ask_reviews
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.store.database import FILE, open_store
from rag.store.sharing import Recheck, share
from rag.types import Exchange, Review
from rag.ui.page.address import question_link, share_link
from rag.ui.page.shared import recheck_words
from tests.ui.test_page import LUPUS, SOLID_TUMORS, answers, ask, checked, text

Open = Callable[..., AppTest]


@pytest.fixture
def opened(sources: Path, data: Path, tmp_path: Path, library: Library, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the page at an address; its database is empty."""
    shutil.copytree(data, tmp_path / "data", ignore=shutil.ignore_patterns("models", f"{FILE}*"))
    (tmp_path / "data" / "models").symlink_to(data / "models")
    monkeypatch.setenv("RAG_SEEDS", str(sources))
    monkeypatch.setenv("RAG_DATA", str(tmp_path / "data"))
    st.cache_resource.clear()

    def open_page(**query: str | list[str]) -> AppTest:
        page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=300)
        for name, value in query.items():
            page.query_params[name] = value
        return checked(page.run())

    return open_page


def shared(library: Library, tmp_path: Path, question: str = LUPUS) -> str:
    exchange = Exchange(question, library.reviews, ask_reviews(question, library), made=1.0, index="abc")
    return share(open_store(Settings(data=tmp_path / "data")), [exchange], {}).token


def test_the_question_of_an_address_is_asked_once(opened: Open) -> None:
    page = opened(q=SOLID_TUMORS)
    (first,) = answers(page)
    assert answers(checked(page.run())) == [first]
    assert len(answers(ask(page, "And in lupus?"))) == 2


def test_an_address_gives_the_same_answer_to_everyone(opened: Open) -> None:
    assert answers(opened(q=SOLID_TUMORS)) == answers(opened(q=SOLID_TUMORS))


@pytest.mark.parametrize("name", ["10.1038/s41587-024-02446-2", "Uslu et al. 2025", "USLU ET AL. 2025"])
def test_an_address_names_a_review_by_id_or_by_its_short_name(opened: Open, name: str) -> None:
    page = opened(q=SOLID_TUMORS, review=name)
    assert [box.value for box in page.checkbox] == [False, True]
    assert "<b>Not asked:</b> Sioud &amp; Casey 2026" in answers(page)[0]


def test_a_review_that_is_gone_is_named_and_the_question_is_not_lost(opened: Open) -> None:
    page = opened(q=SOLID_TUMORS, review="10.1/gone")
    assert "10.1/gone" in page.error[0].value.replace("\\", "")
    assert answers(page) == []
    assert len(answers(checked(page.button(key="again-0").click().run()))) == 1


def test_one_review_of_two_that_is_gone_is_told_beside_the_answer(opened: Open) -> None:
    page = opened(q=SOLID_TUMORS, review=["10.1/gone", "10.3390/ijms27020909"])
    assert len(answers(page)) == 1
    assert any("10.1/gone" in one.value.replace("\\", "") for one in page.caption)


@pytest.mark.parametrize("question", ["", "   "])
def test_an_address_without_a_question_opens_the_page(opened: Open, question: str) -> None:
    assert answers(opened(q=question)) == []


def test_a_question_that_cannot_be_seen_is_asked_for_in_words(opened: Open) -> None:
    (answer,) = answers(opened(q="\x00\x00"))
    assert "Please type a question" in answer


def test_a_question_of_100_kilobytes_is_refused_in_words(opened: Open) -> None:
    page = opened(q="solid tumors " * 8000)
    assert "characters; a question may have 2,000" in answers(page)[0]
    assert len(answers(ask(page, SOLID_TUMORS))) == 2


@pytest.mark.parametrize(("kept", "told"), [("1", True), ("0", False)])
def test_visitors_are_told_when_their_questions_are_kept(
    opened: Open, library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str, told: bool
) -> None:
    monkeypatch.setenv("RAG_KEEP_QUESTIONS", kept)
    for page in (opened(), opened(share=shared(library, tmp_path))):
        assert any("keeps the questions" in caption.value for caption in page.caption) == told


def test_a_shared_answer_is_shown_and_checked_without_asking(opened: Open, library: Library, tmp_path: Path) -> None:
    page = opened(share=shared(library, tmp_path))
    assert len(answers(page)) == 1
    assert re.search("quotes? still match(es)? the reviews word for word", page.success[0].value)
    assert not page.get("feedback")


def test_a_shared_answer_whose_review_is_no_longer_loaded_keeps_its_quotes(
    opened: Open, library: Library, tmp_path: Path, sources: Path
) -> None:
    token = shared(library, tmp_path)
    whole = answers(opened(share=token))
    next(path for path in sources.glob("*.txt") if "Sioud" in path.read_text("utf-8")).unlink()
    page = opened(share=token)
    assert answers(page) == whole
    assert "1 review is no longer loaded" in page.warning[0].value


def test_a_shared_answer_is_shown_when_there_is_nothing_to_ask(
    opened: Open, library: Library, tmp_path: Path, sources: Path
) -> None:
    token = shared(library, tmp_path)
    shutil.rmtree(sources)
    page = opened(share=token)
    assert len(answers(page)) == 1
    assert "could not be checked again" in page.warning[0].value


def test_asking_on_begins_a_conversation_with_what_was_shared(opened: Open, library: Library, tmp_path: Path) -> None:
    page = opened(share=shared(library, tmp_path, "What have CAR-T cells achieved in blood cancers?"))
    page = ask(page, "And in lupus?")
    assert len(answers(page)) == 2
    assert "Searched as:" in text(page)
    assert "share" not in page.query_params


def test_a_new_conversation_after_a_shared_answer_knows_nothing_of_it(
    opened: Open, library: Library, tmp_path: Path
) -> None:
    page = opened(share=shared(library, tmp_path))
    new = next(button for button in page.button if button.label == "New conversation")
    page = ask(checked(new.click().run()), "What about lupus?")
    assert len(answers(page)) == 1


@pytest.mark.parametrize("token", ["", "x", "A" * 22, "x" * 100_000, "\x00", "'; DROP TABLE shares; --"])
def test_a_link_that_is_none_is_a_clear_page(opened: Open, token: str) -> None:
    page = opened(share=token)
    assert page.subheader[0].value == "This link does not work"
    assert answers(page) == []


def test_a_damaged_database_ends_neither_questions_nor_the_page(opened: Open, tmp_path: Path) -> None:
    page = opened()
    (tmp_path / "data").mkdir(exist_ok=True)
    store = tmp_path / "data" / FILE
    open_store(Settings(data=tmp_path / "data")).close()
    store.unlink(missing_ok=True)
    store.write_text("no database " * 500)
    assert len(answers(ask(page, SOLID_TUMORS))) == 1
    page = opened(share="A" * 22)
    assert page.subheader[0].value == "This link cannot be opened right now"
    assert "damaged" in text(page) or any("damaged" in one.value for one in page.text)


def test_an_address_of_a_database_that_is_not_understood_ends_nothing(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "nonsense://user:secret@host")
    page = ask(opened(), SOLID_TUMORS)
    assert len(answers(page)) == 1
    assert "secret" not in text(page)


def test_a_hosted_page_refuses_a_question_above_its_limit_and_keeps_it(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_HOSTED", "1")
    monkeypatch.setenv("RAG_QUESTIONS_A_MINUTE", "2")
    page = opened()
    for _ in range(3):
        page = ask(page, SOLID_TUMORS)
    assert len(answers(page)) == 2
    assert "2 questions" in page.error[0].value
    page = checked(page.button(key="again-2").click().run())
    assert len(page.error) == 1


def test_a_page_with_a_password_shows_nothing_before_it(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_PASSWORD", "open sesame")
    page = opened(q=SOLID_TUMORS)
    assert answers(page) == [] and not page.checkbox and not page.chat_input
    page.text_input[0].set_value("wrong")
    page = checked(page.button[0].click().run())
    assert "not the password" in page.error[0].value
    page.text_input[0].set_value("open sesame")
    page = checked(page.button[0].click().run())
    assert len(answers(page)) == 1


@given(
    some.text(some.characters(codec="utf-8"), min_size=1, max_size=40), some.lists(some.text(max_size=10), max_size=2)
)
def test_a_link_to_a_question_holds_any_question_as_it_is(question: str, ids: list[str]) -> None:
    from urllib.parse import parse_qs, urlsplit

    link = question_link("http://localhost:8501/", question, ids)
    found = parse_qs(urlsplit(link).query, keep_blank_values=True)
    assert link.isascii()
    assert found["q"] == [question]
    assert found.get("review", []) == ids


def test_a_link_to_a_shared_answer_is_short() -> None:
    assert share_link("https://example.org/", "A" * 22) == f"https://example.org/?share={'A' * 22}"


def test_the_second_look_is_told_in_words() -> None:
    review = Review("1", "T", "", (), ("Anna Berg", "Ole Dahl"), year=2020)
    assert recheck_words(Recheck(7, 7, 0, 0, 0, ())) == "7 of 7 quotes still match the reviews word for word."
    assert recheck_words(Recheck(1, 0, 0, 0, 1, (review,))) == (
        "0 of 1 quote still matches the reviews word for word. 1 review is no longer loaded: Berg & Dahl 2020."
    )
    told = recheck_words(Recheck(6, 3, 1, 2, 0, ()))
    assert "1 stands in another place now." in told
    assert "2 changed since" in told


def test_the_address_of_a_comparison_compares_on_its_aspects(opened: Open) -> None:
    assert "comparison" in answers(opened(q="solid tumors", compare="1"))[0]
    compared = answers(opened(q="solid tumors", aspect=["lupus", "cost"]))[0]
    rows = [row for row in ("lupus", "cost") if f'scope="row" dir="auto">{row}' in compared.replace(' rowspan="2"', "")]
    assert rows == ["lupus", "cost"]
    assert "comparison" not in answers(opened(q="solid tumors", compare="0"))[0]
