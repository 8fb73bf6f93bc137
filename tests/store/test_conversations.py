"""Conversations that are kept: for their reader alone, until they are forgotten."""

from __future__ import annotations

import threading
from contextlib import suppress

import pytest
from sqlalchemy import select, update

from rag.errors import ChangedElsewhere, Forgotten
from rag.pipeline import ask
from rag.settings import Settings
from rag.store.conversations import (
    KEPT_DAYS,
    MOST_KEPT,
    forget_conversation,
    keep_conversation,
    kept_conversation,
    listed_conversations,
)
from rag.store.database import open_store
from rag.store.schema import conversations
from rag.store.tokens import new_token
from rag.types import Exchange

ANNA, BEN = "a" * 43, "b" * 43
DAY = 86_400.0


@pytest.fixture(scope="module")
def exchanges(library) -> list[Exchange]:
    return [Exchange(q, library.reviews, ask(q, library)) for q in ("Why are solid tumors hard to treat?", "lupus")]


def test_a_conversation_comes_back_for_its_reader_as_it_was_kept_last(store, exchanges):
    name = new_token()
    version = keep_conversation(store, name, ANNA, exchanges[:1])
    keep_conversation(store, name, ANNA, exchanges, version)
    found = kept_conversation(store, name, ANNA).exchanges
    assert [(one.question, one.answer) for one in found] == [(one.question, one.answer) for one in exchanges]


def test_two_tabs_that_change_one_conversation_do_not_overwrite_each_other(store, exchanges):
    name = new_token()
    seen = keep_conversation(store, name, ANNA, exchanges[:1])
    keep_conversation(store, name, ANNA, exchanges, seen)
    with pytest.raises(ChangedElsewhere):
        keep_conversation(store, name, ANNA, exchanges[:1], seen)
    assert len(kept_conversation(store, name, ANNA).exchanges) == 2


def test_what_another_tab_has_forgotten_is_not_kept_again(store, exchanges):
    name = new_token()
    seen = keep_conversation(store, name, ANNA, exchanges[:1])
    forget_conversation(store, name, ANNA)
    with pytest.raises(Forgotten):
        keep_conversation(store, name, ANNA, exchanges, seen)
    assert kept_conversation(store, name, ANNA) is None


def test_a_reader_finds_the_own_conversations_by_their_first_questions(store, exchanges):
    first, second = new_token(), new_token()
    keep_conversation(store, first, ANNA, exchanges, clock=lambda: 1.0)
    keep_conversation(store, second, ANNA, exchanges[1:], clock=lambda: 2.0)
    keep_conversation(store, new_token(), BEN, exchanges, clock=lambda: 3.0)
    assert listed_conversations(store, ANNA) == [
        (second, "lupus", 2.0),
        (first, "Why are solid tumors hard to treat?", 1.0),
    ]


def test_of_many_tabs_at_once_one_alone_changes_a_conversation(store, exchanges):
    name = new_token()
    seen = keep_conversation(store, name, ANNA, exchanges[:1])
    together, changed = threading.Barrier(6), []

    def work() -> None:
        together.wait()
        with suppress(ChangedElsewhere):
            changed.append(keep_conversation(store, name, ANNA, exchanges, seen))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert changed == [kept_conversation(store, name, ANNA).version]


def test_a_clock_that_goes_back_is_no_change_elsewhere(store, exchanges):
    name = new_token()
    seen = keep_conversation(store, name, ANNA, exchanges, clock=lambda: 100.0)
    later = keep_conversation(store, name, ANNA, exchanges, seen, clock=lambda: 50.0)
    assert later > seen
    assert keep_conversation(store, name, ANNA, exchanges, later, clock=lambda: 50.0) > later


def test_anothers_conversation_and_one_that_never_was_are_told_apart_by_nobody(store, exchanges):
    name = new_token()
    keep_conversation(store, name, ANNA, exchanges)
    assert kept_conversation(store, name, BEN) is None
    assert kept_conversation(store, new_token(), BEN) is None


@pytest.mark.parametrize("name", ["", "x", "x" * 22, "x" * 100_000, "' OR 1=1 --", "\ud800" * 22])
def test_an_id_that_is_none_finds_nothing(store, name):
    assert kept_conversation(store, name, ANNA) is None


def test_a_forgotten_conversation_is_gone_and_only_that_one(store, exchanges):
    first, second = new_token(), new_token()
    keep_conversation(store, first, ANNA, exchanges)
    keep_conversation(store, second, ANNA, exchanges)
    forget_conversation(store, first, ANNA)
    assert kept_conversation(store, first, ANNA) is None
    assert kept_conversation(store, second, ANNA)


def test_nobody_forgets_anothers_conversation(store, exchanges):
    name = new_token()
    keep_conversation(store, name, ANNA, exchanges)
    forget_conversation(store, name, BEN)
    assert kept_conversation(store, name, ANNA)


def test_what_nobody_came_back_to_is_forgotten_in_time(store, exchanges):
    old, new = new_token(), new_token()
    keep_conversation(store, old, ANNA, exchanges, clock=lambda: 0.0)
    keep_conversation(store, new, BEN, exchanges, clock=lambda: (KEPT_DAYS + 1) * DAY)
    assert kept_conversation(store, old, ANNA) is None
    assert kept_conversation(store, new, BEN)


def test_a_reader_keeps_the_latest_conversations(store, exchanges):
    names = [new_token() for _ in range(MOST_KEPT + 2)]
    for at, name in enumerate(names):
        keep_conversation(store, name, ANNA, exchanges[1:], clock=lambda at=at: float(at))
    assert [kept_conversation(store, name, ANNA) is None for name in names] == [True, True, *[False] * MOST_KEPT]


def test_a_conversation_that_is_too_long_is_refused_and_the_kept_one_stays(store, exchanges):
    name = new_token()
    version = keep_conversation(store, name, ANNA, exchanges)
    noise = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(2_000_000))
    with pytest.raises(ValueError, match="too long"):
        keep_conversation(store, name, ANNA, [Exchange(noise, (), None)], version)
    assert kept_conversation(store, name, ANNA)


def test_what_cannot_be_read_is_as_if_it_were_not_there(store, exchanges):
    name = new_token()
    keep_conversation(store, name, ANNA, exchanges)
    with store.writing() as connection:
        connection.execute(update(conversations).values(frozen=b"nothing"))
    assert kept_conversation(store, name, ANNA) is None


def test_the_database_holds_a_hash_of_the_reader_and_no_word_after_forgetting(tmp_path):
    store, name = open_store(Settings(data=tmp_path)), new_token()
    keep_conversation(store, name, ANNA, [Exchange("q", (), None, "A problem.")])
    with store.reading() as connection:
        frozen = connection.scalar(select(conversations.c.frozen))
    forget_conversation(store, name, ANNA)
    store.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert ANNA.encode() not in on_disk
    assert frozen not in on_disk
