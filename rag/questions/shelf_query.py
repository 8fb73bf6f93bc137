"""Which questions are put to the shelf itself, and what they ask: a small grammar of what papers state of themselves.

A question is one when all its words are understood: filters, an order, columns, a subject, what is said around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from rag.lexicon import is_content, open_thesaurus
from rag.questions import shelf_words as said
from rag.shelf import ABBREVIATED, FACETS, ShelfQuery, place_of
from rag.text import NUMERALS, Word, words
from rag.types import Span

_RANGE = re.compile(r"between|from", re.IGNORECASE)
# Of a subject before "papers", in words.
_LONGEST_NAME = 4


@dataclass(slots=True)
class _Reading:
    """What is read in a question so far, and the spans that say it; `journals` are those of the shelf."""

    text: str
    journals: Sequence[str] = ()
    spans: list[Span] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def take(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        """Return what a pattern finds where nothing was read yet, and note its place."""
        for match in re.finditer(pattern, self.text, 0 if isinstance(pattern, re.Pattern) else re.IGNORECASE):
            if self.is_free(*match.span()):
                self.spans.append(match.span())
                return match
        return None

    def is_free(self, start: int, end: int) -> bool:
        """Tell a stretch of which nothing was read yet."""
        return not any(first < end and start < last for first, last in self.spans)

    def note(self, name: str, values: Sequence[str]) -> None:
        """Keep the values of a filter, if there are any."""
        if values:
            self.found[name] = tuple(values)

    @property
    def rest(self) -> str:
        """The text without what was read."""
        characters = list(self.text)
        for start, end in self.spans:
            characters[start:end] = " " * (end - start)
        return "".join(characters)


def shelf_query(text: str, journals: Sequence[str] = ()) -> ShelfQuery | None:
    """Return what a question asks of the shelf itself; None of one that asks what papers say.

    `journals` are the names of those on the shelf.

    >>> shelf_query("Which trials on falls came out after 2020?")
    ShelfQuery(since=2021, until=None, designs=('trial',), ..., about=('fall',), ...)
    """
    if said.SAYS.search(text):
        return None
    reading = _Reading(text, journals)
    _read_filters(reading)
    kinds = reading.found.keys() & {"designs", "registrations", "files"}
    _read_columns(reading)
    about = _about(reading)
    if about is None:
        return None
    if said.TABLE.search(text):
        reading.found.setdefault("columns", said.TABLE_COLUMNS)
    counts = bool(said.HOW_MANY.search(text))
    of_papers = kinds or said.OF_PAPERS.search(text) or (reading.found and said.VAGUE.search(text))
    # A bare subject is asked of what papers say, however likely it seems.
    asks = reading.found or counts or said.OF_THE_SHELF.search(text)
    if not (of_papers and (asks or about)):
        return None
    return ShelfQuery(about=about, counts=counts, **reading.found)


def _read_filters(reading: _Reading) -> None:
    """Read all that a question says of the papers that it means, but their subject."""
    _read_registers(reading)
    reading.note("files", [match.group().casefold() for match in _taken(reading, said.FILES)])
    _read_sizes(reading)
    _read_years(reading)
    _read_orders(reading)
    _read_journals(reading)
    _read_funders(reading)
    _read_kinds(reading)


def _taken(reading: _Reading, pattern: str | re.Pattern[str]) -> Iterator[re.Match[str]]:
    while match := reading.take(pattern):
        yield match


def filtered(text: str, journals: Sequence[str] = ()) -> tuple[ShelfQuery, str] | None:
    """Return to which papers a question about what papers say keeps, and the question without that.

    >>> filtered("After 2020, what do the trials say about falls?")
    (ShelfQuery(since=2021, until=None, designs=('trial',), ...), 'what do the papers say about falls?')
    >>> filtered("Does exercise ease pain in randomised trials from Norway?")[1]
    'Does exercise ease pain?'
    """
    found: dict[str, Any] = {}
    for take in (partial(_taken_clause, journals), _taken_years, _taken_kind):
        read, text = take(text)
        found |= read
    return (ShelfQuery(**found), text) if found else None


def _taken_clause(journals: Sequence[str], text: str) -> tuple[dict[str, Any], str]:
    """Take the words that open or end a question and only say in which papers: "among the trials after 2010, …"."""
    opening = said.OPENING.match(text) or said.LABEL.match(text)
    ends = [(match.start(), len(text)) for match in said.ENDING.finditer(text)]
    for start, end in [opening.span(), *ends] if opening else ends:
        reading = _Reading(text[start:end], journals)
        _read_filters(reading)
        # "… in clinical trials?" may well ask reviews what they say of trials.
        sure = start == 0 or reading.found.keys() != {"designs"} or said.THESE.search(reading.text)
        left = words(said.FRAME.sub(" ", said.LEADS.sub(" ", reading.rest)))
        of_papers = said.OF_PAPERS.search(reading.text) or (start == 0 and said.BY_TIME.search(reading.text))
        if reading.found and sure and not left and of_papers:
            rest = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
            return reading.found, rest if rest.endswith("?") or not text.endswith("?") else f"{rest}?"
    return {}, text


def _taken_years(text: str) -> tuple[dict[str, Any], str]:
    """Take the years of a question that speaks of papers and of what they say."""
    reading = _Reading(text)
    _read_years(reading)
    if not reading.found or not (
        said.PUBLISHED.search(text) or (said.OF_PAPERS.search(text) and said.SAYS.search(text))
    ):
        return {}, text
    start, end = reading.spans[0]
    rest = f"{said.WHICH_APPEARED.sub('', text[:start])} {text[end:].lstrip(' ,;:')}"
    return reading.found, " ".join(rest.split()).replace(" ?", "?")


def _taken_kind(text: str) -> tuple[dict[str, Any], str]:
    """Take what kind of papers a question says that it is put to: "what do the randomised trials say about …"."""
    kind = said.KIND_SAYS.search(text)
    if not kind:
        return {}, text
    reading = _Reading(kind["kind"])
    _read_kinds(reading)
    if not reading.found or words(said.FRAME.sub(" ", reading.rest)):
        return {}, text
    return reading.found, f"{text[: kind.start('kind')]}papers{text[kind.end('kind') :]}"


def _read_years(reading: _Reading) -> None:
    for pattern, after, before in said.YEARS:
        for match in list(_taken(reading, pattern))[:1]:
            years = {name: int(year) for name, year in match.groupdict().items() if year}
            if decade := years.get("decade"):
                years = {"a": decade * 10, "b": decade * 10 + 9}
            first = years.get("ab") or years.get("a")
            last = years.get("ab") or years.get("b")
            reading.found |= {"since": first + after} if first else {}
            reading.found |= {"until": last + before} if last else {}
            # "2014 or 2018" is no range.
            if (
                first
                and last
                and last > first + 1
                and re.search(r"\d (?:or|and) \d", match.group())
                and not _RANGE.match(match.group())
            ):
                reading.found["years"] = (first, last)
            return


def _read_orders(reading: _Reading) -> None:
    for order, pattern in said.ORDERS:
        if match := reading.take(pattern):
            before, after = (
                said.COUNT.search(reading.text[: match.start()]),
                said.COUNTED.match(reading.text, match.end()),
            )
            if counted := before or after:
                reading.spans.append(counted.span())
                first = NUMERALS.get(counted["n"].casefold()) or int(counted["n"])
            else:
                first = -1 if match["all"] else 0 if said.SEVERAL.match(reading.text, match.end()) else 1
            reading.found |= {"order": order, "first": first}
            if order in ("largest", "smallest"):
                list(_taken(reading, said.PEOPLE))
            return


def _read_registers(reading: _Reading) -> None:
    """Read numbers in registers of trials, or else the register in which papers must have one, "" for any."""
    numbers = [match.group().upper() for match in _taken(reading, said.NUMBER_IN_REGISTER)]
    registers = [name for name, pattern in said.REGISTERS for _ in _taken(reading, pattern) if not numbers]
    reading.note("registrations", numbers or registers[:1])


def _read_sizes(reading: _Reading) -> None:
    """Read how many people must have taken part."""
    for name, pattern in (("at_least", said.LARGE), ("at_most", said.SMALL)):
        if match := reading.take(pattern):
            beyond = bool(match["beyond"]) * (1 if name == "at_least" else -1)
            reading.found[name] = int(match["n"].replace(",", "")) + beyond


def _read_journals(reading: _Reading) -> None:
    """Read the journals of the shelf that are named: of one word only as it is written, or after "the journal"."""
    known = {re.sub(r"^the\s+", "", name, flags=re.IGNORECASE): name for name in reading.journals}
    found, at = [], 0
    while lead := said.IN_JOURNAL.search(reading.text, at):
        at = lead.end()
        named = [
            (name, start)
            for name in known
            for start in {at, lead.end("journal")} - {-1}
            if re.match(rf"{re.escape(name)}\b", reading.text[start:], re.IGNORECASE)
        ]
        name, start = max(named, key=lambda pair: len(pair[0]), default=("", at))
        end = start + len(name)
        sure = " " in name or start > at or reading.text[start:end] == name
        if name and sure and reading.is_free(lead.start(), end):
            found.append(known[name])
            reading.spans.append((lead.start(), end))
    reading.note("journals", found)


def _read_funders(reading: _Reading) -> None:
    if match := reading.take(said.FUNDED_BY) or reading.take(said.FUNDER_FIRST):
        reading.found["funder"] = " ".join(match["funder"].split())


def _read_kinds(reading: _Reading) -> None:
    """Read designs, what became of papers, and places; either will do where "or" stands between them."""
    statuses = [(status, match.span()) for status, pattern in said.STATUSES for match in _taken(reading, pattern)]
    designs = [(design, match.span()) for design, pattern in said.DESIGNS for match in _taken(reading, pattern)]
    # "Reviews" are what the papers are called here, unless they are counted or set apart from others.
    if {design for design, _ in designs} == {"review"} and not said.NARROW_REVIEWS.search(reading.text):
        designs = []
    places = list(_places(reading))
    either = []
    for name, kind in (("statuses", statuses), ("designs", designs), ("places", places)):
        kind.sort(key=lambda pair: pair[1])
        between = [reading.text[one[1][1] : other[1][0]] for one, other in pairwise(kind)]
        if any(re.search(r"\bor\b|[,/]", words) for words in between):
            either.append(name)
    reading.note("either", either)
    reading.note("statuses", list(dict.fromkeys(name for name, _ in statuses)))
    reading.note("designs", list(dict.fromkeys(name for name, _ in designs)))
    reading.note("places", [name for name, _ in places])


def _places(reading: _Reading) -> Iterator[tuple[str, Span]]:
    """Yield the places that papers must come from: after "from" or "in", or as a people's name before "papers"."""
    thesaurus, found = open_thesaurus(), words(reading.text)
    last = -1
    for run in thesaurus.longest([word.forms[0] for word in found]):
        entry = thesaurus.entry(tuple(word.forms[0] for word in found[run]))
        start, end = found[run][0].start, found[run][-1].end
        if not entry or entry.kind != "location" or not reading.is_free(start, end):
            continue
        leads = re.search(r"\b(?:from|in|out of)\s+(?:the\s+)?$", reading.text[:start], re.IGNORECASE)
        goes_on = last >= 0 and re.fullmatch(
            r",?\s*(?:or|and|,)\s+(?:the\s+)?", reading.text[last:start], re.IGNORECASE
        )
        sure = reading.text[start].isupper() or (leads and leads.group().casefold().startswith("from"))
        if goes_on or (leads and sure):
            reading.spans.append((leads.start() if leads else last, end))
            last = end
            yield reading.text[start:end], (start, end)
    for match in _taken(reading, ABBREVIATED):
        yield match.group(), match.span()
    for word in found:
        if reading.is_free(word.start, word.end) and _is_before_papers(word, reading) and place_of(word.text):
            reading.spans.append((word.start, word.end))
            yield word.text, (word.start, word.end)


def _is_before_papers(word: Word, reading: _Reading) -> bool:
    """Tell a word right before a noun for papers, or before their design."""
    after = re.match(r"\s+", reading.text[word.end :])
    if not after:
        return False
    at = word.end + after.end()
    return any(start == at for start, _ in reading.spans) or bool(said.OF_PAPERS.match(reading.text, at))


def _read_columns(reading: _Reading) -> None:
    """Read the facts that are asked to be shown: "with year and journal", "sample size of the almond trial"."""
    columns = []
    for column, pattern in said.COLUMNS:
        for match in re.finditer(pattern, reading.text, re.IGNORECASE):
            with_it = said.WITH.search(reading.text[: match.start()])
            asked = with_it or (column not in FACETS and _opens_with(match, reading.text))
            if asked and reading.is_free(*match.span()):
                reading.spans.append(match.span())
                columns.append(column)
                break
    reading.note("columns", columns)


def _opens_with(match: re.Match[str], text: str) -> bool:
    """Tell whether a question begins with a column that it asks of papers: "the sample size of the almond trial"."""
    before, after = text[: match.start()], text[match.end() :]
    return not words(said.FRAME.sub(" ", before)) and bool(said.OF_COLUMN.match(after))


def _about(reading: _Reading) -> tuple[str, ...] | None:
    """Return the stems of the subject that the papers must be on; None where more is asked than papers on a subject."""
    rest = reading.rest
    left = words(said.FRAME.sub(lambda match: " " * len(match.group()), rest))
    if not left:
        return ()
    for subject in said.SUBJECT.finditer(rest[: left[-1].end + 1]):
        named = [word for word in words(subject["words"]) if is_content(word)]
        if (
            all(subject.start("words") <= word.start for word in left)
            and len(named) <= _LONGEST_NAME
            and said.PAPERS_BEFORE.search(reading.text, 0, subject.start())
        ):
            return tuple(word.forms[0] for word in named)
    # "COPD studies", "the most recent knee osteoarthritis paper".
    together = all(re.fullmatch(r"[\s-]*", reading.text[one.end : other.start]) for one, other in pairwise(left))
    if together and len(left) <= _LONGEST_NAME and _is_before_papers(left[-1], reading) and all(map(is_content, left)):
        return tuple(word.forms[0] for word in left)
    return None
