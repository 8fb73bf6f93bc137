"""Files are put into a folder, taken away and brought back; nothing leaves the folder, and nothing is lost."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import FilesNotChanged
from rag.sources import Holdings, file_name, read_folder

LAMPS = "# Lamps\n\nLamps draw moths at night, as eight of nine counts have shown.\n"


@pytest.fixture
def holdings(tmp_path: Path) -> Holdings:
    return Holdings(tmp_path / "shelf")


def titles(holdings: Holdings) -> list[str]:
    return [review.title for review in read_folder(holdings.folder).reviews]


def test_what_is_taken_away_is_not_read_and_comes_back_as_it_was(holdings: Holdings) -> None:
    holdings.put("lamps.md", LAMPS.encode())
    assert (holdings.names, titles(holdings)) == (["lamps.md"], ["Lamps"])
    holdings.take_away("lamps.md")
    assert (holdings.names, titles(holdings)) == ([], [])
    holdings.bring_back("lamps.md")
    assert (holdings.folder / "lamps.md").read_bytes() == LAMPS.encode() and titles(holdings) == ["Lamps"]


def test_a_file_in_the_place_of_another_leaves_that_one_to_be_brought_back(holdings: Holdings) -> None:
    for content in (LAMPS, LAMPS, LAMPS.replace("# Lamps", "# Wicks")):
        holdings.put("lamps.md", content.encode())
    assert titles(holdings) == ["Wicks"]
    holdings.bring_back("lamps.md")
    assert titles(holdings) == ["Lamps"]


def test_files_in_folders_are_taken_away_too(holdings: Holdings) -> None:
    (holdings.folder / "added").mkdir(parents=True)
    (holdings.folder / "added" / "lamps.md").write_text(LAMPS)
    holdings.take_away("added/lamps.md")
    assert holdings.names == []
    holdings.bring_back("added/lamps.md")
    assert holdings.names == ["added/lamps.md"]


@pytest.mark.parametrize("name", ["gone.md", "../outside.md", "/etc/hostname", ".removed/lamps.md"])
def test_what_is_not_there_or_lies_elsewhere_cannot_be_taken_away(holdings: Holdings, name: str) -> None:
    holdings.put("lamps.md", LAMPS.encode())
    (holdings.folder.parent / "outside.md").write_text(LAMPS)
    with pytest.raises(FilesNotChanged, match="no longer there"):
        holdings.take_away(name)
    assert (holdings.folder.parent / "outside.md").exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "shelf").write_text("A file stands where the folder should be.")
    with pytest.raises(FilesNotChanged, match=r"lamps\.md could not be kept"):
        Holdings(tmp_path / "shelf").put("lamps.md", LAMPS.encode())


@given(st.text(max_size=300))
def test_any_name_becomes_one_that_stays_in_the_folder_and_is_read(name: str) -> None:
    made = file_name(name)
    assert PurePosixPath(made).name == made and not made.startswith((".", "README")) and len(made) <= 130
    assert made == file_name(made) and not {*"\\/\n\r\0\ud800"} & {*made}
