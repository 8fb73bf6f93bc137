"""What a question asks, of which reviews, after which earlier turns; parsed once, into one frozen value.

Spelling, follow-ups and small talk are settled here, before anything is searched.
"""

from rag.questions.aspects import Aspect, aspect, named_aspects, parts_of
from rag.questions.follow_ups import carried_terms, standalone
from rag.questions.parsing import clean, content_terms, parse
from rag.questions.publication_facts import FIELD_NAMES, WORDED_FIELDS, states_field
from rag.questions.small_talk import chat_reply
from rag.questions.spelling import correct_spelling

__all__ = [
    "FIELD_NAMES",
    "WORDED_FIELDS",
    "Aspect",
    "aspect",
    "carried_terms",
    "chat_reply",
    "clean",
    "content_terms",
    "correct_spelling",
    "named_aspects",
    "parse",
    "parts_of",
    "standalone",
    "states_field",
]
