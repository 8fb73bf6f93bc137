"""An answer as plain text to paste elsewhere: every quote keeps its number, every number its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rag.exports.markdown import basis, made_line
from rag.exports.references import doi_url, reference
from rag.exports.tables import EMPTY, cells_by_place, columns, left_out, marked, remarks, shared_lines, summary_of
from rag.exports.wording import provenance, wording
from rag.shelf import label
from rag.types import Answer, Cell, Citation, Comparison, Exchange, Review


def text_with_citations(exchange: Exchange, answer: Answer) -> str:
    """Return the question, what its answer has written or quoted (of a comparison: by aspect) and sources as text."""
    shelf = {review.id: review for review in exchange.reviews}
    if answer.comparison:
        blocks = [answer.question, *_compared(answer, answer.comparison, shelf)]
    elif answer.written and answer.mode == answer.written.model:
        blocks = [answer.question, answer.text]
    else:
        blocks = [answer.question, *_by_review(answer, shelf)]
    blocks.append("\n".join(_source(citation, shelf[citation.quote.review_id]) for citation in answer.citations))
    blocks.append(f"{basis(answer)}. {made_line(exchange)}")
    return "\n\n".join(blocks)


def _by_review(answer: Answer, shelf: Mapping[str, Review]) -> Iterator[str]:
    by_review: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_review.setdefault(citation.quote.review_id, []).append(citation)
    for review_id, group in by_review.items():
        yield f"{label(shelf[review_id])}: {' '.join(map(_quoted, group))}"
    if answer.missing:
        yield f"Not found in the reviews: {', '.join(answer.missing)}."


def _compared(answer: Answer, comparison: Comparison, shelf: Mapping[str, Review]) -> Iterator[str]:
    """Yield the summary, each aspect with its quotes and remarks, and what the reviews share and who is silent."""
    yield " ".join(one.text + marked(one.citations) for one in summary_of(answer))
    found, cells = columns(comparison), cells_by_place(comparison)
    names = {review_id: label(review) for review_id, review in shelf.items()}
    for aspect in comparison.aspects:
        quotes = (f"{names[i]}: {_said(cells[aspect, i], answer.citations)}" for i in found.shown)
        told = (f"({one.kind}) {one.text}{marked(one.citations)}" for one in remarks(comparison, aspect))
        yield "\n".join([aspect, *quotes, *told])
    yield from (f"{text}{marked(numbers)}" for text, numbers in shared_lines(comparison, names))
    yield from left_out(comparison, names)


def _said(cell: Cell, citations: Sequence[Citation]) -> str:
    return " ".join(_quoted(citations[number - 1]) for number in cell.citations) or EMPTY[cell.state]


def _quoted(citation: Citation) -> str:
    return f"“{wording(citation.quote.text)}” [{citation.number}]"


def _source(citation: Citation, review: Review) -> str:
    quote = citation.quote
    place = ", ".join(part for part in (quote.heading, provenance(quote)) if part)
    address = doi_url(review.doi)
    link = f" {address}" if address else ""
    return f"[{citation.number}] {reference(review)}{link} ({place})"
