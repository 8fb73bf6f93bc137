"""A reader's own files are asked with the shelf by whoever knows their secret, by no one else, and for a while."""

from __future__ import annotations

import os
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from rag.errors import FilesNotChanged
from rag.pipeline import ask
from rag.shelf import OwnFiles, is_own, own_files, sweep
from rag.shelf.library import Library
from rag.sources import original
from tests.engine import Shelf, invented, lexical
from tests.invented import PAGES

ZINC = """# Zinc lozenges and the common cold

Ada Quill, Bo Flint. J Colds. 2021.

## Abstract

Zinc lozenges shortened colds by two days in a trial of 120 adults. Sore throats were as frequent with zinc as without.
"""
QUESTION = "Do zinc lozenges shorten colds?"


@pytest.fixture
def own(tmp_path: Path) -> OwnFiles:
    return OwnFiles(tmp_path, "a reader and a conversation")


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return lexical()


def asked(own: OwnFiles, shelf: Shelf, question: str = QUESTION) -> tuple[Library, str]:
    library = own.library(shelf.library)
    return library, ask(question, library).text


def test_a_file_is_asked_together_with_the_shelf(own: OwnFiles, shelf: Shelf) -> None:
    told = own.add("zinc.md", ZINC.encode())
    library, text = asked(own, shelf)
    assert (told.file, len(told.reviews), told.refused) == ("zinc.md", 1, ())
    assert "shortened colds by two days" in text
    assert [review.title for review in library.reviews if is_own(review)] == ["Zinc lozenges and the common cold"]
    assert len(library.reviews) == 1 + len(shelf.library.reviews)
    assert library.files[-1].file == "your files/zinc.md"
    (review,) = filter(is_own, library.reviews)
    assert review.files == ("your files/zinc.md",) and original(review, own.holdings.folder) == ZINC.encode()


def test_whoever_has_another_secret_finds_nothing_of_it(own: OwnFiles, shelf: Shelf, tmp_path: Path) -> None:
    own.add("zinc.md", ZINC.encode())
    own.library(shelf.library)
    other = OwnFiles(tmp_path, "another reader")
    assert other.library(shelf.library) is shelf.library and other.stamp == ""
    other.add("apnoea.md", ZINC.replace("Zinc", "Iron").replace("zinc", "iron").encode())
    library, text = asked(other, shelf)
    assert "shortened" not in text and not any("Zinc" in review.text for review in library.reviews)
    assert "a reader" not in str([*tmp_path.rglob("*")])


def test_the_shelf_itself_is_not_changed(own: OwnFiles, shelf: Shelf) -> None:
    before = ask(QUESTION, shelf.library)
    own.add("zinc.md", ZINC.encode())
    asked(own, shelf)
    assert ask(QUESTION, shelf.library) == before and before.outcome == "not_found"


def test_a_file_that_cannot_be_read_is_told_and_not_kept(own: OwnFiles, shelf: Shelf) -> None:
    told = own.add("scan.pdf", b"%PDF-1.7 nothing")
    assert told.kind == "" and told.refused[0].startswith("scan.pdf: the file")
    assert own.holdings.names == [] and own.library(shelf.library) is shelf.library


def packed(files: dict[str, bytes]) -> bytes:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for name, content in files.items():
            written.writestr(name, content)
    return archive.getvalue()


def test_an_archive_is_its_files_each_with_its_report_its_place_and_its_paper(own: OwnFiles, shelf: Shelf) -> None:
    iron = ZINC.replace("Zinc", "Iron").replace("zinc", "iron").encode()
    files = {"a/paper.md": ZINC.encode(), "b/paper.md": iron, "scan.pdf": b"%PDF-1.7 no", "__MACOSX/._a": b"x"}
    told = [*own.add_each("papers.zip", packed(files))]
    assert [(file.file, len(file.reviews), bool(file.refused)) for file in told] == [
        ("a - paper.md", 1, False),
        ("b - paper.md", 1, False),
        ("scan.pdf", 0, True),
    ]
    assert own.holdings.names == ["a - paper.md", "b - paper.md"]
    library, text = asked(own, shelf)
    assert "shortened colds by two days" in text and len([*filter(is_own, library.reviews)]) == 2


def test_a_damaged_archive_is_told_and_a_large_one_is_kept_as_far_as_there_is_room(
    own: OwnFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    (told,) = own.add_each("papers.zip", b"PK\x03\x04 and no more")
    assert "papers.zip" in told.refused[0] and "make it again" in told.refused[0]
    monkeypatch.setattr(own_files, "MOST_FILES", 2)
    with pytest.raises(FilesNotChanged, match=r"no room for 2\.md"):
        list(own.add_each("papers.zip", packed({f"{n}.md": ZINC.encode() for n in range(5)})))
    assert own.holdings.names == ["0.md", "1.md"]


def test_a_paper_that_is_on_the_shelf_is_asked_as_it_stands_there(own: OwnFiles, shelf: Shelf) -> None:
    name, page = next(iter(PAGES.items()))
    own.add(name, page if isinstance(page, bytes) else page.encode())
    assert [*own.library(shelf.library).reviews] == [*shelf.library.reviews]


def test_files_taken_away_are_asked_no_more_and_brought_back_are(own: OwnFiles, shelf: Shelf) -> None:
    own.add("zinc.md", ZINC.encode())
    stamp = own.stamp
    own.holdings.take_away("zinc.md")
    assert own.library(shelf.library) is shelf.library and own.stamp != stamp
    own.holdings.bring_back("zinc.md")
    assert "two days" in asked(own, shelf)[1]


def test_forgotten_files_are_gone_with_all_that_was_read_in_them(own: OwnFiles, shelf: Shelf) -> None:
    own.add("zinc.md", ZINC.encode())
    own.library(shelf.library)
    own.forget()
    assert not own.folder.exists() and own.library(shelf.library) is shelf.library
    own.forget()


def test_there_is_room_for_so_many_files_and_bytes(own: OwnFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "MOST_FILES", 2)
    for name in ("a.md", "b.md", "b.md"):
        own.add(name, ZINC.encode())
    with pytest.raises(FilesNotChanged, match=r"no room for c\.md.*at most 2 files"):
        own.add("c.md", ZINC.encode())
    monkeypatch.setattr(own_files, "LARGEST_FILE", 10)
    assert "put it on the shelf" in own.add("a.md", ZINC.encode()).refused[0]
    assert own.holdings.names == ["a.md", "b.md"]


def test_files_that_nobody_used_for_a_day_are_removed(own: OwnFiles, tmp_path: Path) -> None:
    others = OwnFiles(tmp_path, "another")
    for one in (own, others):
        one.add("zinc.md", ZINC.encode())
    sweep(tmp_path)
    assert own.folder.exists()
    past = time.time() - own_files.SECONDS_UNUSED - 60
    os.utime(own.folder, (past, past))
    sweep(tmp_path)
    assert (own.folder.exists(), others.folder.exists()) == (False, True)


def test_the_ones_unused_for_longest_make_room(own: OwnFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_files, "ALL_BYTES", 60_000)
    own.add("zinc.md", ZINC.encode())
    os.utime(own.folder, (1, time.time() - 600))
    others = OwnFiles(tmp_path, "another")
    others.add("zinc.md", (ZINC + "Zinc is a metal. " * 3_000).encode())
    assert (own.folder.exists(), others.folder.exists()) == (False, True)


def test_a_conversation_that_goes_on_elsewhere_takes_its_files_along(
    own: OwnFiles, shelf: Shelf, tmp_path: Path
) -> None:
    own.add("zinc.md", ZINC.encode())
    later = OwnFiles(tmp_path, "the same reader, another conversation")
    later.follow(own)
    own.forget()
    assert "two days" in asked(later, shelf)[1]
    OwnFiles(tmp_path, "a third").follow(own)


def test_with_a_model_they_are_found_by_sense_as_well(own: OwnFiles) -> None:
    shelf = invented()
    own.add("zinc.md", ZINC.encode())
    library, text = asked(own, shelf, QUESTION)
    assert library.index.manifest.embedder and "shortened colds by two days" in text
