"""What a visitor's tab remembers: the conversation, the question that waits for its answer, the thumbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from rag.types import Answer, Review, Turn


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question, the reviews as they were when it was asked, and the answer, or why there is none."""

    question: str
    reviews: tuple[Review, ...]
    answer: Answer | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question that waits for the library; `standing_alone` leaves out what was said before it."""

    question: str
    standing_alone: bool = False


def conversation() -> list[Exchange]:
    """Return the exchanges of this tab, oldest first."""
    exchanges: list[Exchange] = st.session_state.setdefault("conversation", [])
    return exchanges


def turns() -> list[Turn]:
    """Return the answered questions, as the engine takes them for its history."""
    from rag.types import Turn

    return [Turn(exchange.question, exchange.answer) for exchange in conversation() if exchange.answer]


def ask(question: str, standing_alone: bool = False) -> None:
    """Let a question wait for its answer."""
    if question:
        st.session_state.waiting = Waiting(question, standing_alone)


def ask_from(widget: str, standing_alone: bool = False) -> None:
    """Let the value of a widget be the question: a callback."""
    ask(st.session_state[widget] or "", standing_alone)


def waiting() -> Waiting | None:
    """Return the question that waits, if any."""
    question: Waiting | None = st.session_state.get("waiting")
    return question


def keep(exchange: Exchange) -> None:
    """Add an exchange to the conversation; nothing waits any longer."""
    conversation().append(exchange)
    st.session_state.waiting = None


def draw_new_conversation() -> None:
    """Draw the button that forgets the conversation, dead while there is none."""
    started = bool(conversation() or waiting())
    icon = ":material/edit_square:"
    st.button("New conversation", icon=icon, on_click=_start_anew, disabled=not started, width="stretch")


def _start_anew() -> None:
    st.session_state.conversation = []
    st.session_state.waiting = None
