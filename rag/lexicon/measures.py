"""Units of time in days, and what numbers in words are worth."""

from __future__ import annotations

from rag.text import NUMERALS

DAYS = {
    "second": 1 / 86400,
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.44,
    "year": 365.25,
}
NUMBER_WORDS = {word: float(number) for word, number in NUMERALS.items()} | {
    "a": 1.0,
    "an": 1.0,
    "half": 0.5,
    "half a": 0.5,
    "half an": 0.5,
    "thirty": 30.0,
    "fifty": 50.0,
}
LARGE = {"million": 1e6, "billion": 1e9}
