"""Thousands of reviews: a question finds those that it names as if it had gone through all of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import cast

import pytest

from rag.questions.follow_ups import standalone
from rag.questions.parsing import no_likeness, parse
from rag.questions.small_talk import LISTED, talk_reply
from rag.shelf import naming
from rag.shelf.catalogue import Catalogue
from rag.shelf.naming import MOST_TITLES, named_reviews
from rag.text import in_context, stems
from rag.types import Answer, Coverage, Review, Turn
from tests.engine import Shelf, herons, invented, lexical
from tests.growth import at_once

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


@pytest.mark.parametrize("seed", range(5))
def test_the_reviews_of_a_year_are_those_that_a_walk_finds(seed: int) -> None:
    rng = random.Random(seed)
    shelf = Catalogue(review(rng, number) for number in range(40))
    for some in (shelf, shelf.part([one.id for one in rng.sample(shelf, 9)])):
        for year in (2019, 2020, 2021):
            assert some.of_year(year) == [one.id for one in some if one.year == year]


@pytest.mark.parametrize("shelf", [invented, herons, lexical])
def test_a_library_holds_the_stems_that_a_walk_over_its_passages_finds(shelf: Callable[[], Shelf]) -> None:
    library = shelf().library
    said = {
        one.id: {form for p in library.passages_of(one.id) for form in stems(in_context(p, one.title))}
        for one in library.reviews
    }
    asked = {form for one in library.reviews for form in stems(one.text)} | {"zimmermann", "quackenbush", ""}
    parts = [library.reviews, *(library.reviews.part([one.id]) for one in library.reviews)]
    for part in [*parts, library.reviews.part([])]:
        assert {form for form in asked if part.holds(form)} == {form for one in part for form in said[one.id]} & asked


def test_a_catalogue_without_an_index_holds_the_stems_of_its_texts() -> None:
    rng = random.Random(3)
    shelf = Catalogue(review(rng, number) for number in range(12))
    for some in (shelf, shelf.part([one.id for one in shelf[3:5]])):
        held = {form for one in some for form in stems(one.text)}
        assert {form for word in WORDS for form in stems(word) if some.holds(form)} == held & {*stems(" ".join(WORDS))}


def test_an_unknown_author_is_looked_up_and_no_review_is_read_for_it() -> None:
    unreadable = cast(str, None)
    asked: list[str] = []

    def holding(form: str) -> list[str]:
        asked.append(form)
        return ["10.1/7"] if form == "flint" else []

    shelf = Catalogue((Review(f"10.1/{n}", f"Lamp {n}", unreadable, ()) for n in range(3_000)), holding)
    question = "Do Quackenbush 2020 and Zimmermann et al. agree with Flint 2021?"
    assert named_reviews(question, shelf).absent == ("Quackenbush 2020", "Zimmermann et al.")
    assert sorted(asked) == ["flint", "quackenbush", "zimmermann"]
    assert named_reviews(question, shelf.part(["10.1/8"])).absent[-1] == "Flint 2021"


@pytest.mark.parametrize(
    ("author", "is_known"),
    [("Lee", False), ("Sioud", False), ("Quennell", True), ("Ångström", False), ("Cemora", True)],
)
def test_a_name_that_stands_in_a_text_as_a_word_is_no_stranger(author: str, is_known: bool) -> None:
    assert (not named_reviews(f"What does {author} 2019 say?", invented().library.reviews).absent) == is_known


def test_thousands_of_reviews_cost_a_question_nothing() -> None:
    rng = random.Random(2)
    shelf = Catalogue(review(rng, number) for number in range(5_000))
    asked = "Does semaglutide lower mortality in diabetes according to Zimmermann et al. 2020?"
    named_reviews(asked, shelf)
    with at_once("ten questions", seconds=2):
        for _ in range(10):
            named_reviews("Does semaglutide lower mortality in patients with diabetes?", shelf)


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
