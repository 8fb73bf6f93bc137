"""The “Share” of an answer: the link that asks its question again, and the link that keeps it as it is."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from rag import __version__
from rag.errors import RagError
from rag.settings import Settings
from rag.shelf import is_own
from rag.store import Link, quotes_of, share
from rag.text import CHUNKER_VERSION
from rag.types import Answer, Exchange
from rag.ui.page import address, session
from rag.ui.page.copy_button import copy_button
from rag.ui.page.keeping import store
from rag.ui.page.labels import label_text
from rag.ui.page.visitors import admit

EXPIRIES: dict[str, float | None] = {"never": None, "in a day": 1, "in a week": 7, "in a month": 30, "in a year": 365}
_ONE, _ALL = "this answer", "the whole conversation"
_AGAIN = "**A link that asks again.** It asks the same question of the reviews as they are when it is opened."
_OWN = "It quotes files of yours: the link carries these quotes and the passages around them, not the files."
_NOT_AGAIN = "A link that asks the question again would not find what only your files say."
_GATED = "They also need the password of this page."
_FROZEN = (
    "**A link that keeps the answer.** It keeps question, answer and quotes as they are now. Whoever has it can read "
    "them, without a key or an account; it is listed nowhere."
)


@dataclass(frozen=True, slots=True)
class Made:
    """A link that was made here, with what it keeps and when it ends, in words."""

    link: Link
    what: str
    ends: str


def draw_share(exchange: Exchange, answer: Answer, number: int) -> None:
    """Draw the button that opens the two links of an answer."""
    if st.button("Share", key=f"share-{number}", type="tertiary", icon=":material/link:"):
        _draw_links(exchange, answer, number)


@st.dialog("Share")
def _draw_links(exchange: Exchange, answer: Answer, number: int) -> None:
    st.markdown(f"{_FROZEN} {_GATED if Settings().password else ''}")
    if _quotes_own_files(exchange, answer):
        st.caption(_OWN)
    _draw_frozen(exchange, number)
    st.divider()
    if _quotes_own_files(exchange, answer):
        st.markdown(_NOT_AGAIN)
        return
    st.markdown(_AGAIN)
    _draw_link("Copy link", _asking_again(exchange, answer), f"again-link-{number}")


def _quotes_own_files(exchange: Exchange, answer: Answer) -> bool:
    own = {review.id for review in exchange.reviews if is_own(review)}
    return any(quote.review_id in own for quote in quotes_of(answer))


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
        exchange.aspects if compared else (),
    )


def _draw_frozen(exchange: Exchange, number: int) -> None:
    """Draw the form that makes a link, or the link that it made."""
    made: Made | str | None = st.session_state.get(_made_key(exchange))
    if isinstance(made, Made):
        _draw_link("Copy link", address.share_link(address.base(), made.link.token), f"made-link-{number}")
        st.caption(f"Keeps {made.what} and ends {made.ends}. Delete it or change its end on its page with this secret:")
        _draw_link("Copy secret", made.link.secret, f"made-secret-{number}")
        st.button("Make another", key=f"unmake-{number}", on_click=_forget_made, args=(exchange,), type="tertiary")
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
    what, ends = st.session_state.get(f"shared-{number}", _ONE), st.session_state[f"ends-{number}"]
    about = {"version": __version__, "chunker": CHUNKER_VERSION}
    try:
        admit("link")
        shared = session.conversation() if what == _ALL else [exchange]
        made: Made | str = Made(share(store(), shared, about, EXPIRIES[ends]), what, ends)
    except (RagError, ValueError) as problem:
        made = f"No link was made. {problem} The answer stays here, and the link that asks again works."
    st.session_state[_made_key(exchange)] = made


def _forget_made(exchange: Exchange) -> None:
    st.session_state[_made_key(exchange)] = None


def _made_key(exchange: Exchange) -> str:
    """Return where the link to an answer is remembered: of another answer in its place it is not."""
    return f"link to {exchange.made}"
