"""The files of a folder as a reader changes them: put there, taken away, brought back."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

from rag.errors import FilesNotChanged
from rag.sources.folder import is_about

# Hidden, so that nothing in it is read.
REMOVED = ".removed"
_LONGEST_NAME = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff<>:"|?*]')


class Holdings:
    """The files of a folder. What is taken away stays in a hidden folder of it until another of its name follows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def names(self) -> list[str]:
        """The names of the files below the folder, in order."""
        found = (path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))

    def put(self, name: str, content: bytes) -> str:
        """Keep a file, in the place of one of its name, and return the name; raises FilesNotChanged."""
        name = file_name(name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            draft = self.folder / f".{uuid4().hex}"
            draft.write_bytes(content)
            if (self.folder / name).exists() and (self.folder / name).read_bytes() != content:
                self._move(self.folder / name, self.folder / REMOVED / name)
            draft.replace(self.folder / name)
        except OSError as error:
            raise FilesNotChanged(f"{name} could not be kept: {error.strerror or error}.") from error
        return name

    def take_away(self, name: str) -> None:
        """Take a file away; raises FilesNotChanged."""
        self._move(self._inside(self.folder, name), self.folder / REMOVED / name)

    def bring_back(self, name: str) -> None:
        """Bring back what was taken away last under a name; raises FilesNotChanged."""
        self._move(self._inside(self.folder / REMOVED, name), self.folder / name)

    def _inside(self, folder: Path, name: str) -> Path:
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise FilesNotChanged(f"{name} is no longer there.")
        return path

    def _move(self, path: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
        except OSError as error:
            raise FilesNotChanged(f"{path.name} could not be moved: {error.strerror or error}.") from error


def file_name(name: str) -> str:
    """Return a name that a file can have here, and under which it is read.

    >>> file_name("../../etc/passwd"), file_name(".hidden"), file_name("README.md")
    ('passwd', 'hidden', 'file README.md')
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = _NOT_IN_NAMES.sub("_", last).lstrip(". ").rstrip(". ")
    stem, dot, ending = kept.rpartition(".")
    short = f"{stem[: _LONGEST_NAME - len(ending)]}{dot}{ending}" if len(ending) < 10 else kept[:_LONGEST_NAME]
    return f"file {short}" if is_about(short) else short or "file"
