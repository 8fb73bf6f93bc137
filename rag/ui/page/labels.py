"""Text for the labels of Streamlit's widgets, which read Markdown."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$:&])")
# What a label of Streamlit turns into a link, an emoji, an icon or an arrow even when escaped; a word joiner stops it.
_ALIVE = re.compile(r"(?<=[:@])(?=\S)|(?<=\bwww)(?=\.)|(?<=[-<>~])(?=[-=>])", re.IGNORECASE)


def label_text(text: str) -> str:
    """Return a text for a label of a Streamlit widget, which reads Markdown: literal, never a link or an icon."""
    return _MARKDOWN.sub(r"\\\1", _ALIVE.sub("\u2060", re.sub(r"\s+", " ", text)))
