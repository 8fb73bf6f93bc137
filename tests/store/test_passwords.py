"""Doors with a password: right ones pass, wrong ones wait."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.store.passwords import FREE_GUESSES, GUESSES_A_MINUTE, LONGEST_WAIT, Door, same

RIGHT = "correct horse"


class Clock:
    """A clock that is set by hand, in seconds."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def wrong(door: Door, clock: Clock, visitor: str, times: int) -> None:
    """Guess wrongly so many times, each as soon as it is looked at."""
    for _ in range(times):
        clock.now += door.wait(visitor)
        assert not door.opens(visitor, "wrong", RIGHT)


@given(st.text(), st.text())
def test_passwords_are_the_same_only_letter_by_letter(one: str, other: str) -> None:
    assert same(one, one)
    assert same(one, other) == (one == other)


def test_the_right_password_opens_at_once() -> None:
    assert Door(Clock()).opens("a", RIGHT, RIGHT)


@pytest.mark.parametrize("guess", ["", RIGHT.upper(), RIGHT + " ", "é", "\ud800"])
def test_anything_else_does_not(guess: str) -> None:
    assert not Door(Clock()).opens("a", guess, RIGHT)


def test_the_first_wrong_guesses_cost_nothing_and_later_ones_twice_as_long_each() -> None:
    clock = Clock()
    door, waits = Door(clock), []
    for _ in range(FREE_GUESSES + 10):
        waits.append(door.wait("a"))
        wrong(door, clock, "a", 1)
    assert waits[:FREE_GUESSES] == [0.0] * FREE_GUESSES
    assert waits[FREE_GUESSES : FREE_GUESSES + 9] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert waits[-1] == LONGEST_WAIT


def test_while_one_waits_even_the_right_password_is_not_looked_at() -> None:
    clock = Clock()
    door = Door(clock)
    wrong(door, clock, "a", FREE_GUESSES)
    assert not door.opens("a", RIGHT, RIGHT)
    clock.now += 1.0
    assert door.opens("a", RIGHT, RIGHT)
    assert door.wait("a") == 0


def test_a_stranger_who_guesses_does_not_keep_another_waiting() -> None:
    clock = Clock()
    door = Door(clock)
    wrong(door, clock, "stranger", FREE_GUESSES + 3)
    assert door.opens("a", RIGHT, RIGHT)


def test_guesses_from_many_visitors_are_held_up_together_for_a_minute() -> None:
    clock = Clock()
    door = Door(clock)
    for number in range(GUESSES_A_MINUTE):
        assert not door.opens(f"v{number}", "wrong", RIGHT)
    assert 0 < door.wait("new") <= 60
    clock.now = 60.1
    assert door.opens("new", RIGHT, RIGHT)


def test_threads_that_guess_at_once_get_no_more_guesses_than_one() -> None:
    door, together = Door(Clock()), threading.Barrier(20)

    def work() -> None:
        together.wait()
        door.opens("a", "wrong", RIGHT)

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert door.wait("a") == 1.0
