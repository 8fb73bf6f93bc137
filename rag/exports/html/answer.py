"""An answer as HTML: quotes grouped by review or a comparison, what is missing, who is silent, the sources underneath.

One piece of HTML an answer, because Streamlit's own expander keeps its content inert when a link opens it; the
browser's `<details>` opens for a marker, by mouse and by keyboard, and costs nothing to draw again.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from rag.exports.html.matrix import comparison_html
from rag.exports.html.sources import quote_html, sources_html
from rag.exports.html.written import behind_html, note_html, prose_html
from rag.exports.markdown import COVERAGE
from rag.shelf import label
from rag.types import Answer, Citation, Review

# More reviews than this are counted, not named.
_NAMED = 60


def answer_html(answer: Answer, reviews: Sequence[Review], anchor: str) -> str:
    """Return an answer; the id of source n is `<anchor>-n`. All text is escaped."""
    shelf = {review.id: review for review in reviews}
    if answer.outcome == "chat":
        body = _reply(answer.text)
    elif answer.comparison:
        body = comparison_html(answer, answer.comparison, shelf, anchor) + _folded(answer, shelf, anchor)
    elif answer.citations:
        written = answer.written and answer.mode == answer.written.model
        said = prose_html(answer, anchor) if written else _quotes(answer.citations, shelf, anchor)
        body = _missing(answer) + said + _coverage(answer, reviews)
        body += sources_html(answer.citations, shelf, anchor)
    else:
        body = _not_found(answer, shelf, anchor)
    if answer.note:
        body = f'<p class="note">{escape(answer.note)}</p>' + body
    if answer.written:
        body = note_html(answer.written) + body + behind_html(answer.written, reviews)
    return f'<article class="answer" id="{anchor}" tabindex="-1">{body}</article>'


def searched_html(answer: Answer) -> str:
    """Return the question that was searched, "" when it is the one that was typed."""
    if answer.searched_as == answer.question or answer.outcome == "chat":
        return ""
    return f'<p class="searched" dir="auto">Searched as: <i>{escape(answer.searched_as)}</i></p>'


def _folded(answer: Answer, shelf: dict[str, Review], anchor: str) -> str:
    """Return the sources behind a click: each cell of a comparison says already where its quotes stand."""
    if not answer.citations:
        return ""
    count = f"{len(answer.citations)} source{'s' if len(answer.citations) > 1 else ''}"
    sources = sources_html(answer.citations, shelf, anchor)
    return f'<details class="folded"><summary>{count}</summary>{sources}</details>'


def _reply(text: str) -> str:
    """Return a reply in paragraphs; lines that start with a dash are a list."""
    blocks = (list(lines) for _, lines in groupby(text.splitlines(), key=lambda line: line.startswith("- ")))
    return "".join(
        f"<ul>{''.join(f'<li>{escape(line[2:])}</li>' for line in lines)}</ul>"
        if lines[0].startswith("- ")
        else "".join(f"<p>{escape(line)}</p>" for line in lines)
        for lines in blocks
    )


def _quotes(citations: Sequence[Citation], shelf: dict[str, Review], anchor: str) -> str:
    by_review: dict[str, list[Citation]] = {}
    for citation in citations:
        by_review.setdefault(citation.quote.review_id, []).append(citation)
    return "".join(_group(shelf[review_id], group, anchor) for review_id, group in by_review.items())


def _group(review: Review, citations: Sequence[Citation], anchor: str) -> str:
    quotes = "".join(_quote(citation, anchor) for citation in citations)
    name = f'<h3 class="review-label" title="{escape(review.title)}">{escape(label(review))}</h3>'
    return f"<section>{name}{quotes}</section>"


def _quote(citation: Citation, anchor: str) -> str:
    quote = citation.quote
    whose = '<span class="whose">page summary</span>' if (quote.kind, quote.provenance) == ("summary", "page") else ""
    return f'<p class="quote" dir="auto">{quote_html(citation, anchor)}{whose}</p>'


def _missing(answer: Answer) -> str:
    if not answer.missing:
        return ""
    return f'<p class="note"><b>Answered in part.</b> Not found in the reviews: {_listed(answer.missing)}.</p>'


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"<b>{escape(name)}</b>" for name in names)


def _coverage(answer: Answer, reviews: Sequence[Review]) -> str:
    """Return the line that says what each review contributed, the ones that were not asked included."""
    state = {coverage.review_id: COVERAGE[coverage.state] for coverage in answer.coverage}
    groups: dict[str, list[Review]] = {}
    for review in reviews:
        groups.setdefault(state.get(review.id, "Not asked"), []).append(review)
    order = [*COVERAGE.values(), "Not asked"]
    parts = [f"<b>{name}:</b> {_names(groups[name])}" for name in order if name in groups]
    return f'<p class="coverage">{" <span>·</span> ".join(parts)}</p>'


def _names(reviews: Sequence[Review]) -> str:
    """Return the names of reviews, or their number when they are more than anybody reads."""
    if len(reviews) > _NAMED:
        return f"{len(reviews):,} reviews"
    return ", ".join(escape(label(review)) for review in reviews)


def _not_found(answer: Answer, shelf: dict[str, Review], anchor: str) -> str:
    searched = [shelf[c.review_id] for c in answer.coverage if c.review_id in shelf]
    body = f'<p class="note"><b>{escape(answer.text)}</b></p>'
    if searched:
        body += f'<p class="coverage"><b>Searched:</b> {_names(searched)}</p>'
    if not answer.nearest:
        return body
    nearest = _quotes(answer.nearest, shelf, f"{anchor}-near") + sources_html(answer.nearest, shelf, f"{anchor}-near")
    return (
        f'{body}<details class="nearest" id="{anchor}-near"><summary>Nearest passages</summary>'
        f"<p>These are close to the question, and do not answer it.</p>{nearest}</details>"
    )
