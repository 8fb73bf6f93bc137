"""Topics and phrases: what reviews treat, in their own words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.disagreement import disagreements
from rag.phrases import phrases
from rag.topics import sentences_of, topics
from tests.compared import AGAINST, FOR, lamps
from tests.engine import brief, invented

SENTENCE = "The minimum biofilm eradication concentration is still measured differently in every laboratory."


def test_a_phrase_is_a_stretch_of_the_text_that_names_something():
    found = [(phrase.text, SENTENCE[phrase.start : phrase.end]) for phrase in phrases(SENTENCE, 0, len(SENTENCE))]
    assert found and all(text == stretch for text, stretch in found)
    assert "biofilm eradication concentration" in [text for text, _ in found]


@given(st.text(max_size=300))
def test_phrases_of_any_text_lie_in_it_in_order(text):
    spans = [(phrase.start, phrase.end) for phrase in phrases(text, 0, len(text))]
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_topics_are_worded_as_the_reviews_word_them():
    library = invented().library
    said = "\n".join(library.prose(review) for review in library.reviews).casefold()
    names = [topic.name for topic in topics(library, library.reviews)]
    assert names and all(name.casefold() in " ".join(said.split()) for name in names)


@brief
@given(st.permutations(range(3)))
def test_the_order_of_the_reviews_changes_no_topic(order):
    library = lamps().library
    shuffled = [library.reviews[at] for at in order]
    assert {t.name for t in topics(library, shuffled)} == {t.name for t in topics(library, library.reviews)}


def test_contradictions_anywhere_are_found_with_their_sentences():
    library = lamps().library
    found = disagreements(library, library.reviews)
    sentences = {(r.id, *span) for r in library.reviews for span in sentences_of(library, r)}
    assert {line[0] for one in found for line in one.lines} == {FOR, AGAINST}
    assert all(line in sentences for one in found for line in one.lines)


def test_one_review_contradicts_nothing():
    library = lamps().library
    assert disagreements(library, library.reviews[:1]) == []
