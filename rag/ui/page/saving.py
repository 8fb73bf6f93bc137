"""The “Save” of an answer or a conversation: documents to keep, and its reviews for a reference manager."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from rag.exports import (
    answer_csv,
    answer_xlsx,
    bibtex,
    cited_reviews,
    csl_json,
    html_document,
    markdown_document,
    notes,
    ris,
)
from rag.types import Exchange

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_DOWNLOAD = ":material/download:"


def draw_save(exchanges: Sequence[Exchange], key: str, label: str = "Save") -> None:
    """Draw the popover that offers answered exchanges as files."""
    answered = [one for one in exchanges if one.answer]
    if not answered:
        return
    with st.popover(label, type="tertiary", icon=_DOWNLOAD, key=f"save-{key}", on_change="rerun") as popover:
        if popover.open:
            _draw_files(answered, key)


def _draw_files(exchanges: Sequence[Exchange], key: str) -> None:
    st.caption("With every quote, its place and its source.")
    with st.container(horizontal=True, gap="xsmall"):
        _draw_file("Markdown", markdown_document(exchanges), "answers.md", "text/markdown", key)
        _draw_file("HTML, to print", html_document(exchanges), "answers.html", "text/html", key)
        for number, exchange in enumerate(exchanges):
            shelf = {review.id: review for review in exchange.reviews}
            if exchange.answer and (table := answer_csv(exchange.answer, shelf)):
                what = "comparison" if exchange.answer.comparison else "papers"
                name = what if len(exchanges) == 1 else f"{what}-{number + 1}"
                _draw_file(f"CSV, of the {what}", table, f"{name}.csv", "text/csv", key)
                book = answer_xlsx(exchange.answer, shelf) or b""
                _draw_file(f"Excel, of the {what}", book, f"{name}.xlsx", _EXCEL, key)
    cited, quotes = cited_reviews(exchanges), notes(exchanges)
    if not cited:
        return
    st.caption("The reviews that are quoted, for a reference manager; the quotes are their notes.")
    with st.container(horizontal=True, gap="xsmall"):
        _draw_file("BibTeX", bibtex(cited, quotes), "reviews.bib", "application/x-bibtex", key)
        _draw_file("RIS", ris(cited, quotes), "reviews.ris", "application/x-research-info-systems", key)
        _draw_file("CSL-JSON", csl_json(cited, quotes), "reviews.json", "application/json", key)


def _draw_file(label: str, contents: str | bytes, name: str, mime: str, key: str) -> None:
    st.download_button(label, contents, name, mime, key=f"{name}-{key}", on_click="ignore")
