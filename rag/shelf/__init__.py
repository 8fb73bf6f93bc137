"""What is loaded and how it is named: the open library, the catalogue of its reviews, the reviews that a text names.

A library is opened once and asked by many threads.
"""

from rag.shelf.catalogue import Catalogue, surname
from rag.shelf.library import Library
from rag.shelf.naming import REVIEW_NOUN, Alike, Named, abridged_at, journal_name, label, named_journals, named_reviews
from rag.shelf.opening import Progress, open_library, open_reader, sources_stamp
from rag.shelf.own_files import OwnFiles, is_own, sweep
from rag.shelf.paper_facts import ABBREVIATED, DESIGNS, Fact, PaperFacts
from rag.shelf.query import Column, Order, ShelfQuery, found, place_of, place_of_people, values
from rag.shelf.study_facets import FACETS, Facet, study_facet

__all__ = [
    "ABBREVIATED",
    "DESIGNS",
    "FACETS",
    "REVIEW_NOUN",
    "Alike",
    "Catalogue",
    "Column",
    "Facet",
    "Fact",
    "Library",
    "Named",
    "Order",
    "OwnFiles",
    "PaperFacts",
    "Progress",
    "ShelfQuery",
    "abridged_at",
    "found",
    "is_own",
    "journal_name",
    "label",
    "named_journals",
    "named_reviews",
    "open_library",
    "open_reader",
    "place_of",
    "place_of_people",
    "sources_stamp",
    "study_facet",
    "surname",
    "sweep",
    "values",
]
