"""An answer as plain text to paste elsewhere: every quote keeps its number, every number its source."""

from __future__ import annotations

from collections.abc import Sequence

from rag.naming import label
from rag.types import Answer, Citation, Review
from rag.ui.links import doi_url
from rag.ui.wording import provenance, wording


def text_with_citations(answer: Answer, reviews: Sequence[Review]) -> str:
    """Return question, quotes and numbered sources as plain text."""
    shelf = {review.id: review for review in reviews}
    blocks = [answer.question]
    by_review: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_review.setdefault(citation.quote.review_id, []).append(citation)
    for review_id, group in by_review.items():
        quotes = " ".join(f"“{wording(citation.quote.text)}” [{citation.number}]" for citation in group)
        blocks.append(f"{label(shelf[review_id])}: {quotes}")
    if answer.missing:
        blocks.append(f"Not found in the reviews: {', '.join(answer.missing)}.")
    blocks.append("\n".join(_source(citation, shelf[citation.quote.review_id]) for citation in answer.citations))
    return "\n\n".join(blocks)


def reference(review: Review) -> str:
    """Return a review as a line of a reference list: authors, title, journal, year, DOI."""
    where = ", ".join(str(part) for part in (review.journal, review.year) if part)
    parts = [", ".join(review.authors), review.title, where]
    ended = [part if part[-1] in ".?!" else f"{part}." for part in parts if part]
    return " ".join([*ended, *([doi_url(review.doi) or ""] if review.doi else [])]).strip()


def _source(citation: Citation, review: Review) -> str:
    quote = citation.quote
    place = ", ".join(part for part in (quote.heading, provenance(quote)) if part)
    return f"[{citation.number}] {reference(review)} ({place})"
