"""Answers as one HTML file to keep or to send: it asks nothing of any server, runs nothing, and prints well."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from pathlib import Path

from rag.exports.html.answer import answer_html, searched_html
from rag.exports.html.links import review_links
from rag.exports.markdown import SAVED, TITLE
from rag.exports.references import cited_reviews, reference
from rag.exports.view import basis, made_line
from rag.exports.wording import markup, printable
from rag.types import Citation, Exchange, Review

PAGE_STYLE = Path(__file__).with_name("page.css")
_DOCUMENT_STYLE = Path(__file__).with_name("document.css")
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_FOLDED = re.compile(r'<details(?=>| class="(?:source|folded|nearest|near)"[ >])')


def html_document(exchanges: Sequence[Exchange]) -> str:
    """Return answered exchanges as an HTML document.

    Looks as on the page, with the sources open. The text of a `<mark>` is byte-equal to the quote's in its source.
    """
    alone = len(exchanges) == 1
    title = printable(exchanges[0].question) if alone else TITLE
    contents = "" if alone else f"<h1>{TITLE}</h1>{_contents(exchanges)}"
    level = 1 if alone else 2
    drawn = "".join(_exchange(one, f"answer{at}", level) for at, one in enumerate(exchanges, 1))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title><style>{_style()}</style></head>\n"
        f"<body><main>{contents}{drawn}{_references(cited_reviews(exchanges))}</main>"
        f"<footer>{escape(SAVED)}</footer></body></html>\n"
    )


def _style() -> str:
    sheets = (sheet.read_text("utf-8") for sheet in (PAGE_STYLE, _DOCUMENT_STYLE))
    return re.sub(r"/\*.*?\*/\s*", "", "".join(sheets), flags=re.DOTALL)


def _contents(exchanges: Sequence[Exchange]) -> str:
    entries = (
        f'<li><a href="#answer{at}" dir="auto">{escape(printable(one.question))}</a></li>'
        for at, one in enumerate(exchanges, 1)
    )
    return f'<nav aria-label="Questions"><ol>{"".join(entries)}</ol></nav>'


def _exchange(exchange: Exchange, anchor: str, level: int) -> str:
    answer, reviews = exchange.answer, {review.id: review for review in exchange.reviews}
    question = f'<h{level} class="question" dir="auto">{escape(printable(exchange.question))}</h{level}>'
    if answer is None:
        return f'<section class="exchange">{question}<p>{escape(exchange.problem)}</p></section>'
    if answer.outcome == "chat":
        return f'<section class="exchange">{question}{answer_html(answer, (), anchor)}</section>'
    drawn = _FOLDED.sub("<details open", answer_html(answer, list(reviews.values()), anchor))
    for cited, name in ((answer.quoted, anchor), (answer.nearest, f"{anchor}-near")):
        for citation in cited:
            drawn = _exactly(drawn, citation, reviews[citation.quote.review_id], name)
    return (
        f'<section class="exchange">{question}{searched_html(answer)}'
        f'{drawn}<p class="basis">{escape(f"{basis(answer)}. {made_line(exchange)}")}</p></section>'
    )


def _exactly(drawn: str, citation: Citation, review: Review, anchor: str) -> str:
    """Return an answer with the very text of a quote in its mark: white space kept, Markdown signs there but hidden."""
    mark = f'<mark id="{anchor}-{citation.number}">'
    before, found, after = drawn.partition(mark)
    if not found:
        return drawn
    return f"{before}{mark}{_literal(citation, review)}{after[after.index('</mark>') :]}"


def _literal(citation: Citation, review: Review) -> str:
    quote, text = citation.quote, review.text
    at, parts = quote.start, []
    for start, end in markup(text[quote.passage_start : quote.passage_end]):
        start, end = (min(max(place + quote.passage_start, at), quote.end) for place in (start, end))
        if start < end:
            parts += [_characters(text[at:start]), f"<span hidden>{_characters(text[start:end])}</span>"]
            at = end
    return "".join([*parts, _characters(text[at : quote.end])])


def _characters(text: str) -> str:
    """Return a text as HTML that a browser reads to the same characters: a carriage return as well."""
    return escape(text).replace("\r", "&#13;")


def _references(reviews: Sequence[Review]) -> str:
    if not reviews:
        return ""
    entries = "".join(
        f'<li dir="auto">{escape(reference(review))} {" · ".join(review_links(review))}</li>' for review in reviews
    )
    return f'<section class="references"><h2>Reviews quoted</h2><ul>{entries}</ul></section>'
