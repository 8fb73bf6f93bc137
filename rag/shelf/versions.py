"""Versions of one work: of a preprint and its article, or a review and its update, one is asked.

One work says a thing once. What belongs together is stated by a record, or told by DOIs or titles.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from rapidfuzz import fuzz

from rag.shelf.catalogue import Catalogue, surname
from rag.shelf.paper_facts import Fact, PaperFacts, most_telling
from rag.text import fold, stems
from rag.types import Review

# Titles of versions differ in a word or two, of 100; the article follows within so many years.
_SAME_TITLE, _YEARS = 90.0, 4
# A title is looked for by so many of its rarest words.
_RARE_WORDS = 4
# How much more wording than its article a preprint has that is asked in its place.
_FULLER = 2.0
# The number of an edition at the end of a DOI: of a Cochrane review, of a preprint.
_EDITION = re.compile(r"(?:\.pub|[./]v)(\d{1,3})$")


def spoken_for(reviews: Catalogue) -> Mapping[str, str]:
    """Return by id, for each review of which another version is asked, the id of that one.

    The later one is asked, but for an article of which only the abstract is there beside the whole preprint.
    """
    found: dict[str, str] = {}
    for earlier, later in [*_stated(reviews), *_editions(reviews), *_by_title(reviews)]:
        fuller = earlier.status == "preprint" and earlier.wording > _FULLER * later.wording
        aside, asked = (later, earlier) if fuller else (earlier, later)
        if aside.id not in found and found.get(asked.id) != aside.id:
            found[aside.id] = asked.id
    return {aside: _last(aside, found) for aside in found}


def _last(review_id: str, asked_for: Mapping[str, str]) -> str:
    """Return the version that is asked in the end: of three editions the last."""
    seen = {review_id}
    while (following := asked_for.get(review_id)) and following not in seen:
        seen.add(review_id := following)
    return review_id


def _stated(reviews: Catalogue) -> Iterator[tuple[Review, Review]]:
    """Yield the versions that records name, the earlier one first."""
    by_number = {number: one for one in reviews for number in (one.doi, one.pmid) if number}
    for earlier in reviews:
        if (later := by_number.get(earlier.later)) and later is not earlier:
            yield earlier, later


def _editions(reviews: Catalogue) -> Iterator[tuple[Review, Review]]:
    """Yield each edition with the one that follows it, by their DOIs; the first one has no number there."""
    works: dict[str, dict[int, Review]] = defaultdict(dict)
    for review in filter(lambda one: one.doi, reviews):
        number = _EDITION.search(review.doi or "")
        works[_EDITION.sub("", review.doi or "")][int(number[1]) if number else 0] = review
    for editions in works.values():
        yield from pairwise(editions[number] for number in sorted(editions))


def _by_title(reviews: Catalogue) -> Iterator[tuple[Review, Review]]:
    for preprint in reviews:
        if preprint.status == "preprint" and (article := next(_articles(preprint, reviews), None)):
            yield preprint, article


def _articles(preprint: Review, reviews: Catalogue) -> Iterator[Review]:
    """Yield the papers that a preprint became: of its title, one of its authors, and not much later."""
    holding = sorted((reviews.titled(form) for form in {*stems(preprint.title)}), key=len)
    near = {review_id for ids in [ids for ids in holding if len(ids) > 1][:_RARE_WORDS] for review_id in ids}
    for other in map(reviews.__getitem__, sorted(reviews.place[review_id] for review_id in near)):
        in_time = not (preprint.year and other.year) or 0 <= other.year - preprint.year <= _YEARS
        alike = fuzz.token_sort_ratio(preprint.title.casefold(), other.title.casefold()) >= _SAME_TITLE
        if other.status != "preprint" and in_time and alike and _share_an_author(preprint, other):
            yield other


def _share_an_author(one: Review, other: Review) -> bool:
    first, second = ({fold(surname(author)) for author in review.authors} for review in (one, other))
    return bool(first & second)


def changed(first: tuple[Review, PaperFacts], last: tuple[Review, PaperFacts]) -> list[str]:
    """Return, a line each, what the later version of a work states otherwise than the earlier one did.

    What one of them does not state is no change: an abstract holds less than the whole text.
    """
    stated = [
        ("title", *(review.title.rstrip(". ") for review, _ in (first, last))),
        ("participants", *(_values([facts.participants]) for _, facts in (first, last))),
        ("registration", *(_values(facts.registrations) for _, facts in (first, last))),
        ("design", *(_values(most_telling(facts.designs)) for _, facts in (first, last))),
        ("authors", *(", ".join(review.authors) for review, _ in (first, last))),
    ]
    return [
        f"{name}: {before}, then {after}"
        for name, before, after in stated
        if before and after and fold(before) != fold(after)
    ]


def _values(facts: Sequence[Fact | None]) -> str:
    return ", ".join(sorted(fact.value for fact in facts if fact))
