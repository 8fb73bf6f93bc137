"""A large index grows by another beside it; what was removed or changed makes it anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.shelf import indexing
from rag.shelf.indexing import Indexer
from rag.sources import read_folder
from rag.text import stems
from rag.types import Review
from tests.engine import write_pages
from tests.invented import PAGES


@pytest.fixture(autouse=True)
def _any_index_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "LARGE", 1)
    monkeypatch.setattr(indexing, "GROWTH", 1.0)


@pytest.fixture
def reviews(tmp_path: Path) -> list[Review]:
    write_pages(tmp_path / "pages", PAGES)
    return list(read_folder(tmp_path / "pages").reviews)


@pytest.fixture
def indexer(tmp_path: Path) -> Indexer:
    return Indexer(tmp_path / "data", None)


def folders(indexer: Indexer) -> set[str]:
    return {path.name for path in indexer.data.glob("index-*/")}


def test_what_is_added_gets_an_index_of_its_own(indexer: Indexer, reviews: list[Review]) -> None:
    _, (base,) = indexer.index(reviews[:3])
    index, names = indexer.index([reviews[3], *reviews[:3]], [base])
    assert names[0] == base and len(names) == 2
    assert [*index.reviews.values()] == [*reviews[:3], reviews[3]]
    again = indexer.opened(names)
    whole, _ = indexer.index([*reviews[:4]])
    for word in stems("lupus agitation cement memory"):
        assert again.search_lexical([word], 9) == index.search_lexical([word], 9) == whole.search_lexical([word], 9)


def test_the_base_stays_while_what_is_beside_it_changes(indexer: Indexer, reviews: list[Review]) -> None:
    _, (base,) = indexer.index(reviews[:2])
    names: tuple[str, ...] = (base,)
    for more in (3, 4, 3, 4):
        index, names = indexer.index(reviews[:more], names)
        assert names[0] == base and [*index.reviews.values()] == reviews[:more]
        assert {*names} <= folders(indexer)
    assert len(folders(indexer)) <= 3


def test_the_same_reviews_need_no_other_index(indexer: Indexer, reviews: list[Review]) -> None:
    _, (base,) = indexer.index(reviews)
    assert indexer.index(reviews[::-1], [base])[1] == (base,)


def test_a_removed_review_makes_the_index_anew(indexer: Indexer, reviews: list[Review]) -> None:
    _, (base,) = indexer.index(reviews)
    index, names = indexer.index(reviews[1:], [base])
    assert [*index.reviews.values()] == reviews[1:] and base not in names and len(names) == 1


def test_more_than_the_base_can_bear_makes_the_index_anew(
    indexer: Indexer, reviews: list[Review], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "GROWTH", 0.01)
    _, (base,) = indexer.index(reviews[:2])
    index, names = indexer.index(reviews, [base])
    assert len(names) == 1 and [*index.reviews.values()] == reviews


@pytest.mark.parametrize("reason", ["small", "made otherwise", "damaged", "gone"])
def test_an_index_that_is_not_as_it_would_be_made_today_does_not_grow(
    indexer: Indexer, reviews: list[Review], monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    _, (base,) = indexer.index(reviews[:2])
    if reason == "small":
        monkeypatch.setattr(indexing, "LARGE", 1_000)
    elif reason == "made otherwise":
        monkeypatch.setattr(indexing, "makers", lambda *_: "another")
    elif reason == "damaged":
        (indexer.data / base / "passages.json").write_text("{}")
    index, names = indexer.index(reviews, ["index-gone"] if reason == "gone" else [base])
    assert len(names) == 1 and [*index.reviews.values()] == reviews
