"""The numbers of a text with their units, in digits and in words: those of a sentence must stand in its quotes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.text import NUMERALS

# Units of time in days.
DAYS = {
    "second": 1 / 86400,
    "minute": 1 / 1440,
    "hour": 1 / 24,
    "day": 1.0,
    "week": 7.0,
    "month": 30.44,
    "year": 365.25,
}
_TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
_WORTH = NUMERALS | _TENS
_LARGE = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_TIME = "|".join(DAYS)
_UNIT = (
    r"%|per ?cent\b|percent\b|‰|°C|[$€£]|(?:mg/kg|mg/m2|mg/dl|mmol/mol|mmol/l|µmol/l|g/dl|g/l|ng/ml|mcg|µg|mg|kg|ml"
    rf"|mmhg|mm hg|cm|mm|nm|kda|kb|gy|iu|g|l|-?fold|times(?= (?:as|more|less|higher|lower|greater|larger|longer)\b)"
    rf"|min|h|(?:{_TIME})s?)\b"
)
_NUMBER = re.compile(
    r"(?<![\w.,])(?:(?<![A-Za-z]-)|(?<=day-)|(?<=week-)|(?<=month-)|(?<=year-))(?P<sign>(?<![\w%])[-−](?=\d))?"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,·]\d+)?)"
    rf"(?:\s?(?P<large>thousand|million|billion)\b)?(?:\s?[-–—]?\s?(?P<unit>{_UNIT}))?(?![\w])",
    re.IGNORECASE,
)
_ONES, _TEENS = "|".join([*NUMERALS][:9]), "|".join(sorted(NUMERALS, key=len, reverse=True))
_UP_TO_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONES}))?|{_TEENS})"
_NUMBER_WORD = re.compile(
    rf"\b(?P<word>{_UP_TO_99} hundred(?: (?:and )?{_UP_TO_99})?|{_UP_TO_99})\b(?:[\s-](?P<unit>{_UNIT}))?",
    re.IGNORECASE,
)
# "two groups", "the three of them": what is named by its number, not measured.
_NAMED = ("one", "two", "three")
_PART = re.compile(
    r"\b(?:(half|halved|halves)(?![\s-](?:an?[\s-])?(?:hour|day|month|year|life|dose))"
    r"|(twice|double[ds]?|doubling|two-?fold)|(triple[ds]?|three-?fold)|an? (third|quarter))\b",
    re.IGNORECASE,
)
_BOUND = re.compile(r"([<>≤≥])\s?$")
# "day 14", "weeks 4 and 8": the unit stands before.
_DATED = re.compile(rf"\b({_TIME})s?[\s-](?:(?:\d+|,|to|and|or|[-–])\s?)*$", re.IGNORECASE)
# The first ends of a range and the items before the last of a list have the unit of the last: "5–10 mg", "3 to 5%".
_SHARES_UNIT = re.compile(r"\s?(?:[-–—]|,?\s?(?:to|and|or|versus|vs\.?)|,)\s?", re.IGNORECASE)
# A span of time; of other amounts, "from 15% to 51%" may be a change, whose ends stand for themselves.
_SPAN = re.compile(r"\s?(?:[-–—]|to)\s?", re.IGNORECASE)
YEARS = range(1900, 2100)
_ABOUT = re.compile(
    r"\b(?:about|around|roughly|nearly|almost|approximately|some|over|under|(?:more|less|fewer) than|at least|up to"
    r"|just) (?:\w+ )?$",
    re.IGNORECASE,
)
# How far a number may be from one that is said about.
ROUNDED = 0.1
# Reviews that are counted are no finding.
_COUNTED = re.compile(r"\s*(?:of the )?(?:reviews?|papers?|articles?|sources?|quotes?|authors?)\b", re.IGNORECASE)
_UNITS = {"percent": "%", "per cent": "%", "percents": "%", "mm hg": "mmhg", "µg": "mcg", "h": "hour", "min": "minute"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a text: `start:end` is its place, its unit "" when it has none; `bound` is "<" or ">"."""

    value: float
    unit: str
    start: int
    end: int
    bound: str = ""


def wrong_number(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a number of a sentence, as worded, that no quote gives with that unit; None when all are there.

    What is said about ("nearly 70%") may be a tenth away; how a number is signed is left to what reads the sentence.
    """
    there = [amount for text in (*quotes, *context) for amount in amounts(text)]
    for amount in amounts(sentence):
        wording = sentence[amount.start : amount.end].strip()
        if wording.lower() in _NAMED or _COUNTED.match(sentence, amount.end):
            continue
        about = ROUNDED if _ABOUT.search(sentence, max(0, amount.start - 30), amount.start) else 0.0
        if not any(_is_same(one, amount, about) for one in there):
            return wording
    return None


def half_a_span(sentence: str, quotes: Sequence[str]) -> str | None:
    """Return a time of a sentence that its quotes have as one end of a span alone: "in 2000" of "from 2000 to 2007"."""
    there = [(amount, other) for quote in quotes for amount, other in _with_other_end(quote)]
    said = amounts(sentence)
    for amount in said:
        if _ABOUT.search(sentence, max(0, amount.start - 30), amount.start):
            continue
        ends = [other for one, other in there if _is_same(one, amount, 0.0)]
        if ends and all(other and not any(_is_same(other, one, 0.0) for one in said) for other in ends):
            return sentence[amount.start : amount.end].strip()
    return None


def _with_other_end(text: str) -> Iterator[tuple[Amount, Amount | None]]:
    """Yield the amounts of a text, each with the other end of the span of time that it is an end of."""
    found = amounts(text)
    for at, one in enumerate(found):
        following = next(iter(found[at + 1 : at + 2]), None)
        before = found[at - 1] if at else None
        ends = [
            other
            for first, second, other in ((one, following, following), (before, one, before))
            if first
            and second
            and _is_time(first)
            and _is_time(second)
            and _SPAN.fullmatch(text, first.end, second.start)
        ]
        yield one, next(iter(ends), None)


def _is_time(amount: Amount) -> bool:
    return amount.unit == "day" or (not amount.unit and amount.value in YEARS)


def _is_same(there: Amount, amount: Amount, about: float) -> bool:
    """Tell whether two amounts are the same; months and years are no exact number of days."""
    if there.unit != amount.unit or {there.bound, amount.bound} == {"<", ">"}:
        return False
    tolerance = max(about, 0.002 if amount.unit == "day" else 1e-9)
    return math.isclose(abs(there.value), abs(amount.value), rel_tol=tolerance)


def amounts(text: str) -> list[Amount]:
    """Return the numbers of a text, in digits and in words, with their units; digits of names are none."""
    found = [_of_digits(match) for match in _NUMBER.finditer(text)]
    found += [_of_words(match) for match in _NUMBER_WORD.finditer(text)]
    for match in _PART.finditer(text):
        value, unit = (50.0, "%") if match[1] else (2.0, "fold") if match[2] else (3.0, "fold")
        if match[4]:
            value, unit = (33.3, "%") if match[4].lower() == "third" else (25.0, "%")
        found.append(Amount(value, unit, *match.span()))
    found.sort(key=lambda amount: amount.start)
    for at in range(len(found) - 2, -1, -1):
        one, following = found[at], found[at + 1]
        if not one.unit and _SHARES_UNIT.fullmatch(text, one.end, following.start):
            found[at] = _in_days(replace(one, unit=_time_of(text, following) or following.unit))
    return found


def _of_digits(match: re.Match[str]) -> Amount:
    digits = match["digits"]
    plain = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
    value = float(plain.replace(",", ".").replace("·", ".")) * _LARGE.get((match["large"] or "").lower(), 1.0)
    unit = _unit(match["unit"])
    before = match.string[max(0, match.start() - 30) : match.start()]
    if not unit and (dated := _DATED.search(before)):
        unit = dated[1].lower()
    bound = {"≤": "<", "≥": ">"}.get(found[1], found[1]) if (found := _BOUND.search(before)) else ""
    return _in_days(Amount(-value if match["sign"] else value, unit, *match.span(), bound))


def _of_words(match: re.Match[str]) -> Amount:
    return _in_days(Amount(_value_of(match["word"]), _unit(match["unit"]), *match.span()))


def _value_of(wording: str) -> float:
    """Return what a number in words is worth: "one hundred and fifty-six"."""
    value = 0
    for word in re.findall(r"[a-z]+", wording.lower()):
        value = value * 100 if word == "hundred" else value + _WORTH.get(word, 0)
    return float(value)


def _time_of(text: str, amount: Amount) -> str:
    """Return the unit of time that an amount is written with, "" without one."""
    found = re.search(rf"\b({_TIME})s?$", text[amount.start : amount.end], re.IGNORECASE)
    return found[1].lower() if found else ""


def _in_days(amount: Amount) -> Amount:
    """Return a span of time in days, so that two years are 24 months."""
    days = DAYS.get(amount.unit)
    return replace(amount, value=round(amount.value * days, 3), unit="day") if days else amount


def _unit(wording: str | None) -> str:
    unit = " ".join((wording or "").lower().strip("-").split())
    unit = _UNITS.get(unit, unit)
    singular = unit.removesuffix("s")
    return "fold" if unit in ("fold", "times") else singular if singular in DAYS else unit
