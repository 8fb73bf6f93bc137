"""What a training was and what came of it, in figures by which it is known again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

# Processors and numbers of threads add up in another order, in 16 bits.
LOSS_TOLERANCE, FIGURE_TOLERANCE = 0.02, 0.005


@dataclass(frozen=True, slots=True)
class Record:
    """What a reader was made from, by SHA-256, and how; the losses of its first steps; what it gets right, by source.

    `steps` are those on rows, `ordered` those on whole articles that followed.

    Measured on the rows for tuning and on the sources left out, with the weights as the product reads them.
    """

    base: str
    rows: str
    weights: str
    steps: int
    ordered: int
    without: tuple[str, ...]
    losses: tuple[float, ...]
    figures: dict[str, dict[str, Any]]

    @classmethod
    def read(cls, file: Path) -> Record:
        """Read a record."""
        found = json.loads(file.read_text("utf-8"))
        return cls(**found | {name: tuple(found[name]) for name in ("without", "losses")})

    def write(self, file: Path) -> None:
        """Write it beside the weights."""
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", "utf-8")

    def differences(self, other: Record) -> Iterator[str]:
        """Yield, a line each, where another record is not this one within the tolerances."""
        for name in ("base", "rows", "weights"):
            if getattr(self, name) != getattr(other, name):
                yield f"{name}: not the file that the record names"
        for at, (loss, again) in enumerate(zip(self.losses, other.losses, strict=True), 1):
            if not abs(loss - again) <= LOSS_TOLERANCE * loss:
                yield f"loss of step {at}: {again}, recorded {loss}"
        for source in self.figures | other.figures:
            ours, theirs = (found.figures.get(source, {}) for found in (self, other))
            for name in ours | theirs:
                if not _is_close(ours.get(name), theirs.get(name)):
                    yield f"{source}, {name}: {theirs.get(name)}, recorded {ours.get(name)}"


def _is_close(one: float | None, two: float | None) -> bool:
    return one == two or (one is not None and two is not None and abs(one - two) <= FIGURE_TOLERANCE)
