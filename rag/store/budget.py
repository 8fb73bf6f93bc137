"""What strangers may ask, and what they may make a language model cost: quotas of visitors, a ledger of dollars.

Without the store questions stay open and the model does not: what cannot be booked is not spent.
"""

from __future__ import annotations

import hmac
import logging
import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Literal, Self

from sqlalchemy import Connection, Row, and_, case, func, insert, select, update

from rag.errors import BudgetReached, StoreUnavailable
from rag.networks import network
from rag.settings import Settings
from rag.store.database import DAY, Store, add, storable
from rag.store.schema import requests, secrets, spending
from rag.writing import Fault, LanguageModel, Message, Refused, Usage

log = logging.getLogger(__name__)

Kind = Literal["question", "link"]
NANO = 1_000_000_000
MINUTE = 60.0
# In the data folder; while it is there, no model is called.
SWITCH = "model-off"
UNKNOWN = "unknown"
_KEY_NAME, _KEY_BYTES = "visitor key", 32
_PROCESS_KEY = os.urandom(_KEY_BYTES)
_WORDS: dict[Kind, tuple[str, str]] = {"question": ("asked", "question"), "link": ("made", "link")}
# A tokenizer makes at most one token of a byte; an endpoint's template adds some to each message, and some once.
_TOKENS_A_MESSAGE, _TOKENS_A_PROMPT = 16, 256
# A million dollars: more than any owner allows, and little enough for sums of many in 64 bits.
_MOST = 10**6 * NANO


def visitor_key(store: Store, address: str | None, reader: str | None, now: float) -> str:
    """Return who asks, as a keyed hash that holds for the UTC day of `now` (seconds since 1970) and tells no address.

    Visitors are told apart by a global `address` (IPv6 by its /64), else by `reader`, the browser's unguessable id;
    those with neither are one. Without the store the key of the hash is this process's own.
    """
    apart = network(address) or (reader and f"reader {reader}")
    if not apart:
        return UNKNOWN
    day = datetime.fromtimestamp(now, UTC).date()
    return hmac.digest(_key(store), f"{day} {apart}".encode(errors="replace"), "sha256").hex()


def _key(store: Store) -> bytes:
    """Return the store's own key, made when there is none yet."""
    asked = select(secrets.c.value).where(secrets.c.name == _KEY_NAME)
    with suppress(StoreUnavailable):
        with store.reading() as connection:
            key = connection.scalar(asked)
        if key is None:
            with store.excluding() as connection:
                key = connection.scalar(asked)
                if key is None:
                    key = os.urandom(_KEY_BYTES)
                    connection.execute(insert(secrets).values(name=_KEY_NAME, value=key))
        return bytes(key)
    return _PROCESS_KEY


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests of a kind one visitor may make within 60 seconds and within 24 hours."""

    a_minute: int
    a_day: int


@dataclass(frozen=True, slots=True)
class Request:
    """An admitted request; `id` is that of its row, None where the store could keep none."""

    id: int | None


_UNSTORED: deque[tuple[str, str, float]] = deque(maxlen=20_000)
_UNSTORED_LOCK = threading.Lock()


def admit(store: Store, kind: Kind, visitor: str, limits: Quota, now: float, question: str | None = None) -> Request:
    """Book a request at `now`, in seconds since 1970; raise BudgetReached, which says when the next one is open.

    `question` is kept with the row. Without the store the requests are counted in this process alone.
    """
    try:
        with store.excluding() as connection:
            _check(kind, limits, _times(connection, kind, visitor, limits, now), now)
            row = {"kind": kind, "visitor": visitor, "made": now, "question": question and storable(question)}
            return Request(add(connection, requests, row))
    except StoreUnavailable:
        with _UNSTORED_LOCK:
            made = [when for of_kind, by, when in _UNSTORED if (of_kind, by) == (kind, visitor)]
            _check(kind, limits, sorted(made, reverse=True), now)
            _UNSTORED.append((kind, visitor, now))
        return Request(None)


def finish(store: Store, request: Request, outcome: str, mode: str, fault: str | None, seconds: float) -> None:
    """Note what came of a request; never raises: where the store fails, the row stays as it was."""
    came = {"outcome": outcome[:20], "mode": mode[:100], "fault": fault and fault[:40], "seconds": seconds}
    if request.id is not None:
        with suppress(StoreUnavailable), store.writing() as connection:
            connection.execute(update(requests).where(requests.c.id == request.id).values(came))


def _times(connection: Connection, kind: Kind, visitor: str, limits: Quota, now: float) -> Sequence[float]:
    """Return when a visitor made the requests that may still count, the newest first."""
    of_visitor = select(requests.c.made).where(requests.c.visitor == visitor, requests.c.kind == kind)
    recent = of_visitor.where(requests.c.made > now - DAY).order_by(requests.c.made.desc())
    return connection.scalars(recent.limit(max(limits.a_minute, limits.a_day))).all()


def _check(kind: Kind, limits: Quota, times: Sequence[float], now: float) -> None:
    """Raise BudgetReached when the requests made, the newest first, leave room for no more; later ones count as now."""
    for most, span, name in ((limits.a_day, DAY, "a day"), (limits.a_minute, MINUTE, "a minute")):
        wait = min(times[most - 1], now) + span - now if len(times) >= most else 0.0
        if wait > 0:
            done, noun = _WORDS[kind]
            count = f"{most} {noun}{'s' if most > 1 else ''}"
            left = _in_words(min(wait, _day(now) + DAY - now))  # with the day the visitor's key ends
            raise BudgetReached(f"You have {done} {count} within {name}; the next one can be {done} in {left}.")


def _in_words(seconds: float) -> str:
    """Return a time in the largest unit of which it is more than two."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > 2 * length:
            return f"{math.ceil(seconds / length)} {unit}s"
    count = max(1, math.ceil(seconds))
    return f"{count} second{'s' if count > 1 else ''}"


def _day(now: float) -> float:
    """Return when the UTC day of a time began."""
    return now // DAY * DAY


def _month(now: float) -> float:
    """Return when the UTC month of a time began."""
    today = datetime.fromtimestamp(_day(now), UTC)
    return today.replace(day=1).timestamp()


@dataclass(frozen=True, slots=True)
class Caps:
    """What the model may cost at most, in nano-dollars: a call, a visitor in a UTC day, all in a day and in a month."""

    call: int
    visitor_day: int
    day: int
    month: int

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the caps that the settings give in dollars."""
        given = (settings.dollars_a_call, settings.dollars_a_visitor_day, settings.dollars_a_day)
        return cls(*(int(_nano(dollars)) for dollars in (*given, settings.dollars_a_month)))


@dataclass(frozen=True, slots=True)
class Reservation:
    """A call that is paid for in advance at its worst case, in nano-dollars."""

    id: int
    worst: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """What calls of a model cost, booked before each is made; `clock` gives seconds since 1970."""

    store: Store
    caps: Caps
    clock: Callable[[], float] = time.time

    def reserve(self, visitor: str, model_name: str, worst_nano: int) -> Reservation:
        """Book a call at its worst case; raise Refused when a cap would be passed, or when nobody can tell.

        What is never settled stays booked as reserved. `visitor` has to hold for the UTC day.
        """
        try:
            with self.store.excluding() as connection:
                now = self.clock()
                if refusal := self._refusal(connection, visitor, worst_nano, now):
                    raise Refused(refusal, model_name)
                row = {"visitor": visitor, "made": now, "model": model_name[:100], "reserved": worst_nano}
                return Reservation(add(connection, spending, row), worst_nano)
        except StoreUnavailable as error:
            raise Refused("budget not known", model_name) from error

    def settle(self, reservation: Reservation, cost_nano: int | None) -> None:
        """Book what a call did cost; None, or a store that fails, leaves it at its worst case. The first one stands."""
        if cost_nano is None:
            return
        if cost_nano > reservation.worst:
            log.warning("A call cost %d nano-dollars, and %d were reserved.", cost_nano, reservation.worst)
        open_row = (spending.c.id == reservation.id) & spending.c.settled.is_(None)
        with suppress(StoreUnavailable), self.store.writing() as connection:
            connection.execute(update(spending).where(open_row).values(settled=min(cost_nano, _MOST)))

    def _refusal(self, connection: Connection, visitor: str, worst: int, now: float) -> Fault | None:
        """Return why a call may not be made at `now`; what is booked for later counts as now."""
        booked = _booked(connection, visitor, now)
        if booked.newest is not None and booked.newest > now + DAY:
            return "budget not known"  # a clock that was turned back would open days that are spent
        spent: dict[Fault, tuple[int | None, int]] = {
            "budget of a call": (0, self.caps.call),
            "budget of the month": (booked.month, self.caps.month),
            "budget of the day": (booked.day, self.caps.day),
            "budget of a visitor": (booked.visitor, self.caps.visitor_day),
        }
        return next((fault for fault, (nano, cap) in spent.items() if (nano or 0) + worst > cap), None)


def _booked(connection: Connection, visitor: str, now: float) -> Row[int | None, int | None, int | None, float | None]:
    """Return what is spent of this day by a visitor, of this day and of this month, and when the newest was booked."""
    made = spending.c.made
    cost = func.coalesce(spending.c.settled, spending.c.reserved)
    today = made >= _day(now)
    return connection.execute(
        select(
            func.sum(case((and_(today, spending.c.visitor == visitor), cost))).label("visitor"),
            func.sum(case((today, cost))).label("day"),
            func.sum(cost).label("month"),
            func.max(made).label("newest"),
        ).where(made >= _month(now))
    ).one()


def switched_off(settings: Settings) -> bool:
    """Tell whether the owner has switched the model off: RAG_MODEL_ENABLED=0, or a file `model-off` in RAG_DATA."""
    return not settings.model_enabled or (settings.data / SWITCH).exists()


def metered(model: LanguageModel, ledger: Ledger, visitor: str, settings: Settings) -> LanguageModel:
    """Return a model whose every call is booked before it is made, and settled when its tokens are known.

    A call that is refused ends as a fault whose words say why; the endpoint is not asked.
    """

    def meter(messages: Sequence[Message]) -> Callable[[Usage | None], None]:
        if switched_off(settings):
            raise Refused("switched off", model.name)
        if model.prices is None:
            raise Refused("price not known", model.name)
        prices = model.prices
        reservation = ledger.reserve(visitor, model.name, _cost(_worst(messages, model.limits.tokens), prices))
        return lambda used: ledger.settle(reservation, _cost(used, prices) if used and _counted(used) else None)

    return replace(model, meter=meter)


def _worst(messages: Sequence[Message], tokens: int) -> Usage:
    """Return the most that a call can use which may write so many tokens."""
    size = sum(len(message.text.encode(errors="replace")) for message in messages)
    return Usage(size + _TOKENS_A_MESSAGE * len(messages) + _TOKENS_A_PROMPT, tokens)


def _counted(used: Usage) -> bool:
    """Tell a real count from none: some endpoints report nothing, or zero."""
    return used.prompt_tokens > 0 and used.completion_tokens > 0


def _cost(used: Usage, prices: tuple[float, float]) -> int:
    """Return nano-dollars, rounded up, at prices in dollars for a million tokens read and written."""
    read, written = (_nano(price) / 10**6 for price in prices)
    return math.ceil(used.prompt_tokens * read + used.completion_tokens * written)


def _nano(dollars: float) -> Fraction:
    """Return nano-dollars exactly as the dollars are written; more than a million dollars are a million."""
    return Fraction(str(min(dollars, _MOST / NANO))) * NANO
