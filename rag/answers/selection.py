"""The sentences of the hits, measured against the question, and those among them worth quoting."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from typing import TYPE_CHECKING

import numpy as np

from rag.answers.matching import Matcher
from rag.answers.thresholds import (
    ANNOUNCES,
    ANSWER_SCORE,
    ANSWER_SCORE_WITHOUT,
    CLOSE_IN_REVIEW,
    CLOSE_TO_BEST,
    CONCLUDES,
    CONTEXT_DISCOUNT,
    COVERAGE_SHARE,
    DEFINES,
    GIVES_REASON,
    HOLDS,
    ORDER_BY_COVERAGE,
    PAGE_SHARE,
    SAME_COSINE,
    SAME_SENSE,
    SAME_STEMS,
    SENSE_OF_ALL,
    SPEAKS_OF_ASPECT,
    TOUCHES,
)
from rag.types import PROSE, FloatVector, Hit, Passage, Quote, Review, Span, Wants

if TYPE_CHECKING:
    from rag.shelf import Library

_REFERS_BACK = re.compile(
    r"\W*(?:(?:however|moreover|furthermore|also|in addition|by contrast|in contrast|nevertheless|thus|therefore"
    r"|notably),? )?"
    r"(?:it|its|they|their|them|this|these|those|that|such|both|neither|the (?:drugs?|agents?|antibod\w+|vaccines?"
    r"|therap\w+|treatments?|"
    r"cells?|effects?|risks?|benefits?|results?|trials?|latter|former|same))\b",
    re.IGNORECASE,
)
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
_ANNOUNCEMENT = re.compile(
    r"^\W*(?:objectives?|aims?|purpose|background|methods?|introduction)\s*:|^(?:\W*(?:furthermore|finally|here"
    r"|in addition|in this (?:\w+ )?(?:review|paper|article|perspective"
    r"|study)),?\s+)*"
    r"(?:(?:th(?:is|e)|our) (?:\w+ ){0,2}(?:review|paper|article|perspective|study|authors?)|we) (?:also |then "
    r"|first |critically |briefly |further )*"
    r"(?:aims?|seeks?|reviews?|discuss(?:es)?|summari[sz]es?|highlights?|describes?|explores?|examines?|outlines?"
    r"|provides?|presents?|"
    r"focus(?:es)?|address(?:es)?|analy[sz]es?|considers?|covers?|surveys?|synthesi[sz]es?|overviews?)\b",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:due to|because|owing to|caused by|causes?|as a (?:result|consequence)|results? (?:from|in)|lead(?:s|ing)? "
    r"to|driven by|attributed to|"
    r"explained by|stems? from|reflects?|since|hence|therefore|thereby|so that)\b",
    re.IGNORECASE,
)
QUOTES_PER_REVIEW = 3


# A sentence as (review id, start, end).
Line = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted, and what it holds of the question.

    `relevance` says how well it answers, `score` orders it among others: the authors' findings first.
    """

    passage: Passage
    span: Span
    forms: frozenset[str]
    text: str
    vector: FloatVector | None
    own: np.ndarray
    strengths: np.ndarray
    coverage: float
    own_coverage: float
    cosine: float
    relevance: float
    score: float
    holds_keys: bool

    @property
    def line(self) -> Line:
        """Which sentence it is."""
        return (self.passage.review_id, *self.span)

    @property
    def key(self) -> tuple[float, str, int]:
        """What candidates are sorted by: best first, ties by place."""
        return -self.score, self.passage.review_id, self.span[0]


def measure(
    hits: Sequence[Hit], matcher: Matcher, vector: FloatVector | None, library: Library, asks_why: bool
) -> list[Candidate]:
    """Return the distinct sentences of the hits with what each holds of the question, best first."""
    index = library.index
    lines = {(hit.passage.review_id, *span): hit.passage for hit in reversed(hits) for span in hit.passage.sentences}
    if not lines:
        return []
    texts = {line: index.reviews[line[0]].text[line[1] : line[2]] for line in lines}
    forms = dict(zip(lines, index.sentence_stems(list(lines)), strict=True))
    own = {line: matcher.strengths(text, forms[line]) for line, text in texts.items()}
    strengths = _in_context(lines, texts, own, matcher, library)
    holds_keys = matcher.holds_keys(strengths)
    coverage, own_coverage = matcher.coverage(strengths), matcher.coverage(np.array([*own.values()]))
    vectors = None if vector is None else index.sentence_vectors(list(lines))
    cosines = coverage if vectors is None or vector is None else np.maximum(0.0, np.vecdot(vectors, vector))
    abstracts = {review_id: _abstract(index.reviews[review_id]) for review_id, _, _ in lines}
    found = []
    for at, (line, passage) in enumerate(lines.items()):
        defines = DEFINES * matcher.defines(forms[line])
        relevance = COVERAGE_SHARE * coverage[at] + (1 - COVERAGE_SHARE) * cosines[at] + defines
        order = ORDER_BY_COVERAGE * coverage[at] + (1 - ORDER_BY_COVERAGE) * cosines[at] + defines
        order += _concludes(passage, line, abstracts[line[0]])
        found.append(
            Candidate(
                passage,
                line[1:],
                forms[line],
                texts[line],
                None if vectors is None else vectors[at],
                own[line],
                strengths[at],
                float(coverage[at]),
                float(own_coverage[at]),
                float(cosines[at]),
                round(float(relevance), 6),
                round(float(order) * _prior(passage, texts[line], asks_why), 6),
                bool(holds_keys[at]),
            )
        )
    return sorted(found, key=lambda candidate: candidate.key)


def _in_context(
    lines: Mapping[Line, Passage],
    texts: Mapping[Line, str],
    own: Mapping[Line, np.ndarray],
    matcher: Matcher,
    library: Library,
) -> np.ndarray:
    """Return the strengths of sentences with what is around them, shape (len(lines), n_terms)."""

    @cache
    def topics(review_id: str) -> np.ndarray:
        return matcher.strengths_in(library.topics(library.index.reviews[review_id]))

    @cache
    def heading(words: str) -> np.ndarray:
        return matcher.strengths(words)

    nothing = np.zeros(len(matcher.terms))
    around: list[np.ndarray] = []
    for line, passage in lines.items():
        before = [own[one] for one in _sentence_before(passage, line, texts[line]) if one in own]
        above = [topics(line[0]), heading(passage.heading)] if passage.kind in PROSE else []
        around.append(reduce(np.maximum, [*before, *above], nothing))
    return np.asarray(np.maximum([*own.values()], CONTEXT_DISCOUNT * np.array(around)))


def announces(text: str) -> bool:
    """Tell a sentence that says what a paper is about, or how it was made, from one that states a finding."""
    return _ANNOUNCEMENT.match(text) is not None


def _prior(passage: Passage, text: str, asks_why: bool) -> float:
    prior = PAGE_SHARE if passage.provenance == "page" else 1.0
    prior *= ANNOUNCES if announces(text) else 1.0
    return prior * (GIVES_REASON if asks_why and _REASON.search(text) else 1.0)


def _abstract(review: Review) -> Span:
    """Return the span of all the sections of the authors' abstract, (0, 0) where there is none."""
    sections = [section for section in review.sections if section.kind == "abstract"]
    return (sections[0].start, sections[-1].end) if sections else (0, 0)


def _concludes(passage: Passage, line: Line, abstract: Span) -> float:
    """Return what the place of a sentence in the abstract is worth."""
    if passage.kind != "abstract":
        return 0.0
    return CONCLUDES * (line[1] - abstract[0]) / (abstract[1] - abstract[0])


def _sentence_before(passage: Passage, line: Line, text: str) -> list[Line]:
    at = passage.sentences.index(line[1:])
    return [(line[0], *passage.sentences[at - 1])] if at and _REFERS_BACK.match(text) else []


def _holds_quantity(text: str, wants: Wants) -> bool:
    return bool((_SHARE if wants == "share" else _NUMBER).search(text))


def answers(candidate: Candidate, matcher: Matcher, wants: Wants | None) -> bool:
    """Tell whether a sentence scores enough and holds what the question turns on, and a number if one is asked."""
    if not candidate.holds_keys:
        return False
    if wants and not _holds_quantity(candidate.text, wants):
        return False
    whole = matcher.holds_medical(candidate.strengths)
    if not matcher.is_specific(candidate.strengths) and candidate.cosine < SAME_SENSE:
        return False
    return candidate.relevance >= (ANSWER_SCORE if whole else ANSWER_SCORE_WITHOUT)


def speaks(candidate: Candidate, matcher: Matcher, stretches: Sequence[slice]) -> bool:
    """Tell whether a sentence that answers speaks of an aspect: it holds what decides, or is near in sense.

    `stretches` are the parts of the aspect ("safety | of febuxostat") by the places of their terms.
    """
    strengths = candidate.strengths
    if candidate.relevance < SPEAKS_OF_ASPECT:
        return False
    if candidate.cosine < SENSE_OF_ALL and any(
        matcher.part(stretch).decided(strengths[stretch]) < HOLDS for stretch in stretches
    ):
        return False
    held = matcher.decided(strengths)
    return held >= HOLDS or (candidate.cosine >= SAME_SENSE and held >= TOUCHES)


def choose(found: Sequence[Candidate], from_each: bool = False) -> list[Candidate]:
    """Return the sentences worth quoting of those that answer: near the best, no repeats, a few a review.

    `from_each` measures a sentence against the best of its own review only, so that every review is heard.
    """
    by_review: dict[str, list[Candidate]] = {}
    for candidate in found:
        if from_each or candidate.score >= CLOSE_TO_BEST * found[0].score:
            by_review.setdefault(candidate.passage.review_id, []).append(candidate)
    return [candidate for own in by_review.values() for candidate in _choose_in_review(own)]


def _choose_in_review(found: Sequence[Candidate]) -> list[Candidate]:
    """Return the best sentence, the one nearest in sense, and others that score like the best."""
    on_topic = [c for c in found if c.own_coverage >= CLOSE_IN_REVIEW * found[0].own_coverage]
    nearest = max(on_topic, key=lambda candidate: (candidate.cosine, candidate.score))
    taken: list[Candidate] = []
    for candidate in [found[0], nearest, *found[1:]]:
        if candidate is nearest or candidate.score >= CLOSE_IN_REVIEW * found[0].score:
            _take(candidate, taken)
    return taken


def with_first(quoted: Sequence[Candidate], found: Sequence[Candidate], lines: Collection[Line]) -> list[Candidate]:
    """Return the best quote of a review, then those sentences that `lines` names, then its other quotes."""
    taken: list[Candidate] = []
    for candidate in [*quoted[:1], *(c for c in found if c.line in lines), *quoted[1:]]:
        _take(candidate, taken)
    return taken


def _take(candidate: Candidate, taken: list[Candidate]) -> None:
    """Add a sentence unless it repeats one; of two that repeat each other the authors' wording stays."""
    repeated = next((at for at, other in enumerate(taken) if _repeats(candidate, other)), None)
    if repeated is None:
        if len(taken) < QUOTES_PER_REVIEW:
            taken.append(candidate)
    elif candidate.passage.provenance == "authors" and taken[repeated].passage.provenance == "page":
        taken[repeated] = candidate


def distinct(found: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the best sentences without those that repeat a better one."""
    kept: list[Candidate] = []
    for candidate in found:
        if len(kept) == most:
            break
        if not any(_repeats(candidate, other) for other in kept):
            kept.append(candidate)
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
