"""What a visitor's tab remembers: the conversation, what waits for its answer, the chosen reviews, the thumbs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from rag.types import Exchange, Review, Turn


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits for the library.

    `standing_alone` leaves out what was said before it; `compare` sets the reviews side by side whatever its wording,
    on these `aspects` if there are any; `replacing` is the number of the exchange that it answers again; a model
    writes in the `manner` of one of its MANNERS or LANGUAGES, "" for the usual one.
    """

    question: str
    standing_alone: bool = False
    compare: bool = False
    aspects: tuple[str, ...] = ()
    replacing: int | None = None
    manner: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """An answer that is being written for a question; `stop` ends it and returns what stands until then."""

    waiting: Waiting
    stop: Callable[[], Exchange]


@dataclass(frozen=True, slots=True)
class Revision:
    """The comparison of an exchange that waits to be made again, on these aspects and of these reviews."""

    number: int
    aspects: tuple[str, ...]
    review_ids: tuple[str, ...]


# How much is kept of what is typed, or sent without the page's fields; a question has at most 2,000 characters.
_LONGEST = 8000


def belongs_to(cookie: object) -> None:
    """Forget all when another browser than before has taken up this session: its id alone opens nothing."""
    browser = cookie if isinstance(cookie, str) else None
    if st.session_state.setdefault("browser", browser) != browser:
        st.session_state.clear()
        st.session_state.browser = browser


def conversation() -> list[Exchange]:
    """Return the exchanges of this tab, oldest first."""
    exchanges: list[Exchange] = st.session_state.setdefault("conversation", [])
    return exchanges


def turns(before: int | None = None) -> list[Turn]:
    """Return the answered questions before an exchange, or all, as the engine takes them for its history."""
    from rag.types import Turn

    return [Turn(exchange.question, exchange.answer) for exchange in conversation()[:before] if exchange.answer]


def chosen_among(reviews: Sequence[Review]) -> list[Review]:
    """Return the reviews that are ticked on the shelf; all are until the reader says otherwise."""
    unticked = _unticked()
    return [review for review in reviews if review.id not in unticked]


def tick(reviews: Sequence[Review], chosen: Collection[str]) -> None:
    """Tick those of some reviews that are chosen by id, and no others of them: a callback."""
    _unticked().difference_update(review.id for review in reviews)
    _unticked().update(review.id for review in reviews if review.id not in chosen)


def _unticked() -> set[str]:
    """Return the ids of the reviews that are not to be asked: a tick that is not drawn is not kept by Streamlit."""
    unticked: set[str] = st.session_state.setdefault("unticked", set())
    return unticked


def ask(question: str, standing_alone: bool = False, compare: bool = False, aspects: tuple[str, ...] = ()) -> None:
    """Let a question wait for its answer."""
    if question:
        st.session_state.waiting = Waiting(question[:_LONGEST], standing_alone, compare, aspects)


def ask_from(widget: str, standing_alone: bool = False) -> None:
    """Ask the value of a widget: a callback. The conversation goes on from what a link showed."""
    if shared := st.session_state.pop("shared", None):
        go_on(shared)
    ask(st.session_state[widget] or "", standing_alone)


def ask_again(number: int, question: str, manner: str = "") -> None:
    """Let the question of an exchange, or another in its place, wait for a further answer."""
    if question:
        st.session_state.waiting = Waiting(question[:_LONGEST], replacing=number, manner=manner)


def ask_again_in(number: int, question: str, widget: str) -> None:
    """Have the answer to a question written in the language that a widget names: a callback."""
    if language := st.session_state[widget]:
        ask_again(number, question, language)


def ask_again_from(number: int, widget: str) -> None:
    """Let the value of a widget take the place of a question: a callback."""
    ask_again(number, st.session_state[widget] or "")


def waiting() -> Waiting | None:
    """Return the question that waits, if any."""
    question: Waiting | None = st.session_state.get("waiting")
    return question


def keep(exchange: Exchange, replacing: int | None = None) -> None:
    """Add an exchange to the conversation, or put it before its earlier versions; nothing waits any longer."""
    exchanges = conversation()
    if replacing is None or replacing >= len(exchanges):
        exchanges.append(exchange)
    else:
        before = exchanges[replacing]
        earlier = (*before.earlier, replace(before, earlier=())) if before.answer else before.earlier
        exchanges[replacing] = replace(exchange, earlier=earlier)
    st.session_state.waiting = None


def begin_writing(writing: Writing) -> None:
    """Remember what is being written: a click reruns the page, and ends the run that wrote."""
    st.session_state.writing = writing


def end_writing() -> None:
    """Forget what was written to its end."""
    st.session_state.writing = None


def keep_unfinished() -> None:
    """Stop what an earlier run of the page was writing and keep what stands; a newer question goes on waiting."""
    writing: Writing | None = st.session_state.get("writing")
    if writing is None:
        return
    end_writing()
    newer = waiting()
    keep(writing.stop(), writing.waiting.replacing)
    if newer is not writing.waiting:
        st.session_state.waiting = newer


def revise(revision: Revision) -> None:
    """Let a comparison wait to be made again."""
    st.session_state.revision = revision


def revision() -> Revision | None:
    """Return the comparison that waits to be made again, if any."""
    waits: Revision | None = st.session_state.get("revision")
    return waits


def keep_revised(number: int, exchange: Exchange) -> None:
    """Put an exchange in the place of the one with this number; no comparison waits any longer."""
    conversation()[number] = exchange
    st.session_state.revision = None


def draw_new_conversation() -> None:
    """Draw the button that begins a new conversation, disabled while there is none."""
    started = bool(conversation() or waiting() or st.query_params)
    icon = ":material/edit_square:"
    st.button("New conversation", icon=icon, on_click=start_over, disabled=not started, width="stretch")


def start_over() -> None:
    """Begin a new conversation at the bare address: a callback. The one before stays in the store."""
    leave()
    st.query_params.clear()


def leave() -> None:
    """Leave the conversation, whatever the address asks for next."""
    st.session_state.conversation = []
    st.session_state.waiting = st.session_state.revision = None
    for name in ("conversation_id", "version", "kept", "not_kept", "left_out", "shared", "linked"):
        st.session_state[name] = None


def go_on(exchanges: Sequence[Exchange]) -> None:
    """Start a new conversation that goes on from exchanges, such as those of a link: a callback."""
    start_over()
    st.session_state.conversation = list(exchanges)
    st.session_state.kept = list(exchanges)  # nothing new to save yet
