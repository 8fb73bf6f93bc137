"""The passages of a library as a folder of Chroma's, for programs that speak to Chroma and know nothing of this one."""

from __future__ import annotations

from pathlib import Path

from rag.atomic_folder import draft, publish
from rag.errors import RagError
from rag.shelf import Library


def write_chroma(library: Library, folder: Path) -> None:
    """Write the collection "passages" into a new folder, whole or not at all; of any size.

    Raises RagError where something stands in its place or there are no vectors to write, OSError when there is no room.
    """
    if folder.exists() and any(folder.iterdir() if folder.is_dir() else [folder]):
        raise RagError(f"{folder} is there already: name a new folder.")
    if not library.embedder:
        raise RagError("There are no vectors to write without the embedding model; python -m rag doctor tells more.")
    with draft(folder.absolute().parent, ".exporting-") as aside:
        library.index.write_collection(aside)
        publish(aside, folder.absolute())
