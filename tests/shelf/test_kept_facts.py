"""What papers state of themselves is kept: one that did not change is not gone through again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.settings import Settings
from rag.shelf import Library, library, open_library
from rag.shelf.kept_facts import FILE, KeptFacts
from rag.shelf.paper_facts import Fact, PaperFacts
from rag.types import Review, Section
from tests.engine import no_model, write_pages
from tests.invented import MUSIC_TEXT

TEXT = "We randomised 120 volunteers to lamps."
PAPER = Review("paper", "Lamps", TEXT, (Section("Abstract", "abstract", "authors", 0, len(TEXT)),))
FACTS = PaperFacts("abstract", (Fact("randomised trial", (3, 13)),), Fact("120", (14, 17)))


def test_facts_are_found_again_until_the_paper_changes(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path / FILE)
    kept.keep(PAPER, True, FACTS)
    kept.write()
    again = KeptFacts(tmp_path / FILE)
    assert again.find(PAPER, True) == FACTS
    assert again.find(PAPER, False) is None
    assert again.find(Review("paper", "Lamps", f"{TEXT} ", PAPER.sections), True) is None


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_damaged_file_is_made_anew(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    kept = KeptFacts(tmp_path / FILE)
    assert kept.find(PAPER, True) is None
    kept.keep(PAPER, True, FACTS)
    kept.write()
    assert kept.find(PAPER, True) == FACTS


def test_where_nothing_can_be_kept_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = KeptFacts(tmp_path / "file" / FILE)
    kept.keep(PAPER, True, FACTS)
    kept.write()
    assert kept.find(PAPER, True) is None


def test_of_a_reader_s_own_papers_nothing_is_kept(tmp_path: Path) -> None:
    kept = KeptFacts(tmp_path / FILE)
    lent = kept.lent()
    lent.keep(PAPER, True, FACTS)
    lent.write()
    kept.write()
    assert kept.find(PAPER, True) is None and lent.find(PAPER, True) is None


def test_a_library_that_is_opened_again_goes_through_no_paper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(seeds=write_pages(tmp_path / "pages", {"music.txt": MUSIC_TEXT}), data=tmp_path / "data")
    with no_model():
        first: Library = open_library(settings)
        stated = [first.facts(review) for review in first.reviews]

        def gone_through(*_: object) -> PaperFacts:
            raise AssertionError

        monkeypatch.setattr(library, "paper_facts", gone_through)
        again = open_library(settings)
        assert [again.facts(review) for review in again.reviews] == stated
