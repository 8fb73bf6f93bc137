"""`python -m rag.index.filling FOLDER ABOUT BUILDER`: fill the Chroma of a drafted index, then open it as readers do.

ABOUT is what the collection says of itself, in JSON. It runs as a child of the builder (of that process id, with which
it ends), because a damaged Chroma folder can crash the process that opens it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

from rag.errors import IndexDamaged
from rag.index.collection import write_collection
from rag.index.columns import Passages
from rag.index.embedded_chroma import ChromaVectors
from rag.index.files import CHROMA, PASSAGES, VECTORS, read, read_reviews

SECONDS_BETWEEN_LOOKS = 0.2


def fill(folder: Path, about: dict[str, str | int]) -> None:
    """Write the collection and check the distance of each of its vectors; raises IndexDamaged or OSError."""
    passages = Passages(read_reviews(folder), *read(folder, *PASSAGES))
    (vectors,) = read(folder, VECTORS)
    write_collection(folder / CHROMA, passages, vectors, about)
    ChromaVectors(folder / CHROMA, passages, vectors).close()


def _end_with(builder: int) -> None:
    while os.getppid() == builder:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=[int(sys.argv[3])], daemon=True).start()
    try:
        fill(Path(sys.argv[1]), json.loads(sys.argv[2]))
    except (IndexDamaged, OSError) as error:
        sys.exit(str(error))
