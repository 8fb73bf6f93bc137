"""A question about the shelf itself as a value: which papers, in what order, what of each is shown; and its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Literal

from rapidfuzz.distance import Prefix

from rag.lexicon import open_thesaurus
from rag.shelf.catalogue import surname
from rag.shelf.naming import journal_name
from rag.shelf.paper_facts import COUNTRIES, GROUP, Fact, PaperFacts, most_telling
from rag.shelf.study_facets import FACETS, Facet, study_facet
from rag.text import fold, listed, stems, words
from rag.types import Review, Status

if TYPE_CHECKING:
    from rag.shelf.library import Library

Order = Literal["", "newest", "oldest", "largest", "smallest"]
Column = (
    Literal[
        "year",
        "authors",
        "journal",
        "design",
        "participants",
        "registration",
        "place",
        "funding",
        "status",
        "DOI",
        "PMID",
    ]
    | Facet
)
# A subject that names no place, no year and no design.
Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShelfQuery:
    """Which papers are meant: all that meet every filter; of an order the `first` ones, 0 for all of the newest
    or oldest year.

    `since` and `until` are years, both of them meant too, as are `at_least` and `at_most`, numbers of participants.
    `designs` may be names or groups of names (`GROUP`); `places` may be names of peoples; `registrations` are how the
    numbers begin, "" for any. One of the `journals` and of the `files` is enough, as is one of the designs, statuses or
    places if `either` names them. `about` are the stems of what a paper must be on. `counts` asks how many they are;
    `columns` are shown beside the year. `first` is -1 for all in an order. `aside` are words
    that were not understood.
    """

    since: int | None = None
    until: int | None = None
    years: tuple[int, ...] = ()
    designs: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    places: tuple[str, ...] = ()
    registrations: tuple[str, ...] = ()
    journals: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    funder: str = ""
    at_least: int | None = None
    at_most: int | None = None
    either: tuple[str, ...] = ()
    about: Subject = ()
    subject: str = field(default="", compare=False)
    without: ShelfQuery | None = None
    order: Order = ""
    first: int = 0
    counts: bool = False
    columns: tuple[Column, ...] = ()
    aside: tuple[str, ...] = ()

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters in words, one by one: "after 2019", "randomised trial"."""
        if self.years:
            years = " or ".join(map(str, self.years))
        elif self.since and self.until:
            years = f"{self.since}" if self.since == self.until else f"{self.since} to {self.until}"
        else:
            years = f"from {self.since} on" if self.since else f"up to {self.until}" if self.until else ""
        places = [f"from {place}" if _names_a_place(place) else place for place in self.places]
        registered = [f"registered{f' as {name}' if name else ''}" for name in self.registrations]
        sizes = [f"at least {self.at_least:,} participants"] if self.at_least else []
        sizes += [f"at most {self.at_most:,} participants"] if self.at_most else []
        funder = [f"funded by {self.funder}"] if self.funder else []
        one_of = [f"in {' or '.join(names)}" for names in (self.journals, self.files) if names]
        authors = [f"by {name}" for name in self.authors]
        lists = {"designs": self.designs, "statuses": self.statuses, "places": places, "authors": authors}
        kinds = chain.from_iterable(
            [" or ".join(told)] if name in self.either else told for name, told in lists.items()
        )
        subject = [f"on “{self.subject}”"] if self.subject else []
        left_out = [f"not {' and '.join(self.without.filters)}"] if self.without and self.without.filters else []
        return tuple(filter(None, [years, *kinds, *registered, *one_of, *sizes, *funder, *subject, *left_out]))

    @property
    def narrows(self) -> bool:
        """Tell whether it says more of the papers than what they are on, or asks for them in an order."""
        return bool(replace(self, subject="").filters or self.order)


def found(query: ShelfQuery, library: Library, scope: Sequence[Review]) -> list[Review]:
    """Return the papers that a query means, in its order; those of unknown year or size come last, or not at all."""
    kept = [review for review in scope if _meets(query, review, library)]
    if query.order in ("newest", "oldest"):
        dated = [review for review in kept if review.year]
        kept = sorted(dated, key=lambda r: (r.year or 0, r.date or "", r.id), reverse=query.order == "newest")
        if not query.first:
            return [review for review in kept if review.year == kept[0].year]
    elif query.order:
        sized = [(size, review) for review in kept if (size := _size(library.facts(review)))]
        ordered = sorted(sized, key=lambda pair: (pair[0], pair[1].id), reverse=query.order == "largest")
        kept = [review for _, review in ordered]
    if query.first <= 0 or len(kept) <= query.first:
        return kept
    # Of two that are equally new both are the newest.
    last = kept[query.first - 1]
    return [review for at, review in enumerate(kept) if at < query.first or _alike(query.order, review, last, library)]


def _alike(order: Order, one: Review, other: Review, library: Library) -> bool:
    if order in ("newest", "oldest"):
        return (one.year, one.date) == (other.year, other.date)
    return _size(library.facts(one)) == _size(library.facts(other))


def _size(facts: PaperFacts) -> int:
    return int(facts.participants.value) if facts.participants else 0


def _meets(query: ShelfQuery, review: Review, library: Library) -> bool:
    return (
        _is_of_years(query, review)
        and (not query.authors or _by(query, review))
        and (not query.about or is_about(query.about, review, library))
        and (not query.journals or any(_is_called(review.journal or "", name) for name in query.journals))
        and (not query.files or _is_in(query.files, review))
        and _states(query, review, library)
        and not (query.without and query.without.filters and _may_meet(query.without, review, library))
    )


def _may_meet(query: ShelfQuery, review: Review, library: Library) -> bool:
    """Tell whether a paper meets a query, or does not state the number or year for which it would not."""
    dated, sized = query.since or query.until or query.years, query.at_least or query.at_most
    untold = (dated and not review.year) or (sized and not _size(library.facts(review)))
    return bool(untold) or _meets(query, review, library)


def _is_of_years(query: ShelfQuery, review: Review) -> bool:
    if query.years and review.year not in query.years:
        return False
    bounded = query.since or query.until
    return not bounded or (query.since or 0) <= (review.year or -1) <= (query.until or 9_999)


def _is_in(files: Sequence[str], review: Review) -> bool:
    return any(file.casefold().endswith(name.casefold()) for file in review.files for name in files)


def _is_called(journal: str, name: str) -> bool:
    """Tell whether a journal has a name, or is one of a family: "BMC Pediatrics" is of those called "BMC"."""
    whole, asked = (journal_name(one).casefold() for one in (journal, name))
    return whole == asked or (name.isupper() and whole.startswith(f"{asked} "))


def _by(query: ShelfQuery, review: Review) -> bool:
    names = {fold(surname(author)) for author in review.authors}
    firsts = {name.split()[0] for name in names if name}
    met = [fold(name) in names | firsts for name in query.authors]
    return any(met) if "authors" in query.either else all(met)


def _states(query: ShelfQuery, review: Review, library: Library) -> bool:
    """Tell whether a paper states what a query asks for, as far as its facts must be read for that."""
    wanted = query.designs or query.statuses or query.places or query.registrations or query.funder
    if not (wanted or query.at_least or query.at_most):
        return True
    facts = library.facts(review)
    designs = {fact.value for fact in facts.designs}
    designs |= {GROUP[name] for name in designs}
    # What a notice is of is asked for with the papers that it is about.
    statuses = {review.status, *(_SAYS[name] for name in designs & _SAYS.keys())}
    size = _size(facts)
    kinds = {
        "designs": [design in designs for design in query.designs],
        "statuses": [status in statuses for status in query.statuses],
        "places": [
            any(_lies_in(fact, place_called(place, library)) for fact in facts.places) for place in query.places
        ],
    }
    return (
        all((any if name in query.either else all)(met) for name, met in kinds.items())
        and all(any(fact.value.startswith(name) for fact in facts.registrations) for name in query.registrations)
        and (not query.funder or _names(facts.funding, query.funder))
        and (not query.at_least or size >= query.at_least)
        and (not query.at_most or 0 < size <= query.at_most)
    )


_SAYS: dict[str, Status] = {"retraction notice": "retracted", "correction": "corrected"}


def _names(fact: Fact | None, name: str) -> bool:
    """Tell whether a fact holds the words of a name, or one of them the initials of the other."""
    if fact is None:
        return False
    shorts = {name, _initials(name)} if name.isupper() else {_initials(name)}
    stated = {*re.findall(r"\w+", fact.value), *map(_initials, _NAME.findall(fact.value))}
    short = any(len(one) >= _SHORTEST and any(other.endswith(one) for other in stated) for one in shorts)
    return short or {*stems(fact.value)}.issuperset(stems(name))


# Of fewer letters initials are those of anything.
_SHORTEST = 3
# "National Institutes of Health"
_NAME = re.compile(r"[^\W\d_a-z]\w*(?:[\s-]+(?:(?:of|for|the|and|on|in)\s+)*[^\W\d_a-z]\w*)*")


def _initials(text: str) -> str:
    return "".join(word[0] for word in re.findall(r"\w+", text) if word[0].isupper())


def is_about(subject: Subject, review: Review, library: Library) -> bool:
    """Tell whether a paper is on a subject: its title, index terms or the words it keeps using name it.

    A title may also name a kind of it: "glioblastoma" of gliomas.
    """
    title, topics = stems(review.title), library.topics(review)
    return all(form in topics or any(form == one or _is_kind_of(one, form) for one in title) for form in subject)


@lru_cache(maxsize=100_000)
def _is_kind_of(narrow: str, broad: str) -> bool:
    return open_thesaurus().is_kind_of((narrow,), (broad,))


def _lies_in(fact: Fact, place: tuple[str, ...]) -> bool:
    one = tuple(word.forms[0] for word in words(fact.value))
    thesaurus = open_thesaurus()
    return one == place or one in thesaurus.same(place) or thesaurus.is_kind_of(one, place)


# From so near on a place is the one of a people, if none of the vocabulary is nearer: "Danish" and Denmark are .81.
_OF_A_PEOPLE_COSINE = 0.64


def place_called(name: str, library: Library) -> tuple[str, ...]:
    """Return the stems of a place, given its name or that of its people; the name's own where no other is known."""
    name = COUNTRIES.get(name, name)
    own = tuple(word.forms[0] for word in words(name))
    return place_of(name) or (own if _names_a_place(name) else place_of_people(name, library) or own)


def place_of_people(name: str, library: Library) -> tuple[str, ...]:
    """Return the stems of the place that is nearest in sense to the name of its people; () where none is near.

    Looked for among those that papers state and all of the vocabulary: of a people without papers none is found.
    """
    names = (*library.places, *_place_names())
    one, others = library.embed((name,)), library.embed(names)
    if one is None or others is None:
        return ()
    likeness = others @ one[0]
    best = int(likeness.argmax())
    return tuple(word.forms[0] for word in words(names[best])) if likeness[best] >= _OF_A_PEOPLE_COSINE else ()


def _names_a_place(name: str) -> bool:
    entry = open_thesaurus().entry(tuple(word.forms[0] for word in words(name)))
    return name in COUNTRIES or (entry is not None and entry.kind == "location")


# Of the name of a people and of its country at least so many letters are the same, and at most so many are not.
_ALIKE, _UNLIKE = 4, 5
_OF_A_PEOPLE = re.compile(r"(?:ese|ians?|ans?|ish|i)$", re.IGNORECASE)


@cache
def place_of(people: str) -> tuple[str, ...]:
    """Return the name, as stems, of the place that begins as the name of its people does; () where none does.

    >>> place_of("Norwegian"), place_of("japanese"), place_of("lupus")
    (('norway',), ('japan',), ())
    """
    name, best = people.casefold(), ("", 0)
    if _OF_A_PEOPLE.search(name):
        for place in _place_names():
            shared = Prefix.similarity(name, place)
            if shared >= _ALIKE and max(len(name), len(place)) - shared <= _UNLIKE and shared > best[1]:
                best = place, shared
    return (best[0],) if best[0] else ()


@cache
def _place_names() -> tuple[str, ...]:
    """Return the stems of the places whose name is one word, continents first."""
    continents = [(name,) for name in ("africa", "america", "asia", "europ")]
    below = [name for continent in continents for name in open_thesaurus().narrower(continent, bool)]
    return tuple(dict.fromkeys(name[0] for name in [*continents, *below] if len(name) == 1))


def values(column: Column, review: Review, library: Library) -> list[Fact]:
    """Return what a paper states in a column: none where it states nothing."""
    if column in FACETS:
        told = study_facet(column, review, library)
        return [told] if told else []
    facts = library.facts(review)
    read: dict[str, Sequence[Fact | None]] = {
        "design": most_telling(facts.designs),
        "participants": [facts.participants],
        "registration": facts.registrations,
        "place": facts.places,
        "funding": [facts.funding],
    }
    if column in read:
        return [fact for fact in read[column] if fact]
    stated = {
        "year": str(review.year or ""),
        "authors": listed(review.authors),
        "journal": review.journal,
        "status": review.status,
        "DOI": review.doi,
        "PMID": review.pmid,
    }[column]
    return [Fact(stated, _span_of(stated, review))] if stated else []


def _span_of(value: str, review: Review) -> tuple[int, int] | None:
    """Return where the lines on a paper's publication state a value."""
    for section in review.sections:
        if section.kind == "bibliographic":
            at = review.text.lower().find(value.lower(), section.start, section.end)
            if at >= 0:
                return at, at + len(value)
    return None
