"""Files of one reader, asked together with the shelf: theirs alone, for one conversation, and gone after a while.

They lie in a folder named by a secret that only the reader's browser knows, with an index of their own.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import FilesNotChanged, UnreadableReview
from rag.shelf.indexing import Indexer
from rag.shelf.library import Library
from rag.shelf.naming import told_apart
from rag.sources import (
    READ,
    FileReport,
    Holdings,
    KeptReadings,
    file_name,
    file_stamp,
    read_folder,
    read_one_apart,
    report,
    unpacked,
)
from rag.types import Review

FOLDER = "own-files"
# The name of the folder of the files is what a reader sees before that of a file.
NAMED = "your files"
# Of one conversation, and of all together, of which the ones unused for longest make room.
MOST_FILES, MOST_BYTES, ALL_BYTES = 30, 100_000_000, 2_000_000_000
LARGEST_FILE = 30_000_000  # bytes
SECONDS_UNUSED = 86_400


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The files of one reader's conversation below a data folder; whoever does not know the secret finds none."""

    data: Path
    secret: str

    @property
    def folder(self) -> Path:
        """Where they lie, with their index."""
        return self.data / FOLDER / hashlib.sha256(self.secret.encode()).hexdigest()[:32]

    @property
    def holdings(self) -> Holdings:
        """The files themselves."""
        return Holdings(self.folder / NAMED)

    @property
    def stamp(self) -> str:
        """What changes with the files, "" where there are none."""
        return "|".join(file_stamp(self.holdings.folder / name) for name in self.holdings.names)

    def add_each(self, name: str, content: bytes) -> Iterator[FileReport]:
        """Add a file, or those in it if it is an archive, and yield a report of each; raises as `add`."""
        try:
            for below, inside in unpacked(content, name):
                # Files of one name in two folders of an archive are two.
                own_name = below.removeprefix(f"{name}/").replace("/", " - ")
                if isinstance(inside, UnreadableReview):
                    yield FileReport(own_name, refused=(str(inside),))
                else:
                    yield self.add(own_name, inside)
        except UnreadableReview as error:
            yield FileReport(name, refused=(str(error),))

    def add(self, name: str, content: bytes) -> FileReport:
        """Read a file apart and keep it if it can be read; raises FilesNotChanged where there is no room for it."""
        name, holdings = file_name(name), self.holdings
        others = [holdings.folder / other for other in holdings.names if other != name]
        if len(content) > LARGEST_FILE:
            too_large = f"{name} has more than {LARGEST_FILE // 1_000_000} MB; put it on the shelf instead."
            return FileReport(name, refused=(too_large,))
        if len(others) >= MOST_FILES or sum(path.stat().st_size for path in others) + len(content) > MOST_BYTES:
            raise FilesNotChanged(
                f"There is no room for {name}: a conversation has at most {MOST_FILES} files and "
                f"{MOST_BYTES // 1_000_000} MB. Take one away first."
            )
        try:
            reading = read_one_apart(content, name)
        except UnreadableReview as error:
            return FileReport(name, refused=(str(error),))
        sweep(self.data, room=len(content))
        holdings.put(name, content)
        with KeptReadings(self.folder / READ) as kept:
            kept.keep(name, content, reading, file_stamp(holdings.folder / name))
        return report(name, reading)

    def library(self, shelf: Library) -> Library:
        """Return the shelf with these files: a paper that is on it already is asked as it stands there."""
        if not self.holdings.names:
            return shelf
        self.folder.touch()  # in use
        found = read_folder(self.holdings.folder, self.folder / READ, named=NAMED)
        own = [review for review in found.reviews if review.id not in shelf.index.reviews]
        files = (*shelf.files, *(replace(file, file=f"{NAMED}/{file.file}") for file in found.files))
        if not own:
            return replace(shelf, files=files)
        index, _ = Indexer(self.folder, shelf.embedder).index(own)
        kept = shelf.kept and shelf.kept.lent()
        joined = shelf.index.joined(index)
        joined = replace(joined, reviews=told_apart(joined.reviews))
        return replace(shelf, index=joined, files=files, kept=kept)

    def follow(self, earlier: OwnFiles) -> None:
        """Take over the files of a conversation that goes on under another name."""
        if earlier.folder.is_dir() and not self.folder.exists():
            shutil.copytree(earlier.folder, self.folder)

    def forget(self) -> None:
        """Remove the files, their index, and what was read in them."""
        shutil.rmtree(self.folder, ignore_errors=True)


def is_own(review: Review) -> bool:
    """Tell a paper of a reader's own files from one of the shelf."""
    return bool(review.files) and review.files[0].startswith(f"{NAMED}/")


def sweep(data: Path, room: int = 0) -> None:
    """Remove the files that were unused for long, and the ones unused for longest where there is no room for more."""
    left = ALL_BYTES - room
    for used, folder in sorted(_folders(data), reverse=True):
        left -= sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        if time.time() - used > SECONDS_UNUSED or left < 0:
            shutil.rmtree(folder, ignore_errors=True)


def _folders(data: Path) -> Iterator[tuple[float, Path]]:
    for folder in (data / FOLDER).glob("*/"):
        try:
            yield folder.stat().st_mtime, folder
        except OSError:  # removed meanwhile
            continue
