"""The file of a review is found again, in a folder or in an archive."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from rag.errors import UnreadableReview
from rag.settings import PROJECT
from rag.sources import original, read_again, read_folder

SEEDS = PROJECT / "seeds"
PAPER = "# Lamps at dusk\n\n**DOI:** 10.5555/lamp.9\n\n## Abstract\n\nMoths like lamps, and we say why.\n"


def test_a_seed_is_read_again_from_below_the_project() -> None:
    for review in read_folder(SEEDS).reviews:
        assert (again := read_again(review, SEEDS)) and again.text == review.text


def test_a_file_beside_the_project_and_one_in_an_archive_are_found(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/a.md").write_text(PAPER)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("deep/b.md", PAPER.replace("lamp.9", "lamp.8"))
    for review in read_folder(tmp_path).reviews:
        assert original(review, tmp_path).decode() == review.text
        assert (again := read_again(review, tmp_path)) and again.text == review.text


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAPER)
    (review,) = read_folder(tmp_path).reviews
    (tmp_path / "a.md").unlink()
    with pytest.raises(UnreadableReview, match="no longer there"):
        original(review, tmp_path)
    assert read_again(review, tmp_path) is None
