"""What a visitor sees before the first question: what is on the shelf, what to ask, or what has to be put there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import Future, wait
from html import escape
from threading import Thread

import streamlit as st

from rag.shelf import Library, label
from rag.types import Review
from rag.ui.page.labels import label_text
from rag.ui.page.session import ask

log = logging.getLogger(__name__)
_LISTED = 5
_GLANCE_SECONDS = 0.1


def draw_welcome(library: Library) -> None:
    """Draw the shelf in brief and questions that the reviews can answer."""
    reviews, coming = library.reviews, _suggestions(library.index.manifest.fingerprint, library)
    rows = "".join(_row(review) for review in reviews[:_LISTED])
    more = f"<li>and {len(reviews) - _LISTED} more</li>" if len(reviews) > _LISTED else ""
    st.html(f'<ul class="shelf welcome">{rows}{more}</ul>')
    draw_missing(library)
    place = st.empty()
    while wait([coming], timeout=_GLANCE_SECONDS).not_done:
        place.empty()  # a point where a question that is asked meanwhile ends this run
    if suggestions := coming.result():
        labels = [label_text(suggestion) for suggestion in suggestions]
        st.pills("Try asking", labels, key="suggested", on_change=_ask_suggested, args=(suggestions,))


def draw_missing(library: Library) -> None:
    """Say what answers have to do without, if there is anything."""
    from rag.pipeline import missing_parts

    if missing := missing_parts(library):
        st.caption(f":material/info: {missing}")


@st.cache_resource(max_entries=4, show_spinner=False)
def _suggestions(fingerprint: str, _library: Library) -> Future[list[str]]:
    """Return questions to start with on their way, made once a library; with many reviews they take seconds."""
    coming: Future[list[str]] = Future()
    Thread(target=_suggest, args=(_library, coming), name="suggestions", daemon=True).start()
    return coming


def _suggest(library: Library, coming: Future[list[str]]) -> None:
    """Find the questions; without them the page is still whole."""
    from rag.pipeline import suggestions

    try:
        coming.set_result(suggestions(library))
    except Exception:
        log.exception("No suggestions")
        coming.set_result([])


def _row(review: Review) -> str:
    title, by = escape(review.title), escape(label(review))
    return f'<li><span class="title" dir="auto">{title}</span> <span class="by">{by}</span></li>'


def _ask_suggested(suggestions: Sequence[str]) -> None:
    """Ask the suggestion that was chosen: a callback."""
    chosen = st.session_state.suggested
    ask(next((text for text in suggestions if label_text(text) == chosen), ""))


def draw_nothing_to_ask(problem: str) -> None:
    """Draw what to put where, when there are no reviews."""
    st.sidebar.caption("Nothing yet.")
    st.warning(label_text(problem), icon=":material/library_books:")
    st.markdown(
        "Add one file per review: a saved PubMed abstract page, a paper-summary page in Markdown, or any plain text or "
        "Markdown file. The environment variable `RAG_SEEDS` names another folder."
    )
    st.button("Look again", icon=":material/refresh:")


def draw_not_opened(problem: str) -> None:
    """Draw why the reviews cannot be asked now."""
    st.error(label_text(problem), icon=":material/error:")
    st.button("Try again", icon=":material/refresh:")
