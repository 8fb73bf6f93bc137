"""What words mean beside themselves: what things are and what else they are called, and words that carry no subject.

What they are used for is decided by those who look them up.
"""

from rag.lexicon.grammar import FRAME_WORDS, STOP_WORDS, is_content
from rag.lexicon.opposites import DENIALS, OPPOSITE_BEGINNINGS, OPPOSITES
from rag.lexicon.synonyms import MAX_NAME, Names, Synonyms, defined_names, initials, words_with_initials
from rag.lexicon.thesaurus import Entry, Thesaurus, open_thesaurus

__all__ = [
    "DENIALS",
    "FRAME_WORDS",
    "MAX_NAME",
    "OPPOSITES",
    "OPPOSITE_BEGINNINGS",
    "STOP_WORDS",
    "Entry",
    "Names",
    "Synonyms",
    "Thesaurus",
    "defined_names",
    "initials",
    "is_content",
    "open_thesaurus",
    "words_with_initials",
]
