"""What the address of the page asks for, and the addresses that lead back to a question or a shared answer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

if TYPE_CHECKING:
    from rag.types import Review

QUESTION, REVIEW, COMPARE, ASPECT = "q", "review", "compare", "aspect"
ASKING = (QUESTION, REVIEW, COMPARE, ASPECT)
CONVERSATION, SHARE, OWNER = "conversation", "share", "owner"


def question_link(
    base: str, question: str, review_ids: Sequence[str] = (), compare: bool = False, aspects: Sequence[str] = ()
) -> str:
    """Return the address that asks a question of some reviews, or of all; or compares them, on some aspects.

    >>> question_link("http://localhost:8501/", "Is it 5 µg?", ["10.1/a"])
    'http://localhost:8501/?q=Is+it+5+%C2%B5g%3F&review=10.1%2Fa'
    """
    asked = [(QUESTION, question), *((REVIEW, one) for one in review_ids), *((ASPECT, one) for one in aspects)]
    return f"{base}?{urlencode([*asked, *([(COMPARE, '1')] if compare else [])], errors='replace')}"


def share_link(base: str, token: str) -> str:
    """Return the address of a shared answer."""
    return f"{base}?{urlencode({SHARE: token})}"


def base() -> str:
    """Return the address of the page without what it asks for, "" where the browser did not tell."""
    url = st.context.url
    return f"{url.split('?')[0].split('#')[0].rstrip('/')}/" if isinstance(url, str) else ""


def linked_question() -> str | None:
    """Return the question that the address asks, None when it asks none."""
    question: str = st.query_params.get(QUESTION, "").strip()
    return question or None


def linked_comparison() -> bool:
    """Tell whether the address asks for a comparison."""
    return st.query_params.get(COMPARE, "").lower() in ("1", "true", "yes")


def linked_aspects() -> tuple[str, ...]:
    """Return the aspects on which the address compares the reviews."""
    return tuple(name.strip() for name in st.query_params.get_all(ASPECT) if name.strip())


def linked_reviews(reviews: Sequence[Review]) -> tuple[list[str], list[str]]:
    """Return the ids of the reviews that the address names, by id or short name, and the names of no review."""
    from rag.shelf import label

    names = [name for name in st.query_params.get_all(REVIEW) if name.strip()]
    if not names:
        return [], []
    ids = {name.casefold(): review.id for review in reviews for name in (label(review), review.id)}
    known = [ids[name.strip().casefold()] for name in names if name.strip().casefold() in ids]
    return known, [name for name in names if name.strip().casefold() not in ids]


def forget(*names: str) -> None:
    """Take names out of the address."""
    for name in names:
        if name in st.query_params:
            del st.query_params[name]


def chosen_of(review_ids: Collection[str], reviews: Sequence[Review]) -> list[str]:
    """Return the ids that a link has to name: none when all reviews were asked."""
    wanted = frozenset(review_ids)
    asked = [review.id for review in reviews if review.id in wanted]
    return asked if len(asked) < len(reviews) else []
