"""The values that modules hand to each other. All are frozen; offsets count characters of `Review.text`."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]
FloatVector = npt.NDArray[np.float32]

SectionKind = Literal[
    "bibliographic", "abstract", "summary", "body", "competing interests", "references", "entities", "boilerplate"
]
# The kinds of section that hold findings; the others hold facts about the paper.
PROSE: tuple[SectionKind, ...] = ("abstract", "summary", "body")
# Whose words a section holds: the paper's, the page's that presents it, or a reader's or a model's own notes on it.
Provenance = Literal["authors", "page", "note"]
# What has become of a paper since, as its record states; "" where it states nothing.
Status = Literal["", "retracted", "expression of concern", "corrected", "preprint"]
# What may be told of a paper, the gravest first.
STATUSES: tuple[Status, ...] = ("retracted", "expression of concern", "corrected", "preprint")
Span = tuple[int, int]
# What a sentence is there for in a paper.
Role = Literal["background", "aim", "method", "result", "conclusion", "limitation", "funding", "other"]
ROLES: tuple[Role, ...] = ("background", "aim", "method", "result", "conclusion", "limitation", "funding", "other")
# What else is told of a sentence: it reports what was found, it is uncertain of what it says, it states what is known.
State = Literal["finding", "hedged", "fact"]
STATES: tuple[State, ...] = ("finding", "hedged", "fact")
TRAITS: tuple[Role | State, ...] = (*ROLES, *STATES)


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a review's text under one heading; the span leaves the heading line out."""

    heading: str
    kind: SectionKind
    provenance: Provenance
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Entity:
    """A gene, disease, species or other term that the page lists, with its database identifiers."""

    kind: str
    name: str
    start: int
    end: int
    identifiers: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One source document: its canonical text, its sections, and what identifies it.

    `id` is `doi:…`-less: the DOI in lower case, else `pmid:…` or `pmcid:…`, else `sha256:…` of the text.
    `files` are the source paths below the project; the first is the one whose text is kept. `types` are the
    publication types as stated. `places` tell where the text stands on the pages of a PDF: from the first number on,
    up to that of the next, its characters are those of the page with the second number, from 1, beginning with its
    character of the third number, from 0. `letter` tells it from others of its authors and its year on the same shelf.
    `later` is the DOI or PMID of its later version, as a record of one of them states.
    """

    id: str
    title: str
    text: str
    sections: tuple[Section, ...]
    authors: tuple[str, ...] = ()
    journal: str | None = None
    year: int | None = None
    date: str | None = None
    doi: str | None = None
    pmid: str | None = None
    pmcid: str | None = None
    url: str | None = None
    entities: tuple[Entity, ...] = ()
    mesh: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    status: Status = ""
    places: tuple[tuple[int, int, int], ...] = ()
    letter: str = ""
    later: str = ""

    @property
    def wording(self) -> int:
        """How many characters of the authors' abstract and body it holds."""
        return sum(section.end - section.start for section in self.sections if section.kind in {"abstract", "body"})

    def page_at(self, offset: int) -> int | None:
        """Return the page of a PDF, from 1, on which a character of the text stands; None of a text without pages."""
        at = bisect_right(self.places, offset, key=lambda place: place[0])
        return self.places[at - 1][1] if at else None


@dataclass(frozen=True, slots=True)
class Passage:
    """The retrieved unit: whole sentences of one section; `text == review.text[start:end]`."""

    id: str
    review_id: str
    heading: str
    kind: SectionKind
    provenance: Provenance
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its fused score in [0, 1] (higher is better) and its rank from 0."""

    passage: Passage
    score: float
    rank: int


# A quantity that a quote must hold to answer: a percentage or fraction, or any number.
Wants = Literal["share", "number"]


@dataclass(frozen=True, slots=True)
class Term:
    """A content word of a question. A `name` (gene, trial, drug, number) must stand in a quote as it is.

    A word `aside` stands in a sentence that leads up to the question; it steers the search and decides nothing.
    """

    text: str
    start: int
    end: int
    forms: tuple[str, ...]
    parts: tuple[str, ...]
    name: bool
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched: the text, stems with their weights by words, a unit vector by sense (None without a model).

    `row` is the vector of the name of a row of a comparison, where one is asked.
    """

    text: str
    stems: Mapping[str, float]
    vector: FloatVector | None
    row: FloatVector | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """An exact span of a review; `text` is byte-equal to `review.text[start:end]`."""

    review_id: str
    heading: str
    kind: SectionKind
    provenance: Provenance
    start: int
    end: int
    text: str
    passage_start: int
    passage_end: int


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered marker and the quote it stands for."""

    number: int
    quote: Quote


Support = Literal["quoted", "supported", "weak", "none"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer, the citation numbers it rests on, how well they carry it, and why no better."""

    text: str
    citations: tuple[int, ...]
    support: Support
    reason: str = ""


CoverageState = Literal["cited", "retrieved", "silent"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """What one review contributed to an answer."""

    review_id: str
    state: CoverageState


# How an outcome moved by what was found.
Direction = Literal["increased", "decreased", "no difference"]
DIRECTIONS: tuple[Direction, ...] = ("increased", "decreased", "no difference")
# What a cell of a comparison holds: quotes; a sentence that may not answer; nothing, because no sentence surely tells
# that of a study; nothing, after a search of the whole review; nothing, where only the abstract page is loaded; or
# nothing, because the review was not asked.
CellState = Literal["quoted", "closest", "untold", "silent", "not_indexed", "not_asked"]
# The last is told; the others stand in answers that were kept.
DifferenceKind = Literal[
    "opposite statements", "different numbers", "differ in certainty", "differ in emphasis", "different findings"
]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one review says about one aspect: the numbers of its citations, or why there are none.

    `nearest` is the sentence that came closest where none is quoted; `direction` what the quotes found of an outcome,
    told where it is read surely. `names_it` tells that a quote has the words of the aspect, or others for them.
    """

    aspect: str
    review_id: str
    state: CellState
    citations: tuple[int, ...] = ()
    nearest: Quote | None = None
    direction: Direction | None = None
    names_it: bool = False


@dataclass(frozen=True, slots=True)
class Agreement:
    """What reviews share on an aspect, in a sentence, with the numbers of the quotes that carry it."""

    aspect: str
    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """How reviews differ on an aspect, worded as what it is, with the numbers of the quotes that carry it."""

    aspect: str
    kind: DifferenceKind
    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SharedSource:
    """A trial or an earlier work that several reviews rest on: "both cite Müller 2024".

    `citations` are the numbers of the quotes that name it, () where only the reference lists tell.
    """

    name: str
    review_ids: tuple[str, ...]
    citations: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each review says about each aspect, and what they name alike and alone.

    `cells` has one cell an aspect and review, aspect by aspect; `near` are the reviews on the matter, quoted or not.
    `undecided` are the aspects on which several reviews are quoted and nothing is told; whether they agree is left to
    the reader. `facets` are the aspects that are a matter of each study alone: who took part, what was tried.
    """

    aspects: tuple[str, ...]
    cells: tuple[Cell, ...]
    citations: tuple[Citation, ...]
    agreements: tuple[Agreement, ...] = ()
    differences: tuple[Difference, ...] = ()
    undecided: tuple[str, ...] = ()
    shared_sources: tuple[SharedSource, ...] = ()
    near: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()


# How a model's answer ended: "length" at its limit, "cut" without an end, "stopped" by the reader, "repeated" when it
# said the same again and again.
Ending = Literal["complete", "length", "filtered", "stopped", "repeated", "cut", "fault"]


@dataclass(frozen=True, slots=True)
class Written:
    """What came of letting a model write an answer.

    `note` tells a reader why the answer is not, or not wholly, what the model wrote, "" when it is; `removed` are
    sentences struck because no quote carries them; `given` the messages as (role, text), `raw` what it wrote;
    `evidence` the quotes that it was given, each with its id there and the number of its citation, 0 when not cited.
    Times in seconds, cost in US dollars where the price is known; `fault` names what an endpoint did, "" for nothing;
    of the tokens of the prompt `cached_tokens` were kept by the endpoint from an earlier call.
    """

    model: str
    ending: Ending
    note: str = ""
    fault: str = ""
    removed: tuple[Sentence, ...] = ()
    given: tuple[tuple[str, str], ...] = ()
    raw: str = ""
    evidence: tuple[tuple[str, Quote, int], ...] = ()
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float = 0.0
    cost: float | None = None
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first line of an answer made of quotes: what was found, in fixed words, with the numbers of its quotes.

    `answer` to a question that can be answered so, "value" for a quantity; `direction` of the outcome asked for.
    """

    text: str
    citations: tuple[int, ...]
    answer: Literal["yes", "no", "mixed", "value"] | None = None
    direction: Direction | Literal["mixed"] | None = None


@dataclass(frozen=True, slots=True)
class ShelfCell:
    """A fact of a paper as the shelf shows it, with the line that states it, None where a record has it in a field."""

    text: str
    quote: Quote | None = None


@dataclass(frozen=True, slots=True)
class ShelfTable:
    """The papers that a question about the shelf means, in its order: a row a paper, a cell a column, "" if not stated.

    `filters` are what they all meet, in words.
    """

    columns: tuple[str, ...]
    review_ids: tuple[str, ...]
    rows: tuple[tuple[ShelfCell, ...], ...]
    filters: tuple[str, ...] = ()


# "closest": quotes that may not answer, shown as such; neither an answer nor silence.
Outcome = Literal["answered", "partial", "closest", "not_found", "chat"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with everything it rests on.

    `missing` names the parts of the question that no quote holds; `nearest` is filled only when nothing was found;
    `mode` is "quotes" or the name of the model that wrote the text; `note` says what the search had to do without:
    vectors that were away, the embedding model, the reader. `closest` are the quotes of the outcome "closest", which
    has no citations. `verdict` is told of quotes that answer, where it is sure. `confidence` is the probability in
    [0, 1] that the reviews hold an answer; None for a chat, facts of publication, an overview and a comparison.
    `table` answers a question about the shelf itself. `filters` are in words which papers alone were asked.
    """

    question: str
    searched_as: str
    mode: str
    outcome: Outcome
    text: str
    sentences: tuple[Sentence, ...] = ()
    citations: tuple[Citation, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    nearest: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()
    comparison: Comparison | None = None
    written: Written | None = None
    note: str = ""
    closest: tuple[Citation, ...] = ()
    confidence: float | None = None
    verdict: Verdict | None = None
    table: ShelfTable | None = None
    filters: tuple[str, ...] = ()

    @property
    def quoted(self) -> tuple[Citation, ...]:
        """The numbered quotes that are shown for an answer: its citations, or those that may not answer."""
        return self.citations or self.closest


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, the reviews as they were when it was asked, and the answer, or why there is none.

    `aspects` are those that the reader, and not the question, named for a comparison; `made` is when, in seconds since
    1970, UTC, and `index` the fingerprint of the index that was asked; `revision` counts how often its comparison was
    made again; `earlier` are the versions before this one, oldest first.
    """

    question: str
    reviews: tuple[Review, ...]
    answer: Answer | None
    problem: str = ""
    made: float = 0.0
    index: str = ""
    aspects: tuple[str, ...] = ()
    revision: int = 0
    earlier: tuple[Exchange, ...] = ()


class Embedder(Protocol):
    """Turns texts into unit vectors; `id` names model, weights and preparation, for the index's fingerprint."""

    @property
    def id(self) -> str:
        """What the vectors depend on."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text, shape (len(texts), dimensions)."""
        ...
