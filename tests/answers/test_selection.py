"""Sentences are measured against a question, and the few that are worth quoting are kept."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from rag.answers.reading import Candidate
from rag.answers.selection import (
    BESIDE,
    PLAIN,
    QUOTES_PER_REVIEW,
    choose,
    distinct,
    holds_quantity,
    is_prose,
    quote,
    speaks,
    with_conclusions,
)
from rag.answers.thresholds import MOST
from rag.types import Wants
from tests.engine import Shelf, candidates, herons, hits, invented, lexical, matcher

QUESTIONS = (
    "How many patients did PT-41 cure?",
    "What is known about biofilm?",
    "What lowers blood pressure in sleep apnoea?",
    "Why is an infected joint replacement hard to cure?",
    "What do patients get?",
    "What does music do for memory and agitation?",
)
ASKED = [(shelf, question) for shelf in (invented, lexical) for question in QUESTIONS]


def text(candidate: Candidate, shelf: Shelf) -> str:
    return shelf.library.index.reviews[candidate.passage.review_id].text[slice(*candidate.span)]


def holding(words: str, found: list[Candidate], shelf: Shelf) -> list[Candidate]:
    return [candidate for candidate in found if words in text(candidate, shelf)]


def overlap(one: str, other: str) -> float:
    """Return the share of the words of the shorter text that the other has too; reckoned here, not by the product."""
    a, b = (set(re.findall(r"\w+", sentence.lower())) for sentence in (one, other))
    return len(a & b) / min(len(a), len(b))


@pytest.mark.parametrize(("shelf", "question"), ASKED)
def test_candidates_are_the_distinct_sentences_of_the_hits(shelf, question: str) -> None:
    found = candidates(question, shelf())
    wanted = {(hit.passage.review_id, *span) for hit in hits(question, shelf()) for span in hit.passage.sentences}
    spans = [(candidate.passage.review_id, *candidate.span) for candidate in found]
    assert sorted(spans) == sorted(wanted)
    assert all(candidate.span in candidate.passage.sentences for candidate in found)


@pytest.mark.parametrize(("shelf", "question"), ASKED)
def test_candidates_come_best_first_in_an_order_without_ties(shelf, question: str) -> None:
    found = candidates(question, shelf())
    assert [candidate.key for candidate in found] == sorted(candidate.key for candidate in found)
    assert len({candidate.key for candidate in found}) == len(found)
    assert [candidate.score for candidate in found] == sorted((c.score for c in found), reverse=True)


def test_a_sentence_speaks_of_what_the_one_before_names() -> None:
    question = "Does a mandibular splint lower blood pressure?"
    found = candidates(question, invented())
    (after,) = holding("It lowered systolic blood pressure by 1.9", found, invented())
    (other,) = holding("The effect was larger in resistant", found, invented())
    at = [term.term.text for term in matcher(question, invented()).terms].index("mandibular")
    assert after.own[at] == 0 and after.strengths[at] == 1
    assert other.strengths[at] == 0


def test_the_authors_wording_comes_before_the_page_s_repetition_of_it() -> None:
    both = holding("17 of 23 patients", candidates("How many patients did PT-41 cure?", invented()), invented())
    assert [candidate.passage.provenance for candidate in both] == ["authors", "page"]


@pytest.mark.parametrize(("shelf", "question"), ASKED)
def test_the_choice_is_small_and_starts_with_the_best(shelf, question: str) -> None:
    found = candidates(question, shelf())
    chosen = choose(found)
    assert {id(candidate) for candidate in chosen} <= {id(candidate) for candidate in found}
    assert all(count <= QUOTES_PER_REVIEW for count in Counter(c.passage.review_id for c in chosen).values())
    best = text(found[0], shelf())
    assert any(overlap(best, text(candidate, shelf())) > 0.6 for candidate in chosen)


@pytest.mark.parametrize(("shelf", "question"), ASKED)
def test_no_two_chosen_sentences_of_a_review_repeat_each_other(shelf, question: str) -> None:
    chosen = choose(candidates(question, shelf()))
    for at, one in enumerate(chosen):
        for other in chosen[:at]:
            if one.passage.review_id == other.passage.review_id:
                assert overlap(text(one, shelf()), text(other, shelf())) < 0.8


def test_of_a_sentence_and_its_repetition_on_the_page_the_authors_is_chosen() -> None:
    shelf = invented()
    found = candidates("Were fever and chills the most common side effects?", shelf)
    both = [replace(candidate, score=0.5) for candidate in holding("Fever and chills", found, shelf)]
    page, authors = sorted(both, key=lambda c: c.passage.provenance == "authors")
    assert (page.passage.provenance, authors.passage.provenance) == ("page", "authors")
    for order in ([page, authors], [authors, page]):
        assert [candidate.passage.provenance for candidate in choose(order)] == ["authors"]


@pytest.mark.parametrize(("shelf", "question"), ASKED)
def test_distinct_keeps_the_best_of_what_repeats_and_every_other(shelf, question: str) -> None:
    found = candidates(question, shelf())
    kept = distinct(found, len(found))
    assert overlap(text(kept[0], shelf()), text(found[0], shelf())) > 0.6
    assert distinct(kept, len(found)) == kept
    for candidate in found:
        same = [other for other in kept if other.passage.review_id == candidate.passage.review_id]
        assert candidate in kept or same


def test_two_facts_in_the_same_words_do_not_repeat_each_other() -> None:
    found = candidates("In how many nests did grey herons and purple herons hatch?", herons())
    chosen = " ".join(text(candidate, herons()) for candidate in choose(found))
    assert "26 of 40" in chosen
    assert "11 of 40" in chosen


def with_quantity(question: str, wants: Wants | None) -> list[str]:
    shelf = invented()
    return [text(c, shelf) for c in candidates(question, shelf) if holds_quantity(c, wants)]


def test_a_question_for_a_number_is_answered_by_one() -> None:
    question = "How many adults were enrolled in the SERENA trial?"
    found = with_quantity(question, "number")
    assert any("412 adults" in sentence for sentence in found)
    assert not any("The effect was larger in resistant hypertension" in sentence for sentence in found)
    assert len(with_quantity(question, None)) == len(candidates(question, invented())) > len(found)


@pytest.mark.parametrize(
    ("question", "share"),
    [
        ("Which share of the patients stopped using the mask?", "A third of the patients stopped"),
        ("Which proportion reported jaw pain?", "one in five"),
        ("Which percentage of joint replacements had a reinfection with vancomycin cement?", "from 14% to 6%"),
    ],
)
def test_a_question_for_a_share_is_answered_by_one_in_words_or_figures(question: str, share: str) -> None:
    found = with_quantity(question, "share")
    assert any(share in sentence for sentence in found)
    assert all(re.search(r"%|third|\b(?:one|\d+) (?:in|of) ", sentence) for sentence in found)


def test_the_digits_of_a_name_are_no_number() -> None:
    found = with_quantity("Are phages like PT-41 or genes like icaA in the phage bank?", "number")
    assert found and not any("icaA" in sentence for sentence in found)


def test_a_sentence_speaks_of_an_aspect_by_its_words_and_those_around_it() -> None:
    aspect = "jaw pain from splints"
    asked, shelf = matcher(aspect, invented()), invented()
    (pain,) = holding("Jaw pain was reported", candidates(aspect, shelf), shelf)
    named = replace(pain, score=0.0, own=np.ones(3), strengths=np.ones(3))
    only_around = replace(named, own=np.zeros(3))
    hardly = replace(named, own=np.full(3, MOST), strengths=np.full(3, MOST))
    assert speaks(named, asked)
    assert not speaks(only_around, asked) and not speaks(hardly, asked)


def test_the_conclusion_of_a_review_that_is_quoted_belongs_to_its_answer() -> None:
    one, *_, other = candidates("Does a mandibular splint lower blood pressure?", invented())
    first = replace(one, score=1.0, concludes=0.0)
    last = replace(other, passage=one.passage, score=0.4, concludes=PLAIN)
    assert with_conclusions([first, last], [first]) == [first, last]
    unlikely = replace(last, score=BESIDE / 2)
    assert with_conclusions([first, unlikely], [first]) == [first]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Fever was seen in 7 of 40 adults (17.5%).", True),
        ("Study 45.55 ± 12.28 49.65 ± 11.53 0.007 4.10 ± 6.10.", False),
        ("Nil.", False),
        ("Primary and secondary outcomes", False),
    ],
)
def test_a_line_of_a_table_and_a_heading_are_no_prose(line: str, told: bool) -> None:
    assert is_prose(line) == told


def test_a_quote_is_the_exact_span_with_its_section_and_its_passage() -> None:
    shelf = invented()
    for candidate in candidates("What is known about biofilm?", shelf):
        made, passage = quote(candidate, shelf.library.index.reviews), candidate.passage
        assert made.text == shelf.source(made.review_id)[made.start : made.end]
        assert (made.start, made.end) == candidate.span
        assert (made.heading, made.kind, made.provenance) == (passage.heading, passage.kind, passage.provenance)
        assert (made.passage_start, made.passage_end) == (passage.start, passage.end)
