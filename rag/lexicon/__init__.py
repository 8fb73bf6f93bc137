"""What words mean beside themselves: other names of a thing, members of a class, and words that carry no subject.

Every table of words stands here, once; what they are used for is decided by those who look them up.
"""

from rag.lexicon.concepts import GENERIC_MEDICAL, KEY_NOTIONS, MEDICAL_KINDS, spoken_of
from rag.lexicon.drug_classes import DRUG_NAME, WORD_OF_MEDICINE, members
from rag.lexicon.grammar import FRAME_WORDS, STOP_WORDS, is_content
from rag.lexicon.measures import DAYS, LARGE, NUMBER_WORDS
from rag.lexicon.opposites import DENIES, OPPOSITE_BEGINNINGS, OPPOSITES
from rag.lexicon.synonyms import Names, Synonyms, defined_names, initials, words_with_initials

__all__ = [
    "DAYS",
    "DENIES",
    "DRUG_NAME",
    "FRAME_WORDS",
    "GENERIC_MEDICAL",
    "KEY_NOTIONS",
    "LARGE",
    "MEDICAL_KINDS",
    "NUMBER_WORDS",
    "OPPOSITES",
    "OPPOSITE_BEGINNINGS",
    "STOP_WORDS",
    "WORD_OF_MEDICINE",
    "Names",
    "Synonyms",
    "defined_names",
    "initials",
    "is_content",
    "members",
    "spoken_of",
    "words_with_initials",
]
