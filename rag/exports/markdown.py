"""Answers as a document to keep or to send: Markdown in which nothing acts but the addresses of DOIs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from rag import __version__
from rag.exports.references import doi_url, reference
from rag.exports.view import CLOSE, CLOSEST, NEAREST, AnswerView, Matrix, Part, Row, Told, basis, made_line, view
from rag.exports.wording import marked, place, unstated
from rag.shelf import label
from rag.types import Answer, Citation, Exchange, ShelfTable

TITLE = "Ask the reviews"
SAVED = f"Saved with {TITLE} {__version__}."
_SIGNS = re.compile(r"[\\`*_{}\[\]<>|~$&#]|(?<=\w)[:@](?=\S)|:(?=\w)|(?<=www)\.", re.IGNORECASE)
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
    """Return, by the id of each review that is quoted, its quotes with what they answer, for a reference manager.

    Quotes that may not answer are told apart by their head.
    """
    told: dict[str, list[str]] = {}
    for one in exchanges:
        quoted: dict[str, list[str]] = {}
        by_id = {review.id: review for review in one.reviews}
        for citation in one.answer.quoted if one.answer else ():
            quote = citation.quote
            quoted.setdefault(quote.review_id, []).append(
                f"[{citation.number}] “{quote.text}” ({place(quote, by_id.get(quote.review_id))})"
            )
        for review_id, quotes in quoted.items():
            told.setdefault(review_id, []).append(_note(one, one.answer, quotes) if one.answer else "")
    return {review_id: " ".join(said) for review_id, said in told.items()}


def _note(exchange: Exchange, answer: Answer, quotes: Sequence[str]) -> str:
    head = f" ({CLOSEST})" if answer.closest else ""
    return f"{exchange.question}{head}: {' '.join(quotes)} {basis(answer)}. {made_line(exchange)}"


def escaped(text: str) -> str:
    """Return a text on one line of which no sign acts as Markdown, HTML or a link.

    >>> print(escaped("a|b\\n*c* <i> https://d.example"))
    a\\|b \\*c\\* \\<i\\> https\\://d.example
    """
    return _SIGNS.sub(lambda sign: "\\" + sign.group(), re.sub(r"\s+", " ", text)).strip()


def _exchange(exchange: Exchange) -> Iterator[str]:
    """Yield the blocks of an exchange below its question."""
    if exchange.answer is None:
        yield _paragraph(escaped(exchange.problem))
        return
    shown = view(exchange.answer, {review.id: review for review in exchange.reviews})
    if shown.outcome == "chat":
        yield from (_paragraph(escaped(line)) for one in shown.said for line in one.text.splitlines() if line.strip())
        return
    yield from (_paragraph(escaped(str(note))) for note in (shown.searched, *shown.notes) if note)
    yield from _said(shown)
    if shown.missing:
        yield f"{escaped(str(shown.missing))}."
    if shown.sources:
        yield "**Sources**"
        yield _list(_source(citation, shown) for citation in shown.sources)
    if shown.closest:
        yield f"**{CLOSEST}**"
        yield _list(_source(citation, shown) for citation in shown.closest)
    if shown.nearest:
        yield f"**{NEAREST}.** {CLOSE}"
        yield _list(_source(citation, shown) for citation in shown.nearest)
    heard = shown.matrix.heard if shown.matrix else ""
    yield _list(escaped(str(line)) for line in (heard, *shown.coverage, shown.basis) if line)
    yield made_line(exchange)


def _table_lines(table: ShelfTable, shown: AnswerView) -> Iterator[str]:
    """Yield a table of papers, line by line."""
    yield f"| paper | {' | '.join(table.columns)} |"
    yield "|---" * (len(table.columns) + 1) + "|"
    for review_id, row in zip(table.review_ids, table.rows, strict=True):
        review = shown.reviews[review_id]
        cells = (cell.text or unstated(column) for column, cell in zip(table.columns, row, strict=True))
        told = [f"{label(review)}: {review.title}", *cells]
        yield f"| {' | '.join(map(escaped, told))} |"


def _said(shown: AnswerView) -> Iterator[str]:
    """Yield the sentences of an answer, and its quotes by review or its matrix."""
    if shown.said:
        said = " ".join(_told(one) + (f" *({escaped(one.mark)})*" if one.mark else "") for one in shown.said)
        yield _paragraph(said) if shown.sources else f"**{said}**"
    if shown.table:
        yield "\n".join(_table_lines(shown.table, shown))
    for part in shown.parts:
        yield f"**{escaped(part.label)}**"
        yield _list(_quotes(part))
    if shown.matrix:
        yield from filter(None, (_table(shown.matrix.rows), _list(_remarks(shown.matrix))))


def _table(rows: Sequence[Row]) -> str:
    """Return the aspects down and the reviews across."""
    lines = [["", *(escaped(part.label) for part in row.parts)] for row in rows[:1]]
    lines += [["---"] * len(line) for line in lines]
    for row in rows:
        cells = (" ".join(_quotes(part)) or _empty(part) for part in row.parts)
        lines.append([f"**{escaped(row.aspect)}**", *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _empty(part: Part) -> str:
    """Return what stands in the place of quotes, with the sentence that may not answer where there is one."""
    close = (f"“{escaped(quote.text)}”" for quote in part.nearest if part.state == "closest")
    return " ".join([f"*{part.empty}*", *close])


def _remarks(matrix: Matrix) -> Iterator[str]:
    for row in matrix.rows:
        yield from (f"**{escaped(row.aspect)}**, {one.mark}: {_told(one)}" for one in row.remarks)
    yield from map(_told, matrix.shared)


def _told(one: Told) -> str:
    return escaped(one.text) + marked(one.citations)


def _quotes(part: Part) -> list[str]:
    return [f"“{escaped(citation.quote.text)}” [{citation.number}]" for citation in part.quotes]


def _source(citation: Citation, shown: AnswerView) -> str:
    quote, review = citation.quote, shown.reviews[citation.quote.review_id]
    address = doi_url(review.doi)
    told = f"[{citation.number}] “{escaped(quote.text)}” ({escaped(place(quote, review))}) {escaped(reference(review))}"
    return f"{told} <{address}>" if address else told


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _paragraph(text: str) -> str:
    """Return an escaped text as a paragraph, whatever it starts with."""
    return _STARTS_BLOCK.sub(r"\1\\\2", text)
