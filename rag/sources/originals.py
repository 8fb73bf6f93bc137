"""The file that a review was read from, found again by its name."""

from __future__ import annotations

from pathlib import Path

from rag.errors import UnreadableReview
from rag.settings import PROJECT
from rag.sources.archives import members
from rag.sources.decoding import read_bytes
from rag.sources.formats import read_content
from rag.types import Review


def original(review: Review, folder: Path) -> bytes:
    """Return the bytes of the file whose text a review of this folder keeps; raise UnreadableReview where it is gone.

    A file is named below the project, else below its folder; one in an archive below that.
    """
    absolute = folder.absolute()
    for path in (base / review.files[0] for base in (PROJECT, absolute.parent)):
        if not path.is_relative_to(absolute):
            continue
        if path.is_file():
            return read_bytes(path, path.name)
        archive = next((parent for parent in path.parents if parent.is_file()), None)
        if archive:
            below = path.relative_to(archive).as_posix()
            found = dict(members(read_bytes(archive, archive.name), archive.name)).get(below)
            if isinstance(found, bytes):
                return found
    raise UnreadableReview(f"{review.files[0]}: the file is no longer there")


def read_again(review: Review, folder: Path) -> Review | None:
    """Return a review as its file holds it now, None where it cannot be read any more."""
    try:
        reading = read_content(original(review, folder), Path(review.files[0]).name)
    except UnreadableReview:
        return None
    of_id = [found for found in reading.reviews if found.id == review.id]
    return next((found for found in reading.reviews if found.text == review.text), of_id[0] if of_id else None)
