"""Who asks, and how much of what a hosted page allows is left; where the page is not hosted nothing is counted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rag.settings import Settings
from rag.ui.page.keeping import reader, store

if TYPE_CHECKING:
    from rag.store import Kind, Request
    from rag.types import Exchange
    from rag.writing import LanguageModel


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that was let in, and when it began, in seconds of a monotonic clock."""

    request: Request
    began: float


def admit(kind: Kind, question: str = "") -> Admitted | None:
    """Count a question or a link of this visitor, None where none is counted; raise BudgetReached."""
    settings = Settings()
    if not settings.hosted:
        return None
    from rag.store import Quota
    from rag.store import admit as admit_request

    limits = Quota(settings.questions_a_minute, settings.questions_a_day)
    kept = question if settings.keep_questions else None
    return Admitted(admit_request(store(), kind, visitor(), limits, time.time(), kept), time.monotonic())


def finish(admitted: Admitted | None, exchange: Exchange) -> None:
    """Note what came of a question: its outcome, who wrote it, how long it took; no word of it."""
    if not admitted:
        return
    from rag.store import finish as finish_request

    answer = exchange.answer
    written = answer.written if answer else None
    fault = (written.fault or written.ending) if written and written.ending != "complete" else None
    outcome, mode = (answer.outcome, answer.mode) if answer else ("problem", "")
    finish_request(store(), admitted.request, outcome, mode, fault, time.monotonic() - admitted.began)


def within_budget(model: LanguageModel | None, settings: Settings) -> LanguageModel | None:
    """Return a model that spends no more than a hosted page allows; none without the store that keeps count."""
    if not model or not settings.hosted:
        return model
    from rag.store import Caps, Ledger, metered

    return metered(model, Ledger(store(), Caps.of(settings)), visitor(), settings)


def visitor() -> str:
    """Return the keyed hash of who asks: by address, behind an unknown proxy by browser, else by tab."""
    from rag.store import visitor_key

    context = get_script_run_ctx()
    browser = reader() or (context.session_id if context else None)
    peer = st.context.ip_address
    return visitor_key(store(), peer if isinstance(peer, str) else None, browser, time.time())
