"""What is told of each file: what was read, how much of it can be searched, what a reader should look at."""

from __future__ import annotations

from pathlib import Path

from rag.sources import FileReport, read_folder
from rag.sources.kept_readings import KeptReadings, content_key
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


def test_what_was_read_is_kept_by_its_bytes_and_its_name(tmp_path: Path) -> None:
    kept, reading = KeptReadings(tmp_path / "read"), Reading("PDF", (), 7, ("a line",))
    kept.keep(content_key(b"lamp", "a.pdf"), reading)
    assert KeptReadings(tmp_path / "read").find(content_key(b"lamp", "a.pdf")) == reading
    assert kept.find(content_key(b"lamps", "a.pdf")) is None
    assert kept.find(content_key(b"lamp", "b.pdf")) is None
    assert KeptReadings(None).find(content_key(b"lamp", "a.pdf")) is None


def test_a_kept_reading_that_is_damaged_is_read_again(tmp_path: Path) -> None:
    kept, key = KeptReadings(tmp_path), content_key(b"lamp", "a.pdf")
    kept.keep(key, Reading("PDF", (), 7))
    for file in tmp_path.rglob(key):
        file.write_text("{")
    assert kept.find(key) is None
