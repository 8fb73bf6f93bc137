"""Of a preprint and its article one is asked, and the other is there by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag.pipeline import ask
from rag.settings import Settings
from rag.shelf import Catalogue, open_library
from rag.shelf.library import Library
from rag.shelf.versions import spoken_for
from rag.types import Review, Section
from tests.engine import no_model

TITLE = "Amber lamps and the moths of a northern valley"


def paper(name: str, words: int = 50, **facts: object) -> Review:
    text = "Moths came to lamps. " * words
    review = Review(
        name, TITLE, text, (Section("Text", "body", "authors", 0, len(text)),), ("Ann Wick", "Bo Flint"), year=2021
    )
    return replace(review, **facts)


PREPRINT = paper("preprint", status="preprint", year=2020)


@pytest.mark.parametrize(
    ("article", "expected"),
    [
        (paper("article"), {"preprint": "article"}),
        (paper("article", title=f"{TITLE}: a count"), {"preprint": "article"}),
        (paper("article", 10), {"article": "preprint"}),
        (paper("article", authors=("Cy Reed",)), {}),
        (paper("article", title="Amber lamps and the bats of a southern hill"), {}),
        (paper("article", year=2019), {}),
        (paper("article", year=2030), {}),
        (paper("article", status="preprint"), {}),
    ],
)
def test_one_version_speaks_for_the_other(article: Review, expected: dict[str, str]) -> None:
    others = [paper(f"other-{at}", title=f"Wicks and weather in year {at}") for at in range(3)]
    assert spoken_for(Catalogue([PREPRINT, *others, article])) == expected
    assert spoken_for(Catalogue([article, PREPRINT])) == expected


PREPRINT_PAGE = f"""# {TITLE}

Ann Wick, Bo Flint

**Journal:** medRxiv

**Date:** 2020

**DOI:** 10.1101/2020.01.01.20000001

## Abstract

We randomised 120 volunteers to lamps. Moths came to amber lamps in nine of ten nights. This article is a preprint and
has not been peer-reviewed.
"""
ARTICLE_PAGE = f"""# {TITLE}

Ann Wick, Bo Flint

**Journal:** J Moth

**Date:** 2021

**DOI:** 10.5555/moth.7

## Abstract

We randomised 118 volunteers to lamps. Moths came to amber lamps in eight of ten nights, and to white lamps in all of
them, as long as it was warm and dark.
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Library:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "preprint.md").write_text(PREPRINT_PAGE)
    (tmp_path / "pages" / "article.md").write_text(ARTICLE_PAGE)
    with no_model():
        library = open_library(Settings(seeds=tmp_path / "pages", data=tmp_path / "data"))
    reviews = {r.id: replace(r, status="preprint") if "10.1101" in r.id else r for r in library.reviews}
    return replace(library, index=replace(library.index, reviews=reviews))


def test_the_article_is_asked_and_the_preprint_by_name(shelf: Library) -> None:
    asked = ask("In how many nights did moths come to amber lamps?", shelf)
    assert [citation.quote.review_id for citation in asked.quoted] == ["10.5555/moth.7"]
    assert [one.review_id for one in asked.coverage] == ["10.5555/moth.7"]
    named = ask("In how many nights did moths come to amber lamps, says preprint.md?", shelf)
    assert {citation.quote.review_id for citation in named.quoted} == {"10.1101/2020.01.01.20000001"}


def test_what_the_article_states_otherwise_than_the_preprint_is_told(shelf: Library) -> None:
    by_id = shelf.index.reviews
    assert shelf.changed(by_id["10.1101/2020.01.01.20000001"]) == ["participants: 120, then 118"]
    assert shelf.changed(by_id["10.5555/moth.7"]) == []
