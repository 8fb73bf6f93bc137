"""Two indexes that are asked as one answer as the one that was built of the reviews of both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.index import Index, build_index
from rag.text import stems
from rag.types import FloatMatrix
from tests.index.test_index import PASSAGES, REVIEWS, SEARCHED, Clusters

# The first index holds so many of the reviews.
FIRST = 37


def queries() -> FloatMatrix:
    return Clusters().embed(["one", "two", SEARCHED[0], SEARCHED[-1]])


def build(folder: Path, first: int, last: int, embedder: Clusters | None) -> Index:
    reviews = REVIEWS[first:last]
    names = {review.id for review in reviews}
    passages = [passage for passage in PASSAGES if passage.review_id in names]
    return Index.open(build_index(reviews, passages, embedder, folder))


@pytest.fixture(scope="module", params=[Clusters(), None], ids=["vectors", "words only"])
def indexes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Index, Index]:
    """Two as one, and the one of all."""
    folder = tmp_path_factory.mktemp("joined")
    parts = build(folder / "a", 0, FIRST, request.param), build(folder / "b", FIRST, len(REVIEWS), request.param)
    return parts[0].joined(parts[1]), build(folder / "whole", 0, len(REVIEWS), request.param)


def test_it_holds_what_both_hold(indexes: tuple[Index, Index]) -> None:
    joined, whole = indexes
    assert list(joined.reviews.items()) == list(whole.reviews.items())
    assert joined.passages == whole.passages and joined.passages.n_sentences == whole.passages.n_sentences
    assert list(joined.names) == list(whole.names)
    assert [joined.topics[n] for n in range(len(REVIEWS))] == [whole.topics[n] for n in range(len(REVIEWS))]
    counts = "reviews", "passages", "sentences", "embedder", "dimensions"
    assert [getattr(joined.manifest, name) for name in counts] == [getattr(whole.manifest, name) for name in counts]


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
    parts = [build(tmp_path / f"{at}", at, at + 2, None) for at in (0, 2, 4)]
    joined, whole = parts[0].joined(parts[1]).joined(parts[2]), build(tmp_path / "whole", 0, 6, None)
    assert joined.search_lexical(stems("lupus dose"), 30) == whole.search_lexical(stems("lupus dose"), 30) != []
    assert joined.passages == whole.passages


def test_without_its_vectors_it_finds_words(indexes: tuple[Index, Index]) -> None:
    joined, whole = (index.by_words() for index in indexes)
    assert joined.search_dense(queries()[0], 5) == []
    assert joined.search_lexical(["lupus"], 5) == whole.search_lexical(["lupus"], 5) != []


def test_indexes_that_hold_one_review_or_vectors_of_other_models_are_not_joined(tmp_path: Path) -> None:
    one, other = build(tmp_path / "a", 0, 2, None), build(tmp_path / "b", 2, 4, Clusters())
    for unlike in (one, other):
        with pytest.raises(ValueError, match="Only indexes of different reviews"):
            one.joined(unlike)


def test_letting_go_of_it_removes_the_copies_of_both(tmp_path: Path) -> None:
    joined = build(tmp_path / "a", 0, 2, Clusters()).joined(build(tmp_path / "b", 2, 4, Clusters()))
    joined.close()
    with pytest.raises(Exception, match=r".*"):
        joined.search_dense(queries()[0], 1)
