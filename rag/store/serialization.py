"""Exchanges as bytes and back: all that was asked and answered, with as much of each review as the answers show."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise

from pydantic import TypeAdapter, ValidationError

from rag.shelf import abridged_at
from rag.store.tokens import hashed
from rag.types import Answer, Exchange, Quote, Review, Span

# Raised when what is written could not be read by earlier code; `thaw` reads every format there has been.
FORMAT = 1
# Unpacked; nothing larger is kept, and what unpacks to more was not written here.
LARGEST_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A review without its text, of which only the pieces that the answers show are kept, with their offsets."""

    name: str
    review: Review
    pieces: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """An exchange without its reviews, which are named as their excerpts are, and without its earlier versions."""

    exchange: Exchange
    reviews: tuple[str, ...]
    earlier: tuple[KeptExchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """Exchanges as they are kept; `about` holds what else there is to say of them, as the fingerprint of the index."""

    exchanges: tuple[KeptExchange, ...]
    excerpts: tuple[Excerpt, ...]
    about: dict[str, str]
    format: int = FORMAT


def freeze(exchanges: Sequence[Exchange], about: Mapping[str, str]) -> bytes:
    """Return exchanges as bytes; `thaw` gives them back with the same answers and the same places in the reviews.

    Raises ValueError when they are too long to be saved.
    """
    shown: dict[str, set[Span]] = defaultdict(set)
    reviews: dict[str, Review] = {}
    for one in _versions(exchanges):
        for review in one.reviews:
            reviews[_name(review)] = review
        names = {review.id: _name(review) for review in one.reviews}
        for quote in quotes_of(one.answer) if one.answer else ():
            places = (quote.passage_start, quote.passage_end), (quote.start, quote.end)
            shown[names[quote.review_id]].update(places)
    excerpts = tuple(_excerpt(review, name, shown[name]) for name, review in reviews.items())
    record = Record(tuple(_kept(one) for one in exchanges), excerpts, dict(about))
    written = _adapter().dump_json(record)
    if len(written) > LARGEST_BYTES:
        raise ValueError("This conversation is too long to be saved.")
    return zlib.compress(written)


def thaw(frozen: bytes) -> tuple[list[Exchange], dict[str, str]]:
    """Return the exchanges and what was said about them; raise ValueError when the bytes are no such record.

    The text of a review holds what was kept of it, and spaces before and between, so that all offsets hold.
    """
    try:
        unpacker = zlib.decompressobj()
        written = unpacker.decompress(frozen, LARGEST_BYTES)
        if unpacker.unconsumed_tail:
            raise ValueError("the record is too large")
        record = _adapter().validate_json(written)
    except (zlib.error, ValidationError) as error:
        raise ValueError("the record cannot be read") from error
    if record.format > FORMAT:
        raise ValueError("the record was made by a newer version")
    shelf = {excerpt.name: _sparse(excerpt) for excerpt in record.excerpts}
    return [_thawed(one, shelf) for one in record.exchanges], record.about


def quotes_of(answer: Answer) -> Iterator[Quote]:
    """Yield every quote that an answer shows: cited, closest, nearest, in a cell, or given to a model."""
    yield from (citation.quote for citation in (*answer.citations, *answer.closest, *answer.nearest))
    if answer.comparison:
        yield from (citation.quote for citation in answer.comparison.citations)
        yield from (cell.nearest for cell in answer.comparison.cells if cell.nearest)
    if answer.written:
        yield from (quote for _, quote, _ in answer.written.evidence)
    if answer.table:
        yield from (cell.quote for row in answer.table.rows for cell in row if cell.quote)


# Cached for the texts of the shelf, which every turn of every conversation names again.
@lru_cache(maxsize=4096)
def text_sum(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8, in hexadecimal."""
    return hashed(text)


def _name(review: Review) -> str:
    """Return what a review is kept under: two of which nothing is shown have the same text when they come back."""
    return f"{review.id} {text_sum(review.text)}"


@cache
def _adapter() -> TypeAdapter[Record]:
    return TypeAdapter(Record)


def _versions(exchanges: Sequence[Exchange]) -> Iterator[Exchange]:
    for one in exchanges:
        yield one
        yield from one.earlier


def _kept(exchange: Exchange) -> KeptExchange:
    names = tuple(_name(review) for review in exchange.reviews)
    earlier = tuple(_kept(one) for one in exchange.earlier)
    return KeptExchange(replace(exchange, reviews=(), earlier=()), names, earlier)


def _thawed(kept: KeptExchange, shelf: Mapping[str, Review]) -> Exchange:
    reviews = tuple(shelf[name] for name in kept.reviews)
    return replace(kept.exchange, reviews=reviews, earlier=tuple(_thawed(one, shelf) for one in kept.earlier))


def _excerpt(review: Review, name: str, spans: set[Span]) -> Excerpt:
    """Return a review with the pieces that are shown, and the words by which it is called."""
    called = abridged_at(review)
    pieces = tuple((start, review.text[start:end]) for start, end in _joined({*spans, *([called] if called else [])}))
    kept = [
        place for place, after in pairwise([*review.places, (len(review.text), 0, 0)]) if _shows(pieces, place, after)
    ]
    return Excerpt(name, replace(review, text="", sections=(), entities=(), mesh=(), places=tuple(kept)), pieces)


def _shows(pieces: Sequence[tuple[int, str]], place: tuple[int, int, int], after: tuple[int, int, int]) -> bool:
    """Tell whether a stretch of a page is among the pieces of a text."""
    return any(start < after[0] and place[0] < start + len(text) for start, text in pieces)


def _joined(spans: set[Span]) -> list[Span]:
    """Return the spans in order, those that touch made one."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _sparse(excerpt: Excerpt) -> Review:
    text, at = [], 0
    for start, piece in excerpt.pieces:
        text += [" " * (start - at), piece]
        at = start + len(piece)
    return replace(excerpt.review, text="".join(text))
