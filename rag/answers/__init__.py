"""From a question to its quotes: retrieval, measuring sentences, choosing those that answer, or finding that none does.

The answer made of quotes is whole without any model.
"""

from rag.answers.citations import chat_answer, compared_answer, quoted_answer
from rag.answers.evidence import gather, publication_facts
from rag.answers.matching import build_matcher
from rag.answers.retrieval import (
    CANDIDATES,
    best_reviews,
    query_for,
    retrieve,
    retrieve_in_each,
)
from rag.answers.retriever import as_langchain_retriever
from rag.answers.selection import Candidate, Line, announces, answers, choose, measure, quote, speaks, with_first
from rag.answers.suggestions import suggest_questions
from rag.answers.thresholds import HELD

__all__ = [
    "CANDIDATES",
    "HELD",
    "Candidate",
    "Line",
    "announces",
    "answers",
    "as_langchain_retriever",
    "best_reviews",
    "build_matcher",
    "chat_answer",
    "choose",
    "compared_answer",
    "gather",
    "measure",
    "publication_facts",
    "query_for",
    "quote",
    "quoted_answer",
    "retrieve",
    "retrieve_in_each",
    "speaks",
    "suggest_questions",
    "with_first",
]
