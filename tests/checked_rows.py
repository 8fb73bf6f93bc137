"""Rows for the check of written sentences: true ones and false ones.

From judged claims, with falsehoods planted in them and in their quotes; and such as a model would write on 60 abstracts
that nothing was learned from, true or false in a dozen ways.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.lexicon import Synonyms, defined_names
from rag.text import sentence_spans
from rag.writing.amounts import amounts
from rag.writing.checking import Cited, names, other_names
from tests.outside import outside

DATA, ABSTRACTS = outside("scifact-dev"), outside("pubmedqa-dev")
WRITTEN = Path(__file__).parent / "gold" / "written_sentences.jsonl"
TRUE = ("its own quote", "its own quote, reordered", "claim", "written: true", "HealthVer: supports")


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence, the quotes that it names, and what is wrong with it ("" when nothing is)."""

    kind: str
    sentence: str
    quotes: tuple[str, ...]
    planted: bool
    title: str = ""
    called: frozenset[str] = frozenset()

    @property
    def cited(self) -> Cited:
        """The same as the check has it."""
        return Cited(self.sentence, self.quotes, [self.title], called=self.called)


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
    return [replace(row, title=titles[key[1]]) for row, key in found]


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


def written_rows() -> list[Row]:
    """Return the sentences as a model would write them, with the sentences of abstracts that they cite."""
    titles = {str(q["_id"]): str(q["text"]) for q in _jsonl(ABSTRACTS / "queries.jsonl")}
    texts: dict[str, list[str]] = {}
    for part in _jsonl(ABSTRACTS / "corpus.jsonl"):
        texts.setdefault(str(part["_id"]).split("#")[0], []).append(str(part["text"]))
    found = []
    for row in _jsonl(WRITTEN):
        paper, text = str(row["paper"]), " ".join(texts[str(row["paper"])])
        sentences = [" ".join(text[start:end].split()) for start, end in sentence_spans(text, 0, len(text))]
        quotes = [next(s for s in sentences if s.startswith(cited)) for cited in row["quotes"]]  # type: ignore[attr-defined]
        kind = str(row["kind"])
        called = other_names(quotes, Synonyms(defined_names(text)))
        sentence = str(row["sentence"])
        found.append(Row(f"written: {kind}", sentence, tuple(quotes), kind != "true", titles[paper], called))
    return found


def denied_rows(found: Sequence[Row]) -> list[Row]:
    """Return true sentences, and quotes, as what is untrue."""
    return [
        replace(row, kind=f"it is untrue that …, {whose}", planted=True, sentence=f"It is untrue that {_inside(row)}")
        for kind, whose in (("written: true", "written"), ("its own quote", "quote"))
        for row in found
        if row.kind == kind
    ]


def _inside(row: Row) -> str:
    """Return a sentence as it stands in another one."""
    first = row.sentence.split(" ", 1)[0]
    return row.sentence if {*names(f"- {first}")} else row.sentence[0].lower() + row.sentence[1:]


def readers_rows() -> list[Row]:
    """Return every second of the laymen's claims on COVID-19 with their evidence; none without them."""
    file = outside("readers") / "healthver.jsonl"
    judged = _jsonl(file)[::2] if file.is_file() else []
    return [
        Row(f"HealthVer: {one['label']}", str(one["claim"]), (str(one["evidence"]),), one["label"] != "supports")
        for one in judged
    ]
