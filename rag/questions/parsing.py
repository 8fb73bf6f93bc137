"""A clean question is taken apart: its terms, the facts it asks for, how it compares, the reviews that it names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from rag.questions.aspects import (
    against_each_other,
    compared_on,
    named_aspects,
    speaks_of_reviews,
)
from rag.questions.described import described, one_described
from rag.questions.publication_facts import ASKING_FRAME, asked_fields
from rag.questions.question import Question
from rag.questions.relations import COMPARE_FRAME, Relation, compares, relations
from rag.questions.terms import content_terms, is_inside
from rag.shelf import REVIEW_NOUN, Alike, Catalogue, Named, named_reviews
from rag.text import stem
from rag.types import Review, Span, Term

_WANTS_SHARE = re.compile(r"\b(?:per ?cent(?:age)?|proportion|fraction|share)\b", re.IGNORECASE)
_WANTS_NUMBER = re.compile(r"\bhow (?:many|much|large|big|high|low)\b|\bwhat (?:number|dose|p-?value)\b", re.IGNORECASE)
# Words that are left of a question for the whole of a review: "What does it contribute?"
_OVERVIEW_FRAME = frozenset(
    stem(word)
    for word in "contribute contribution conclude conclusion summary gist aim purpose goal scope message argue "
    "argument "
    "propose proposal takeaway claim thesis main central objective point nutshell sentence focus".split()
)
_OF_A_PAPER = re.compile(rf"\b{REVIEW_NOUN}\b|\bwrote\b|\bwritten\b|\bauthors?\b", re.IGNORECASE)
# What is asked of one review beside the others.
_OF_ONE: frozenset[Relation] = frozenset(("only", "others"))
_WHY = re.compile(r"\W*(?:(?:and|but|so)\W+)?why\b", re.IGNORECASE)
MAX_QUESTION_CHARS = 2000
# Control, format (zero-width, bidirectional), private and unassigned characters.
_INVISIBLE = ("Cc", "Cf", "Co", "Cs", "Cn")


def clean(text: str) -> str:
    """Return a question in NFC on one line, without control, zero-width and direction characters."""
    flat = re.sub(r"\s+", " ", text)
    visible = "".join(c for c in flat if unicodedata.category(c) not in _INVISIBLE)
    return re.sub(r" +", " ", unicodedata.normalize("NFC", visible)).strip()


def no_likeness(phrase: str, others: Sequence[str]) -> Sequence[float]:
    """Tell nothing of how near phrases are in sense."""
    return [0.0] * len(others)


def parse(text: str, reviews: Sequence[Review], alike: Alike = no_likeness) -> Question:
    """Take a clean question apart against the reviews that may be asked; see `named_reviews` for `alike`."""
    shelf = reviews if isinstance(reviews, Catalogue) else Catalogue(reviews)
    related = relations(text)
    named = named_reviews(text, shelf, alike)
    several = described(text)
    if several and len(named.review_ids) == 1 and all(map(several.meets, named.spans)):
        named = Named()
    only_topics = not named.absent and set(named.review_ids) == named.by_topic
    on = compared_on(text)
    if only_topics and against_each_other(text) and not related & _OF_ONE:
        # One subject alone, or what they are compared on, looks like a title: the search tells who is on the matter.
        misled = len(named.review_ids) == 1 or any(start >= on > 0 for start, _ in named.spans)
        named = Named() if misled else named
    fields, asking = asked_fields(text, named.spans)
    compares_by_name = len(set(named.review_ids) - named.by_topic) + len(named.absent) > 1
    sets_apart = len(named.review_ids) == 1 and not related.isdisjoint(_OF_ONE)
    # "Why did it make no difference?" asks for a reason, which one paper gives.
    of_a_reason = _WHY.match(text) and not speaks_of_reviews(text)
    across = (compares(text) and not of_a_reason) or compares_by_name or (sets_apart and "only" in related)
    terms = _content(text, named.spans, across)
    papers = several.spans if several else ()
    return Question(
        typed=text,
        text=text,
        among=shelf,
        scope=shelf.part(named.review_ids) if named.review_ids and not sets_apart else shelf,
        terms=terms,
        named=named.review_ids,
        names=named.spans,
        absent=named.absent,
        of_other_years=named.of_other_years,
        fields=fields,
        rest=tuple(t for t in terms if not is_inside(t.start, asking) and t.forms[0] not in ASKING_FRAME),
        of_a_paper=bool(_OF_A_PAPER.search(text)),
        wants="share" if _WANTS_SHARE.search(text) else "number" if _WANTS_NUMBER.search(text) else None,
        compares=across,
        sets_against=against_each_other(text) and not of_a_reason,
        of_reviews=speaks_of_reviews(text) or sets_apart or len(named.review_ids) + len(named.absent) > 1,
        relations=related,
        aspects=named_aspects(text, [term for term in terms if not is_inside(term.start, papers)], named.spans),
        papers=papers,
        described=several,
        of_one=None if several or named.review_ids else one_described(text),
    )


def _content(text: str, names: Sequence[Span], across: bool) -> tuple[Term, ...]:
    """Return the terms of a question; none when it asks for the whole of a review."""
    terms = content_terms(text, names)
    if across:
        terms = tuple(term for term in terms if term.forms[0] not in COMPARE_FRAME)
    return () if all(term.forms[0] in _OVERVIEW_FRAME for term in terms) else terms
