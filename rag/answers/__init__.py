"""From a question to its quotes: retrieval, measuring sentences, choosing those that answer, or finding that none does.

The answer made of quotes is whole without any model.
"""

from rag.answers.citations import chat_answer, compared_answer, quoted_answer
from rag.answers.direction import NOT_STATED, asks_for_findings, direction_features, direction_of, row_asks_for_findings
from rag.answers.each import MOST_LOOKS, Asked, Said, on_the_matter, whole_features
from rag.answers.evidence import gather, measured, publication_facts
from rag.answers.judgement import judgement as what_was_learned
from rag.answers.judgement import keep_judgement, logit, probability
from rag.answers.matching import (
    Matcher,
    TermMatcher,
    build_matcher,
    may_be_called_otherwise,
    own_forms,
    stands_for_many,
    traits,
    units,
)
from rag.answers.reading import DECIMALS, Candidate, around, held_anywhere, measure
from rag.answers.retrieval import (
    CANDIDATES,
    HITS,
    nearest_reviews,
    query_for,
    retrieve,
)
from rag.answers.selection import choose, holds_quantity, is_own_finding, is_prose, line_of, line_quote, quote, speaks
from rag.answers.shelf_answer import shelf_answer
from rag.answers.subject import Subject
from rag.answers.suggestions import suggest_questions
from rag.answers.thresholds import ASIDE_WEIGHT, HELD
from rag.answers.verdict import FOUND

__all__ = [
    "ASIDE_WEIGHT",
    "CANDIDATES",
    "DECIMALS",
    "FOUND",
    "HELD",
    "HITS",
    "MOST_LOOKS",
    "NOT_STATED",
    "Asked",
    "Candidate",
    "Matcher",
    "Said",
    "Subject",
    "TermMatcher",
    "around",
    "asks_for_findings",
    "build_matcher",
    "chat_answer",
    "choose",
    "compared_answer",
    "direction_features",
    "direction_of",
    "gather",
    "held_anywhere",
    "holds_quantity",
    "is_own_finding",
    "is_prose",
    "keep_judgement",
    "line_of",
    "line_quote",
    "logit",
    "may_be_called_otherwise",
    "measure",
    "measured",
    "nearest_reviews",
    "on_the_matter",
    "own_forms",
    "probability",
    "publication_facts",
    "query_for",
    "quote",
    "quoted_answer",
    "retrieve",
    "row_asks_for_findings",
    "shelf_answer",
    "speaks",
    "stands_for_many",
    "suggest_questions",
    "traits",
    "units",
    "what_was_learned",
    "whole_features",
]
