"""Stems in columns are the stems of the texts, and what a review keeps saying is its topic."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.columns import Passages
from rag.index.stem_sets import TOPIC_SENTENCES, TOPIC_SHARE, StemSets, review_topics, sentence_stems
from rag.text.chunking import chunk_review
from rag.text.terms import stem, stem_set, stems
from rag.types import PROSE, Passage, Review, Section

ABSTRACT = "Lamps burn at dusk. The lamp of Wick is lit. Lamps are dear. Oil is dear."
REFERENCES = "\n".join(f"Keeper {number}. On herons." for number in range(9))


def columns(*texts: str) -> Passages:
    reviews = [_review(f"10.1/{number}", text) for number, text in enumerate(texts)]
    return Passages.of(reviews, [passage for review in reviews for passage in chunk_review(review)])


def _review(name: str, abstract: str) -> Review:
    at = len(abstract)
    sections = (
        Section("Abstract", "abstract", "authors", 0, at),
        Section("References", "references", "authors", at + 1, at + 1 + len(REFERENCES)),
    )
    return Review(name, "On oil", f"{abstract}\n{REFERENCES}", sections, mesh=("Moths",))


@given(st.lists(st.lists(st.sampled_from("abcdefg"), max_size=6), max_size=6))
def test_sets_are_what_was_given(sets: list[list[str]]) -> None:
    kept = StemSets.of(sets)
    assert [kept[number] for number in range(len(kept))] == [frozenset(one) for one in sets]
    assert kept.frequency() == Counter(stem for one in sets for stem in set(one))


def test_the_stems_of_a_sentence_are_those_of_its_text() -> None:
    passages = columns(ABSTRACT, "CAR T cells of IFN-γ, 1.5 mg.")
    kept = sentence_stems(passages)
    assert [kept[n] for n in range(len(kept))] == [stem_set(text) for text in passages.sentence_texts()]


def test_the_topics_are_the_title_the_index_terms_the_opening_and_what_is_said_again_and_again() -> None:
    passages = columns(ABSTRACT, "One sentence on gas.")
    topics = review_topics(passages, sentence_stems(passages))
    assert topics[0] == {*stems("On oil Moths Lamps burn at dusk."), stem("lamps")}
    assert "heron" not in topics[0] and "dear" not in topics[0]
    assert topics[1] == {*stems("On oil Moths One sentence on gas.")}


def counted(review: Review, passages: list[Passage]) -> frozenset[str]:
    """The same by counting, one review at a time."""
    spans = {span for p in passages if p.kind in PROSE for span in p.sentences}
    counts = Counter(form for start, end in spans for form in set(stems(review.text[start:end])))
    frequent = {form for form, count in counts.items() if count >= max(TOPIC_SENTENCES, TOPIC_SHARE * len(spans))}
    opening = [review.text[slice(*p.sentences[0])] for p in passages if p.kind == "abstract"]
    return frozenset({*stems("\n".join([review.title, *review.mesh, *opening[:2]])), *frequent})


sentences = st.lists(st.sampled_from(["lamp", "oil", "dusk", "moth", "B cell", "CAR T"]), min_size=1, max_size=4)
abstracts = st.lists(sentences.map(lambda words: f"The {' '.join(words)}."), min_size=1, max_size=40).map(" ".join)


@given(st.lists(abstracts, min_size=1, max_size=4))
def test_the_topics_are_those_that_counting_finds(texts: list[str]) -> None:
    passages = columns(*texts)
    topics = review_topics(passages, sentence_stems(passages))
    for number, review in enumerate(passages.reviews):
        assert topics[number] == counted(review, [p for p in passages if p.review_id == review.id])


@pytest.mark.parametrize("texts", [(), ("",)])
def test_a_library_without_text_has_no_stems(texts: tuple[str, ...]) -> None:
    passages = Passages.of([Review(str(n), "", text, ()) for n, text in enumerate(texts)], [])
    topics = review_topics(passages, sentence_stems(passages))
    assert [topics[n] for n in range(len(topics))] == [frozenset()] * len(texts)
