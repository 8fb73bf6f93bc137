"""A button that puts a text on the reader's clipboard. Streamlit has none of its own outside a code block."""

from __future__ import annotations

import streamlit as st

_HTML = '<button type="button"></button>'
_CSS = """
button {
    font: inherit; font-size: 0.875rem; color: inherit; background: none; border: 0; cursor: pointer;
    padding: 0.4rem 0.6rem; border-radius: var(--st-button-radius);
}
button:hover { color: var(--st-link-color); }
button:focus-visible { outline: 2px solid var(--st-primary-color); }
"""
# Where a page has no clipboard (http on another machine than this one), a selected text area is the way.
_JS = """
export default function ({ data, parentElement }) {
    const button = parentElement.querySelector("button")
    button.textContent = data.label
    button.onclick = async () => {
        if (navigator.clipboard) {
            await navigator.clipboard.writeText(data.text)
        } else {
            const area = document.createElement("textarea")
            area.value = data.text
            document.body.append(area)
            area.select()
            document.execCommand("copy")
            area.remove()
        }
        button.textContent = "Copied"
        setTimeout(() => { button.textContent = data.label }, 2000)
    }
}
"""
_button = st.components.v2.component("copy_button", html=_HTML, css=_CSS, js=_JS)


def copy_button(label: str, text: str, key: str) -> None:
    """Draw a button that copies a text."""
    _button(data={"label": label, "text": text}, key=key, width="content")
