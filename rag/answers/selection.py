"""The sentences worth quoting among those that answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.answers.matching import Matcher
from rag.answers.reading import Candidate
from rag.answers.thresholds import CLOSE_TO_BEST, HOLDS, LIKELY, MOST, SAME_COSINE, SAME_STEMS
from rag.types import Passage, Quote, Review, Span, Wants

# Quantities in words or figures; the digits of a name ("CD19", "GLP-1") and spans of time are none.
_NUMBER = re.compile(
    r"(?<![\w.-])\d+(?:[.,·]\d+)*(?![\w-]*[A-Za-z])|\d\s*%|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|twenty|"
    r"hundreds?|thousands?|half|halves|halved|thirds?|quarters?|doubled?|tripled?)\b",
    re.IGNORECASE,
)
_SHARE = re.compile(
    r"\d\s*%|\bper ?cent\b|\b(?:half|halves|thirds?|quarters?|fifths?|tenths?|majority|minority)\b"
    r"|\b(?:\w+|\d+) (?:in|out of|of(?: the)?) (?:two|three|four|five|six|seven|eight|nine|ten|\d+)\b|\b\d+/\d+\b",
    re.IGNORECASE,
)
QUOTES_PER_REVIEW = 3


def holds_quantity(candidate: Candidate, wants: Wants | None) -> bool:
    """Tell whether a sentence holds a quantity of the kind that is asked for; True when none is."""
    return wants is None or bool((_SHARE if wants == "share" else _NUMBER).search(candidate.text))


def speaks(candidate: Candidate, matcher: Matcher) -> bool:
    """Tell whether a sentence speaks of an aspect: it holds some of what decides and, with what is around it, most.

    One that is likelier than not to answer needs none of the words.
    """
    named = matcher.decided(candidate.own) >= HOLDS and matcher.decided(candidate.strengths) > MOST
    return named or candidate.score >= LIKELY


def choose(found: Sequence[Candidate], from_each: bool = False) -> list[Candidate]:
    """Return the sentences worth quoting of those that answer: near the best, no repeats, a few a review.

    `from_each` measures a sentence against the best of its own review only, so that every review is heard.
    """
    by_review: dict[str, list[Candidate]] = {}
    for candidate in found:
        own = by_review.get(candidate.passage.review_id, [candidate])
        if candidate.score >= CLOSE_TO_BEST * (own[0] if from_each else found[0]).score:
            by_review.setdefault(candidate.passage.review_id, []).append(candidate)
    return [candidate for own in by_review.values() for candidate in distinct(own, QUOTES_PER_REVIEW)]


def distinct(found: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the first sentences that repeat none before; of two that repeat each other the authors' wording stays."""
    kept: list[Candidate] = []
    for candidate in found:
        repeated = next((at for at, other in enumerate(kept) if _repeats(candidate, other)), None)
        if repeated is None:
            kept += [candidate] if len(kept) < most else []
        elif candidate.passage.provenance == "authors" and kept[repeated].passage.provenance == "page":
            kept[repeated] = candidate
    return kept


def _figures(candidate: Candidate) -> frozenset[str]:
    return frozenset(form for form in candidate.forms if form[0].isdigit())


def _repeats(one: Candidate, other: Candidate) -> bool:
    if one.passage.review_id != other.passage.review_id:
        return False
    if not (_figures(one) <= _figures(other) or _figures(other) <= _figures(one)):
        return False
    shared = len(one.forms & other.forms) / max(1, min(len(one.forms), len(other.forms)))
    alike = one.vector is not None and other.vector is not None and float(one.vector @ other.vector) >= SAME_COSINE
    return alike or shared >= SAME_STEMS


def quote(candidate: Candidate, reviews: Mapping[str, Review]) -> Quote:
    """Return the exact span of a candidate as a quote."""
    return line_quote(reviews[candidate.passage.review_id], candidate.passage, candidate.span)


def line_quote(review: Review, passage: Passage, span: Span) -> Quote:
    """Return a span of a passage as a quote of its review."""
    return Quote(
        review_id=review.id,
        heading=passage.heading,
        kind=passage.kind,
        provenance=passage.provenance,
        start=span[0],
        end=span[1],
        text=review.text[span[0] : span[1]],
        passage_start=passage.start,
        passage_end=passage.end,
    )
