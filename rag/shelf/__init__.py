"""What is loaded and how it is named: the open library, the catalogue of its reviews, the reviews that a text names.

A library is opened once and asked by many threads.
"""

from rag.shelf.catalogue import Catalogue, surname
from rag.shelf.library import Library
from rag.shelf.naming import REVIEW_NOUN, Alike, Named, abridged_at, label, named_reviews
from rag.shelf.opening import Progress, open_library, open_reader, sources_stamp

__all__ = [
    "REVIEW_NOUN",
    "Alike",
    "Catalogue",
    "Library",
    "Named",
    "Progress",
    "abridged_at",
    "label",
    "named_reviews",
    "open_library",
    "open_reader",
    "sources_stamp",
    "surname",
]
