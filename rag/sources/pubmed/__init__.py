"""A saved PubMed abstract page as a review: the block above the abstract, the abstract, the lists below it.

The page's own words and furniture are known here, so that none of them is ever cited.
"""

from rag.sources.pubmed.page import read, recognises

__all__ = ["read", "recognises"]
