"""A saved web page as a review: what it states of the paper in its head, and of its body what is the paper's."""

from rag.sources.html.page import read, recognises

__all__ = ["read", "recognises"]
