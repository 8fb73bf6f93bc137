"""The page, from top to bottom: what this is, the conversation so far, the shelf, the question that waits."""

from __future__ import annotations

import streamlit as st

from rag.errors import BadSettings
from rag.settings import Settings
from rag.ui.page import address, session
from rag.ui.server import READER_COOKIE

_QUESTIONS_KEPT = "The owner of this page keeps the questions that are asked, without names or addresses."


def draw() -> None:
    """Draw the page, or in its place the owner's, what a link shares, or the door of a page with a password."""
    st.set_page_config(page_title="Ask the reviews", page_icon="📖")
    st.title("Ask the reviews", anchor=False)
    session.belongs_to(st.context.cookies.get(READER_COOKIE))
    try:
        settings = Settings()
    except BadSettings as problem:
        st.error(str(problem), icon=":material/error:")
        return
    if address.OWNER in st.query_params:
        from rag.ui.page.owner import draw_owner

        draw_owner(settings)
    elif not settings.password or _let_in(settings):
        _draw_reviews(settings)


def _let_in(settings: Settings) -> bool:
    from rag.ui.page.gate import READERS, let_in

    return let_in(READERS, settings.password)


def _draw_reviews(settings: Settings) -> None:
    """Draw at once what needs nothing, then what needs the library."""
    st.caption("Every answer rests on exact quotes from the reviews, each numbered and shown in its place.")
    shared = st.query_params.get(address.SHARE)
    with st.bottom:
        st.chat_input("Ask a question about the reviews", key="typed", on_submit=session.ask_from, args=("typed",))
        if settings.keep_questions:
            st.caption(_QUESTIONS_KEPT)
    with st.sidebar:
        session.draw_new_conversation()
        beside = st.container()
        if shared is None:
            st.subheader("On the shelf", anchor=False)

    # What stands above is on the screen while the rest is imported.
    from rag.ui.page.exchanges import draw_conversation
    from rag.ui.page.shared import draw_shared

    if shared is None:
        draw_conversation(beside)
    else:
        draw_shared(shared)
