"""What carries a written sentence: its quote, its quote with what stands beside it, or another one of the evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rag.text import stem_set
from rag.types import Quote, Span
from rag.writing.checking import Verdict

# So many quotes are tried, those that share most of a sentence's words; one that shares less is not.
TRIED, SHARED = 3, 0.5
MOVED = "It named another quote; this one carries it."

# How well quotes carry a sentence, each of them or as a whole; the sentences before and after a quote.
Check = Callable[[str, Sequence[Quote], bool], Verdict]
Beside = Callable[[Quote], tuple[Quote | None, Quote | None]]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence as a model wrote it, without its markers, and the known ids that it names."""

    text: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attributed:
    """A sentence with the ids of what carries it, how well it does, and the spans of quotes that grew for it."""

    text: str
    ids: tuple[str, ...]
    verdict: Verdict
    grown: Mapping[str, Span] = field(default_factory=dict)


def attributed(one: Drafted, evidence: Mapping[str, Quote], check: Check, beside: Beside | None = None) -> Attributed:
    """Return a sentence with what carries it: what it names, as it is or with its neighbours, else another quote.

    Neighbours lend a name that its only quote lacks. What named another quote is moved only to one that
    supports it, and is weak: the model had it from elsewhere. No quote grows without `beside`.
    """
    verdict = check(one.text, [evidence[name] for name in one.ids], False)
    if verdict.support == "supported":
        return _carried(one.text, one.ids, verdict)
    if beside and verdict.lacks and len(one.ids) == 1 and (grown := _with_neighbours(one, evidence, check, beside)):
        return grown
    return _elsewhere(one, verdict, evidence, check) or _carried(one.text, one.ids, verdict)


def _with_neighbours(one: Drafted, evidence: Mapping[str, Quote], check: Check, beside: Beside) -> Attributed | None:
    """Return a sentence that its quote supports together with as few neighbours as may be; None otherwise."""
    (name,) = one.ids
    for before, after in ((True, False), (False, True), (True, True)):
        parts = [*_grown(evidence[name], beside, before, after)]
        verdict = check(one.text, parts, True)
        if verdict.support == "supported":
            return Attributed(one.text, one.ids, verdict, {name: (parts[0].start, parts[-1].end)})
    return None


def _grown(quote: Quote, beside: Beside, before: bool, after: bool) -> Iterator[Quote]:
    first, last = beside(quote)
    yield from filter(None, (first if before else None, quote, last if after else None))


def _elsewhere(one: Drafted, verdict: Verdict, evidence: Mapping[str, Quote], check: Check) -> Attributed | None:
    others = {name: quote for name, quote in evidence.items() if name not in one.ids}
    tried = [(name, check(one.text, [others[name]], False)) for name in _nearest(one.text, others)]
    for name, found in tried:
        if found.support == "supported":
            return Attributed(one.text, (name,), Verdict("weak", MOVED) if one.ids else found)
    weak = (Attributed(one.text, (name,), found) for name, found in tried if found.support == "weak" and not one.ids)
    return next(weak, None)


def _carried(text: str, ids: tuple[str, ...], verdict: Verdict) -> Attributed:
    """Return a sentence without the quotes that it names and that carry nothing of it."""
    return Attributed(text, tuple(ids[at] for at in verdict.carrying) or ids, verdict)


def _nearest(sentence: str, quotes: Mapping[str, Quote]) -> Sequence[str]:
    """Return the names of the quotes that share most of a sentence's words, most first."""
    own = stem_set(sentence)
    shares = {name: len(own & stem_set(quote.text)) / max(1, len(own)) for name, quote in quotes.items()}
    return sorted((name for name in shares if shares[name] >= SHARED), key=lambda name: (-shares[name], name))[:TRIED]


def without_repeats(sentences: Sequence[Drafted]) -> list[Drafted]:
    """Return the sentences without those that say again, word for word, what an earlier one said."""
    first: dict[str, Drafted] = {}
    for one in sentences:
        first.setdefault(" ".join(one.text.casefold().split()), one)
    return [*first.values()]
