"""Answers as a document to keep or to send: Markdown in which nothing acts but the addresses of DOIs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from rag import __version__
from rag.exports.references import doi_url, reference
from rag.exports.tables import comparison_markdown, escaped, marked
from rag.shelf import label
from rag.types import Answer, Citation, CoverageState, Exchange, Review, Sentence

TITLE = "Ask the reviews"
SAVED = f"Saved with {TITLE} {__version__}."
COVERAGE: dict[CoverageState, str] = {"cited": "Quoted", "retrieved": "Searched, not quoted", "silent": "Silent"}
# How a paragraph starts that would be a list, a rule or the underline of a heading.
_STARTS_BLOCK = re.compile(r"^(\d*)([-+=.)])")


def markdown_document(exchanges: Sequence[Exchange]) -> str:
    """Return answered exchanges as Markdown, each with its quotes, its sources, who was silent, and how it was made.

    A quote stands on one line; without its escapes it is the source's.
    """
    alone = len(exchanges) == 1
    blocks = [] if alone else [f"# {TITLE}"]
    for one in exchanges:
        blocks += [f"{'#' if alone else '##'} {escaped(one.question)}", *_exchange(one)]
    written = "\n\n".join([*blocks, "---", SAVED]) + "\n"
    return written.encode(errors="replace").decode()


def notes(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """Return, by the id of each review that is quoted, its quotes with what they answer, for a reference manager."""
    told: dict[str, list[str]] = {}
    for one in exchanges:
        quoted: dict[str, list[str]] = {}
        for citation in one.answer.citations if one.answer else ():
            quote = citation.quote
            place = f"{quote.heading or quote.kind}, {quote.provenance}"
            quoted.setdefault(quote.review_id, []).append(f"[{citation.number}] “{quote.text}” ({place})")
        for review_id, quotes in quoted.items():
            said = f"{one.question}: {' '.join(quotes)} {basis(one.answer)}. {made_line(one)}" if one.answer else ""
            told.setdefault(review_id, []).append(said)
    return {review_id: " ".join(said) for review_id, said in told.items()}


def made_line(exchange: Exchange) -> str:
    """Return when an answer was made, and from what, as a sentence."""
    when = datetime.fromtimestamp(exchange.made, UTC)
    return f"Answered on {when.day} {when:%B %Y, %H:%M} UTC from the index {exchange.index}."


def basis(answer: Answer) -> str:
    """Return what made an answer: "Quoted, no model", or the model that wrote it from the quotes."""
    if answer.mode == "quotes":
        return "Quoted, no model" if answer.citations else "Searched, no model"
    return f"Written by {answer.mode} from the quotes, each sentence checked against them"


def _exchange(exchange: Exchange) -> Iterator[str]:
    """Yield the blocks of an exchange below its question."""
    answer, reviews = exchange.answer, {review.id: review for review in exchange.reviews}
    if answer is None:
        yield _paragraph(exchange.problem)
        return
    if answer.outcome == "chat":
        yield from (_paragraph(line) for line in answer.text.splitlines() if line.strip())
        return
    if answer.searched_as != answer.question:
        yield f"Searched as: {escaped(answer.searched_as)}"
    if answer.note:
        yield _paragraph(answer.note)
    if answer.written and answer.written.note:
        yield _paragraph(answer.written.note)
    yield from _said(answer, reviews)
    if answer.missing and answer.citations:
        yield f"Not found in the reviews: {', '.join(map(escaped, answer.missing))}."
    if answer.citations:
        yield "**Sources**"
        yield _sources(answer.citations, reviews)
    if answer.nearest:
        yield "**Nearest passages**, which do not answer the question"
        yield _sources(answer.nearest, reviews)
    yield "\n".join(f"- {escaped(line)}" for line in (*_coverage(answer, reviews), basis(answer)))
    yield made_line(exchange)


def _said(answer: Answer, reviews: Mapping[str, Review]) -> Iterator[str]:
    if not answer.citations and not (answer.comparison and answer.comparison.cells):
        yield f"**{escaped(answer.text)}**"
    if answer.comparison and answer.comparison.cells:
        # Its heading and its sources are this document's.
        yield comparison_markdown(replace(answer, citations=()), reviews).partition("\n\n")[2].strip()
    elif answer.mode != "quotes":
        yield _paragraph(" ".join(_sentence(one) for one in answer.sentences), escape=False)
    else:
        yield from _by_review(answer.citations, reviews)


def _sentence(sentence: Sentence) -> str:
    weak = f" *(weak: {escaped(sentence.reason)})*" if sentence.support == "weak" else ""
    return escaped(sentence.text) + marked(sentence.citations) + weak


def _by_review(citations: Sequence[Citation], reviews: Mapping[str, Review]) -> Iterator[str]:
    for review_id in dict.fromkeys(citation.quote.review_id for citation in citations):
        yield f"**{escaped(label(reviews[review_id]))}**"
        yield "\n".join(f"- {_quoted(one)} [{one.number}]" for one in citations if one.quote.review_id == review_id)


def _quoted(citation: Citation) -> str:
    return f"“{escaped(citation.quote.text)}”"


def _sources(citations: Sequence[Citation], reviews: Mapping[str, Review]) -> str:
    return "\n".join(_source(citation, reviews[citation.quote.review_id]) for citation in citations)


def _source(citation: Citation, review: Review) -> str:
    quote, address = citation.quote, doi_url(review.doi)
    place = f"{quote.heading or quote.kind}, {quote.provenance}"
    link = f" <{address}>" if address else ""
    return f"- [{citation.number}] {_quoted(citation)} ({escaped(place)}) {escaped(reference(review))}{link}"


def _coverage(answer: Answer, reviews: Mapping[str, Review]) -> Iterator[str]:
    """Yield who was quoted, who was silent, and who was not asked."""
    state = {coverage.review_id: COVERAGE[coverage.state] for coverage in answer.coverage}
    for name in (*COVERAGE.values(), "Not asked"):
        whose = [label(review) for review in reviews.values() if state.get(review.id, "Not asked") == name]
        if whose:
            yield f"{name}: {', '.join(whose)}"


def _paragraph(text: str, escape: bool = True) -> str:
    """Return a text as a paragraph, whatever it starts with."""
    return _STARTS_BLOCK.sub(r"\1\\\2", escaped(text) if escape else text)
