"""To be another user than root, who may write everywhere."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """Yield a copy of a folder that all may read and nobody may write, where any user can reach it."""
    parent = Path(tempfile.mkdtemp())
    copy = Path(shutil.copytree(folder, parent / "copy"))
    try:
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        parent.chmod(0o755)
        yield copy
    finally:
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755)
        shutil.rmtree(parent)


def leave_root() -> None:
    """Go on as nobody in particular, in a script that root started.

    What is needed afterwards has to be imported before: the project may lie where its owner alone may enter.
    """
    os.chdir("/")
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
