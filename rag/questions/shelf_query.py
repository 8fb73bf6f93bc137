"""Which questions are put to the shelf itself, and what they ask: a small grammar of years, designs and orders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rag.lexicon import is_content, open_thesaurus
from rag.shelf import Column, Order, ShelfQuery
from rag.text import NUMERALS, words
from rag.types import Span, Status

_PAPERS = (
    r"(?:papers?|articles?|stud(?:y|ies)|reviews?|trials?|preprints?|meta-?analys[ei]s|publications?|records?|RCTs?|ones?"
    r"|works?|abstracts?)"
)
_Y = r"(?P<{}>(?:19|20)\d\d)"
_YEARS: tuple[tuple[str, int, int], ...] = (  # pattern, what is added to the first year, and to the last
    (rf"\b(?:in |from |since )?{_Y.format('a')} (?:or|and) (?:later|newer|after)\b", 0, 0),
    (rf"\bfrom {_Y.format('a')} on(?:wards?)?\b", 0, 0),
    (rf"\b(?:in |from )?{_Y.format('b')} or (?:earlier|older|before)\b", 0, 0),
    (rf"\b(?:between|from) {_Y.format('a')} (?:and|to|until|through) {_Y.format('b')}\b", 0, 0),
    (rf"\b{_Y.format('a')}\s?[-–—]\s?{_Y.format('b')}\b", 0, 0),
    (rf"\b(?:after|later than|newer than|more recent than) {_Y.format('a')}\b", 1, 0),
    (rf"\bsince {_Y.format('a')}\b", 0, 0),
    (rf"\b(?:before|earlier than|older than|prior to) {_Y.format('b')}\b", 0, -1),
    (rf"\b(?:until|up to|till) {_Y.format('b')}\b", 0, 0),
    (rf"\b(?:in|of|from|year) {_Y.format('ab')}\b", 0, 0),
)
_ORDERS: tuple[tuple[Order, str], ...] = (
    ("newest", r"\b(?:newest|latest|most recent(?:ly published)?|most recently)\b"),
    ("oldest", r"\b(?:oldest|earliest|least recent)\b"),
    ("largest", r"\b(?:largest|biggest|most (?:participants|patients|people|subjects))\b"),
    ("smallest", r"\b(?:smallest|fewest (?:participants|patients|people|subjects))\b"),
)
_DESIGNS: tuple[tuple[str, str], ...] = (
    ("meta-analysis", r"\b(?:network )?meta-?analys[ei]s\b"),
    ("systematic review", r"\bsystematic reviews?\b"),
    ("protocol", r"\bprotocols?\b"),
    ("crossover trial", r"\bcross-?over (?:trials?|stud(?:y|ies))\b"),
    ("randomised trial", r"\brandomi[sz]ed(?: controlled)?(?: clinical)?(?: trials?| stud(?:y|ies))?\b|\bRCTs?\b"),
    ("trial", r"\b(?:clinical |controlled )?trials?\b"),
    ("case-control study", r"\bcase-control(?: stud(?:y|ies))?\b"),
    ("cohort study", r"\bcohorts?(?: stud(?:y|ies))?\b"),
    ("cross-sectional study", r"\bcross-sectional(?: stud(?:y|ies))?\b"),
    ("case report", r"\bcase (?:reports?|series)\b"),
    ("observational study", r"\bobservational(?: stud(?:y|ies))?\b"),
    ("guideline", r"\bguidelines?\b"),
    ("review", r"\b(?:narrative )?reviews?\b"),
)
_STATUSES: tuple[tuple[Status, str], ...] = (
    ("retracted", r"\bretract(?:ed|ions?)\b"),
    ("expression of concern", r"\bexpressions? of concern\b"),
    ("corrected", r"\b(?:corrected|corrections?|errat(?:um|a))\b"),
    ("preprint", r"\bpreprints?\b"),
)
_COLUMNS: tuple[tuple[Column, str], ...] = (
    ("year", r"\b(?:publication )?(?:years?|dates?)\b"),
    ("journal", r"\bjournals?\b"),
    ("design", r"\b(?:study )?(?:designs?|types?)\b"),
    ("participants", r"\b(?:sample sizes?|(?:numbers? of )?(?:participants|patients|subjects))\b"),
    ("intervention", r"\b(?:interventions?|treatments?|comparators?|arms)\b"),
    ("outcome", r"\b(?:primary |main )?(?:outcomes?|end-?points?)\b"),
    ("result", r"\b(?:main |key )?(?:results?|findings?)\b"),
    ("harms", r"\b(?:harms?|adverse (?:events?|effects?)|side effects?)\b"),
    ("conclusion", r"\bconclusions?\b"),
    ("limitations", r"\b(?:limitations?|limits|weaknesses)\b"),
    ("registration", r"\b(?:registrations?|registration numbers?|registered)\b"),
    ("place", r"\b(?:countr(?:y|ies)|places?)\b"),
    ("funding", r"\bfund(?:ing|ers?)\b"),
    ("DOI", r"\bdois?\b"),
    ("PMID", r"\bpmids?\b"),
    ("status", r"\bstatus\b"),
)
_REGISTERED = re.compile(r"\b(?:NCT\d{8}|ISRCTN\d{6,8}|ACTRN\d{14}|CRD\d{8,12}|DRKS\d{8}|UMIN\d{9})\b", re.IGNORECASE)
_HOW_MANY = re.compile(r"\b(?:how many|number of|count(?: of)?)\b", re.IGNORECASE)
_OPENS = re.compile(
    r"^\W*(?:(?:and|so|please|now|the)\W+)*(?:which|what|list|show|name|give|tell|find|how many|are|is|do i|sort|has"
    rf"|have|any|all|order|count|number|make|create|draw|newest|oldest|latest|largest|smallest|{_PAPERS})\b",
    re.IGNORECASE,
)
GOES_ON = re.compile(r"\W*(?:and|but|what about|how about)\b", re.IGNORECASE)
_OF_PAPERS = re.compile(rf"\b{_PAPERS}\b", re.IGNORECASE)
_TABLE = re.compile(r"\btable\b", re.IGNORECASE)
_OF_TABLE: tuple[Column, ...] = ("design", "participants", "intervention", "outcome", "result", "conclusion")
# What is said around the papers that are asked for.
_FRAME = re.compile(
    rf"\b(?:{_PAPERS}|publish\w*|appear\w*|written|came|come|comes|out|have|has|had|do|does|did|am|is|are|was|were|been|be|being"
    r"|there|here|i|we|my|our|mine|you|your|me|us|please|which|what|who|list|show|name|names|give|tell|find|all|any|each"
    r"|every|of|the|a|an|and|in|on|with|their|its|them|these|those|it|this|that|by|sorted|sort|order|ordered|ranked"
    r"|library|shelf|collection|loaded|marked|known|held|many|how|number|count|one|from|for|to|as|conducted|done|carried"
    r"|authors?|titles?|among|only|just|also|so|now|then|registered|make|create|draw|table|under)\b",
    re.IGNORECASE,
)
_PUBLISHED = re.compile(r"\bpublished\b|\bappeared\b", re.IGNORECASE)
_SAYS = re.compile(
    rf"\b(?:do|did|does|have) (?:the |these |those |all |my )?{_PAPERS} .{{0,60}}?"
    r"\b(?:say|find|found|report|show|conclude)",
    re.IGNORECASE,
)
_KIND_SAYS = re.compile(
    r"\b(?:do|did|does|have) (?:the |these |those |all |my )?(?P<kind>[\w\s-]{4,50}?) "
    r"(?:say|find|found|report|show|conclude)",
    re.IGNORECASE,
)
# What may only say in which papers: up to the first comma, or from one of these words to the end.
_LEADS = re.compile(
    r"\b(?:in|among|across|within|according to|from|by|based on|considering|looking at)\b", re.IGNORECASE
)
_THESE = re.compile(r"\b(?:the|these|those|my|our|all)\b", re.IGNORECASE)
_OPENING = re.compile(rf"\W*(?:only )?{_LEADS.pattern}[^,?]*,\s*", re.IGNORECASE)
_ENDING = re.compile(rf"[,\s]+(?:only )?{_LEADS.pattern}", re.IGNORECASE)
_WHICH_APPEARED = re.compile(
    r"\s*(?:(?:that|which) )?(?:(?:were|was|are|is) )?(?:published|appeared|written)\s*$", re.IGNORECASE
)
_OF_THE_SHELF = re.compile(r"\b(?:i|we|you) have\b|^\W*(?:please )?list\b|\bthere\b|\bloaded\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:on|about|regarding|concerning|of|in|for|with)\s+(?P<words>[\w\s’'-]+?)\W*$", re.IGNORECASE)
_COUNT = re.compile(r"\b(?P<n>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)\s*$", re.IGNORECASE)
_COUNTED = re.compile(r"\s*(?P<n>\d{1,2})\b")
_SEVERAL = re.compile(
    r"\s+(?:\w+ ){0,2}(?:papers|articles|studies|reviews|trials|preprints|ones|publications|first)\b", re.IGNORECASE
)
_WITH = re.compile(r"\b(?:with|and their|sorted by)\b", re.IGNORECASE)


@dataclass(slots=True)
class _Reading:
    """What is read in a question so far, and the spans that say it."""

    text: str
    spans: list[Span] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def take(self, pattern: str) -> re.Match[str] | None:
        """Return what a pattern finds where nothing was read yet, and note its place."""
        for match in re.finditer(pattern, self.text, re.IGNORECASE):
            if not any(start < match.end() and match.start() < end for start, end in self.spans):
                self.spans.append(match.span())
                return match
        return None

    @property
    def rest(self) -> str:
        """The text without what was read."""
        characters = list(self.text)
        for start, end in self.spans:
            characters[start:end] = " " * (end - start)
        return "".join(characters)


def shelf_query(text: str) -> ShelfQuery | None:
    """Return what a question asks of the shelf itself; None of one that asks what papers say.

    >>> shelf_query("Which trials on falls came out after 2020?")
    ShelfQuery(since=2021, until=None, designs=('trial',), ..., about=('fall',), ...)
    """
    if not _OPENS.match(text):
        return None
    reading = _Reading(text)
    _read_years(reading)
    _read_orders(reading)
    _read_kinds(reading)
    about = _about(reading)
    if _TABLE.search(text):
        reading.found.setdefault("columns", _OF_TABLE)
    asked = reading.found or _HOW_MANY.search(text) or _OF_THE_SHELF.search(text)
    if about is None or not asked or not (_OF_PAPERS.search(text) or (reading.found and not about)):
        return None
    return ShelfQuery(about=about, counts=bool(_HOW_MANY.search(text)), **reading.found)


def filtered(text: str) -> tuple[ShelfQuery, str] | None:
    """Return to which papers a question about what papers say keeps, and the question without that.

    >>> filtered("After 2020, what do the trials say about falls?")
    (ShelfQuery(since=2021, until=None, designs=('trial',), ...), 'what do the papers say about falls?')
    >>> filtered("Does exercise ease pain in randomised trials from Norway?")[1]
    'Does exercise ease pain?'
    """
    found: dict[str, Any] = {}
    for take in (_taken_clause, _taken_years, _taken_kind):
        read, text = take(text)
        found |= read
    return (ShelfQuery(**found), text) if found else None


def _taken_clause(text: str) -> tuple[dict[str, Any], str]:
    """Take the words that open or end a question and only say in which papers: "among the trials after 2010, …"."""
    opening = _OPENING.match(text)
    ends = [(match.start(), len(text)) for match in _ENDING.finditer(text)]
    for start, end in [opening.span(), *ends] if opening else ends:
        reading = _Reading(text[start:end])
        _read_years(reading)
        _read_kinds(reading)
        # "… in clinical trials?" may well ask reviews what they say of trials.
        sure = start == 0 or reading.found.keys() != {"designs"} or _THESE.search(reading.text)
        left = words(_FRAME.sub(" ", _LEADS.sub(" ", reading.rest)))
        if reading.found and sure and not left and _OF_PAPERS.search(reading.text):
            rest = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
            return reading.found, rest if rest.endswith("?") or not text.endswith("?") else f"{rest}?"
    return {}, text


def _taken_years(text: str) -> tuple[dict[str, Any], str]:
    """Take the years of a question that speaks of papers and of what they say."""
    reading = _Reading(text)
    _read_years(reading)
    if not reading.found or not (_PUBLISHED.search(text) or (_OF_PAPERS.search(text) and _SAYS.search(text))):
        return {}, text
    start, end = reading.spans[0]
    rest = f"{_WHICH_APPEARED.sub('', text[:start])} {text[end:].lstrip(' ,;:')}"
    return reading.found, " ".join(rest.split()).replace(" ?", "?")


def _taken_kind(text: str) -> tuple[dict[str, Any], str]:
    """Take what kind of papers a question says that it is put to: "what do the randomised trials say about …"."""
    kind = _KIND_SAYS.search(text)
    if not kind:
        return {}, text
    reading = _Reading(kind["kind"])
    _read_kinds(reading)
    if not reading.found or words(_FRAME.sub(" ", reading.rest)):
        return {}, text
    return reading.found, f"{text[: kind.start('kind')]}papers{text[kind.end('kind') :]}"


def _read_years(reading: _Reading) -> None:
    for pattern, after, before in _YEARS:
        if match := reading.take(pattern):
            years = {name: int(year) for name, year in match.groupdict().items() if year}
            first = years.get("ab") or years.get("a")
            last = years.get("ab") or years.get("b")
            reading.found |= {"since": first + after} if first else {}
            reading.found |= {"until": last + before} if last else {}
            return


def _read_orders(reading: _Reading) -> None:
    for order, pattern in _ORDERS:
        if match := reading.take(pattern):
            before, after = _COUNT.search(reading.text[: match.start()]), _COUNTED.match(reading.text, match.end())
            if counted := before or after:
                reading.spans.append(counted.span())
                first = NUMERALS.get(counted["n"].casefold()) or int(counted["n"])
            else:
                first = 0 if _SEVERAL.match(reading.text, match.end()) else 1
            reading.found |= {"order": order, "first": first}
            return


def _read_kinds(reading: _Reading) -> None:
    """Read designs, statuses, places, numbers of registers, and the columns that are wished for."""
    statuses = tuple(status for status, pattern in _STATUSES if reading.take(pattern))
    designs = tuple(design for design, pattern in _DESIGNS if reading.take(pattern))
    # "Reviews" are what the papers are called here, unless they are counted or set apart from others.
    if designs == ("review",) and not re.search(
        r"\bhow many\b|\bnarrative\b|\bare reviews\b", reading.text, re.IGNORECASE
    ):
        designs = ()
    registered = tuple(match.group().upper() for match in _REGISTERED.finditer(reading.text))
    reading.spans += [match.span() for match in _REGISTERED.finditer(reading.text)]
    places = tuple(_places(reading))
    columns = tuple(column for column, pattern in _COLUMNS if _is_wished(reading, pattern))
    stated = {
        "designs": designs,
        "statuses": statuses,
        "places": places,
        "registrations": registered,
        "columns": columns,
    }
    reading.found |= {name: value for name, value in stated.items() if value}


def _places(reading: _Reading) -> Iterator[str]:
    thesaurus, found = open_thesaurus(), words(reading.text)
    for run in thesaurus.longest([word.forms[0] for word in found]):
        entry = thesaurus.entry(tuple(word.forms[0] for word in found[run]))
        start, end = found[run][0].start, found[run][-1].end
        leads = re.search(r"\b(?:from|in)\s+(?:the\s+)?$", reading.text[:start], re.IGNORECASE)
        if entry and entry.kind == "location" and leads and reading.text[start].isupper():
            reading.spans.append((leads.start(), end))
            yield reading.text[start:end]


def _is_wished(reading: _Reading, pattern: str) -> bool:
    """Tell whether a fact is asked to be shown: "with year and journal", "and their sample sizes"."""
    for match in re.finditer(pattern, reading.text, re.IGNORECASE):
        if _WITH.search(reading.text[: match.start()]) and not any(
            s < match.end() and match.start() < e for s, e in reading.spans
        ):
            reading.spans.append(match.span())
            return True
    return False


def _about(reading: _Reading) -> tuple[str, ...] | None:
    """Return the stems of the subject that the papers must be on; None where more is asked than papers on a subject."""
    rest = reading.rest
    left = words(_FRAME.sub(lambda match: " " * len(match.group()), rest))
    if not left:
        return ()
    subject = _SUBJECT.search(rest[: left[-1].end + 1])
    named = words(subject["words"]) if subject else []
    inside = subject is not None and all(subject.start("words") <= word.start for word in left)
    return tuple(word.forms[0] for word in named if is_content(word)) if inside else None
