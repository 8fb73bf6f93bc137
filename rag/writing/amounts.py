"""The numbers of a text with their units, in digits and in words: those of a sentence must stand in its quotes."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
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
    rf"|min|hr?s?|wks?|mo|yrs?|y|(?:{_TIME})s?)\b"
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
_PARTS = {"third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_PART = re.compile(
    r"\b(?:(?P<half>half|halved|halves)(?![\s-](?:an?[\s-])?(?:hour|day|month|year|life|dose))"
    rf"|(?P<several>an?|{_ONES})[\s-](?:(?P<part>{'|'.join(_PARTS)})s?|(?:in|out of)[\s-](?P<whole>{_UP_TO_99})))\b",
    re.IGNORECASE,
)
_MULTIPLE = re.compile(r"\b(?:(?P<two>twice|double[ds]?|doubling|two-?fold)|triple[ds]?|three-?fold)\b", re.IGNORECASE)
_BOUND = re.compile(r"([<>≤≥])\s?$")
# "day 14", "weeks 4 and 8": the unit stands before.
_LIST = rf"(?:(?:\d+|{_ONES}|,|to|and|or|[-–])\s?)*$"
_DATED = re.compile(rf"\b({_TIME})s?[\s-]{_LIST}", re.IGNORECASE)
# "aged 50 to 70", "a mean age of 55": these are years.
_AGED = re.compile(rf"\bage[ds]?\s(?:(?:of|was|between|over|under|about|from)\s)*{_LIST}", re.IGNORECASE)
# The first ends of a range and the items before the last of a list have the unit of the last: "5–10 mg", "3 to 5%".
_SHARES_UNIT = re.compile(r"\s?(?:[-–—±]|,?\s?(?:to|and|or|versus|vs\.?)|,)\s?", re.IGNORECASE)
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
_UNITS = {"percent": "%", "per cent": "%", "mm hg": "mmhg", "µg": "mcg", "min": "minute", "mo": "month", "wk": "week"}
_UNITS |= dict.fromkeys(("h", "hr"), "hour") | dict.fromkeys(("y", "yr"), "year") | dict.fromkeys(("fold", "time"), "")
# A number that says less than another one is the same as long as it is so near.
NEAR = 0.05


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a text: `start:end` is its place, its unit "" when it has none; `bound` is "<" or ">".

    A more exact number is rounded to it when it differs by no more than `rounds` of it. A `part` is one of a whole that
    need not be told: half, one in five.
    """

    value: float
    unit: str
    start: int
    end: int
    bound: str = ""
    rounds: float = 0.0
    part: bool = False


def wrong_number(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a number of a sentence, as worded, that no quote gives with that unit; None when all are there.

    What is said about ("nearly 70%") may be a tenth away; how a number is signed is left to what reads the sentence.
    """
    texts = [amounts(text) for text in (*quotes, *context)]
    said = amounts(sentence)
    for at, amount in enumerate(said):
        wording = sentence[amount.start : amount.end].strip()
        if wording.lower() in _NAMED or _COUNTED.match(sentence, amount.end):
            continue
        about = ROUNDED if _ABOUT.search(sentence, max(0, amount.start - 30), amount.start) else 0.0
        meant = [amount]
        if at and not amount.unit:  # "3 days instead of 6"
            meant.append(_in_days(replace(amount, unit=_unit_of(sentence, said[at - 1]))))
        if any(_is_same(one, own, max(about, amount.rounds)) for text in texts for one in text for own in meant):
            continue
        if not amount.part or not any(_have_ratio(own, amount.value / 100, about) for own in texts):
            return wording
    return None


def _have_ratio(found: Sequence[Amount], share: float, about: float) -> bool:
    """Tell whether two of the numbers of a text, in the same unit, are to each other as a part to its whole."""
    by_unit: dict[str, list[float]] = {}
    for one in sorted(found, key=lambda amount: amount.value):
        by_unit.setdefault(one.unit, []).append(one.value)
    for values in by_unit.values():
        for whole in values:
            at = bisect_left(values, whole * share * (1 - max(about, NEAR)))
            if whole > 0 and at < len(values) and values[at] <= whole * share * (1 + max(about, NEAR)):
                return True
    return False


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
    found = [_of_part(match) for match in _PART.finditer(text)]
    parts = {at for one in found for at in range(one.start, one.end)}
    found += [_of_digits(match) for match in _NUMBER.finditer(text)]
    found += [_of_words(match) for match in _NUMBER_WORD.finditer(text) if match.start() not in parts]
    found += [Amount(2.0 if match["two"] else 3.0, "", *match.span()) for match in _MULTIPLE.finditer(text)]
    found.sort(key=lambda amount: amount.start)
    for at in range(len(found) - 2, -1, -1):
        one, following = found[at], found[at + 1]
        if not one.unit and _SHARES_UNIT.fullmatch(text, one.end, following.start):
            found[at] = _in_days(replace(one, unit=_unit_of(text, following)))
    return found


def _of_digits(match: re.Match[str]) -> Amount:
    digits = match["digits"]
    plain = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
    value = float(plain.replace(",", ".").replace("·", ".")) * _LARGE.get((match["large"] or "").lower(), 1.0)
    found = _BOUND.search(match.string, max(0, match.start() - 3), match.start())
    bound = {"≤": "<", "≥": ">"}.get(found[1], found[1]) if found else ""
    decimals = len(digits.replace("·", ".").partition(".")[2])
    return _measured(match, -value if match["sign"] else value, bound, decimals)


def _of_words(match: re.Match[str]) -> Amount:
    return _measured(match, _value_of(match["word"]))


def _measured(match: re.Match[str], value: float, bound: str = "", decimals: int = 0) -> Amount:
    """Return a number with its unit, which may stand before it."""
    unit, before = _unit(match["unit"]), match.string[max(0, match.start() - 30) : match.start()]
    if not unit and (dated := _DATED.search(before)):
        unit = dated[1].lower()
    elif not unit and _AGED.search(before):
        unit = "year"
    rounds = min(NEAR, 0.5 * 10**-decimals / abs(value)) if value else 0.0
    return _in_days(Amount(value, unit, *match.span(), bound, rounds))


def _of_part(match: re.Match[str]) -> Amount:
    """Return a part of a whole in percent."""
    if match["half"]:
        share = 0.5
    else:
        whole = _PARTS[match["part"].lower()] if match["part"] else _value_of(match["whole"])
        share = max(1.0, _value_of(match["several"])) / whole
    return Amount(round(100 * share, 1), "%", *match.span(), part=True)


def _value_of(wording: str) -> float:
    """Return what a number in words is worth: "one hundred and fifty-six"."""
    value = 0
    for word in re.findall(r"[a-z]+", wording.lower()):
        value = value * 100 if word == "hundred" else value + _WORTH.get(word, 0)
    return float(value)


def _unit_of(text: str, amount: Amount) -> str:
    """Return the unit that an amount is written with, one of time as it stands there and not in days."""
    found = re.search(rf"(?:{_UNIT})$", text[amount.start : amount.end], re.IGNORECASE)
    return _unit(found[0]) if found and amount.unit == "day" else amount.unit


def _in_days(amount: Amount) -> Amount:
    """Return a span of time in days, so that two years are 24 months."""
    days = DAYS.get(amount.unit)
    return replace(amount, value=round(amount.value * days, 9), unit="day") if days else amount


def _unit(wording: str | None) -> str:
    unit = " ".join((wording or "").lower().strip("-").split())
    singular = unit.removesuffix("s")
    return _UNITS.get(singular, singular if singular in DAYS else unit)
