"""Whether reviews agree on an aspect: by the direction that each found, told where it is read surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.answers import FOUND
from rag.text import listed
from rag.types import DIRECTIONS, Agreement, Cell, Difference


def agreement(aspect: str, cells: Sequence[Cell], names: Mapping[str, str]) -> Agreement | None:
    """Return what several quoted reviews found alike; None where one of those that tell found something else."""
    telling = [cell for cell in cells if cell.direction]
    if len(telling) < 2 or len({cell.direction for cell in telling}) > 1:
        return None
    return Agreement(aspect, findings(telling, names), numbers(telling))


def difference(aspect: str, cells: Sequence[Cell], names: Mapping[str, str]) -> Difference | None:
    """Return what several quoted reviews found unlike: opposite directions, or a change against none."""
    telling = [cell for cell in cells if cell.direction]
    if len({cell.direction for cell in telling}) < 2:
        return None
    return Difference(aspect, "different findings", findings(telling, names), numbers(telling))


def findings(cells: Sequence[Cell], names: Mapping[str, str]) -> str:
    """Return as a sentence what reviews, called by `names`, found by their cells."""
    by_direction = {one: [names[c.review_id] for c in cells if c.direction == one] for one in DIRECTIONS}
    return f"{'; '.join(f'{listed(own)} found {FOUND[one]}' for one, own in by_direction.items() if own)}."


def numbers(cells: Sequence[Cell]) -> tuple[int, ...]:
    """Return the numbers of the quotes of some cells, in order."""
    return tuple(sorted({number for cell in cells for number in cell.citations}))
