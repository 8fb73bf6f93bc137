"""The numbers that two sentences give for the same thing, side by side and never averaged."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rag.comparison.polarity import other_circumstances, tells
from rag.lexicon import DAYS, NUMBER_WORDS
from rag.text import Word, stem, words

Kind = Literal["share", "time", "amount", "ratio"]
_FRACTIONS = {
    "half": 0.5,
    "third": 1 / 3,
    "thirds": 1 / 3,
    "quarter": 0.25,
    "quarters": 0.25,
    "fifth": 0.2,
    "tenth": 0.1,
}
_NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:[.·]\d+)?"
_WORD_NUMBER = "|".join(word for word in NUMBER_WORDS if len(word) > 2 and " " not in word)
_TO = r"\s?(?:[-–—]|to|and)\s?"
_UNITS = (
    r"mg/kg|mg/m2|mg/dl|mmol/mol|mmol/l|g/dl|g/l|ng/ml|µg|mcg|mg|kg|g|ml|l|mm ?hg|mmhg|cm|mm|kcal|points?|units?"
    r"|iu|gy|"
    r"nmol/l|pg/ml|beats|copies|dollars?|euros?|pounds?|billion|million"
)
# Forms of quantities, the first that fits at a place; a group `a` is a value, `b` the end of a range.
_PATTERNS: tuple[tuple[Kind, str], ...] = (
    (
        "ratio",
        r"\b(?:relative risk|risk ratio|rate ratio|hazard ratio|odds ratio|mean difference|RR|HR|OR|SMD)\b"
        rf"[^;%]{{0,80}}?(?<![\w.])(?P<a>[-−]?(?:{_NUMBER}))(?![\w%])",
    ),
    ("share", rf"(?<![\w.])(?P<a>{_NUMBER})(?: ?%)?(?:{_TO}(?P<b>{_NUMBER}))? ?(?:%|per ?cent\b|percent\b)"),
    ("share", rf"(?<![\w.])(?P<a>{_NUMBER}) (?:of|out of)(?: the| all)? (?P<of>{_NUMBER})\b"),
    (
        "share",
        rf"(?<![\w.-])(?P<a>{_NUMBER}|one|two|three)(?: [a-z]+)? (?:in(?: every)?|per|out of) (?P<of>{_NUMBER})\b",
    ),
    (
        "share",
        rf"\b(?P<a>one|two|three|a|an)[ -](?P<of>{'|'.join(_FRACTIONS)})\b|\b(?P<half>half)\b (?:of|the|as)\b",
    ),
    (
        "time",
        rf"(?<![\w.])(?P<a>{_NUMBER}|{_WORD_NUMBER})(?:{_TO}(?P<b>{_NUMBER}|{_WORD_NUMBER}))?[ -]"
        r"(?P<unit>second|minute|hour|day|week|month|year)s?\b",
    ),
    ("amount", rf"(?P<money>[$€£]) ?(?P<a>{_NUMBER})(?: (?P<unit>million|billion))?"),
    ("amount", rf"(?<![\w.])(?P<a>{_NUMBER})(?:{_TO}(?P<b>{_NUMBER}))?[ -]?(?P<unit>{_UNITS})(?![\w/])"),
)
_FORMS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _PATTERNS)
# What no finding is measured by: confidence levels, p-values, and what stands in brackets with them.
_ASIDE = re.compile(
    r"\b\d+ ?%\s*(?:confidence|CI\b|credible)[^;)]*|\bp\s?[<=>≤]\s?0?\.\d+|\([^)]*(?:CI|n =)[^)]*\)", re.IGNORECASE
)
_LEVEL = re.compile(r"\b\d+(?:\.\d+)? ?%\s*(?:confidence|CI\b|credible)", re.IGNORECASE)
_RATIO_IN_ASIDE = re.compile(r"\b(?:relative risk|hazard ratio|odds ratio|RR|HR|OR)\b", re.IGNORECASE)
# A time after one of these words says when, not how long.
_WHEN = re.compile(
    r"\b(?:within|by|at|after|over|for|until|beyond|during|in|every|than|aged|under|before|since|about|first|last"
    r"|next"
    r"|per|age of|up to|lasting)\s(?:(?:the|a|about|around|roughly|at least|more than|up to|first|only)\s)*$",
    re.IGNORECASE,
)
_BY_OR_TO = re.compile(
    r"\b(by|to|below|under|beneath)\s(?:(?:a|an|the|about|around|roughly|nearly|almost|at least|more than"
    r"|less than|up to|mean|average|median|of|or)\s)*$",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[;]|,? (?:but|whereas|although|though|while|however|against|versus|compared)\b")
_PART_END = re.compile(r"[,;](?=\s)|\s(?:but|whereas|although|while|however|against|versus)\b")
_LEADS_IN = re.compile(
    r"(?:where|when|if|with|at|in|after|within|by|among|below|above|under|over|for|during|from)\b", re.IGNORECASE
)
# Of these words both clauses have the same or none: overall survival is not progression-free survival.
_KINDS_OF_MEASURE = tuple(
    frozenset(stem(word) for word in kinds.split())
    for kinds in (
        "overall progression-free event-free disease-free relapse-free cancer-specific all-cause",
        "severe serious fatal any",
        "hazard odds relative difference",
        "complete partial",
        "sensitivity specificity",
        "systolic diastolic",
    )
)
_ALL_KINDS = frozenset().union(*_KINDS_OF_MEASURE)
# Doses of what is given are no findings unless doses are compared.
_GIVEN = frozenset("mg mg/kg mg/m2 mcg µg units iu gy billion million".split())
# Units say how a thing is measured, not what it is.
_UNIT_WORDS = frozenset(stem(word) for word in [*DAYS, *_GIVEN, "mmol", "mumol", "mol", "dl", "ci"])
NEARLY = 1.005
# How many words on each side of a number say what it measures.
BESIDE = 9
DOSE = frozenset({"dose", "dosag"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity of a sentence: `text[start:end]` is its wording, `low` and `high` its value or the ends of a range.

    Shares are in percent, times in days, amounts in `unit`. `about` are the content stems of its clause, `change`
    tells a change ("by 0.7 mg/dL") from a level that is reached ("to 6 mg/dL"), None what is neither.
    """

    start: int
    end: int
    low: float
    high: float
    kind: Kind
    unit: str
    about: frozenset[str]
    change: bool | None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two quantities of one measure; `same` when neither lies outside the other; `measure` names it."""

    one: Quantity
    other: Quantity
    same: bool
    measure: str


def side_by_side(
    one: str, other: str, about: Collection[str] = (), common: frozenset[str] = frozenset()
) -> tuple[Pair, ...]:
    """Return the quantities of two sentences that measure the same thing; swapped sentences give swapped pairs.

    `about` are stems of what is compared, `common` of what every sentence is about. The caller sees to it that the
    sentences are near in sense; those on different times, doses or groups have no pairs.
    """
    left, right = quantities(one), quantities(other)
    pairs = []
    for a in left:
        fitting = [b for b in right if a.kind == b.kind and a.unit == b.unit and _alike(a, b, about, common)]
        if not fitting or (a.unit in _GIVEN and not DOSE & set(about)):
            continue
        b = max(fitting, key=lambda b: (len(_shared(a, b, common)), -b.start))
        back = [c for c in left if c.kind == b.kind and c.unit == b.unit and (c is a or _shared(c, b, common))]
        alone = a == max(back, key=lambda c: (len(_shared(c, b, common)), -c.start))
        if alone and not other_circumstances(_around(one, a), _around(other, b)):
            pairs.append(Pair(a, b, _overlap(a, b), _measure(one, _shared(a, b, common), about)))
    return tuple(pairs[:1])


def _overlap(one: Quantity, other: Quantity) -> bool:
    """Tell whether neither lies outside the other; two years are 24 months."""
    return one.low <= other.high * NEARLY and other.low <= one.high * NEARLY


def _alike(one: Quantity, other: Quantity, about: Collection[str], common: frozenset[str]) -> bool:
    """Tell whether two quantities are of one thing: in the same words, or with two words in common that tell."""
    if one.change is not None and other.change is not None and one.change != other.change:
        return False
    if any((one.about & kinds) != (other.about & kinds) for kinds in _KINDS_OF_MEASURE):
        return False
    if one.about and one.about == other.about:
        return True
    shared = _shared(one, other, common)
    return len(shared - set(about)) > 0 and len(shared) > 1


def _shared(one: Quantity, other: Quantity, common: frozenset[str]) -> frozenset[str]:
    return (one.about & other.about) - common - _UNIT_WORDS


def _around(text: str, quantity: Quantity) -> str:
    """Return what a sentence says around a quantity, without it, and what leads in ("With 100 mg a day, …")."""
    cuts = [found.start() for found in _PART_END.finditer(text)]
    start = max((cut for cut in cuts if cut <= quantity.start), default=0)
    end = min((cut for cut in cuts if cut >= quantity.end), default=len(text))
    lead = text[: cuts[0]] if start and _LEADS_IN.match(text) else ""
    return f"{lead} {text[start : quantity.start]} {text[quantity.end : end]}"


def _measure(text: str, shared: frozenset[str], about: Collection[str]) -> str:
    """Return the words of a sentence that both numbers share, what is compared first."""
    found: dict[str, Word] = {}
    for word in words(text):
        if word.forms[0] in shared and tells(word):
            found.setdefault(word.forms[0], word)
    named = [found[form] for form in found if form in about] or list(found.values())
    return " ".join(word.text if word.start else word.text[0].lower() + word.text[1:] for word in named[:3])


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Return the shares, times, amounts and ratios that a sentence gives as findings, in order."""
    return tuple(sorted(_found(text), key=lambda quantity: quantity.start))


def _found(text: str) -> Iterator[Quantity]:
    taken = [m.span() for m in _ASIDE.finditer(text) if not _RATIO_IN_ASIDE.search(m.group())]
    taken += [found.span() for found in _LEVEL.finditer(text)]
    for kind, form in _FORMS:
        for match in form.finditer(text):
            start, end = match.span() if kind != "ratio" else match.span("a")
            if any(a < end and start < b for a, b in taken) or (kind == "time" and _WHEN.search(text[:start])):
                continue
            taken.append((start, end))
            low, high = _values(kind, match)
            unit, leads_in = _unit(kind, match), _BY_OR_TO.search(text[:start])
            change = None if leads_in is None else leads_in.group(1).casefold() == "by"
            yield Quantity(start, end, min(low, high), max(low, high), kind, unit, _clause(text, start), change)


def _values(kind: Kind, match: re.Match[str]) -> tuple[float, float]:
    groups = match.groupdict()
    if groups.get("half"):
        return 50.0, 50.0
    low = _value(groups["a"])
    high = _value(groups["b"]) if groups.get("b") else low
    if kind == "share" and groups.get("of"):
        whole = groups["of"].lower()
        low = high = 100 * low * _FRACTIONS[whole] if whole in _FRACTIONS else 100 * low / (_value(whole) or math.inf)
    if kind == "time":
        return low * DAYS[groups["unit"].lower()], high * DAYS[groups["unit"].lower()]
    return low, high


def _value(wording: str) -> float:
    plain = wording.lower().replace(",", "").replace("·", ".").replace("−", "-")
    return NUMBER_WORDS.get(plain) or float(plain)


def _unit(kind: Kind, match: re.Match[str]) -> str:
    if kind != "amount":
        return kind
    groups = match.groupdict()
    unit = re.sub(r"\s|(?<=point)s$|(?<=unit)s$", "", (groups.get("unit") or "").lower())
    return f"{groups.get('money') or ''}{unit}"


def _clause(text: str, at: int) -> frozenset[str]:
    """Return the content stems of the clause around a place, those beside it."""
    cuts = [found.start() for found in _CLAUSE_END.finditer(text)]
    start = max((cut for cut in cuts if cut <= at), default=0)
    end = min((cut for cut in cuts if cut > at), default=len(text))
    clause = words(text, start, end)
    place = sum(word.start < at for word in clause)
    beside = clause[max(0, place - BESIDE) : place + BESIDE]
    return frozenset(word.forms[0] for word in beside if tells(word) or word.forms[0] in _ALL_KINDS)
