"""Quotes become numbered citations, and citations an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.answers.evidence import NEAREST, Evidence
from rag.exports import with_text
from rag.questions import Question
from rag.shelf import Catalogue, label
from rag.text import listed
from rag.types import Answer, Citation, Comparison, Coverage, CoverageState, Outcome, Quote, Review, Sentence, Verdict

MODE = "quotes"


def chat_answer(question: Question) -> Answer:
    """Return the reply to what asks nothing of the reviews."""
    reply = question.reply
    return Answer(question.typed, question.text, MODE, "chat", reply, (Sentence(reply, (), "none"),))


def quoted_answer(question: Question, evidence: Evidence) -> Answer:
    """Return the answer made of quotes, the closest as such, or the statement that the reviews in scope do not hold it.

    Quotes make an answer whatever else the evidence holds; the closest come before the nearest.
    """
    scope = question.scope
    citations = _numbered(evidence.quotes)
    closest = () if citations else _numbered(evidence.closest)
    answer = Answer(
        question=question.typed,
        searched_as=question.text,
        mode=MODE,
        outcome=_outcome(evidence),
        text="",
        sentences=_told(evidence.verdict) + _quoted(citations)
        or ((come_closest if closest else not_found)(evidence.missing, scope, question.called),),
        citations=citations,
        coverage=_coverage(evidence, scope),
        nearest=() if closest else _numbered(evidence.nearest),
        missing=evidence.missing,
        closest=closest,
        confidence=evidence.confidence,
        verdict=evidence.verdict,
    )
    return with_text(answer, {one.quote.review_id: scope[scope.place[one.quote.review_id]] for one in answer.quoted})


def _told(verdict: Verdict | None) -> tuple[Sentence, ...]:
    return (Sentence(verdict.text, verdict.citations, "supported"),) if verdict else ()


def _outcome(evidence: Evidence) -> Outcome:
    if evidence.quotes:
        return "partial" if evidence.missing else "answered"
    return "closest" if evidence.closest else "not_found"


def compared_answer(
    question: Question,
    comparison: Comparison,
    sentences: Sequence[Sentence],
    scope: Sequence[Review],
    reviews: Mapping[str, Review],
) -> Answer:
    """Return the answer that carries a comparison; of `reviews`, by their ids, only those in scope were asked."""
    quoted = {cell.review_id for cell in comparison.cells if cell.state == "quoted"}
    held = {cell.aspect for cell in comparison.cells if cell.state == "quoted"}
    missing = tuple(aspect for aspect in comparison.aspects if aspect not in held)
    close = [cell for cell in comparison.cells if cell.state == "closest"]
    nearest = [cell.nearest for cell in comparison.cells if cell.nearest]
    above = (
        sentences
        if quoted
        else ((come_closest((), scope, question.called) if close else not_found(missing, scope, question.called)),)
    )
    answer = Answer(
        question=question.typed,
        searched_as=question.text,
        mode=MODE,
        outcome=("partial" if missing else "answered") if quoted else "closest" if close else "not_found",
        text="",
        sentences=(*above, *_quoted(comparison.citations)),
        citations=comparison.citations,
        coverage=tuple(Coverage(review.id, "cited" if review.id in quoted else "silent") for review in scope),
        nearest=() if quoted or close else _numbered(list(dict.fromkeys(nearest))[:NEAREST]),
        missing=missing,
        comparison=comparison,
    )
    return with_text(answer, reviews)


def _quoted(citations: Sequence[Citation]) -> tuple[Sentence, ...]:
    return tuple(Sentence(one.quote.text, (one.number,), "quoted") for one in citations)


def _numbered(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    return tuple(Citation(number, quote) for number, quote in enumerate(quotes, 1))


def not_found(missing: Sequence[str], scope: Sequence[Review], called: str) -> Sentence:
    """Return the sentence that says what was searched, what of the question is missing, and that no answer is there."""
    what = f": I found nothing on {listed(missing, 'or')}" if missing else ""
    return Sentence(f"Not found {_in(scope, called)}{what}.", (), "none")


def come_closest(missing: Sequence[str], scope: Sequence[Review], called: str) -> Sentence:
    """Return the sentence above quotes that may not answer: what was searched, and what of the question none holds."""
    what = f" I found nothing on {listed(missing, 'or')}." if missing else ""
    return Sentence(
        f"I am not sure that a sentence {_in(scope, called)} answers this; these come closest.{what}", (), "none"
    )


def _in(scope: Sequence[Review], called: str) -> str:
    return f"in {label(scope[0])}" if len(scope) == 1 else f"in these {len(scope)} {called}"


def _coverage(evidence: Evidence, scope: Catalogue) -> tuple[Coverage, ...]:
    states: dict[str, CoverageState] = dict.fromkeys(evidence.speaking, "retrieved")
    return scope.coverage(states | {quote.review_id: "cited" for quote in evidence.quotes})
