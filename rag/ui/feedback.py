"""Thumbs: one line a thumb in the data folder, without the words of the question."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import streamlit as st

from rag.settings import Settings
from rag.types import Answer

log = logging.getLogger(__name__)


def keep_thumb(answer: Answer, widget: str) -> None:
    """Add the thumb of a widget (1 up, 0 down, None taken back) and what was cited to `feedback.jsonl`: a callback."""
    line = {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "thumb": {1: "up", 0: "down"}.get(st.session_state[widget]),
        "outcome": answer.outcome,
        "cited": [[c.quote.review_id, c.quote.start, c.quote.end] for c in answer.citations],
    }
    try:
        with (Settings().data / "feedback.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    except OSError as error:
        log.warning("A thumb could not be kept: %s", error)
