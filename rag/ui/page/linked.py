"""A link that asks: its question is asked at once, of the reviews that it names."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rag.text import listed
from rag.types import Review
from rag.ui.page import address, session
from rag.ui.page.aspects import tidy


def take_question() -> None:
    """Let the question of the address wait for its answer, once a tab and only where nothing was asked before."""
    question = address.linked_question()
    if not question or session.conversation() or session.waiting() or st.session_state.get("linked") == question:
        return
    st.session_state.linked = question
    st.session_state.choosing = True
    session.ask(question, True, address.linked_comparison(), tidy(address.linked_aspects())[0])


def choose_reviews(reviews: Sequence[Review]) -> str:
    """Tick the reviews that the link names; return why its question cannot be asked, "" when it can."""
    if not st.session_state.pop("choosing", False):
        return ""
    known, unknown = address.linked_reviews(reviews)
    named = listed(unknown)
    if unknown and not known:
        return f"The link names a review that is not on the shelf: {named}. Ask again to search those that are."
    if unknown:
        st.session_state.left_out = f"The link also names a review that is not on the shelf: {named}."
    if known:
        session.tick(reviews, frozenset(known))
    return ""
