"""The conversation of a tab beyond its page: found again after a reload by the browser that holds the reader's id."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

import streamlit as st

from rag.errors import ChangedElsewhere, RagError
from rag.settings import Settings
from rag.shelf import OwnFiles
from rag.store import (
    Store,
    forget_conversation,
    is_token,
    keep_conversation,
    kept_conversation,
    listed_conversations,
    new_token,
    open_store,
)
from rag.types import Exchange
from rag.ui.page import address, session
from rag.ui.page.labels import label_text
from rag.ui.server import READER_COOKIE, is_reader

log = logging.getLogger(__name__)

# How many earlier conversations are offered, and how many characters of the first question each is shown by.
_LISTED, _LONGEST_LABEL = 12, 60
_LAG_SECONDS = 1.0
_NOT_HERE = "This conversation is not saved for this browser. Ask here, or open a link that was made with “Share”."


def reader() -> str | None:
    """Return the unguessable id that this browser holds, None where it holds no cookies."""
    found = st.context.cookies.get(READER_COOKIE)
    return found if isinstance(found, str) and is_reader(found) else None


def store() -> Store:
    """Return the store of the settings; raise StoreUnavailable or BadSettings."""
    return open_store(Settings())


def own_files(begin: bool = False) -> OwnFiles | None:
    """Return the files of this conversation, None where it has no id, which `begin` gives it, or the browser none."""
    whose, name = reader(), st.session_state.get("conversation_id")
    if whose and not name and begin:
        name = st.session_state.conversation_id = new_token()
        st.session_state.version, st.session_state.addressed = None, time.monotonic()
        st.query_params[address.CONVERSATION] = name
    return _files_of(whose, name) if whose and name else None


def _files_of(whose: str, name: str) -> OwnFiles:
    return OwnFiles(Settings().data, f"{whose} {name}")


def restore() -> None:
    """Take up the conversation that the address names, after a reload or a step back; say so when it is not here.

    A bare address is a step back only some time after the conversation got its own: it may lag behind.
    """
    wanted, current, whose = (
        st.query_params.get(address.CONVERSATION),
        st.session_state.get("conversation_id"),
        reader(),
    )
    if wanted == current or session.waiting() or session.revision():
        return
    if current and time.monotonic() - st.session_state.addressed > _LAG_SECONDS:
        session.leave()
    if not wanted or session.conversation():
        return
    try:
        found = kept_conversation(store(), wanted, whose) if whose else None
    except RagError as problem:
        st.warning(f"The conversation cannot be shown: {problem}", icon=":material/warning:")
        return
    if found:
        st.session_state.conversation = found.exchanges
        _remember(wanted, found.version, found.exchanges)
    elif whose and is_token(wanted) and _files_of(whose, wanted).stamp:
        st.session_state.conversation_id, st.session_state.version = wanted, None
        st.session_state.addressed = time.monotonic()
    else:
        address.forget(address.CONVERSATION)
        st.session_state.notice = _NOT_HERE


def keep() -> None:
    """Keep the conversation when it has changed; where that fails it goes on, and the page says that it is not kept."""
    exchanges, whose = session.conversation(), reader()
    if not exchanges or not whose or not exchanges[-1].answer or exchanges == st.session_state.get("kept"):
        return
    only = exchanges[0]
    if len(exchanges) == 1 and address.linked_question() == only.question and only.answer and not only.answer.written:
        return  # the address asks it again, and gets the same answer
    name, version = st.session_state.get("conversation_id"), st.session_state.get("version")
    try:
        _remember(*_stored(name, version, whose, exchanges), exchanges)
    except (RagError, ValueError) as problem:
        log.warning("A conversation is not kept: %s", problem)
        st.session_state.not_kept = f"This conversation is not saved beyond this page: {problem}"
        return
    st.session_state.not_kept = None
    address.forget(*address.ASKING)
    if st.query_params.get(address.CONVERSATION) != st.session_state.conversation_id:
        st.query_params[address.CONVERSATION] = st.session_state.conversation_id


def _stored(name: str | None, version: float | None, whose: str, exchanges: Sequence[Exchange]) -> tuple[str, float]:
    """Store a conversation and return its id and version; one that another tab has changed goes on under a new id."""
    if name and version is not None:
        with suppress(ChangedElsewhere):
            return name, keep_conversation(store(), name, whose, exchanges, version)
        other = new_token()
        _files_of(whose, other).follow(_files_of(whose, name))
        name = other
    name = name or new_token()
    return name, keep_conversation(store(), name, whose, exchanges)


def _remember(name: str, version: float, exchanges: Sequence[Exchange]) -> None:
    st.session_state.conversation_id, st.session_state.version = name, version
    st.session_state.kept, st.session_state.addressed = list(exchanges), time.monotonic()


def draw_notices() -> None:
    """Draw the notices of the conversation: what happened once, and what is wrong for as long as it is."""
    if notice := st.session_state.pop("notice", None):
        st.info(notice, icon=":material/info:")
    for wrong in ("not_kept", "left_out"):
        if problem := st.session_state.get(wrong):
            st.caption(f":material/info: {label_text(problem)}")


def draw_earlier() -> None:
    """Draw the way back to the conversations that are kept for this browser."""
    whose = reader()
    if not whose:
        return
    with st.popover("Earlier", type="tertiary", icon=":material/history:", key="earlier", on_change="rerun") as popover:
        if not popover.open:
            return
        try:
            found = listed_conversations(store(), whose)
        except RagError as problem:
            st.caption(label_text(str(problem)))
            return
        others = [one for one in found if one[0] != st.session_state.get("conversation_id")]
        if not others:
            st.caption("No other conversations are saved for this browser.")
        for name, question, updated in others[:_LISTED]:
            day = f"{datetime.fromtimestamp(updated, UTC):%d %b}"
            first = label_text(" ".join(question.split())[:_LONGEST_LABEL])
            st.button(f"{day}: {first}", key=f"earlier {name}", on_click=_go_back, args=(name,), type="tertiary")


def _go_back(name: str) -> None:
    session.start_over()
    st.query_params[address.CONVERSATION] = name


def draw_forget() -> None:
    """Draw what removes the conversation from the store for good."""
    with st.popover("Forget", type="tertiary", icon=":material/delete:"):
        st.caption("Removes it from this page and from the store, and its files. Shared links stay until deleted.")
        if Settings().keep_questions:
            st.caption("The owner's record of your questions stays.")
        st.button("Forget this conversation", key="forget", on_click=_forget)


def _forget() -> None:
    name, whose = st.session_state.get("conversation_id"), reader()
    try:
        if name and whose:
            _files_of(whose, name).forget()
            forget_conversation(store(), name, whose)
    except RagError as problem:
        st.session_state.notice = f"The conversation could not be removed from the store: {problem} Try again."
        return
    session.start_over()
    st.session_state.notice = "The conversation is forgotten."
