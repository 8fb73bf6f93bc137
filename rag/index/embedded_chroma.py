"""Chroma, embedded: the collection of a library's passages in its index, searched in a copy.

What was measured of chromadb 1.5.9 and shapes this module:

- Opening a Chroma folder changes its files, so the published one is never opened: a reader opens a copy of its own.
- A kill while it writes breaks the folder: it is written aside, and only read afterwards.
- Its graph is written with it, so that every opening finds the same and builds nothing. A search that visits all takes
  3 ms for 1,000 passages, 11 for 5,000, 13 for 10,000; a scan of the mapped vectors takes 0.1, 0.3 and 0.6 ms. A search
  of 10 or 100 chosen reviews takes 16 and 45 ms of 5,000, a scan of theirs 0.1 and 0.4 ms: so it is a scan.
- A record takes 15 kB of disk, most of it for an index of the texts, and each opening copies it. So of more than
  MOST_KEPT passages no collection is kept beside the index; `python -m rag export --chroma` writes one of any size.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from weakref import finalize

import numpy as np
from filelock import FileLock, Timeout

from rag.errors import IndexDamaged, IndexNotWritten
from rag.index.collection import COLLECTION, Searchable, open_folder
from rag.index.columns import IntVector, Passages
from rag.index.vectors import Asked, ScannedVectors
from rag.types import FloatMatrix, FloatVector

# Up to this many passages an index keeps their collection, and is searched by it.
MOST_KEPT = 5_000
COPY, LOCK = "rag-chroma-", ".in-use"
SECONDS_TO_LOCK = 60  # a copy younger than this may not have been locked yet


class ChromaVectors(ScannedVectors):
    """The vectors of passages, and a private copy of their collection, opened for searching from several threads."""

    def __init__(self, folder: Path, passages: Passages, matrix: FloatMatrix) -> None:
        """Open a copy of the folder, which holds `matrix` (n_passages, dimensions), and check its distances.

        Raises IndexDamaged when Chroma cannot open it or does not hold these vectors.
        """
        super().__init__(matrix)
        self._held = Searchable(passages)
        with ExitStack() as stack:
            path = stack.enter_context(_private_copy(folder))
            try:
                client = open_folder(path)
                stack.callback(client.close)
                self._collection = client.get_collection(COLLECTION, embedding_function=None)
                self._unreached = self._held.unreached(self._collection, matrix)
            except IndexDamaged:
                raise
            # Chroma's errors share no base class but Exception.
            except Exception as error:
                raise IndexDamaged(f"Chroma cannot open {folder}: {error}") from error
            # Close it when nobody holds it any more, and at the end of the process.
            self._let_go = finalize(self, stack.pop_all().close)

    def nearest(self, vector: FloatVector, k: int, asked: Asked = None) -> IntVector:
        """Return the numbers of some passages, in order, that the k nearest of those `asked` for are among."""
        if asked is not None:
            return super().nearest(vector, k, asked)
        return np.array(sorted(self._held.nearest(self._collection, vector, k) | self._unreached), np.int64)

    def close(self) -> None:
        """Let go of the copy."""
        self._let_go()


@contextmanager
def _private_copy(folder: Path) -> Iterator[Path]:
    """Give a copy of a folder in the system's temporary folder; raises IndexNotWritten when there is no room."""
    _sweep_copies(Path(gettempdir()))
    try:
        copy = TemporaryDirectory(prefix=COPY, ignore_cleanup_errors=True)
        with copy, FileLock(Path(copy.name) / LOCK):
            # File by file, because the copy of a read-only file must be writable.
            for source in sorted(folder.rglob("*")):
                target = Path(copy.name) / "chroma" / source.relative_to(folder)
                target.parent.mkdir(exist_ok=True, parents=True)
                if source.is_file():
                    shutil.copyfile(source, target)
            yield Path(copy.name) / "chroma"
    except OSError as error:
        raise IndexNotWritten(f"Chroma could not be copied to {gettempdir()}: {error.strerror or error}.") from error


def _sweep_copies(parent: Path) -> None:
    """Remove the copies of processes that were killed: nobody holds their locks."""
    for left in parent.glob(f"{COPY}*/"):
        with suppress(OSError, Timeout):
            if time.time() - left.stat().st_mtime > SECONDS_TO_LOCK:
                with FileLock(left / LOCK, timeout=0):
                    shutil.rmtree(left, ignore_errors=True)
