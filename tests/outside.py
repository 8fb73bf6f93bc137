"""Material that may lie beside the project and is no part of it."""

from __future__ import annotations

import os
from pathlib import Path

from rag.settings import PROJECT


def outside(name: str) -> Path:
    """Return the folder `../shared/data/<name>`; a path that is not there when there is none that can be entered."""
    folder = PROJECT.parent / "shared" / "data" / name
    return folder if os.access(folder, os.R_OK | os.X_OK) else PROJECT / "absent" / name
