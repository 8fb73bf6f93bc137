"""Whether reviews found the same: told by the direction of each where it is read surely, with its quotes."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.comparison.agreement import agreement, difference
from rag.comparison.comparing import compare
from rag.comparison.papers import Meant
from rag.pipeline import ask
from rag.questions.parsing import parse
from rag.shelf import Catalogue
from rag.types import DIRECTIONS, Agreement, Cell, Comparison
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


LIGHT = "Do the reviews agree that morning light reduces fatigue?"


@pytest.mark.xfail(strict=True, reason="the decrease is read to .67, told from .75 on; issue 14")
def test_reviews_that_found_unlike_things_differ_and_the_quotes_of_both_carry_it():
    comparison = compared(LIGHT)
    (told,) = comparison.differences
    assert told.kind == "different findings"
    assert told.text == "Nordahl & Castellan 2021 found a decrease; Haverkamp 2024 found no difference."
    assert carried(comparison, told.citations) == {FOR, AGAINST}
    assert not comparison.agreements and not comparison.undecided


def test_reviews_that_found_the_same_agree():
    cells = [Cell("fatigue", one, "quoted", (at,), direction="decreased") for at, one in enumerate((FOR, AGAINST), 1)]
    names = {FOR: "Nordahl 2021", AGAINST: "Haverkamp 2024"}
    assert agreement("fatigue", cells, names) == Agreement(
        "fatigue", "Nordahl 2021 and Haverkamp 2024 found a decrease.", (1, 2)
    )
    assert difference("fatigue", cells, names) is None


@given(st.lists(st.sampled_from([*DIRECTIONS, None]), max_size=5))
def test_only_what_several_cells_tell_is_an_agreement_or_a_difference(directions):
    cells = [Cell("x", str(at), "quoted", (at,), direction=one) for at, one in enumerate(directions, 1)]
    names = {cell.review_id: cell.review_id for cell in cells}
    telling = [one for one in directions if one]
    alike, unlike = agreement("x", cells, names), difference("x", cells, names)
    assert bool(alike) == (len(telling) > 1 and len(set(telling)) == 1)
    assert bool(unlike) == (len(set(telling)) > 1)
    for told in filter(None, (alike, unlike)):
        assert len(told.citations) == len(telling)


@pytest.mark.parametrize("aspect", ["scarring", "infection", "itching", "odour"])
def test_whether_several_reviews_agree_is_left_to_the_reader(aspect):
    comparison = compared("Compare the reviews", aspect, shelf=honey())
    assert comparison.undecided == (aspect,)
    assert not comparison.agreements and not comparison.differences


def test_one_review_alone_neither_agrees_nor_differs():
    comparison = compared("Compare the reviews", "splints", shelf=honey())
    assert not (comparison.agreements or comparison.differences or comparison.undecided)


@given(st.permutations(range(3)), st.sampled_from(["", *ASPECTS]))
def test_the_order_of_the_reviews_changes_no_verdict(order, aspect):
    library, given_aspects = honey().library, list(filter(None, [aspect]))
    question = parse("Compare the reviews", library.reviews, library.alike)
    forth, back = (
        compare(question, library, Meant(Catalogue(shelf)), given_aspects)
        for shelf in (library.reviews, [library.reviews[at] for at in order])
    )
    assert forth and back and _verdict(forth) == _verdict(back)


def _verdict(comparison: Comparison) -> object:
    told = [*comparison.agreements, *comparison.differences]
    return [(one.text, {comparison.citations[n - 1].quote.text for n in one.citations}) for one in told], (
        comparison.undecided
    )
