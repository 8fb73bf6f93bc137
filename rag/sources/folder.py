"""A file as a review, and a folder as a library of reviews, each paper once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rag.errors import NoReviews, UnreadableReview
from rag.settings import PROJECT
from rag.sources.decoding import read_text
from rag.sources.identifiers import review_id
from rag.sources.lines import split_lines, squeeze
from rag.sources.plain import read_plain
from rag.sources.pubmed import is_pubmed_page, read_pubmed
from rag.sources.summary import is_summary_page, read_summary
from rag.types import Review

SUFFIXES = frozenset([".txt", ".md", ".markdown"])
WHAT_TO_PUT = (
    "put the reviews there, one .txt or .md file each: a saved PubMed page, a summary page or the paper itself"
)

_READABLE = frozenset(["abstract", "summary", "body"])
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Folder:
    """The reviews of a folder in the order of their files, and one line for each file that could not be read."""

    reviews: tuple[Review, ...]
    skipped: tuple[str, ...] = ()


def read_review(path: Path) -> Review:
    """Return the review that a text file holds, of whatever kind its content shows; raise UnreadableReview."""
    return _read(path, path.name, _source(path, path.parent))


def read_folder(folder: Path, on_progress: Progress | None = None) -> Folder:
    """Return the reviews in a folder and below, each paper once; raise NoReviews where there is no such folder.

    `on_progress` is told how many files of how many are read.
    """
    if not folder.is_dir():
        raise NoReviews(f"There is no folder {folder}: make it and {WHAT_TO_PUT}.")
    paths = sorted(_files(folder), key=lambda path: path.relative_to(folder).as_posix())
    reviews: list[Review] = []
    skipped: list[str] = []
    for done, path in enumerate(paths, start=1):
        try:
            reviews.append(_read(path, _printable(path.relative_to(folder).as_posix()), _source(path, folder)))
        except UnreadableReview as error:
            skipped.append(str(error))
        if on_progress:
            on_progress(done, len(paths))
    return Folder(tuple(_each_once(reviews)), tuple(skipped))


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        below = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in below.parts)
        about = path.name.upper().startswith("README")
        if path.suffix.lower() in SUFFIXES and not (hidden or about) and path.is_file():
            yield path


def _source(path: Path, folder: Path) -> str:
    """Return how a file is named to readers: below the project, else below its folder."""
    absolute = path.absolute()
    if absolute.is_relative_to(PROJECT):
        return _printable(absolute.relative_to(PROJECT).as_posix())
    return _printable(f"{folder.absolute().name}/{absolute.relative_to(folder.absolute()).as_posix()}")


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub("�", name)


def _read(path: Path, name: str, source: str) -> Review:
    text = read_text(path, _printable(name))
    review = _read_by_content(text)
    if not review.title or not _has_content(review):
        raise UnreadableReview(f"{name}: the file holds the frame of a page, but no title, abstract or text of a paper")
    return replace(review, files=(source,))


def _read_by_content(text: str) -> Review:
    lines = split_lines(text)
    if is_summary_page(lines):
        return read_summary(text, lines)
    if is_pubmed_page(lines):
        return read_pubmed(text, lines)
    return read_plain(text, lines)


def _has_content(review: Review) -> bool:
    """Return whether there is something to quote; PubMed has records without an abstract, which their ids name."""
    return bool(review.doi or review.pmid) or any(section.kind in _READABLE for section in review.sections)


def _each_once(reviews: Sequence[Review]) -> list[Review]:
    """Return one review a paper: of copies the one with most wording of the authors, which names all files."""
    groups: list[list[Review]] = []
    by_key: dict[str, list[Review]] = {}
    for review in reviews:
        keys = _keys(review)
        group = next((by_key[key] for key in keys if key in by_key), None)
        if group is None:
            groups.append(group := [])
        group.append(review)
        by_key.update((key, group) for key in keys if key not in by_key)
    return [_joined(group) for group in groups]


def _keys(review: Review) -> list[str]:
    wording = hashlib.sha256(squeeze(review.text).encode()).hexdigest()
    ids = (review.doi, review.pmid and f"pmid:{review.pmid}", review.pmcid)
    return [*filter(None, ids), wording]


def _joined(copies: Sequence[Review]) -> Review:
    """Return the copy with most wording of the authors, with the facts that only another copy states."""
    kept, *others = sorted(copies, key=lambda review: (-_wording(review), review.files))
    facts: dict[str, Any] = {"files": tuple(file for review in (kept, *others) for file in review.files)}
    for name in ("authors", "journal", "date", "year", "doi", "pmid", "pmcid", "url", "mesh"):
        stated = (getattr(review, name) for review in (kept, *others))
        facts[name] = next(filter(None, stated), getattr(kept, name))
    joined = replace(kept, **facts)
    return replace(joined, id=review_id(joined.doi, joined.pmid, joined.pmcid, joined.text))


def _wording(review: Review) -> int:
    """Return how many characters of the authors' abstract and body a review holds."""
    return sum(section.end - section.start for section in review.sections if section.kind in {"abstract", "body"})
