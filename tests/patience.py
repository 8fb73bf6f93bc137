"""How long a test waits: what hangs does so for ever, and a busy machine only takes its time."""

from __future__ import annotations

import time
from collections.abc import Callable

# Of seconds, for all that a test waits for.
PATIENCE = 120.0


def happens(event: Callable[[], bool]) -> bool:
    """Wait for something to be so; tell whether it came to be."""
    until = time.monotonic() + PATIENCE
    while not (so := event()) and time.monotonic() < until:
        time.sleep(0.02)
    return so
