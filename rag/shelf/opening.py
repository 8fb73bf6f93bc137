"""From a folder of sources to an open library: read, chunked, indexed, opened; only what changed is done again."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic

from pydantic import BaseModel

from rag.encoders import MiniLM, Reader, load_embedder, load_reader
from rag.errors import IndexDamaged, ModelMissing, NoReviews
from rag.index import Index, chroma_server, fingerprint
from rag.settings import PACKAGE, Settings
from rag.shelf.indexing import Indexer, Parts
from rag.shelf.kept_facts import FILE as FACTS
from rag.shelf.kept_facts import KeptFacts
from rag.shelf.library import Library
from rag.shelf.naming import told_apart
from rag.sources import READ, WHAT_TO_PUT, FileReport, read_folder
from rag.text import CHUNKER_VERSION

OPENED = "opened.json"
# A look at so many files takes too long for every question: the next one waits so many times as long.
MANY_FILES, REST = 2_000, 20
log = logging.getLogger(__name__)
# Is told of what how many are done, of how many: of "files" to read, "texts" to embed, "passages" to bring to a server.
Progress = Callable[[str, int, int], None]


def sources_stamp(settings: Settings) -> str:
    """Return what changes when a file of the sources folder is added, removed or written.

    In a folder of very many files, where a look takes long, a change is seen some seconds later.
    """
    stamp, until = _looks.get(settings.seeds, ("", 0.0))
    if monotonic() < until:
        return stamp
    start = monotonic()
    stamps = _stamp(settings.seeds)
    if len(stamps) > MANY_FILES:
        _looks[settings.seeds] = "|".join(stamps), monotonic() + REST * (monotonic() - start)
    return "|".join(stamps)


# The last look at each folder of many files, and until when it holds.
_looks: dict[Path, tuple[str, float]] = {}


def _stamp(folder: Path) -> list[str]:
    try:
        return sorted(_stamps(folder))
    except OSError:
        return []


def _stamps(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _stamps(Path(entry.path))
            elif entry.is_file():
                # The last is the time at which another file took its place, whatever time that one claims to be of.
                stat = entry.stat()
                yield f"{entry.path}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"


def open_library(settings: Settings, on_progress: Progress | None = None) -> Library:
    """Read the sources, build their index unless a sound one is there, and open it.

    Sources that did not change since the last time are not even read. `on_progress` is told how many files are read and
    how many texts embedded. Raises NoReviews, IndexBusy and IndexNotWritten; without the embedding model the library is
    searched by words only. A server of the passages may be away; `vectors` says why. The first time the reader's graph
    is written, too.
    """
    embedder = _embedder(settings)
    server = chroma_server(settings) if embedder else None
    library = _open_beside(settings, embedder, on_progress)
    if server:
        index, vectors = library.index.served(server)
        vectors.bring(on_progress and partial(on_progress, "passages"))
        library = replace(library, index=index, vectors=vectors)
    return replace(library, reader=open_reader(embedder))


def _open_beside(settings: Settings, embedder: MiniLM | None, on_progress: Progress | None) -> Library:
    """Return the library as this machine has it."""
    stamp, before = _reading_stamp(settings, embedder), _noted(settings)
    kept = KeptFacts(settings.data / FACTS)
    indexer = Indexer(settings.data, embedder, on_progress and partial(on_progress, "texts"))
    if before and stamp and before.stamp == stamp:
        try:
            index = _told_apart(indexer.opened(before.parts))
        except IndexDamaged as damage:
            log.warning("%s", damage)
        else:
            _warn(before.files)
            return Library(index, embedder, before.files, kept=kept)
    shelf = read_folder(settings.seeds, settings.data / READ, on_progress and partial(on_progress, "files"))
    _warn(shelf.files)
    if not shelf.reviews:
        refused = "".join(f" Skipped {line}" for line in shelf.skipped[:5])
        raise NoReviews(f"There are no readable reviews in {settings.seeds}: {WHAT_TO_PUT}.{refused}")
    index, parts = indexer.index(shelf.reviews, before.parts if before else None)
    _note(settings, Opened(stamp=stamp, parts=parts, files=shelf.files))
    library = Library(_told_apart(index), embedder, shelf.files, kept=kept)
    library.keep_facts()
    return library


def _told_apart(index: Index) -> Index:
    return replace(index, reviews=told_apart(index.reviews))


class Opened(BaseModel):
    """What was opened last: the parts of the index of sources with this stamp, and a report of each file."""

    stamp: str
    parts: Parts
    files: tuple[FileReport, ...]


def _reading_stamp(settings: Settings, embedder: MiniLM | None) -> str:
    """Return what changes with the sources and with all that decides what is read in them and kept; "" if unknown."""
    sources = "|".join(_stamp(settings.seeds))
    if not sources:
        return ""
    digest = hashlib.sha256(fingerprint((), CHUNKER_VERSION, embedder.id if embedder else None).encode())
    for module in sorted(PACKAGE.rglob("*.py")):
        digest.update(module.read_bytes())
    digest.update(sources.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _noted(settings: Settings) -> Opened | None:
    try:
        return Opened.model_validate_json((settings.data / OPENED).read_bytes())
    except (OSError, ValueError):
        return None


def _warn(files: Sequence[FileReport]) -> None:
    for file in files:
        for line in file.refused:
            log.warning("skipped %s", line)


def _note(settings: Settings, opened: Opened) -> None:
    # What cannot be noted is read again.
    with suppress(OSError):
        whole = settings.data / f".{OPENED}"
        whole.write_text(opened.model_dump_json(), "utf-8")
        whole.replace(settings.data / OPENED)


def _embedder(settings: Settings) -> MiniLM | None:
    try:
        return load_embedder(settings.data / "models")
    except ModelMissing as missing:
        log.warning("%s Search is by words only.", missing)
        return None


def open_reader(embedder: MiniLM | None) -> Reader | None:
    """Return the reader beside an embedder; None, and a warning, where it cannot be had."""
    try:
        return load_reader(embedder) if embedder else None
    except ModelMissing as missing:
        log.warning("%s Answers are chosen without it.", missing)
        return None
