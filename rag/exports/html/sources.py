"""The sources of an answer as HTML: for each citation the passage, with the very quote highlighted in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from rag.exports.html.links import review_links
from rag.exports.wording import passage_html, provenance, wording
from rag.shelf import label
from rag.types import Citation, Review

# A last word up to this long stays on one line with its marker, or its first markers.
_CLINGS, _TOGETHER = 24, 2


def sources_html(citations: Sequence[Citation], shelf: Mapping[str, Review], anchor: str) -> str:
    """Return the collapsed list of sources in the order of their numbers."""
    entries = "".join(_source(citation, shelf[citation.quote.review_id], anchor) for citation in citations)
    return f'<div class="sources" role="list" aria-label="Sources">{entries}</div>'


def quote_html(citation: Citation, anchor: str) -> str:
    """Return the words of a quote with the marker that opens its source.

    The marker clings to the last word, so that it never starts a line of its own.
    """
    head, _, last = escape(wording(citation.quote.text)).rpartition(" ")
    clings = ' class="end"' if len(last) <= _CLINGS else ""
    return f"“{head} <span{clings}>{last}”&nbsp;{marker_html(citation, anchor)}</span>"


def marked_html(text: str, numbers: Sequence[int], citations: Sequence[Citation], anchor: str) -> str:
    """Return a text with its markers, the first of which cling to the last word."""
    markers = [marker_html(citations[number - 1], anchor) for number in numbers]
    head, _, last = escape(text).rpartition(" ")
    few = 0 if len(last) > _CLINGS else _TOGETHER
    return f'{head} <span class="end">{" ".join([last, *markers[:few]])}</span> {" ".join(markers[few:])}'.strip()


def marker_html(citation: Citation, anchor: str) -> str:
    """Return the number of a citation as a link that opens its source."""
    quote = citation.quote
    where = escape(f"Source {citation.number}: {quote.heading or quote.kind}, {provenance(quote)}")
    href = f"#{anchor}-{citation.number}"
    return f'<a class="marker" href="{href}" title="{where}" aria-label="{where}">{citation.number}</a>'


def _source(citation: Citation, review: Review, anchor: str) -> str:
    quote = citation.quote
    place = f'<span class="place">{escape(quote.heading)}</span>' if quote.heading else ""
    summary = (
        f'<summary><span class="number">{citation.number}</span><span class="who">{escape(label(review))}</span>'
        f'{place}<span class="provenance">{escape(provenance(quote))}</span></summary>'
    )
    passage = passage_html(
        review.text[quote.passage_start : quote.passage_end],
        quote.kind,
        (quote.start - quote.passage_start, quote.end - quote.passage_start),
        f"{anchor}-{citation.number}",
    )
    return (
        f'<details class="source" role="listitem">{summary}<div class="opened">'
        f'<p class="title" dir="auto">{escape(review.title)}</p><p class="passage" dir="auto">{passage}</p>'
        f"{_foot(review, anchor)}</div></details>"
    )


def _foot(review: Review, anchor: str) -> str:
    published = ", ".join(str(part) for part in (review.journal, review.date or review.year) if part)
    parts = [escape(published)] if published else []
    back = f'<a href="#{anchor}">Back to the answer</a>'
    return f'<p class="foot">{" <span>·</span> ".join([*parts, *review_links(review), back])}</p>'
