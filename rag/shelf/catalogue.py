"""The reviews that may be asked, and by which words a question may name one: looked up, not gone through one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from typing import Self

from rag.index import StemSets, title_stems
from rag.text import fold, stems, words
from rag.types import Coverage, CoverageState, Review

# A run of this many words of a title, in order, is taken as naming it.
TITLE_RUN = 5
# A word of a journal's name is recognised by its first letters, this many: "Biotechnology" is "Biotechnol".
_STUMP = 6
# Name suffixes and initials as bibliographies print them: "Smith JA", "Smith, J.", "Jane Smith Jr".
_INITIALS = re.compile(r"[A-Z]{1,3}\.?(?:[-\s]?[A-Z]\.?)*")
TOKEN = re.compile(r"\w+")
# What may stand in a number of a paper: "PMID: 123" and "pmid:123" are one.
_BETWEEN = re.compile(r"[\s:#]")
# A word in more than this share of the titles is no topic of one.
_COMMON_TITLE_WORD = 0.2
# Stems of which it is kept whose titles hold them.
REMEMBERED = 1024
# Returns the ids of the reviews that hold a stem.
Holding = Callable[[str], Collection[str]]
# What `title_stems` makes of the titles.
Titles = tuple[StemSets, StemSets]


class Catalogue(tuple[Review, ...]):
    """Reviews in shelf order with what finds one among thousands; a part of a catalogue is made with `part`."""

    _holding: Holding
    _titles: Titles | None

    def __new__(
        cls, reviews: Iterable[Review] = (), holding: Holding | None = None, titles: Titles | None = None
    ) -> Self:
        """Take the reviews, and what tells which of them hold a stem, in text or title: else they are read, once."""
        made = super().__new__(cls, reviews)
        made._holding, made._titles = holding or _by_reading(made), titles
        return made

    def part(self, review_ids: Collection[str]) -> Catalogue:
        """Return the reviews that have these ids, in shelf order."""
        places = sorted({self.place[review_id] for review_id in review_ids if review_id in self.place})
        if len(places) == len(self):
            return self
        some = Catalogue((self[at] for at in places), self._holding)
        some._names, some._silent = self._names, [self._silent[at] for at in places]
        return some

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The place of each review by its id."""
        return {review.id: at for at, review in enumerate(self)}

    @cached_property
    def journals(self) -> Sequence[str]:
        """The names of the journals, each once."""
        return list(dict.fromkeys(review.journal for review in self if review.journal))

    @cached_property
    def topics(self) -> frozenset[str]:
        """The stems in the titles, but those in so many that they tell nothing."""
        most = max(1, len(self) * _COMMON_TITLE_WORD)
        return frozenset(form for form in self._names.title_forms if len(self.titled(form)) <= most)

    @cached_property
    def dated(self) -> Sequence[Review]:
        """The reviews whose year is known, the oldest first."""
        return sorted((r for r in self if r.year), key=lambda r: (r.year or 0, r.date or "", r.id))

    def perhaps_named(self, text: str) -> list[Review]:
        """Return all reviews that a text may name by author, journal or title, in shelf order, and few others."""
        found = self._names.perhaps_in(text) & self.place.keys()
        return [self[at] for at in sorted(self.place[review_id] for review_id in found)]

    def numbered(self, number: str) -> str | None:
        """Return the id of the review that a PMID, PMCID, DOI or file name belongs to, None where there is none."""
        review_id = self._names.by_number.get(_number(number))
        return review_id if review_id in self.place else None

    def has_author(self, name: str) -> bool:
        """Tell whether a word is how the surname of an author begins, with its accents or without."""
        return any(review_id in self.place for review_id in self._names.authored(re.sub(r"['’]s$", "", name)))

    def titled(self, form: str) -> Collection[str]:
        """Return the ids of the reviews with this stem in their titles."""
        return self._names.titled(form) & self.place.keys()

    def of_year(self, year: int) -> Sequence[str]:
        """Return the ids of the reviews of a year, in shelf order."""
        return [review_id for review_id in self._names.by_year.get(year, ()) if review_id in self.place]

    def holds(self, form: str) -> bool:
        """Tell whether the text of a review holds a stem."""
        return any(review_id in self.place for review_id in self._holding(form))

    def coverage(self, states: Mapping[str, CoverageState]) -> tuple[Coverage, ...]:
        """Return what each review did for an answer: those in `states`, all others were silent."""
        found = list(self._silent)
        for review_id in states.keys() & self.place.keys():
            found[self.place[review_id]] = Coverage(review_id, states[review_id])
        return tuple(found)

    @cached_property
    def _silent(self) -> Sequence[Coverage]:
        return [Coverage(review.id, "silent") for review in self]

    @cached_property
    def _names(self) -> _Names:
        return _Names(self, self._titles or title_stems(self))


def _by_reading(reviews: Sequence[Review]) -> Holding:
    @cache
    def held() -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for review in reviews:
            for form in {*stems(review.text)}:
                found.setdefault(form, set()).add(review.id)
        return found

    return lambda form: held().get(form, set())


class _Names:
    """The words that begin names and titles, and the years, with the ids of the reviews that have them."""

    def __init__(self, reviews: Sequence[Review], titles: Titles) -> None:
        titled, openings = titles
        held, ids = titled.holders(), [review.id for review in reviews]
        self.title_forms = held.keys()
        # Only of the stems that are asked for: all would be half a million ids of 50,000 titles.
        self.titled = lru_cache(maxsize=REMEMBERED)(lambda form: frozenset(ids[at] for at in held.get(form, ())))
        self.by_year: dict[int, list[str]] = {}
        self.by_number: dict[str, str] = {}
        self._openings: dict[tuple[str, str], list[tuple[Sequence[str], str]]] = {}
        self._authors: dict[str, set[str]] = {}
        self._journals: dict[tuple[str, ...], set[str]] = {}
        for at, review in enumerate(reviews):
            if run := openings.run(at):
                self._openings.setdefault((run[0], run[1]), []).append((run, review.id))
            numbers = (review.id, review.doi, review.pmid and f"PMID{review.pmid}", review.pmcid)
            for number in (*filter(None, numbers), *(file.rsplit("/", 1)[-1] for file in review.files)):
                self.by_number.setdefault(_number(number), review.id)
            for token in {token for author in review.authors for token in _first_tokens(surname(author))}:
                self._authors.setdefault(token, set()).add(review.id)
            if review.year:
                self.by_year.setdefault(review.year, []).append(review.id)
            if stumps := journal_stumps(review.journal):
                self._journals.setdefault(stumps, set()).add(review.id)
        self._journals_by_first: dict[str, list[tuple[str, ...]]] = {}
        for stumps in self._journals:
            self._journals_by_first.setdefault(stumps[0], []).append(stumps)

    def authored(self, name: str) -> Collection[str]:
        """Return the ids of the reviews with an author whose surname begins with a word."""
        return next((ids for spelling in (name.casefold(), fold(name)) if (ids := self._authors.get(spelling))), ())

    def perhaps_in(self, text: str) -> set[str]:
        """Return the ids of all reviews that a text may name, and few others."""
        forms = [word.forms[0] for word in words(text)]
        tokens = {spelling for token in TOKEN.findall(text) for spelling in (token.casefold(), fold(token))}
        beginnings = {token[:length] for token in tokens for length in range(1, _STUMP + 1)}
        found: set[str] = set()
        for at, opening in enumerate(pairwise(forms)):
            begun = self._openings.get(opening, ())
            found |= {review_id for run, review_id in begun if forms[at : at + len(run)] == run}
        for at in range(len(forms) - TITLE_RUN + 1):
            holding = sorted(map(self.titled, forms[at : at + TITLE_RUN]), key=len)
            found |= holding[0].intersection(*holding[1:])
        for token in tokens & self._authors.keys():
            found |= self._authors[token]
        for beginning in beginnings & self._journals_by_first.keys():
            for stumps in self._journals_by_first[beginning]:
                if beginnings.issuperset(stumps):
                    found |= self._journals[stumps]
        return found


def _number(text: str) -> str:
    """Return a number of a paper as it is looked up."""
    return _BETWEEN.sub("", text).casefold()


def surname(author: str) -> str:
    """Return the surname of an author as printed.

    >>> surname("Nicholas Paul Casey"), surname("Smith JA"), surname("van der Berg, K."), surname("Max Müller Jr.")
    ('Casey', 'Smith', 'van der Berg', 'Müller')
    """
    if "," in author:
        return author.split(",")[0].strip()
    parts = re.sub(r"\s+(?:Jr|Sr|II|III|MD|PhD)\.?$", "", author.strip()).split()
    # In capitals alone, "SINGAL R", the shorter one stands for given names.
    if len(parts) > 1 and _INITIALS.fullmatch(parts[-1]) and not _is_initials(parts[0], beside=parts[-1]):
        return " ".join(parts[:-1])
    return parts[-1] if parts else ""


def _is_initials(part: str, beside: str) -> bool:
    return _INITIALS.fullmatch(part) is not None and len(part) <= len(beside)


def _first_tokens(name: str) -> set[str]:
    """Return the first word of a name, as it is written and without accents."""
    firsts = (TOKEN.search(spelling) for spelling in (name, fold(name)))
    return {first.group().casefold() for first in firsts if first}


def journal_stumps(journal: str | None) -> tuple[str, ...]:
    """Return the beginnings by which the words of a journal's name are recognised."""
    folded = map(fold, TOKEN.findall(journal or ""))
    return tuple(word[: max(3, min(len(word), _STUMP))] for word in folded)
