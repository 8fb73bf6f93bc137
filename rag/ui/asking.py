"""From a waiting question to an exchange; whatever happens, the question is kept."""

from __future__ import annotations

import logging
from collections.abc import Collection

from rag.errors import RagError
from rag.library import Library
from rag.ui.session import Exchange, Waiting, turns

log = logging.getLogger(__name__)

_NOTHING_CHOSEN = "No review is chosen. Tick at least one in the sidebar, then ask again."
_CRASHED = "Something went wrong while answering. The question is kept, and the details are in the log of the server."


def answer(waiting: Waiting, library: Library, chosen: Collection[str]) -> Exchange:
    """Ask the chosen reviews; the exchange holds the answer, or a problem in words a reader can act on."""
    from rag.pipeline import ask

    if not chosen:
        return Exchange(waiting.question, library.reviews, None, _NOTHING_CHOSEN)
    history = () if waiting.standing_alone else turns()
    try:
        found = ask(waiting.question, library, history, chosen)
    except RagError as error:
        return Exchange(waiting.question, library.reviews, None, str(error))
    except Exception:
        log.exception("No answer to %r", waiting.question[:200])
        return Exchange(waiting.question, library.reviews, None, _CRASHED)
    return Exchange(waiting.question, library.reviews, found)
