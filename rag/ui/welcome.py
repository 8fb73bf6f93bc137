"""What a visitor sees before the first question: what is on the shelf, what to ask, or what has to be put there."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.library import Library
from rag.naming import label
from rag.settings import Settings
from rag.ui.session import ask
from rag.ui.wording import label_text

_LISTED = 5


def draw_welcome(library: Library) -> None:
    """Draw the shelf in brief and questions that the reviews can answer."""
    from rag.suggestions import suggest_questions

    reviews, suggestions = library.reviews, suggest_questions(library)
    rows = "".join(
        f'<li><span class="title" dir="auto">{escape(review.title)}</span> <span class="by">{escape(label(review))}</span></li>'
        for review in reviews[:_LISTED]
    )
    more = f"<li>and {len(reviews) - _LISTED} more</li>" if len(reviews) > _LISTED else ""
    st.html(f'<ul class="shelf welcome">{rows}{more}</ul>')
    if suggestions:
        st.pills("Try asking", [label_text(s) for s in suggestions], key="suggested", on_change=_ask_suggested, args=(suggestions,))


def _ask_suggested(suggestions: Sequence[str]) -> None:
    """Ask the suggestion that was chosen: a callback."""
    chosen = st.session_state.suggested
    ask(next((text for text in suggestions if label_text(text) == chosen), ""))


def draw_nothing_to_ask(problem: str, settings: Settings) -> None:
    """Draw what to put where when there is no review."""
    st.warning(problem, icon=":material/library_books:")
    st.markdown("Put reviews into this folder, one file each:")
    st.code(str(settings.seeds), language=None)
    st.markdown(
        "A saved PubMed abstract page, a paper-summary page in Markdown, or any plain text or Markdown file. "
        "Then ask again, or reload the page. Another folder can be named with the environment variable `RAG_SEEDS`."
    )
    st.button("Look again", icon=":material/refresh:")
