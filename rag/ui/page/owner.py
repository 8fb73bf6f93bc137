"""The owner's page, at `?owner`: how the page is used, what the model costs, what is allowed; no words of a reader."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from html import escape
from pathlib import Path

import streamlit as st

from rag.errors import RagError
from rag.settings import Settings
from rag.store import (
    NANO,
    SWITCH,
    Balance,
    Caps,
    Day,
    Figures,
    Store,
    balance,
    feedback_csv,
    figures,
    open_store,
    switched_off,
)
from rag.ui.page.gate import OWNER, let_in
from rag.ui.page.labels import label_text
from rag.writing import NOT_SENT

STYLE = Path(__file__).with_name("owner.css")
PERIODS = (7, 30, 90)
_ABSENT = "There is no such page here."
_NOT_HOSTED = (
    "This page is not hosted (RAG_HOSTED): questions are not counted, and neither the caps nor the switch apply."
)
_OUTCOMES = {
    "answered": "Answered",
    "partial": "Answered in part",
    "closest": "Closest only, may not answer",
    "not_found": "Not found in the reviews",
    "chat": "Small talk",
    "problem": "Ended with an error",
    "": "No outcome noted",
}
# How a model's answer may end that is no fault of its endpoint.
_ENDINGS = {
    "length": "token limit reached",
    "filtered": "filtered by the endpoint",
    "stopped": "stopped by the reader",
    "cut": "broken off before the end",
    "fault": "a fault of the endpoint",
}


def draw_owner(settings: Settings) -> None:
    """Draw the owner's page behind its door; without a password for it there is none."""
    if not settings.owner_password:
        st.text(_ABSENT)
        return
    st.subheader("For the owner", anchor=False)
    if not let_in(OWNER, settings.owner_password):
        return
    st.html(STYLE)
    if not settings.hosted:
        st.caption(f":material/info: {label_text(_NOT_HOSTED)}")
    store = open_store(settings)
    try:
        _draw_use(store)
        now = balance(store, time.time())
    except RagError as problem:
        st.error(f"There are no figures. {label_text(str(problem))}", icon=":material/error:")
    else:
        st.html(_section(_money(now, Caps.of(settings), settings)))
    st.html(_section(_pair(_model(settings), _kept_questions(settings))))


def _draw_use(store: Store) -> None:
    days = st.segmented_control(
        "Days",
        PERIODS,
        default=30,
        required=True,
        format_func=lambda number: f"{number} days",
        label_visibility="collapsed",
    )
    found = figures(store, days or 30, time.time())
    st.html(_section(_numbers(found)))
    st.html(_section(_pair(_bars("Questions a day", found.days, _questions, str), _spent_bars(found)) + _table(found)))
    st.html(_section(_pair(_outcomes(found), _faults(found))))
    st.download_button(
        "Thumbs as CSV", feedback_csv(store), "feedback.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )


def _section(html: str) -> str:
    return f'<div class="owner">{html}</div>'


def _pair(one: str, other: str) -> str:
    return f'<div class="pair"><div>{one}</div><div>{other}</div></div>'


def _numbers(found: Figures) -> str:
    """Return the figures of all the days, as a row."""
    share = "–" if found.abstained is None else f"{100 * found.abstained:.0f} %"
    unsettled = f"{_dollars(found.unsettled)} of it not settled" if found.unsettled else "all settled"
    shown = (
        ("Questions", str(found.questions), f"{found.searched} searched for"),
        ("Visitor-days", str(found.visitor_days), "each visitor once a day"),
        ("Not found", share, "of those searched for"),
        ("Answer time", _seconds(found.p50), f"median; 95 % within {_seconds(found.p95)}"),
        ("Spent", _dollars(found.spent), unsettled),
        ("Cut short", str(_cut_short(found)), "answers of the model"),
        ("Links made", str(found.links), "to shared answers"),
        ("Thumbs up", str(found.up), f"{found.down} down"),
    )
    tiles = (f"<div><dt>{name}</dt><dd>{value}<small>{more}</small></dd></div>" for name, value, more in shown)
    return f'<dl class="figures">{"".join(tiles)}</dl>'


def _cut_short(found: Figures) -> int:
    """Return how many answers of the model did not end by themselves, those that were never begun left out."""
    return sum(count for fault, count in found.faults.items() if fault not in NOT_SENT)


def _questions(day: Day) -> int:
    return day.questions


def _spent_bars(found: Figures) -> str:
    return _bars("Spent a day", found.days, lambda day: day.spent, _dollars)


def _bars(title: str, days: Sequence[Day], value: Callable[[Day], int], shown: Callable[[int], str]) -> str:
    """Return one bar a day, each with its day and value for a pointer, and in words for those who do not see them."""
    top = max(days, key=value)
    most = f"most: {shown(value(top))} on {_short(top.date)}" if value(top) else "none"
    first, last = _short(days[0].date), _short(days[-1].date)
    columns = "".join(
        f'<span title="{_short(day.date)}: {shown(value(day))}">{_bar(value(day), value(top))}</span>' for day in days
    )
    return (
        f"<figure><figcaption><b>{title}</b><span>{most}</span></figcaption>"
        f'<div class="bars" role="img" aria-label="{title}, {first} to {last}; {most}">{columns}</div>'
        f'<div class="dates" aria-hidden="true"><span>{first}</span><span>{last}</span></div></figure>'
    )


def _bar(value: int, most: int) -> str:
    return f'<i style="height: max(2px, {100 * value / most:.1f}%)"></i>' if value else ""


def _table(found: Figures) -> str:
    rows = "".join(
        f'<tr><th scope="row">{day.date.isoformat()}</th><td>{day.visitors}</td><td>{day.questions}</td>'
        f"<td>{day.links}</td><td>{_dollars(day.spent)}</td></tr>"
        for day in reversed(found.days)
    )
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Day (UTC)", "Visitors", "Questions", "Links", "Spent"))
    return (
        '<details><summary>As a table</summary><div class="scroll" role="region" aria-label="Days" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _outcomes(found: Figures) -> str:
    known = {name: found.outcomes[outcome] for outcome, name in _OUTCOMES.items() if outcome in found.outcomes}
    return f"<h3>What came of the questions</h3>{_counts(known, 'No questions in these days.')}"


def _faults(found: Figures) -> str:
    named = {_ENDINGS.get(fault, fault): count for fault, count in found.faults.items()}
    return f"<h3>What kept the model from writing</h3>{_counts(named, 'Nothing in these days.')}"


def _counts(counts: Mapping[str, int], nothing: str) -> str:
    if not counts:
        return f'<p class="muted">{nothing}</p>'
    rows = (f'<tr><th scope="row">{escape(name)}</th><td>{count}</td></tr>' for name, count in counts.items())
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _money(now: Balance, caps: Caps, settings: Settings) -> str:
    """Return what is booked and what is left of the caps, and what one visitor may do."""
    rows = _cap_row("Today (UTC)", now.day, caps.day) + _cap_row("This month (UTC)", now.month, caps.month)
    head = "".join(f'<th scope="col">{name}</th>' for name in ("", "Booked", "Allowed", "Left"))
    return (
        f"<h2>What the model may cost</h2><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        f'<p class="muted">At most {_dollars(caps.call)} a call, and {_dollars(caps.visitor_day)} a visitor per day. '
        f"A visitor may ask {settings.questions_a_minute} questions a minute and {settings.questions_a_day} a day.</p>"
    )


def _cap_row(name: str, booked: int, cap: int) -> str:
    used = min(100.0, 100 * booked / cap) if cap else 100.0
    bar = f'<div class="used" aria-hidden="true"><i style="width: {used:.1f}%"></i></div>'
    cells = "".join(f"<td>{_dollars(nano)}</td>" for nano in (booked, cap, max(0, cap - booked)))
    return f'<tr><th scope="row">{name}{bar}</th>{cells}</tr>'


def _model(settings: Settings) -> str:
    """Return whether the model may be called, and how to switch it."""
    switch = f"<code>{escape(str(settings.data.absolute() / SWITCH))}</code>"
    if not settings.model:
        state = "No model is connected: every answer is made of quotes and costs nothing."
    elif not settings.model_enabled:
        state = "<b>Off</b>, by RAG_MODEL_ENABLED. Set it to 1 and restart the page to switch the model on."
    elif switched_off(settings):
        state = f"<b>Off</b>. Remove the file {switch} to switch the model on, with the next question."
    else:
        model = escape(settings.model)
        state = f"<b>On</b>: {model}. Make an empty file {switch} to switch it off, with the next call."
    return f"<h3>The model</h3><p>{state}</p>"


def _kept_questions(settings: Settings) -> str:
    if settings.keep_questions:
        state = "<b>Kept</b>, as RAG_KEEP_QUESTIONS says, and visitors are told. The CSV holds those with a thumb."
    else:
        state = "<b>Not kept</b>. Only their outcomes are. RAG_KEEP_QUESTIONS=1 keeps them; visitors are told."
    return f"<h3>The words of the questions</h3><p>{state}</p>"


def _short(day: date) -> str:
    return f"{day.day} {day:%b}"


def _dollars(nano: int) -> str:
    """Return an amount in dollars; small ones with enough places not to read as zero.

    >>> _dollars(1_234_000_000), _dollars(50_000_000), _dollars(4_200_000), _dollars(700), _dollars(0)
    ('$1.23', '$0.05', '$0.0042', 'under $0.0001', '$0.00')
    """
    if 0 < nano < NANO // 10_000:
        return "under $0.0001"
    return f"${nano / NANO:,.2f}" if not 0 < nano < NANO // 10 else f"${nano / NANO:.4f}".removesuffix("00")


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.{0 if seconds >= 10 else 2}f} s"
