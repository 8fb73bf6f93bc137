"""The answer to a question about the shelf itself: a sentence, and a table whose cells know their lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rag.answers.citations import MODE
from rag.answers.selection import line_of
from rag.exports import with_text
from rag.questions import Question
from rag.shelf import Column, ShelfQuery, found, label, values
from rag.text import listed
from rag.types import Answer, Citation, Coverage, Quote, Review, Sentence, ShelfCell, ShelfTable

if TYPE_CHECKING:
    from rag.shelf import Library

# So many papers are named in the sentence; the table names all.
_NAMED = 5
_MOST_VALUES = 4
_DECIDING: tuple[Column, ...] = ("status", "registration", "place", "design", "participants")


def shelf_answer(question: Question, query: ShelfQuery, library: Library) -> Answer:
    """Return the papers that a question means, with what they state in the columns it asks for."""
    scope = question.scope
    # Papers that may not be meant are none: what was not understood would be passed over in silence.
    meant = [] if query.aside else found(query, library, scope)
    columns = _columns(query)
    rows = tuple(tuple(_cell(column, review, library) for column in columns) for review in meant)
    quotes = [_deciding(query, columns, review, row, library) for review, row in zip(meant, rows, strict=True)]
    citations = tuple(Citation(number, quote) for number, quote in enumerate(filter(None, quotes), 1))
    numbers = tuple(citation.number for citation in citations)
    sentence = Sentence(
        _not_understood(query, library, scope) or _found(query, meant, scope),
        numbers,
        "supported" if numbers else "none",
    )
    quoted = {review.id for review in meant}
    answer = Answer(
        question=question.typed,
        searched_as=question.text,
        mode=MODE,
        outcome="answered" if meant else "not_found",
        text="",
        sentences=(sentence,),
        citations=citations,
        coverage=tuple(Coverage(review.id, "cited" if review.id in quoted else "silent") for review in scope),
        table=ShelfTable(columns, tuple(review.id for review in meant), rows, query.filters) if meant else None,
    )
    return with_text(answer, library.index.reviews)


def _columns(query: ShelfQuery) -> tuple[Column, ...]:
    """Return the columns to show: the year, what decides, and what was asked for."""
    deciding: list[Column] = ["year"]
    deciding += ["design"] if query.designs else []
    deciding += ["participants"] if query.order in ("largest", "smallest") else []
    deciding += ["place"] if query.places else []
    deciding += ["authors"] if query.authors else []
    deciding += ["status"] if query.statuses else []
    deciding += ["registration"] if query.registrations else []
    return tuple(dict.fromkeys([*deciding, *(query.columns or ("journal",))]))


def _cell(column: Column, review: Review, library: Library) -> ShelfCell:
    facts = values(column, review, library)
    text = listed([" ".join(fact.value.split()) for fact in facts[:_MOST_VALUES]]) if facts else ""
    span = next((fact.span for fact in facts if fact.span), None)
    return ShelfCell(text, line_of(review, span, library) if span else None)


def _deciding(
    query: ShelfQuery, columns: Sequence[Column], review: Review, row: Sequence[ShelfCell], library: Library
) -> Quote | None:
    """Return the line that decides that a paper is meant, or else its title."""
    lines = {column: cell.quote for column, cell in zip(columns, row, strict=True)}
    by_year: list[Column] = ["year"] if query.since or query.until or query.order in ("newest", "oldest") else []
    for column in (*by_year, *_DECIDING, "year"):
        if line := lines.get(column):
            return line
    title = next((section for section in review.sections if section.heading == "Title"), None)
    return line_of(review, (title.start, title.end), library) if title else None


def _not_understood(query: ShelfQuery, library: Library, scope: Sequence[Review]) -> str:
    """Return which words of a question take no part in it, and how many papers it would mean without them."""
    if not query.aside:
        return ""
    words = listed([f"“{word}”" for word in query.aside])
    without = len(found(query, library, scope))
    which = f" ({listed(query.filters)})" if query.filters else ""
    these = f"these {len(scope):,} papers" if len(scope) != 1 else "the only paper"
    return f"Not found in {these}: {words} is not understood. Without that, {without:,} would be meant{which}."


def _found(query: ShelfQuery, meant: Sequence[Review], scope: Sequence[Review]) -> str:
    """Return what was found in a sentence."""
    more = [f"{len(meant) - _NAMED} more"] if len(meant) > _NAMED else []
    names = listed([*(label(review) for review in meant[:_NAMED]), *more])
    stop = "" if names.endswith("…") else "."
    papers = f"{len(scope):,} papers" if len(scope) != 1 else "the only paper"
    which = listed(query.filters) if query.filters else ""
    if not meant:
        these = f"these {papers}" if len(scope) != 1 else papers
        if query.order in ("largest", "smallest"):
            return f"Not found in {these}: none{f' ({which})' if which else ''} is known to state how many took part."
        return f"Not found in {these}: none is known to be {which or 'that'}."
    if query.order and query.first == 1 and len(meant) == 1:
        return f"The {query.order}{f' ({which})' if which else ''} is {names}{stop}"
    if query.order:
        return f"The {query.order} first{f' ({which})' if which else ''}: {names}{stop}"
    all_of = "All " if which and len(scope) > 1 else ""
    head = f"{len(meant):,} of {papers}" if len(meant) < len(scope) else f"{all_of}{papers}".capitalize()
    return f"{head}{f' ({which})' if which else ''}: {names}{stop}"
