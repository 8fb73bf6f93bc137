"""The sources of an answer as HTML: for each citation the passage, with the very quote highlighted in its place."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from rag.exports.html.links import review_links
from rag.exports.view import AnswerView, Line, Told
from rag.exports.wording import page, passage_html, place, provenance, wording
from rag.shelf import label
from rag.text import listed
from rag.types import Citation, Review

# A last word up to this long stays on one line with its marker, or its first markers.
_CLINGS, _TOGETHER = 24, 2


def sources_html(citations: Sequence[Citation], shown: AnswerView, anchor: str) -> str:
    """Return the collapsed list of sources in the order of their numbers, "" when there are none."""
    entries = "".join(_source(citation, shown.reviews[citation.quote.review_id], anchor) for citation in citations)
    return f'<div class="sources" role="list" aria-label="Sources">{entries}</div>' if entries else ""


def line_html(line: Line) -> str:
    """Return names under a head."""
    return f"<b>{line.head}:</b> {escape(listed(line.names))}"


def quote_html(citation: Citation, anchor: str) -> str:
    """Return the words of a quote with the marker that opens its source.

    The marker clings to the last word, so that it never starts a line of its own.
    """
    head, _, last = escape(wording(citation.quote.text)).rpartition(" ")
    clings = ' class="end"' if len(last) <= _CLINGS else ""
    return f"“{head} <span{clings}>{last}”&nbsp;{_marker(citation, anchor)}</span>"


def told_html(one: Told, shown: AnswerView, anchor: str) -> str:
    """Return a sentence with its markers, the first of which cling to the last word."""
    if not one.citations:
        return escape(one.text)
    markers = [_marker(shown.sources[number - 1], anchor) for number in one.citations]
    head, _, last = escape(one.text).rpartition(" ")
    few = 0 if len(last) > _CLINGS else _TOGETHER
    return f'{head} <span class="end">{" ".join([last, *markers[:few]])}</span> {" ".join(markers[few:])}'.strip()


def _marker(citation: Citation, anchor: str) -> str:
    """Return the number of a citation as a link that opens its source."""
    where = escape(f"Source {citation.number}: {place(citation.quote)}")
    href = f"#{anchor}-{citation.number}"
    return f'<a class="marker" href="{href}" title="{where}" aria-label="{where}">{citation.number}</a>'


def _source(citation: Citation, review: Review, anchor: str) -> str:
    quote = citation.quote
    where = " · ".join(filter(None, (quote.heading, page(quote, review))))
    heading = f'<span class="place">{escape(where)}</span>' if where else ""
    summary = (
        f'<summary><span class="number">{citation.number}</span><span class="who">{escape(label(review))}</span>'
        f'{heading}<span class="provenance">{escape(provenance(quote))}</span></summary>'
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
