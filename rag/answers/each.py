"""One question put to each of several reviews by itself: what each has that answers, and how surely it does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.answers.alignment import alignment
from rag.answers.judgement import judgement, logit, probability
from rag.answers.matching import Matcher
from rag.answers.reading import DECIMALS, Candidate, as_cells, library_features, logit_of, measure, row_features
from rag.answers.retrieval import query_for, retrieve_in_each
from rag.questions import Aspect
from rag.types import PROSE, Hit

if TYPE_CHECKING:
    from rag.shelf import Library

# The reader looks at so many places of all the reviews together, and at so many of each at the most.
LOOKS, MOST_LOOKS = 24, 8
# A review that rather does not answer, and whose odds are this much below those of the likeliest one, in nats, is on
# something else.
APART = 3.0


@dataclass(frozen=True, slots=True)
class Said:
    """What one review has for a question: its sentences, best first, and the probability that it answers."""

    found: Sequence[Candidate]
    confidence: float


def confidence(found: Sequence[Candidate], matcher: Matcher, library: Library, of_row: bool = False) -> float:
    """Return the probability that the best of some sentences, best first, answer; 0.0 without any.

    `of_row`: they are of one paper, and what is asked is a row of a comparison.
    """
    if not found:
        return 0.0
    learned = judgement()
    if found[0].vector is None:
        weights = learned.library_by_words
    elif "answers" not in found[0].features:
        weights = learned.library_without_reader
    else:
        weights = learned.paper if of_row else learned.library
    features = (row_features if of_row else whole_features)(found, matcher, library)
    return round(probability(logit(weights, features)), DECIMALS)


def whole_features(found: Sequence[Candidate], matcher: Matcher, library: Library) -> dict[str, float]:
    """Return what the best sentences found, best first, say of whether they answer a question as a whole."""
    return library_features(found, matcher, library) | alignment(found, matcher, library)


class Asked:
    """A question as it is put to each review, for a row of a comparison; its passages are searched once."""

    def __init__(self, row: Aspect, library: Library, review_ids: Collection[str]) -> None:
        """Take what is asked, under its name, and the reviews."""
        self._row, self._library = row.name, library
        self._query = query_for(row.text, row.terms, library)
        self._hits: dict[str, list[Hit]] = {}
        numbers = library.passage_numbers(review_ids, PROSE)
        for hit in retrieve_in_each(self._query, library.index, numbers):
            self._hits.setdefault(hit.passage.review_id, []).append(hit)

    def said(self, matcher_of: Callable[[str], Matcher], review_ids: Collection[str], looks: int) -> dict[str, Said]:
        """Return what these reviews say, each measured by its own matcher; the reader takes so many looks at each."""
        said = {}
        for review_id in [i for i in self._hits if i in review_ids]:
            matcher = matcher_of(review_id)
            measured = measure(self._hits[review_id], matcher, self._query, self._library, looks)
            found = as_cells(measured, self._row, self._library)
            said[review_id] = Said(found, confidence(found, matcher, self._library, of_row=True))
        return said

    def read(self, matcher_of: Callable[[str], Matcher], review_ids: Collection[str]) -> dict[str, Said]:
        """Return the same, read as closely as the number of reviews allows."""
        return self.said(matcher_of, review_ids, min(MOST_LOOKS, max(1, LOOKS // max(1, len(review_ids)))))


def on_the_matter(said: Mapping[str, Said], apart: float = APART) -> list[str]:
    """Return the ids of the reviews that rather answer, or whose odds are not that far below those of the likeliest."""
    odds = {review_id: logit_of(one.confidence) for review_id, one in said.items()}
    best = max(odds.values(), default=0.0)
    return [review_id for review_id in odds if odds[review_id] >= min(best - apart, 0.0)]
