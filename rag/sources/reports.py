"""What became of a file: which reviews it held, how much of it can be searched, what the rest was taken for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rag.sources.source_file import Reading
from rag.types import PROSE, Review, Section, SectionKind

FEWEST_SEARCHABLE = 0.6  # of what is not a reference
LARGEST_FRAME = 1 / 3  # of a file, in one section that is never quoted
_FRAME: tuple[SectionKind, ...] = ("boilerplate", "bibliographic")


@dataclass(frozen=True, slots=True)
class FileReport:
    """A file and what was read in it: the kind of reader, the ids of its reviews, the share of its characters by kind.

    `refused` says why the file, or a record of it, was not read; `warnings` what a reader of the report should look at.
    """

    file: str
    kind: str = ""
    reviews: tuple[str, ...] = ()
    shares: tuple[tuple[SectionKind, float], ...] = ()
    warnings: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def searchable(self) -> float:
        """The share of the characters that may be quoted, between 0 and 1."""
        return sum(share for kind, share in self.shares if kind in PROSE)


def report(file: str, reading: Reading) -> FileReport:
    """Return the report of a file that was read."""
    counts: Counter[SectionKind] = Counter()
    for review in reading.reviews:
        for section in review.sections:
            counts[section.kind] += section.end - section.start
    total = max(reading.characters, 1)
    return FileReport(
        file,
        reading.kind,
        tuple(review.id for review in reading.reviews),
        tuple((kind, count / total) for kind, count in counts.most_common()),
        () if reading.of_records else tuple(_warnings(reading, counts, total)),
        reading.refused,
    )


def _warnings(reading: Reading, counts: Counter[SectionKind], total: int) -> Sequence[str]:
    found = []
    searchable = sum(counts[kind] for kind in PROSE) / max(total - counts["references"], 1)
    if searchable < FEWEST_SEARCHABLE:
        of = "it, without its references," if counts["references"] else "it"
        found.append(f"only {searchable:.0%} of {of} can be searched")
    for review in reading.reviews:
        if (frame := _longest_frame(review)) and frame.end - frame.start > LARGEST_FRAME * total:
            share = (frame.end - frame.start) / total
            found.append(f"{share:.0%} of it, below “{frame.heading}”, is taken for the frame of the page")
    return found


def _longest_frame(review: Review) -> Section | None:
    frame = [section for section in review.sections if section.kind in _FRAME]
    return max(frame, key=lambda section: section.end - section.start, default=None)
