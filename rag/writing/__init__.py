"""Quotes as prose: a language model writes from them, and every sentence is checked against the quotes that it names.

Whatever an endpoint does ends in an answer within limits of time, length and money.
"""

from rag.writing.faults import NOT_SENT, Fault, Refused, explanation
from rag.writing.models import connect
from rag.writing.prompts import MANNERS
from rag.writing.stream import LanguageModel, Limits, Message, Usage
from rag.writing.translating import LANGUAGES
from rag.writing.writing import Watch, rewrite, write

__all__ = [
    "LANGUAGES",
    "MANNERS",
    "NOT_SENT",
    "Fault",
    "LanguageModel",
    "Limits",
    "Message",
    "Refused",
    "Usage",
    "Watch",
    "connect",
    "explanation",
    "rewrite",
    "write",
]
