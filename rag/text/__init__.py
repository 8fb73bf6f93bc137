"""Text as spans: sentences and passages with their places, words folded, stemmed and counted.

What a review says is never changed here, only pointed into; nothing knows of questions.
"""

from rag.text.calendar import MONTH, MONTHS, SHORT_MONTHS
from rag.text.chunking import CHUNKER_VERSION, chunk_review, in_context
from rag.text.language import Language
from rag.text.listing import listed
from rag.text.numerals import NUMERALS, UNIT
from rag.text.sentences import meet, sentence_spans
from rag.text.terms import GREEK, Word, compound_parts, fold, stem, stem_set, stems, words
from rag.text.vocabulary import (
    Vocabulary,
    build_vocabulary,
    embed_words,
    load_vocabulary,
    save_vocabulary,
    words_to_embed,
)

__all__ = [
    "CHUNKER_VERSION",
    "GREEK",
    "MONTH",
    "MONTHS",
    "NUMERALS",
    "SHORT_MONTHS",
    "UNIT",
    "Language",
    "Vocabulary",
    "Word",
    "build_vocabulary",
    "chunk_review",
    "compound_parts",
    "embed_words",
    "fold",
    "in_context",
    "listed",
    "load_vocabulary",
    "meet",
    "save_vocabulary",
    "sentence_spans",
    "stem",
    "stem_set",
    "stems",
    "words",
    "words_to_embed",
]
