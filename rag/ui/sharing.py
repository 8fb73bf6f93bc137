"""The “Share” of an answer: the link that asks its question again, and the link that keeps it as it is."""

from __future__ import annotations

import streamlit as st

from rag.chunking import CHUNKER_VERSION
from rag.errors import RagError
from rag.sharing import Link, share
from rag.types import Answer, Exchange
from rag.ui import address, session
from rag.ui.copy_button import copy_button
from rag.ui.keeping import store
from rag.ui.visitors import admit
from rag.ui.wording import label_text

EXPIRIES: dict[str, float | None] = {"never": None, "in a day": 1, "in a week": 7, "in a month": 30, "in a year": 365}
_ONE, _ALL = "this answer", "the whole conversation"
_AGAIN = "**A link that asks again.** It asks the same question of the reviews as they are when it is opened."
_FROZEN = (
    "**A link that keeps the answer.** It keeps question, answer and quotes as they are now. Whoever has it can read "
    "them, without a key or an account; it is listed nowhere."
)


def draw_share(exchange: Exchange, answer: Answer, number: int) -> None:
    """Draw the popover of an answer with its two links."""
    with st.popover(
        "Share", type="tertiary", icon=":material/link:", key=f"share-{number}", on_change="rerun"
    ) as open_:
        if not open_.open:
            return
        st.markdown(_FROZEN)
        _draw_frozen(exchange, number)
        st.divider()
        st.markdown(_AGAIN)
        _draw_link("Copy link", _asking_again(exchange, answer), f"again-link-{number}")


def _asking_again(exchange: Exchange, answer: Answer) -> str:
    """Return the address that gives this answer again: its question, reviews, and what it compares them on."""
    compared = answer.comparison
    asked = [cell.review_id for cell in compared.cells if cell.state != "not_asked"] if compared else []
    asked = asked or [one.review_id for one in answer.coverage]
    return address.question_link(
        address.base(),
        answer.searched_as,
        address.chosen_of(asked, exchange.reviews),
        compared is not None,
        compared.aspects if compared and exchange.revision else (),
    )


def _draw_frozen(exchange: Exchange, number: int) -> None:
    """Draw the form that makes a link, or the link that it made."""
    made: Link | str | None = st.session_state.get(f"link-{number}")
    if isinstance(made, Link):
        _draw_link("Copy link", address.share_link(address.base(), made.token), f"made-link-{number}")
        st.caption("To delete it or to change when it ends, open it and give this secret. It is shown only here:")
        _draw_link("Copy secret", made.secret, f"made-secret-{number}")
        st.button("Make another", key=f"unmake-{number}", on_click=_forget_made, args=(number,), type="tertiary")
        return
    with st.form(f"sharing-{number}", border=False):
        if len(session.conversation()) > 1:
            st.radio("Share", [_ONE, _ALL], key=f"shared-{number}", horizontal=True)
        st.selectbox("The link ends", list(EXPIRIES), key=f"ends-{number}")
        st.form_submit_button("Make the link", on_click=_make, args=(exchange, number))
    if made:
        st.error(label_text(made), icon=":material/error:")


def _draw_link(label: str, text: str, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.code(text, language=None, wrap_lines=True)
        copy_button(label, text, key=key)


def _make(exchange: Exchange, number: int) -> None:
    """Keep the link that was made, or why there is none: a callback."""
    whole = st.session_state.get(f"shared-{number}") == _ALL
    days = EXPIRIES[st.session_state[f"ends-{number}"]]
    try:
        admit("link")
        shared = session.conversation() if whole else [exchange]
        made: Link | str = share(store(), shared, {"chunker": CHUNKER_VERSION}, days)
    except (RagError, ValueError) as problem:
        made = f"No link was made. {problem} The answer stays here, and the link that asks again works."
    st.session_state[f"link-{number}"] = made


def _forget_made(number: int) -> None:
    st.session_state[f"link-{number}"] = None
