"""From a question to its quotes: retrieval, measuring sentences, choosing those that answer, or finding that none does.

The answer made of quotes is whole without any model.
"""

from rag.answers.citations import chat_answer, compared_answer, quoted_answer
from rag.answers.evidence import gather, measured, publication_facts
from rag.answers.judgement import keep_judgement, logit, probability
from rag.answers.matching import Matcher, TermMatcher, build_matcher, own_forms, traits, units
from rag.answers.reading import Candidate, library_features, measure
from rag.answers.retrieval import (
    CANDIDATES,
    best_reviews,
    query_for,
    retrieve,
    retrieve_in_each,
)
from rag.answers.retriever import as_langchain_retriever
from rag.answers.selection import choose, holds_quantity, quote, speaks
from rag.answers.suggestions import suggest_questions
from rag.answers.thresholds import ASIDE_WEIGHT, HELD

__all__ = [
    "ASIDE_WEIGHT",
    "CANDIDATES",
    "HELD",
    "Candidate",
    "Matcher",
    "TermMatcher",
    "as_langchain_retriever",
    "best_reviews",
    "build_matcher",
    "chat_answer",
    "choose",
    "compared_answer",
    "gather",
    "holds_quantity",
    "keep_judgement",
    "library_features",
    "logit",
    "measure",
    "measured",
    "own_forms",
    "probability",
    "publication_facts",
    "query_for",
    "quote",
    "quoted_answer",
    "retrieve",
    "retrieve_in_each",
    "speaks",
    "suggest_questions",
    "traits",
    "units",
]
