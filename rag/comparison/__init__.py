"""Reviews side by side: rows of aspects, a cell a review, where they agree, differ, or say nothing.

Differences are reported as they are, in the quotes' own words and numbers, never averaged.
"""

from rag.comparison.comparing import compare, nearest_reviews
from rag.comparison.digest import summary
from rag.comparison.polarity import certainty, opposed, other_circumstances

__all__ = [
    "certainty",
    "compare",
    "nearest_reviews",
    "opposed",
    "other_circumstances",
    "summary",
]
