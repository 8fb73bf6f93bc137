"""The rows of a comparison of whole studies: who took part, what was tried, what came out, each in one sentence.

Studies that are set side by side without saying on what have these facets; reviews have topics.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.answers import line_of
from rag.questions import column_called
from rag.shelf import Column, values
from rag.types import Quote, Review

if TYPE_CHECKING:
    from rag.shelf import Library

# More studies than this are too many to read all of each.
MOST_STUDIES = 50
STUDY_FACETS: tuple[Column, ...] = ("participants", "intervention", "outcome", "result", "harms", "conclusion")
# What else a reader may set studies side by side on.
FURTHER: tuple[Column, ...] = ("limitations", "design", "registration", "funding")


def are_studies(reviews: Sequence[Review], library: Library, called_so: bool) -> bool:
    """Tell whether some papers can be compared as studies: several, not too many, and each a study by its design.

    Of what a question calls studies it is enough that none is a review.
    """
    if not 2 <= len(reviews) <= MOST_STUDIES:
        return False
    kinds = {library.facts(review).kind for review in reviews}
    return kinds <= {"trial", "study", *([""] if called_so else [])}


def facet_called(name: str) -> Column | None:
    """Return the facet that an aspect is by its name: "side effects" are harms."""
    asked = column_called(name)
    return asked if asked in (*STUDY_FACETS, *FURTHER) else None


def facet_quote(facet: Column, review: Review, library: Library) -> Quote | None:
    """Return the sentence that tells a facet of a study; None where none surely does."""
    spans = (fact.span for fact in values(facet, review, library) if fact.span)
    return next(filter(None, (line_of(review, span, library) for span in spans)), None)
