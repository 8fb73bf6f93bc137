"""The aspects of a comparison: those that a question names, and the parts of a question that could be asked alone."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from rag.lexicon import STOP_WORDS
from rag.questions.question import PREPOSITION, Aspect, Question
from rag.questions.relations import AUXILIARY, COMPARE_FRAME, WHICH_BETTER
from rag.questions.terms import content_terms
from rag.text import Word, words
from rag.types import Span, Term

_CONJUNCTION = re.compile(
    r"\s*(?:[,;?]\s*(?:and|or|but)?|\b(?:and|or|as well as|versus|vs\.?|plus)\b)\s+", re.IGNORECASE
)
_CLAUSE = re.compile(rf"\s*\b(?:who|what|which|when|where|why|how|must|{AUXILIARY})\b", re.IGNORECASE)
# "…, and by how much does it fall?"
_ASKING = re.compile(rf"\s*(?:{PREPOSITION.pattern}\s)?{_CLAUSE.pattern}", re.IGNORECASE)
# The verb of a clause that goes on one: "until A sets in or B can start".
_GOES_ON = re.compile(r"[^:;?]*?\b(?:can|could|will|may|might|should|must|would)\b", re.IGNORECASE)
# What leads to the aspects of a comparison: "differ in", "agree that", "compare … on".
_PARTS_ON = re.compile(
    r"\b(?:differ\w*|(?:dis)?agree\w*|contrast\w*|compar\w+)\s+"
    r"(?:in|on|about|over|regarding|whether|that|in terms of)\b",
    re.IGNORECASE,
)
_ON = re.compile(r"\b(?:on|in terms of|regarding|concerning|with (?:regard|respect) to)\b", re.IGNORECASE)
_COLON = re.compile(r":(?=\s)")
_COMPARE = re.compile(r"\W*(?:please\s+)?(?:compare|contrast)\b", re.IGNORECASE)
_PAPER = r"\b(?:(?:review|paper|article|publication|trial|meta-analys[ei])s?|stud(?:y|ies))\b"
_PAPERS = r"\b(?:(?:review|paper|article|publication|trial)s|meta-analyses|studies)\b"
_A_PAPER = re.compile(_PAPER, re.IGNORECASE)
# "…, and do they agree?" asks how the reviews stand, and nothing of each.
_STANDING = re.compile(r"\b(?:agree|differ|compar|contradict)", re.IGNORECASE)
_BEHIND_A_PAPER = re.compile(rf"{_PAPER}\s*$", re.IGNORECASE)
_OF_REVIEWS = re.compile(
    rf"{_PAPERS}|\b(?:which|each) (?:one|{_PAPER})|\bauthors?\b|\bthey\b|\bthem\b|\bboth\b(?! \w+ and )|\beach say"
    r"|\bagree|\bin common\b",
    re.IGNORECASE,
)
_AGAINST_EACH_OTHER = re.compile(
    r"\bcompar\w+|\bdiffer\w*|\bversus\b|\bvs\b|\bcontrast\w*|\b(?:better|worse|safer|superior|inferior|more|less|higher"
    r"|lower|faster|cheaper)\b.*\bthan\b|" + WHICH_BETTER,
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s(uses?|rates?|levels?|effects?|outcomes?|results?|data|evidence|studies|trials|cases)\b", re.I
)
# Words of asking that belong to the name where they stand right before it.
_QUALIFIER = re.compile(
    r"(?:\b(?:overall|side|complete|full|general|main|current|present|early|first-line|focused|how"
    r"|time (?:to|until))\s)+$",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\s*(?:the|an?)\s", re.IGNORECASE)


class _Part(NamedTuple):
    """A part of a question that could be asked on its own: its words, what it is called, and the terms that decide."""

    text: str
    name: str
    own: tuple[Term, ...]


def aspect(name: str, question: Question | None = None) -> Aspect:
    """Return an aspect that a reader names; it is put in the place of what a question compares on."""
    behind = compared_on(question.text, 0) if question else 0
    return beside(name, content_terms(name), [t for t in question.terms if t.start < behind] if question else [])


def against_each_other(text: str) -> bool:
    """Tell whether a question sets two things against each other, whatever they are."""
    return _AGAINST_EACH_OTHER.search(text) is not None


def speaks_of_reviews(text: str) -> bool:
    """Tell whether a question that compares sets reviews side by side, or asks for that: "Compare …"."""
    return bool(_OF_REVIEWS.search(text) or _COMPARE.match(text))


def named_aspects(text: str, terms: Sequence[Term], names: Sequence[Span] = ()) -> tuple[Aspect, ...]:
    """Return what a comparison asks about by its wording, in the order of the question; () when it names nothing.

    `terms` are those of the text, without those of the papers' `names`. Two things that are compared with each other
    are one aspect, not two. What is named is what the reviews are compared on, if the question says so.
    """
    # "Ellis vs Levine" sets papers against each other, and no things.
    bare = _blanked(text, names)
    behind = compared_on(bare)
    asked = tuple(term for term in terms if term.start >= behind)
    if not asked:
        behind, asked = 0, tuple(terms)
    if not asked:
        return ()
    apart = against_each_other(bare) and not speaks_of_reviews(bare) and not behind and len(names) < 2
    parts = () if apart else _parts_of(bare, asked, behind)
    parts = tuple(part for part in parts if not (_CLAUSE.match(part.text) and _STANDING.search(part.text))) or parts
    before = tuple(term for term in terms if term.start < behind)
    if len(parts) > 1:
        return tuple(
            beside(part.name, part.own, before) for part in {part.name.casefold(): part for part in parts}.values()
        )
    name = text.rstrip("?!. ") if apart else _name(text, asked, asked)
    if behind:
        return (beside(name, asked, before),)
    return (Aspect(name, asked, text if is_noun_phrase(name) and not apart else ""),)


def beside(name: str, own: Sequence[Term], before: Sequence[Term]) -> Aspect:
    """Return an aspect that is asked with what a question says before: it steers the search and decides nothing."""
    steering = tuple(replace(term, aside=True) for term in before)
    return Aspect(name, (*steering, *own), " ".join([name, *(term.text for term in before)]))


def _blanked(text: str, names: Sequence[Span]) -> str:
    """Return a text of the same length with the names of papers left blank."""
    for start, end in names:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def compared_on(text: str, start: int = 0) -> int:
    """Return where what a question compares on begins, behind a place, or that place where it does not say.

    "On" behind "papers" leads to their subject; a colon leads to what a list of things is compared on.
    """
    found = [m.end() for m in _PARTS_ON.finditer(text, start)]
    found += [m.end() for m in _COLON.finditer(text, start)]
    any_on = bool(_COMPARE.match(text))
    found += [m.end() for m in _ON.finditer(text, start) if any_on or not _BEHIND_A_PAPER.search(text[: m.start()])]
    return min(found, default=start)


def is_noun_phrase(name: str) -> bool:
    """Tell, roughly, the name of something from what a clause says."""
    return _CLAUSE.search(name) is None


def _parts_of(text: str, terms: Sequence[Term], behind: int = 0) -> tuple[_Part, ...]:
    """Cut a question with these terms at "and", "or" and commas `behind` a place; none when it cannot be cut.

    "A of B and C in D" gives "A of B" and "A of C", each with D.
    """
    cuts = _cuts(text, behind)
    starts, ends = [behind, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
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
    if head and _A_PAPER.search(text, first_start, head.start()):
        heading = ()
    # In a list each is whole: "quality of life, admissions and cost"; "survival and quality of life" shares no "of".
    if len(segments) > 2:
        heading, shared = (), ()
    elif tail and tail.group().casefold() == "of":
        shared = ()
    parts = []
    for start, end, own in segments:
        before = () if _CLAUSE.match(text, start) or PREPOSITION.match(text, start) else heading
        decide = tuple(dict.fromkeys([*before, *own, *shared]))
        said, called = text[start:end].strip(" ?.!,;:"), _name(text, terms, decide)
        parts.append(_Part(said, called, tuple(term for term in terms if term in decide and not term.aside)))
    return tuple(parts)


def _cuts(text: str, behind: int) -> list[Span]:
    """Return the spans of the conjunctions that join what could be asked alone.

    A comma is one where the list that it is in ends with "and" or "or"; nothing in brackets is one, nor what joins a
    clause that goes on a question ("until A sets in or B can start") and does not begin another.
    """
    found = [cut for cut in _CONJUNCTION.finditer(text, behind) if not _in_brackets(text, cut.start())]
    cuts: list[Span] = []
    joined, end = False, len(text)
    for cut in reversed(found):
        bare = cut.group().strip() == ","
        bound = "or" in cut.group().casefold().split() and text[cut.start() - 1].isdigit()
        clause = (_ASKING if "," in cut.group() else _CLAUSE).match(text, cut.end())
        alone = not bound and not _GOES_ON.match(text, cut.end(), end)  # "4 or higher" is one thing
        if (joined or not bare) and (clause or alone):
            cuts.insert(0, cut.span())
            end = cut.start()
        joined = not clause if not bare else joined
    return cuts


def _in_brackets(text: str, at: int) -> bool:
    return text.count("(", 0, at) > text.count(")", 0, at)


def _between(terms: Sequence[Term], start: int, end: int) -> tuple[Term, ...]:
    return tuple(term for term in terms if start <= term.start < end)


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
