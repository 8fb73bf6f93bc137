"""A sentence without the right quote is given the one that carries it, if any does."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.answers import gather
from rag.questions import understand
from rag.types import Quote
from rag.writing.attributing import MOVED, Drafted, attributed, without_repeats
from rag.writing.checking import Verdict
from tests.engine import invented

SUPPORTED, WEAK, STRUCK = Verdict("supported"), Verdict("weak", "Not all of it."), Verdict("unsupported", "Elsewhere.")
LACKS = Verdict("unsupported", "Not there.", lacks="PT-41")


def evidence() -> dict[str, Quote]:
    library = invented().library
    quotes = gather(understand("What is known about biofilm?", library), library).quotes
    return dict(zip("abc", quotes, strict=False))


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
    one = Drafted(given["b"].text, ids)
    result = attributed(one, given, lambda _, quotes, whole: found if quotes == [given["b"]] else STRUCK)
    assert (result.ids, result.verdict) == expected and result.text == one.text


def test_what_its_quotes_carry_in_part_is_moved_only_to_one_that_carries_it_all():
    given = evidence()
    one = Drafted(given["b"].text, ("a",))
    moved = attributed(one, given, lambda _, quotes, whole: SUPPORTED if quotes == [given["b"]] else WEAK)
    stays = attributed(one, given, lambda _, quotes, whole: WEAK)
    assert (moved.ids, moved.verdict.reason, stays.ids, stays.verdict) == (("b",), MOVED, ("a",), WEAK)


def test_a_sentence_that_shares_no_words_with_any_quote_is_given_none():
    one = Drafted("Aspirin cures headaches.", ())
    found = attributed(one, evidence(), lambda _, quotes, whole: SUPPORTED if quotes else STRUCK)
    assert (found.ids, found.verdict) == ((), STRUCK)


def test_quotes_that_carry_nothing_of_a_sentence_are_dropped():
    one, given = Drafted("It fell.", ("a", "b")), evidence()
    assert attributed(one, given, lambda *_: Verdict("supported", carrying=(1,))).ids == ("b",)
    assert attributed(one, given, lambda *_: STRUCK).ids == ("a", "b")


@pytest.mark.parametrize(
    ("needed", "grown"),
    [({"before"}, (0, 20)), ({"after"}, (10, 30)), ({"before", "after"}, (0, 30)), ({"moon"}, None)],
)
def test_a_quote_grows_by_the_neighbours_that_have_what_it_lacks(needed, grown):
    before, quote, after = (
        Quote("r", "Results", "abstract", "authors", at, at + 10, text, 0, 30)
        for at, text in ((0, "before"), (10, "quote"), (20, "after"))
    )

    def check(_: str, quotes: Sequence[Quote], whole: bool) -> Verdict:
        return SUPPORTED if whole and needed <= {one.text for one in quotes} else LACKS

    one = Drafted("It fell.", ("a",))
    found = attributed(one, {"a": quote}, check, lambda _: (before, after))
    assert found.grown == ({"a": grown} if grown else {}) and found.ids == ("a",)
    assert not attributed(one, {"a": quote}, check).grown, "not where quotes stay as they are"


def test_a_quote_does_not_grow_for_what_it_merely_does_not_say():
    def never(_: Quote) -> tuple[None, None]:
        raise AssertionError

    assert attributed(Drafted("It fell.", ("a",)), evidence(), lambda *_: WEAK, never).verdict == WEAK


def test_of_sentences_that_say_the_same_the_first_stays():
    said = [Drafted("It fell.", ("a",)), Drafted("It rose.", ()), Drafted("It  FELL.", ())]
    assert without_repeats(said) == said[:2]
