"""The words of a question that carry what it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from rag.lexicon import is_content
from rag.text import UNIT, Word, compound_parts, sentence_spans, words
from rag.types import Span, Term

_MEASURED = re.compile(rf"\.?\d[\d.,·]*\s?{UNIT}")
# "Effect" alone is a word of every question.
_SIDE_EFFECTS = re.compile(r"\b(?:side|adverse)[- ]effects?\b", re.IGNORECASE)


def content_terms(text: str, leave_out: Iterable[Span] = ()) -> tuple[Term, ...]:
    """Return the words of a question that carry what it is about, in order, each once."""
    skipped = list(leave_out)
    effects = [m.span() for m in _SIDE_EFFECTS.finditer(text)]
    found = [
        w for w in words(text) if not is_inside(w.start, skipped) and (is_content(w) or is_inside(w.start, effects))
    ]
    asked = _asking_span(text)
    terms = {
        word.forms[0]: _term(word, text, asked) for word in [*found, *(w for w in found if is_inside(w.start, [asked]))]
    }
    return tuple(sorted(terms.values(), key=lambda term: term.start))


def is_inside(at: int, spans: Iterable[Span]) -> bool:
    """Tell whether a place lies in one of some spans."""
    return any(start <= at < end for start, end in spans)


def _asking_span(text: str) -> Span:
    """Return the span of the sentences that ask; of the whole text when none, or all, end in a question mark."""
    sentences = sentence_spans(text, 0, len(text))
    asking = [span for span in sentences if text[span[0] : span[1]].endswith("?")]
    return (asking[0][0], asking[-1][1]) if asking and len(sentences) > len(asking) else (0, len(text))


def _term(word: Word, text: str, asked: Span) -> Term:
    # A number of something measured is that of no series: the 5 of "5 mg" is not that of "grade 5".
    forms = word.forms[:1] if _MEASURED.match(text, word.start) else word.forms
    parts, aside = compound_parts(word.text), not is_inside(word.start, [asked])
    return Term(word.text, word.start, word.end, forms, parts, is_name(word, text), aside)


def is_name(word: Word, text: str) -> bool:
    """Tell a gene, trial, drug, person or number from an ordinary word by how it is written."""
    if any(c.isdigit() for c in word.forms[0]) or any(c.isupper() for c in word.text[1:]):
        return not text.isupper()
    return word.text[0].isupper() and word.start not in _ordinary_capitals(text)


@lru_cache(maxsize=256)
def _ordinary_capitals(text: str) -> frozenset[int]:
    """Return the places of the words whose capital tells nothing: the heads of sentences, every word of a title."""
    if _is_title(text):
        return frozenset(word.start for word in words(text))
    openings = (words(text, *span)[:1] for span in sentence_spans(text, 0, len(text)))
    return frozenset(word.start for opening in openings for word in opening)


def _is_title(text: str) -> bool:
    """Tell a text in which most words have a capital, but for one that opens it."""
    capitals = [word[0].isupper() for word in text.split()]
    beside = capitals[1:] if capitals[0] else capitals
    return sum(beside) > len(beside) / 2
