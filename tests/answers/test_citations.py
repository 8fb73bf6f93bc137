"""Quotes become numbered citations and the text of an answer; what is missing, silent or not found is said."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answers.citations import chat_answer, quoted_answer
from rag.answers.evidence import Evidence
from rag.answers.selection import line_quote
from rag.questions import Question
from rag.shelf.naming import label
from rag.types import Answer, Quote
from tests.engine import answer, coverage_faults, herons, invented, number_faults, outcome_faults, quote_faults
from tests.invented import APNOEA, CEMENT, PHAGE


def lines() -> list[Quote]:
    library = invented().library
    return [
        line_quote(library.index.reviews[passage.review_id], passage, span)
        for passage in library.index.passages
        for span in passage.sentences
    ]


def line(words: str) -> Quote:
    return next(quote for quote in lines() if words in quote.text)


def made(evidence: Evidence, *review_ids: str) -> Answer:
    reviews = invented().library.reviews
    scope = reviews.part(review_ids) if review_ids else reviews
    return quoted_answer(Question("asked?", "searched?", reviews, scope), evidence)


FEVER, ENZYMES, CASTOR, SERENA = (
    "Fever and chills were the most common side effects, and",
    "depolymerases",
    "CASTOR",
    "SERENA",
)


@given(st.data())
def test_any_quotes_are_numbered_in_the_order_of_the_text(data: st.DataObject) -> None:
    order = data.draw(st.permutations(invented().ids()))
    drawn = data.draw(st.lists(st.sampled_from(lines()), min_size=1, max_size=12, unique=True))
    grouped = tuple(sorted(drawn, key=lambda quote: order.index(quote.review_id)))
    missing = tuple(data.draw(st.lists(st.sampled_from(["price", "mice"]), unique=True)))
    given = made(Evidence(grouped, missing, speaking=frozenset(quote.review_id for quote in grouped)))
    faults = [*quote_faults(given, invented()), *number_faults(given), *outcome_faults(given)]
    assert faults + list(coverage_faults(given, invented())) == []
    assert tuple(citation.quote for citation in given.citations) == grouped


def test_quotes_stand_under_the_name_of_their_review() -> None:
    given = made(Evidence((line(FEVER), line(ENZYMES), line(CASTOR))))
    assert given.text.split("\n") == [
        "Vandermolen & Okafor 2024:",
        f"“{line(FEVER).text}” [1]",
        f"“{line(ENZYMES).text}” [2]",
        "",
        "Quennell et al. 2021:",
        f"“{line(CASTOR).text}” [3]",
    ]


def test_a_review_without_authors_is_named_by_its_title() -> None:
    (music,) = [review for review in invented().library.reviews if not review.authors]
    assert made(Evidence((line("Memory did not"),))).text.startswith(f"{label(music)}:\n“Memory")
    assert label(music).startswith("Singing and listening")


def test_every_sentence_of_the_answer_is_its_quote() -> None:
    given = made(Evidence((line(FEVER), line(SERENA))))
    assert [(s.text, s.citations, s.support) for s in given.sentences] == [
        (line(FEVER).text, (1,), "quoted"),
        (line(SERENA).text, (2,), "quoted"),
    ]
    assert (given.question, given.searched_as, given.mode) == ("asked?", "searched?", "quotes")


def test_an_answer_to_a_part_says_what_is_missing() -> None:
    given = made(Evidence((line(FEVER),), missing=("the price", "mice")))
    assert (given.outcome, given.missing) == ("partial", ("the price", "mice"))
    assert given.text.endswith("\n\nAnswered in part. Not found in the reviews: the price and mice.")


def test_not_found_says_what_was_searched_and_shows_what_was_nearest() -> None:
    given = made(Evidence(nearest=(line(CASTOR), line(SERENA)), missing=("POLLUX",)))
    assert (given.outcome, given.citations) == ("not_found", ())
    assert given.text == "Not found in these 4 reviews: I found nothing on POLLUX."
    assert [(c.number, c.quote) for c in given.nearest] == [(1, line(CASTOR)), (2, line(SERENA))]
    assert made(Evidence(), CEMENT).text == "Not found in Quennell et al. 2021."
    assert [(s.citations, s.support) for s in given.sentences] == [((), "none")]


def test_quotes_that_may_not_answer_are_shown_as_the_closest_and_cited_for_nothing() -> None:
    given = made(Evidence(closest=(line(CASTOR), line(SERENA)), nearest=(line(FEVER),), confidence=0.4))
    assert (given.outcome, given.citations, given.nearest, given.confidence) == ("closest", (), (), 0.4)
    assert [(c.number, c.quote) for c in given.closest] == [(1, line(CASTOR)), (2, line(SERENA))]
    assert given.text.split("\n") == [
        "I am not sure that a sentence in these 4 reviews answers this; these come closest.",
        "",
        "Quennell et al. 2021:",
        f"“{line(CASTOR).text}” [1]",
        "",
        "Achterberg & Mallory 2019:",
        f"“{line(SERENA).text}” [2]",
    ]
    assert [(s.citations, s.support) for s in given.sentences] == [((), "none")]
    faults = [*quote_faults(given, invented()), *number_faults(given), *outcome_faults(given)]
    assert faults + list(coverage_faults(given, invented())) == []


def test_above_the_closest_stands_what_of_the_question_no_passage_speaks_of() -> None:
    given = made(Evidence(closest=(line(CASTOR),), missing=("POLLUX", "mice")), CEMENT)
    assert given.sentences[0].text == (
        "I am not sure that a sentence in Quennell et al. 2021 answers this; these come closest. "
        "I found nothing on POLLUX or mice."
    )
    assert given.missing == ("POLLUX", "mice") and not list(outcome_faults(given))


def test_quotes_that_answer_leave_no_closest_beside_them() -> None:
    given = made(Evidence((line(FEVER),), closest=(line(CASTOR),), confidence=0.9))
    assert (given.outcome, given.closest, given.confidence) == ("answered", (), 0.9)


def test_coverage_tells_cited_searched_and_silent_apart_for_those_asked() -> None:
    evidence = Evidence((line(CASTOR),), speaking=frozenset([CEMENT, PHAGE]))
    states = {coverage.review_id: coverage.state for coverage in made(evidence).coverage}
    assert list(states) == list(invented().ids())
    assert (states[CEMENT], states[PHAGE], states[APNOEA]) == ("cited", "retrieved", "silent")
    assert [c.review_id for c in made(evidence, CEMENT, APNOEA).coverage] == [CEMENT, APNOEA]


def test_a_chat_reply_rests_on_nothing() -> None:
    reviews = invented().library.reviews
    given = chat_answer(Question("hello", "hello", reviews, reviews, reply="Hello [1]."))
    assert (given.outcome, given.text, given.citations, given.coverage, given.nearest) == (
        "chat", "Hello [1].", (), (), ()
    )  # fmt: skip
    assert [(s.text, s.citations, s.support) for s in given.sentences] == [("Hello [1].", (), "none")]


def test_numbers_in_a_quote_are_left_as_they_are_and_markers_stand_behind_it() -> None:
    given = answer(herons(), "Why do herons sleep on one leg?")
    assert any("[7]" in citation.quote.text for citation in given.citations)
    assert list(quote_faults(given, herons())) == []
    assert [int(n) for n in re.findall(r"” \[(\d+)\]$", given.text, re.MULTILINE)] == [
        c.number for c in given.citations
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_order_of_the_evidence_is_the_order_of_the_answer(order: tuple[int, int]) -> None:
    both = [line(FEVER), line(CASTOR)]
    given = made(Evidence(tuple(both[at] for at in order)))
    assert [citation.quote for citation in given.citations] == [both[at] for at in order]


def test_several_facts_of_several_reviews_are_numbered_as_they_stand() -> None:
    given = answer(invented(), "doi cite")
    assert len({citation.quote.review_id for citation in given.citations}) > 1
    assert list(number_faults(given)) == []
