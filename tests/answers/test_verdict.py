"""The first line of an answer: what the papers found and how many, only where it is read surely, in fixed words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.answers.evidence import measured
from rag.answers.verdict import _count
from rag.pipeline import ask
from rag.questions import understand
from rag.types import PROSE
from tests.compared import AGAINST, FOR, lamps
from tests.trials import BEETS, trials


def test_what_is_read_surely_is_told_with_its_quote_and_the_rest_is_left_to_the_quotes():
    answer = ask("Does morning light reduce fatigue?", lamps().library)
    told = answer.verdict
    assert told and told.direction == "no difference" and told.answer is None
    assert told.text == "Haverkamp 2024 found no difference; for Nordahl & Castellan 2021 see the quotes."
    assert [answer.citations[n - 1].quote.review_id for n in told.citations] == [AGAINST]
    assert {one.quote.review_id for one in answer.citations} == {FOR, AGAINST}
    assert (answer.sentences[0].text, answer.sentences[0].support) == (told.text, "supported")


def test_papers_that_found_unlike_things_are_both_told(monkeypatch):
    surely = {FOR: "decreased", AGAINST: "no difference"}
    tell = lambda _, quoted: (surely[quoted[0].passage.review_id], quoted[0])  # noqa: E731
    monkeypatch.setattr("rag.answers.verdict.direction_of", tell)
    told = ask("Does morning light reduce fatigue?", lamps().library).verdict
    assert told and told.direction == told.answer == "mixed"
    assert told.text == "Nordahl & Castellan 2021 found a decrease; Haverkamp 2024 found no difference."


def test_the_quote_that_is_cited_says_what_is_told():
    answer = ask("What does beetroot juice do to blood pressure?", trials().library)
    assert answer.verdict and answer.verdict.direction == "no difference"
    (number,) = answer.verdict.citations
    quote = answer.citations[number - 1].quote
    assert quote.review_id == BEETS and ("did not change" in quote.text or "no effect" in quote.text)


@pytest.mark.parametrize(
    "question",
    ["What side effects did the lamps have?", "Who should get morning light?", "What costs more than common salt?"],
)
def test_what_asks_for_no_change_has_no_direction(question):
    for shelf in (lamps(), trials()):
        told = ask(question, shelf.library).verdict
        assert told is None or told.direction is None


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("How many participants reported reddish urine?", "39 participants"),
    ],
)
def test_a_count_is_told_in_the_words_of_its_quote(question, value):
    answer = ask(question, trials().library)
    assert answer.verdict and answer.verdict.answer == "value"
    assert answer.verdict.text.startswith(f"“{value}")
    assert value in answer.citations[answer.verdict.citations[0] - 1].quote.text


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Fever was seen in 7 children (p = 0.02).", "7 children"),
        ("Fever was seen in 7 of 40 children.", None),
        ("Fever was seen in 2019 [3].", None),
        ("Three children had fever within 28 days.", None),
        ("Fever was gone in 28 days.", None),
        ("Fever was rare.", None),
    ],
)
def test_a_quote_with_several_quantities_or_none_tells_no_count(sentence, told):
    library = trials().library
    question = understand("How many children had fever?", library)
    found, _ = measured(question, question.terms, PROSE, library)
    best = replace(found[0], text=sentence)
    told_count = _count(question, best, {best.line: 1}, library)
    assert (told_count and told_count.text.split("”")[0].removeprefix("“")) == told
