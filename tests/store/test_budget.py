"""Strangers may ask, and cannot burn the budget: quotas and the ledger hold whatever runs, fails or lies."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, select

from rag.errors import BudgetReached
from rag.pipeline import ask, converse
from rag.settings import PROJECT, Settings
from rag.store.budget import NANO, UNKNOWN, Caps, Ledger, Quota, Request, admit, finish, metered, visitor_key
from rag.store.database import DAY, Store, open_store
from rag.store.schema import metadata, requests, secrets, spending
from rag.writing.faults import Refused
from rag.writing.models import connect
from rag.writing.stream import PAUSES, LanguageModel, Message, Usage
from tests.databases import new_database, postgres_binaries, postgres_server
from tests.engine import invented
from tests.model_server import BEHAVIOURS, KEY, PATIENT, ModelServer, limits_for, model_server
from tests.patience import happens

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC).timestamp()
THREADS = 20
QUESTION = "What does the phage cocktail PT-41 do to the infection?"
PLENTY = Caps(NANO, NANO, NANO, NANO)
ASKED = [Message("system", "Answer."), Message("user", "What?")]


@pytest.fixture(autouse=True)
def fresh() -> None:
    PAUSES.faults.clear()
    PAUSES.until.clear()


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as running:
        yield running


def rows(store: Store) -> list[tuple[int, int | None]]:
    """Return what was reserved and settled, in the order of the calls."""
    with store.reading() as connection:
        found = connection.execute(select(spending.c.reserved, spending.c.settled).order_by(spending.c.id))
        return [(reserved, settled) for reserved, settled in found]


def booked(store: Store) -> int:
    return sum(reserved if settled is None else settled for reserved, settled in rows(store))


def together(do: Callable[[int], object], threads: int = THREADS) -> list[object]:
    """Do something in many threads that start at once; return what each returned, None where a limit was reached."""
    start = threading.Barrier(threads)

    def one(number: int) -> object:
        start.wait()
        try:
            return do(number)
        except BudgetReached:
            return None

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def run(script: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run_together(script: str, *arguments: object, times: int = 3) -> list[str]:
    """Run a script in several interpreters that go on together once all print a line; return what else each prints."""
    running = [run(script, *arguments) for _ in range(times)]
    for one in running:
        assert one.stdout and one.stdout.readline() == "ready\n"
    for one in running:
        assert one.stdin
        one.stdin.write("\n")
        one.stdin.flush()
    return [one.communicate(timeout=300)[0] for one in running]


def url(store: Store) -> str:
    return store.url.render_as_string(hide_password=False)


OPENED = """
import sys, time
from sqlalchemy.engine import make_url
from rag.store import Caps, Ledger, Quota, admit, visitor_key
from rag.errors import BudgetReached
from rag.store import Store
store = Store(make_url(sys.argv[1]))
"""
TOGETHER = """
print("ready", flush=True)
sys.stdin.readline()
"""


# Visitors


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("8.8.8.8", "a"), ("8.8.8.8", "b"), True),
        (("8.8.8.8", "a"), ("8.8.4.4", "a"), False),
        (("2600:1:2:3::1", "a"), ("2600:1:2:3:ffff::2", "b"), True),
        (("2600:1:2:3::1", "a"), ("2600:1:2:4::1", "a"), False),
        (("::ffff:8.8.8.8", "a"), ("8.8.8.8", "b"), True),
        (("127.0.0.1", "a"), ("10.0.0.7", "a"), True),
        (("127.0.0.1", "a"), ("127.0.0.1", "b"), False),
        (("::1", "a"), ("fe80::1%eth0", "a"), True),
        (("::ffff:10.0.0.7", "a"), (None, "a"), True),
        ((None, "a"), (None, "b"), False),
        (("no address", "a"), ("", "a"), True),
        ((None, "8.8.8.8"), ("8.8.8.8", None), False),
        (("127.0.0.1", None), (None, None), True),
        ((None, ""), (None, None), True),
        ((None, "\ud800"), (None, None), False),
    ],
)
def test_visitors_are_told_apart_by_global_address_else_by_what_their_browser_holds(tmp_path, one, other, same):
    store = open_store(Settings(data=tmp_path))
    assert (visitor_key(store, *one, NOON) == visitor_key(store, *other, NOON)) == same
    store.close()


def test_a_visitor_of_whom_nothing_is_known_is_every_such_visitor(store):
    assert visitor_key(store, "192.168.0.1", None, NOON) == UNKNOWN


def test_a_key_holds_for_the_utc_day_for_every_opening_of_the_store_and_says_nothing(store):
    key = visitor_key(store, "8.8.8.8", "a", NOON)
    again = Store(store.url)
    assert visitor_key(again, "8.8.8.8", "b", NOON + 0.49 * DAY) == key and len(key) == 64
    assert visitor_key(again, "8.8.8.8", "a", NOON + 0.51 * DAY) != key
    again.close()


def test_all_who_make_the_key_at_the_same_time_have_the_same(store):
    for _ in range(10):
        forget_the_key(store)
        assert len(set(together(lambda number: visitor_key(store, "8.8.8.8", None, NOON)))) == 1
    forget_the_key(store)
    script = OPENED + TOGETHER + f"print(visitor_key(store, '8.8.8.8', None, {NOON}))"
    assert len(set(run_together(script, url(store)))) == 1


def forget_the_key(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(delete(secrets))


def test_no_address_and_no_reader_stands_in_the_database(store, tmp_path):
    visitor = visitor_key(store, "203.0.114.77", "reader-of-the-test", NOON)
    admit(store, "question", visitor, Quota(1, 1), NOON)
    Ledger(store, PLENTY).reserve(visitor, "m", 1)
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    with store.reading() as connection:
        for table in metadata.sorted_tables:
            written += repr(connection.execute(select(table)).all()).encode()
    assert visitor.encode() in written
    assert b"203.0.114" not in written and b"reader-of-the-test" not in written


def test_without_the_store_a_key_of_this_process_tells_visitors_apart(tmp_path):
    broken = out_of_order(tmp_path)
    key = visitor_key(broken, "8.8.8.8", None, NOON)
    assert key == visitor_key(broken, "8.8.8.8", None, NOON) != visitor_key(broken, "8.8.4.4", None, NOON)


# Quotas


def test_what_a_visitor_may_ask_is_said_with_the_time_of_the_next(store):
    limits = Quota(a_minute=3, a_day=5)
    for second in (0, 10, 20):
        admit(store, "question", "v", limits, NOON + second)
    words = "You have asked 3 questions within a minute; the next one can be asked in 35 seconds."
    with pytest.raises(BudgetReached, match=f"^{words}$"):
        admit(store, "question", "v", limits, NOON + 25)
    with pytest.raises(BudgetReached, match=r" in 1 second\.$"):
        admit(store, "question", "v", limits, NOON + 59.5)
    admit(store, "question", "v", limits, NOON + 60)
    admit(store, "question", "v", limits, NOON + 120)
    with pytest.raises(BudgetReached, match=r"You have asked 5 questions within a day; .* in 11 hours\.$"):
        admit(store, "question", "v", limits, NOON + 3700)
    admit(store, "question", "v", limits, NOON + DAY)


def test_links_and_other_visitors_are_counted_by_themselves(store):
    limits = Quota(1, 1)
    for visitor in ("a", "b"):
        admit(store, "question", visitor, limits, NOON)
        admit(store, "link", visitor, limits, NOON)
    with pytest.raises(BudgetReached, match="You have made 1 link within a day; the next one can be made in 12 hours"):
        admit(store, "link", "a", limits, NOON)


def test_requests_of_a_clock_that_ran_ahead_count_as_now(store):
    limits = Quota(1, 9)
    admit(store, "question", "v", limits, NOON + 3600)
    with pytest.raises(BudgetReached, match="in 60 seconds"):
        admit(store, "question", "v", limits, NOON)


def test_of_twenty_who_ask_at_once_exactly_as_many_are_admitted_as_the_quota_says(store):
    admitted = together(lambda number: admit(store, "question", "v", Quota(7, 9), NOON))
    assert len(admitted) - admitted.count(None) == 7
    with store.reading() as connection:
        assert len(connection.execute(select(requests)).all()) == 7
    later = together(lambda number: admit(store, "question", "v", Quota(7, 9), NOON + 100))
    assert len(later) - later.count(None) == 2


def test_what_came_of_a_request_is_noted(store):
    request = admit(store, "question", "v", Quota(9, 9), NOON, "Why\0 \ud800?")
    finish(store, request, "answered" * 9, "m" * 300, "budget of the day" * 9, 1.5)
    with store.reading() as connection:
        row = connection.execute(select(requests)).one()
    assert (row.kind, row.visitor, row.made, row.question) == ("question", "v", NOON, "Why ??")
    assert row.outcome.startswith("answered") and row.fault.startswith("budget of the day") and row.seconds == 1.5
    finish(store, request, "not_found", "quotes", None, 0.1)
    with store.reading() as connection:
        assert connection.execute(select(requests.c.outcome, requests.c.fault)).one() == ("not_found", None)


# The ledger


def test_of_twenty_calls_at_once_exactly_as_many_are_booked_as_the_cap_holds(store):
    for caps, fit in ((Caps(100, 10**6, 750, 10**6), 7), (Caps(100, 10**6, 10**6, 1250), 5)):
        ledger = Ledger(store, caps, lambda: NOON)
        reserved = together(lambda number, ledger=ledger: ledger.reserve(f"v{number}", "m", 100))
        assert len(reserved) - reserved.count(None) == fit
    assert booked(store) == 1200
    own = Ledger(store, Caps(100, 300, 10**6, 10**6), lambda: NOON + DAY)
    reserved = together(lambda number: own.reserve("v", "m", 100))
    assert len(reserved) - reserved.count(None) == 3


def test_of_several_processes_at_once_exactly_as_many_calls_are_booked_as_the_cap_holds(database):
    store = open_store(database)
    script = (
        OPENED
        + "ledger = Ledger(store, Caps(100, 10**6, 1350, 10**6))"
        + TOGETHER
        + """
for _ in range(6):
    try:
        ledger.reserve("v", "m", 100)
        print("called")
    except BudgetReached:
        print("refused")
"""
    )
    lines = "".join(run_together(script, url(store))).split()
    assert (lines.count("called"), lines.count("refused")) == (13, 5) and booked(store) == 1300
    store.close()


def test_a_call_whose_process_is_killed_stays_booked_at_its_worst_case(store):
    script = OPENED + "Ledger(store, Caps(900, 900, 900, 900)).reserve('v', 'm', 800); print('ready', flush=True)"
    killed = run(script + "\ntime.sleep(60)", url(store))
    assert killed.stdout and killed.stdout.readline() == "ready\n"
    killed.kill()
    assert killed.wait() == -9
    killed.communicate()
    assert rows(store) == [(800, None)]
    with pytest.raises(BudgetReached):
        Ledger(store, Caps(900, 900, 900, 900)).reserve("v", "m", 101)
    Ledger(store, Caps(900, 900, 900, 900)).reserve("v", "m", 100)


@pytest.mark.parametrize(
    ("caps", "fault", "words"),
    [
        (Caps(99, 999, 999, 999), "budget of a call", "choose fewer reviews"),
        (Caps(999, 199, 999, 999), "budget of a visitor", "Your share is used up for today, until 00:00 UTC"),
        (Caps(999, 999, 199, 999), "budget of the day", "The budget for written answers is used up for today"),
        (Caps(999, 999, 999, 199), "budget of the month", "until the 1st, 00:00 UTC"),
    ],
)
def test_a_refusal_names_the_cap_that_is_reached(store, caps, fault, words):
    ledger = Ledger(store, caps, lambda: NOON)
    with pytest.raises(Refused, match="Budget reached: quoted answers only.*" + words) as refused:
        for _ in range(2):
            ledger.reserve("v", "m", 100)
    assert refused.value.fault == fault


def test_a_cap_is_reached_and_not_passed(store):
    ledger = Ledger(store, Caps(100, 100, 100, 100), lambda: NOON)
    ledger.reserve("v", "m", 100)
    with pytest.raises(BudgetReached):
        ledger.reserve("v", "m", 1)
    ledger.reserve("v", "m", 0)


def test_days_and_months_begin_at_midnight_utc(store):
    now = datetime(2026, 1, 31, 23, 59, 59, 999000, tzinfo=UTC).timestamp()
    ledger = Ledger(store, Caps(100, 100, 100, 300), lambda: now)
    ledger.reserve("v", "m", 100)
    with pytest.raises(Refused, match="today"):
        ledger.reserve("w", "m", 1)
    for day in (1, 2, 28):
        now = datetime(2026, 2, day, tzinfo=UTC).timestamp()
        ledger.reserve("v", "m", 100)
    now = datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC).timestamp()
    with pytest.raises(Refused, match="month"):
        ledger.reserve("w", "m", 1)
    now = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    ledger.reserve("v", "m", 100)


def test_a_call_is_settled_once_at_what_it_cost_or_else_at_its_worst_case(store, caplog):
    ledger = Ledger(store, PLENTY, lambda: NOON)
    cheap, unknown, dear = (ledger.reserve("v", "m", 100) for _ in range(3))
    for cost in (30, 40, None):
        ledger.settle(cheap, cost)
    ledger.settle(unknown, None)
    with caplog.at_level("WARNING", "rag.store.budget"):
        ledger.settle(dear, 250)
    assert rows(store) == [(100, 30), (100, None), (100, 250)] and "cost 250" in caplog.text
    ledger.settle(ledger.reserve("v", "m", 1), 10**30)
    with pytest.raises(BudgetReached):
        ledger.reserve("v", "m", 1)


def test_a_clock_turned_back_by_less_than_a_day_opens_nothing_and_by_more_refuses(store):
    now = NOON
    ledger = Ledger(store, Caps(100, 100, 100, 1000), lambda: now)
    ledger.reserve("v", "m", 100)
    now = NOON - 0.9 * DAY
    with pytest.raises(Refused, match="used up for today"):
        ledger.reserve("v", "m", 100)
    now = NOON - 1.1 * DAY
    with pytest.raises(Refused, match="cannot be checked"):
        ledger.reserve("v", "m", 1)
    now = NOON - 400 * DAY
    with pytest.raises(Refused, match="cannot be checked"):
        ledger.reserve("v", "m", 1)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.sampled_from("abc"), st.integers(0, 60)),
        st.tuples(st.just("settle"), st.integers(0, 5), st.none() | st.integers(0, 100)),
        st.tuples(st.just("crash"), st.none(), st.none()),
        st.tuples(st.just("clock"), st.none(), st.integers(-40, 60).map(lambda hours: hours * 3600)),
        st.tuples(st.just("day"), st.none(), st.sampled_from([DAY, 20 * DAY])),
    ),
    min_size=5,
    max_size=25,
)
SMALL = Caps(call=50, visitor_day=80, day=120, month=200)


@dataclass
class Oracle:
    """What a careful owner would have written down: when, by whom, how much."""

    lines: list[tuple[float, str, int]] = field(default_factory=list)

    def allows(self, now: float, visitor: str, worst: int) -> bool:
        today, month = day_of(now), month_of(now)
        if any(when > now + DAY for when, _, _ in self.lines):
            return False
        of_day = [(who, cost) for when, who, cost in self.lines if day_of(when) >= today]
        return (
            worst <= SMALL.call
            and sum(cost for who, cost in of_day if who == visitor) + worst <= SMALL.visitor_day
            and sum(cost for _, cost in of_day) + worst <= SMALL.day
            and sum(cost for when, _, cost in self.lines if month_of(when) >= month) + worst <= SMALL.month
        )

    def check(self) -> None:
        by_day: dict[str, int] = {}
        by_month: dict[str, int] = {}
        by_visitor: dict[tuple[str, str], int] = {}
        for when, who, cost in self.lines:
            by_day[day_of(when)] = by_day.get(day_of(when), 0) + cost
            by_month[month_of(when)] = by_month.get(month_of(when), 0) + cost
            by_visitor[who, day_of(when)] = by_visitor.get((who, day_of(when)), 0) + cost
        assert max(by_day.values(), default=0) <= SMALL.day
        assert max(by_month.values(), default=0) <= SMALL.month
        assert max(by_visitor.values(), default=0) <= SMALL.visitor_day


def day_of(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m-%d")


def month_of(when: float) -> str:
    return datetime.fromtimestamp(when, UTC).strftime("%Y-%m")


def follow(schedule: list[tuple[str, object, object]], store: Store) -> None:
    """Do the steps of a schedule, and hold the ledger against the oracle after each."""
    now, oracle, opened = NOON, Oracle(), []
    ledger = Ledger(store, SMALL, lambda: now)
    for step, who, amount in schedule:
        if step in ("clock", "day"):
            now += amount
        elif step == "crash":
            opened.clear()  # what was reserved is never settled
        elif step == "reserve":
            allowed = oracle.allows(now, who, amount)
            try:
                opened.append((len(oracle.lines), ledger.reserve(who, "m", amount)))
                oracle.lines.append((now, who, amount))
            except BudgetReached:
                assert not allowed
            else:
                assert allowed
        elif opened:
            line, reservation = opened.pop(who % len(opened))
            cost = None if amount is None else reservation.worst * amount // 100
            ledger.settle(reservation, cost)
            when, visitor, worst = oracle.lines[line]
            oracle.lines[line] = (when, visitor, worst if cost is None else cost)
        oracle.check()
    assert booked(store) == sum(cost for _, _, cost in oracle.lines)


def test_no_schedule_of_calls_crashes_and_clocks_overspends(database):
    store = open_store(database)

    @hypothesis(suppress_health_check=list(HealthCheck), database=None)
    @given(STEPS)
    def overspends_never(schedule: list[tuple[str, object, object]]) -> None:
        with store.writing() as connection:
            connection.execute(delete(spending))
        follow(schedule, store)

    overspends_never()
    store.close()


# Without a store


def out_of_order(folder: Path, kind: str = "folder in its place") -> Store:
    """Return a store that cannot be used."""
    settings = Settings(data=folder / "store")
    file = settings.data / "store.sqlite3"
    if kind == "file in the place of its folder":
        settings.data.write_bytes(b"")
    elif kind == "damaged":
        settings.data.mkdir()
        file.write_bytes(b"no database at all, but long enough to be one" * 100)
    else:
        file.mkdir(parents=True)
    return open_store(settings)


@pytest.mark.parametrize("kind", ["folder in its place", "file in the place of its folder", "damaged"])
def test_without_a_store_no_model_is_called_and_questions_stay_open(tmp_path, server, kind):
    store = out_of_order(tmp_path, kind)
    refused(store, tmp_path, server)


def test_with_a_database_that_was_stopped_no_model_is_called_and_questions_stay_open(tmp_path, server):
    if not postgres_binaries():
        pytest.skip("no PostgreSQL: initdb is not installed")
    with postgres_server() as address:
        store = open_store(Settings(database_url=new_database(address)))
        open_call = Ledger(store, PLENTY).reserve("v", "m", 100)
        request = admit(store, "question", "v", Quota(9, 9), NOON)
        with psycopg.connect(f"{address}/postgres") as connection:  # the server waits for who is connected
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'reviews_%'")
    Ledger(store, PLENTY).settle(open_call, 50)
    finish(store, request, "answered", "quotes", None, 0.1)
    refused(store, tmp_path, server)


def refused(store: Store, folder: Path, server: ModelServer) -> None:
    """Check that a store that cannot be used opens questions, within the limits, and no model."""
    visitor = f"visitor of {folder}"
    for _ in range(3):
        assert admit(store, "question", visitor, Quota(3, 9), NOON) == Request(None)
    with pytest.raises(BudgetReached, match="3 questions within a minute"):
        admit(store, "question", visitor, Quota(3, 9), NOON + 1)
    assert admit(store, "question", visitor, Quota(3, 9), NOON + 61) == Request(None)
    finish(store, Request(None), "answered", "quotes", None, 0.1)
    answer = ask(QUESTION, invented().library, model=strangers(server, store, Settings(data=folder)))
    assert answer.mode == "quotes" and answer.citations and not server.requests
    assert answer.written and answer.written.note == "Spending cannot be checked: quoted answers only."


def test_a_full_disk_refuses_the_model(tmp_path):
    opened = open_store(Settings(data=tmp_path))
    ledger = Ledger(opened, PLENTY)
    ledger.reserve("v", "m", 1)
    opened.close()

    def fill(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", fill)
    try:
        with pytest.raises(Refused, match="cannot be checked"):
            for _ in range(500):
                ledger.reserve("v" * 64, "m" * 100, 1)
    finally:
        event.remove(Engine, "connect", fill)
        opened.close()


# A model that strangers use


def strangers(
    server: ModelServer, store: Store, settings: Settings, name: str = "writer", caps: Caps = PLENTY, price: str = "1/2"
) -> LanguageModel:
    """Return a model as a stranger may use it; a call that is written costs 140 000 nano-dollars."""
    own = settings.model_copy(update={"openai_api_key": KEY, "openai_base_url": server.url, "model_prices": price})
    model = connect(Settings(**own.model_dump()), f"openai:{name}", limits_for(name))
    return metered(model, Ledger(store, caps), "v", settings)


REAL = 140_000


def test_a_run_of_questions_is_written_until_the_cap_and_then_quoted_with_one_line(database, store, server):
    cap = 7_000_000
    model = strangers(server, store, database, caps=Caps(cap, cap, cap, cap))
    modes = [ask(QUESTION, invented().library, model=model).mode for _ in range(4)]
    assert modes == ["writer"] * 4 and booked(store) == 4 * REAL
    while (answer := ask(QUESTION, invented().library, model=model)).mode == "writer":
        assert len(server.requests) < cap / REAL
    calls = len(server.requests)
    assert answer.mode == "quotes" and answer.citations and answer.written
    assert answer.written.note.startswith("Budget reached: quoted answers only.") and "\n" not in answer.written.note
    assert booked(store) == calls * REAL <= cap
    plain = ask(QUESTION, invented().library)
    for _ in range(4):
        assert replace(ask(QUESTION, invented().library, model=model), written=None) == plain
    assert len(server.requests) == calls, "nothing more was sent"
    assert not PAUSES.holds(model.key) and not PAUSES.faults.get(model.key), "a refusal is no fault of the endpoint"


def test_a_call_that_may_cost_too_much_is_not_made(database, store, server):
    model = strangers(server, store, database, caps=replace(PLENTY, call=1_000_000))
    answer = ask(QUESTION, invented().library, model=model)
    assert answer.written and "choose fewer reviews" in answer.written.note and not server.requests


def test_a_follow_up_is_booked_for_its_rewriting_and_for_its_answer(database, store, server):
    history = converse(["Which side effects did the phage cocktail PT-41 have?"], invented().library)
    ask("And did they relapse?", invented().library, history, model=strangers(server, store, database))
    assert len(server.requests) == 2 and [settled for _, settled in rows(store)] == [REAL, REAL]


def test_the_worst_case_is_more_than_a_prompt_of_one_byte_a_token_and_the_longest_answer(database, store, server):
    ask(QUESTION, invented().library, model=strangers(server, store, database))
    [request] = server.requests
    form = json.dumps(request["response_format"]["json_schema"]["schema"])
    size = sum(len(text.encode()) for text in (form, *(message["content"] for message in request["messages"])))
    longest = request.get("max_tokens") or request["max_completion_tokens"]
    assert longest == PATIENT.tokens
    assert rows(store) == [(1000 * (size + 16 * 3 + 256) + 2000 * longest, REAL)]


@pytest.mark.parametrize(
    ("name", "calls", "last_is_settled"),
    [
        ("503-once", 2, True),
        ("429", 3, False),
        ("401", 1, False),
        ("json-in-place-of-a-stream", 2, True),
        ("cut", 1, False),
        ("stall", 1, False),
        ("endless", 1, False),
        ("whole-then-stall", 1, False),
        ("whole-then-reset", 1, False),
        ("hang-before-headers", 1, False),
    ],
)
def test_every_call_of_the_endpoint_is_booked_and_one_without_its_tokens_at_its_worst_case(
    tmp_path, server, name, calls, last_is_settled
):
    settings = Settings(data=tmp_path)
    store = open_store(settings)
    strangers(server, store, settings, name).write(ASKED)
    found = rows(store)
    assert len(found) == calls and happens(lambda: server.asked(name) == calls)
    assert [settled for _, settled in found] == [None] * (calls - 1) + [REAL if last_is_settled else None]
    store.close()


def counting(*counts: tuple[int, int], finish: str | None) -> Callable[[Any, dict[str, Any]], None]:
    """Return a behaviour of an endpoint that reports these tokens one after the other while it writes."""

    def answer(to: Any, body: dict[str, Any]) -> None:
        to.begin()
        to.says("The answer.", finish)
        for read, written in counts:
            usage = {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}
            to.event(json.dumps({"id": "c", "object": "chat.completion.chunk", "choices": [], "usage": usage}).encode())
        to.event(b"[DONE]")

    return answer


@pytest.mark.parametrize(
    ("behaviour", "settled"),
    [
        (counting((100, 1), (100, 20), finish="stop"), REAL),
        (counting((100, 1), (0, 20), finish="stop"), REAL),
        (counting((100, 20), finish=None), None),
    ],
)
def test_tokens_are_taken_as_they_stand_at_the_end_of_a_whole_answer(tmp_path, server, monkeypatch, behaviour, settled):
    monkeypatch.setitem(BEHAVIOURS, "counts", behaviour)
    settings = Settings(data=tmp_path)
    store = open_store(settings)
    strangers(server, store, settings, "counts").write(ASKED)
    assert [cost for _, cost in rows(store)] == [settled]
    store.close()


def test_a_retry_that_the_budget_does_not_hold_is_not_made(database, store, server):
    worst = 1000 * (len("Answer.What?") + 2 * 16 + 256) + 2000 * PATIENT.tokens
    model = strangers(server, store, database, "503-once", replace(PLENTY, day=2 * worst - 1))
    reply = model.write(ASKED)
    assert (reply.ending, reply.fault, len(server.requests)) == ("fault", "budget of the day", 1)


def test_an_answer_that_its_reader_stops_stays_booked_at_its_worst_case(database, store, server):
    server.writer = lambda messages: "word " * 200
    stream = strangers(server, store, database, "slow-writer").stream(ASKED)
    next(iter(stream))
    stream.stop()
    assert happens(lambda: not any(thread.name == "language model" for thread in threading.enumerate()))
    assert [settled for _, settled in rows(store)] == [None]


@pytest.mark.parametrize("used", [None, Usage(0, 0), Usage(100, 0), Usage(0, 20), Usage(-5, 20)])
def test_tokens_that_an_endpoint_cannot_have_used_are_not_believed(tmp_path, server, used):
    settings = Settings(data=tmp_path)
    store = open_store(settings)
    strangers(server, store, settings).meter(ASKED)(used)
    assert [settled for _, settled in rows(store)] == [None]
    store.close()


def test_the_owner_switches_the_model_off_by_a_file_and_on_again_without_a_restart(database, store, server):
    model, switch = strangers(server, store, database), database.data / "model-off"
    assert model.write(ASKED).complete
    switch.touch()
    answer = ask(QUESTION, invented().library, model=model)
    assert answer.mode == "quotes" and answer.written and len(server.requests) == 1
    assert answer.written.note == "The owner has switched the model off: quoted answers only."
    switch.unlink()
    assert model.write(ASKED).complete


def test_the_owner_switches_the_model_off_by_a_setting(tmp_path, server, monkeypatch):
    monkeypatch.setenv("RAG_MODEL_ENABLED", "0")
    settings = Settings(data=tmp_path)
    reply = strangers(server, open_store(settings), settings).write(ASKED)
    assert (reply.fault, server.requests) == ("switched off", [])


def test_a_model_without_a_price_is_not_called(tmp_path, server):
    settings = Settings(data=tmp_path)
    model = strangers(server, open_store(settings), settings, price="free")
    answer = ask(QUESTION, invented().library, model=model)
    assert answer.written and not server.requests
    assert answer.written.note.startswith("The price of writer is not known: quoted answers only.")


def test_dollars_become_nano_dollars_exactly():
    assert Caps.of(Settings()) == Caps(50_000_000, 250_000_000, NANO, 10 * NANO)
    assert Caps.of(Settings(dollars_a_call=0.1, dollars_a_month=float("inf"))).month == 10**6 * NANO
