"""The sentences above a matrix: a direct one first, who is silent last."""

from __future__ import annotations

import pytest

from rag.pipeline import ask
from tests.compared import AGAINST, FOR, lamps
from tests.comparison.test_agreement import KEEN, SILVER, WARY, honey
from tests.engine import faults, invented, summary

ASHDOWN, CORRIGAN, DELACROIX = "Ashdown & Bexley 2018", "Corrigan 2023", "Delacroix 2020"


def told(question: str, shelf=lamps, **options: object) -> list[str]:
    answer = ask(question, shelf().library, **options)
    assert answer.comparison is not None
    return [sentence.text for sentence in answer.sentences if sentence.support != "quoted"]


@pytest.mark.parametrize(
    ("shelf", "question", "opening"),
    [
        (
            lamps,
            "Which of the reviews mention headache, and which do not?",
            "Nordahl & Castellan 2021 and Haverkamp 2024 speak of headache.",
        ),
        (
            lamps,
            "What do the reviews have in common on headache?",
            "Nordahl & Castellan 2021 and Haverkamp 2024 speak of headache.",
        ),
        (lamps, "Which of the reviews mention calcium?", "Quint & Quint 2019 speaks of calcium."),
        (honey, "Which of the reviews mentions manuka, and which does not?", f"{CORRIGAN} speaks of manuka."),
        (honey, "What does only Delacroix discuss?", f"Only {DELACROIX} speaks of "),
        (honey, "What does Corrigan discuss that the others do not?", f"Only {CORRIGAN} speaks of "),
        pytest.param(
            honey,
            "What do they have in common?",
            "All 3 reviews speak of wound infection; ",
            marks=pytest.mark.xfail(reason="pain is told of a review that does not speak of it; issue 14"),
        ),
        (honey, "What do Ashdown and Delacroix have in common?", "Both papers speak of wound infection"),
        (honey, "Do Ashdown and Corrigan agree on itching?", "Whether they agree on itching is not read surely"),
        (honey, "Where do the reviews disagree?", "Whether they agree on "),
        (honey, "Do the reviews contradict each other on itching?", "Whether they agree on itching is not read surely"),
        pytest.param(
            lamps,
            "Do the reviews agree that morning light reduces fatigue?",
            "Nordahl & Castellan 2021 found a decrease; Haverkamp 2024 found no difference.",
            marks=pytest.mark.xfail(strict=True, reason="the decrease is read to .67, told from .75 on; issue 14"),
        ),
    ],
)
def test_the_first_sentence_answers_directly(shelf, question, opening):
    assert told(question, shelf)[0].startswith(opening)


@pytest.mark.parametrize(
    "question",
    [
        "Compare the reviews",
        "Compare the reviews on scarring, itching and splints",
        "Which of the reviews mentions manuka, and which does not?",
        "Do both agree that honey reduced scarring?",
        "What does only Delacroix discuss?",
        "Where do the reviews disagree?",
        "Which of the reviews mentions penguins?",
    ],
)
def test_a_sentence_on_what_is_said_has_citations_and_one_on_silence_none(question):
    answer = ask(question, honey().library)
    assert not faults(answer, honey())
    assert not answer.citations or summary(answer)


def test_a_sentence_on_what_is_said_has_the_numbers_of_the_quotes_of_those_it_names():
    answer = ask("Compare the reviews on headache", lamps().library)
    first = answer.sentences[0]
    assert {answer.citations[n - 1].quote.review_id for n in first.citations} == {FOR, AGAINST}
    only = ask("What does only Delacroix discuss?", honey().library)
    assert {only.citations[n - 1].quote.review_id for n in only.sentences[0].citations} == {SILVER}


@pytest.mark.parametrize(
    ("shelf", "question", "last"),
    [
        (lamps, "Compare the reviews on headache", "In Quint & Quint 2019 nothing was found on headache."),
        (honey, "Which of the reviews mentions manuka?", f"In {ASHDOWN} and {DELACROIX} nothing was found on manuka."),
        (
            honey,
            "Compare the reviews on itching and splints",
            f"In {ASHDOWN} and {CORRIGAN} nothing was found on splints. In {DELACROIX} nothing was found on itching.",
        ),
    ],
)
def test_who_says_nothing_is_named_last(shelf, question, last):
    assert told(question, shelf)[-1] == last


def test_an_abstract_alone_is_not_called_silent():
    texts = " ".join(told("Compare the reviews on vaccination and on biofilm", invented))
    assert "abstracts of Vandermolen & Okafor 2024" in texts and "full texts, which are not loaded, may" in texts
    silent = told("Which of the reviews mention gentamicin, and which do not?", invented)[-1]
    paper, abstract = silent.split(". ", 1)
    assert paper.startswith("In Achterberg & Mallory 2019 and ") and paper.endswith("nothing was found on gentamicin")
    assert abstract.startswith("In the abstract of Vandermolen & Okafor 2024 nothing was found on gentamicin;")


@pytest.mark.parametrize(("shelf", "review_id", "aspect"), [(lamps, FOR, "headache"), (honey, WARY, "pain")])
def test_one_review_has_nothing_to_be_compared_with(shelf, review_id, aspect):
    texts = told(f"Compare the reviews on {aspect}", shelf, review_ids=[review_id])
    assert texts[0].startswith("Only one paper is asked") and texts[1].endswith(f"speaks of {aspect}.")


@pytest.mark.parametrize("author", ["Kowalewski", "Zimmermann"])
def test_a_named_author_who_is_not_loaded_is_said_to_be_absent_first(author):
    texts = told(f"Compare Ashdown with {author} et al. 2019 on pain", honey)
    assert texts[0] == f"No review by {author} et al. 2019 is loaded."
    assert not any(CORRIGAN in text for text in texts)


def test_whether_reviews_agree_with_a_claim_is_left_to_the_reader_where_it_is_not_read_surely():
    answer = ask("Do both agree that honey reduced scarring?", honey().library)
    assert any("not read surely" in sentence.text for sentence in answer.sentences)
    assert {KEEN, WARY} <= {citation.quote.review_id for citation in answer.citations}


@pytest.mark.parametrize(
    ("question", "words"),
    [
        pytest.param("Which reviews do not mention manuka?", DELACROIX, id="begins with who does mention it"),
        pytest.param("Who disagrees with Ashdown on scarring?", CORRIGAN, id="only Ashdown is asked"),
        pytest.param("Do all three mention splints?", DELACROIX, id="'no passage speaks of three'"),
    ],
)
@pytest.mark.xfail(reason="the first sentence is none that answers, as the id says; issue 14")
def test_the_first_sentence_says_what_was_asked(question, words):
    assert words in told(question, honey)[0]


def test_a_review_without_the_word_is_not_said_to_speak_of_it():
    assert told("Compare the reviews on scarring", honey)[-1] == f"In {DELACROIX} nothing was found on scarring."


def test_reviews_compared_on_harms_are_not_told_as_studies():
    assert not any("side by side" in one for one in told("How do the reviews differ on harms?"))
