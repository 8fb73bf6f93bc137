"""In the sidebar: who writes the answers, and the switch between written and quoted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from rag.errors import NoModel
from rag.settings import Settings
from rag.ui.page.labels import label_text

if TYPE_CHECKING:
    from rag.writing import LanguageModel

_QUOTED = ":material/format_quote: **Quoted answers, no model.** Every sentence of an answer is an exact quote."
_WRITTEN = (
    "The model writes from the same quotes, and each of its sentences is checked against the quotes that it names."
)


def draw_model(settings: Settings) -> LanguageModel | None:
    """Draw which model is connected, and return it when it is to write."""
    if not settings.model:
        st.caption(_QUOTED)
        return None
    from rag.writing import connect

    try:
        model = connect(settings)
    except NoModel as problem:
        st.caption(f"{_QUOTED} {label_text(str(problem))}")
        return None
    chosen = st.toggle(f"Written by {label_text(model.name)}", value=True, key="written")
    st.caption(_WRITTEN if chosen else _QUOTED.replace(", no model", ""))
    return model if chosen else None
