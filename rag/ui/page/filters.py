"""The shelf filtered by hand: years, designs and what became of a paper, with a chip for each filter that is set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from rag.shelf import DESIGNS, Library, ShelfQuery, found
from rag.types import STATUSES, Review
from rag.ui.page.labels import label_text

_SINCE, _UNTIL, _DESIGNS, _STATUSES = "filter-since", "filter-until", "filter-designs", "filter-statuses"
_OLDEST, _NEWEST = 1900, 2100


def filtered_by_hand(library: Library) -> Sequence[Review]:
    """Draw the filters and a chip for each that is set; return the reviews that meet them all."""
    with st.popover("Filter", type="tertiary", icon=":material/filter_list:", key="filter"):
        since = st.number_input("From", _OLDEST, _NEWEST, None, key=_SINCE, placeholder="first year")
        until = st.number_input("To", _OLDEST, _NEWEST, None, key=_UNTIL, placeholder="last year")
        designs = st.multiselect("Design", DESIGNS, key=_DESIGNS)
        statuses = st.multiselect("Status", STATUSES, key=_STATUSES)
    if not (since or until or designs or statuses):
        return library.reviews
    with st.container(horizontal=True, gap="xxsmall"):
        if since:
            _draw_chip(f"from {since} on", _SINCE, _without_year(_SINCE))
        if until:
            _draw_chip(f"up to {until}", _UNTIL, _without_year(_UNTIL))
        for key, names in ((_DESIGNS, designs), (_STATUSES, statuses)):
            for name in names:
                _draw_chip(name, f"{key} {name}", _without(key, name))
    query = ShelfQuery(since=since, until=until, designs=tuple(designs), statuses=tuple(statuses))
    with st.spinner("Looking at the papers"):
        meant = found(query, library, library.reviews)
    st.caption(f"{len(meant):,} of {len(library.reviews):,} papers")
    return meant


def _draw_chip(text: str, key: str, remove: Callable[[], None]) -> None:
    st.button(label_text(f"{text} ✕"), key=f"chip {key}", on_click=remove)


def _without_year(key: str) -> Callable[[], None]:
    def remove() -> None:
        st.session_state[key] = None

    return remove


def _without(key: str, name: str) -> Callable[[], None]:
    def remove() -> None:
        st.session_state[key] = [other for other in st.session_state[key] if other != name]

    return remove
