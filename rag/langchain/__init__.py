"""What programs that are built on LangChain can take from here: our search, reading, passages and vectors.

LangChain takes a second to import, so nothing else imports this room.
"""

from rag.langchain.chain import review_chain
from rag.langchain.embeddings import ReviewEmbeddings
from rag.langchain.loading import ReviewLoader, ReviewSplitter
from rag.langchain.retriever import ReviewRetriever

__all__ = ["ReviewEmbeddings", "ReviewLoader", "ReviewRetriever", "ReviewSplitter", "review_chain"]
