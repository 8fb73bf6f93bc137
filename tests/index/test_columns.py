"""Passages in columns are the passages that were given, whole and in order, and their sentences are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.columns import Passages
from rag.types import PROSE, Passage, Review, Span

TEXT = "One two. Three four. Five six. Seven."
SPANS: list[Span] = [(0, 8), (9, 20), (21, 30), (31, 37)]
REVIEWS = [Review(name, name.upper(), TEXT, ()) for name in ("a", "b", "c")]


def passage(review_id: str, first: int, last: int, kind: str = "body") -> Passage:
    spans = tuple(SPANS[first:last])
    start, end = (spans[0][0], spans[-1][1]) if spans else (0, 0)
    name = f"{review_id}/{kind}/{first}-{last}"
    return Passage(name, review_id, f"On {kind}", kind, "authors", start, end, TEXT[start:end], spans)


GIVEN = [
    passage("b", 0, 3),
    passage("a", 1, 2),
    passage("b", 2, 4),
    passage("a", 0, 0),
    passage("b", 0, 1, "references"),
]
shelves = st.lists(
    st.builds(passage, st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 4), st.sampled_from(PROSE)), max_size=9
)


@given(shelves)
def test_they_are_what_was_given(shelf: list[Passage]) -> None:
    columns = Passages.of(REVIEWS, shelf)
    assert list(columns) == shelf and columns == shelf and columns != [*shelf, passage("a", 0, 1)]
    assert [columns[-n] for n in range(1, len(shelf) + 1)] == shelf[::-1]
    assert columns[1:] == tuple(shelf[1:])


def test_a_number_beyond_the_last_is_refused() -> None:
    with pytest.raises(IndexError):
        Passages.of(REVIEWS, GIVEN)[len(GIVEN)]


def test_the_passages_of_a_review_and_of_a_kind_are_found_in_order() -> None:
    columns = Passages.of(REVIEWS, GIVEN)
    assert [columns.numbers_of(number).tolist() for number in range(3)] == [[1, 3], [0, 2, 4], []]
    assert columns.review_numbers(["b", "c", "unknown"]) == {1, 2}
    assert np.flatnonzero(columns.of_reviews({0, 2})).tolist() == [1, 3]
    assert np.flatnonzero(columns.of_kinds(("references",))).tolist() == [4]


@given(shelves)
def test_each_distinct_sentence_has_one_number(shelf: list[Passage]) -> None:
    columns = Passages.of(REVIEWS, shelf)
    spans = [(p.review_id, *span) for p in shelf for span in p.sentences]
    assert columns.sentence_numbers(spans).tolist() == [list(dict.fromkeys(spans)).index(span) for span in spans]
    assert list(columns.sentence_texts()) == [TEXT[start:end] for _, start, end in dict.fromkeys(spans)]
    assert [REVIEWS[number].id for number in columns.sentence_reviews()] == [
        name for name, _, _ in dict.fromkeys(spans)
    ]


def test_sentences_of_a_kind_are_those_of_any_passage_of_that_kind() -> None:
    columns = Passages.of(REVIEWS, GIVEN)
    held = columns.sentence_kinds(("references",))
    assert columns.sentence_numbers([("b", 0, 8)]).tolist() == np.flatnonzero(held).tolist()


@pytest.mark.parametrize("span", [("b", 0, 9), ("b", 1, 8), ("a", 0, 8), ("c", 0, 8), ("d", 0, 8), ("b", 900, 908)])
def test_a_span_that_is_no_sentence_is_refused(span: tuple[str, int, int]) -> None:
    with pytest.raises(KeyError):
        Passages.of(REVIEWS, GIVEN).sentence_numbers([("b", 9, 20), span])


def test_a_library_without_sentences_has_none() -> None:
    columns = Passages.of(REVIEWS, [passage("a", 0, 0)])
    assert columns.n_sentences == 0 and columns.sentence_numbers([]).tolist() == []
    with pytest.raises(KeyError):
        columns.sentence_numbers([("a", 0, 8)])
