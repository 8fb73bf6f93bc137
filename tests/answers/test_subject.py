"""Which papers are on something, and which one a question describes."""

from __future__ import annotations

import pytest

from rag.answers.subject import Subject, of_the_paper_described
from rag.questions import content_terms
from tests.engine import question
from tests.trials import BATHS, MUSIC, sleepless


def test_a_paper_is_on_what_its_title_and_its_words_say():
    library = sleepless().library
    subject = Subject(content_terms("music at bedtime"), library)
    assert [review.id for review in library.reviews if subject.is_of(review)] == [MUSIC]


@pytest.mark.parametrize(("words", "paper"), [("warm bath", BATHS), ("bedtime music", MUSIC)])
def test_a_question_on_the_paper_that_it_describes_is_put_to_that_one(words, paper):
    asked = question(f"How many adults were randomised in the {words} trial?", sleepless())
    found = of_the_paper_described(asked, sleepless().library)
    assert [review.id for review in found.scope] == [paper]
    assert {term.text for term in found.terms if not term.aside} >= {"adults"}


@pytest.mark.parametrize("words", ["insomnia", "unicorn horn"])
def test_a_question_that_describes_several_papers_or_none_is_put_to_all(words):
    asked = question(f"How many adults were randomised in the {words} trial?", sleepless())
    assert of_the_paper_described(asked, sleepless().library) is asked
