"""Indexes that are asked as one, or without some of their reviews, answer as the one that was built of just these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.index import Index, build_index
from rag.text import stems
from rag.types import FloatMatrix, Passage, Review
from tests.index.test_index import PASSAGES, REVIEWS, SEARCHED, Clusters, shelf

# The first index holds so many of the reviews.
FIRST = 37


def queries() -> FloatMatrix:
    return Clusters().embed(["one", "two", SEARCHED[0], SEARCHED[-1]])


def build(folder: Path, reviews: Sequence[Review], passages: Sequence[Passage], embedder: Clusters | None) -> Index:
    names = {review.id for review in reviews}
    held = [passage for passage in passages if passage.review_id in names]
    return Index.open(build_index(reviews, held, embedder, folder))


@pytest.fixture(scope="module", params=["joined", "without", "both", "words only"])
def indexes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Index]:
    """Two as one or one without others of its reviews, or both; and the one of all."""
    folder, embedder = tmp_path_factory.mktemp("joined"), None if request.param == "words only" else Clusters()
    reviews, passages = [*REVIEWS], [*PASSAGES]
    if request.param != "joined":
        more, cut = shelf(9, seed=5)
        # Among the others, so that all that is behind them is numbered anew.
        reviews[20:20] = [replace(review, id=f"gone/{review.id}") for review in more]
        passages[20 * 8 : 20 * 8] = [replace(p, id=f"gone/{p.id}", review_id=f"gone/{p.review_id}") for p in cut]
    gone = [review.id for review in reviews if review.id.startswith("gone/")]
    last = len(reviews) if request.param == "without" else FIRST
    first = build(folder / "a", reviews[:last], passages, embedder)
    first = first.without({*gone}) if gone else first
    if last < len(reviews):
        first = first.joined(build(folder / "b", reviews[last:], passages, embedder))
    return first, build(folder / "whole", REVIEWS, PASSAGES, embedder)


def test_it_holds_what_both_hold(indexes: tuple[Index, Index]) -> None:
    joined, whole = indexes
    assert list(joined.reviews.items()) == list(whole.reviews.items())
    assert joined.passages == whole.passages and joined.passages.n_sentences == whole.passages.n_sentences
    assert list(joined.names) == list(whole.names)
    assert [joined.topics[n] for n in range(len(REVIEWS))] == [whole.topics[n] for n in range(len(REVIEWS))]
    model = "embedder", "dimensions"
    assert [getattr(joined.manifest, name) for name in model] == [getattr(whole.manifest, name) for name in model]


@pytest.mark.parametrize("asked", [None, ["10.1/3"], ["10.1/40"], ["10.1/3", "10.1/40"], []], ids=repr)
def test_it_finds_what_one_of_all_finds(indexes: tuple[Index, Index], asked: list[str] | None) -> None:
    joined, whole = indexes
    for query in queries():
        assert joined.search_dense(query, 9, asked) == whole.search_dense(query, 9, asked)
    for words in ("lupus remission", "dose of the cytokine", "declare no competing interests", "nowhere"):
        assert joined.search_lexical(stems(words), 20, asked) == whole.search_lexical(stems(words), 20, asked)
    assert joined.reviews_with("lupus") == whole.reviews_with("lupus")


def test_what_it_says_of_a_passage_and_a_sentence_is_the_same(indexes: tuple[Index, Index]) -> None:
    joined, whole = indexes
    numbers = [399, 2, 300, 17]
    spans = [(PASSAGES[number].review_id, *PASSAGES[number].sentences[0]) for number in numbers]
    for query in queries():
        assert np.array_equal(joined.dense_scores(query, numbers), whole.dense_scores(query, numbers))
        assert np.array_equal(joined.sentence_scores(query, numbers), whole.sentence_scores(query, numbers))
    for some in (spans, spans[:1], spans[1:2], []):
        assert np.array_equal(joined.sentence_vectors(some), whole.sentence_vectors(some))
        assert np.array_equal(joined.sentence_traits(some), whole.sentence_traits(some))
        assert joined.sentence_stems(some) == whole.sentence_stems(some)


def test_it_knows_the_words_of_both(indexes: tuple[Index, Index]) -> None:
    joined, whole = indexes[0].vocabulary, indexes[1].vocabulary
    assert (joined.sentences, joined.frequency) == (whole.sentences, whole.frequency)
    assert joined.spelling_by_stem == whole.spelling_by_stem
    for query in queries():
        assert joined.similar(query, -1.0) == pytest.approx(whole.similar(query, -1.0), abs=2e-4)
    assert joined.closest_spelling("tumour", 1) == whole.closest_spelling("tumour", 1) == "tumor"


def test_three_are_joined_as_two_are(tmp_path: Path) -> None:
    parts = [build(tmp_path / f"{at}", REVIEWS[at : at + 2], PASSAGES, None) for at in (0, 2, 4)]
    joined, whole = parts[0].joined(parts[1]).joined(parts[2]), build(tmp_path / "whole", REVIEWS[0:6], PASSAGES, None)
    assert joined.search_lexical(stems("lupus dose"), 30) == whole.search_lexical(stems("lupus dose"), 30) != []
    assert joined.passages == whole.passages


def test_without_its_vectors_it_finds_words(indexes: tuple[Index, Index]) -> None:
    joined, whole = (index.by_words() for index in indexes)
    assert joined.search_dense(queries()[0], 5) == []
    assert joined.search_lexical(["lupus"], 5) == whole.search_lexical(["lupus"], 5) != []


def test_indexes_that_hold_one_review_or_vectors_of_other_models_are_not_joined(tmp_path: Path) -> None:
    one, other = (
        build(tmp_path / "a", REVIEWS[0:2], PASSAGES, None),
        build(tmp_path / "b", REVIEWS[2:4], PASSAGES, Clusters()),
    )
    for unlike in (one, other):
        with pytest.raises(ValueError, match="Only indexes of different reviews"):
            one.joined(unlike)


def test_letting_go_of_it_removes_the_copies_of_both(tmp_path: Path) -> None:
    joined = build(tmp_path / "a", REVIEWS[0:2], PASSAGES, Clusters()).joined(
        build(tmp_path / "b", REVIEWS[2:4], PASSAGES, Clusters())
    )
    joined.close()
    with pytest.raises(Exception, match=r".*"):
        joined.search_dense(queries()[0], 1)
