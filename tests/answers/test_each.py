"""A question that is put to each review by itself: who answers, who is on the matter."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.answers.each import APART, Asked, Said, confidence, on_the_matter
from rag.answers.matching import Matcher, build_matcher
from rag.answers.reading import logit_of
from rag.questions import Aspect, content_terms
from tests.trials import BEES, BEETS, SALT, trials

QUESTION = "Does systolic blood pressure fall?"


def asked() -> Asked:
    library = trials().library
    return Asked(Aspect(QUESTION, content_terms(QUESTION)), library, [review.id for review in library.reviews])


def matcher(_: str) -> Matcher:
    return build_matcher(content_terms(QUESTION), trials().library)


def test_each_review_answers_with_its_own_sentences_only():
    for said in (asked().said(matcher), asked().read(matcher)):
        for review_id, own in said.items():
            assert {one.passage.review_id for one in own.found} == {review_id}
            assert [one.key for one in own.found] == sorted(one.key for one in own.found)


def test_those_that_speak_of_it_are_on_the_matter_and_the_others_are_not():
    found = asked().said(matcher)
    assert set(on_the_matter(found)) == {SALT, BEETS}
    assert found[SALT].confidence > found[BEES].confidence


def test_a_row_is_answered_by_who_found_something_and_read_in_every_review():
    found = asked().read(matcher)
    assert found[SALT].confidence > found[BEES].confidence
    assert all("answers" in own.found[0].features for own in found.values())


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8), st.floats(0, 6))
def test_whoever_rather_answers_is_on_the_matter_and_so_is_the_likeliest(confidences, apart):
    near = on_the_matter({name: Said((), one) for name, one in confidences.items()}, apart)
    assert {name for name, one in confidences.items() if one >= 0.5} <= set(near)
    if confidences:
        best = max(confidences.values())
        assert {name for name, one in confidences.items() if one == best} <= set(near)
        assert all(logit_of(confidences[name]) >= min(0.0, logit_of(best) - apart) for name in near)
    assert APART > 0


def test_a_review_without_any_sentence_does_not_answer():
    assert confidence([], build_matcher((), trials().library), trials().library) == 0.0
