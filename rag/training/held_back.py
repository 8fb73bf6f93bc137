"""What no training may see: what others measure with, and every tenth document or question, for a last look.

A twentieth more is for choosing settings.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def excluded(file: Path) -> frozenset[str]:
    """Return the keys that a list keeps back, one a line: "PMC123", "123" of "PMID:123", a folded question."""
    lines = (" ".join(line.split()) for line in file.read_text("utf-8").splitlines() if line[:1] != "#")
    return frozenset(
        line[2:].strip().casefold() if line.startswith("Q:") else line.removeprefix("PMID:") for line in lines
    )


def is_held_back(key: str) -> bool:
    """Tell whether a document or question belongs to the tenth that is set aside."""
    return int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 10 == 0


def is_for_tuning(key: str) -> bool:
    """Tell whether a document or question belongs to the twentieth on which settings are chosen."""
    return int(hashlib.sha256(key.encode()).hexdigest()[8:16], 16) % 20 == 0
