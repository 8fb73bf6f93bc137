"""A sentence without the right quote is given the one that carries it, if any does."""

from __future__ import annotations

import pytest

from rag.answers import gather
from rag.questions import understand
from rag.types import Citation
from rag.writing.attributing import MOVED, Drafted, attributed, carried, without_repeats
from rag.writing.checking import Verdict
from tests.engine import invented

SUPPORTED, WEAK, STRUCK = Verdict("supported"), Verdict("weak", "Not all of it."), Verdict("unsupported", "Elsewhere.")


def evidence() -> dict[str, Citation]:
    library = invented().library
    quotes = gather(understand("What is known about biofilm?", library), library).quotes
    return {name: Citation(number, quote) for number, (name, quote) in enumerate(zip("abc", quotes, strict=False), 1)}


@pytest.mark.parametrize(
    ("ids", "found", "expected"),
    [
        ((), SUPPORTED, (("b",), SUPPORTED)),
        ((), WEAK, (("b",), WEAK)),
        (("a",), SUPPORTED, (("b",), Verdict("weak", MOVED))),
        (("a",), WEAK, (("a",), STRUCK)),
    ],
)
def test_the_quote_that_carries_a_sentence_takes_the_place_of_none_or_of_a_wrong_one(ids, found, expected):
    given = evidence()
    one = Drafted(given["b"].quote.text, ids)
    result = attributed(one, STRUCK, given, lambda moved: found if moved.ids == ("b",) else STRUCK)
    assert (result[0].ids, result[1]) == expected and result[0].text == one.text


def test_what_its_quotes_carry_is_not_tried_again():
    def never(_: Drafted) -> Verdict:
        raise AssertionError

    one = Drafted("Anything.", ("a",))
    assert attributed(one, WEAK, evidence(), never) == (one, WEAK)


def test_a_sentence_that_shares_no_words_with_any_quote_is_given_none():
    one = Drafted("Aspirin cures headaches.", ())
    assert attributed(one, STRUCK, evidence(), lambda _: SUPPORTED) == (one, STRUCK)


def test_quotes_that_carry_nothing_of_a_sentence_are_dropped():
    one = Drafted("It fell.", ("a", "b"))
    assert carried(one, Verdict("supported", carrying=(1,)))[0].ids == ("b",)
    assert carried(one, STRUCK) == (one, STRUCK)


def test_of_sentences_that_say_the_same_the_first_stays():
    said = [Drafted("It fell.", ("a",)), Drafted("It rose.", ()), Drafted("It  FELL.", ())]
    assert without_repeats(said) == said[:2]
