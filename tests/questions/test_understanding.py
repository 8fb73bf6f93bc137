"""From what was typed to the question that is answered."""

from __future__ import annotations

import pytest

from rag.pipeline import converse
from rag.questions import Question, understand
from rag.shelf import label
from rag.types import Turn
from tests.engine import invented
from tests.invented import CEMENT, PHAGE
from tests.trials import BATHS, MUSIC, sleepless

BIOFILM = "What is a biofilm?"


def understood(*conversation: str, **options: object) -> Question:
    library = invented().library
    history: list[Turn] = converse(conversation[:-1], library)
    return understand(conversation[-1], library, history, **options)


def test_what_is_put_to_the_tool_after_a_question_is_a_follow_up() -> None:
    assert understood("How does it work?").intent == "talk"
    after = understood(BIOFILM, "How does it work?")
    assert after.intent == "findings" and "biofilm" in after.text
    assert after.carried and not after.reply


def test_thanks_are_thanks_whatever_was_asked_before() -> None:
    assert understood(BIOFILM, "Thanks, great!").intent == "talk"


def test_it_keeps_what_was_typed_beside_what_is_searched() -> None:
    asked = understood("  what IS a   biofilmm?")
    assert asked.typed == "what IS a biofilmm?"
    assert asked.text == "what IS a biofilm?"
    assert not asked.carried


@pytest.mark.parametrize(
    ("question", "of_shelf"),
    [
        ("Could you kindly pull up whatever you hold that was published in 2021?", True),
        ("Please tell me how many items this collection holds", True),
        ("Does phage therapy clear biofilms?", False),
        ("Why did the trial stop early?", False),
    ],
)
def test_a_question_is_about_the_shelf_in_whatever_words(question: str, of_shelf: bool) -> None:
    assert (understood(question).intent == "shelf") == of_shelf


def test_papers_by_name_and_year_are_asked_and_no_shelf_is() -> None:
    names = " and ".join(name.replace("et al. ", "") for name in map(label, invented().library.reviews[:2]))
    for question in (f"{names}: design, costs", f"Put {names} side by side: design, harms, costs"):
        asked = understood(question)
        assert asked.intent == "comparison" and len(asked.named) == 2, question


def test_what_is_understood_in_part_and_names_a_subject_only_is_asked_of_the_papers() -> None:
    assert understood("Which of the papers mention biofilm, and which do not?").intent == "comparison"


def test_what_follows_a_question_may_be_about_the_shelf() -> None:
    assert understood(BIOFILM, "Which papers are from 2021?").intent == "shelf"


def test_tldr_asks_for_the_whole() -> None:
    assert understood("TL;DR?").intent == "overview"


def test_it_is_put_to_the_reviews_that_it_names_among_those_that_may_be_asked() -> None:
    library = invented().library
    named = understood("What does the phage review say about biofilm?")
    assert [review.id for review in named.scope] == [PHAGE]
    assert named.among is library.reviews
    bounded = understood("What is a biofilm?", reviews=library.reviews.part([CEMENT]))
    assert [review.id for review in bounded.scope] == [CEMENT]


def test_what_only_one_review_says_is_asked_of_all() -> None:
    asked = understood("What does only the phage review discuss?")
    assert asked.intent == "comparison" and asked.named == (PHAGE,)
    assert len(asked.scope) == len(invented().library.reviews)


def test_an_aspect_that_a_reader_names_makes_no_talk() -> None:
    assert understood("hello", may_be_talk=False).intent != "talk"


def test_a_model_may_write_a_follow_up_out_and_only_that() -> None:
    def rewriting(typed: str, written_out: str) -> str:
        return f"{written_out} (said better)"

    assert "said better" not in understood(BIOFILM, "Does vancomycin cement help?", rewriting=rewriting).text
    assert "said better" in understood(BIOFILM, "And on metal?", rewriting=rewriting).text


def test_a_question_of_them_is_put_to_the_papers_of_the_turn_before() -> None:
    compared, listed = converse(
        ["How do the insomnia trials differ?", "Which of them are randomised?"], sleepless().library
    )
    assert compared.answer.comparison and listed.answer.table
    assert set(listed.answer.table.review_ids) == set(compared.answer.comparison.near) == {BATHS, MUSIC}
