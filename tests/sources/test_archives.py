"""Zip archives: the files in them are read as files of a folder, within limits."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from rag.errors import UnreadableReview
from rag.sources import read_folder
from rag.sources.archives import is_archive, members

PAPER = "# Lamps at dusk {0}\n\n**DOI:** 10.5555/lamp.{0}\n\n## Abstract\n\nMoths like lamps, and we say why.\n"


def packed(files: dict[str, bytes | str]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_papers_in_an_archive_in_a_folder_are_reviews_of_their_own(tmp_path: Path) -> None:
    inner = packed({"deep/c.md": PAPER.format(3)})
    content = packed({"a.md": PAPER.format(1), "sub/b.md": PAPER.format(2), "inner.zip": inner, "__MACOSX/._a.md": "x"})
    (tmp_path / "shelf.zip").write_bytes(content)
    folder = read_folder(tmp_path)
    assert [review.doi for review in folder.reviews] == ["10.5555/lamp.1", "10.5555/lamp.3", "10.5555/lamp.2"]
    assert folder.reviews[1].files == (f"{tmp_path.name}/shelf.zip/inner.zip/deep/c.md",)
    assert folder.skipped == ()


def test_paths_that_lead_out_of_an_archive_stay_names(tmp_path: Path) -> None:
    (tmp_path / "evil.zip").write_bytes(packed({"../../outside.md": PAPER.format(1), "/root.md": PAPER.format(2)}))
    folder = read_folder(tmp_path)
    assert [file.file for file in folder.files] == ["evil.zip/outside.md", "evil.zip/root.md"]
    assert not (tmp_path.parent / "outside.md").exists()


def test_an_archive_that_swells_is_not_unpacked() -> None:
    found = dict(members(packed({"bomb.md": b"\0" * 50_000_000, "a.md": PAPER.format(1)}), "shelf.zip"))
    assert "shelf.zip/bomb.md: the file unpacks to 50 MB" in str(found["bomb.md"])
    assert isinstance(found["a.md"], bytes)


def test_a_damaged_archive_says_so_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "cut.zip").write_bytes(packed({"a.md": PAPER.format(1)})[:60])
    (tmp_path / "good.md").write_text(PAPER.format(2))
    folder = read_folder(tmp_path)
    assert folder.skipped == ("cut.zip: the archive is damaged; make it again",)
    assert len(folder.reviews) == 1


def test_an_office_document_is_no_archive_of_papers() -> None:
    assert not is_archive(packed({"[Content_Types].xml": "", "word/document.xml": ""}))
    assert is_archive(packed({"a.md": ""}))
    with pytest.raises(UnreadableReview):
        list(members(b"PK\x03\x04 and nothing", "no.zip"))
