"""What a reader is given, a file, and what it gives back, the reviews in it."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import UnreadableReview
from rag.types import Review, Status


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as a reader sees it: its name as shown, its bytes, and the text that they are, "" if they are none."""

    name: str
    content: bytes
    text: str = ""

    def refused(self, why: str) -> UnreadableReview:
        """Return the error for a file that is no review; `why` ends a sentence that begins with "the file"."""
        return UnreadableReview(f"{self.name}: the file {why}")


@dataclass(frozen=True, slots=True)
class Notice:
    """What has become of a paper, by its DOI or PMID: its status, or the DOI or PMID of its `later` version."""

    status: Status
    doi: str = ""
    pmid: str = ""
    later: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of a file: its kind in words, the reviews in their order, a line for each record that is none.

    `characters` counts those of the file's text, or of what was extracted from it. `guessed` says that nothing marks
    what is text of the paper and what is the frame around it. `of_records` says that it was of records of papers, of
    which little can be searched: of much that cannot be in any other file a report warns.
    `notices` are of papers that other files hold. One that is not `lasting` lacks what a server did not say just now.
    """

    kind: str
    reviews: tuple[Review, ...]
    characters: int
    refused: tuple[str, ...] = ()
    guessed: bool = False
    of_records: bool = False
    notices: tuple[Notice, ...] = ()
    lasting: bool = True
