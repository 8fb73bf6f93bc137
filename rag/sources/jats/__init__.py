"""Papers in JATS, the XML of PubMed Central, Europe PMC and most publishers: front matter, body, back matter."""

from rag.sources.jats.article import read, recognises

__all__ = ["read", "recognises"]
