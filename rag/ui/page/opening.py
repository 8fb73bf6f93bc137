"""The library, opened once for all visitors in a thread of its own: a closed tab or a new question stops nothing."""

from __future__ import annotations

import logging
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import streamlit as st

from rag.errors import NoReviews, RagError
from rag.ui.page.labels import label_text

if TYPE_CHECKING:
    from rag.settings import Settings
    from rag.shelf import Library

log = logging.getLogger(__name__)
_GLANCE_SECONDS = 0.1
# So long the page waits for a shelf that has changed; then the one before answers, and the page looks for the new one.
_PATIENCE_SECONDS, _LOOK_SECONDS = 20.0, 3.0


@dataclass
class Opening:
    """A library on its way since it began: of what how many are done, and in the end the library or the error."""

    what: str = ""
    done: int = 0
    total: int = 0
    library: Future[Library] = field(default_factory=Future)
    began: float = field(default_factory=monotonic)

    @property
    def share(self) -> float:
        """How much is done of what is being done, between 0 and 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def stage(self) -> str:
        """What is being done, and how far it is, in words."""
        done = f"{self.share:.0%}" if 0 < self.share < 1 else "writing and checking" if self.share else "starting"
        return f"{'Reading the files' if self.what == 'files' else 'Preparing the reviews'}: {done}"

    def report(self, what: str, done: int, total: int) -> None:
        """Note how many files of how many are read, or texts embedded."""
        self.what, self.done, self.total = what, done, total


def open_with_progress(settings: Settings) -> Library:
    """Return the library of the sources as they are now, drawing a bar while it is made.

    When that takes long the one served before answers meanwhile; when it cannot be made, that one goes on, with a
    warning; without one, raises RagError with words for the reader. The next run tries again.
    """
    from rag.shelf import sources_stamp

    opening = _opening(str(settings.seeds), str(settings.data), sources_stamp(settings), settings)
    served = _served(str(settings.seeds), str(settings.data))
    try:
        if not _draw_progress(opening, opening.began + _PATIENCE_SECONDS if served else None):
            _draw_coming(opening)
            return served[0]
        served[:] = [opening.library.result()]
    except NoReviews:
        _opening.clear()
        raise
    except Exception as error:
        _opening.clear()
        problem = _in_words(error)
        if not served:
            raise problem from error
        st.warning(
            f"{label_text(str(problem))} Answers come from the reviews as they were before.", icon=":material/warning:"
        )
    return served[0]


def _in_words(error: Exception) -> RagError:
    if isinstance(error, RagError):
        return error
    log.error("The library could not be opened", exc_info=error)
    return RagError("The reviews could not be opened. The details are in the server log.")


@st.cache_resource(max_entries=1, show_spinner=False)
def _served(seeds: str, data: str) -> list[Library]:
    """Return the place of the last library that could be opened."""
    return []


@st.cache_resource(max_entries=1, show_spinner=False)
def _opening(seeds: str, data: str, stamp: str, _settings: Settings) -> Opening:
    opening = Opening()
    Thread(target=_open, args=(opening, _settings), name="open library", daemon=True).start()
    return opening


def _open(opening: Opening, settings: Settings) -> None:
    try:
        from rag.shelf import open_library

        opening.library.set_result(open_library(settings, opening.report))
    except BaseException as error:
        opening.library.set_exception(error)


def _draw_progress(opening: Opening, until: float | None) -> bool:
    """Draw how far the opening is until it ends, or until a time of the monotonic clock; tell whether it ended.

    Each drawing is a point where Streamlit may stop the run.
    """
    if not wait([opening.library], timeout=_GLANCE_SECONDS).not_done:
        return True
    place = st.empty()
    while (waits := wait([opening.library], timeout=_GLANCE_SECONDS).not_done) and (
        until is None or monotonic() < until
    ):
        place.progress(opening.share, text=opening.stage)
    place.empty()
    return not waits


@st.fragment(run_every=_LOOK_SECONDS)
def _draw_coming(opening: Opening) -> None:
    """Draw how far a shelf is that has changed; draw the page anew when it is there."""
    if opening.library.done():
        st.rerun()
    st.caption(f"The shelf has changed. {opening.stage}. Until then answers come from it as it was.")
