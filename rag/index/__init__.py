"""Passages as an immutable index on disk or on a Chroma server: built aside, verified, renamed into place, opened.

A reader sees a whole index or none; nothing is written while a question is answered.
"""

from rag.index.building import CACHE, PREFIX, build_index, fingerprint, makers
from rag.index.collection import described
from rag.index.index import Index
from rag.index.remote import chroma_server
from rag.index.remote.vectors import ServedVectors
from rag.index.sentence_roles import sentence_role_shares
from rag.index.stem_sets import StemSets, title_runs, title_stems

__all__ = [
    "CACHE",
    "PREFIX",
    "Index",
    "ServedVectors",
    "StemSets",
    "build_index",
    "chroma_server",
    "described",
    "fingerprint",
    "makers",
    "sentence_role_shares",
    "title_runs",
    "title_stems",
]
