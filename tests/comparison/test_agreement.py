"""What reviews name alike and alone: told with the quotes that carry it; whether they agree is left to the reader."""

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
from tests.compared import lamps
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


def test_what_only_one_review_names_is_told_with_the_quotes_that_carry_it():
    comparison = compared("Compare the reviews", "cost", shelf=honey())
    (told,) = comparison.differences
    assert told.kind == "differ in emphasis" and "Nursing visits" in told.text and "manuka jars" in told.text
    assert carried(comparison, told.citations) == {KEEN, WARY}


def test_what_two_reviews_name_is_told_with_the_quotes_that_carry_it():
    comparison = compared("Compare the reviews", "itching", shelf=honey())
    (told,) = comparison.agreements
    assert told.text.startswith("Ashdown & Bexley 2018 and Corrigan 2023 name ")
    assert carried(comparison, told.citations) == {KEEN, WARY}


@pytest.mark.parametrize("aspect", ["scarring", "infection", "itching", "odour"])
def test_whether_several_reviews_agree_is_left_to_the_reader(aspect):
    comparison = compared("Compare the reviews", aspect, shelf=honey())
    assert comparison.undecided == (aspect,)
    assert {one.kind for one in comparison.differences} <= {"differ in emphasis"}


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


def _words_of(told: Told) -> list[str]:
    """Return the wordings of quotes in the text of a verdict."""
    listed = re.findall(r"\bnames? (.+?)(?:;|\.$)", told.text)
    return [term for terms in listed for term in re.split(r", | and ", terms)]


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
