"""The rows of a comparison of whole studies: who took part, what was tried, what came out.

Studies that are set side by side without saying on what have these facets; reviews have topics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rag.answers import line_of
from rag.encoders import FUNDING, facets_asked
from rag.questions import Question, column_called
from rag.shelf import Column, values
from rag.text import stem_set
from rag.types import Quote, Review

if TYPE_CHECKING:
    from rag.shelf import Library

# More studies than this are too many to read all of each.
MOST_STUDIES = 50
# What studies that are compared without an aspect are asked, by the facets under which it stands.
STUDY_FACETS: Mapping[Column, str] = {
    "participants": "who took part and how many",
    "intervention": "what the groups were given, and what it was compared with",
    "outcome": "primary outcome and how it was measured",
    "result": "main result",
    "harms": "side effects and adverse events",
    "conclusion": "conclusion",
}
# Of which facet the kinds are that a name asks for, and from which probability on it does.
FACET_OF: Mapping[str, Column] = {
    "number": "participants",
    "people": "participants",
    "treatment": "intervention",
    "comparator": "intervention",
    "measure": "outcome",
    "result": "result",
    "harms": "harms",
    "harmless": "harms",
    "conclusion": "conclusion",
    "limits": "limitations",
    "design": "design",
    FUNDING: "funding",
}
ASKS_FOR = 0.45
# What else a reader may set studies side by side on.
FURTHER: tuple[Column, ...] = ("limitations", "design", "registration", "funding")
# What is stated beside the text.
BESIDE: tuple[Column, ...] = ("registration", "funding")


def are_studies(reviews: Sequence[Review], library: Library, question: Question) -> bool:
    """Tell whether some papers can be compared as studies: several, not too many, and none a review.

    At least half are studies by their design, or, where a question does not call them reviews, by what they report; of
    what it calls studies it is enough that none is a review.
    """
    if not 2 <= len(reviews) <= MOST_STUDIES:
        return False
    facts = [library.facts(review) for review in reviews]
    if question.described and question.described.kind != "paper":
        return all(one.kind != "review" for one in facts)
    if "review" in stem_set(question.text):
        return all(one.kind in ("trial", "study") for one in facts)
    return all(one.kind != "review" for one in facts) and 2 * sum(one.is_study for one in facts) >= len(facts)


def facet_called(name: str, library: Library) -> Column | None:
    """Return the facet that an aspect is by its name, "side effects", or as it is asked: "how many women took part"."""
    if called := column_called(name):
        return called if called in (*STUDY_FACETS, *FURTHER) else None
    if (vectors := library.embed([name])) is None:
        return None
    # "Who took part" may ask for whom as well as for how many.
    misses = dict.fromkeys(FACET_OF.values(), 1.0)
    for kind, chance in facets_asked(vectors[0]).items():
        if kind in FACET_OF:
            misses[FACET_OF[kind]] *= 1 - chance
    facet = min(misses, key=misses.__getitem__)
    return facet if 1 - misses[facet] >= ASKS_FOR else None


def stated(facet: Column, review: Review, library: Library) -> Quote | None:
    """Return the line that states a fact of a study which stands beside its text; None of what the text tells."""
    facts = values(facet, review, library) if facet in BESIDE else ()
    spans = (fact.span for fact in facts if fact and fact.span)
    return next(filter(None, (line_of(review, span, library) for span in spans)), None)
