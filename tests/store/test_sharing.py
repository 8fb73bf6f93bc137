"""Shared links: what they keep, who may read, delete and change them, and the second look at their quotes."""

from __future__ import annotations

import re
import shutil
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from rag.errors import NoSuchLink
from rag.pipeline import ask
from rag.settings import Settings
from rag.shelf.opening import open_library
from rag.store.database import DAY, open_store
from rag.store.schema import shares
from rag.store.serialization import freeze
from rag.store.sharing import Recheck, delete_link, open_link, recheck, set_expiry, share
from rag.types import Exchange

ABOUT = {"chunker": "3"}


@pytest.fixture(scope="module")
def exchange(library) -> Exchange:
    question = "What have CAR-T cells achieved in blood cancers?"
    return Exchange(question, library.reviews, ask(question, library), made=1.0, index="abc")


def rows(store):
    with store.reading() as connection:
        return connection.execute(select(shares)).all()


def test_a_link_gives_back_what_was_shared(store, exchange):
    link = share(store, [exchange, exchange], ABOUT, clock=lambda: 5.0)
    shared = open_link(store, link.token)
    assert [one.answer for one in shared.exchanges] == [exchange.answer] * 2
    assert (shared.about["chunker"], shared.made, shared.expires) == ("3", 5.0, None)


def test_what_stood_in_the_place_of_an_answer_before_is_not_shared(store, exchange):
    secret = replace(exchange, question="My patient has lupus")
    refused = Exchange("Refused", exchange.reviews, None, "Too many questions.")
    link = share(store, [replace(exchange, earlier=(secret,), problem="gone"), refused], ABOUT)
    (kept,) = open_link(store, link.token).exchanges
    assert (kept.earlier, kept.problem) == ((), "")
    assert all(b"My patient" not in zlib.decompress(row.frozen) for row in rows(store))


def test_a_link_is_short_and_holds_128_bits(store, exchange):
    links = [share(store, [exchange], ABOUT) for _ in range(20)]
    texts = {text for link in links for text in (link.token, link.secret)}
    assert len(texts) == 40
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{22}", text) for text in texts)


def test_the_database_holds_neither_links_nor_secrets(tmp_path, exchange):
    store = open_store(Settings(data=tmp_path))
    link = share(store, [exchange], ABOUT)
    store.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert link.token.encode() not in kept
    assert link.secret.encode() not in kept


@pytest.mark.parametrize(
    "token", ["", "short", "x" * 22, "x" * 100_000, "../../etc/passwd", "%00" * 8, "é" * 22, "\ud800"]
)
def test_a_link_that_never_was_is_refused_in_words(store, token):
    with pytest.raises(NoSuchLink, match="link"):
        open_link(store, token)


def test_an_expired_link_says_so_and_an_earlier_look_does_not(store, exchange):
    link = share(store, [exchange], ABOUT, days=7, clock=lambda: 0.0)
    assert open_link(store, link.token, clock=lambda: 7 * DAY - 1).expires == 7 * DAY
    with pytest.raises(NoSuchLink, match="expired"):
        open_link(store, link.token, clock=lambda: 7 * DAY)


def test_what_an_expired_link_kept_is_gone_when_the_next_is_made(store, exchange):
    link = share(store, [exchange], ABOUT, days=1, clock=lambda: 0.0)
    share(store, [exchange], ABOUT, clock=lambda: 2 * DAY)
    assert sorted(row.frozen is None for row in rows(store)) == [False, True]
    with pytest.raises(NoSuchLink, match="expired"):
        open_link(store, link.token, clock=lambda: 2 * DAY)


def test_the_owner_deletes_a_link_and_nothing_of_it_stays(store, exchange):
    link, other = (share(store, [exchange], ABOUT) for _ in range(2))
    delete_link(store, link.token, link.secret)
    with pytest.raises(NoSuchLink, match="deleted"):
        open_link(store, link.token)
    assert [row.frozen for row in rows(store)].count(None) == 1
    assert open_link(store, other.token).exchanges[0].answer == exchange.answer


@pytest.mark.parametrize("secret", ["", "x" * 22, "\ud800", "é"])
def test_nobody_else_deletes_or_changes_a_link(store, exchange, secret):
    link, other = (share(store, [exchange], ABOUT) for _ in range(2))
    for guess in (secret, link.token, other.secret):
        with pytest.raises(NoSuchLink, match="secret"):
            delete_link(store, link.token, guess)
        with pytest.raises(NoSuchLink, match="secret"):
            set_expiry(store, link.token, guess, 0)
    assert open_link(store, link.token).expires is None


def test_the_owner_changes_when_a_link_ends(store, exchange):
    link = share(store, [exchange], ABOUT)
    set_expiry(store, link.token, link.secret, 1, clock=lambda: 0.0)
    assert open_link(store, link.token, clock=lambda: 0.0).expires == DAY
    set_expiry(store, link.token, link.secret, None)
    assert open_link(store, link.token).expires is None


def test_there_is_nothing_to_share_without_an_answer(store, exchange):
    with pytest.raises(ValueError, match="no answer"):
        share(store, [replace(exchange, answer=None)], ABOUT)


def test_a_conversation_too_long_for_a_link_is_refused_and_leaves_nothing(store, exchange):
    noise = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(2_000_000))
    with pytest.raises(ValueError, match="too long"):
        share(store, [replace(exchange, question=noise)], ABOUT)
    assert rows(store) == []


def test_a_quote_changed_in_the_database_is_found(store, exchange):
    link = share(store, [exchange], ABOUT)
    frozen = zlib.decompress(rows(store)[0].frozen)
    changed = frozen.replace(b"CAR", b"RAC")
    assert changed != frozen
    with store.writing() as connection:
        connection.execute(update(shares).values(frozen=zlib.compress(changed)))
    with pytest.raises(NoSuchLink, match="damaged"):
        open_link(store, link.token)


def test_bytes_that_cannot_be_read_are_told_in_words(store, exchange):
    link = share(store, [exchange], ABOUT)
    with store.writing() as connection:
        connection.execute(update(shares).values(frozen=b"nothing"))
    with pytest.raises(NoSuchLink, match="cannot be read"):
        open_link(store, link.token)


def test_quotes_that_stand_as_they_were_still_match(library, exchange):
    total = len(exchange.answer.citations)
    assert total > 1
    assert recheck([exchange, exchange], library.reviews) == Recheck(total, total, 0, 0, 0, ())


def test_a_review_that_is_no_longer_loaded_is_named(library, exchange):
    gone, stays = library.reviews
    found = recheck([exchange], [stays])
    theirs = sum(one.quote.review_id == gone.id for one in exchange.answer.citations)
    assert theirs
    assert (found.same, found.gone) == (found.total - theirs, theirs)
    assert found.reviews_gone == (gone,)


def test_quotes_that_moved_or_changed_are_told_apart(library, exchange):
    first = exchange.answer.citations[0].quote
    review = next(review for review in library.reviews if review.id == first.review_id)
    others = [other for other in library.reviews if other.id != review.id]
    theirs = sum(one.quote.review_id == review.id for one in exchange.answer.citations)
    moved = recheck([exchange], [*others, replace(review, text="A line before. " + review.text)])
    assert (moved.moved, moved.changed) == (theirs, 0)
    changed = recheck([exchange], [*others, replace(review, text=review.text.replace(first.text, "withdrawn"))])
    assert changed.changed == 1


def test_a_shared_answer_is_checked_against_the_reviews_as_they_are_kept(store, library, exchange):
    shared = open_link(store, share(store, [exchange], ABOUT).token)
    assert recheck(shared.exchanges, library.reviews).same == len(exchange.answer.citations)


def test_a_thousand_links_are_made_read_and_checked_while_the_index_is_rebuilt(store, library, tmp_path):
    """None is lost and none is wrong, whatever the sources are doing."""
    questions = ["Why are solid tumors hard to treat?", "Compare the reviews", "What does tea cost?", "lupus"]
    exchanges = [Exchange(q, library.reviews, ask(q, library), index="abc") for q in questions]
    folder = Path(shutil.copytree(library_sources(), tmp_path / "seeds"))
    done, rebuilt, failures, links = threading.Event(), [0], [], []

    def rebuild() -> None:
        page = sorted(folder.glob("*.md"))[0]
        text = page.read_text("utf-8")
        while not done.is_set() or rebuilt[0] < 2:
            page.write_text(f"{text}\n\nA line of version {rebuilt[0]}.\n", "utf-8")
            current[0] = open_library(Settings(seeds=folder, data=tmp_path / "index")).reviews
            rebuilt[0] += 1

    def work(number: int) -> None:
        try:
            for at in range(number, 1000, 8):
                exchange = exchanges[at % len(exchanges)]
                token = share(store, [exchange], ABOUT).token
                links.append((token, exchange))
                shared = open_link(store, token)
                found = recheck(shared.exchanges, current[0])
                right = found.same + found.moved == found.total and shared.exchanges[0].answer == exchange.answer
                if not right:
                    failures.append((exchange.question, found))
        except Exception as error:
            failures.append(error)

    current = [library.reviews]
    threads = [threading.Thread(target=rebuild), *(threading.Thread(target=work, args=(n,)) for n in range(8))]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join()
    done.set()
    threads[0].join()
    assert failures == []
    assert rebuilt[0] >= 2
    assert len(links) == 1000
    assert all(open_link(store, token).exchanges[0].answer == exchange.answer for token, exchange in links)


def library_sources() -> Path:
    return Settings().seeds


def test_what_is_frozen_needs_no_more_room_than_a_page(exchange):
    assert len(freeze([exchange], ABOUT)) < 10_000
