"""One exchange on the page: the question, literally; the answer; what can be done with it."""

from __future__ import annotations

from html import escape

import streamlit as st

from rag.exports import answer_html, answer_lines, printable, searched_html, text_with_citations
from rag.text import listed
from rag.types import Answer, Exchange
from rag.ui.page.aspects import draw_aspects
from rag.ui.page.copy_button import copy_button
from rag.ui.page.feedback import keep_thumb
from rag.ui.page.labels import label_text
from rag.ui.page.pages import draw_pages
from rag.ui.page.plots import draw_estimates, draw_map
from rag.ui.page.saving import draw_save
from rag.ui.page.session import ask, ask_again, ask_again_from, ask_again_in, ask_from, chosen_among
from rag.ui.page.sharing import draw_share
from rag.ui.server import SCROLL


def draw_question(question: str, number: int) -> None:
    """Draw what the visitor typed, as text."""
    with st.container(key=f"question-{number}"), st.chat_message("user", avatar=":material/person:"):
        st.html(f'<p class="question" dir="auto">{escape(printable(question)) or "&nbsp;"}</p>')


def draw_answer(exchange: Exchange, number: int, newest: bool = False) -> None:
    """Draw the answer of exchange `number`; `newest` scrolls its question to the top of the window."""
    with st.chat_message("assistant", avatar=":material/format_quote:"):
        if exchange.answer:
            _draw_searched_as(exchange.answer, number)
            st.html(answer_html(exchange.answer, exchange.reviews, f"answer{number}"))
            if exchange.answer.table:
                _draw_sortable(exchange, exchange.answer, number)
            if exchange.answer.comparison:
                draw_map(exchange.answer.comparison, exchange.reviews, number)
                draw_estimates(exchange.answer.comparison, exchange.reviews, number)
                draw_aspects(exchange, exchange.answer, exchange.answer.comparison, number)
            _draw_actions(exchange, exchange.answer, number)
            _draw_earlier(exchange, number)
        else:
            st.error(label_text(exchange.problem), icon=":material/error:")
            st.button("Ask again", key=f"again-{number}", on_click=ask_again, args=(number, exchange.question))
        if newest:
            st.html(f"<script>{SCROLL}</script>", unsafe_allow_javascript=True)


def _draw_sortable(exchange: Exchange, answer: Answer, number: int) -> None:
    """Draw the table of papers once more, to be sorted and searched, and its columns chosen."""
    with st.expander("Sort, search, choose columns"):
        head, *rows = answer_lines(answer, {review.id: review for review in exchange.reviews})
        shown = [dict(zip(head, row, strict=True)) for row in rows]
        told = [name for name in head if not name.endswith(", read from")]
        st.dataframe(shown, hide_index=True, column_order=told, key=f"table-{number}", placeholder="")


def _draw_searched_as(answer: Answer, number: int) -> None:
    """Draw the question that was searched when it is not the one that was typed, and let the reader change it."""
    searched = searched_html(answer)
    if not searched:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        st.html(searched, width="content")
        if answer.filters:
            st.button(
                label_text(f"{listed(answer.filters)} ✕"),
                key=f"filter-{number}",
                on_click=ask,
                args=(answer.searched_as, True),
            )
        with st.popover("Edit", type="tertiary", icon=":material/edit:"), st.form(f"edit-{number}", border=False):
            st.text_area("Search for", answer.searched_as, key=f"search-{number}", max_chars=2000)
            st.form_submit_button("Ask again", on_click=ask_from, args=(f"search-{number}", True))


def _draw_actions(exchange: Exchange, answer: Answer, number: int) -> None:
    if answer.outcome == "chat":
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        version = len(exchange.earlier) + exchange.revision
        thumb = f"thumb-{number}-{version}" if version else f"thumb-{number}"
        st.feedback("thumbs", key=thumb, on_change=keep_thumb, args=(answer, thumb))
        if answer.quoted:
            copy_button("Copy with citations", text_with_citations(exchange, answer), key=f"copy-{number}")
        draw_pages(exchange, answer, number)
        draw_share(exchange, answer, number)
        draw_save([exchange], str(number))
        _draw_another(exchange, answer, number)
        if not answer.comparison and len(chosen_among(exchange.reviews)) > 1:
            st.button(
                "Compare across reviews",
                key=f"compare-{number}",
                on_click=ask,
                args=(answer.searched_as, True, True),
                type="tertiary",
                icon=":material/compare_arrows:",
            )


def _draw_another(exchange: Exchange, answer: Answer, number: int) -> None:
    """Draw what makes another version of an answer: the model once more, or another wording of the question.

    A model writes in another manner from the same quotes, and is checked as before.
    """
    if answer.written:
        st.button(
            "Write again",
            key=f"rewrite-{number}",
            on_click=ask_again,
            args=(number, exchange.question),
            type="tertiary",
            icon=":material/refresh:",
        )
        from rag.writing import LANGUAGES, MANNERS

        with st.popover("Say it otherwise", type="tertiary", icon=":material/tune:"):
            for manner in MANNERS:
                st.button(
                    manner,
                    key=f"manner-{number}-{manner}",
                    on_click=ask_again,
                    args=(number, exchange.question, manner),
                    width="stretch",
                )
            st.selectbox(
                "Translate",
                LANGUAGES,
                index=None,
                placeholder="Translate the answer",
                label_visibility="collapsed",
                key=f"language-{number}-{len(exchange.earlier)}",
                on_change=ask_again_in,
                args=(number, exchange.question, f"language-{number}-{len(exchange.earlier)}"),
            )
    with (
        st.popover("Edit question", type="tertiary", icon=":material/edit:"),
        st.form(f"reword-{number}", border=False),
    ):
        st.text_area("Question", exchange.question, key=f"reworded-{number}", max_chars=2000)
        st.form_submit_button("Ask this instead", on_click=ask_again_from, args=(number, f"reworded-{number}"))


def _draw_earlier(exchange: Exchange, number: int) -> None:
    """Draw the versions before this one, folded, to be compared with it."""
    for at, version in enumerate(reversed(exchange.earlier)):
        with st.expander(f"Earlier version {len(exchange.earlier) - at}"):
            st.html(f'<p class="question" dir="auto">{escape(printable(version.question))}</p>')
            if version.answer:
                st.html(answer_html(version.answer, version.reviews, f"answer{number}-earlier{at}"))
            else:
                st.text(version.problem)
