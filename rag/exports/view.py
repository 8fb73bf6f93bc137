"""What an answer says, in the words and the order that all its forms share; a form adds its markup alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from rag.shelf import label
from rag.text import listed
from rag.types import (
    Answer,
    CellState,
    Citation,
    Comparison,
    Coverage,
    CoverageState,
    Exchange,
    Outcome,
    Quote,
    Review,
    Sentence,
    ShelfTable,
)

# With more reviews than this only those that are quoted have a column.
MOST_COLUMNS = 5
# More reviews than the first are counted, not named, and so are more than the second that rest on one source.
_NAMED, _RESTING = 5, 3
# What stands in the place of quotes, and why there are none.
_EMPTY: dict[CellState, tuple[str, str]] = {
    "quoted": ("", ""),
    "closest": ("Closest — may not answer", "Whether a sentence here answers it is not sure."),
    "untold": ("Not told in one sentence", "No sentence here surely tells it by itself."),
    "silent": ("Nothing found on it", "The whole review was searched."),
    "not_indexed": ("Not in the indexed text", "Only its abstract page is loaded; the full text may say it."),
    "not_asked": ("Not asked", "It was left out of this comparison."),
}
NOT_ASKED = _EMPTY["not_asked"][0]
ELSEWHERE = "Searched, on something else"
_SILENCES = (_EMPTY["silent"][0], _EMPTY["not_indexed"][0])
_COVERAGE: dict[CoverageState, str] = {"cited": "Quoted", "retrieved": "Searched, not quoted", "silent": "Silent"}
_SEARCHED = "Searched"
NEAREST, CLOSE = "Nearest passages", "Close, but no answer:"
CLOSEST = "Closest — may not answer"
# The most telling first; some stand in answers that were kept, and are not told any more.
_KINDS = (
    "opposite statements",
    "different findings",
    "different numbers",
    "differ in certainty",
    "in common",
    "differ in emphasis",
)
CONTRADICTIONS = _KINDS[:4]
_UNDECIDED = "Whether they agree is left to the reader."
_YEAR = re.compile(r"\b(?:19|20)\d\d[a-z]?$")
# What a reader typed must not look like a citation of the answer.
_MARKER = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence with the numbers of the quotes that carry it; `mark` says what kind of remark it is, or how weak."""

    text: str
    citations: tuple[int, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """Names under a head: "Not asked: A, B and C"."""

    head: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.head}: {listed(self.names)}"


@dataclass(frozen=True, slots=True)
class Part:
    """What one review gives: quotes, or, where there are none, the passages that came nearest."""

    label: str
    title: str
    quotes: tuple[Citation, ...] = ()
    state: CellState = "quoted"
    nearest: tuple[Quote, ...] = ()

    @property
    def empty(self) -> str:
        """What stands in the place of quotes, "" where there are some."""
        return _EMPTY[self.state][0]

    @property
    def why(self) -> str:
        """Why there are no quotes."""
        return _EMPTY[self.state][1]


@dataclass(frozen=True, slots=True)
class Row:
    """An aspect of a comparison: a part for each column, and what is told of it, the most telling first."""

    aspect: str
    parts: tuple[Part, ...]
    remarks: tuple[Told, ...]

    @property
    def silent(self) -> tuple[Line, ...]:
        """Who was asked and is not quoted, by why."""
        return _silences(self.parts)


@dataclass(frozen=True, slots=True)
class Matrix:
    """Reviews side by side: the rows, what several reviews rest on, and who has no column.

    `silent` are reviews without one in a comparison that was kept, under the line `heard`; `elsewhere` names those that
    are on something else.
    """

    rows: tuple[Row, ...]
    shared: tuple[Told, ...]
    heard: str
    silent: tuple[Part, ...]
    elsewhere: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AnswerView:
    """An answer as it is shown.

    `said` are its own sentences: a reply, prose, what stands above a matrix, or that nothing was found. Its quotes
    stand in `parts`, by review, or in the matrix; where there are none that answer, `parts` are the `closest`, under
    the head CLOSEST. `missing` is what of the question no quote holds.
    `share` says of prose how many of its sentences are supported.
    """

    outcome: Outcome
    searched: Line | None
    notes: tuple[str, ...]
    said: tuple[Told, ...]
    removed: tuple[Told, ...]
    parts: tuple[Part, ...]
    matrix: Matrix | None
    table: ShelfTable | None
    missing: Line | None
    sources: tuple[Citation, ...]
    closest: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    basis: str
    asked: tuple[Coverage, ...]
    reviews: Mapping[str, Review]
    share: str = ""

    @property
    def coverage(self) -> tuple[Line, ...]:
        """What each review contributed, as far as no column of a matrix tells it, and who was not asked."""
        if self.table:
            return ()
        if self.matrix:
            elsewhere = _counted(self.matrix.elsewhere)
            others = [Line(ELSEWHERE, elsewhere)] if elsewhere else []
            return (*_silences(self.matrix.silent), *others, *self._not_asked())
        under: dict[str, list[str]] = {}
        for one in self.asked:
            under.setdefault(_COVERAGE[one.state] if self.sources else _SEARCHED, []).append(one.review_id)
        told = [Line(head, self._names(under[head])) for head in (_SEARCHED, *_COVERAGE.values()) if head in under]
        return (*told, *self._not_asked())

    def _not_asked(self) -> Iterator[Line]:
        count = len(self.reviews) - len(self.asked) if self.asked else 0
        if count > _NAMED:  # very many reviews are not gone through
            yield Line(NOT_ASKED, (f"{count:,} reviews",))
        elif count > 0:
            asked = {one.review_id for one in self.asked}
            yield Line(NOT_ASKED, self._names([review_id for review_id in self.reviews if review_id not in asked]))

    def _names(self, review_ids: Sequence[str]) -> tuple[str, ...]:
        return _counted([label(self.reviews[review_id]) for review_id in review_ids])


def _counted(names: Sequence[str]) -> tuple[str, ...]:
    return (f"{len(names):,} reviews",) if len(names) > _NAMED else tuple(names)


def view(answer: Answer, reviews: Mapping[str, Review]) -> AnswerView:
    """Return an answer as it is shown; of `reviews`, by their ids, those that it does not cover were not asked.

    Nothing of it is read from the `text` of the answer, which is made of it.
    """
    comparison, written = answer.comparison, answer.written
    matrix = _matrix(comparison, reviews) if comparison and comparison.cells else None
    return AnswerView(
        outcome=answer.outcome,
        searched=searched(answer),
        notes=tuple(filter(None, (written.note if written else "", answer.note))),
        said=tuple(_told(one) for one in answer.sentences if one.support != "quoted"),
        removed=tuple(Told(one.text, (), one.reason) for one in written.removed) if written else (),
        parts=by_review(answer.quoted, reviews) if answer.mode == "quotes" and not (matrix or answer.table) else (),
        matrix=matrix,
        table=answer.table,
        missing=_missing(answer) if answer.citations and not matrix else None,
        sources=answer.citations,
        closest=answer.closest,
        nearest=answer.nearest,
        basis=basis(answer),
        asked=answer.coverage,
        reviews=reviews,
        share=_share(answer),
    )


def _share(answer: Answer) -> str:
    """Return how many of the sentences that a model wrote are supported, weak and struck; "" where none is shown."""
    if not answer.written or answer.mode == "quotes":
        return ""
    supported, weak = (sum(one.support == support for one in answer.sentences) for support in ("supported", "weak"))
    struck = len(answer.written.removed)
    parts = [f"{supported} of {supported + weak + struck} sentences supported by their quotes"]
    return ", ".join([*parts, *([f"{weak} weak"] if weak else []), *([f"{struck} removed"] if struck else [])]) + "."


def searched(answer: Answer) -> Line | None:
    """Return the question that was searched, and in which papers; None when it is the one that was typed."""
    as_typed = answer.outcome == "chat" or answer.searched_as == answer.question
    kept_to = f" (only in papers {listed(answer.filters)})" if answer.filters else ""
    return None if as_typed else Line("Searched as", (f"{answer.searched_as}{kept_to}",))


def basis(answer: Answer) -> str:
    """Return what made an answer: "Quoted, no model", or the model that wrote it from the quotes; "" for a chat."""
    if answer.outcome == "chat":
        return ""
    if answer.mode == "quotes":
        return "Quoted, no model" if answer.citations else "Searched, no model"
    return f"Written by {answer.mode} from the quotes, each sentence checked against them"


def made_line(exchange: Exchange) -> str:
    """Return when an answer was made, and from what, as a sentence."""
    when = datetime.fromtimestamp(exchange.made, UTC)
    return f"Answered on {when.day} {when:%B %Y, %H:%M} UTC from the index {exchange.index}."


def by_review(citations: Iterable[Citation], reviews: Mapping[str, Review]) -> tuple[Part, ...]:
    """Return quotes under their reviews, in order of the first."""
    quoted: dict[str, list[Citation]] = {}
    for citation in citations:
        quoted.setdefault(citation.quote.review_id, []).append(citation)
    return tuple(Part(label(reviews[i]), reviews[i].title, tuple(quotes)) for i, quotes in quoted.items())


def _told(sentence: Sentence) -> Told:
    mark = f"weak: {sentence.reason}" if sentence.support == "weak" else ""
    return Told(sentence.text, sentence.citations, mark)


def _missing(answer: Answer) -> Line | None:
    names = tuple(_MARKER.sub("", part).strip() for part in answer.missing)
    return Line("Answered in part. Not found in the reviews", names) if names else None


def _matrix(comparison: Comparison, reviews: Mapping[str, Review]) -> Matrix:
    shown, silent, elsewhere = _columns(comparison)
    labels = {review_id: label(reviews[review_id]) for review_id in (*shown, *silent)}
    parts = {
        (cell.aspect, cell.review_id): Part(
            labels[cell.review_id],
            reviews[cell.review_id].title,
            tuple(comparison.citations[number - 1] for number in cell.citations),
            cell.state,
            (cell.nearest,) if cell.nearest else (),
        )
        for cell in comparison.cells
        if cell.review_id in labels
    }
    rows = (
        Row(aspect, tuple(parts[aspect, review_id] for review_id in shown), _remarks(comparison, aspect))
        for aspect in comparison.aspects
        if shown
    )
    whole = (_whole([parts[aspect, review_id] for aspect in comparison.aspects]) for review_id in silent)
    shared = tuple(_shared(comparison, reviews))
    away = tuple(label(reviews[review_id]) for review_id in elsewhere)
    return Matrix(tuple(rows), shared, _heard(len(shown), len(silent)), tuple(whole), away)


def _whole(parts: Sequence[Part]) -> Part:
    """Return a review that is silent on every aspect, with the passages that came nearest, each once."""
    return replace(parts[0], nearest=tuple(dict.fromkeys(quote for part in parts for quote in part.nearest)))


def _columns(comparison: Comparison) -> tuple[Sequence[str], Sequence[str], Sequence[str]]:
    """Return the ids of the reviews with a column, of those that were asked in vain, and of those on other matters.

    Few reviews all have a column, of more those on the matter. Comparisons that were kept may not know which these are:
    there those that were asked have one, and of many of these those that are quoted.
    """
    everyone = list(dict.fromkeys(cell.review_id for cell in comparison.cells))
    asked = list(dict.fromkeys(cell.review_id for cell in comparison.cells if cell.state != "not_asked"))
    if comparison.near:
        few = everyone if len(everyone) <= MOST_COLUMNS else comparison.near
        return few, (), [review_id for review_id in asked if review_id not in few]
    quoted = {cell.review_id for cell in comparison.cells if cell.state == "quoted"}
    if len(everyone) <= MOST_COLUMNS:
        return everyone, (), ()
    shown = asked if len(asked) <= MOST_COLUMNS else [review_id for review_id in asked if review_id in quoted]
    return shown, [review_id for review_id in asked if review_id not in shown], ()


def _remarks(comparison: Comparison, aspect: str) -> tuple[Told, ...]:
    """Return what is told of an aspect, the most telling first; that nothing can be told comes last."""
    told = [Told(one.text, one.citations, one.kind) for one in comparison.differences if one.aspect == aspect]
    told += [Told(one.text, one.citations, "in common") for one in comparison.agreements if one.aspect == aspect]
    told.sort(key=lambda remark: _KINDS.index(remark.mark))
    return (*told, *([Told(_UNDECIDED, (), "cannot tell")] if aspect in comparison.undecided else []))


def _shared(comparison: Comparison, reviews: Mapping[str, Review]) -> Iterator[Told]:
    """Yield what several reviews rest on, which counts once and not once a review: "Both cite Müller 2024"."""
    asked = {cell.review_id for cell in comparison.cells if cell.state != "not_asked"}
    for source in comparison.shared_sources:
        count = len(source.review_ids)
        who = f"{count} reviews" if count > _RESTING else listed([label(reviews[i]) for i in source.review_ids])
        verb = "cite" if _YEAR.search(source.name) else "rest on"
        yield Told(f"{'Both' if count == len(asked) == 2 else who} {verb} {source.name}", source.citations)


def _heard(spoken: int, silent: int) -> str:
    verb = "are" if silent > 1 else "is"
    return f"{spoken} of {spoken + silent} reviews speak to this; {silent} {verb} silent:" if silent else ""


def _silences(parts: Iterable[Part]) -> tuple[Line, ...]:
    """Return who was asked and is not quoted, by why."""
    by_words: dict[str, list[str]] = {words: [] for words in _SILENCES}
    for part in parts:
        if part.empty in by_words:
            by_words[part.empty].append(part.label)
    return tuple(Line(words, tuple(labels)) for words, labels in by_words.items() if labels)
