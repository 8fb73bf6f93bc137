"""What a model is given to write from: the quotes and what may matter beside them, each with what stands around it.

A quote is known to the model by an opaque id. The sentence before it and the one after are there to be understood by;
what its paper is, and what the sentence is there for in it, are labels.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rag.encoders import addresses_a_model
from rag.shelf import label
from rag.text import sentence_spans
from rag.types import ROLES, TRAITS, Answer, Citation, FloatMatrix, Quote, Review, Span

if TYPE_CHECKING:
    from rag.shelf import Library

# So many sentences at most, what the reader sees quoted among them.
MOST_GIVEN = 20
# From this share on a sentence is plainly of a role.
PLAINLY = 0.6
# Letters and digits that make no words and are not taken for each other.
ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
ID_LENGTH = 4
# What speaks to the reader of a text or to a model, code and control characters are no findings.
_INSTRUCTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|previous|above|prior|rule|prompt)"
    r"|\b(?:system|developer) prompt\b|\bas an ai\b|\byou are now\b|\bassistant\s*:|\btell the (?:user|reader)\b"
    r"|(?:^|[.:;!?]\s*)(?:please |always |now )*(?:answer|respond|reply|write|say|print|output)"
    r" (?:with|that|only|exactly|the)\b"
    r"|\bapi[ _-]?key\b|\bjailbreak\b|\{\s*\"|</?[a-z][^<>]*>|[\x00-\x08\x0b-\x1f\x7f-\x9f]",
    re.IGNORECASE,
)
# A link, an image or a tag is no prose, wherever the model has it from.
FOREIGN = re.compile(
    r"https?:|www\.|!\[|\]\(|\{\s*[\"']|[\"']\s*\}|</?[a-z!][^<>]*>|\b(?:(?:java|vb)script:|data:\w+/)|&#|\$\$|\\[a-z]+\{",
    re.IGNORECASE,
)
Evidence = Mapping[str, Citation]


def evidence_of(quoted: Answer, library: Library, beside: Sequence[Quote] = ()) -> dict[str, Citation]:
    """Return the quotes of an answer, and as many of those beside it as there is room for, by their ids.

    A comparison has none beside: what is written above a matrix rests on its cells.
    """
    quotes = [*(one.quote for one in quoted.citations), *(() if quoted.comparison else beside)]
    most = max(MOST_GIVEN, len(quoted.citations))
    return named_evidence(itertools.starmap(Citation, enumerate(quotes, 1)), library, most)


def named_evidence(citations: Iterable[Citation], library: Library, most: int | None = None) -> dict[str, Citation]:
    """Return citations by opaque ids, always the same for the same quotes; quotes that address a model are left out."""
    named: dict[str, Citation] = {}
    for citation in itertools.islice((c for c in citations if not speaks_to_a_model(c.quote, library)), most):
        salt = 0
        while (name := _opaque(citation, salt)) in named:
            salt += 1
        named[name] = citation
    return named


def speaks_to_a_model(quote: Quote, library: Library) -> bool:
    """Tell by its form or, as that is learned, by its sense what is there to be obeyed and not to be quoted."""
    if _INSTRUCTION.search(quote.text):
        return True
    vectors: FloatMatrix | None
    try:
        vectors = library.index.sentence_vectors([_place(quote)])
    except KeyError:  # of several sentences
        vectors = library.embed([quote.text])
    cells = [cell.strip() for cell in quote.text.split("|") if cell.strip()]
    told = [vectors, library.embed(cells) if len(cells) > 1 else None]
    return any(addresses_a_model(one).any() for one in told if one is not None)


def _opaque(citation: Citation, salt: int) -> str:
    quote = citation.quote
    digest = hashlib.sha256(f"{quote.review_id} {quote.start} {quote.end} {salt}".encode()).digest()
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:ID_LENGTH])


def evidence_text(evidence: Evidence, quoted: Answer, library: Library, alone: bool = False) -> str:
    """Return evidence as lines of JSON, which no quote can break out of; `alone`, without neighbours and labels."""
    rows = _rows_of(quoted)
    given = {_place(citation.quote) for citation in evidence.values()}
    lines = []
    for name, citation in evidence.items():
        quote, review = citation.quote, library.index.reviews[citation.quote.review_id]
        before, after = (one if one and _place(one) not in given else None for one in beside_of(library, quote))
        line: dict[str, Any] = {
            "id": name,
            "review": label(review),
            "year": review.year,
            **({} if alone else _study(review, library)),
            "row": rows.get(citation.number, ""),
            "section": quote.heading,
            "role": "" if alone else _role(quote, library),
            "before": "" if alone else _line(before),
            "quote": _line(quote),
            "after": "" if alone else _line(after),
        }
        lines.append({field: value for field, value in line.items() if value})
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)


def _place(quote: Quote) -> tuple[str, int, int]:
    return quote.review_id, quote.start, quote.end


def _line(quote: Quote | None) -> str:
    return " ".join(quote.text.split()) if quote else ""


def _rows_of(quoted: Answer) -> dict[int, str]:
    """Return which row of a matrix each of its numbers stands in."""
    cells = quoted.comparison.cells if quoted.comparison else ()
    return {number: cell.aspect for cell in reversed(cells) for number in cell.citations}


def _study(review: Review, library: Library) -> dict[str, str]:
    """Return what a paper is and how many took part in it, as far as it states that."""
    facts = library.facts(review)
    return {"kind": facts.kind, "participants": facts.participants.value if facts.participants else ""}


def _role(quote: Quote, library: Library) -> str:
    """Return what a sentence is there for in its paper, "" where that is not plain."""
    with suppress(KeyError):  # what is no sentence has no role
        (shares,) = library.index.sentence_traits([_place(quote)])
        role = max(ROLES, key=lambda role: float(shares[TRAITS.index(role)]))
        return role if shares[TRAITS.index(role)] >= PLAINLY else ""
    return ""


def beside_of(library: Library, quote: Quote) -> tuple[Quote | None, Quote | None]:
    """Return the sentences before and after a quote in its passage, None where there is none that may be given."""
    review = library.index.reviews[quote.review_id]
    spans = sentence_spans(review.text, quote.passage_start, quote.passage_end)
    before = max((span for span in spans if span[1] <= quote.start), default=None)
    after = min((span for span in spans if span[0] >= quote.end), default=None)
    found = [_at(quote, review, span) for span in (before, after)]
    first, last = (None if one and speaks_to_a_model(one, library) else one for one in found)
    return first, last


def _at(quote: Quote, review: Review, span: Span | None) -> Quote | None:
    return replace(quote, start=span[0], end=span[1], text=review.text[slice(*span)]) if span else None
