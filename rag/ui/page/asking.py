"""From a waiting question to an exchange, from a comparison to the next; whatever happens, the question is kept."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING

import streamlit as st

from rag.errors import RagError
from rag.exports import answer_html, writing_html
from rag.shelf import Library
from rag.types import Exchange
from rag.ui.page.session import Revision, Waiting, Writing, begin_writing, end_writing, turns
from rag.ui.page.visitors import Admitted, admit, finish

if TYPE_CHECKING:
    from rag.types import Answer
    from rag.writing import LanguageModel, Watch

log = logging.getLogger(__name__)

_NOTHING_CHOSEN = "No review is chosen. Tick at least one in the sidebar, then ask again."
_CRASHED = "Something went wrong while answering. Your question is kept, and the details are in the server log."
_GONE = "The reviews of this comparison are no longer on the shelf. What they said stays here."


class _Page:
    """Shows an answer while it is written, with a button that stops it; any click does."""

    def __init__(self, waiting: Waiting, library: Library, admitted: Admitted | None) -> None:
        self._waiting, self._library, self._admitted = waiting, library, admitted
        with st.chat_message("assistant", avatar=":material/format_quote:"):
            self._place, self._stop, self._quotes = st.empty(), st.empty(), st.empty()
        self._place.html(writing_html(""))
        self._stop.button("Stop", key="stop", icon=":material/stop_circle:", type="tertiary")

    def done(self) -> None:
        self._stop.empty()
        self._quotes.empty()

    def quoted(self, answer: Answer) -> None:
        """Draw the quotes, which can be read until the prose stands."""
        self._quotes.html(answer_html(answer, self._library.reviews, "while-writing"))

    def text(self, so_far: str) -> None:
        self._place.html(writing_html(so_far))

    def begun(self, stop: Callable[[], Answer]) -> None:
        waiting, reviews = self._waiting, self._library.reviews
        fingerprint = self._library.index.manifest.fingerprint

        def stopped() -> Exchange:
            exchange = Exchange(
                waiting.question, reviews, stop(), made=time(), index=fingerprint, aspects=waiting.aspects
            )
            finish(self._admitted, exchange)
            return exchange

        begin_writing(Writing(waiting, stopped))


def answer(waiting: Waiting, library: Library, chosen: Collection[str], model: LanguageModel | None = None) -> Exchange:
    """Ask the chosen reviews; the exchange holds the answer, or a problem in words a reader can act on.

    While a model writes, what it writes is drawn in the container that is open.
    """
    if not chosen:
        return Exchange(waiting.question, library.reviews, None, _NOTHING_CHOSEN)
    try:
        admitted = admit("question", waiting.question)
    except RagError as refusal:
        return Exchange(waiting.question, library.reviews, None, str(refusal))
    page = _Page(waiting, library, admitted) if model else None
    exchange = _asked(waiting, library, chosen, model, page)
    if page:
        end_writing()
        page.done()
    finish(admitted, exchange)
    return exchange


def _asked(
    waiting: Waiting,
    library: Library,
    chosen: Collection[str],
    model: LanguageModel | None = None,
    watch: Watch | None = None,
) -> Exchange:
    from rag.pipeline import ask

    history = () if waiting.standing_alone else turns(waiting.replacing)
    try:
        compare, aspects = waiting.compare, waiting.aspects
        found = ask(waiting.question, library, history, chosen, compare, aspects, model, watch, waiting.manner)
    except RagError as error:
        return Exchange(waiting.question, library.reviews, None, str(error))
    except Exception:
        log.exception("A question of %d characters has no answer", len(waiting.question))
        return Exchange(waiting.question, library.reviews, None, _CRASHED)
    index = library.index.manifest.fingerprint
    return Exchange(waiting.question, library.reviews, found, made=time(), index=index, aspects=waiting.aspects)


def compared_again(exchange: Exchange, revision: Revision, library: Library) -> Exchange:
    """Return an exchange with its comparison made again; where that fails it stays, with the problem in words."""
    from rag.pipeline import ask

    before, known = exchange.answer, {review.id for review in library.reviews}
    asked = [review_id for review_id in revision.review_ids if review_id in known]
    if not before or not asked:
        return replace(exchange, problem=_GONE)
    try:
        admitted = admit("question", before.searched_as)
        found = ask(before.searched_as, library, (), asked, aspects=revision.aspects)
    except RagError as error:
        return replace(exchange, problem=str(error))
    except Exception:
        log.exception("A question of %d characters has no comparison", len(before.searched_as))
        return replace(exchange, problem=_CRASHED)
    found = replace(found, question=before.question)
    revised = replace(
        exchange,
        reviews=library.reviews,
        answer=found,
        problem="",
        made=time(),
        index=library.index.manifest.fingerprint,
        aspects=revision.aspects,
        revision=exchange.revision + 1,
    )
    finish(admitted, revised)
    return revised
