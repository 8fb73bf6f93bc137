"""A file as the product sees it, as text and as HTML."""

from __future__ import annotations

from rag.exports import file_line, reading_html, reading_text
from rag.sources import FileReport, Reading
from rag.types import Review, Section

TEXT = "Moths\n\nMoths like <b>lamps</b>.\n\nMenu"
MOTHS = Review(
    id="10.5555/m.1",
    title="Moths",
    text=TEXT,
    sections=(
        Section("Title", "bibliographic", "authors", 0, 5),
        Section("Summary", "summary", "note", 7, 31),
        Section("Page", "boilerplate", "page", 33, 37),
    ),
    doi="10.5555/m.1",
    status="retracted",
)
READING = Reading("text", (MOTHS,), len(TEXT), ("record 2: no title",), guessed=True)


def test_a_file_in_a_line_names_what_can_be_searched_and_what_the_rest_is() -> None:
    report = FileReport("m.md", "text", ("x", "y"), (("body", 0.5), ("references", 0.301), ("entities", 0.001)))
    assert file_line(report) == "m.md: text, 2 reviews, 50% searchable, references 30%"
    assert file_line(FileReport("m.bin", refused=("m.bin: binary",))) == "m.bin: not read"


def test_the_text_shows_facts_and_sections_and_what_was_not_read() -> None:
    text = reading_text(READING, "m.md")
    assert text.startswith("m.md: text, 1 review, 65% searchable")
    for line in (
        "Not read: record 2: no title",
        "Authors   not stated",
        "Status    retracted",
        "── Summary (summary, a note)",
    ):
        assert line in text
    assert "\x1b" not in text and "\x1b[32m── Summary" in reading_text(READING, "m.md", colors=True)


def test_the_html_acts_on_nothing_in_the_text() -> None:
    html = reading_html(MOTHS)
    assert "&lt;b&gt;lamps" in html and "<b>" not in html
    assert [kind in html for kind in ("kind-searched", "kind-bibliographic", "kind-boilerplate")] == [True] * 3
