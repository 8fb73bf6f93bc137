"""Sentences of a text as spans: nothing is copied, nothing is changed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.text.calendar import MONTHS, SHORT_MONTHS
from rag.types import Span

# A dot after these does not end a sentence. Folded to lower case, without the last dot.
_ABBREVIATIONS = frozenset(
    "al approx ca cf dr e.g eds eq fig figs i.e incl jr mr mrs ms nos p pp prof ref refs resp sect sp spp ssp "
    "st subsp suppl var viz vol vs u.s u.k ph.d i.v i.p i.m s.c p.o inc ltd corp".split()
).union(month.casefold() for month in {*SHORT_MONTHS} - {*MONTHS})
# Small words after which a single capital is an initial: "declared by C. H. June".
_BEFORE_NAMES = frozenset("by to from and with thank thanks for of".split())
_LINE = re.compile(r"[^\r\n]*(?:\r\n?|\n)?")
_ITEM = re.compile(r"\s*(?:[-*•‣▪●+]|\(?\d{1,3}[.)])[^\S\r\n]+(?=\S)")
_BOLD = re.compile(r"\s*\*\*[^*\r\n]{1,60}\*\*")
# "**Genes:** A, B", "**Genes**: A, B", "**Methods.** We asked …", but not "**Genes** are edited."
_LABEL = re.compile(r"\*\*[^*\r\n]{1,60}(?:[:.]\*\*|\*\*:)[^\S\r\n]*(?=\S)")
# "No. 5" is a number, "no." an answer.
_STOP = re.compile(r"(?<![.!?…])(?!(?<=\b[Nn]o)\.\s*\d)[.!?…]+[\"'”’»)\]]*(?=\s)")
_OPENING = re.compile(r"\s+[\"'“‘«(\[]*(?:[^\W_a-z]|[a-zα-ω][\w-]*[A-Z0-9])")
# A line this short that ends without a stop is a heading or a field, not the wrapped part of a sentence.
_SHORT_LINE = 50


def sentence_spans(text: str, start: int, end: int) -> list[Span]:
    """Return the spans of the sentences, list items and field lines in `text[start:end]`, in order.

    Bullets, item numbers and the bold label of an item are left out of the spans.

    >>> text = "- Smith et al. saw it. But p53 rose by 0.5 mg (e.g. in mice)."
    >>> [text[a:b] for a, b in sentence_spans(text, 0, len(text))]
    ['Smith et al. saw it.', 'But p53 rose by 0.5 mg (e.g. in mice).']
    """
    return [sentence for line in line_spans(text, start, end) for sentence in _sentences(text, *line)]


def line_spans(text: str, start: int, end: int) -> list[Span]:
    """Return the spans of paragraphs, list items and field lines: what `sentence_spans` cuts further."""
    found = [_without_marker(text, *block) for block in _blocks(text, start, end) if block[0] < block[1]]
    return [span for span in found if span[0] < span[1]]


def word_count(text: str) -> int:
    """Return the number of words between white space."""
    return len(text.split())


def meet(one: Span, other: Span) -> bool:
    """Tell whether two spans have a place in common."""
    return one[0] < other[1] and other[0] < one[1]


def _trim(text: str, start: int, end: int) -> Span:
    wording = text[start:end]
    return start + len(wording) - len(wording.lstrip()), end - len(wording) + len(wording.rstrip())


def _without_marker(text: str, start: int, end: int) -> Span:
    for marker in (_ITEM, _LABEL):
        if (found := marker.match(text, start, end)) and found.end() < end:
            start = found.end()
    return start, end


def _blocks(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield paragraphs, list items and lines that stand alone."""
    block = start
    lines = [m.span() for m in _LINE.finditer(text, start, end) if m.end() > m.start()]
    for (line_start, line_end), following in zip(lines, [*lines[1:], (end, end)], strict=False):
        if _closes_block(text[line_start:line_end].strip(), text[slice(*following)]):
            yield _trim(text, block, line_end)
            block = line_end


def _closes_block(line: str, following: str) -> bool:
    if not line or not following.strip() or _ITEM.match(following) or _BOLD.match(following):
        return True
    return len(line) < _SHORT_LINE and line[-1] not in ",;-–—" and following.lstrip()[0].isupper()


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences of one block."""
    first = start
    for stop in _STOP.finditer(text, start, end):
        before = text[max(first, stop.start() - 20) : stop.start()]
        if stop.end() >= end or not _OPENING.match(text, stop.end(), end):
            continue
        if text[stop.start()] == "." and (_is_abbreviation(before) or before.strip().isdigit()):
            continue
        yield _trim(text, first, stop.end())
        first = stop.end()
    if text[first:end].strip():
        yield _trim(text, first, end)


def _is_abbreviation(before: str) -> bool:
    """Tell whether the dot behind these characters belongs to an abbreviation or an initial.

    A single capital is an initial ("J. N. Smith") unless a word precedes it ("hepatitis B. It", "CAR T. It").
    """
    words = before.split()
    last = words[-1].lstrip("([\"'“‘") if words else ""
    if last.casefold() in _ABBREVIATIONS and not _is_acronym(last):
        return True
    if len(last) == 1 and last.isupper():
        word = words[-2] if len(words) > 1 else ""
        return word in _BEFORE_NAMES or not (word.islower() or _is_acronym(word))
    return bool(re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", last))


def _is_acronym(word: str) -> bool:
    """Tell "MS" and "OCT", which may end a sentence, from "Ms." and "Oct."."""
    return len(word) > 1 and word.isupper() and word.isalpha()
