"""The sentences above a matrix: a direct one first, who is silent last."""

from __future__ import annotations

import pytest

from rag.pipeline import ask
from tests.compared import AGAINST, FOR, lamps
from tests.engine import invented


def told(question: str, **options: object) -> list[str]:
    answer = ask(question, lamps().library, **options)  # type: ignore[arg-type]
    assert answer.comparison is not None
    return [sentence.text for sentence in answer.sentences if sentence.support != "quoted"]


@pytest.mark.parametrize(
    ("question", "opening"),
    [
        (
            "Which of the reviews mention headache, and which do not?",
            "Nordahl & Castellan 2021 and Haverkamp 2024 speak of",
        ),
        ("What do the reviews have in common on headache?", "Nordahl & Castellan 2021 and Haverkamp 2024 speak of"),
        ("Which of the reviews mention calcium?", "Quint & Quint 2019 speaks of"),
    ],
)
def test_the_first_sentence_answers_directly(question, opening):
    assert told(question)[0].startswith(opening)


def test_who_says_nothing_is_named():
    assert any(
        "Quint & Quint 2019 says nothing about headache" in text for text in told("Compare the reviews on headache")
    )


def test_an_abstract_alone_is_not_called_silent():
    answer = ask("Compare the reviews on hang-gliding and on biofilm", invented().library)
    texts = " ".join(sentence.text for sentence in answer.sentences if sentence.support == "none")
    assert "abstracts of Vandermolen & Okafor 2024" in texts and "full texts, which are not loaded, may" in texts


def test_one_review_has_nothing_to_be_compared_with():
    assert told("Compare the reviews on headache", review_ids=[FOR])[0].startswith("Only one review is asked")


def test_a_claim_that_a_review_contradicts_is_answered_with_its_words():
    texts = told("Do both agree that morning light reduced fatigue?")
    assert any("Haverkamp 2024" in text and "not reduce" in text for text in texts)


def test_a_sentence_on_what_is_said_has_the_numbers_of_its_quotes():
    answer = ask("Compare the reviews on headache", lamps().library)
    first = answer.sentences[0]
    assert {answer.citations[n - 1].quote.review_id for n in first.citations} == {FOR, AGAINST}
