"""That papers agree or differ is said above a matrix where the matrix tells it, and nowhere else."""

from __future__ import annotations

import re

from rag.questions import Relation, relations
from rag.shelf import REVIEW_NOUN
from rag.types import Comparison
from rag.writing.attributing import Drafted
from rag.writing.checking import Verdict
from rag.writing.giving import Evidence

_ALIKE: frozenset[Relation] = frozenset(["in common"])
_APART: frozenset[Relation] = frozenset(["apart", "contradiction"])
# Papers together, and not one of them, whose own groups may differ.
_SEVERAL = re.compile(rf"\b(?:(?=\w+s\b){REVIEW_NOUN}|trials)\b", re.IGNORECASE)
_REASON = "The matrix does not tell that they {} on this."


def goes_beyond(one: Drafted, comparison: Comparison, evidence: Evidence) -> Verdict | None:
    """Return the verdict on a sentence that says of papers what the matrix does not tell of them; None for others."""
    cited = [evidence[name] for name in one.ids]
    several = len({citation.quote.review_id for citation in cited}) > 1 or _SEVERAL.search(one.text)
    said = relations(one.text) if several else frozenset()
    numbers = {citation.number for citation in cited}
    rows = {cell.aspect for cell in comparison.cells if numbers.intersection(cell.citations)}
    for asked, told, verb in ((_APART, comparison.differences, "differ"), (_ALIKE, comparison.agreements, "agree")):
        if said & asked and not any(one.aspect in rows for one in told):
            return Verdict("unsupported", _REASON.format(verb))
    return None
