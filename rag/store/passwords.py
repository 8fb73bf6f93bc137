"""Passwords at a door: compared in constant time, and the more guesses are wrong, the longer the next has to wait."""

from __future__ import annotations

import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

# The first wrong guesses cost nothing; each one after them doubles the wait, in seconds, up to the longest.
FREE_GUESSES, FIRST_WAIT, LONGEST_WAIT = 3, 1.0, 300.0
# Of all visitors together, within a minute: this holds up those whom no address tells apart. It is near what the page
# can serve at all, so that a stranger who guesses slowly keeps nobody out; the password has to be a long one.
GUESSES_A_MINUTE = 600
_MINUTE = 60.0
# How many visitors are remembered; the one whose last guess is longest ago goes first.
_REMEMBERED = 10_000


def same(given: str, expected: str) -> bool:
    """Tell whether two passwords are the same, in a time that tells nothing of either."""
    return hmac.compare_digest(_hashed(given), _hashed(expected))


def _hashed(password: str) -> bytes:
    return sha256(password.encode("utf-8", "surrogatepass")).digest()


@dataclass
class Door:
    """Counts the wrong guesses of each visitor; `clock` is in seconds and never goes back."""

    clock: Callable[[], float] = time.monotonic
    _wrong: dict[str, tuple[int, float]] = field(default_factory=dict)
    _guesses: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self, visitor: str) -> float:
        """Return how many seconds this visitor has to wait before the next guess is looked at."""
        with self._lock:
            return self._wait(visitor, self.clock())

    def opens(self, visitor: str, given: str, expected: str) -> bool:
        """Tell whether a guess is right; one that comes before its time is not looked at."""
        with self._lock:
            now = self.clock()
            if self._wait(visitor, now) > 0:
                return False
            if same(given, expected):
                self._wrong.pop(visitor, None)
                return True
            count = self._wrong.pop(visitor, (0, now))[0] + 1
            self._wrong[visitor] = count, now
            self._guesses = [at for at in self._guesses if at > now - _MINUTE] + [now]
            if len(self._wrong) > _REMEMBERED:
                del self._wrong[next(iter(self._wrong))]
            return False

    def _wait(self, visitor: str, now: float) -> float:
        count, last = self._wrong.get(visitor, (0, now))
        own = (
            last + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(count - FREE_GUESSES, 20)) if count >= FREE_GUESSES else now
        )
        recent = [at for at in self._guesses if at > now - _MINUTE]
        of_all = recent[-GUESSES_A_MINUTE] + _MINUTE if len(recent) >= GUESSES_A_MINUTE else now
        return max(0.0, own - now, of_all - now)
