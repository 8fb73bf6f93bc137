"""An answer as plain text: its `text`, what a terminal shows, and what is copied to be pasted elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rag.exports.references import doi_url, reference
from rag.exports.view import CLOSE, CLOSEST, NEAREST, AnswerView, Matrix, Part, Told, made_line, view
from rag.exports.wording import marked, place, printable, unstated, wording
from rag.shelf import label
from rag.types import Answer, Citation, Exchange, Review, ShelfTable


def with_text(answer: Answer, reviews: Mapping[str, Review]) -> Answer:
    """Return an answer with its `text`, in which each quote is the very wording of its review."""
    return replace(answer, text="\n\n".join(_blocks(view(answer, reviews), exact=True)))


def text_with_citations(exchange: Exchange, answer: Answer) -> str:
    """Return a question, its answer, its sources and how it was made."""
    shown = view(answer, {review.id: review for review in exchange.reviews})
    sources = "\n".join(_source(citation, shown) for citation in answer.quoted)
    return "\n\n".join([answer.question, *_blocks(shown), sources, f"{shown.basis}. {made_line(exchange)}"])


def terminal_text(answer: Answer, reviews: Mapping[str, Review]) -> str:
    """Return an answer for a terminal: with the places of its quotes in the files, and what there is to note."""
    shown = view(answer, reviews)
    blocks = list(_blocks(shown))
    if shown.sources:
        blocks.append("\n".join(["Sources", *(_placed(citation, shown) for citation in shown.sources)]))
    if shown.closest:
        blocks.append("\n".join([CLOSEST, *(_placed(citation, shown) for citation in shown.closest)]))
    if shown.nearest:
        nearest = (f"“{wording(citation.quote.text)}”\n{_placed(citation, shown)}" for citation in shown.nearest)
        blocks.append("\n".join([f"{NEAREST}. {CLOSE}", *nearest]))
    return printable("\n\n".join([*blocks, "\n".join(_notes(shown))]).strip())


def _blocks(shown: AnswerView, exact: bool = False) -> Iterator[str]:
    """Yield what an answer says."""
    if shown.said:
        yield " ".join(_sentence(one, exact) for one in shown.said)
    for part in shown.parts:
        yield "\n".join(_part(part, set(), exact))
    if shown.matrix:
        yield from _matrix(shown.matrix, exact)
        if shown.coverage:
            yield "\n".join(filter(None, [shown.matrix.heard, *map(str, shown.coverage)]))
    if shown.table:
        yield "\n".join(_rows(shown.table, shown))
    if shown.missing:
        yield f"{shown.missing}."


def _rows(table: ShelfTable, shown: AnswerView) -> Iterator[str]:
    """Yield the rows of a table, a paper a line."""
    for review_id, row in zip(table.review_ids, table.rows, strict=True):
        review = shown.reviews[review_id]
        stated = (f"{column}: {cell.text or unstated(column)}" for column, cell in zip(table.columns, row, strict=True))
        yield f"{label(review)}. {review.title}. {'; '.join(stated)}"


def _matrix(matrix: Matrix, exact: bool) -> Iterator[str]:
    """Yield the aspects of a comparison; a quote that a second cell holds is named by its number there."""
    seen: set[int] = set()
    for row in matrix.rows:
        quotes = [line for part in row.parts if part.quotes for line in _part(part, seen, exact)]
        quotes += [line for part in row.parts if part.state == "closest" for line in _close(part, exact)]
        remarks = (f"{one.mark.capitalize()}: {one.text}{marked(one.citations)}" for one in row.remarks)
        yield "\n".join([row.aspect, *quotes, *map(str, row.silent), *remarks])
    if matrix.shared:
        yield "\n".join(one.text + marked(one.citations) for one in matrix.shared)


def _sentence(one: Told, exact: bool) -> str:
    return one.text + marked(one.citations) + (f" ({one.mark})" if one.mark and not exact else "")


def _part(part: Part, seen: set[int], exact: bool) -> Iterator[str]:
    yield f"{part.label}:"
    for citation in part.quotes:
        text = citation.quote.text if exact else wording(citation.quote.text)
        yield f"[{citation.number}], quoted above" if citation.number in seen else f"“{text}” [{citation.number}]"
        seen.add(citation.number)


def _close(part: Part, exact: bool) -> Iterator[str]:
    yield f"{part.label} ({part.empty}):"
    yield from (f"“{quote.text if exact else wording(quote.text)}”" for quote in part.nearest)


def _source(citation: Citation, shown: AnswerView) -> str:
    review = shown.reviews[citation.quote.review_id]
    parts = (f"[{citation.number}]", reference(review), doi_url(review.doi), f"({place(citation.quote, review)})")
    return " ".join(filter(None, parts))


def _placed(citation: Citation, shown: AnswerView) -> str:
    """Return a source with the place of its quote in the file."""
    quote = citation.quote
    return f"{_source(citation, shown)}\n    {shown.reviews[quote.review_id].files[0]}:{quote.start}-{quote.end}"


def _notes(shown: AnswerView) -> Iterator[str]:
    """Yield what was searched, what is off, what was struck, what the reviews contributed and who wrote."""
    yield from map(str, filter(None, [shown.searched, *shown.notes]))
    yield from (f"Removed: “{one.text}” {one.mark}" for one in shown.removed)
    yield from (() if shown.matrix else map(str, shown.coverage))
    yield shown.basis
