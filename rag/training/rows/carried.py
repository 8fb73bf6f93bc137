"""Sentences as a model writes them, held against the quotes that they cite: carried, or false in one of a dozen ways.

`written/carried.jsonl` has one a line: the article, the quotes (sentences of it, exact but for addresses of the web),
the written sentence, and its kind: "true", or what is wrong with it. Beside them the quotes themselves are held against
their own words, and against their denial.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.training.rows.row import CLAIMS, SEED, UNKNOWN, Row, json_lines, unknown
from rag.training.rows.trials import paragraphs_of
from rag.training.rows.written import pages_of
from rag.training.sources import Sources

CARRIED = Path(__file__).parents[1] / "written" / "carried.jsonl"
# What a quote is to a sentence of each kind: what turns the finding round is refuted, what goes beyond it left open.
CLAIM_OF = {
    "true": "supports",
    **dict.fromkeys(("direction", "negation", "role", "quantifier", "number", "unit"), "refutes"),
    **dict.fromkeys(("causal", "population", "surer", "name", "beyond", "other"), "neither"),
}
# The share of the quotes that are held against themselves, and of the sentences that cite one more, beside the point.
REPEATED, BESIDE = 0.4, 0.15
_DENIAL = re.compile(r"\b(?:did|does|do) not |\bnot?\b ?")
_AUXILIARY = re.compile(r"\b(?:is|are|was|were|has|have|will)\b")
# Where the first denial or auxiliary is not that of the whole sentence.
_NESTED = re.compile(r"\b(?:not only|no doubt|neither|nor|that|which|who|whose|whether|if|when)\b")
# A half that can stand first.
_HALF = re.compile(r"[a-z]{2,}(?: [^\s,;:()]+){3,}")


@dataclass(frozen=True, slots=True)
class Carried:
    """A written sentence with the quotes that it cites."""

    article: str
    quotes: tuple[str, ...]
    sentence: str
    kind: str


def read_carried(file: Path = CARRIED) -> list[Carried]:
    """Return the written sentences."""
    return [Carried(**row | {"quotes": tuple(row["quotes"])}) for row in json_lines(file)]


def carried_rows(written: Iterable[Carried], sources: Sources, banned: frozenset[str]) -> Iterator[Row]:
    """Yield a row of each written sentence, some with one more quote, and of some quotes with themselves and denied."""
    draw = random.Random(SEED + 9)
    kept = [one for one in written if one.article not in banned]
    pages = pages_of(dict.fromkeys(one.article for one in kept), sources)
    titles = {name: paragraphs_of(name, page)[0].title for name, page in pages.items()}
    cited: dict[str, list[str]] = {}
    for one in kept:
        cited.setdefault(one.article, []).extend(one.quotes)
    for one in kept:
        for row in (one, *_beside(one, cited[one.article], draw), *_of_quote(one, draw)):
            yield _row(row, titles[one.article])


def _beside(one: Carried, cited: Sequence[str], draw: random.Random) -> Iterator[Carried]:
    """Yield a sentence again with a second quote, which changes nothing, in either order."""
    others = sorted({*cited} - {*one.quotes})
    if one.kind != "other" and len(one.quotes) == 1 and others and draw.random() < BESIDE:
        yield replace(one, quotes=tuple(draw.sample([*one.quotes, draw.choice(others)], 2)))


def _of_quote(one: Carried, draw: random.Random) -> Iterator[Carried]:
    """Yield a quote as a sentence that cites it, and its denial."""
    if one.kind == "true" and len(one.quotes) == 1 and draw.random() < REPEATED:
        (quote,) = one.quotes
        yield replace(one, sentence=rearranged(quote) if draw.random() < 0.5 else quote)
        if denied := denied_or_not(quote):
            yield replace(one, sentence=denied, kind="negation")


def rearranged(quote: str) -> str:
    """Return a quote with its second half first; as it is where it has no two halves that can change places."""
    head, _, tail = quote.rstrip(". ").partition(", ")
    if _HALF.fullmatch(tail) and _HALF.fullmatch(head[:1].lower() + head[1:]):
        return f"{tail[0].upper()}{tail[1:]}, {head[0].lower()}{head[1:]}."
    return quote


def denied_or_not(quote: str) -> str | None:
    """Return a quote with a denial less, or one more; None where there is no sure place for one."""
    found = _DENIAL.search(quote) or _AUXILIARY.search(quote)
    if not found or _NESTED.search(quote, 0, found.end() + len(" only")):
        return None
    if _DENIAL.fullmatch(found.group()):
        return quote[: found.start()] + quote[found.end() :]
    return f"{quote[: found.end()]} not{quote[found.end() :]}"


def _row(one: Carried, title: str) -> Row:
    """Return what is read: a quote alone has its label at its end, too."""
    label, count = CLAIMS.index(CLAIM_OF[one.kind]), len(one.quotes)
    answers = {"true": 1, "other": 0}.get(one.kind, UNKNOWN)
    alone = count == 1
    return Row(
        "carried",
        one.article,
        one.sentence,
        title,
        one.quotes,
        (answers,) * count,
        unknown(count),
        (label,) if alone else unknown(count),
        answers,
        label,
    )
