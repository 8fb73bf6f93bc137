"""The aspects of a comparison: those that a question names, and the parts of a question that could be asked alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from rag.lexicon import STOP_WORDS
from rag.questions.question import PREPOSITION, Aspect, Part
from rag.questions.relations import COMPARE_FRAME, WHICH_BETTER
from rag.questions.terms import content_terms
from rag.shelf import REVIEW_NOUN, Alike
from rag.text import Word, words
from rag.types import Term

_CONJUNCTION = re.compile(
    r"\s*(?:[,;?]\s*(?:and|or|but)?|\b(?:and|or|as well as|versus|vs\.?|plus)\b)\s+", re.IGNORECASE
)
# What stands between two things that are compared with each other.
_AGAINST = tuple(
    re.compile(rf"\s+({words})\s+", re.IGNORECASE)
    for words in (
        r"versus|vs\.?|(?:as )?compared? (?:with|to|against)|differs? from|rather than|than",
        "with|from|to|against",
    )
)
_BETWEEN = re.compile(r"\b(?:between|do|does|did|are|is|how|compare|contrast)\b.*?\s(and)\s+", re.IGNORECASE)
_CLAUSE = re.compile(
    r"\s*(?:who|what|which|when|where|why|how|is|are|was|were|do|does|did|can|could|has|have|will|may|might|should|must"
    r"|would)\b",
    re.IGNORECASE,
)
_OF_REVIEWS = re.compile(
    rf"\b{REVIEW_NOUN}\b|\bauthors?\b|\bthey\b|\bthem\b|\bboth\b(?! \w+ and )|\beach (?:say|one)|\bagree|\bin common\b",
    re.IGNORECASE,
)
_AGAINST_EACH_OTHER = re.compile(
    r"\bcompar\w+|\bdiffer\w*|\bversus\b|\bvs\b|\bcontrast\w*|\b(?:better|worse|safer|superior|inferior|more|less|higher"
    r"|lower|faster|cheaper)\b.*\bthan\b|" + WHICH_BETTER,
    re.IGNORECASE,
)
_WHICH_BETTER = re.compile(WHICH_BETTER, re.IGNORECASE)
_EITHER = re.compile(r"\s(or)\s+", re.IGNORECASE)
# What leads to the outcome by which two things are compared.
_IN_TERMS_OF = re.compile(
    r"\s+(?:in terms of|with (?:respect|regard) to|regarding|concerning|for|on|in|during|among|against)\s",
    re.IGNORECASE,
)
# "A of B and C" is rather "A of C", "A in B and C" rather "C in B"; the likeness of the words has to say otherwise.
IN_ITS_PLACE = 0.15
_TRAILING = re.compile(
    r"\s(uses?|rates?|levels?|effects?|outcomes?|results?|data|evidence|studies|trials|cases)\b", re.I
)
_COMPARING = re.compile(r"\s(?:compare|differ)s?\b", re.IGNORECASE)
# Words of asking that belong to the name where they stand right before it.
_QUALIFIER = re.compile(
    r"(?:\b(?:overall|side|complete|full|general|main|current|present|early|first-line|focused|how"
    r"|time (?:to|until))\s)+$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\s*(?:the|an?)\s", re.IGNORECASE)
_THOSE = re.compile(r"(?:those|that|the ones?|the same)\b", re.IGNORECASE)
_SIDE = re.compile(r"side[- ]effects?\b", re.IGNORECASE)


def aspect(name: str) -> Aspect:
    """Return an aspect that a reader names."""
    return Aspect(name, content_terms(name))


def named_aspects(text: str, terms: Sequence[Term], alike: Alike, of_reviews: bool = False) -> tuple[Aspect, ...]:
    """Return what a comparison asks about, in the order of the question; () when it names nothing.

    `terms` are those of the text; `of_reviews` tells that it names reviews. Of two things that are compared with each
    other the first aspect is both together; see `named_reviews` for `alike`.
    """
    if not terms:
        return ()
    if not of_reviews and (things := _things(text, alike)):
        return tuple(_versus(terms, *things))
    names = [part.name for part in parts_of(text, terms)] or [_name(text, terms, terms)]
    return tuple(_aspect_of(terms, name) for name in {name.casefold(): name for name in names}.values())


def _versus(terms: Sequence[Term], names: Sequence[str], outcome: str) -> Iterator[Aspect]:
    """Yield both things against each other, by an outcome if one is asked for, and each by itself."""
    decisive = {term.forms[0] for term in content_terms(outcome)}
    for at, name in enumerate(names):
        one = _aspect_of(terms, name)
        things = tuple(term for term in one.terms if term.forms[0] not in decisive)
        deciding = tuple(term for term in one.terms if term.forms[0] in decisive) if at == 0 else one.terms
        yield Aspect(name, deciding or one.terms, things)


def _aspect_of(terms: Sequence[Term], name: str) -> Aspect:
    """Return an aspect whose words are names where they are names in the question."""
    known = {term.forms[0]: term.name for term in terms}
    named = tuple(replace(t, name=known.get(t.forms[0], t.name)) for t in content_terms(name))
    return Aspect(name, named)


def _things(text: str, alike: Alike) -> tuple[list[str], str] | None:
    """Return "X versus Y for Z", "X for Z", "Y for Z" and "for Z" of a question that compares X with Y."""
    if _OF_REVIEWS.search(text) or not _AGAINST_EACH_OTHER.search(text):
        return None
    between = None if "," in text else _BETWEEN.search(text)
    either = _EITHER.search(text) if _WHICH_BETTER.search(text) else None
    cut = _AGAINST[0].search(text) or either or between or _AGAINST[1].search(text)
    if not cut:
        return None
    start, end = cut.span(1)
    *_, tail = [None, *_IN_TERMS_OF.finditer(text, end)]
    outcome_start = tail.start() if tail else len(text)
    verb = _COMPARING.search(text, end)
    until = min(outcome_start, verb.start() if verb else len(text))
    spans = (0, start), (end, until), (outcome_start, len(text))
    one, other, outcome = (_shown(text[slice(*span)]) for span in spans)
    if not one or not other:
        return None
    against = "than" if cut.group(1).casefold() == "than" else "versus"
    completed = _completed(one, text[end:until].strip(), other, alike)
    return [" ".join(filter(None, (name, outcome))) for name in (f"{one} {against} {other}", one, completed)], outcome


def _completed(one: str, typed: str, other: str, alike: Alike) -> str:
    """Write out what the second thing leaves unsaid: "harms of A" with "those of B" or "B" is "harms of B"."""
    links = list(PREPOSITION.finditer(one))
    opening = PREPOSITION.match(typed)
    if opening and (same := [link for link in links if link.group().casefold() == opening.group().casefold()]):
        return f"{one[: same[0].end()]} {other}"
    if not links or (PREPOSITION.search(other) and not _THOSE.match(typed)):
        return other
    link = links[-1]
    of = link.group().casefold() == "of"
    head, tail = alike(other, [one[: link.start()], one[link.end() :]])
    if _THOSE.match(typed) or tail + (IN_ITS_PLACE if of else -IN_ITS_PLACE) >= head:
        return f"{one[: link.end()]} {other}"
    return f"{other} {one[link.start() :]}"


def _shown(text: str) -> str:
    """Return a stretch of a question from its first content word to its last, a preposition before it included."""
    terms = [
        term for term in content_terms(text) if term.forms[0] not in COMPARE_FRAME or _SIDE.match(text, term.start)
    ]
    if not terms:
        return ""
    before = _IN_TERMS_OF.match(text)
    qualified = _QUALIFIER.search(text, 0, terms[0].start)
    start = qualified.start() if qualified else terms[0].start
    return f"{before.group().strip() + ' ' if before else ''}{text[start : terms[-1].end]}"


def parts_of(text: str, terms: Sequence[Term]) -> tuple[Part, ...]:
    """Cut a question with these terms at "and", "or" and commas; none when it cannot be cut.

    "A of B and C in D" gives "A of B" and "A of C", each with D.
    """
    cuts = [found.span() for found in _CONJUNCTION.finditer(text)]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    segments = [(start, end, _between(terms, start, end)) for start, end in zip(starts, ends, strict=True)]
    segments = [segment for segment in segments if segment[2]]
    if len(segments) < 2:
        return ()
    (first_start, _, first_terms), (_, last_end, last_terms) = segments[0], segments[-1]
    apart = any(_CLAUSE.match(text, start) for start, _, _ in segments[1:])
    # "feeding and the use of X" are two things, "feeding and growth in X" are both of X.
    apart = apart or (bool(_ARTICLE.match(text, segments[-1][0])) and not _ARTICLE.match(text, segments[0][0]))
    tail = None if apart else PREPOSITION.search(text, last_terms[0].end, last_end)
    *_, head = [None, *PREPOSITION.finditer(text, first_start, first_terms[-1].start)]
    shared = _between(last_terms, tail.end(), last_end) if tail else ()
    heading = _between(first_terms, first_start, head.start()) if head else ()
    parts = []
    for start, end, own in segments:
        before = () if _CLAUSE.match(text, start) or PREPOSITION.match(text, start) else heading
        parts.append(_part(text, terms, start, end, tuple(dict.fromkeys([*before, *own, *shared]))))
    return tuple(parts)


def _between(terms: Sequence[Term], start: int, end: int) -> tuple[Term, ...]:
    return tuple(term for term in terms if start <= term.start < end)


def _part(text: str, terms: Sequence[Term], start: int, end: int, own: Sequence[Term]) -> Part:
    steering = tuple(term if term in own else replace(term, aside=True) for term in terms)
    return Part(text[start:end].strip(" ?.!,;:"), _name(text, terms, own), steering)


def _name(text: str, terms: Sequence[Term], own: Sequence[Term]) -> str:
    """Return the words of a question from the first of its `own` terms to the last, without those of other parts.

    Words of comparing are left out, and words of grammar where they would stand at an edge.
    """
    kept = {term.start for term in own}
    others = {term.start for term in terms} - kept
    qualified = _QUALIFIER.search(text, 0, own[0].start)
    if qualified:
        kept.add(qualified.start())
    end = own[-1].end
    trailing = _TRAILING.match(text, end)
    if trailing:
        kept.add(trailing.start(1))
        end = trailing.end()
    pieces: list[list[Word]] = [[]]
    for word in words(text, min(kept), end):
        if word.start in others:
            pieces.append([])
        elif word.start in kept or not _is_frame(word):
            pieces[-1].append(word)
    trimmed = [_trimmed(piece, kept, last=at == len(pieces) - 1) for at, piece in enumerate(pieces)]
    return " ".join(_joined(text, piece) for piece in trimmed if piece)


def _trimmed(piece: list[Word], kept: Collection[int], last: bool) -> list[Word]:
    """Leave out the words of grammar around the terms but for the prepositions beside them."""
    inside = [at for at, word in enumerate(piece) if word.start in kept]
    if not inside:
        return []
    first, end = inside[0], inside[-1] + 1
    leads = first > 0 and PREPOSITION.fullmatch(piece[first - 1].text)
    leads_on = not last and end < len(piece) and PREPOSITION.fullmatch(piece[end].text)
    return piece[first - 1 if leads else first : end + 1 if leads_on else end]


def _joined(text: str, piece: Sequence[Word]) -> str:
    gaps = [text[one.end : other.start] for one, other in pairwise(piece)]
    plain = [gap if len(gap) <= 2 and not gap.strip(" -–/,") else " " for gap in gaps]
    return "".join(word.text + gap for word, gap in zip(piece, [*plain, ""], strict=True))


def _is_frame(word: Word) -> bool:
    return word.text.casefold() not in STOP_WORDS and word.forms[0] in COMPARE_FRAME
