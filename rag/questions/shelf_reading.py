"""What a question asks of the shelf itself in whatever words, as a value.

What each word is there for is learned (`rag.encoders.of_shelf`); the values are looked up: years and numbers, places in
the vocabulary, journals and authors on the shelf.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, cast

import numpy as np

from rag.encoders import KNOWN, Put, Told, read_question
from rag.lexicon import is_content, open_thesaurus
from rag.questions.columns import column_called
from rag.questions.relations import AUXILIARY
from rag.shelf import (
    ABBREVIATED,
    DESIGNS,
    REVIEW_NOUN,
    Catalogue,
    Column,
    Library,
    Order,
    ShelfQuery,
    named_journals,
    place_of,
    place_of_people,
)
from rag.shelf import found as papers_found
from rag.text import NUMERALS, meet, words
from rag.types import STATUSES, FloatMatrix, Span

TOKEN = re.compile(r"\d{1,3}(?:,\d{3})+|\w+(?:[.’']\w+)*|[<>+]")
FILES = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.(?:pdf|nxml|xml|html?|md|txt|ris|nbib|bib|json|csv|docx|zip)\b", re.I)
_NUMBER_IN_REGISTER = re.compile(r"\b(?:[A-Za-z]{2,6}-?(?:TRC-)?\d{5,14}\w*|NTR\d{3,5}|\d{4}-\d{6}-\d{2})\b")
_YEAR, _DECADE = re.compile(r"(?:19|20)\d\d"), re.compile(r"(?:(?P<century>19|20)?(?P<tens>\d)0)['’]?s")
_DECADES = {f"{numeral[:-1]}ies": tens for numeral, tens in NUMERALS.items() if numeral.endswith("ty")}
# Decades without their century that are not yet those of this one.
_THIS_CENTURY = 3
_OR = re.compile(r"\bor\b|[,/&]|\band\b", re.IGNORECASE)
# Of a subject the words are read as one from so sure on; what is less sure is said not to be understood.
_SURE = 0.5
_LONGEST_GAP, _LONGEST_LEAD = 4, 14
_PAPER = re.compile(REVIEW_NOUN, re.IGNORECASE)
_NON = re.compile(r"\bnon-?$", re.IGNORECASE)
_STANDS_FOR_THEM = re.compile(r"\bones\b", re.IGNORECASE)
_OF_PAPERS = ("PAPER", "BACK", "OTHERS")
# By how many years each tag goes beyond the one named, from and to which.
_YEARS = {"IN": (0, 0), "SINCE": (0, None), "AFTER": (1, None), "UNTIL": (None, 0), "BEFORE": (None, -1)}
_SIZES = {"GE": ("at_least", 0), "GT": ("at_least", 1), "LE": ("at_most", 0), "LT": ("at_most", -1)}
# What a subject is and what is shown of papers may be read from words that are told less surely.
_NAMES = ("D", "S", "PLACE", "JOURNAL", "AUTHOR", "FUNDER", "REG")
_TOLD_SURELY = ("O", "N", *_OF_PAPERS, *_NAMES, *_YEARS, *_SIZES)
_EQUAL, _OR_EQUAL = re.compile("[<>]=|[≤≥]"), {"GT": "GE", "LT": "LE"}
_ORDERS: tuple[Order, ...] = ("newest", "oldest", "largest", "smallest")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question read for the shelf: what it is put to, how surely, and the papers it means.

    `goes_on` tells that it may speak of papers that were shown before, `others` that it does so of all but these,
    `of_papers` that it speaks of any, `several` of more than one. `rest` is what it asks of some papers, without what
    says of which.
    """

    put: Put
    sure: float
    query: ShelfQuery
    goes_on: bool
    others: bool
    of_papers: bool
    several: bool
    rest: str


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring words that tell the same: a filter, an order, a column."""

    tag: str
    excluded: bool
    span: Span
    text: str
    sure: float


def asked_of_shelf(text: str, library: Library, among: Catalogue) -> Asked | None:
    """Return what a question asks of the shelf; None where its words cannot be read for want of a model.

    >>> asked_of_shelf("Which trials came out after 2020?", library, library.reviews).query
    ShelfQuery(since=2021, designs=('trial',), ...)
    """
    spans = [match.span() for match in TOKEN.finditer(text)]
    if not spans or library.embedder is None:
        return None
    vector, meanings = library.in_context(text, tuple(spans))
    reading = read_question(vector, [text[slice(*span)] for span in spans], meanings, _known(text, spans, among))
    if reading is None:
        return None
    named = [match.span() for pattern in (FILES, _NUMBER_IN_REGISTER) for match in pattern.finditer(text)]
    told = [
        (span, replace(word, excluded=word.excluded or bool(_NON.search(text, 0, span[0]))))
        for span, word in zip(spans, reading.words, strict=True)
        if not any(meet(span, other) for other in named)
    ]
    told = _as_listed(text, told)
    if reading.put == "filtered" and (asked := _asked(text, told)):
        says = [asked[0] <= span[0] < asked[1] and word.tag in ("O", "ABOUT") for span, word in told]
        told = [(span, replace(word, tag="SAYS") if so else word) for so, (span, word) in zip(says, told, strict=True)]
    runs = list(_runs(text, _as_names(text, told, [span for span, _ in named_journals(text, among)])))
    runs = [run for run in runs if run.sure >= _SURE or run.tag.partition(":")[0] not in _NAMES]
    query = _query(text, [run for run in runs if not run.excluded], library, among)
    if without := [run for run in runs if run.excluded]:
        left_out = _query(text, without, library, among)
        # What no paper is about cannot be told from what is not stated: "not in English".
        vain = [left_out.subject] if left_out.about and not papers_found(left_out, library, among) else []
        query = replace(query, without=replace(left_out, aside=()), aside=(*query.aside, *left_out.aside, *vain))
    if reading.put == "shelf":
        query = replace(
            query,
            aside=tuple(
                dict.fromkeys((*query.aside, *_aside(text, told, bool(query.without and query.without.filters))))
            ),
        )
    tags = {run.tag for run in runs if not run.excluded}
    several = any(run.tag in _OF_PAPERS and not _is_one(run.text) for run in runs if not run.excluded)
    # A bare subject may look like a kind of paper: "music".
    bare = [run.span for run in runs] == [(spans[0][0], spans[-1][1])] and not _PAPER.search(text)
    of_papers = not tags.isdisjoint(_OF_PAPERS) and not bare
    if reading.put == "filtered":
        of_papers = _keeps_to_papers(text, told, query)
    sure = reading.likely[reading.put]
    return Asked(
        reading.put,
        sure,
        query,
        _goes_on(text, tags),
        "OTHERS" in tags,
        of_papers,
        several,
        _rest(text, told),
    )


def _keeps_to_papers(text: str, told: Sequence[tuple[Span, Told]], query: ShelfQuery) -> bool:
    """Tell filters that say which papers are asked from words of what is asked: "Is it common in the UK?"."""
    named = query.designs or query.journals or query.authors or query.funder or query.statuses or query.files
    tags = ["O", *(word.tag for _, word in told), "O"]
    # "Studies from India": what stands beside a filter is what is filtered.
    framed = any(
        _PAPER.search(text[slice(*span)]) and not {"SAYS", "O", "LEAD"}.issuperset(tags[at : at + 3])
        for at, (span, _) in enumerate(told)
    )
    years_first = told[0][1].tag != "SAYS" and bool(query.since or query.until)
    return bool(named or framed or years_first or re.search(r"\w[,:;]\s", text))


def _rest(text: str, told: Sequence[tuple[Span, Told]]) -> str:
    """Return what a question asks of some papers: a question of its own, or one for what they say about something."""
    asked = _asked(text, told)
    if not asked:
        return text
    # What stands in its midst and says of which papers is left out: "Do | trials from Norway | find that it helps?"
    told_aside = ("O", "SAYS", "NEG", "LEAD", "ABOUT")
    aside = [span for span, word in told if word.tag not in told_aside and span[0] > asked[0]]
    before, rest = text[: asked[0]].rstrip(), _without(text, asked, aside)
    content = [word for word in words(rest) if is_content(word)]
    if not content:
        return text
    # "Does it work in | trials": the small words lead to what is left out.
    behind = any(word.tag not in ("O", "SAYS") for span, word in told if span[0] > asked[1])
    rest = rest[: content[-1].end] if behind else rest
    if not before or before[-1] in _CLOSES or _ASKS.match(rest):
        return f"{rest}?"
    asks = "Do the papers find that" if _THAT.search(f"{before} {rest[: content[0].start]}") else _SAY_ABOUT
    return f"{asks} {rest[content[0].start :]}?"


def _asked(text: str, told: Sequence[tuple[Span, Told]]) -> Span | None:
    """Return where a question asks something: behind the mark that ends a clause, what leads to it as well."""
    if not told:
        return None
    says = [span for span, word in told if word.tag == "SAYS"]
    ends, begins = (says or [span for span, _ in told])[-1][1], says[0][0] if says else len(text)
    for at, (span, _) in enumerate(told):
        between = {word.tag for other, word in told[at:] if other[0] < begins}
        if at and span[0] < begins and text[: span[0]].rstrip()[-1] in _CLOSES and between <= {"LEAD", "O", "ABOUT"}:
            return span[0], ends
    return (begins, ends) if says else None


def _without(text: str, span: Span, left_out: Sequence[Span]) -> str:
    """Return a part of a text without the words at some places in it."""
    kept, at = "", span[0]
    for start, end in left_out:
        if at <= start < span[1]:
            kept, at = kept + text[at:start], end
    # "In 2013, what was found?"
    return re.sub(r"^\w+ ?[,;:] ?|\s+(?=\s)", "", kept + text[at : span[1]]).strip()


# "Do | trials from Norway | find that lamps draw moths?"
_THAT, _SAY_ABOUT = re.compile(r"\b(?:that|whether|if)\s*$", re.IGNORECASE), "What do the papers say about"
# What a clause on which papers are meant ends with, and what a question begins with.
_CLOSES, _ASKS = ",:;?.-–—", re.compile(rf"(?:{AUXILIARY}|wh\w+|how)\b", re.IGNORECASE)


def all_but(before: ShelfQuery, query: ShelfQuery) -> ShelfQuery:
    """Return what a question asks of the papers that another did not mean; those behind the first few are not told.

    >>> all_but(ShelfQuery(designs=("trial",)), ShelfQuery(counts=True)).filters
    ('not trial',)
    """
    told = before.filters and not (before.order or query.without)
    return replace(query, without=before) if told else replace(query, aside=(*query.aside, "the others"))


def going_on(before: ShelfQuery, query: ShelfQuery) -> ShelfQuery:
    """Return what a question asks that goes on with another: each kind of filter that it names takes the earlier place.

    >>> going_on(ShelfQuery(places=("Norway",), since=2020), ShelfQuery(places=("Japan",), counts=True))
    ShelfQuery(since=2020, ..., places=('Japan',), ..., counts=True, ...)
    """
    plain, taken = ShelfQuery(), dict[str, Any]()
    for kind in _KINDS:
        anew = any(getattr(query, name) != getattr(plain, name) for name in kind)
        left_out = query.without and any(
            getattr(query.without, name) == getattr(before, name) != getattr(plain, name) for name in kind
        )
        source = query if anew else plain if left_out else before
        taken |= {name: getattr(source, name) for name in kind}
    either = {name for name in before.either if taken[name] == getattr(before, name)} | {*query.either}
    return replace(query, **taken, either=tuple(sorted(either)), counts=query.counts or before.counts)


_KINDS = (
    ("since", "until", "years"),
    ("at_least", "at_most"),
    ("order", "first"),
    ("about", "subject"),
    *(
        (name,)
        for name in "designs statuses places registrations journals files authors funder columns without".split()
    ),
)


def _known(text: str, spans: Sequence[Span], among: Catalogue) -> FloatMatrix:
    """Return what looking each word up tells of it, a column for each of `KNOWN`."""
    found = np.zeros((len(spans), len(KNOWN)), np.float32)
    columns = {
        "place": [span for span, _ in _places(text)],
        "journal": [span for span, _ in named_journals(text, among)],
        "author": [span for span in spans if among.has_author(text[slice(*span)]) and text[span[0]].isupper()],
        "figure": [span for span in spans if any(map(str.isdigit, text[slice(*span)]))],
    }
    for at, name in enumerate(KNOWN):
        for row, span in enumerate(spans):
            found[row, at] = any(meet(span, other) for other in columns[name])
    return found


def _places(text: str) -> Iterator[tuple[Span, str]]:
    """Yield the places that a text names, or their peoples."""
    thesaurus, found = open_thesaurus(), words(text)
    taken = set[int]()
    for run in thesaurus.longest([word.forms[0] for word in found]):
        entry = thesaurus.entry(tuple(word.forms[0] for word in found[run]))
        span = found[run][0].start, found[run][-1].end
        if entry and entry.kind == "location":
            taken.update(range(*span))
            yield span, text[slice(*span)]
    for match in ABBREVIATED.finditer(text):
        yield match.span(), match.group()
    for word in found:
        if word.start not in taken and place_of(word.text) and (word.text[0].isupper() or text.islower()):
            yield (word.start, word.end), word.text


def _as_listed(text: str, told: Sequence[tuple[Span, Told]]) -> list[tuple[Span, Told]]:
    """Return words with what they tell: the name of a column between two columns is one, too."""
    tags = ["", *(word.tag for _, word in told), ""]
    between = [
        before.startswith("C:") and after.startswith("C:") for before, after in zip(tags, tags[2:], strict=False)
    ]
    called = [
        column_called(text[slice(*span)]) if inside else None for inside, (span, _) in zip(between, told, strict=True)
    ]
    return [
        (span, replace(word, tag=f"C:{column}") if column else word)
        for column, (span, word) in zip(called, told, strict=True)
    ]


def _as_names(text: str, told: Sequence[tuple[Span, Told]], names: Sequence[Span]) -> list[tuple[Span, Told]]:
    """Return words with what they tell, all those of a journal's name the same if one is read as of a journal.

    A design that is written as the name of a journal on the shelf is one: "papers in Trials".
    """
    tags = {
        name: replace(word, tag="JOURNAL")
        for name in names
        for span, word in told
        if meet(span, name)
        and (word.tag == "JOURNAL" or (word.tag.startswith("D:") and span[0] and text[span[0]].isupper()))
    }
    return [(span, next((tag for name, tag in tags.items() if meet(span, name)), word)) for span, word in told]


def _runs(text: str, told: Sequence[tuple[Span, Told]]) -> Iterator[_Run]:
    """Yield the runs of words that tell the same."""
    for tag, group in groupby(told, key=lambda pair: pair[1].tag):
        if tag not in ("O", "NEG", "SAYS", "LEAD"):
            members = [*group]
            span = members[0][0][0], members[-1][0][1]
            # "Non-randomised studies", "no papers from before 2015": they are left out together.
            excluded = 2 * sum(word.excluded for _, word in members) >= len(members)
            telling = [word.sure for part, word in members if any(map(is_content, words(text[slice(*part)])))]
            sure = min(telling or [word.sure for _, word in members])
            yield _Run(tag, excluded, span, text[slice(*span)], sure)


def _query(text: str, runs: Sequence[_Run], library: Library, among: Catalogue) -> ShelfQuery:
    """Return the papers that some runs of words mean."""
    kinds: dict[str, list[_Run]] = {}
    for run in runs:
        kind = run.tag.partition(":")[0]
        kinds.setdefault("order" if kind in _ORDERS else kind, []).append(run)
    found: dict[str, Any] = {"aside": []}
    _take_years(runs, found)
    _take_sizes(runs, found)
    _take_order(text, runs, found)
    _take_designs(text, kinds.get("D", []), found)
    _take_statuses(kinds.get("S", []), found)
    _take_places(text, kinds.get("PLACE", []), library, found)
    _take_journals(text, kinds.get("JOURNAL", []), among, found, of_papers=not kinds.keys().isdisjoint(_OF_PAPERS))
    _take_authors(text, kinds.get("AUTHOR", []), among, found)
    _take_registers(text, [run for run in kinds.get("REG", []) if _forms(run.text)], found)
    if funders := kinds.get("FUNDER", []):
        found["funder"] = _funder(" ".join(run.text for run in funders))
    found["files"] = tuple(match.group().casefold() for match in FILES.finditer(text))
    found["about"] = tuple(dict.fromkeys(form for run in kinds.get("ABOUT", []) for form in _forms(run.text)))
    found["subject"] = " ".join(run.text for run in kinds.get("ABOUT", []) if _forms(run.text))
    found["counts"] = "COUNT" in kinds
    columns = [cast("Column", run.tag.partition(":")[2]) for run in kinds.get("C", [])]
    found["columns"] = tuple(dict.fromkeys([*columns, *found.pop("shown")]))
    found["aside"] = tuple(found["aside"])
    return ShelfQuery(**found)


def _forms(text: str) -> list[str]:
    return [word.forms[0] for word in words(text) if is_content(word)]


def _content_words(text: str) -> list[str]:
    return [word.text for word in words(text) if is_content(word)]


def _funder(text: str) -> str:
    """Return the name of a funder: what is written as a name, or else what is neither grammar nor a verb's form."""
    named = _content_words(text)
    capitals = [word for word in named if word[0].isupper()]
    return " ".join(capitals or [word for word in named if not word.endswith("ed")])


def _take_years(runs: Sequence[_Run], found: dict[str, Any]) -> None:
    """Read from which year to which papers must be: all that is said of it holds, years side by side are a range."""
    since, until, exact = None, None, set[int]()
    told = _bounding([run for run in runs if run.tag in _YEARS], lambda run: any(_years_in(run.text)), found)
    for run, behind in pairwise([*told, None]):
        # "2014 or 2015"
        assert run
        listed = behind and behind.tag == "IN" and _YEAR.fullmatch(run.text)
        tag = "IN" if listed else run.tag
        after, before = _YEARS[tag]
        years = [*_years_in(run.text)]
        if tag == "IN":
            exact |= {year for first, last in years for year in range(first, last + 1)}
        for first, last in years if tag != "IN" else ():
            since = max(since or 0, (last if after else first) + after) if after is not None else since
            until = min(until or 9_999, (first if before else last) + before) if before is not None else until
    if exact:
        since, until = max(since or 0, min(exact)), min(until or 9_999, max(exact))
        if until - since + 1 > len(exact) and len(exact) > 1:
            found["years"] = tuple(sorted(exact))
    found |= {"since": since, "until": until}


def _bounding(runs: Sequence[_Run], holds: Callable[[_Run], bool], found: dict[str, Any]) -> list[_Run]:
    """Return the runs that hold a value, each with the bound that a run beside it tells: "older than | the year 2000".

    Bounds that contradict each other, and one of nothing, are not understood.
    """
    bounding = []
    for at, run in enumerate(runs):
        beside = [
            other
            for other in (*runs[max(at - 1, 0) : at], *runs[at + 1 : at + 2])
            if min(abs(other.span[0] - run.span[1]), abs(run.span[0] - other.span[1])) <= _LONGEST_LEAD
        ]
        if holds(run):
            said = [one for one in (run, *(other for other in beside if not holds(other))) if one.tag != "IN"]
            tags = {one.tag for one in said if one.sure >= _SURE} or {one.tag for one in said}
            bounding.append(replace(run, tag=min(tags, default="IN")))
            found["aside"] += [run.text] if len(tags) > 1 else []
        elif not any(map(holds, beside)) and run.sure >= _SURE and _forms(run.text):
            found["aside"].append(run.text)
    return bounding


def _years_in(text: str) -> Iterator[Span]:
    """Yield the first and the last year of each year and decade that is named: "1990s", "nineties"."""
    for word in re.findall(r"[\w'’]+", text.casefold()):
        if _YEAR.fullmatch(word):
            yield int(word), int(word)
        elif decade := _DECADE.fullmatch(word):
            tens = int(decade["tens"])
            century = int(decade["century"] or (20 if tens < _THIS_CENTURY else 19))
            yield century * 100 + tens * 10, century * 100 + tens * 10 + 9
        elif word in _DECADES:
            tens = _DECADES[word] // 10
            first = (2000 if tens < _THIS_CENTURY else 1900) + tens * 10
            yield first, first + 9


def _take_sizes(runs: Sequence[_Run], found: dict[str, Any]) -> None:
    sizes = [run for run in runs if run.tag in _SIZES]
    for run in _bounding(sizes, lambda run: _number(run.text) is not None, found):
        name, beyond = _SIZES[_OR_EQUAL.get(run.tag, run.tag) if _EQUAL.search(run.text) else run.tag]
        found[name] = (_number(run.text) or 0) + beyond


def _number(text: str) -> int | None:
    """Return the number that a text holds, in figures or words.

    >>> _number("more than 1,200 people"), _number("over a hundred"), _number("all")
    (1200, 100, None)
    """
    if figures := re.search(r"\d[\d,]*", text):
        return int(figures.group().replace(",", ""))
    values = [NUMERALS[word] for word in text.casefold().split() if word in NUMERALS]
    number = sum(values) or None
    for name, times in (("hundred", 100), ("thousand", 1_000)):
        if name in text.casefold():
            number = (number or 1) * times
    return number


def _take_order(text: str, runs: Sequence[_Run], found: dict[str, Any]) -> None:
    """Read in what order papers are asked for, and how many of the first."""
    numbers = [number for run in runs if run.tag == "N" and (number := _number(run.text))]
    for run in runs:
        kind, _, order = run.tag.partition(":")
        if kind == "ALL" and order:
            found |= {"order": order, "first": numbers[0] if numbers else -1}
            return
    for run in runs:
        if run.tag in _ORDERS:
            behind = next((other for other in runs if 0 <= other.span[0] - run.span[1] <= _LONGEST_GAP), None)
            several = behind and behind.tag.partition(":")[0] in ("PAPER", "D") and behind.text.endswith("s")
            found |= {"order": run.tag, "first": numbers[0] if numbers else 0 if several else 1}
            return


def _take_designs(text: str, runs: Sequence[_Run], found: dict[str, Any]) -> None:
    names = [run.tag.partition(":")[2].replace("_", " ") for run in runs]
    found["designs"] = tuple(dict.fromkeys(name for name in names if name in DESIGNS))
    if _apart(text, runs):
        found["either"] = (*found.get("either", ()), "designs")


def _take_statuses(runs: Sequence[_Run], found: dict[str, Any]) -> None:
    names = {"concern": "expression of concern"}
    stated = [names.get(name, name) for name in (run.tag.partition(":")[2] for run in runs)]
    found["statuses"] = tuple(dict.fromkeys(name for name in stated if name in STATUSES))
    if len(found["statuses"]) > 1:
        found["either"] = (*found.get("either", ()), "statuses")


def _apart(text: str, runs: Sequence[_Run]) -> bool:
    """Tell whether one of several things will do: "letters or editorials", "trials and cohort studies"."""
    between = [text[one.span[1] : other.span[0]] for one, other in pairwise(runs)]
    return len({run.tag for run in runs}) > 1 and any(map(_OR.search, between))


def _take_places(text: str, runs: Sequence[_Run], library: Library, found: dict[str, Any]) -> None:
    """Read the places that papers must come from, one of several; a people may stand for its place."""
    known = [(span, name) for span, name in _places(text) if any(meet(span, run.span) for run in runs)]
    for run in runs:
        if not any(meet(span, run.span) for span, _ in known):
            peoples = [word for word in _content_words(run.text) if place_of_people(word, library)]
            known += [(run.span, word) for word in peoples]
            found["aside"] += [] if peoples or not _forms(run.text) else [run.text]
    found["places"] = tuple(dict.fromkeys(name for _, name in sorted(known)))
    if len(found["places"]) > 1:
        found["either"] = (*found.get("either", ()), "places")


def _take_journals(
    text: str, runs: Sequence[_Run], among: Catalogue, found: dict[str, Any], *, of_papers: bool
) -> None:
    """Read the journals that are named: those of the shelf, or what else is called one."""
    named = [(span, name) for span, name in named_journals(text, among) if any(meet(span, run.span) for run in runs)]
    unknown = [run for run in runs if not any(meet(span, run.span) for span, _ in named)]
    others = [re.sub(r"\s*\bjournals?$", "", " ".join(_content_words(run.text))) for run in unknown if of_papers]
    # "With year and journal" asks for a column.
    found["shown"] = [column for name in others if (column := column_called(name))]
    names = [*(name for _, name in named), *(name for name in others if not column_called(name))]
    found["journals"] = tuple(dict.fromkeys(filter(None, names)))


def _take_authors(text: str, runs: Sequence[_Run], among: Catalogue, found: dict[str, Any]) -> None:
    """Read whose papers are meant: names of authors on the shelf, or else what is written as a name."""
    names = []
    for run in runs:
        tokens = [match.group() for match in TOKEN.finditer(run.text)]
        tokens = [re.sub(r"['’]s$", "", token) for token in tokens]
        known = [token for token in tokens if among.has_author(token) and (token[0].isupper() or text.islower())]
        names += known or [token for token in tokens if token[0].isupper() and len(token) > 1 and _forms(token)]
    found["authors"] = tuple(dict.fromkeys(names))
    if len(names) > 1 and re.search(r"\bor\b", text[runs[0].span[0] : runs[-1].span[1]]):
        found["either"] = (*found.get("either", ()), "authors")


def _take_registers(text: str, runs: Sequence[_Run], found: dict[str, Any]) -> None:
    """Read the numbers in registers that are named, or the register that papers must be in, "" for any."""
    numbers = [match.group().upper() for match in _NUMBER_IN_REGISTER.finditer(text)]
    numbers = [number for number in numbers if not number.startswith(("PMC", "PMID"))]
    if numbers or runs:
        registers = [begins for run in runs for begins in _registers(run.text)]
        found["registrations"] = tuple(dict.fromkeys(numbers or registers or [""]))


_REGISTERS = {"clinicaltrials": "NCT", "prospero": "CRD", "anzctr": "ACTRN", "dutch": "NTR", "german": "DRKS"}


def _registers(text: str) -> Iterator[str]:
    """Yield how the numbers of the registers begin that a text names: the register itself, if it is no other."""
    for token in re.findall(r"\w+", text):
        if begins := _REGISTERS.get(token.casefold()):
            yield begins
        elif sum(map(str.isupper, token)) > 2:
            yield token


def _aside(text: str, told: Sequence[tuple[Span, Told]], leaves_out: bool) -> Iterator[str]:
    """Yield the words that may have been meant to tell which papers, and take no part in the query."""
    for (start, end), word in told:
        kind = word.tag.partition(":")[0]
        unsure = kind in _TOLD_SURELY and word.sure < _SURE and any(map(is_content, words(text[start:end])))
        if unsure or (word.tag == "NEG" and not leaves_out):
            yield text[start:end]


def _is_one(text: str) -> bool:
    """Tell "the paper" from "the papers", "anything" and "them"."""
    return any(is_content(word) and not word.text.casefold().endswith("s") for word in words(text))


def _goes_on(text: str, tags: set[str]) -> bool:
    """Tell whether papers may be meant that were spoken of: "only the randomised ones", "after 2014?"."""
    kinds = {tag.partition(":")[0] for tag in tags}
    back = not kinds.isdisjoint({"BACK", "OTHERS"}) or kinds.isdisjoint({"PAPER", "D", "COUNT"})
    return back or bool(_STANDS_FOR_THEM.search(text))
