"""What a question across papers asks of each of them, and what says which it means, read word by word.

What each word is there for is learned (`rag.encoders.of_rows`). Without a model a question is cut by its wording
(`rag.questions.aspects`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rag.encoders import RowTag, piece_features, pieces, tag_rows
from rag.lexicon import STOP_WORDS
from rag.questions.aspects import beside, compared_on, is_noun_phrase
from rag.questions.question import Aspect, Question
from rag.questions.terms import content_terms, is_inside
from rag.shelf import Library
from rag.text import words
from rag.types import Span

_IN_ROW: tuple[RowTag, ...] = ("begins", "goes on")
_JOINS = frozenset((",", ";", "/", "and", "or", "on", "about"))
_ARTICLES = ("the", "a", "an")
# What stands before a colon or a dash, where it lists several things.
_LISTED = re.compile(r"[^:?]*?(?:,|\band\b)[^:?]*?(?::| [–—-])(?=\s)", re.IGNORECASE)


def with_rows(question: Question, library: Library) -> Question:
    """Return a question with the rows that are read in it and the spans that say which papers it means.

    >>> found = with_rows(parse("Sleep and pain in the yoga trials", library.reviews), library)
    >>> [row.name for row in found.aspects], [found.text[slice(*span)] for span in found.papers]
    (['Sleep', 'pain'], ['the yoga trials'])
    """
    text, told = question.text, _told(question, library)
    if told is None:
        return question
    papers = tuple(_runs(told, ("papers",)))
    describing = [term for term in question.terms if is_inside(term.start, papers)]
    rows = {name.casefold(): name for name in _names(text, told) if not _asks_who_does_not(name)}.values()
    aspects = tuple(beside(name, content_terms(name), describing) for name in rows)
    # "Compare the reviews on relapse" may be read as a question on such reviews; the wording says on what.
    if not aspects and compared_on(text) and question.aspects:
        return question
    return replace(question, aspects=aspects or _whole(question, papers), papers=papers)


def with_parts(question: Question, library: Library) -> Question:
    """Return a question with what could be asked alone: the rows that are read in it, if they are several.

    >>> asked = parse("How long do the masks help, and are they safe?", library.reviews)
    >>> [part.name for part in with_parts(asked, library).parts]
    ['How long do the masks help', 'are they safe']
    """
    told = _told(question, library)
    if told is None:
        return question
    rows = [span for span in _runs(told, _IN_ROW) if any(is_inside(term.start, [span]) for term in question.terms)]
    return replace(question, parts=tuple(_part(question, row, rows) for row in rows) if len(rows) > 1 else ())


def of_several(question: Question, library: Library) -> Question:
    """Return a question as one across papers if it first lists of what things it asks: "Figs and dates: cost?"."""
    listed = _LISTED.match(question.text)
    told = _told(question, library) if listed and question.intent == "findings" else None
    if not told or not listed:
        return question
    things = [span for span in _runs(told, ("papers",)) if span[1] <= listed.end()]
    rows = [span for span in _runs(told, _IN_ROW) if span[0] >= listed.end()]
    return replace(question, compares=True, of_reviews=True) if len(things) > 1 and rows else question


def _part(question: Question, row: Span, rows: Sequence[Span]) -> Aspect:
    """Return one of several rows of a question; the words of the others only steer its search."""
    others = [other for other in rows if other != row]
    terms = (replace(term, aside=True) if is_inside(term.start, others) else term for term in question.terms)
    return Aspect(question.text[slice(*row)], tuple(terms))


def _told(question: Question, library: Library) -> list[tuple[Span, RowTag]] | None:
    """Return the words of a question with what each is there for; None where it is not to be read.

    "What does A say that the others do not?" asks for nothing in particular.
    """
    text, names = question.text, question.names
    if library.embedder is None or not question.terms:
        return None
    spans = pieces(text)
    tags = tag_rows(piece_features(text, spans, library.meanings(text, spans)))
    if tags is None:
        return None
    named: list[RowTag] = [
        "papers" if is_inside(start, names) else t for (start, _), t in zip(spans, tags, strict=True)
    ]
    return [*zip(spans, _as_their_neighbours(text, spans, named), strict=True)]


def _whole(question: Question, papers: Sequence[Span]) -> tuple[Aspect, ...]:
    """Return the question itself as a row, unless it sets some papers side by side and says no more than which."""
    more = any(not is_inside(term.start, papers) for term in question.terms)
    of_things = question.sets_against and not question.described
    if not (more or of_things or not (question.compares or question.described)):
        return ()
    name = question.text.rstrip("?!. ")
    return (Aspect(name, question.terms, question.text if is_noun_phrase(name) and not of_things else ""),)


def _asks_who_does_not(name: str) -> bool:
    """Tell "…, and which do not?" from a row: it has nothing but words of grammar, one of them "not", or no words."""
    found = [word.text.casefold() for word in words(name) if word.text.casefold() not in _ARTICLES]
    return not found or ("not" in found and STOP_WORDS.issuperset(found))


def _as_their_neighbours(text: str, spans: Sequence[Span], tags: Sequence[RowTag]) -> list[RowTag]:
    """Return the same tags, where what is joined to a row behind "compare … on" is one, too.

    "Compare the reviews on gliding and on biofilm" may be read as a question on reviews of gliding.
    """
    told: list[RowTag] = list(tags)
    behind = compared_on(text)
    at = next((at for at, (start, _) in enumerate(spans) if behind and start >= behind), len(spans))
    while at < len(spans):
        end = at
        while end < len(spans) and told[end] == "papers":
            end += 1
        joined = end
        while joined < len(spans) and text[slice(*spans[joined])].casefold() in _JOINS:
            joined += 1
        first = at + (text[slice(*spans[at])].casefold() in _ARTICLES)
        if not first < end < joined < len(spans) or told[joined] != "begins":
            return told
        told[at:first] = ["plain"] * (first - at)
        told[first:end] = ["goes on"] * (end - first)
        told[first] = "begins"
        at = joined
    return told


def _names(text: str, told: Sequence[tuple[Span, RowTag]]) -> Iterator[str]:
    """Yield the words of each row with those that all of them share, in their order."""
    shared = [*_runs(told, ("shared",))]
    for start, end in _runs(told, _IN_ROW):
        yield " ".join(text[slice(*span)] for span in sorted([*shared, (start, end)]))


def _runs(told: Sequence[tuple[Span, RowTag]], tags: Sequence[RowTag]) -> Iterator[Span]:
    """Yield the spans of neighbouring words of the same kind; what begins begins a new one."""
    begins = 0
    numbered = []
    for (span, tag), (_, before) in zip(told, [((0, 0), "plain"), *told], strict=False):
        begins += tag == "begins" or (tag in tags) != (before in tags)
        numbered.append((begins, span, tag))
    for _, group in groupby(numbered, key=lambda one: one[0]):
        members = [*group]
        if members[0][2] in tags:
            yield members[0][1][0], members[-1][1][1]
