"""Agreement and difference between quotes: told with the two quotes that carry them, or not at all."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.comparing import compare
from rag.pipeline import ask
from rag.questions.parsing import parse
from rag.shelf.naming import label
from rag.types import Agreement, Comparison, Difference
from tests.compared import AGAINST, FOR, lamps
from tests.engine import Shelf, open_shelf, settings_for

KEEN, WARY, SILVER = "10.5555/keen.1", "10.5555/wary.2", "10.5555/silver.3"
_HONEY = {
    KEEN: """# Honey on burns: a warm welcome\n\n**Authors:** Iris Ashdown, Tom Bexley\n
Burn Lett · DOI: 10.5555/keen.1 · 2018\n\n## Findings\n
Honey dressings reduced scarring of deep burns in adults. Wound infection was seen in 9% of burned adults under honey. \
Honey may ease pain during dressing changes. In the KESTREL trial itching was the most frequent complaint of the \
patients. Nursing visits at home make up most of the cost. Odour of the wound bothered the nurses. Healing of deep \
burns took 14 days under honey.\n\n## Conclusion\n
Honey is recommended for deep burns in adults. The results of this review show that further research is needed.
""",
    WARY: """# Sweet but sticky: honey dressings weighed\n\n**Authors:** Hugh Corrigan\n
Wound Rep · DOI: 10.5555/wary.2 · 2023\n\n## Findings\n
Honey dressings increased scarring of deep burns in adults. Wound infection was seen in 22% of burned adults under \
honey. Honey has been shown to ease pain during dressing changes. In the KESTREL trial itching was the most frequent \
complaint of the patients. Imported manuka jars make up most of the cost. Charcoal sheets hide odour. Healing of deep \
burns took 2 weeks under honey.\n\n## Conclusion\n
Honey should not be used for deep burns in adults. The results of this review show that further research is needed.
""",
    SILVER: """# Silver sheets for the burned hand\n\n**Authors:** Maud Delacroix\n
Hand Pap · DOI: 10.5555/silver.3 · 2020\n\n## Findings\n
Silver sheets stained the skin of the hand grey. Wound infection was seen in 22% of burned adults under silver. \
Splints kept the fingers straight.\n\n## Conclusion\n
Hands that move early stay supple. The results of this review show that further research is needed.
""",
}
ASPECTS = "scarring;infection;pain;itching;cost;odour;healing;recommendation;splints".split(";")
BY_PAIR = ("opposite statements", "different numbers", "differ in certainty")
Told = Agreement | Difference


@cache
def honey() -> Shelf:
    """Two reviews that agree and differ where it is planted, and one on something else."""
    return open_shelf(settings_for("honey", {f"{at}.md": page for at, page in enumerate(_HONEY.values())}))


def compared(question: str, *aspects: str, shelf: Shelf | None = None) -> Comparison:
    answer = ask(question, (shelf or lamps()).library, aspects=aspects)
    assert answer.comparison is not None
    return answer.comparison


def carried(comparison: Comparison, citations: tuple[int, ...]) -> set[str]:
    return {comparison.citations[number - 1].quote.review_id for number in citations}


@pytest.mark.parametrize(
    ("shelf", "pair", "aspect", "kind", "words"),
    [
        (lamps, {FOR, AGAINST}, "fatigue", "opposite statements", ("reduced", "not reduce")),
        (lamps, {FOR, AGAINST}, "relapse", "different numbers", ("12%", "31%")),
        (lamps, {FOR, AGAINST}, "recommendation", "opposite statements", ("recommend", "cannot be recommended")),
        (lamps, {FOR, AGAINST}, "sleep in shift workers", "differ in certainty", ("may", "shown")),
        (honey, {KEEN, WARY}, "scarring", "opposite statements", ("reduced", "increased")),
        (honey, {KEEN, WARY}, "infection", "different numbers", ("9%", "22%")),
        (honey, {KEEN, WARY}, "recommendation", "opposite statements", ("recommended", "should not")),
        (honey, {KEEN, WARY}, "pain", "differ in certainty", ("may", "shown")),
        (honey, {KEEN, WARY}, "cost", "differ in emphasis", ("Nursing visits", "manuka jars")),
    ],
)
def test_a_difference_is_told_as_what_it_is_with_the_quotes_that_carry_it(shelf, pair, aspect, kind, words):
    comparison = compared("Compare the reviews", aspect, shelf=shelf())
    told = next(one for one in comparison.differences if one.kind == kind)
    assert all(word in told.text for word in words)
    assert carried(comparison, told.citations) == pair
    assert (aspect in comparison.undecided) == (kind == "differ in emphasis")


@pytest.mark.parametrize(
    ("shelf", "pair", "aspect", "words"),
    [
        (lamps, {FOR, AGAINST}, "headache", "much the same"),
        (honey, {KEEN, WARY}, "itching", "much the same"),
        (honey, {KEEN, WARY}, "healing", "the same number"),
    ],
)
def test_what_two_reviews_say_alike_is_an_agreement(shelf, pair, aspect, words):
    comparison = compared("Compare the reviews", aspect, shelf=shelf())
    told = [one for one in comparison.agreements if words in one.text]
    assert told and carried(comparison, told[0].citations) == pair
    assert aspect not in comparison.undecided


def test_two_reviews_on_one_aspect_that_neither_agree_nor_differ_are_undecided():
    comparison = compared("Compare the reviews", "odour", shelf=honey())
    assert comparison.undecided == ("odour",)
    assert {one.kind for one in comparison.differences} <= {"differ in emphasis"}
    assert not [one for one in comparison.agreements if "same" in one.text]


def test_one_review_alone_neither_agrees_nor_differs():
    comparison = compared("Compare the reviews", "splints", shelf=honey())
    assert not (comparison.agreements or comparison.differences or comparison.undecided)


@pytest.mark.parametrize("aspect", ["", *ASPECTS])
def test_a_verdict_cites_the_quotes_that_hold_its_words(aspect):
    comparison = compared("Compare the reviews", *filter(None, [aspect]), shelf=honey())
    names = {review.id: label(review) for review in honey().library.reviews}
    for told in (*comparison.agreements, *comparison.differences):
        cells = {n for cell in comparison.cells if cell.aspect == told.aspect for n in cell.citations}
        quotes = [comparison.citations[n - 1].quote for n in told.citations]
        assert told.citations and set(told.citations) <= cells
        assert {names[quote.review_id] for quote in quotes} == {name for name in names.values() if name in told.text}
        assert all(any(words in quote.text for quote in quotes) for words in _words_of(told))
        if "same" in told.text or (isinstance(told, Difference) and told.kind in BY_PAIR):
            assert len(told.citations) == len({quote.review_id for quote in quotes}) == 2


def _words_of(told: Told) -> list[str]:
    """Return the wordings of quotes in the text of a verdict."""
    listed = re.findall(r"\bnames? (.+?)(?:;|\.$)", told.text)
    terms = [term for terms in listed for term in re.split(r", | and ", terms)]
    return [*re.findall(r"“(.+?)”", told.text), *re.findall(r"\d+%", told.text), *terms]


@given(st.permutations(range(3)), st.sampled_from(["", *ASPECTS]))
def test_the_order_of_the_reviews_changes_no_verdict(order, aspect):
    library, given_aspects = honey().library, list(filter(None, [aspect]))
    question = parse("Compare the reviews", library.reviews, library.alike)
    forth, back = (
        compare(question, library, shelf, given_aspects)
        for shelf in (library.reviews, [library.reviews[at] for at in order])
    )
    assert _verdict(forth) == _verdict(back)


def _verdict(comparison: Comparison) -> object:
    told = [*comparison.agreements, *comparison.differences]
    return [(one.text, {comparison.citations[n - 1].quote.text for n in one.citations}) for one in told], (
        comparison.undecided
    )


def test_numbers_of_other_measures_are_not_set_against_each_other():
    for aspect in ("fatigue", "headache", "mood"):
        assert not [
            one for one in compared("Compare the reviews", aspect).differences if one.kind == "different numbers"
        ]


def test_the_question_where_they_disagree_leads_with_the_contradictions():
    answer = ask("Where do the reviews disagree?", lamps().library)
    assert answer.comparison is not None
    kinds = {one.kind for one in answer.comparison.differences}
    assert {"opposite statements", "different numbers"} <= kinds
    assert answer.sentences[0].citations


def test_that_no_quotes_contradict_each_other_is_said_first():
    answer = ask("Do the reviews contradict each other on headache?", lamps().library)
    assert answer.sentences[0].text.startswith("No two quotes here state opposite things")


@pytest.mark.parametrize(
    ("aspect", "never"),
    [
        pytest.param("deep burns", "much the same", id="'is recommended' and 'increased scarring' are said to agree"),
        pytest.param("deep burns", "number for deep.", id="the measure of 'took 14 days' is called 'deep'"),
        pytest.param("infection", "Corrigan 2023 and Delacroix 2020 give the same", id="22% under honey and silver"),
        pytest.param("dressing", "“ease”", id="'ease pain' is set against 'increased scarring'"),
    ],
)
@pytest.mark.xfail(reason="a verdict that the two quotes do not carry, as the id says; issue 14")
def test_quotes_that_speak_of_different_things_neither_agree_nor_differ(aspect, never):
    comparison = compared("Compare the reviews", aspect, shelf=honey())
    assert not [one for one in (*comparison.agreements, *comparison.differences) if never in one.text]
