"""A large index is taken up again: what was added lies beside it, what is gone or was changed is left out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.shelf import indexing
from rag.shelf.indexing import Indexer, Parts
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
    _, before = indexer.index(reviews[:3])
    index, parts = indexer.index([reviews[3], *reviews[:3]], before)
    assert parts.folders[:-1] == before.folders and not parts.gone
    assert [*index.reviews.values()] == [*reviews[:3], reviews[3]]
    again = indexer.opened(parts)
    whole, _ = indexer.index([*reviews[:4]])
    for word in stems("lupus agitation cement memory"):
        assert again.search_lexical([word], 9) == index.search_lexical([word], 9) == whole.search_lexical([word], 9)


def test_the_base_stays_while_what_is_beside_it_changes(indexer: Indexer, reviews: list[Review]) -> None:
    _, before = indexer.index(reviews[:2])
    parts = before
    for more in (3, 4, 3, 4):
        index, parts = indexer.index(reviews[:more], parts)
        assert parts.folders[:1] == before.folders and [*index.reviews.values()] == reviews[:more]
        assert {*parts.folders} <= folders(indexer)
    assert len(folders(indexer)) <= 3


def test_the_same_reviews_need_no_other_index(indexer: Indexer, reviews: list[Review]) -> None:
    _, before = indexer.index(reviews)
    assert indexer.index(reviews[::-1], before)[1] == before


def test_what_is_removed_is_left_out_and_comes_back(indexer: Indexer, reviews: list[Review]) -> None:
    _, before = indexer.index(reviews)
    index, parts = indexer.index(reviews[1:], before)
    assert [*index.reviews.values()] == [*indexer.opened(parts).reviews.values()] == reviews[1:]
    assert (parts.folders, parts.gone, folders(indexer)) == (before.folders, (reviews[0].id,), {*before.folders})
    index, parts = indexer.index(reviews, parts)
    assert [*index.reviews.values()] == reviews and parts == before


def test_what_is_changed_is_asked_as_it_is_now(indexer: Indexer, reviews: list[Review]) -> None:
    _, before = indexer.index(reviews)
    changed = replace(reviews[1], title="Quokkas and their habits")
    index, parts = indexer.index([reviews[0], changed, *reviews[2:]], before)
    assert [*index.reviews.values()] == [reviews[0], *reviews[2:], changed]
    assert indexer.opened(parts).reviews_with("quokka") == [changed.id]
    assert len(parts.folders) == 2 and parts.gone == (changed.id,)


@pytest.mark.parametrize("now", [slice(None), slice(1)], ids=["added", "gone"])
def test_more_than_the_base_can_bear_makes_the_index_anew(
    indexer: Indexer, reviews: list[Review], monkeypatch: pytest.MonkeyPatch, now: slice
) -> None:
    monkeypatch.setattr(indexing, "GROWTH", 0.01)
    _, before = indexer.index(reviews[:2])
    index, parts = indexer.index(reviews[now], before)
    assert parts.folders != before.folders and len(parts.folders) == 1
    assert [*index.reviews.values()] == reviews[now] and not parts.gone


@pytest.mark.parametrize("reason", ["small", "made otherwise", "damaged", "gone"])
def test_an_index_that_is_not_as_it_would_be_made_today_does_not_grow(
    indexer: Indexer, reviews: list[Review], monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    _, before = indexer.index(reviews[:2])
    (base,) = before.folders
    if reason == "small":
        monkeypatch.setattr(indexing, "LARGE", 1_000)
    elif reason == "made otherwise":
        monkeypatch.setattr(indexing, "makers", lambda *_: "another")
    elif reason == "damaged":
        (indexer.data / base / "ids.json").write_text("{}")
    index, parts = indexer.index(reviews, Parts(folders=("index-gone",)) if reason == "gone" else before)
    assert len(parts.folders) == 1 and [*index.reviews.values()] == reviews
