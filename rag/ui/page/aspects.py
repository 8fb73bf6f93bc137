"""What the reader changes under a comparison: its aspects and, where they are many, its reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

import streamlit as st

from rag.exports import MOST_COLUMNS
from rag.questions import clean
from rag.shelf import label
from rag.types import Answer, Comparison, Exchange, Review
from rag.ui.page.session import Revision, revise, revision

MOST, LONGEST = 12, 120
# More reviews than this are not offered to be compared.
_OFFERED = 300
_NOTHING = "Name at least one aspect."
_NO_REVIEW = "Choose at least one review."


def draw_aspects(exchange: Exchange, answer: Answer, comparison: Comparison, number: int) -> None:
    """Draw the controls that add, rename, remove and order aspects, and what was wrong with the last try."""
    asked = tuple(coverage.review_id for coverage in answer.coverage)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"aspects-{number}"):
        _draw_add(comparison, asked, number)
        version = f"{number}-{exchange.revision}"
        if comparison.aspects:
            _draw_edit(comparison, asked, number, version)
        if len(exchange.reviews) > MOST_COLUMNS:
            _draw_choice(exchange, comparison, asked, number, version)
    if problem := exchange.problem or st.session_state.get(_note_key(number), ""):
        st.html(f'<p class="aside" role="status" dir="auto">{escape(problem)}</p>')


def tidy(names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return names of aspects as they can be compared on, each once, and what had to be changed in words.

    >>> tidy(["  cost ", "", "Cost", "toxicity"])
    (('cost', 'toxicity'), '“Cost” is already there.')
    """
    kept: dict[str, str] = {}
    notes = []
    for name in filter(None, map(clean, names)):
        short = name[:LONGEST].rstrip()
        if short.casefold() in kept:
            notes.append(f"“{short}” is already there.")
        kept.setdefault(short.casefold(), short)
        if short != name:
            notes.append(f"An aspect has at most {LONGEST} characters; a longer one was cut.")
    if len(kept) > MOST:
        notes.append(f"A comparison has at most {MOST} aspects; {len(kept) - MOST} left out.")
    return tuple(kept.values())[:MOST], " ".join(dict.fromkeys(notes))


def _draw_add(comparison: Comparison, asked: tuple[str, ...], number: int) -> None:
    full = len(comparison.aspects) >= MOST
    hint = f"At most {MOST} aspects" if full else "Add an aspect"
    with (
        st.form(f"add-{number}", clear_on_submit=True, border=False),
        st.container(horizontal=True, gap="xsmall"),
    ):
        st.text_input(
            "Add an aspect",
            key=f"aspect-{number}",
            max_chars=LONGEST,
            placeholder=hint,
            label_visibility="collapsed",
            disabled=full,
        )
        st.form_submit_button("Add", on_click=_add, args=(comparison, asked, number), disabled=full)


def _draw_edit(comparison: Comparison, asked: tuple[str, ...], number: int, version: str) -> None:
    with (
        st.popover("Edit aspects", icon=":material/edit:", key=f"editing-{version}"),
        st.form(f"edit-aspects-{number}", border=False),
    ):
        key = f"lines-{version}"
        st.text_area("One aspect a line", "\n".join(comparison.aspects), key=key, height="content", max_chars=4000)
        st.form_submit_button("Update", on_click=_edit, args=(key, comparison, asked, number))


def _draw_choice(exchange: Exchange, comparison: Comparison, asked: tuple[str, ...], number: int, version: str) -> None:
    # A list of thousands would be sent to the browser again and again: there, those compared can be made fewer.
    few = len(exchange.reviews) <= _OFFERED
    names = _distinct_labels([review for review in exchange.reviews if few or review.id in asked])
    with (
        st.popover("Choose reviews", icon=":material/filter_list:", key=f"choosing-{version}"),
        st.form(f"choose-{number}", border=False),
    ):
        key = f"reviews-{version}"
        st.multiselect("Reviews to compare", list(names), list(asked), format_func=names.__getitem__, key=key)
        st.form_submit_button("Update", on_click=_choose, args=(key, comparison, number))


def _distinct_labels(reviews: Sequence[Review]) -> dict[str, str]:
    """Return the labels of reviews by id, with the id where two are the same: a choice is known by its words."""
    often = Counter(map(label, reviews))
    return {r.id: label(r) if often[label(r)] == 1 else f"{label(r)} ({r.id})" for r in reviews}


def _add(comparison: Comparison, asked: tuple[str, ...], number: int) -> None:
    """Add the aspect that was typed, to those of a comparison that still waits if there is one: a callback."""
    waits = revision()
    before = waits.aspects if waits and waits.number == number else comparison.aspects
    aspects, note = tidy([*before, st.session_state[f"aspect-{number}"] or ""])
    _take(comparison, aspects, asked, number, note)


def _edit(key: str, comparison: Comparison, asked: tuple[str, ...], number: int) -> None:
    """Take the lines of the text area for the aspects: a callback."""
    aspects, note = tidy((st.session_state[key] or "").splitlines())
    _take(comparison, aspects, asked, number, note)


def _choose(key: str, comparison: Comparison, number: int) -> None:
    """Compare the chosen reviews only: a callback."""
    chosen = tuple(st.session_state[key])
    st.session_state[_note_key(number)] = "" if chosen else _NO_REVIEW
    if chosen:
        revise(Revision(number, comparison.aspects, chosen))


def _take(comparison: Comparison, aspects: tuple[str, ...], asked: tuple[str, ...], number: int, note: str) -> None:
    st.session_state[_note_key(number)] = note if aspects else _NOTHING
    if aspects and aspects != comparison.aspects:
        revise(Revision(number, aspects, asked))


def _note_key(number: int) -> str:
    return f"note-{number}"
