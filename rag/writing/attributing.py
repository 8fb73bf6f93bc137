"""A written sentence that names no quote, or one that does not carry it, is given the quote that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.text import stem_set
from rag.types import Citation
from rag.writing.checking import Verdict

# So many quotes are tried, those that share most of a sentence's words; one that shares less is not.
TRIED, SHARED = 3, 0.5
MOVED = "It named another quote; this one carries it."


@dataclass(frozen=True, slots=True)
class Drafted:
    """A sentence as a model wrote it, without its markers, and the known ids that it names."""

    text: str
    ids: tuple[str, ...]


Check = Callable[[Drafted], Verdict]


def attributed(
    one: Drafted, verdict: Verdict, evidence: Mapping[str, Citation], check: Check
) -> tuple[Drafted, Verdict]:
    """Return a sentence that its quotes do not support with the one that does, and the verdict; else as it is.

    What named another quote is moved only to one that supports it, and is weak: the model had it from elsewhere.
    """
    if verdict.support != "unsupported":
        return one, verdict
    others = {name: citation.quote.text for name, citation in evidence.items() if name not in one.ids}
    tried = [(moved, check(moved)) for name in _nearest(one.text, others) if (moved := replace(one, ids=(name,)))]
    for moved, found in tried:
        if found.support == "supported":
            return moved, Verdict("weak", MOVED) if one.ids else found
    weak = (pair for pair in tried if pair[1].support == "weak" and not one.ids)
    return next(weak, (one, verdict))


def carried(one: Drafted, verdict: Verdict) -> tuple[Drafted, Verdict]:
    """Return a sentence without the quotes that it names and that carry nothing of it, and its verdict."""
    kept = tuple(one.ids[at] for at in verdict.carrying)
    return (replace(one, ids=kept) if kept else one), verdict


def _nearest(sentence: str, quotes: Mapping[str, str]) -> Sequence[str]:
    """Return the names of the quotes that share most of a sentence's words, most first."""
    own = stem_set(sentence)
    shares = {name: len(own & stem_set(quote)) / max(1, len(own)) for name, quote in quotes.items()}
    return sorted((name for name in shares if shares[name] >= SHARED), key=lambda name: (-shares[name], name))[:TRIED]


def without_repeats(sentences: Sequence[Drafted]) -> list[Drafted]:
    """Return the sentences without those that say again, word for word, what an earlier one said."""
    first: dict[str, Drafted] = {}
    for one in sentences:
        first.setdefault(" ".join(one.text.casefold().split()), one)
    return [*first.values()]
