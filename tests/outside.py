"""Material that may lie beside the project and is no part of it."""

from __future__ import annotations

from pathlib import Path

from rag.settings import PROJECT


def outside(name: str) -> Path:
    """Return the folder `data/<name>` of a folder beside the project; a path that is not there when none has it."""
    return next(iter(sorted(PROJECT.parent.glob(f"*/data/{name}"))), PROJECT / "absent" / name)
