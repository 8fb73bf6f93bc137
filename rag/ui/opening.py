"""The library, opened once for all visitors in a thread of its own: a closed tab or a new question stops nothing."""

from __future__ import annotations

import logging
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

import streamlit as st

from rag.errors import RagError

if TYPE_CHECKING:
    from rag.library import Library
    from rag.settings import Settings

log = logging.getLogger(__name__)
_GLANCE_SECONDS = 0.1


@dataclass
class Opening:
    """A library on its way: how far the indexing is, and in the end the library or the error."""

    done: int = 0
    total: int = 0
    library: Future[Library] = field(default_factory=Future)

    def report(self, done: int, total: int) -> None:
        """Note how many passages of how many are indexed."""
        self.done, self.total = done, total


def open_with_progress(settings: Settings) -> Library:
    """Return the library of the sources as they are now, drawing a bar while it is made.

    Raises RagError with words for the reader; any other error is in the log. The next run tries again.
    """
    from rag.library import sources_stamp

    opening = _opening(str(settings.seeds), str(settings.data), sources_stamp(settings), settings)
    try:
        _draw_progress(opening)
        return opening.library.result()
    except RagError:
        _opening.clear()
        raise
    except Exception as error:
        _opening.clear()
        log.exception("The library could not be opened")
        raise RagError("The reviews could not be opened. The details are in the log of the server.") from error


@st.cache_resource(max_entries=1, show_spinner=False)
def _opening(seeds: str, data: str, stamp: str, _settings: Settings) -> Opening:
    opening = Opening()
    Thread(target=_open, args=(opening, _settings), name="open library", daemon=True).start()
    return opening


def _open(opening: Opening, settings: Settings) -> None:
    try:
        from rag.library import open_library

        opening.library.set_result(open_library(settings, opening.report))
    except BaseException as error:
        opening.library.set_exception(error)


def _draw_progress(opening: Opening) -> None:
    """Draw how far the opening is until it ends. Each drawing is a point where Streamlit may stop the run."""
    if not wait([opening.library], timeout=_GLANCE_SECONDS).not_done:
        return
    place = st.empty()
    while wait([opening.library], timeout=_GLANCE_SECONDS).not_done:
        if opening.total:
            text = f"Indexing the reviews: {opening.done:,} of {opening.total:,} passages"
            place.progress(opening.done / opening.total, text=text)
        else:
            place.progress(0.0, text="Opening the reviews")
    place.empty()
