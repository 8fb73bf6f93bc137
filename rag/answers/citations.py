"""Quotes become numbered citations, and citations the text of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from rag.answers.evidence import NEAREST, Evidence
from rag.exports import listed
from rag.questions import Question
from rag.shelf import Catalogue, label
from rag.types import Answer, Citation, Comparison, Coverage, CoverageState, Quote, Review, Sentence

MODE = "quotes"
# What a reader typed must not look like a citation of the answer.
_MARKER = re.compile(r"\[\d+\]")


def chat_answer(question: Question) -> Answer:
    """Return the reply to what asks nothing of the reviews."""
    reply = question.reply
    return Answer(question.typed, question.text, MODE, "chat", reply, (Sentence(reply, (), "none"),))


def quoted_answer(question: Question, evidence: Evidence) -> Answer:
    """Return the answer made of quotes, or the statement that the reviews in the question's scope do not hold it."""
    scope = question.scope
    citations = _numbered(evidence.quotes)
    if citations:
        text = _text(citations, scope, evidence.missing)
        sentences = tuple(Sentence(c.quote.text, (c.number,), "quoted") for c in citations)
    else:
        text = not_found(evidence.missing, scope)
        sentences = (Sentence(text, (), "none"),)
    return Answer(
        question=question.typed,
        searched_as=question.text,
        mode=MODE,
        outcome=("partial" if evidence.missing else "answered") if citations else "not_found",
        text=text,
        sentences=sentences,
        citations=citations,
        coverage=_coverage(evidence, scope),
        nearest=_numbered(evidence.nearest),
        missing=evidence.missing,
    )


def compared_answer(
    question: Question, comparison: Comparison, sentences: Sequence[Sentence], scope: Sequence[Review]
) -> Answer:
    """Return the answer that carries a comparison: its sentences, then the quotes aspect by aspect."""
    labels = {review.id: label(review) for review in scope}
    quoted = {cell.review_id for cell in comparison.cells if cell.state == "quoted"}
    held = {cell.aspect for cell in comparison.cells if cell.state == "quoted"}
    missing = tuple(aspect for aspect in comparison.aspects if aspect not in held)
    nearest = [cell.nearest for cell in comparison.cells if cell.nearest]
    if not quoted:
        text = not_found(missing, scope)
        sentences = (Sentence(text, (), "none"),)
    else:
        text = "\n\n".join([" ".join(_marked(sentence) for sentence in sentences), *_rows(comparison, labels)])
    return Answer(
        question=question.typed,
        searched_as=question.text,
        mode=MODE,
        outcome=("partial" if missing else "answered") if quoted else "not_found",
        text=text,
        sentences=(*sentences, *(Sentence(c.quote.text, (c.number,), "quoted") for c in comparison.citations)),
        citations=comparison.citations,
        coverage=tuple(Coverage(review.id, "cited" if review.id in quoted else "silent") for review in scope),
        nearest=() if quoted else _numbered(list(dict.fromkeys(nearest))[:NEAREST]),
        missing=missing,
        comparison=comparison,
    )


def _marked(sentence: Sentence) -> str:
    return sentence.text + "".join(f" [{number}]" for number in sentence.citations)


def _rows(comparison: Comparison, labels: Mapping[str, str]) -> Iterator[str]:
    """Yield the matrix as text, an aspect a block; reviews that were not asked are left out."""
    empty = {"silent": "says nothing about it", "not_indexed": "not in the indexed text (the abstract page)"}
    for aspect in comparison.aspects:
        lines = [f"{aspect}:"]
        for cell in comparison.cells:
            if cell.aspect == aspect and cell.state != "not_asked":
                quotes = " ".join(f"“{comparison.citations[n - 1].quote.text}” [{n}]" for n in cell.citations)
                lines.append(f"{labels[cell.review_id]}: {quotes or empty[cell.state]}")
        yield "\n".join(lines)


def _numbered(quotes: Sequence[Quote]) -> tuple[Citation, ...]:
    return tuple(Citation(number, quote) for number, quote in enumerate(quotes, 1))


def _text(citations: Sequence[Citation], scope: Catalogue, missing: Sequence[str]) -> str:
    groups = groupby(citations, key=lambda citation: citation.quote.review_id)
    blocks = [
        "\n".join([f"{label(scope[scope.place[review_id]])}:", *(f"“{c.quote.text}” [{c.number}]" for c in group)])
        for review_id, group in groups
    ]
    if missing:
        blocks.append(f"Not found: {', '.join(_MARKER.sub('', part).strip() for part in missing)}.")
    return "\n\n".join(blocks)


def not_found(missing: Sequence[str], scope: Sequence[Review]) -> str:
    """Return the sentence that says what was searched, what of the question is missing, and that no answer is there."""
    where = f"in {label(scope[0])}" if len(scope) == 1 else f"in these {len(scope)} reviews"
    what = f": no passage speaks of {listed(missing, 'or')}" if missing else ""
    return f"Not found {where}{what}."


def _coverage(evidence: Evidence, scope: Catalogue) -> tuple[Coverage, ...]:
    states: dict[str, CoverageState] = dict.fromkeys(evidence.speaking, "retrieved")
    return scope.coverage(states | {quote.review_id: "cited" for quote in evidence.quotes})
