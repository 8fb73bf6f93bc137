"""A question about the shelf itself as a value: which papers, in what order, what of each is shown; and its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rag.lexicon import open_thesaurus
from rag.shelf.paper_facts import GROUP, Fact, PaperFacts
from rag.shelf.study_facets import FACETS, Facet, study_facet
from rag.text import stems, words
from rag.types import Review, Status

if TYPE_CHECKING:
    from rag.shelf.library import Library

Order = Literal["", "newest", "oldest", "largest", "smallest"]
Column = (
    Literal["year", "journal", "design", "participants", "registration", "place", "funding", "status", "DOI", "PMID"]
    | Facet
)
# A subject that names no place, no year and no design.
Subject = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShelfQuery:
    """Which papers are meant: all that meet every filter; of an order the `first` ones, 0 for all of the newest
    or oldest year.

    `since` and `until` are years, both of them meant too. `designs` may be names or groups of names (`GROUP`); `about`
    are the stems of what a paper must be on. `counts` asks how many they are; `columns` are shown beside the year.
    """

    since: int | None = None
    until: int | None = None
    designs: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    places: tuple[str, ...] = ()
    registrations: tuple[str, ...] = ()
    about: Subject = ()
    order: Order = ""
    first: int = 0
    counts: bool = False
    columns: tuple[Column, ...] = ()

    @property
    def filters(self) -> tuple[str, ...]:
        """The filters in words, one by one: "after 2019", "randomised trial"."""
        if self.since and self.until:
            years = f"{self.since}" if self.since == self.until else f"{self.since} to {self.until}"
        else:
            years = f"from {self.since} on" if self.since else f"up to {self.until}" if self.until else ""
        places = [f"from {place}" for place in self.places]
        return tuple(filter(None, [years, *self.designs, *self.statuses, *places, *self.registrations]))


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
    if not query.first or len(kept) <= query.first:
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
    if (query.since or query.until) and not (query.since or 0) <= (review.year or -1) <= (query.until or 9_999):
        return False
    if query.statuses and review.status not in query.statuses:
        return False
    if query.about and not is_about(query.about, review, library):
        return False
    if not (query.designs or query.places or query.registrations):
        return True
    facts = library.facts(review)
    designs = {fact.value for fact in facts.designs}
    of_design = all(design in designs | {GROUP[name] for name in designs} for design in query.designs)
    registered = {fact.value for fact in facts.registrations}
    return (
        of_design
        and all(any(_lies_in(fact, place) for fact in facts.places) for place in query.places)
        and registered.issuperset(query.registrations)
    )


def is_about(subject: Subject, review: Review, library: Library) -> bool:
    """Tell whether a paper is on a subject: its title, index terms or the words it keeps using name it."""
    return all(form in library.topics(review) or form in stems(review.title) for form in subject)


def _lies_in(fact: Fact, place: str) -> bool:
    one, other = (tuple(word.forms[0] for word in words(name)) for name in (fact.value, place))
    return one == other or open_thesaurus().is_kind_of(one, other)


def values(column: Column, review: Review, library: Library) -> list[Fact]:
    """Return what a paper states in a column: none where it states nothing."""
    if column in FACETS:
        told = study_facet(column, review, library)
        return [told] if told else []
    facts = library.facts(review)
    read: dict[str, Sequence[Fact | None]] = {
        "design": _most_telling(facts.designs),
        "participants": [facts.participants],
        "registration": facts.registrations,
        "place": facts.places,
        "funding": [facts.funding],
    }
    if column in read:
        return [fact for fact in read[column] if fact]
    stated = {
        "year": str(review.year or ""),
        "journal": review.journal,
        "status": review.status,
        "DOI": review.doi,
        "PMID": review.pmid,
    }[column]
    return [Fact(stated, _span_of(stated, review))] if stated else []


def _most_telling(designs: Sequence[Fact]) -> list[Fact]:
    """Return the designs without those that another of them is a kind of: a randomised trial is a trial."""
    groups = {GROUP[fact.value] for fact in designs if GROUP[fact.value] != fact.value}
    return [fact for fact in designs if fact.value not in groups]


def _span_of(value: str, review: Review) -> tuple[int, int] | None:
    """Return where the lines on a paper's publication state a value."""
    for section in review.sections:
        if section.kind == "bibliographic":
            at = review.text.lower().find(value.lower(), section.start, section.end)
            if at >= 0:
                return at, at + len(value)
    return None
