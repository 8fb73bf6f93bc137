"""How a hosted page is used, for its owner: figures of questions, dollars and thumbs, and the thumbs one by one.

Days are UTC, money is nano-dollars. A visitor is known for one day only: visitors are counted a day, and several days
add up to visitor-days. Whatever is asked of the store raises StoreUnavailable when it fails.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Connection, Table, and_, case, distinct, func, select, update

from rag.exports import guarded
from rag.store.database import DAY, Store, add, storable
from rag.store.schema import feedback, requests, spending

Value = TypeVar("Value")

HEAD = ("when", "thumb", "outcome", "cited", "question")
_THUMBS = {True: "up", False: "down", None: "taken back"}
# The questions that were searched for: small talk and failures are none.
_SEARCHED, _ABSTAINED = ("answered", "partial", "closest", "not_found"), "not_found"
# What was booked for a call: what it did cost, else the worst case.
_COST = func.coalesce(spending.c.settled, spending.c.reserved)


@dataclass(frozen=True, slots=True)
class Day:
    """One UTC day: its visitors, what they asked for, and what the model cost, in nano-dollars as the caps count it."""

    date: date
    visitors: int = 0
    questions: int = 0
    links: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """The use of some days, oldest first, days without any among them.

    `outcomes` counts questions by what came of them ("" where nothing was noted) and `faults` by what kept the model
    from writing to the end, the most frequent first. `p50` and `p95` are seconds from a question to its answer;
    `unsettled` is the part of what was spent that is reserved for calls whose cost is not known, in nano-dollars.
    """

    days: tuple[Day, ...]
    outcomes: Mapping[str, int]
    faults: Mapping[str, int]
    p50: float | None
    p95: float | None
    unsettled: int
    up: int
    down: int

    @property
    def visitor_days(self) -> int:
        """The visitors of each day, added up: who came on two days counts twice."""
        return sum(day.visitors for day in self.days)

    @property
    def questions(self) -> int:
        """How many questions were admitted."""
        return sum(day.questions for day in self.days)

    @property
    def links(self) -> int:
        """How many links were made."""
        return sum(day.links for day in self.days)

    @property
    def spent(self) -> int:
        """What the model cost, in nano-dollars, with what is reserved and not settled."""
        return sum(day.spent for day in self.days)

    @property
    def searched(self) -> int:
        """How many questions were looked for in the reviews: neither small talk nor ended by a problem."""
        return sum(self.outcomes.get(outcome, 0) for outcome in _SEARCHED)

    @property
    def abstained(self) -> float | None:
        """The share of the questions searched for of which nothing was found, None when there were none."""
        return self.outcomes.get(_ABSTAINED, 0) / self.searched if self.searched else None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is booked for the model in this UTC day and in this UTC month, in nano-dollars."""

    day: int
    month: int


def figures(store: Store, days: int, now: float) -> Figures:
    """Return the use of the last days, that of `now` (seconds since 1970) included."""
    last = int(now // DAY)
    first = last - days + 1
    asked = and_(requests.c.kind == "question", _within(requests, first, last))
    with store.reading() as connection:
        by_day = _by_day(connection, first, last)
        thumbs = _counts(connection, feedback.c.up, _within(feedback, first, last))
        open_row = and_(spending.c.settled.is_(None), _within(spending, first, last))
        return Figures(
            tuple(by_day.get(day, Day(_date(day))) for day in range(first, last + 1)),
            {outcome or "": count for outcome, count in _counts(connection, requests.c.outcome, asked).items()},
            _counts(connection, requests.c.fault, and_(asked, requests.c.fault.is_not(None))),
            _percentile(connection, 50, asked),
            _percentile(connection, 95, asked),
            int(connection.scalar(select(func.sum(spending.c.reserved)).where(open_row)) or 0),
            thumbs.get(True, 0),
            thumbs.get(False, 0),
        )


def balance(store: Store, now: float) -> Balance:
    """Return what is booked at `now`, in seconds since 1970; what is booked for later counts as now."""
    today = datetime.fromtimestamp(now // DAY * DAY, UTC)
    of_day = func.sum(case((spending.c.made >= today.timestamp(), _COST)))
    asked = select(of_day, func.sum(_COST)).where(spending.c.made >= today.replace(day=1).timestamp())
    with store.reading() as connection:
        day, month = connection.execute(asked).one()
    return Balance(int(day or 0), int(month or 0))


def _within(table: Table, first: int, last: int) -> ColumnElement[bool]:
    """Return the condition that a row was made on one of these days, counted since 1970."""
    return and_(table.c.made >= first * DAY, table.c.made < (last + 1) * DAY)


def _by_day(connection: Connection, first: int, last: int) -> dict[int, Day]:
    """Return the days on which something happened, by their number since 1970."""
    of_kind = {kind: func.count(case((requests.c.kind == kind, 1))) for kind in ("question", "link")}
    came = func.count(distinct(requests.c.visitor))
    used = select(_day(requests), came, of_kind["question"], of_kind["link"]).where(_within(requests, first, last))
    found = {
        int(day): Day(_date(int(day)), visitors, questions, links)
        for day, visitors, questions, links in connection.execute(used.group_by("day"))
    }
    cost = select(_day(spending), func.sum(_COST)).where(_within(spending, first, last))
    for day, nano in connection.execute(cost.group_by("day")):
        found[int(day)] = replace(found.get(int(day), Day(_date(int(day)))), spent=int(nano))
    return found


def _day(table: Table) -> ColumnElement[float]:
    return func.floor(table.c.made / DAY).label("day")


def _date(day: int) -> date:
    return datetime.fromtimestamp(day * DAY, UTC).date()


def _counts(connection: Connection, column: ColumnElement[Value], where: ColumnElement[bool]) -> dict[Value, int]:
    """Return how many rows hold each value of a column, the most frequent first."""
    count = func.count()
    found = select(column, count).where(where).group_by(column).order_by(count.desc(), column)
    return {row[0]: row[1] for row in connection.execute(found)}


def _percentile(connection: Connection, percent: int, asked: ColumnElement[bool]) -> float | None:
    """Return the smallest time, in seconds, within which so many of a hundred questions were answered."""
    timed = and_(asked, requests.c.seconds.is_not(None))
    count = connection.scalar(select(func.count()).select_from(requests).where(timed)) or 0
    rank = (count * percent + 99) // 100
    in_order = select(requests.c.seconds).where(timed).order_by(requests.c.seconds)
    return connection.scalar(in_order.offset(max(rank - 1, 0)).limit(1))


def record_thumb(
    store: Store,
    up: bool | None,
    outcome: str,
    cited: Sequence[tuple[str, int, int]],
    question: str | None,
    now: float,
    row: int | None = None,
) -> int:
    """Keep a thumb, None when it is taken back, with the quotes that were cited as (review, start, end).

    Returns the row that keeps it; given again as `row`, that one is changed, so that an answer has one thumb of a
    reader. `now` is in seconds since 1970.
    """
    # No database takes half characters, and PostgreSQL no NUL.
    words = question and storable(question)
    kept = {"made": now, "up": up, "outcome": outcome, "cited": json.dumps(cited), "question": words}
    with store.writing() as connection:
        if row is None:
            row = add(connection, feedback, kept)
        else:
            connection.execute(update(feedback).where(feedback.c.id == row).values(kept))
    return row


def feedback_csv(store: Store) -> bytes:
    """Return all thumbs, oldest first, as CSV: UTF-8 with a byte order mark, nothing in it that a spreadsheet runs.

    What was cited reads `review:start-end`, with offsets in the review's text; the question is there where it was kept.
    """
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(HEAD)
    thumbs = select(feedback).order_by(feedback.c.made, feedback.c.id)
    with store.reading() as connection:
        for row in connection.execute(thumbs):
            when = datetime.fromtimestamp(row.made, UTC).isoformat(timespec="seconds")
            cited = "; ".join(f"{review}:{start}-{end}" for review, start, end in json.loads(row.cited))
            line = (when, _THUMBS[row.up], row.outcome, cited, row.question or "")
            writer.writerow([guarded(field) for field in line])
    return written.getvalue().encode("utf-8-sig", errors="replace")
