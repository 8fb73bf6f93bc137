"""The sentences worth quoting among those that answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from rag.answers.matching import Matcher
from rag.answers.reading import Candidate
from rag.answers.thresholds import CLOSE_TO_BEST, HOLDS, LACKING, MOST, SAME_COSINE, SAME_STEMS
from rag.types import Passage, Quote, Review, Span, Wants

if TYPE_CHECKING:
    from rag.shelf import Library

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
# Where a sentence of a study says whose finding it tells; headings of what stands beside the text.
_OF_OTHERS = re.compile(
    r"\[\d+(?:\s?[,–-]\s?\d+)*\]|\bet al\b|\bprevious(?:ly)? (?:stud|report|trial|publish|author)"
    r"|\b(?:19|20)\d\d[a-z]?\)"
)
_AT_A_FIGURE = re.compile(r"(?:fig(?:ure)?|table)\b", re.IGNORECASE)
QUOTES_PER_REVIEW = 3
# From this share on a sentence is plainly of a role; a conclusion that is so likely to answer, as a share of the best
# sentence of its review, belongs to the answer.
PLAIN, BESIDE = 0.6, 0.3
# What reports a finding from this share on may stand among methods.
FINDS = 0.5
# What a sentence ends with, and the share of its signs that are letters at the least.
WHOLE, LETTERS = (".", "!", "?", ")", "]", "”", '"'), 0.6


def holds_quantity(candidate: Candidate, wants: Wants | None) -> bool:
    """Tell whether a sentence holds a quantity of the kind that is asked for; True when none is."""
    return wants is None or bool((_SHARE if wants == "share" else _NUMBER).search(candidate.text))


def speaks(candidate: Candidate, matcher: Matcher) -> bool:
    """Tell whether a sentence speaks of what is named: it holds some of what decides, with what is around it most."""
    return matcher.decided(candidate.own) >= HOLDS and matcher.decided(candidate.strengths) > MOST


def is_prose(text: str) -> bool:
    """Tell a sentence from a line of a table or a heading: it ends as one, has words, and most of it are letters."""
    letters = sum(map(str.isalpha, text))
    return (
        text.endswith(WHOLE) and text.count(" ") >= 2 and letters >= LETTERS * sum(not sign.isspace() for sign in text)
    )


def is_own_finding(candidate: Candidate) -> bool:
    """Tell what a study found from what was known, meant or done, what others found, and what stands at a figure."""
    leads_up = candidate.features["background"] + candidate.features["plan"] >= PLAIN
    if (leads_up and candidate.features["finding"] < FINDS) or _OF_OTHERS.search(candidate.text):
        return False
    return not _AT_A_FIGURE.match(candidate.passage.heading)


def choose(found: Sequence[Candidate], most: int = QUOTES_PER_REVIEW) -> list[Candidate]:
    """Return the sentences worth quoting of those that answer: near the best, no repeats, a few a review."""
    by_review: dict[str, list[Candidate]] = {}
    for candidate in found:
        if candidate.score >= CLOSE_TO_BEST * found[0].score and not lacks_what(found[0], candidate):
            by_review.setdefault(candidate.passage.review_id, []).append(candidate)
    return [candidate for own in by_review.values() for candidate in distinct(own, most)]


def lacks_what(best: Candidate, candidate: Candidate) -> bool:
    """Tell whether a sentence lacks much of the question that the best one holds."""
    return candidate.features["surprise"] - best.features["surprise"] >= LACKING


def with_conclusions(found: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[Candidate]:
    """Return the chosen sentences, and behind them the conclusion of each review quoted where none is among them."""
    telling = list(chosen)
    for review_id in dict.fromkeys(one.passage.review_id for one in chosen):
        own = [one for one in found if one.passage.review_id == review_id]
        concluding = [one for one in own if one.concludes >= PLAIN]
        if not any(one in telling for one in concluding):
            likely = (one for one in concluding if one.score >= BESIDE * own[0].score)
            telling += [one for one in islice(likely, 1) if not any(_repeats(one, other) for other in telling)]
    return telling


def distinct(found: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the first sentences that repeat none before; of two that repeat each other the authors' wording stays."""
    kept: list[Candidate] = []
    for candidate in found:
        repeated = next((at for at, other in enumerate(kept) if _repeats(candidate, other)), None)
        if repeated is None:
            kept += [candidate] if len(kept) < most else []
        elif candidate.passage.provenance == "authors" != kept[repeated].passage.provenance:
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


def line_of(review: Review, span: Span, library: Library) -> Quote | None:
    """Return the line or sentence of a review in which a span begins, or the sentences that it covers, as a quote."""
    for passage in library.passages_of(review.id):
        for sentence in passage.sentences:
            if sentence[0] <= span[0] < sentence[1]:
                return line_quote(review, passage, (sentence[0], max(sentence[1], span[1])))
    return None
