"""Whether the quotes that a written sentence names support it: decided without a second model, always the same."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from rag.lexicon import (
    DAYS,
    DENIES,
    NUMBER_WORDS,
    OPPOSITES,
    initials,
    is_content,
    open_thesaurus,
)
from rag.text import GREEK, fold, stem, stem_set, words
from rag.types import FloatMatrix
from rag.writing.polarity import certainty, opposed, other_circumstances

Embed = Callable[[Sequence[str]], FloatMatrix | None]

# A sentence is carried when this share of its content words stands in its quotes; with less, when it is near to them
# in sense too. Below both it is not even weak.
CARRIED, CARRIED_BY_SENSE, SAME_SENSE = 0.6, 0.25, 0.62
TOO_LITTLE, TOO_FAR = 0.2, 0.4
# Two sentences with at least this share of common words say opposite things when only one of them denies something.
IN_THE_SAME_WORDS = 0.6
# Kinds of things that a sentence may name only where its quotes do, when a name has at most so many kinds below it.
MATTERS = ("disease", "drug", "drug class", "procedure", "microbe", "body")
SPECIFIC = 200
# How many content words after a denial it denies.
DENIED = 2

_NUMBER = re.compile(
    r"(?<![\w.,])(?<![A-Za-z]-)(?P<sign>(?<![\w%])[-−](?=\d))?(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,·]\d+)?)"
    r"(?:\s?(?P<large>thousand|million|billion)\b)?(?:\s?[-–—]?\s?(?P<unit>%|per ?cent\b|percent\b|‰|°C|[$€£]"
    r"|(?:mg/kg|mg/m2|mg/dl|mmol/mol|mmol/l|µmol/l|g/dl|g/l|ng/ml|mcg|µg|mg|kg|ml|mmhg|mm hg|cm|mm|nm|kda|kb|gy|iu|g|l"
    r"|fold|times|seconds?|minutes?|min|hours?|h|days?|weeks?|months?|years?)\b))?(?![\w])",
    re.IGNORECASE,
)
_WORD_VALUES = {word: value for word, value in NUMBER_WORDS.items() if word.isalpha() and len(word) > 2}
_COUNTING = [word for word in _WORD_VALUES if word not in ("one", "half")]
_WORDED = "|".join(sorted(_COUNTING, key=len, reverse=True))
_NUMBER_WORD = re.compile(
    rf"\b(?P<word>{_WORDED})\b(?:[\s-](?P<unit>per ?cent|percent|fold|times|seconds?|minutes?|hours?|days?|weeks?"
    r"|months?|years?)\b)?"
    r"|\b(?P<one>one)(?= (?:patient|participant|trial|study|case|death|child|group|event|week|month|year)\b)",
    re.IGNORECASE,
)
_BOUND = re.compile(r"([<>≤≥])\s?$")
_PART = re.compile(
    r"\b(?:(half|halved|halves)|(twice|double[ds]?|doubling|two-?fold)|(triple[ds]?|three-?fold)"
    r"|an? (third|quarter))\b",
    re.I,
)
# The first ends of a range and the items before the last of a list have the unit of the last: "5–10 mg", "3 to 5%".
_SHARES_UNIT = re.compile(r"\s?(?:[-–—,]|to|and|or|versus|vs\.?)\s?", re.IGNORECASE)
# Reviews that are counted are no finding.
_COUNTED = re.compile(r"\s*(?:of the )?(?:reviews?|papers?|articles?|sources?|quotes?|authors?)\b", re.IGNORECASE)
_UNITS = {"percent": "%", "per cent": "%", "percents": "%", "mm hg": "mmhg", "µg": "mcg", "h": "hour", "min": "minute"}

# What says that nothing moved, as "did not improve" does in other words.
_UNCHANGED = re.compile(r"\b(?:unchanged|unaffected|unaltered|no (?:effect|difference|change))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well quotes carry a sentence, and for a reader why no better."""

    support: Literal["supported", "weak", "unsupported"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of a text: `start:end` is its place, its unit "" when it has none."""

    value: float
    unit: str
    start: int
    end: int


SUPPORTED = Verdict("supported")


def check_sentences(rows: Sequence[tuple[str, Sequence[str], Sequence[str]]], embed: Embed) -> list[Verdict]:
    """Return the verdict on each (sentence, quotes that it names, context).

    A context lends names and numbers (title, authors, year, heading) and carries nothing. `embed` returns one unit
    vector a text, or None without a model.
    """
    texts = [text for sentence, quotes, _ in rows if quotes for text in (sentence, *quotes, " ".join(quotes))]
    vectors = embed(texts) if texts else None
    verdicts, at = [], 0
    for sentence, quotes, context in rows:
        likeness = None
        if quotes and vectors is not None:
            likeness = float(np.max(vectors[at + 1 : at + len(quotes) + 2] @ vectors[at]))
        at += len(quotes) + 2 if quotes else 0
        verdicts.append(_verdict(sentence, quotes, likeness, context))
    return verdicts


def _verdict(sentence: str, quotes: Sequence[str], likeness: float | None, context: Sequence[str]) -> Verdict:
    if not quotes:
        return Verdict("unsupported", "It names no quote.")
    if wrong := wrong_number(sentence, quotes, context):
        return Verdict("unsupported", f"“{wrong}” stands in none of its quotes.")
    if strange := strange_name(sentence, quotes, context):
        return Verdict("unsupported", f"“{strange}” stands in none of its quotes.")
    if against := flipped(sentence, quotes):
        return Verdict("unsupported", f"Its quote says otherwise: “{against}”.")
    share = content_share(sentence, quotes, context)
    if not _is_carried(share, likeness):
        if share < TOO_LITTLE and (likeness is None or likeness < TOO_FAR):
            return Verdict("unsupported", "Its quotes speak of something else.")
        return Verdict("weak", "Only a part of it stands in its quotes.")
    if strange := strange_matter(sentence, quotes, context):
        return Verdict("weak", f"“{strange}” stands in none of its quotes.")
    if other_circumstances(sentence, " ".join(quotes)):
        return Verdict("weak", "Its quotes speak of other times, doses or groups.")
    if loses_hedge(sentence, quotes):
        return Verdict("weak", "Its quotes are more careful.")
    return SUPPORTED


def _is_carried(share: float, likeness: float | None) -> bool:
    return share >= CARRIED or (likeness is not None and share >= CARRIED_BY_SENSE and likeness >= SAME_SENSE)


def wrong_number(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a number of a sentence, as worded, that no quote gives with that unit; None when all are there."""
    there = [amount for text in (*quotes, *context) for amount in amounts(text)]
    for amount in amounts(sentence):
        if _COUNTED.match(sentence, amount.end):
            continue
        if not any(one.unit == amount.unit and _same_value(one, amount) for one in there):
            return sentence[amount.start : amount.end].strip()
    return None


def _same_value(one: Amount, other: Amount) -> bool:
    """Tell whether two amounts of one unit are the same; months and years are no exact number of days."""
    return math.isclose(one.value, other.value, rel_tol=0.002 if one.unit == "day" else 1e-9)


def amounts(text: str) -> list[Amount]:
    """Return the numbers of a text, in digits and in words, with their units; digits of names are none."""
    found = [_amount(match) for match in _NUMBER.finditer(text)]
    for match in _NUMBER_WORD.finditer(text):
        word = (match["word"] or match["one"]).lower()
        found.append(_in_days(Amount(_WORD_VALUES[word], _unit(match["unit"]), *match.span())))
    for match in _PART.finditer(text):
        value, unit = (50.0, "%") if match[1] else (2.0, "fold") if match[2] else (3.0, "fold")
        if match[4]:
            value, unit = (33.3, "%") if match[4].lower() == "third" else (25.0, "%")
        found.append(Amount(value, unit, *match.span()))
    found.sort(key=lambda amount: amount.start)
    for at in range(len(found) - 2, -1, -1):
        one, following = found[at], found[at + 1]
        if not one.unit and _SHARES_UNIT.fullmatch(text, one.end, following.start):
            found[at] = replace(one, unit=following.unit)
    return found


def _amount(match: re.Match[str]) -> Amount:
    digits = match["digits"]
    plain = digits.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits) else digits
    value = float(plain.replace(",", ".").replace("·", "."))
    value *= {"thousand": 1e3, "million": 1e6, "billion": 1e9}.get((match["large"] or "").lower(), 1.0)
    return _in_days(Amount(-value if match["sign"] else value, _unit(match["unit"]) + _bound(match), *match.span()))


def _bound(match: re.Match[str]) -> str:
    """Return < or > where a number is the bound of a p-value: 0.05 above and 0.05 below are not the same."""
    found = _BOUND.search(match.string, max(0, match.start() - 6), match.start())
    return {"≤": "<", "≥": ">"}.get(found[1], found[1]) if found else ""


def _in_days(amount: Amount) -> Amount:
    """Return a span of time in days, so that two years are 24 months."""
    days = DAYS.get(amount.unit)
    return replace(amount, value=round(amount.value * days, 1), unit="day") if days else amount


def _unit(wording: str | None) -> str:
    unit = " ".join((wording or "").lower().split())
    unit = _UNITS.get(unit, unit)
    singular = unit.removesuffix("s")
    return "fold" if unit in ("fold", "times") else singular if singular in DAYS else unit


def strange_name(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a name of a sentence (gene, drug, trial, short form) that no quote has; None when all are there."""
    texts = [*quotes, *context]
    known = {form for text in texts for form in _name_forms(text)}
    spelled = " ".join(initials(text) for text in texts)
    run = _joined(" ".join(texts))
    for name in names(sentence):
        bare = _joined(re.sub(r"^[Aa]nti-", "", name))
        if bare in known or bare.removesuffix("s") in known or f"{bare}s" in known:
            continue
        if (len(bare) > 3 and bare in run) or (len(bare) > 1 and bare.removesuffix("s") in spelled):
            continue
        if stem(name.casefold()) in known:
            continue
        return name
    return None


def names(text: str) -> Iterator[str]:
    """Yield the names in a text by how they are written: CD19, PD-1, TNF-α, ZUMA-1, Lynch, imatinib."""
    for at, match in enumerate(re.finditer(r"[^\W_][\w'’/+-]*[^\W_+]\+?|[^\W_]", text)):
        word = match.group()
        inside = word[1:]
        code = any(c.isdigit() for c in word) and any(c.isalpha() for c in word)
        capital = any(c.isupper() for c in inside) or any(c in GREEK for c in word)
        named = word[0].isupper() and at > 0 and not text[: match.start()].rstrip().endswith((".", ":", "“", '"'))
        if (
            (code and not re.fullmatch(r"\d+(?:st|nd|rd|th|fold|-fold)", word))
            or capital
            or named
            or _kind_of(word) == "drug"
        ):
            yield word.removesuffix("'s").removesuffix("’s")


def strange_matter(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> str | None:
    """Return a word of medicine in a sentence that no quote has, nor another word for the same; None without one."""
    there = frozenset(form for text in (*quotes, *context) for form in stem_set(text))
    strange = (word.text for word in words(sentence) if _kind_of(word.text) in MATTERS)
    return next((word for word in strange if not _is_named(stem(word), there)), None)


def _kind_of(word: str) -> str:
    """Return what kind of thing a word names; "" when that is not known, or a very general one."""
    entry = open_thesaurus().entry((stem(word),))
    return entry.kind if entry and entry.kinds_below <= SPECIFIC else ""


def _is_named(form: str, there: frozenset[str]) -> bool:
    """Tell whether stems hold this one, another name of the same thing, or that of a kind of it."""
    known, name = open_thesaurus(), (form,)
    return (
        form in there
        or any(there.issuperset(other) for other in known.same(name))
        or any(known.is_kind_of((other,), name) for other in there)
    )


def _name_forms(text: str) -> Iterator[str]:
    pieces = re.findall(r"[^\W_][\w'’/+-]*", text)
    for at, word in enumerate(pieces):
        yield _joined(word)
        yield stem(word.casefold())
        yield from map(_joined, re.split(r"[-/]", word))
        if at:
            yield _joined(pieces[at - 1] + word)


def _joined(text: str) -> str:
    for sign, name in GREEK.items():
        text = text.replace(sign, name)
    return re.sub(r"[^a-z0-9]", "", fold(text))


def flipped(sentence: str, quotes: Sequence[str]) -> str | None:
    """Return the words of a quote that say the opposite, None when none does."""
    here = _content(sentence)
    best = max(quotes, key=lambda quote: len(here & _content(quote)))
    if not _says_no_other_word(sentence, best) and (found := opposed(sentence, best)):
        return found.other
    if turned := _turned(sentence, best):
        return turned
    there = _content(best)
    if len(here & there) < IN_THE_SAME_WORDS * max(1, len(here)):
        return None
    own, others = _denied(sentence), _denied(best)
    if own.keys() & others.keys() or _UNCHANGED.search(sentence) or _UNCHANGED.search(best):
        return None
    for form in sorted(own.keys() ^ others.keys()):
        if form in here and form in there:
            return others.get(form) or " ".join(best.split()[:8]) + " …"
    return None


def _denied(text: str) -> dict[str, str]:
    """Return the content words that stand close after a denial, by stem, with the wording from the denial on."""
    found: dict[str, str] = {}
    for match in DENIES.finditer(text):
        after = [word for word in words(text, match.end(), len(text)) if is_content(word)][:DENIED]
        for word in after:
            found.setdefault(word.forms[0], text[match.start() : word.end])
    return found


def _says_no_other_word(sentence: str, quote: str) -> bool:
    """Tell a part of a quote, in whatever order, that denies as often as the quote does."""
    here, there = ({word.forms[0] for word in words(text) if is_content(word)} for text in (sentence, quote))
    denials = (sorted(found.lower() for found in DENIES.findall(text)) for text in (sentence, quote))
    return here <= there and len({tuple(found) for found in denials}) == 1


def _turned(sentence: str, quote: str) -> str | None:
    """Return the word of a quote in whose place a sentence has the opposite one."""
    here, there = ({word.text.casefold(): word.text for word in words(text)} for text in (sentence, quote))
    if len(here.keys() & there.keys()) < IN_THE_SAME_WORDS * len(here):
        return None
    for one, other in OPPOSITES:
        if one in here and one not in there and other in there and other not in here:
            return there[other]
    return None


def content_share(sentence: str, quotes: Sequence[str], context: Sequence[str]) -> float:
    """Return the share of a sentence's content words whose stems stand in its quotes; names from the context aside.

    A title lends its names and carries nothing else: a sentence that repeats a title has no quote for it.
    """
    content = _content(sentence)
    lent = {form for text in context for form in stem_set(text)}
    named = {form for name in names(f". {sentence}") for form in stem_set(name)}
    own = content - (lent & named)
    there = {form for quote in quotes for form in stem_set(quote)}
    return len(own & there) / len(own) if own else float(not content)


def _content(text: str) -> frozenset[str]:
    return frozenset(word.forms[0] for word in words(text) if is_content(word))


def loses_hedge(sentence: str, quotes: Sequence[str]) -> bool:
    """Tell whether every quote is careful ("may", "suggests") and the sentence is not."""
    return certainty(sentence) != "hedged" and all(certainty(quote) == "hedged" for quote in quotes)
