"""Effect estimates with their intervals, as quotes state them: what can be drawn side by side, and never pooled."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.types import Cell, Citation, Comparison

_NUMBER = r"[−–-]?\d+(?:[.·]\d+)?"
_RATIOS = {
    "odds ratio": r"odds ratio|\bORs?\b",
    "hazard ratio": r"hazard ratio|\bHRs?\b",
    "risk ratio": r"relative risk|risk ratio|\bRRs?\b",
    "rate ratio": r"rate ratio|\bIRRs?\b",
}
# "hazard ratio 0.79 (95% CI 0.66 to 0.94)", "OR = 1.49; 95% CI: 1.02–2.18"
_ESTIMATE = re.compile(
    "(?:"
    + "|".join(f"(?P<{name.replace(' ', '_')}>{words})" for name, words in _RATIOS.items())
    + rf")[^.;()\d]{{0,40}}?[ =:]*(?P<value>{_NUMBER})\s*[,;]?\s*[(\[]?\s*"
    r"95\s?%\s*(?:CI|confidence interval)s?\s*[,:=(\[]*\s*"
    rf"(?P<low>{_NUMBER})\s*(?:-|–|−|to|,)\s*(?P<high>{_NUMBER})"
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A ratio with its 95 % interval, of one review, in the quote of this number; 1 is no difference."""

    review_id: str
    measure: str
    value: float
    low: float
    high: float
    citation: int


def estimates_on(comparison: Comparison, aspect: str) -> tuple[Estimate, ...]:
    """Return the estimates that reviews state on an aspect, where several state the same measure; () otherwise.

    Of each review the one of its first quote that has one only: of several it would be a guess which is meant.
    """
    cells = [cell for cell in comparison.cells if cell.aspect == aspect and cell.citations]
    found = [one for cell in cells if (one := _of_cell(cell, comparison.citations))]
    by_measure: Mapping[str, Sequence[Estimate]] = {
        measure: [one for one in found if one.measure == measure] for measure in _RATIOS
    }
    most = max(by_measure.values(), key=len)
    return tuple(most) if len(most) > 1 else ()


def read_estimates(text: str) -> list[tuple[str, float, float, float]]:
    """Return the measure, value, and the ends of the interval of each estimate in a text whose numbers agree.

    >>> read_estimates("The hazard ratio was 0.79 (95% CI 0.66 to 0.94).")
    [('hazard ratio', 0.79, 0.66, 0.94)]
    """
    found = []
    for match in _ESTIMATE.finditer(text):
        value, low, high = (_number(match[name]) for name in ("value", "low", "high"))
        if 0 < low <= value <= high:
            measure = next(name for name in _RATIOS if match[name.replace(" ", "_")])
            found.append((measure, value, low, high))
    return found


def _of_cell(cell: Cell, citations: Sequence[Citation]) -> Estimate | None:
    for number in cell.citations:
        found = read_estimates(citations[number - 1].quote.text)
        if len(found) == 1:
            measure, value, low, high = found[0]
            return Estimate(cell.review_id, measure, value, low, high, number)
    return None


def _number(text: str) -> float:
    return float(text.replace("·", ".").replace("−", "-").replace("–", "-"))
