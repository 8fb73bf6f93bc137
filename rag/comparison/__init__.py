"""Reviews side by side: rows of aspects, a cell a review, what they name alike and alone, or that they say nothing.

Whether they agree is left to the reader.
"""

from rag.comparison.comparing import compare, nearest_reviews
from rag.comparison.digest import summary

__all__ = [
    "compare",
    "nearest_reviews",
    "summary",
]
