"""Links that keep their evidence: an answer, frozen with its quotes, that anyone with the link can read.

The database holds hashes of the link and of its owner's secret, never these themselves.
"""

from __future__ import annotations

import hmac
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import func, insert, select, update

from rag.errors import NoSuchLink
from rag.store.database import DAY, Store
from rag.store.schema import shares
from rag.store.serialization import FORMAT, freeze, quotes_of, text_sum, thaw
from rag.store.tokens import hashed, is_token, new_token
from rag.types import Exchange, Quote, Review

LARGEST_BYTES = 1_000_000
# All links together; a store that strangers could fill would end the budgets as well.
ALL_BYTES = 1_000_000_000

Clock = Callable[[], float]
State = Literal["same", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Link:
    """A new link: the token that opens it, and the secret with which its owner deletes it."""

    token: str
    secret: str


@dataclass(frozen=True, slots=True)
class Shared:
    """What a link keeps: exchanges, what they were made with, and when; times in seconds since 1970, UTC."""

    exchanges: tuple[Exchange, ...]
    about: Mapping[str, str]
    made: float
    expires: float | None


@dataclass(frozen=True, slots=True)
class Recheck:
    """How many quotes still stand in the reviews as they are now, and which reviews are no longer loaded.

    Of the `total` quotes, `moved` stand word for word at another place, `changed` no longer do, and `gone` are of
    reviews that are not loaded.
    """

    total: int
    same: int
    moved: int
    changed: int
    gone: int
    reviews_gone: tuple[Review, ...]


def share(
    store: Store,
    exchanges: Sequence[Exchange],
    about: Mapping[str, str],
    days: float | None = None,
    clock: Clock = time.time,
) -> Link:
    """Freeze answered exchanges under a new link that ends after some days, or never; raise StoreUnavailable.

    What came before an answer in its place stays out. Raises ValueError when there is nothing to share or too much.
    """
    answered = [replace(one, earlier=(), problem="") for one in exchanges if one.answer]
    if not answered:
        raise ValueError("There is no answer to share.")
    frozen = freeze(answered, {**about, "format": str(FORMAT), **_quote_sums(answered)})
    if len(frozen) > LARGEST_BYTES:
        raise ValueError("This conversation is too long for one link. Share its answers one by one.")
    link, now = Link(new_token(), new_token()), clock()
    row = {
        "link": hashed(link.token),
        "owner": hashed(link.secret),
        "made": now,
        "expires": None if days is None else now + days * DAY,
        "frozen": frozen,
    }
    with store.writing() as connection:
        connection.execute(update(shares).where(shares.c.expires < now).values(frozen=None))
        if (connection.scalar(select(func.sum(func.length(shares.c.frozen)))) or 0) + len(frozen) > ALL_BYTES:
            raise ValueError("There is no room left for shared answers.")
        connection.execute(insert(shares).values(row))
    return link


def open_link(store: Store, token: str, clock: Clock = time.time) -> Shared:
    """Return what a link keeps; raise NoSuchLink, which says why it no longer opens, or StoreUnavailable.

    Needs neither a model nor an index.
    """
    if not is_token(token):
        raise NoSuchLink("This link is incomplete. Copy all of it, or ask whoever sent it for a new one.")
    with store.reading() as connection:
        row = connection.execute(select(shares).where(shares.c.link == hashed(token))).one_or_none()
    if row is None:
        raise NoSuchLink(
            "There is no such link. Check that you copied all of it, or ask whoever sent it for a new one."
        )
    if row.expires is not None and clock() >= row.expires:
        raise NoSuchLink("This link has expired. Ask whoever sent it for a new one.")
    if row.frozen is None:
        raise NoSuchLink("This link was deleted by its owner.")
    try:
        exchanges, about = thaw(row.frozen)
    except ValueError:
        raise NoSuchLink("What this link kept cannot be read by this version of the page.") from None
    if _quote_sums(exchanges).items() - about.items():
        raise NoSuchLink("What this link kept was damaged: its quotes are no longer those that were shared.")
    return Shared(tuple(exchanges), about, row.made, row.expires)


def delete_link(store: Store, token: str, secret: str) -> None:
    """Delete what a link keeps; raise NoSuchLink when the secret is not its owner's, or StoreUnavailable."""
    with store.writing() as connection:
        _check_owner(connection.scalar(select(shares.c.owner).where(shares.c.link == hashed(token))), secret)
        connection.execute(update(shares).where(shares.c.link == hashed(token)).values(frozen=None, expires=None))
    store.wipe()


def set_expiry(store: Store, token: str, secret: str, days: float | None, clock: Clock = time.time) -> None:
    """Let a link end some days from now, or never; raise NoSuchLink when the secret is not its owner's."""
    expires = None if days is None else clock() + days * DAY
    with store.writing() as connection:
        _check_owner(connection.scalar(select(shares.c.owner).where(shares.c.link == hashed(token))), secret)
        connection.execute(update(shares).where(shares.c.link == hashed(token)).values(expires=expires))


def recheck(exchanges: Sequence[Exchange], reviews: Sequence[Review]) -> Recheck:
    """Compare every cited quote with the reviews as they are now."""
    shelf = {review.id: review for review in reviews}
    cited = {(quote.review_id, quote.start, quote.end): quote for quote in _cited(exchanges)}
    states = Counter(_state(quote, shelf.get(quote.review_id)) for quote in cited.values())
    known = {review.id: review for one in exchanges for review in one.reviews}
    gone = dict.fromkeys(quote.review_id for quote in cited.values() if quote.review_id not in shelf)
    return Recheck(
        len(cited),
        states["same"],
        states["moved"],
        states["changed"],
        states["gone"],
        tuple(known[review_id] for review_id in gone),
    )


def _cited(exchanges: Sequence[Exchange]) -> list[Quote]:
    answers = [one.answer for one in exchanges if one.answer]
    return [citation.quote for answer in answers for citation in answer.citations]


def _state(quote: Quote, review: Review | None) -> State:
    if review is None:
        return "gone"
    if review.text[quote.start : quote.end] == quote.text:
        return "same"
    return "moved" if quote.text in review.text else "changed"


def _quote_sums(exchanges: Sequence[Exchange]) -> dict[str, str]:
    """Return the SHA-256 of each quote under its review and offsets."""
    quotes = (quote for one in exchanges if one.answer for quote in quotes_of(one.answer))
    return {f"{quote.review_id}:{quote.start}-{quote.end}": text_sum(quote.text) for quote in quotes}


def _check_owner(owner: str | None, secret: str) -> None:
    if owner is None or not hmac.compare_digest(owner, hashed(secret)):
        raise NoSuchLink("This is not the secret of this link. It was shown once, when the link was made.")
