"""What publishers print around a paper on its pages: heads and feet, dates of receipt, whom to write to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rag.sources.dates import PRINTED_DATE
from rag.sources.facts import Facts
from rag.sources.identifiers import find_doi, without_addresses, without_doi

_LONGEST = 400
_FURNITURE = re.compile(
    r"\d{1,4}|page \d+(?: of \d+)?|[ivx]+|contents lists? available .*|journal homepage.*|article (?:info|history).*"
    r"|.{0,40}e-?mail(?: address(?:es)?)?\s*:.*|[*†‡✉]?\s*(?:corresponding authors?|correspondence)\b.{0,300}"
    r"|(?:you|chatgpt|claude|gemini|copilot) said:|chatgpt can make mistakes.*"
    r"|[^@]{0,200}[\w.+-]@[\w-]+\.\w.*|(?:https?://|www\.|doi\s*:|doi\b\W{1,3}10\.).*|downloaded from .*"
    r"|\d{4}-\d{3}[\dX]/.*|open access"
    rf"|(?:received|accepted|revised|available online|published(?: online)?)\b[\w ]{{0,30}}\W+{PRINTED_DATE}.{{0,200}}"
    r"|.{0,40}(?:©|\(c\) \d{4}|all rights reserved|creative commons|licen[cs]e).*"
    r"|.{0,60}\bpreprint\b.{0,20}doi.*|(?:edited|academic editor|editor|reviewed) ?(?:by)?\s*:.*"
    r"|(?:[A-Z]\.[ -]?)+[\w'’-]+(?: et al\.?| and .{2,40})"
    # "Wick et al. J Lamps (2021) 21:114"
    r"|.{5,100}\((?:19|20)\d\d\) \d{1,4}:[eE]?\d.{0,40}|.{0,80}\bfirst published (?:as|online)\b.{0,200}"
    # "C. Wick et al. / Journal of Lamps 74 (2021) 1120–1131", "J Lamps 2019; 33: 45–58"
    r"|.{5,140}\b\d{1,4}\s?\((?:19|20)\d\d\)\s?\w{1,10}(?:[–-]\d+)?|[^.]{5,80}\b(?:19|20)\d\d;\s?\d.{0,80}",
    re.IGNORECASE,
)
_DOI_ADDRESS = re.compile(r"doi\.org/10\.", re.IGNORECASE)
_MOST_WORDS_WITH_DOI = 15
_IN_HEAD = re.compile(
    r"(?:.{3,60}? / |.{3,60}? et al\.? )?(?P<journal>[A-Z][\w&.:’' -]{2,80}?),?\s+"
    r"(?:(?:vol(?:ume)?\.?\s*)?\d{1,4}(?:, [^\d()]{1,20}\w{1,12})?\s*\((?P<year>(?:19|20)\d\d)\)"
    r"|(?P<first>(?:19|20)\d\d);\s?\d"
    r"|\((?P<alone>(?:19|20)\d\d)\) \d{1,4}:[eE]?\d)"
)
_APPEARED = re.compile(rf"(?:online|published|posted)\W+(?P<date>{PRINTED_DATE})", re.IGNORECASE)
_TRAIL, _DIGIT = re.compile(r"\s[>|›»]\s"), re.compile(r"\d")
_MOST_WORDS_OF_STEP = 4
_NOT_LETTERS = re.compile(r"[\W_]+")
_YEAR = re.compile(r"(?<![\d/])(?<!\d{3}[–-])(?:19|20)\d\d(?![\d/])(?![–-]\d)")
_FETCHED = re.compile(r"\b(?:down)?loaded\b|\baccessed\b|\s\d{1,2}:\d\d\b", re.IGNORECASE)
_COMPONENT = re.compile(r"\.[tgs]\d{3}$")
_COPYRIGHT = re.compile(r"(?:©|\(c\))\s*(?:the authors?\(?s?\)?,?\s*)?(?P<year>(?:19|20)\d\d)\b", re.IGNORECASE)


def is_furniture(text: str) -> bool:
    """Tell a line that stands around a paper from one of its text."""
    if len(text) > _LONGEST:
        return False
    text = text.strip("*_ ")
    if is_trail(text):
        return True
    short_address = _DOI_ADDRESS.search(text) and len(text.split()) <= _MOST_WORDS_WITH_DOI
    return bool(short_address or _FURNITURE.fullmatch(text.replace("*", "")))


def is_trail(text: str) -> bool:
    """Tell a line of links, "Home > Alerts > About", from a row of a table."""
    steps = [step.split() for step in _TRAIL.split(text[:_LONGEST])]
    return len(steps) > 2 and all(0 < len(step) <= _MOST_WORDS_OF_STEP for step in steps) and not _DIGIT.search(text)


def add_stated(lines: Iterable[str], facts: Facts) -> None:
    """Add to the facts what heads, feet and notices of copyright state of the paper that they stand around."""
    year = None
    for line in lines:
        text = line[:_LONGEST].replace("*", "")
        if match := _IN_HEAD.match(text):
            facts.journal = facts.journal or match["journal"].strip(" ,.")
            year = year or match["year"] or match["first"] or match["alone"]
        if (match := _APPEARED.search(text)) and not facts.date:
            facts.date = match["date"]
        if match := _COPYRIGHT.search(text):
            year = year or match["year"]
        if re.search(r"\bpreprint\b", text, re.IGNORECASE):
            facts.status = facts.status or "preprint"
    facts.date = facts.date or year


def add_own_doi(lines: Iterable[str], facts: Facts) -> None:
    """Add the DOI that heads, feet and notices name, where all name one; that of a table is its paper's."""
    found = [_COMPONENT.sub("", doi) for line in lines if (doi := find_doi(line[:_LONGEST]))]
    # The end of a line may have taken a hyphen.
    if len({doi.replace("-", "") for doi in found}) == 1:
        facts.doi = facts.doi or max(found, key=len)


def latest_year(lines: Iterable[str]) -> str | None:
    """Return the latest year that lines below a title name beside a volume, a month or a day."""
    return max((year for line in lines if not _FETCHED.search(line) for year in years_in(line)), default=None)


def years_in(line: str) -> list[str]:
    """Return the years that a line names beside a volume, a month or a day, not those in addresses."""
    return _YEAR.findall(_bare(line))


def _bare(line: str) -> str:
    return without_addresses(without_doi(line[:_LONGEST]))


def letters(text: str) -> str:
    """Return the letters and digits of a text, as it is compared."""
    return _NOT_LETTERS.sub("", text.casefold())
