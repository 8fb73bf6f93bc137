"""Whatever the text, every section and entity is an exact, trimmed span of it, and no paragraph is lost."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import strategies as st

from rag.sources import plain, pubmed, summary
from rag.sources.lines import split_lines
from rag.types import Review
from tests.sources.files import only_review, text_file

STRUCTURE = [
    "# A title of some length",
    "## TL;DR",
    "## Abstract",
    "## Linked entities",
    "- **Genes:** A1 (a (nested) b) [NCBI Gene 1] {aka B, C}, D, E)",
    "**Authors:** Ann Wick, Bo Flint",
    "PMC · DOI: 10.5555/lamp.9 · 2024-05-01",
    "---",
    "Source: https://pages.example/PMC1234567",
    "Access keys NCBI Homepage MyNCBI Homepage",
    "PubMed Disclaimer",
    "Review",
    "J Lamp",
    ". 2024 May;1(2):3-4.",
    "doi: 10.5555/lamp.9. Epub 2024 Jan 1.",
    "Ann Wick 1, Bo Flint 2",
    "Affiliations",
    "1 Institute of Lamps.",
    "PMID: 123456",
    "PMID:",
    "Ann Wick et al. J Lamp. 2024 May.",
    "Abstract",
    "Background:",
    "Keywords: lamps; dusk.",
    "© 2024 The Authors.",
    "MeSH terms",
    "    Light, Artificial* / adverse effects",
    "Substances",
    "References",
    "LinkOut - more resources",
    "INTRODUCTION",
    "2. Methods",
    "======",
    "<!-- hidden",
    "-->",
    "A sentence that is long enough to be a paragraph of its own, because it goes on and on about lamps at dusk.",
]
LINE_ENDS = ["\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "\x0c\n", "\u2028", "\x85"]
lines_of_pages = st.lists(st.sampled_from(STRUCTURE) | st.text(max_size=60), max_size=30)
texts = st.text() | st.builds(
    lambda lines, ends: "".join(line + end for line, end in zip(lines, ends, strict=False)),
    lines_of_pages,
    st.lists(st.sampled_from(LINE_ENDS), min_size=30, max_size=30),
)


def review_of(text: str) -> Review:
    assume(split_lines(text))
    file = text_file(text)
    form = next(form for form in (summary, pubmed, plain) if form.recognises(file))
    return only_review(text, form)


@given(texts)
def test_sections_are_trimmed_spans_in_order_that_do_not_overlap(text: str) -> None:
    review = review_of(text)
    end = 0
    for section in review.sections:
        assert end <= section.start < section.end <= len(text)
        wording = text[section.start : section.end]
        assert wording == wording.strip()
        end = section.end


@given(texts)
def test_only_short_lines_stand_outside_sections(text: str) -> None:
    review = review_of(text)
    covered = bytearray(len(text))
    for section in review.sections:
        covered[section.start : section.end] = b"\1" * (section.end - section.start)
    for line in split_lines(text):
        short = line.text.startswith("#") or len(line.text) <= 100
        assert short or all(covered[line.start : line.end])


@given(texts)
def test_entities_are_spans_of_entity_sections(text: str) -> None:
    review = review_of(text)
    for entity in review.entities:
        words = text[entity.start : entity.end].replace("*", "")
        assert " ".join(words.split()).startswith(entity.name)
        assert any(s.start <= entity.start < entity.end <= s.end for s in review.sections if s.kind == "entities")


@given(texts)
def test_the_text_is_kept_as_it_is_and_read_twice_the_same(text: str) -> None:
    review = review_of(text)
    assert review.text == text
    assert review == review_of(text)
