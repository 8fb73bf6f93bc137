"""Rows for the check of written sentences: true ones, and falsehoods planted in them, from judged claims."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.types import FloatMatrix
from rag.writing.checking import Verdict, amounts, check_sentences, names
from tests.outside import outside

DATA = outside("scifact-dev")
TRUE = ("its own quote", "its own quote, reordered", "claim")


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, the quotes that it names, and what is wrong with it ("" when nothing is)."""

    kind: str
    sentence: str
    quotes: tuple[str, ...]
    planted: bool
    context: tuple[str, ...] = ()


def _jsonl(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line]


def rows(held_back: bool) -> list[Row]:
    """Return rows of the queries with even ids, or of those held back, whose ids are odd."""
    claims = {str(q["_id"]): str(q["text"]) for q in _jsonl(DATA / "queries.jsonl")}
    titles = {str(d["_id"]): str(d["title"]) for d in _jsonl(DATA / "corpus.jsonl")}
    papers = {str(d["_id"]): list(d["sentences"]) for d in _jsonl(DATA / "corpus.jsonl")}  # type: ignore[call-overload]
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for line in _jsonl(DATA / "rationales.jsonl"):
        query, doc, label = str(line["query"]), str(line["doc"]), str(line["label"])
        if int(query) % 2 == held_back:
            evidence = [papers[doc][at] for at in line["sentences"]]  # type: ignore[attr-defined]
            grouped.setdefault((query, doc, label), []).extend(evidence)
    chance = random.Random(7)
    everything = sorted(grouped)
    pool = sorted({name for key in everything for quote in grouped[key] for name in names(quote) if len(name) > 2})
    found = ((row, key) for key in everything for row in _of(key, claims[key[0]], grouped, everything, pool, chance))
    return [replace(row, context=(titles[key[1]],)) for row, key in found]


def _of(
    key: tuple[str, str, str],
    claim: str,
    grouped: dict[tuple[str, str, str], list[str]],
    everything: Sequence[tuple[str, str, str]],
    pool: Sequence[str],
    chance: random.Random,
) -> Iterator[Row]:
    quotes = tuple(grouped[key])
    if key[2] == "CONTRADICT":
        yield Row("claim that its quote contradicts, in free words", claim, quotes, True)
        return
    other = chance.choice([one for one in everything if one[1] != key[1]])
    written = quotes[0]
    yield Row("claim", claim, quotes, False)
    yield Row("its own quote", written, quotes, False)
    yield Row("its own quote, reordered", _reordered(written), quotes, False)
    yield Row("another paper's quote", claim, tuple(grouped[other]), True)
    yield Row("another paper's quote", written, tuple(grouped[other]), True)
    for text, whose in ((claim, "claim"), (written, "quote")):
        for kind, change in (
            ("changed number", changed_number),
            ("flipped negation", flipped_negation),
            ("flipped direction", flipped_direction),
            ("swapped name", lambda text: swapped_name(text, quotes, pool, chance)),
        ):
            if (false := change(text)) and false != text:
                yield Row(f"{kind}, {whose}", false, quotes, True)


def _reordered(text: str) -> str:
    """Say the second half of a sentence first, as a light paraphrase does."""
    head, comma, tail = text.rstrip(". ").partition(", ")
    return f"{tail}, {head}." if comma and len(tail) > 30 and len(head) > 10 else f"Overall, {text}"


def changed_number(text: str) -> str | None:
    found = [amount for amount in amounts(text) if text[amount.start].isdigit()]
    if not found:
        return None
    at = found[0]
    digits = re.match(r"[\d.,]*\d", text[at.start :])
    assert digits
    return f"{text[: at.start]}{int(at.value * 2 + 3)}{text[at.start + digits.end() :]}"


def flipped_negation(text: str) -> str | None:
    if re.search(r"\b(?:not|no)\b", text):
        return re.sub(r"\b(?:did|does|do) not\b|\bnot?\b ?", "", text, count=1)
    found = re.search(r"\b(?:is|are|was|were|can|may|will|has|have|could|might)\b", text)
    return f"{text[: found.end()]} not{text[found.end() :]}" if found else None


_DIRECTIONS = (
    ("increase", "decrease"),
    ("increased", "decreased"),
    ("increases", "decreases"),
    ("higher", "lower"),
    ("more", "less"),
    ("reduces", "raises"),
    ("reduced", "raised"),
    ("improved", "worsened"),
    ("improves", "worsens"),
    ("inhibits", "promotes"),
    ("inhibited", "promoted"),
    ("upregulated", "downregulated"),
    ("greater", "smaller"),
    ("positive", "negative"),
    ("positively", "negatively"),
)
_TURN = {a: b for pair in _DIRECTIONS for a, b in (pair, pair[::-1])}


def flipped_direction(text: str) -> str | None:
    found = re.search(rf"\b(?:{'|'.join(_TURN)})\b", text)
    return f"{text[: found.start()]}{_TURN[found.group()]}{text[found.end() :]}" if found else None


def swapped_name(text: str, quotes: Sequence[str], pool: Sequence[str], chance: random.Random) -> str | None:
    own = [name for name in names(text) if len(name) > 2]
    others = [name for name in pool if name.casefold() not in " ".join([text, *quotes]).casefold()]
    return text.replace(own[0], chance.choice(others)) if own and others else None


def table(found: Sequence[Row], embed: Callable[[Sequence[str]], FloatMatrix | None]) -> dict[str, list[Verdict]]:
    """Return the verdicts by kind of row."""

    def embed_once(texts: Sequence[str]) -> FloatMatrix | None:
        """Embed each text once, those of one length together: many rows have the same quotes."""
        distinct = sorted({*texts}, key=lambda text: (len(text), text))
        place = {text: at for at, text in enumerate(distinct)}
        vectors = embed(distinct)
        return None if vectors is None else vectors[[place[text] for text in texts]]

    by_kind: dict[str, list[Verdict]] = {}
    verdicts = check_sentences([(row.sentence, row.quotes, row.context) for row in found], embed_once)
    for row, verdict in zip(found, verdicts, strict=True):
        by_kind.setdefault(row.kind, []).append(verdict)
    return by_kind
