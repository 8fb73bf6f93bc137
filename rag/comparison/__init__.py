"""Reviews side by side: those on the matter, rows of aspects, a cell a review, or that it says nothing.

Whether they found the same is told where it is read surely, and else left to the reader.
"""

from rag.comparison.chances import features_of, measures
from rag.comparison.comparing import compare
from rag.comparison.digest import summary
from rag.comparison.estimates import Estimate, estimates_on
from rag.comparison.papers import papers_meant

__all__ = [
    "Estimate",
    "compare",
    "estimates_on",
    "features_of",
    "measures",
    "papers_meant",
    "summary",
]
