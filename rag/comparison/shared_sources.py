"""Which trials and earlier works several reviews rest on: five reviews of one trial are not five confirmations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.comparison.thresholds import SAME_TITLE
from rag.lexicon import open_thesaurus
from rag.text import MONTHS, SHORT_MONTHS, fold, stem_set
from rag.types import PROSE, Citation, Review, SharedSource

Key = str


@dataclass(frozen=True, slots=True)
class Work:
    """A source as it is shown, and its entry in a reference list, "" when only the text names it."""

    name: str
    entry: str


# A registered trial, a DOI, a PMID.
_IDENTIFIER = re.compile(
    r"\b(?:NCT\d{8}|ISRCTN\d{8}|EudraCT[ :]?\d{4}-\d{6}-\d{2}|ACTRN\d{14}|PMID:? ?\d{1,8})\b"
    r"|\b10\.\d{4,9}/[^\s\"<>]+[^\s\"<>.,;)\]]"
)
# "ZUMA-1", "the HARBOUR trial", "in PRIMROSE (Abernathy 2016)": capitals with a word of trials beside them, a number or
# what is cited.
_TRIAL = re.compile(
    r"\b(?P<named>[A-Z]{3,}(?:-[A-Z0-9]\w*| [A-Z0-9]+)?)(?=,? (?:trial|study|cohort|registry|investigators|phase)\b)"
    r"|\b(?:trials?|stud(?:y|ies))\s+(?P<behind>[A-Z]{4,})\b"
    r"|\b(?P<cited>[A-Z]{4,})(?=\s?(?:\[\d|\([^()]*\d{4}))"
    r"|\b(?P<numbered>[A-Z]{4,}-\d{1,2})\b"
)
_IN_CAPITALS = ("disease", "group", "microbe", "substance", "topic")
_NAME = r"[A-ZÀ-ÖØ-Þ][\w’'-]{1,30}"
_YEAR = r"(?:19|20)\d\d"
_IN_TEXT = re.compile(
    rf"\b(?P<name>{_NAME})(?: et al\.?| and (?:{_NAME}|colleagues)| & {_NAME})?,? \(?(?P<year>{_YEAR})[a-z]?\b"
)
_NUMBERING = re.compile(r"^\W*(?:\[?\d{1,3}[\].)]?\s+)?")
_FIRST_AUTHOR = re.compile(rf"(?P<name>(?:(?:van|von|de|der|den|la|le|di|da|del) )*{_NAME})")


def shared_sources(reviews: Sequence[Review], citations: Sequence[Citation]) -> tuple[SharedSource, ...]:
    """Return the trials and works that at least two of the reviews name, those that quotes name first.

    `citations` are the numbered quotes of a comparison. Works of one author and year whose titles differ between the
    reference lists are left out.
    """
    naming = {review.id: _sources(review) for review in reviews}
    shared: dict[str, SharedSource] = {}
    for key in sorted({key for found in naming.values() for key in found}):
        holding = tuple(review.id for review in reviews if key in naming[review.id])
        works = sorted((naming[review_id][key] for review_id in holding), key=lambda work: (not work.entry, work.name))
        entries = [work.entry for work in works if work.entry]
        one = not key.startswith("work ") or all(_same_title(entries[0], entry) for entry in entries[1:])
        if len(holding) < 2 or not one:
            continue
        name = works[0].name
        numbers = tuple(c.number for c in citations if c.quote.review_id in holding and key in _named(c.quote.text))
        source = SharedSource(name, holding, numbers)
        if name not in shared or len(holding) > len(shared[name].review_ids):
            shared[name] = source
    return tuple(sorted(shared.values(), key=lambda s: (not s.citations, -len(s.review_ids), s.name)))


@lru_cache(maxsize=512)
def _sources(review: Review) -> dict[Key, Work]:
    """Return what a review rests on by what tells that it is the same; an entry of the reference list tells most."""
    found: dict[Key, Work] = {}
    for section in review.sections:
        text = review.text[section.start : section.end]
        if section.kind in PROSE:
            found = {key: Work(name, "") for key, name in _named(text).items()} | found
        elif section.kind == "references":
            found |= {key: work for entry in _entries(text) for key, work in _listed(entry).items()}
    return found


@lru_cache(maxsize=4096)
def _named(text: str) -> dict[Key, str]:
    """Return the trials, identifiers and works ("Müller 2024") that a text names."""
    found = _identified(text)
    for match in _TRIAL.finditer(text):
        name = match.group(match.lastgroup or 0)
        if not _is_a_term(name):
            found[f"trial {name.upper()}"] = name
    for match in _IN_TEXT.finditer(text):
        if not match.group("name").isupper() and match.group("name") not in _NO_AUTHOR:
            found[f"work {fold(match.group('name'))} {match.group('year')}"] = (
                f"{match.group('name')} {match.group('year')}"
            )
    return found


def _is_a_term(name: str) -> bool:
    """Tell a term or a body that is written in capitals ("HIV", "WHO") from a trial's name."""
    entry = open_thesaurus().entry((name.casefold(),))
    return entry is not None and entry.kind in _IN_CAPITALS


def _identified(text: str) -> dict[Key, str]:
    return {re.sub(r"[ :]", "", found.group().lower()): found.group() for found in _IDENTIFIER.finditer(text)}


_NO_AUTHOR = frozenset("In Since Until By From Before After During Between The Table Figure".split()).union(
    MONTHS, SHORT_MONTHS
)


def _entries(text: str) -> Iterator[str]:
    """Yield the entries of a reference list: a line each, or the lines up to where the next one starts."""
    entry = ""
    for line in text.splitlines():
        starts = re.match(r"\s*(?:[-*•]|\[?\d{1,3}[\].)]?\s|[A-ZÀ-ÖØ-Þ][\w’'-]+,? [A-Z])", line)
        if not line.strip() or (starts and entry):
            yield entry
            entry = ""
        entry = f"{entry} {line.strip()}".strip() if line.strip() else ""
    yield entry


def _listed(entry: str) -> dict[Key, Work]:
    """Return an entry of a reference list by its identifiers and by first author and year."""
    plain = _NUMBERING.sub("", entry.strip(" -*•"))
    author, years = _FIRST_AUTHOR.match(plain), re.findall(rf"(?<!\d){_YEAR}(?!\d)", plain)
    who = author.group("name") if author else ""
    year = next((year for year in years if f"({year})" in plain), *years[:1] or [""])
    found = _identified(plain)
    keys = [f"work {fold(who)} {year}", *found] if who and year else found
    return dict.fromkeys(keys, Work(f"{who} {year}".strip(), plain))


def _same_title(one: str, other: str) -> bool:
    """Tell whether two entries have most of their words in common."""
    forms, others = stem_set(one), stem_set(other)
    return len(forms & others) >= SAME_TITLE * min(len(forms), len(others))
