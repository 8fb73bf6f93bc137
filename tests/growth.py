"""How long it takes to read what is hostile, in time of the processor alone: a busy machine fails no test."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

# What takes milliseconds is far from it, and a pattern that runs wild takes minutes to hours.
SECONDS = 5.0


@contextmanager
def at_once(what: object, seconds: float = SECONDS) -> Iterator[None]:
    """Fail, and name what is read, once this process has worked on it for so many seconds."""
    if not hasattr(signal, "setitimer"):  # Windows has no such clock
        yield
        return

    def stop(*_: object) -> None:
        pytest.fail(f"after {seconds:g} s of the processor's time it still reads {what!a:.80}")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def grows_as_the_text(read: Callable[[str], object], unit: str, length: int) -> bool:
    """Tell whether a text eight times as long takes less than 20 times as long; where squares are at work, it is 64.

    Measured again where it seems to: what else a processor does can only add to the time.
    """
    short, long = unit * (length // len(unit)), unit * (8 * length // len(unit))
    return any(_seconds(read, long) < 20 * _seconds(read, short) + 0.02 for _ in range(3))


def _seconds(read: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    read(text)
    return time.process_time() - start
