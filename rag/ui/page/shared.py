"""What a shared link opens: the answers as they were frozen, re-checked against the reviews as they are now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from rag.errors import NoSuchLink, RagError
from rag.exports import PAGE_STYLE, answer_html, searched_html
from rag.settings import Settings
from rag.shelf import is_own, label
from rag.store import Recheck, Shared, delete_link, open_link, recheck, set_expiry
from rag.text import listed
from rag.types import Exchange
from rag.ui.page import address, session
from rag.ui.page.keeping import draw_notices, store
from rag.ui.page.labels import label_text
from rag.ui.page.opening import open_with_progress
from rag.ui.page.saving import draw_save
from rag.ui.page.sharing import EXPIRIES
from rag.ui.page.turn import draw_question

_AS_IT_IS = "as it does now"


def draw_shared(token: str) -> None:
    """Draw what a link keeps, whether its quotes still stand, and how to go on from it."""
    st.html(PAGE_STYLE)
    try:
        shared = open_link(store(), token)
    except RagError as problem:
        st.session_state.shared = None
        _draw_problem(problem)
        return
    st.session_state.shared = shared.exchanges
    draw_notices()
    _draw_origin(shared)
    checked = st.container()
    for number, exchange in enumerate(shared.exchanges):
        _draw_exchange(exchange, number)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Ask on", icon=":material/forum:", on_click=session.go_on, args=(shared.exchanges,), type="primary")
        draw_save(shared.exchanges, "shared")
        _draw_owner(token)
    _draw_recheck(checked, shared.exchanges)


def _draw_problem(problem: RagError) -> None:
    heading = "This link does not work" if isinstance(problem, NoSuchLink) else "This link cannot be opened right now"
    st.subheader(heading, anchor=False)
    st.text(str(problem))
    st.button("Ask the reviews yourself", on_click=session.start_over, icon=":material/forum:")


def _draw_origin(shared: Shared) -> None:
    """Draw when the answers were kept, who wrote them, and from which index."""
    modes = dict.fromkeys(one.answer.mode for one in shared.exchanges if one.answer)
    by = listed(["quoted, no model" if mode == "quotes" else f"written by {mode}" for mode in modes])
    index = listed(list(dict.fromkeys(one.index[:12] for one in shared.exchanges if one.index)))
    ends = f" Ends on {_date(shared.expires)}." if shared.expires else ""
    st.caption(label_text(f"Shared on {_date(shared.made)}, read-only. Answers: {by}; index {index}.{ends}"))


def _date(seconds: float) -> str:
    when = datetime.fromtimestamp(seconds, UTC)
    return f"{when.day} {when:%B %Y}"


def _draw_exchange(exchange: Exchange, number: int) -> None:
    draw_question(exchange.question, number)
    with st.chat_message("assistant", avatar=":material/format_quote:"):
        if exchange.answer:
            st.html(searched_html(exchange.answer) + answer_html(exchange.answer, exchange.reviews, f"answer{number}"))
        else:
            st.text(exchange.problem)


def _draw_recheck(place: DeltaGenerator, exchanges: Sequence[Exchange]) -> None:
    """Draw how many of the quotes still stand in the reviews that are loaded now."""
    try:
        with place:
            library = open_with_progress(Settings())
    except RagError as problem:
        place.warning(f"The quotes could not be checked again. {label_text(str(problem))}", icon=":material/warning:")
        return
    found = recheck(exchanges, library.reviews)
    if found.total:
        draw = place.success if found.same == found.total else place.warning
        draw(label_text(recheck_words(found)), icon=":material/fact_check:")


def recheck_words(found: Recheck) -> str:
    """Return what the second look at the quotes has shown, in words."""
    quotes = "quote still matches" if found.total == 1 else "quotes still match"
    parts = [f"{found.same} of {found.total} {quotes} the reviews word for word."]
    if found.moved:
        parts.append(f"{found.moved} stand{'s' if found.moved == 1 else ''} in another place now.")
    if found.changed:
        parts.append(f"{found.changed} changed since: the review no longer says it in these words.")
    if own := [label(review) for review in found.reviews_gone if is_own(review)]:
        file = "a file" if len(own) == 1 else "files"
        parts.append(f"{listed(own)}: quoted from {file} of whoever shared this, which cannot be looked at again.")
    if gone := [label(review) for review in found.reviews_gone if not is_own(review)]:
        count, names = len(gone), listed(gone)
        loaded = "review is no longer loaded" if count == 1 else "reviews are no longer loaded"
        parts.append(f"{count} {loaded}: {names}.")
    return " ".join(parts)


def _draw_owner(token: str) -> None:
    """Draw what the owner of the link can do with the secret that was shown when it was made."""
    with st.popover("Delete or change this link", type="tertiary", icon=":material/key:"):
        with st.form("owner-of-link", border=False):
            secret = st.text_input("Secret of the link", type="password", key="link-secret", autocomplete="off").strip()
            ends = st.selectbox("The link ends", [_AS_IT_IS, *EXPIRIES], key="link-ends")
            change = st.form_submit_button("Change when it ends")
            remove = st.form_submit_button("Delete the link for everyone")
        try:
            if remove:
                delete_link(store(), token, secret)
                st.session_state.notice = "The link is deleted. Anyone who opens it will be told so."
                address.forget(address.SHARE)
                st.rerun()
            elif change and ends == _AS_IT_IS:
                st.info("Nothing was changed. Choose when the link should end.", icon=":material/info:")
            elif change:
                set_expiry(store(), token, secret, EXPIRIES[ends])
                st.session_state.notice = f"The link now ends {ends}."
                st.rerun()
        except RagError as problem:
            st.error(label_text(str(problem)), icon=":material/error:")
