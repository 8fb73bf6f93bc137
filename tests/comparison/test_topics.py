"""Topics: what reviews treat, in their own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.topics import THIN, topics
from rag.pipeline import ask
from rag.text.terms import stem_set
from tests.compared import lamps
from tests.comparison.test_agreement import KEEN, SILVER, WARY, honey
from tests.engine import invented, lexical
from tests.invented import BOILERPLATE

SHELVES = (invented, lamps, honey, lexical)
GENERIC = stem_set("result review study paper article research finding conclusion patient method figure table author")


@pytest.mark.parametrize("shelf", SHELVES)
def test_topics_are_worded_as_the_reviews_word_them(shelf):
    library = shelf().library
    said = " ".join(" ".join(library.prose(review) for review in library.reviews).casefold().split())
    names = [topic.name for topic in topics(library, library.reviews)]
    assert names and all(name.casefold() in said for name in names)


@pytest.mark.parametrize("shelf", SHELVES)
def test_a_topic_is_of_reviews_that_hold_its_words(shelf):
    library = shelf().library
    for topic in topics(library, library.reviews):
        assert topic.review_ids
        assert all(stem_set(topic.name) <= library.stems_of(review_id) for review_id in topic.review_ids)


@pytest.mark.parametrize("shelf", SHELVES)
def test_no_topic_is_generic_or_layout(shelf):
    library = shelf().library
    for topic in topics(library, library.reviews):
        assert not stem_set(topic.name) <= GENERIC | THIN
        assert not any(frame.casefold() in topic.name.casefold() for frame in BOILERPLATE)
        assert not any(character.isdigit() for character in topic.name.split()[0][:1])


@pytest.mark.parametrize("shelf", SHELVES)
def test_topics_of_more_reviews_come_first_and_no_two_share_a_word_that_tells(shelf):
    library = shelf().library
    found = topics(library, library.reviews)
    counts = [len(topic.review_ids) for topic in found]
    assert counts == sorted(counts, reverse=True)
    forms = [stem_set(topic.name) - THIN for topic in found]
    assert sum(map(len, forms)) == len(frozenset().union(*forms))


@pytest.mark.slow  # what is drawn is not seen to be called
@given(st.permutations(range(3)), st.sampled_from([lamps, honey]))
def test_the_order_of_the_reviews_changes_no_topic(order, shelf):
    library = shelf().library
    assert topics(library, [library.reviews[at] for at in order]) == topics(library, library.reviews)


def test_the_topics_of_some_reviews_are_theirs_alone():
    library = honey().library
    silver = [review for review in library.reviews if review.id == SILVER]
    found = topics(library, silver)
    assert found and {topic.review_ids for topic in found} == {frozenset({SILVER})}


def test_what_both_speak_of_is_a_topic_of_both():
    library = honey().library
    found = {topic.name: topic.review_ids for topic in topics(library, library.reviews)}
    assert found["wound infection"] == {KEEN, WARY, SILVER}
    assert found["deep burns"] == {KEEN, WARY}
    assert found["splints"] == {SILVER}


def test_a_comparison_of_no_reviews_says_that_none_is_asked():
    assert ask("Compare the reviews", honey().library, review_ids=[]).outcome == "not_found"


@pytest.mark.parametrize(
    ("shelf", "name"),
    [
        (honey, "dressings increased scarring"),
        (invented, "mandibular splint moves"),
        (invented, "lasted forty minutes"),
        (lamps, "whoever lives"),
    ],
)
@pytest.mark.xfail(reason="a noun with its verb, or a verb with its noun, is taken for a name; issue 14")
def test_no_topic_is_half_a_sentence(shelf, name):
    library = shelf().library
    assert name not in {topic.name for topic in topics(library, library.reviews)}
