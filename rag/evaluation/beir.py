"""A folder in BEIR layout (Thakur et al., 2021, arXiv 2104.08663), read with care: documents become reviews.

`corpus.jsonl` and `queries.jsonl` hold objects with `_id`, `text` and, for documents, `title`; `qrels.tsv` or
`qrels/test.tsv` has a header and the columns query-id, corpus-id and score. Beside them may lie `rationales.jsonl`:
`query`, `doc` and `sentences`, indexes into the list `sentences` of that document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from rag.errors import RagError
from rag.evaluation.answering import BadLine, Record, read_lines
from rag.types import Review, Section, Span

CORPUS, QUERIES, RATIONALES = "corpus.jsonl", "queries.jsonl", "rationales.jsonl"
QRELS = ("qrels.tsv", "qrels/test.tsv")
HEADER = ("query-id", "corpus-id", "score")
# More lines than these help nobody; the rest are counted.
LISTED = 20
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rationale:
    """The sentences of a document that experts marked as evidence for or against a query, as spans of its review."""

    query_id: str
    document_id: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Collection:
    """What a folder holds: the reviews in the order of the corpus, queries by id, judged scores by query and document.

    `empty` are the ids of documents without text, which no review stands for; `remarks` name each row, with file and
    line, that speaks of something that is not there. A document that is judged and has no review is never found; a row
    of an unknown query is left out.
    """

    name: str
    reviews: tuple[Review, ...]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]
    rationales: tuple[Rationale, ...] = ()
    empty: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Document:
    id: str
    line: int
    review: Review | None
    sentences: tuple[Span, ...] | None


@dataclass(frozen=True, slots=True)
class _Query:
    id: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class _Row:
    """A judgement, or a rationale with the indexes of its sentences."""

    query_id: str
    document_id: str
    line: int
    score: int = 0
    sentences: tuple[int, ...] = ()


class _Identified(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def line(self) -> int: ...


Named = TypeVar("Named", bound=_Identified)


def read_collection(folder: Path) -> Collection:
    """Return what a folder holds; raise RagError with the file, the line and the reason of all that is broken."""
    if not folder.is_dir():
        raise RagError(f"{folder}: there is no such folder")
    problems: list[str] = []
    documents = _by_id(_objects(folder / CORPUS, _document, problems), folder / CORPUS, problems)
    queries = _by_id(_objects(folder / QUERIES, _query, problems), folder / QUERIES, problems)
    judged = _qrels_file(folder, problems)
    rows = _sound(_judgements(judged), problems) if judged else []
    marked = folder / RATIONALES
    marks = _objects(marked, _rationale, problems) if marked.exists() else []
    remarks: list[str] = []
    judgements = _judged(rows, queries, documents, judged or folder, problems, remarks)
    rationales = _rationales(marks, queries, documents, marked, problems, remarks)
    if problems:
        raise RagError("\n".join(first(problems)))
    return Collection(
        name=folder.resolve().name,
        reviews=tuple(document.review for document in documents.values() if document.review),
        queries={query.id: query.text for query in queries.values()},
        judgements=judgements,
        rationales=rationales,
        empty=tuple(document.id for document in documents.values() if not document.review),
        remarks=tuple(remarks),
    )


def first(lines: Sequence[str]) -> list[str]:
    """Return the first lines, and how many more there are."""
    more = len(lines) - LISTED
    return [*lines[:LISTED], *([f"and {more} more"] if more > 0 else [])]


def _qrels_file(folder: Path, problems: list[str]) -> Path | None:
    found = next((folder / name for name in QRELS if (folder / name).exists()), None)
    if not found:
        problems.append(f"{folder}: there is neither {QRELS[0]} nor {QRELS[1]}")
    return found


def _objects(path: Path, read: Callable[[Record, int], T], problems: list[str]) -> list[T]:
    """Return what `read` makes of the lines of a file of which there must be one."""
    known = len(problems)
    found = _sound(read_lines(path, read), problems)
    if not found and len(problems) == known:
        problems.append(f"{path}: the file is empty")
    return found


def _sound(lines: Iterable[T | BadLine], problems: list[str]) -> list[T]:
    """Return the lines that could be read; what is wrong with the others goes to the problems."""
    found = []
    try:
        for line in lines:
            if isinstance(line, BadLine):
                problems.append(line.message)
            else:
                found.append(line)
    except RagError as error:  # the file itself cannot be read
        problems.append(str(error))
    return found


def _by_id(records: Iterable[Named], path: Path, problems: list[str]) -> dict[str, Named]:
    by_id: dict[str, Named] = {}
    for record in records:
        known = by_id.setdefault(record.id, record)
        if known is not record:
            problems.append(f"{path}, line {record.line}: the id “{record.id}” is that of line {known.line}")
    return by_id


def _document(record: Record, line: int) -> _Document:
    document_id, title, text = _id(record), _text(record, "title", "").strip(), _text(record, "text")
    if not text.strip():
        return _Document(document_id, line, None, None)
    review = as_review(document_id, title, text)
    listed = record.get("sentences")
    if listed is None:
        return _Document(document_id, line, review, None)
    if not isinstance(listed, list) or not all(isinstance(sentence, str) for sentence in listed):
        raise ValueError('"sentences" is not a list of texts')
    return _Document(document_id, line, review, tuple(_located(listed, review)))


def as_review(document_id: str, title: str, text: str) -> Review:
    """Return a document as a review: its title, if it has one, a blank line, and its text as the abstract."""
    head = f"{title}\n\n" if title else ""
    titled = [Section("", "bibliographic", "authors", 0, len(title))] if title else []
    abstract = Section("Abstract", "abstract", "authors", len(head), len(head + text))
    return Review(document_id, title, head + text, (*titled, abstract), files=(CORPUS,))


def _located(sentences: Sequence[str], review: Review) -> Iterator[Span]:
    """Yield where each sentence stands in the abstract, one after the other."""
    at = review.sections[-1].start
    for number, sentence in enumerate(map(str.strip, sentences)):
        start = review.text.find(sentence, at)
        if start < 0:
            raise ValueError(f'sentence {number} of "sentences" does not stand in "text"')
        at = start + len(sentence)
        yield start, at


def _query(record: Record, line: int) -> _Query:
    query = _Query(_id(record), line, _text(record, "text"))
    if not query.text.strip():
        raise ValueError('"text" is empty')
    return query


def _rationale(record: Record, line: int) -> _Row:
    sentences = record.get("sentences")
    if not isinstance(sentences, list) or not sentences or not all(type(at) is int and at >= 0 for at in sentences):
        raise ValueError('"sentences" is not a list of indexes')
    return _Row(_text(record, "query"), _text(record, "doc"), line, sentences=tuple(sentences))


def _id(record: Record) -> str:
    if not (found := _text(record, "_id")):
        raise ValueError('"_id" is empty')
    return found


def _text(record: Record, key: str, default: str | None = None) -> str:
    value = record.get(key)
    value = default if value is None else value
    if not isinstance(value, str):
        raise ValueError(f'"{key}" is missing' if value is None else f'"{key}" is not a text')
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f'"{key}" holds half of a surrogate pair') from None
    return value


def _judgements(path: Path) -> Iterator[_Row | BadLine]:
    """Yield the rows of a file of judgements; its first line that is not blank is the header."""
    try:
        content = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise RagError(f"{path}: the file cannot be read ({error.strerror or error})") from error
    lines = ((number, line) for number, line in enumerate(content.split(b"\n"), 1) if line.strip())
    number, header = next(lines, (1, b""))
    if tuple(header.decode("utf-8", "replace").strip().lower().split("\t")) != HEADER:
        yield BadLine(f"{path}, line {number}: no header: {', '.join(HEADER)}, with tabs between them")
    for number, line in lines:
        try:
            yield _row(line, number)
        except ValueError as error:
            yield BadLine(f"{path}, line {number}: {error}")


def _row(line: bytes, number: int) -> _Row:
    try:
        fields = line.decode().rstrip("\r").split("\t")
    except UnicodeDecodeError as error:
        raise ValueError("not UTF-8 text") from error
    if len(fields) != len(HEADER):
        raise ValueError(f"{len(fields)} column{'s' * (len(fields) != 1)} instead of {len(HEADER)}")
    query_id, document_id, score = map(str.strip, fields)
    if not _INTEGER.fullmatch(score):
        raise ValueError(f"the score “{score[:40]}” is not an integer")
    return _Row(query_id, document_id, number, int(score))


def _judged(
    rows: Iterable[_Row],
    queries: Mapping[str, _Query],
    documents: Mapping[str, _Document],
    path: Path,
    problems: list[str],
    remarks: list[str],
) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for row in rows:
        here = f"{path}, line {row.line}"
        if row.query_id not in queries:
            remarks.append(f"{here}: there is no query “{row.query_id}”; the row is left out")
            continue
        if why := _not_there(row.document_id, documents):
            remarks.append(f"{here}: {why}; it counts as never found")
        known = judgements.setdefault(row.query_id, {}).setdefault(row.document_id, row.score)
        if known != row.score:
            problems.append(f"{here}: “{row.document_id}” has the scores {known} and {row.score} for one query")
    return judgements


def _rationales(
    rows: Iterable[_Row],
    queries: Mapping[str, _Query],
    documents: Mapping[str, _Document],
    path: Path,
    problems: list[str],
    remarks: list[str],
) -> tuple[Rationale, ...]:
    """Return one rationale a query and document: experts may have marked several."""
    spans: dict[tuple[str, str], set[Span]] = {}
    for row in rows:
        here = f"{path}, line {row.line}"
        if row.query_id not in queries:
            remarks.append(f"{here}: there is no query “{row.query_id}”; the row is left out")
        elif why := _not_there(row.document_id, documents):
            remarks.append(f"{here}: {why}; the row is left out")
        elif (sentences := documents[row.document_id].sentences) is None:
            remarks.append(f"{here}: the document “{row.document_id}” has no list of sentences; the row is left out")
        elif max(row.sentences) >= len(sentences):
            problems.append(f"{here}: “{row.document_id}” has no sentence {max(row.sentences)}")
        else:
            spans.setdefault((row.query_id, row.document_id), set()).update(sentences[at] for at in row.sentences)
    return tuple(Rationale(*pair, tuple(sorted(marked))) for pair, marked in spans.items())


def _not_there(document_id: str, documents: Mapping[str, _Document]) -> str:
    if document_id not in documents:
        return f"there is no document “{document_id}”"
    return "" if documents[document_id].review else f"the document “{document_id}” has no text"
