"""The pages of a PDF on which the quotes of an answer stand, with their words marked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from rag.errors import UnreadableReview
from rag.exports import page, wording
from rag.settings import Settings
from rag.shelf import is_own, label
from rag.sources import draw_apart, original
from rag.types import Answer, Citation, Exchange, Review
from rag.ui.page.keeping import own_files
from rag.ui.page.labels import label_text

_LONGEST_QUOTE = 90


def draw_pages(exchange: Exchange, answer: Answer, number: int) -> None:
    """Draw the button that opens the pages of an answer's quotes, where one of them comes from a PDF."""
    reviews = {review.id: review for review in exchange.reviews}
    printed = [citation for citation in answer.quoted if reviews[citation.quote.review_id].places]
    if printed and st.button("On the page", key=f"pages-{number}", type="tertiary", icon=":material/picture_as_pdf:"):
        _draw(printed, reviews)


@st.dialog("On the page", width="large")
def _draw(printed: list[Citation], reviews: Mapping[str, Review]) -> None:
    by_number = {citation.number: citation for citation in printed}
    chosen = by_number[st.selectbox("Quote", list(by_number), format_func=lambda at: _named(by_number[at], reviews))]
    quote, review = chosen.quote, reviews[chosen.quote.review_id]
    try:
        folder = _folder_of(review)
        pictures = _pictures(review, str(folder), quote.start, quote.end)
    except UnreadableReview as error:
        st.warning(label_text(str(error)), icon=":material/warning:")
        return
    if not pictures:
        st.warning("The file has changed since it was read; build the index again.", icon=":material/warning:")
    for picture in pictures:
        st.image(picture, caption=label_text(f"{label(review)}, {page(quote, review)}: {wording(quote.text)}"))


def _named(citation: Citation, reviews: Mapping[str, Review]) -> str:
    quote, review = citation.quote, reviews[citation.quote.review_id]
    words = wording(quote.text)
    words = words if len(words) <= _LONGEST_QUOTE else words[:_LONGEST_QUOTE].rsplit(" ", 1)[0] + " …"
    return f"{citation.number} · {label(review)}, {page(quote, review)} · {words}"


def _folder_of(review: Review) -> Path:
    """Return the folder that holds the file of a review; raise UnreadableReview for another conversation's file."""
    if not is_own(review):
        return Settings().seeds
    if own := own_files():
        return own.holdings.folder
    raise UnreadableReview(f"{review.files[0]} is a file of another conversation.")


# By the folder, too: another reader's file of the same paper is another file.
@st.cache_data(max_entries=50, show_spinner="Drawing the page …", hash_funcs={Review: lambda review: review.id})
def _pictures(review: Review, folder: str, start: int, end: int) -> tuple[bytes, ...]:
    return draw_apart(original(review, Path(folder)), review, start, end)
