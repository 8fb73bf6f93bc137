"""The owner's figures: what the tables say, on both databases, as counted one by one."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import delete, select

from rag.errors import StoreUnavailable
from rag.settings import Settings
from rag.store.budget import NANO, Caps, Ledger, Quota, admit, finish
from rag.store.database import DAY, Store, open_store
from rag.store.owner_figures import HEAD, Balance, balance, feedback_csv, figures, record_thumb
from rag.store.schema import feedback, metadata, requests

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC).timestamp()
MIDNIGHT = NOON - DAY / 2
PLENTY = Quota(10**6, 10**6)
RICH = Caps(10**6 * NANO, 10**6 * NANO, 10**6 * NANO, 10**6 * NANO)


def asked(store: Store, when: float, visitor: str = "v", came: tuple[str, str | None, float] | None = None) -> None:
    """Ask a question, which came to an outcome, a fault and so many seconds, or to nothing that was noted."""
    request = admit(store, "question", visitor, PLENTY, when)
    if came:
        outcome, fault, seconds = came
        finish(store, request, outcome, "quotes", fault, seconds)


def paid(store: Store, when: float, reserved: int, settled: int | None) -> None:
    ledger = Ledger(store, RICH, lambda: when)
    ledger.settle(ledger.reserve("v", "m", reserved), settled)


def lines(store: Store) -> list[list[str]]:
    return list(csv.reader(io.StringIO(feedback_csv(store).decode("utf-8-sig"), newline="")))


def test_an_empty_database_has_days_without_use(store):
    found = figures(store, 7, NOON)
    assert [day.date.isoformat() for day in found.days] == [f"2026-03-{day:02}" for day in range(8, 15)]
    assert (found.questions, found.visitor_days, found.links, found.spent, found.unsettled) == (0, 0, 0, 0, 0)
    assert (found.abstained, found.p50, found.p95) == (None, None, None)
    assert not found.outcomes and not found.faults
    assert balance(store, NOON) == Balance(0, 0)
    assert lines(store) == [list(HEAD)]


def test_a_day_runs_from_midnight_to_midnight_in_utc(store):
    for moment in (MIDNIGHT - 0.001, MIDNIGHT, MIDNIGHT + DAY - 0.001, MIDNIGHT + DAY):
        asked(store, moment)
        paid(store, moment, 5, 3)
        record_thumb(store, True, "answered", [], None, moment)
    (today,) = figures(store, 1, NOON).days
    assert (today.questions, today.spent, figures(store, 1, NOON).up) == (2, 6, 2)
    assert [day.questions for day in figures(store, 2, NOON).days] == [1, 2]


def test_who_comes_on_two_days_is_a_visitor_of_each_and_once_of_a_day(store):
    for days_ago, visitor in ((0, "a"), (0, "a"), (0, "b"), (1, "c"), (1, "c")):
        asked(store, NOON - days_ago * DAY, visitor)
    admit(store, "link", "d", PLENTY, NOON)
    found = figures(store, 7, NOON)
    assert [(day.visitors, day.questions, day.links) for day in found.days[-2:]] == [(1, 2, 0), (3, 3, 1)]
    assert found.visitor_days == 4


def test_small_talk_and_problems_are_no_part_of_the_share_of_abstentions(store):
    for outcome in ("answered", "partial", "closest", "not_found", "chat", "problem"):
        asked(store, NOON, came=(outcome, None, 1.0))
    asked(store, NOON)
    found = figures(store, 7, NOON)
    assert found.abstained == 0.25
    assert found.outcomes["chat"] == found.outcomes["problem"] == found.outcomes[""] == 1


def test_faults_are_counted_by_kind_the_most_frequent_first(store):
    for fault in ("too slow", "rate limited", "rate limited", None):
        asked(store, NOON, came=("answered", fault, 1.0))
    assert list(figures(store, 7, NOON).faults.items()) == [("rate limited", 2), ("too slow", 1)]


def test_what_is_reserved_and_not_settled_counts_as_spent_and_is_told_apart(store):
    paid(store, NOON, 500, 120)
    paid(store, NOON, 700, None)
    found = figures(store, 7, NOON)
    assert (found.spent, found.unsettled) == (820, 700)


def test_the_balance_is_of_the_day_and_the_month_as_the_caps_count_them(store):
    month = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    for when in (month - 1, month, MIDNIGHT - 1, MIDNIGHT, NOON + 60):
        paid(store, when, 100, 10)
    assert balance(store, NOON) == Balance(20, 40)
    caps = Caps(100, 100, 69, 1000)
    with pytest.raises(Exception, match="budget"):
        Ledger(store, caps, lambda: NOON).reserve("w", "m", 50)
    Ledger(store, caps, lambda: NOON).reserve("w", "m", 49)


COME = st.one_of(
    st.none(),
    st.tuples(
        st.sampled_from(["answered", "partial", "closest", "not_found", "chat", "problem"]),
        st.sampled_from([None, "too slow", "rate limited"]),
        st.floats(0, 100),
    ),
)
WHEN = st.builds(lambda days, rest: NOON - days * DAY + rest, st.integers(0, 9), st.floats(-DAY / 2, DAY / 2))
ASKED = st.tuples(st.sampled_from(["question", "link"]), st.sampled_from("abc"), WHEN, COME)
PAID = st.tuples(WHEN, st.integers(1, 10**12), st.none() | st.integers(0, 10**12))
THUMB = st.tuples(WHEN, st.sampled_from([True, False, None]))


def date_of(when: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=when // 1)).date().isoformat()


def nearest_rank(values: list[float], percent: int) -> float | None:
    """Return the first value that at least so many of a hundred do not exceed."""
    enough = (v for v in sorted(values) if sum(w <= v for w in values) * 100 >= percent * len(values))
    return next(enough, None)


def test_all_figures_are_those_of_a_count_one_by_one(database):
    store = open_store(database)

    @hypothesis(suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.sampled_from([1, 3, 7]),
        st.lists(ASKED, max_size=25),
        st.lists(PAID, max_size=8),
        st.lists(THUMB, max_size=8),
    )
    def agree(days, requested, calls, thumbs):
        with store.writing() as connection:
            for table in metadata.sorted_tables:
                connection.execute(delete(table))
        for kind, visitor, when, came in requested:
            request = admit(store, kind, visitor, PLENTY, when)
            if came:
                finish(store, request, came[0], "quotes", came[1], came[2])
        for when, reserved, settled in sorted(calls, key=lambda call: call[0]):
            paid(store, when, reserved, settled)
        for when, up in thumbs:
            record_thumb(store, up, "answered", [], None, when)
        compare(figures(store, days, NOON), days, requested, calls, thumbs)

    agree()
    store.close()


def compare(found, days, requested, calls, thumbs):
    dates = [date_of(NOON - back * DAY) for back in reversed(range(days))]
    within = [one for one in requested if date_of(one[2]) in dates]
    questions = [one for one in within if one[0] == "question"]
    bills = [one for one in calls if date_of(one[0]) in dates]
    for day, name in zip(found.days, dates, strict=True):
        that_day = [one for one in within if date_of(one[2]) == name]
        kinds = Counter(kind for kind, *_ in that_day)
        assert day.date.isoformat() == name
        assert day.visitors == len({visitor for _, visitor, _, _ in that_day})
        assert (day.questions, day.links) == (kinds["question"], kinds["link"])
        assert day.spent == sum(r if s is None else s for when, r, s in bills if date_of(when) == name)
    outcomes = Counter(came[0] if came else "" for *_, came in questions)
    assert found.outcomes == dict(outcomes)
    assert found.faults == dict(Counter(came[1] for *_, came in questions if came and came[1]))
    searched = outcomes["answered"] + outcomes["partial"] + outcomes["closest"] + outcomes["not_found"]
    assert found.abstained == (outcomes["not_found"] / searched if searched else None)
    seconds = [came[2] for *_, came in questions if came]
    assert (found.p50, found.p95) == (nearest_rank(seconds, 50), nearest_rank(seconds, 95))
    assert found.unsettled == sum(reserved for _, reserved, settled in bills if settled is None)
    given_thumbs = Counter(up for when, up in thumbs if date_of(when) in dates)
    assert (found.up, found.down) == (given_thumbs[True], given_thumbs[False])


def test_a_thumb_that_is_changed_or_taken_back_counts_once(store):
    row = record_thumb(store, True, "answered", [("a", 1, 2)], None, NOON)
    assert record_thumb(store, False, "answered", [("a", 1, 2)], None, NOON + 1, row) == row
    record_thumb(store, True, "partial", [], None, NOON)
    found = figures(store, 1, NOON)
    assert (found.up, found.down) == (1, 1)
    record_thumb(store, None, "answered", [("a", 1, 2)], None, NOON + 2, row)
    found = figures(store, 1, NOON)
    assert (found.up, found.down) == (1, 0)
    assert [line[1] for line in lines(store)] == ["thumb", "up", "taken back"]


def test_the_csv_names_each_quote_by_review_and_place_and_holds_the_question_where_it_was_kept(store):
    record_thumb(store, True, "answered", [("10.1/a", 3, 40), ("b.md", 0, 7)], None, NOON)
    record_thumb(store, False, "not_found", [], "Why,\n“so”?", NOON + 1)
    assert lines(store) == [
        list(HEAD),
        ["2026-03-14T12:00:00+00:00", "up", "answered", "10.1/a:3-40; b.md:0-7", ""],
        ["2026-03-14T12:00:01+00:00", "down", "not_found", "", "Why,\n“so”?"],
    ]


@pytest.mark.parametrize("question", ["=1+1", "@SUM(A1)", "-2", "\t=1", "＝1", "half \ud800 and \x00 none", ""])
def test_no_question_is_run_by_a_spreadsheet_or_refused_by_a_database(store, question):
    record_thumb(store, True, "answered", [("=review", 1, 2)], question, NOON)
    (line,) = lines(store)[1:]
    assert line[3] == "'=review:1-2"
    assert not line[4].startswith(("=", "@", "-", "\t", "＝"))
    assert line[4].removeprefix("'") == question.replace("\ud800", "?").replace("\0", "")


def test_no_word_of_a_question_is_kept_with_a_thumb_unless_it_is_given(store):
    record_thumb(store, True, "answered", [], None, NOON)
    with store.reading() as connection:
        assert connection.scalars(select(feedback.c.question)).all() == [None]
        assert connection.scalars(select(requests.c.question)).all() == []


def test_a_store_that_is_down_is_said_in_words(tmp_path):
    broken = open_store(Settings(data=tmp_path, database_url="nonsense"))
    for ask in (lambda: figures(broken, 7, NOON), lambda: balance(broken, NOON), lambda: feedback_csv(broken)):
        with pytest.raises(StoreUnavailable, match="DATABASE_URL"):
            ask()
