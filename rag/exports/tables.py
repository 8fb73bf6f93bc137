"""A comparison as a table to take along: CSV for a spreadsheet, Markdown for a text."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.exports.references import doi_url
from rag.exports.wording import listed
from rag.shelf import label
from rag.types import Answer, Cell, CellState, Citation, Comparison, Review, Sentence

# With more reviews than this only those that are quoted have a column.
MOST_COLUMNS = 5
EMPTY: dict[CellState, str] = {
    "silent": "Says nothing about it",
    "not_indexed": "Not in the indexed text",
    "not_asked": "Not asked",
}
HEAD = ("aspect", "review", "year", "DOI", "state", "number", "quote", "section", "provenance")
# The most telling first.
_KINDS = ("opposite statements", "different numbers", "differ in certainty", "in common", "differ in emphasis")
_CANNOT_TELL = "The quotes do not tell whether the reviews agree."
# How a cell starts that a spreadsheet would run: as its makers read it, and in the wide letters of East Asian typing.
_RUNS = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_SIGNS = re.compile(r"[\\`*_{}\[\]<>|~$&#]|(?<=\w)[:@](?=\S)|:(?=\w)|(?<=www)\.", re.IGNORECASE)
_NAMED, _YEAR = 3, re.compile(r"\b(?:19|20)\d\d[a-z]?$")


@dataclass(frozen=True, slots=True)
class Columns:
    """The reviews of a comparison by their ids: with a column, asked in vain without one, and not asked."""

    shown: tuple[str, ...]
    silent: tuple[str, ...]
    not_asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """How the reviews stand to each other on an aspect: a kind in two words, a sentence, the quotes that carry it."""

    kind: str
    text: str
    citations: tuple[int, ...]


def columns(comparison: Comparison) -> Columns:
    """Tell which reviews of a comparison get a column; few do all, of many only those that are quoted."""
    everyone = tuple(dict.fromkeys(cell.review_id for cell in comparison.cells))
    asked = dict.fromkeys(cell.review_id for cell in comparison.cells if cell.state != "not_asked")
    quoted = {cell.review_id for cell in comparison.cells if cell.state == "quoted"}
    many = len(asked) > MOST_COLUMNS
    shown = everyone if len(everyone) <= MOST_COLUMNS else tuple(i for i in asked if not many or i in quoted)
    return Columns(
        shown,
        tuple(i for i in asked if i not in shown),
        tuple(i for i in everyone if i not in asked and i not in shown),
    )


def cells_by_place(comparison: Comparison) -> dict[tuple[str, str], Cell]:
    """Return the cells of a comparison by aspect and id of the review."""
    return {(cell.aspect, cell.review_id): cell for cell in comparison.cells}


def remarks(comparison: Comparison, aspect: str) -> list[Remark]:
    """Return what is told of an aspect, the most telling first; that nothing can be told comes last."""
    told = [Remark(one.kind, one.text, one.citations) for one in comparison.differences if one.aspect == aspect]
    told += [Remark("in common", one.text, one.citations) for one in comparison.agreements if one.aspect == aspect]
    told.sort(key=lambda remark: _KINDS.index(remark.kind))
    return told + ([Remark("cannot tell", _CANNOT_TELL, ())] if aspect in comparison.undecided else [])


def shared_lines(comparison: Comparison, names: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield what several reviews rest on, with the numbers of its quotes: "Both cite Müller 2024"."""
    asked = {cell.review_id for cell in comparison.cells if cell.state != "not_asked"}
    for source in comparison.shared_sources:
        who = [names[review_id] for review_id in source.review_ids]
        subject = "Both" if len(who) == len(asked) == 2 else listed(who)
        if len(who) > _NAMED:
            subject = f"{len(who)} reviews"
        yield f"{subject} {'cite' if _YEAR.search(source.name) else 'rest on'} {source.name}", source.citations


def left_out(comparison: Comparison, names: Mapping[str, str]) -> Iterator[str]:
    """Yield who has no column, and why: "Says nothing about it: A, B"."""
    found, cells = columns(comparison), cells_by_place(comparison)
    by_state: dict[CellState, list[str]] = {}
    for review_id in (*found.silent, *found.not_asked):
        by_state.setdefault(cells[comparison.aspects[0], review_id].state, []).append(names[review_id])
    for state in EMPTY:
        if state in by_state:
            yield f"{EMPTY[state]}: {', '.join(by_state[state])}"


def marked(numbers: Iterable[int]) -> str:
    """Return the markers of citations as they follow a text: " [1] [4]"."""
    return "".join(f" [{number}]" for number in numbers)


def summary_of(answer: Answer) -> list[Sentence]:
    """Return the sentences that stand above a matrix."""
    return [sentence for sentence in answer.sentences if sentence.support != "quoted"]


def comparison_csv(comparison: Comparison, reviews: Mapping[str, Review]) -> bytes:
    """Return a comparison as CSV: UTF-8 with a byte order mark, a line a quote, and a line a cell without one.

    A field that a spreadsheet would take for a formula has an apostrophe put before it; all else is as it is.
    `unguarded` takes it away again.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(HEAD)
    for cell in comparison.cells:
        writer.writerows([guarded(field) for field in line] for line in _lines(cell, comparison, reviews))
    return written.getvalue().encode("utf-8-sig", errors="replace")


def guarded(field: str) -> str:
    """Return a field that no spreadsheet runs.

    >>> guarded("-5 °C"), guarded("5 °C"), unguarded(guarded("=1+1"))
    ("'-5 °C", '5 °C', '=1+1')
    """
    return f"'{field}" if _RUNS.match(field) else field


def unguarded(field: str) -> str:
    """Return a field of the CSV as it was before it was guarded."""
    return field[1:] if field.startswith("'") and _RUNS.match(field) else field


def _lines(cell: Cell, comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[list[str]]:
    review = reviews[cell.review_id]
    about = [cell.aspect, label(review), str(review.year or ""), review.doi or "", cell.state]
    for number in cell.citations:
        quote = comparison.citations[number - 1].quote
        yield [*about, str(number), quote.text, quote.heading or quote.kind, quote.provenance]
    if not cell.citations:
        yield [*about, "", "", "", ""]


def comparison_markdown(answer: Answer, reviews: Mapping[str, Review]) -> str:
    """Return an answer that compares as Markdown: summary, table, where the reviews agree and differ, sources.

    Nothing in it acts: no text of a review or a reader is a link, an image, HTML or markup. Raises ValueError when the
    answer holds no comparison.
    """
    comparison = answer.comparison
    if not comparison:
        raise ValueError("the answer holds no comparison")
    names = {review_id: escaped(label(review)) for review_id, review in reviews.items()}
    summary = " ".join(escaped(one.text) + marked(one.citations) for one in summary_of(answer))
    told = [
        f"- **{escaped(aspect)}**, {one.kind}: {escaped(one.text)}{marked(one.citations)}"
        for aspect in comparison.aspects
        for one in remarks(comparison, aspect)
    ]
    told += [f"- {escaped(text)}{marked(numbers)}" for text, numbers in shared_lines(comparison, _labels(reviews))]
    blocks = [
        [f"# {escaped(answer.question)}"],
        [summary],
        _table(comparison, names),
        [f"- {line}" for line in left_out(comparison, names)],
        told,
        [_source(citation, reviews[citation.quote.review_id]) for citation in answer.citations],
    ]
    return "\n\n".join("\n".join(block) for block in blocks if any(block)) + "\n"


def _labels(reviews: Mapping[str, Review]) -> dict[str, str]:
    return {review_id: label(review) for review_id, review in reviews.items()}


def _table(comparison: Comparison, names: Mapping[str, str]) -> list[str]:
    shown, cells = columns(comparison).shown, cells_by_place(comparison)
    if not shown:
        return []
    rows = [["", *(names[review_id] for review_id in shown)], ["---"] * (len(shown) + 1)]
    for aspect in comparison.aspects:
        quotes = (_quotes(cells[aspect, review_id], comparison.citations) for review_id in shown)
        rows.append([f"**{escaped(aspect)}**", *quotes])
    return [f"| {' | '.join(row)} |" for row in rows]


def _quotes(cell: Cell, citations: Sequence[Citation]) -> str:
    quotes = (f"“{escaped(citations[number - 1].quote.text)}” [{number}]" for number in cell.citations)
    return " ".join(quotes) or f"*{EMPTY[cell.state]}*"


def _source(citation: Citation, review: Review) -> str:
    quote = citation.quote
    address = doi_url(review.doi)
    link = f" <{address}>" if address else ""
    place = f"{quote.heading or quote.kind}, {quote.provenance}"
    return f"- [{citation.number}] {escaped(label(review))}. {escaped(review.title)}{link} ({escaped(place)})"


def escaped(text: str) -> str:
    """Return a text on one line of which no sign acts as Markdown, HTML or a link.

    >>> print(escaped("a|b\\n*c* <i> https://d.example"))
    a\\|b \\*c\\* \\<i\\> https\\://d.example
    """
    return _SIGNS.sub(lambda sign: "\\" + sign.group(), re.sub(r"\s+", " ", text)).strip()
