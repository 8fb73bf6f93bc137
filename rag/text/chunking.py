"""A review becomes passages: whole sentences of one section, with their place in the text."""

from __future__ import annotations

from collections.abc import Iterator

from rag.text.sentences import line_spans, sentence_spans, word_count
from rag.types import PROSE, Passage, Review, Section, Span

# Enters the fingerprint of an index: raise it whenever passages or sentence spans would change.
CHUNKER_VERSION = "5"
# MiniLM reads 256 word pieces, about 180 words of biomedical prose.
MAX_WORDS = 180
OVERLAP_WORDS = 40
# Sections of entries, not of prose: "Nat. Rev. Immunol. 20, 359 (2020)." is one of them.
LISTED = ("bibliographic", "references", "entities")
# Longer "sentences" are text without stops (tables, sequences); they are cut so that a quote stays readable.
MAX_SENTENCE_CHARS = 1200
# Text without blanks counts as words of so many characters.
LONGEST_WORD = 20


def chunk_review(review: Review) -> list[Passage]:
    """Return the passages of a review in reading order; boilerplate yields none."""
    return [
        _passage(review, section, sentences)
        for section in review.sections
        if section.kind != "boilerplate"
        for sentences in _groups(review.text, _section_sentences(review.text, section))
    ]


def in_context(passage: Passage, title: str) -> str:
    """Return what is searched for a passage: findings are read under the title of their review and their heading."""
    if passage.kind not in PROSE:
        return passage.text
    heading = passage.heading if passage.kind == "body" else ""
    return "\n".join(filter(None, (title, heading, passage.text)))


def _section_sentences(text: str, section: Section) -> list[Span]:
    cut = line_spans if section.kind in LISTED else sentence_spans
    spans = cut(text, section.start, section.end)
    return [piece for span in spans for piece in _pieces(text, *span)]


def _pieces(text: str, start: int, end: int) -> list[Span]:
    """Cut a span without stops at white space where there is some."""
    if end - start <= MAX_SENTENCE_CHARS:
        return [(start, end)]
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=MAX_SENTENCE_CHARS,
        chunk_overlap=0,
        add_start_index=True,
        separators=["\n", "; ", " ", ""],
        keep_separator="end",
    )
    pieces = splitter.create_documents([text[start:end]])
    starts = [start + piece.metadata["start_index"] for piece in pieces]
    return [(at, at + len(piece.page_content)) for at, piece in zip(starts, pieces, strict=True)]


def _groups(text: str, sentences: list[Span]) -> Iterator[tuple[Span, ...]]:
    """Yield runs of sentences of at most MAX_WORDS, each run repeating the last words of the one before."""
    counts = [max(word_count(text[start:end]), (end - start) // LONGEST_WORD) for start, end in sentences]
    first, last = 0, 0
    while last < len(sentences):
        while last < len(sentences) and (last == first or sum(counts[first : last + 1]) <= MAX_WORDS):
            last += 1
        yield tuple(sentences[first:last])
        first = _overlap_start(counts, first, last)


def _overlap_start(counts: list[int], first: int, last: int) -> int:
    """Return the sentence at which the next run starts so that it repeats up to OVERLAP_WORDS."""
    start = last
    while start - 1 > first and sum(counts[start - 1 : last]) <= OVERLAP_WORDS:
        start -= 1
    fits = last < len(counts) and sum(counts[start : last + 1]) <= MAX_WORDS
    return start if fits else last


def _passage(review: Review, section: Section, sentences: tuple[Span, ...]) -> Passage:
    start, end = sentences[0][0], sentences[-1][1]
    return Passage(
        id=f"{review.id}#{start}-{end}",
        review_id=review.id,
        heading=section.heading,
        kind=section.kind,
        provenance=section.provenance,
        start=start,
        end=end,
        text=review.text[start:end],
        sentences=sentences,
    )
