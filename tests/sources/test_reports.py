"""What is told of each file: what was read, how much of it can be searched, what a reader should look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.sources import FileReport, read_folder
from rag.sources.kept_readings import KeptReadings
from rag.sources.source_file import Reading

PAPER = "# Lamps at dusk\n\n**DOI:** 10.5555/lamp.9\n\n## Abstract\n\nMoths like lamps, and we say why, at length.\n"


def only_report(folder: Path) -> FileReport:
    (file,) = read_folder(folder).files
    return file


def test_every_file_stands_in_the_report_read_or_not(tmp_path: Path) -> None:
    for name, content in {
        "a.md": PAPER,
        "b.bin": "\0\1\2" * 99,
        "sub/c": PAPER.replace("9", "8"),
        "d.rtf": "{\\rtf1 x}",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    folder = read_folder(tmp_path)
    assert [(file.file, len(file.reviews), len(file.refused)) for file in folder.files] == [
        ("a.md", 1, 0),
        ("b.bin", 0, 1),
        ("d.rtf", 0, 1),
        ("sub/c", 1, 0),
    ]
    assert folder.skipped == (
        "b.bin: the file is binary, not text",
        "d.rtf: the file is a rich-text file; save it as .docx or as plain text",
    )


def test_a_text_of_which_little_can_be_searched_is_to_be_looked_at(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(PAPER + "\n## Acknowledgements\n\n" + "We thank all moths of the wood. " * 40)
    told = only_report(tmp_path)
    assert told.searchable < 0.6
    assert [line.split(",")[0] for line in told.warnings] == [
        "only 3% of it can be searched",
        "91% of it",
    ]
    assert "below “Acknowledgements”" in told.warnings[1]


def test_a_text_of_which_most_can_be_searched_is_not_even_with_many_references(tmp_path: Path) -> None:
    text = PAPER + "\n## Discussion\n\n" + "Lamps are lit. " * 60 + "\n\n## References\n\n" + "1. Doe J. Moths.\n" * 80
    (tmp_path / "a.md").write_text(text)
    assert only_report(tmp_path).warnings == ()


def kept(folder: Path) -> KeptReadings:
    return KeptReadings(folder / "readings.sqlite3")


def test_what_was_read_is_kept_by_its_bytes_and_its_name(tmp_path: Path) -> None:
    reading = Reading("PDF", (), 7, ("a line",))
    with kept(tmp_path) as first:
        first.keep("a.pdf", b"lamp", reading)
    with kept(tmp_path) as again:
        assert again.find("a.pdf", b"lamp") == reading
        assert again.find("a.pdf", b"lamps") is again.find("b.pdf", b"lamp") is None
    with KeptReadings(None) as nothing:
        nothing.keep("a.pdf", b"lamp", reading)
        assert nothing.find("a.pdf", b"lamp") is None


def test_a_file_with_the_stamp_that_it_had_is_not_even_opened(tmp_path: Path) -> None:
    with kept(tmp_path) as first:
        first.keep("a.md", b"lamp", Reading("note", (), 4), "a.md:4:1", at_once=False)
    with kept(tmp_path) as again:
        assert again.unchanged("a.md:4:1") == Reading("note", (), 4)
        assert again.unchanged("a.md:4:2") is again.unchanged("") is None
        assert again.find("a.md", b"lamp", "a.md:4:2")
    with kept(tmp_path) as later:
        assert later.unchanged("a.md:4:2")


def test_readings_of_files_that_are_long_gone_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.sources.kept_readings.KEPT_AT_LEAST", 0)
    with kept(tmp_path) as readings:
        for at in range(5):
            readings.keep(f"{at}.md", b"lamp", Reading("note", (), at), f"{at}")
        readings.prune(1)
        held = [at for at in range(5) if readings.find(f"{at}.md", b"lamp")]
    assert held == [2, 3, 4]


@pytest.mark.parametrize("damage", [b"{", b"SQLite format 3\0" + b"x" * 5000])
def test_what_is_kept_in_a_damaged_file_is_read_again(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "readings.sqlite3").write_bytes(damage)
    with kept(tmp_path) as readings:
        assert readings.find("a.pdf", b"lamp") is readings.unchanged("stamp") is None
        readings.keep("a.pdf", b"lamp", Reading("PDF", (), 7))
    with kept(tmp_path) as again:
        assert again.find("a.pdf", b"lamp") == Reading("PDF", (), 7)


def test_where_nothing_can_be_kept_all_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with kept(tmp_path / "file") as readings:
        readings.keep("a.pdf", b"lamp", Reading("PDF", (), 7))
        assert readings.find("a.pdf", b"lamp") is None


def test_records_of_a_database_are_no_text_of_which_little_can_be_searched(tmp_path: Path) -> None:
    (tmp_path / "a.ris").write_text("TY  - JOUR\nTI  - Moths at lamps\nAU  - Wick, Ada\nPY  - 2021\nER  - \n")
    told = only_report(tmp_path)
    assert told.searchable == 0 and told.warnings == ()
