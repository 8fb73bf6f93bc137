"""Passages are exact spans of whole sentences of one section, small enough to be read, and lose nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.settings import PROJECT
from rag.sources import read_review
from rag.text.chunking import LISTED, MAX_SENTENCE_CHARS, MAX_WORDS, OVERLAP_WORDS, chunk_review
from rag.text.sentences import sentence_spans, word_count
from rag.types import Passage, Review, Section, SectionKind
from tests.growth import grows_as_the_text

SEEDS = [read_review(path) for path in sorted((PROJECT / "seeds").glob("0*.txt"))]
KINDS = [kind for kind in get_args(SectionKind) if kind not in LISTED]

prose = st.integers(1, 90).map(lambda n: "It " + "went on " * n + "and ended. ")
unstopped = st.sampled_from(["x" * 1500, "ab cd; " * 300, "word " * 400, "x \n" * 700, "a\u0301;" * 900])
marks = st.sampled_from(["- ", "\n", "\r\n", "1. ", "**Genes:** ", "\x00", "😀", "\u2028", "שלום. ", " "])
odd = marks | st.text(max_size=8)
texts = st.lists(prose | prose | odd | odd | unstopped, min_size=1, max_size=14).map("".join).filter(bool)


@st.composite
def reviews(draw: st.DrawFn, kinds: list[SectionKind]) -> Review:
    """A review of any text, cut into sections anywhere, some of the text in none."""
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=8)))
    labels = st.tuples(st.sampled_from(kinds), st.sampled_from(["authors", "page"]))
    cut = [Section(f"Section {start}", *draw(labels), start, end) for start, end in pairwise(cuts)]
    return review_of(text, *(section for section in cut if draw(st.integers(0, 4))))


def review_of(text: str, *sections: Section) -> Review:
    return Review("10.1000/lamp", "On lamps", text, sections)


def body_of(text: str, kind: SectionKind = "body") -> Review:
    return review_of(text, Section("Body", kind, "authors", 0, len(text)))


def assert_exact(review: Review, passages: list[Passage]) -> None:
    for passage in passages:
        assert passage.review_id == review.id
        assert passage.text == review.text[passage.start : passage.end] == passage.text.strip() != ""
        assert (passage.start, passage.end) == (passage.sentences[0][0], passage.sentences[-1][1])
        assert all(a < b <= c < d for (a, b), (c, d) in pairwise(passage.sentences))
        assert all(review.text[a:b] == review.text[a:b].strip() != "" for a, b in passage.sentences)


def by_section(review: Review) -> list[tuple[Section, list[Passage]]]:
    """The passages of each section; fails when a passage is in none, or in the wrong order."""
    passages = chunk_review(review)
    found = [
        (section, [p for p in passages if section.start <= p.start and p.end <= section.end])
        for section in review.sections
    ]
    assert [p for _, own in found for p in own] == passages
    return found


@given(reviews(KINDS))
def test_a_passage_is_exactly_its_span_and_made_of_trimmed_sentences(review):
    assert_exact(review, chunk_review(review))


@given(reviews(list(LISTED)))
@example(body_of("a\n\nb", "references"))
def test_so_are_the_passages_of_lists(review):
    assert_exact(review, chunk_review(review))


@given(reviews(KINDS))
def test_a_passage_lies_in_one_section_and_is_labelled_by_it(review):
    for section, passages in by_section(review):
        expected = (section.heading, section.kind, section.provenance)
        assert all((p.heading, p.kind, p.provenance) == expected for p in passages)


@given(reviews(KINDS))
def test_boilerplate_and_text_outside_the_sections_are_in_no_passage(review):
    assert not any(passages for section, passages in by_section(review) if section.kind == "boilerplate")


@given(reviews(KINDS))
def test_every_sentence_of_a_section_is_in_a_passage_whole_or_as_its_pieces(review):
    for section, passages in by_section(review):
        spans = sorted({span for passage in passages for span in passage.sentences})
        assert all(b <= c for (_, b), (c, _) in pairwise(spans))
        for start, end in sentence_spans(review.text, section.start, section.end) if passages else []:
            pieces = [(a, b) for a, b in spans if start <= a and b <= end]
            assert pieces[0][0] == start and pieces[-1][1] == end
            assert len(pieces) == 1 or end - start > MAX_SENTENCE_CHARS
            assert not any(review.text[b:c].strip() for (_, b), (c, _) in pairwise(pieces))
        assert passages or section.kind == "boilerplate" or not review.text[section.start : section.end].strip()


@given(reviews(KINDS))
def test_a_passage_has_few_words_or_a_single_sentence_and_sentences_are_short(review):
    for passage in chunk_review(review):
        counts = [word_count(review.text[a:b]) for a, b in passage.sentences]
        assert sum(counts) <= MAX_WORDS or len(counts) == 1
        assert all(b - a <= MAX_SENTENCE_CHARS for a, b in passage.sentences)


@given(reviews(KINDS))
def test_neighbours_share_a_few_whole_sentences_and_each_adds_one(review):
    for _, passages in by_section(review):
        for one, other in pairwise(passages):
            shared = [span for span in one.sentences if span in other.sentences]
            assert one.sentences[len(one.sentences) - len(shared) :] == other.sentences[: len(shared)] == tuple(shared)
            assert len(shared) < min(len(one.sentences), len(other.sentences))
            assert sum(word_count(review.text[a:b]) for a, b in shared) <= OVERLAP_WORDS


@given(reviews(KINDS))
def test_the_same_review_has_the_same_passages_each_with_its_own_id(review):
    passages = chunk_review(review)
    assert passages == chunk_review(review)
    assert len({passage.id for passage in passages}) == len(passages)


def test_passages_of_long_prose_are_filled_and_overlap():
    passages = chunk_review(body_of("The lamp was lit at dusk by a keeper of ten. " * 100))
    assert min(word_count(p.text) for p in passages[:-1]) >= 120
    assert all(two.start < one.end for one, two in pairwise(passages))


def test_no_passage_only_repeats_when_the_next_sentence_is_long():
    text = "Rain fell all day. " * 40 + "It " + "went on " * 80 + "and ended. Then it was over."
    one, other, *more = chunk_review(body_of(text))
    assert not more and one.end < other.start
    assert len(other.sentences) == 2 and other.text.startswith("It went on")


def test_a_short_section_is_one_passage():
    text = "Rain fell. " * 20 + "Snow fell. " * 20
    sections = [Section("A", "body", "authors", *span) for span in ((0, 220), (220, 440))]
    passages = chunk_review(review_of(text, *sections))
    assert [passage.text for passage in passages] == [("Rain fell. " * 20).strip(), ("Snow fell. " * 20).strip()]


@pytest.mark.parametrize("kind", LISTED)
def test_an_entry_of_a_list_is_not_cut_at_its_stops(kind):
    text = "1. Wick, A. Lamps. Nat. Rev. Lamp. 20, 3 (2020).\n2. Ember C. Dusk. J. Dusk. 1, 2 (2021)."
    (passage,) = chunk_review(body_of(text, kind))
    assert [text[a:b] for a, b in passage.sentences] == [line[3:] for line in text.split("\n")]


def test_a_review_without_sections_or_with_blank_ones_has_no_passages():
    assert chunk_review(review_of("Text.")) == chunk_review(body_of(" \n ")) == chunk_review(body_of("\n\n\n")) == []


def test_an_empty_section_has_no_passages():
    assert chunk_review(review_of("Text.", Section("A", "body", "authors", 2, 2))) == []


@pytest.mark.parametrize("text", ["ACGT" * 10_000, "细胞治疗" * 5_000 + "。"], ids=["sequence", "Chinese"])
def test_text_without_blanks_is_cut_to_readable_passages_too(text):
    assert max(len(passage.text) for passage in chunk_review(body_of(text))) <= 4 * MAX_SENTENCE_CHARS


def test_a_piece_of_an_overlong_sentence_does_not_begin_with_its_separator():
    text = "the lamp was lit; " * 100
    assert not any(text[a] == ";" for passage in chunk_review(body_of(text)) for a, _ in passage.sentences)


@pytest.mark.parametrize("review", SEEDS, ids=lambda review: review.id)
def test_passages_of_the_seeds_are_exact_and_free_of_navigation(review):
    passages = chunk_review(review)
    assert_exact(review, passages)
    assert {passage.kind for passage in passages} >= {"bibliographic", "abstract"}
    said = "\n".join(passage.text for passage in passages)
    assert review.doi in said and review.title in said
    assert not any(words in said for words in ("U.S. flag", "Access keys", "LinkOut", "PubMed Disclaimer", "full.md"))


@pytest.mark.parametrize("review", SEEDS, ids=lambda review: review.id)
def test_reading_order_is_kept(review):
    passages = chunk_review(review)
    assert [p.start for p in passages] == sorted(p.start for p in passages)


def test_time_grows_no_faster_than_the_text():
    for unit in ("The lamp was lit. ", "a\n", "\n", "x"):
        assert grows_as_the_text(lambda text: chunk_review(body_of(text)), unit, 1_000), unit
    for unit in ("ab; ", "a. b\n", "\n"):
        assert grows_as_the_text(lambda text: chunk_review(body_of(text, "references")), unit, 1_000), unit
