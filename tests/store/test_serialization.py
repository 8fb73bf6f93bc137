"""Records: what is kept of a conversation gives the same answers at the same places in the reviews."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.exports.html.answer import answer_html
from rag.pipeline import ask
from rag.shelf.naming import label
from rag.store.serialization import FORMAT, freeze, quotes_of, text_sum, thaw
from rag.types import Answer, Citation, Exchange, Quote, Review
from tests.engine import closest

RECORDED = Path(__file__).with_name("records") / "format-1.zlib"
QUESTIONS = (
    "Why are solid tumors hard to treat?",
    "Compare the reviews",
    "What does tea cost?",
    "Who wrote them?",
    "hi",
)


@pytest.fixture(scope="module")
def exchanges(library) -> list[Exchange]:
    answers = [ask(question, library) for question in QUESTIONS] + [closest(library, QUESTIONS[0])]
    return [Exchange(one.question, library.reviews, one, made=1.5, index="abc") for one in answers]


def test_answers_questions_and_problems_come_back_as_they_were(exchanges):
    problem = Exchange("Why?", exchanges[0].reviews, None, "No review is chosen.", revision=3, earlier=(exchanges[0],))
    kept, about = thaw(freeze([*exchanges, problem], {"chunker": "3"}))
    assert [(one.question, one.answer, one.problem, one.made, one.index, one.revision) for one in kept] == [
        (one.question, one.answer, one.problem, one.made, one.index, one.revision) for one in [*exchanges, problem]
    ]
    assert kept[-1].earlier[0].answer == exchanges[0].answer
    assert kept[-2].answer.closest and kept[-2].answer.confidence == 0.4
    assert about == {"chunker": "3"}


def test_an_answer_is_drawn_the_same_from_what_was_kept(exchanges):
    kept, _ = thaw(freeze(exchanges, {}))
    for before, after in zip(exchanges, kept, strict=True):
        assert answer_html(after.answer, after.reviews, "a") == answer_html(before.answer, before.reviews, "a")


def test_reviews_keep_their_names_and_no_more_of_their_text_than_is_shown(exchanges, library):
    kept, _ = thaw(freeze(exchanges[:1], {}))
    for before, after in zip(library.reviews, kept[0].reviews, strict=True):
        assert label(after) == label(before)
        assert 0 < len(after.text.split()) < len(before.text.split())
        assert all(kept in (" ", was) for kept, was in zip(after.text, before.text, strict=False))


def test_what_was_kept_can_be_kept_again(exchanges):
    once, _ = thaw(freeze(exchanges, {}))
    twice, _ = thaw(freeze(once, {}))
    assert twice == once


def test_reviews_of_which_nothing_is_shown_keep_their_names_however_often_they_are_kept(exchanges):
    silent = tuple(Review(f"10.1/{name}", f"Title {name}", f"Text {name}.", (), (f"Ann {name}",)) for name in "ABC")
    asked = [replace(exchanges[0], reviews=(*exchanges[0].reviews, *silent))]
    once, _ = thaw(freeze(asked, {}))
    twice, _ = thaw(freeze(once, {}))
    assert [label(review) for review in twice[0].reviews] == [label(review) for review in asked[0].reviews]
    assert twice == once


def test_two_texts_of_one_review_are_kept_apart(library):
    review = library.reviews[0]
    other = replace(review, text="A text that was changed since. " + review.text)
    pair = [Exchange("a", (review,), cited(review, 200, 260)), Exchange("b", (other,), cited(other, 0, 30))]
    kept, _ = thaw(freeze(pair, {}))
    assert [one.reviews[0].text[slice(*place)] for one, place in zip(kept, ((200, 260), (0, 30)), strict=True)] == [
        review.text[200:260],
        other.text[0:30],
    ]


def cited(review: Review, start: int, end: int) -> Answer:
    quote = Quote(review.id, "", "body", "authors", start, end, review.text[start:end], start, end)
    return Answer("q", "q", "quotes", "answered", "", citations=(Citation(1, quote),))


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.data())
def test_every_quote_stands_at_its_place_in_what_was_kept(text, data):
    review = Review("x", "Title", text, ())
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    answers = [cited(review, *data.draw(places)) for _ in range(data.draw(st.integers(1, 4)))]
    kept, _ = thaw(freeze([Exchange("q", (review,), answer) for answer in answers], {}))
    for one in kept:
        for quote in quotes_of(one.answer):
            assert one.reviews[0].text[quote.start : quote.end] == quote.text


@given(st.binary(max_size=200))
def test_bytes_that_are_no_record_are_refused(content):
    for damaged in (content, zlib.compress(content)):
        with pytest.raises(ValueError):
            thaw(damaged)


def test_a_record_that_unpacks_to_any_size_is_refused():
    with pytest.raises(ValueError, match="too large"):
        thaw(zlib.compress(b" " * 40_000_000))


def test_a_record_of_a_newer_version_is_refused(exchanges):
    written = zlib.decompress(freeze(exchanges[:1], {}))
    newer = written.replace(b'"format":%d' % FORMAT, b'"format":%d' % (FORMAT + 1))
    assert newer != written
    with pytest.raises(ValueError, match="newer"):
        thaw(zlib.compress(newer))


def test_a_record_of_today_is_read_by_all_code_to_come():
    """The file was written by the first version, before an answer could be "closest", and must not be made again."""
    frozen = RECORDED.read_bytes()
    kept, about = thaw(frozen)
    assert [one.question for one in kept] == ["Why are solid tumors hard to treat?", "Compare the reviews"]
    for one in kept:
        assert (one.answer.closest, one.answer.confidence) == ((), None)
        shelf = {review.id: review for review in one.reviews}
        assert all(shelf[q.review_id].text[q.start : q.end] == q.text for q in quotes_of(one.answer))
    assert about["sum"] == text_sum("".join(q.text for one in kept for q in quotes_of(one.answer)))
