"""A folder as a library of reviews, each paper once, with a report of every file in it."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from rag.errors import NoReviews, UnreadableReview
from rag.settings import PROJECT
from rag.sources.apart import Job, read_apart
from rag.sources.archives import is_archive, members
from rag.sources.decoding import read_bytes
from rag.sources.formats import read_content
from rag.sources.identifiers import review_id
from rag.sources.kept_readings import KeptReadings
from rag.sources.lines import squeeze
from rag.sources.reports import FileReport, report
from rag.sources.source_file import Notice, Reading
from rag.sources.status import named_by_notice, without_mark
from rag.text import fold
from rag.types import STATUSES, Review, Status

WHAT_TO_PUT = "put the papers there: PDF, HTML, XML, Word, Markdown, text, or exports of PubMed and reference managers"
# Files of the folder that are about it: no papers.
_ABOUT = re.compile(r"README|questions\.jsonl$", re.IGNORECASE)
# A text so short that opens with a letter or a mark of Markdown is read here: to start a child takes longer.
_SHORT = 300_000
_PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?!PK\x03|%PDF)[^\s<{\[\x00-\x1f\x89]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_NOT_LETTERS = re.compile(r"[\W_]+")
# A title of so many words is a key to copies, too.
_TITLE_KEY, _FEWEST_WORDS = "title:", 6
_SAME_TITLE = 60.0  # of 100; below, two papers with one identifier are two papers
_GRAVEST: tuple[Status, ...] = (*STATUSES, "")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """The reviews of a folder in the order of their files, and a report of each file."""

    reviews: tuple[Review, ...]
    files: tuple[FileReport, ...] = ()

    @property
    def skipped(self) -> tuple[str, ...]:
        """One line for each file, and each record of a file, that could not be read."""
        return tuple(line for file in self.files for line in file.refused)


def read_file(path: Path) -> Reading:
    """Return what a file holds, of whatever kind its content shows; raise UnreadableReview."""
    reading = read_content(read_bytes(path, path.name), _printable(path.name))
    return _named(reading, _source(path, path.parent))


def read_review(path: Path) -> Review:
    """Return the first review of a file; raise UnreadableReview where it holds none."""
    reading = read_file(path)
    if not reading.reviews:
        raise UnreadableReview(reading.refused[0])
    return reading.reviews[0]


def read_folder(
    folder: Path, kept_in: Path | None = None, on_progress: Progress | None = None, named: str = ""
) -> Folder:
    """Return the reviews in a folder and below, each paper once; raise NoReviews where there is no such folder.

    What was read is kept in the file `kept_in`. `on_progress` is told how many files of how many are read. Reviews name
    their files below `named`, else below the project or the folder.
    """
    if not folder.is_dir():
        raise NoReviews(f"There is no folder {folder}: make it and {WHAT_TO_PUT}.")
    paths = sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix())
    found = [file for path in paths for file in _found(path, folder, named)]
    reviews: list[Review] = []
    notices: list[Notice] = []
    reports: list[FileReport] = []
    with KeptReadings(kept_in) as kept:
        outcomes = _read(found, kept, on_progress)
        kept.prune(len(found))
    for file, outcome in zip(found, outcomes, strict=True):
        if isinstance(outcome, Reading):
            reading = _named(outcome, file.source)
            reviews += reading.reviews
            notices += reading.notices
            reports.append(report(file.name, reading))
        else:
            reports.append(FileReport(file.name, refused=(str(outcome),)))
    return Folder(_with_statuses(_each_once(reviews), notices), tuple(reports))


@dataclass(frozen=True, slots=True)
class _Found:
    """A file of a folder: its name below it and from outside, how its bytes are had, and what tells a change."""

    name: str
    source: str
    content: Callable[[], bytes]
    stamp: str = ""


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and not is_about(path.name) and path.is_file():
            yield path


def _found(path: Path, folder: Path, named: str) -> Iterator[_Found]:
    """Yield a file, or those in it if it is an archive."""
    name = _printable(path.relative_to(folder).as_posix())
    source = f"{named}/{name}" if named else _source(path, folder)
    if not _opens_like_archive(path):
        yield _Found(name, source, lambda: read_bytes(path, name), file_stamp(path))
        return
    try:
        inside = list(unpacked(read_bytes(path, name), name))
    except UnreadableReview as error:
        inside = [(name, error)]
    for below, outcome in inside:
        yield _Found(_printable(below), _printable(source + below.removeprefix(name)), _giving(outcome))


def unpacked(content: bytes, name: str) -> Iterator[tuple[str, bytes | UnreadableReview]]:
    """Yield a file, or those in it if it is an archive, named below it, each with its bytes or why it has none.

    Raises UnreadableReview where the archive itself cannot be opened.
    """
    if not is_archive(content):
        yield name, content
        return
    for below, inside in members(content, name):
        if not _is_aside(below):
            yield f"{name}/{below}", inside


def file_stamp(path: Path) -> str:
    """Return what changes when a file is written, or when another takes its place, whatever its own time."""
    try:
        stat = path.stat()
    except OSError:
        return ""
    return f"{path}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def _opens_like_archive(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _is_aside(path: str) -> bool:
    """Tell a file of an archive that is about it or about the machine that made it."""
    *folders, name = path.split("/")
    return any(part.startswith((".", "__MACOSX")) for part in (*folders, name)) or is_about(name)


def is_about(name: str) -> bool:
    """Tell a file that is about its folder, and no paper."""
    return bool(_ABOUT.match(name))


def _giving(outcome: bytes | UnreadableReview) -> Callable[[], bytes]:
    def give() -> bytes:
        if isinstance(outcome, UnreadableReview):
            raise outcome
        return outcome

    return give


def _read(
    found: Sequence[_Found], kept: KeptReadings, on_progress: Progress | None
) -> Sequence[Reading | UnreadableReview]:
    """Return what each file holds, or why it cannot be read: kept, read here, or read apart."""
    outcomes: dict[int, Reading | UnreadableReview] = {}
    apart: list[int] = []

    def done(at: int, outcome: Reading | UnreadableReview) -> None:
        outcomes[at] = outcome
        if on_progress:
            on_progress(len(outcomes), len(found))

    for at, file in enumerate(found):
        if known := kept.unchanged(file.stamp):
            done(at, known)
            continue
        try:
            content = file.content()
            if known := kept.find(file.name, content, file.stamp):
                done(at, known)
            elif len(content) <= _SHORT and _PLAIN.match(content):
                done(at, reading := read_content(content, file.name))
                kept.keep(file.name, content, reading, file.stamp, at_once=False)
            else:
                apart.append(at)
        except UnreadableReview as error:
            done(at, error)
    for at, outcome in zip(apart, read_apart(Job(found[at].name, found[at].content) for at in apart), strict=True):
        if isinstance(outcome, Reading) and outcome.lasting:
            kept.keep(found[at].name, found[at].content(), outcome, found[at].stamp)
        done(at, outcome)
    return [outcomes[at] for at in range(len(found))]


def _named(reading: Reading, source: str) -> Reading:
    return replace(reading, reviews=tuple(replace(review, files=(source,)) for review in reading.reviews))


def _source(path: Path, folder: Path) -> str:
    """Return how a file is named to readers: below the project, else below its folder."""
    absolute = path.absolute()
    if absolute.is_relative_to(PROJECT):
        return _printable(absolute.relative_to(PROJECT).as_posix())
    return _printable(f"{folder.absolute().name}/{absolute.relative_to(folder.absolute()).as_posix()}")


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub("�", name)


def _each_once(reviews: Sequence[Review]) -> list[Review]:
    """Return one review a paper: of copies the one with most wording of the authors, which names all files."""
    groups: list[list[Review]] = []
    by_key: dict[str, list[Review]] = {}
    for review in reviews:
        keys = _keys(review)
        group = next((by_key[key] for key in keys if key in by_key and _same_paper(by_key[key][0], review, key)), None)
        if group is None:
            groups.append(group := [])
        group.append(review)
        by_key.update((key, group) for key in keys if key not in by_key)
    return _with_own_ids([_joined(group) for group in groups])


def _with_statuses(reviews: Sequence[Review], notices: Sequence[Notice]) -> tuple[Review, ...]:
    """Return the reviews, each with the gravest that is known of it: by its own record, a list, or another's title."""
    told: dict[str, list[Status]] = defaultdict(list)
    later: dict[str, str] = {}
    for notice in notices:
        for number in filter(None, (notice.doi, notice.pmid)):
            told[number].append(notice.status)
            later[number] = notice.later or later.get(number, "")
    for status, named in _named_by_notices(reviews):
        told[named].append(status)

    def whole(review: Review) -> Review:
        numbers = [*filter(None, (review.id, review.doi, review.pmid))]
        known = chain([review.status], *(told.get(number, []) for number in numbers))
        follows = next(filter(None, (later.get(number, "") for number in numbers)), "")
        return replace(review, status=min(known, key=_GRAVEST.index), later=follows)

    return tuple(map(whole, reviews)) if told else tuple(reviews)


def _named_by_notices(reviews: Sequence[Review]) -> Iterator[tuple[Status, str]]:
    """Yield what the titles of notices say has become of papers, by their ids: of a preprint's article it is said."""
    by_title = {_letters(one.title): one.id for one in sorted(reviews, key=lambda one: one.status != "preprint")}
    for status, named in (named_by_notice(review.title) for review in reviews):
        # Behind the title that is named may stand where its paper was published.
        words = _letters(named).split() if status else []
        runs = (" ".join(words[:length]) for length in range(len(words), _FEWEST_WORDS - 1, -1))
        if found := next((by_title[run] for run in runs if run in by_title), None):
            yield status, found


def _letters(title: str) -> str:
    """Return a title as titles are compared: its words alone, without what marks it as retracted."""
    return squeeze(_NOT_LETTERS.sub(" ", without_mark(title).casefold())).strip()


def _is_long(title: str) -> bool:
    return len(title.split()) >= _FEWEST_WORDS


def _keys(review: Review) -> list[str]:
    wording = hashlib.sha256(squeeze(review.text).encode()).hexdigest()
    ids = (review.doi, review.pmid and f"pmid:{review.pmid}", review.pmcid)
    title = _letters(review.title)
    named = [f"{_TITLE_KEY}{title}"] if _is_long(title) else []
    return [*filter(None, ids), wording, *named]


def _same_paper(one: Review, other: Review, key: str) -> bool:
    """Tell copies of a paper from papers to which an export gives one identifier: the titles differ.

    Papers of one title alone are copies if one of them has no identifier, and nothing that both state differs.
    """
    if not key.startswith(_TITLE_KEY):
        return fuzz.token_set_ratio(one.title.casefold(), other.title.casefold()) >= _SAME_TITLE
    bare = any(not (review.doi or review.pmid or review.pmcid) for review in (one, other))
    same_year = not (one.year and other.year) or one.year == other.year
    authors = [{fold(author.split()[-1]) for author in review.authors if author} for review in (one, other)]
    return bare and same_year and "preprint" not in (one.status, other.status) and bool(authors[0] & authors[1])


def _with_own_ids(reviews: Sequence[Review]) -> list[Review]:
    """Return the reviews, of two with one identifier the later one named by its text."""
    seen: set[str] = set()
    found = []
    for review in reviews:
        own = review.id if review.id not in seen else review_id(None, None, None, f"{review.title}\n{review.text}")
        seen.add(own)
        found.append(replace(review, id=own))
    return found


def _joined(copies: Sequence[Review]) -> Review:
    """Return the copy with most wording of the authors, with the facts that only another copy states."""
    kept, *others = sorted(copies, key=lambda review: (-review.wording, review.files))
    facts: dict[str, Any] = {"files": tuple(file for review in (kept, *others) for file in review.files)}
    for name in ("authors", "journal", "date", "year", "doi", "pmid", "pmcid", "url", "mesh", "types", "status"):
        stated = (getattr(review, name) for review in (kept, *others))
        facts[name] = next(filter(None, stated), getattr(kept, name))
    facts["status"] = min((review.status for review in copies), key=_GRAVEST.index)
    joined = replace(kept, **facts)
    return replace(joined, id=review_id(joined.doi, joined.pmid, joined.pmcid, joined.text))
