"""To be held to permissions as other users are: root may write everywhere."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH.
DAC_RIGHTS = (1, 2)


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
    """Give up, in this thread and those it starts, root's right to read and write whatever permissions say.

    The user stays the same: the project may lie where its owner alone may enter. By Linux's capset(2).
    """
    if os.getuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    version, held = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert libc.capget(version, held) == 0, os.strerror(ctypes.get_errno())
    for part in (0, 1, 2):  # effective, permitted, inheritable
        held[part] &= ~sum(1 << right for right in DAC_RIGHTS)
    assert libc.capset(version, held) == 0, os.strerror(ctypes.get_errno())
