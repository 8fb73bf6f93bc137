"""Thumbs: kept in the store with what was cited, without the words of the question unless the owner keeps them."""

from __future__ import annotations

import logging
import time

import streamlit as st

from rag.errors import RagError
from rag.settings import Settings
from rag.store import record_thumb
from rag.types import Answer
from rag.ui.page.keeping import store

log = logging.getLogger(__name__)


def keep_thumb(answer: Answer, widget: str) -> None:
    """Keep the thumb of a widget (1 up, 0 down, None taken back) and what was cited: a callback.

    The next thumb for the same answer takes its place. Where the store fails the page goes on.
    """
    up = {1: True, 0: False}.get(st.session_state[widget])
    judged, row = st.session_state.get(f"{widget}-kept", (None, None))
    cited = [(one.quote.review_id, one.quote.start, one.quote.end) for one in answer.quoted]
    try:
        question = answer.question if Settings().keep_questions else None
        before = row if judged == answer else None
        kept = record_thumb(store(), up, answer.outcome, cited, question, time.time(), before)
    except RagError as problem:
        log.warning("A thumb is not kept: %s", problem)
        return
    st.session_state[f"{widget}-kept"] = answer, kept
