"""Thousands of reviews: a question finds those that it names as if it had gone through all of them."""

from __future__ import annotations

import random
import time

import pytest

from rag.questions.follow_ups import standalone
from rag.questions.parsing import no_likeness, parse
from rag.questions.small_talk import LISTED, talk_reply
from rag.shelf import naming
from rag.shelf.catalogue import Catalogue
from rag.shelf.naming import MOST_TITLES, named_reviews
from rag.types import Answer, Coverage, Review, Turn

WORDS = "statins after stroke in the older adults gut microbes and sleep a history of iron malaria vaccines".split()
NAMES = ("Ann Wick", "Bo Flint", "Dana van der Berg", "Eli Müller", "Fay O'Neill", "Casey N", "Ember-Hall, C.")
JOURNALS = ("Nat Med", "Lancet Neurol", "Blood", "The Lancet", "International Journal of Cancer", None)


def review(rng: random.Random, number: int) -> Review:
    title = " ".join(rng.choices(WORDS, k=rng.randint(1, 8))).capitalize()
    title += rng.choice(("", ": " + " ".join(rng.choices(WORDS, k=3))))
    authors = tuple(rng.sample(NAMES, rng.randint(0, 3)))
    return Review(
        f"10.1/{number}", title, f"{title}.", (), authors, rng.choice(JOURNALS), rng.choice((None, 2019, 2021))
    )


def question(rng: random.Random, shelf: list[Review]) -> str:
    one = rng.choice(shelf)
    named = rng.choice(
        (one.title, one.title.split(":")[0], *one.authors, one.journal or "Nature", "Muller", "WICK et al.")
    )
    return rng.choice(("What does {} say?", "Does “{}” mention iron?", "{} 2021 on sleep", "in the {} review")).format(
        named
    )


def _by_name(asked: str, one: Review) -> bool:
    return bool(naming._by_author(asked, one) or naming._by_title(asked, one) or naming._by_journal(asked, one))


@pytest.mark.parametrize("seed", range(40))
def test_no_name_is_overlooked(seed: int) -> None:
    rng = random.Random(seed)
    shelf = [review(rng, number) for number in range(40)]
    asked = question(rng, shelf)
    named = [one for one in shelf if _by_name(asked, one)]
    assert [one for one in Catalogue(shelf).perhaps_named(asked) if _by_name(asked, one)] == named


def test_a_part_of_a_catalogue_knows_its_own_reviews_only() -> None:
    rng = random.Random(1)
    shelf = Catalogue(review(rng, number) for number in range(30))
    part = shelf.part([one.id for one in shelf[10:20]])
    assert part == shelf[10:20] and shelf.part([one.id for one in shelf]) is shelf
    assert {one.id for one in part.perhaps_named("What do Wick and Flint say?")} <= {one.id for one in part}
    assert part.coverage({part[1].id: "cited", "10.1/0": "cited"})[:2] == (
        Coverage(part[0].id, "silent"),
        Coverage(part[1].id, "cited"),
    )


def test_thousands_of_reviews_cost_a_question_nothing() -> None:
    rng = random.Random(2)
    shelf = Catalogue(review(rng, number) for number in range(5_000))
    asked = "Does semaglutide lower mortality in diabetes according to Zimmermann et al. 2020?"
    named_reviews(asked, shelf)
    start = time.process_time()
    for _ in range(10):
        named_reviews("Does semaglutide lower mortality in patients with diabetes?", shelf)
    assert time.process_time() - start < 0.25


def test_a_title_among_thousands_is_not_guessed() -> None:
    shelf = [Review(f"10.1/{n}", f"Lamp {n}", "", ()) for n in range(MOST_TITLES + 2)]

    def alike(phrase: str, others: object) -> list[float]:
        raise AssertionError("thousands of titles would be embedded")

    assert named_reviews("How do the lamp 7 and the candle papers differ?", shelf, alike).review_ids in (
        (),
        ("10.1/7",),
    )


def test_the_list_of_a_large_library_ends() -> None:
    shelf = [Review(f"10.1/{n}", f"Lamp {n}", "", ()) for n in range(LISTED + 5)]
    reply = talk_reply("Which reviews are loaded?", shelf, set[str]().__contains__)
    assert reply is not None and reply.endswith("and 5 more") and len(reply.splitlines()) == LISTED + 2


def test_the_other_reviews_of_thousands_are_not_named_one_by_one() -> None:
    shelf = Catalogue(Review(f"10.1/{n}", f"Lamps of the year {n}", "", ()) for n in range(3_000))
    before = Answer("Do lamps last?", "Do lamps last?", "quotes", "not_found", "Not found.", ())
    asked = standalone(parse("What about the other papers?", shelf), [Turn("Do lamps last?", before)], no_likeness)
    assert asked == "Do lamps last?"
