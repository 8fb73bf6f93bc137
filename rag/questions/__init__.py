"""What a question asks, of which reviews, after which earlier turns; parsed once, into one frozen value.

Spelling, follow-ups and small talk are settled here, before anything is searched.
"""

from rag.questions.asked_rows import of_several, with_parts, with_rows
from rag.questions.aspects import aspect, beside, compared_on, is_noun_phrase
from rag.questions.columns import column_called, named_column
from rag.questions.parsing import clean, parse
from rag.questions.publication_facts import FIELD_NAMES, WORDED_FIELDS, states_field
from rag.questions.question import Aspect, Question
from rag.questions.relations import AUXILIARY, Relation, relations
from rag.questions.shelf_reading import TOKEN
from rag.questions.terms import content_terms, is_inside
from rag.questions.understanding import understand

__all__ = [
    "AUXILIARY",
    "FIELD_NAMES",
    "TOKEN",
    "WORDED_FIELDS",
    "Aspect",
    "Question",
    "Relation",
    "aspect",
    "beside",
    "clean",
    "column_called",
    "compared_on",
    "content_terms",
    "is_inside",
    "is_noun_phrase",
    "named_column",
    "of_several",
    "parse",
    "relations",
    "states_field",
    "understand",
    "with_parts",
    "with_rows",
]
