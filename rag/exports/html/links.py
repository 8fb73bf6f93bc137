"""The only links the page makes: DOIs, and the address a review itself gives."""

from __future__ import annotations

from html import escape
from urllib.parse import quote, urlsplit

from rag.exports.references import doi_url
from rag.types import Review


def page_url(url: str | None) -> str | None:
    """Return an address a reader may open: http or https, with a host and without a user name; else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return quote(parts.geturl(), safe=":/?#[]@!$&'()*+,;=%~-._")


def link_html(url: str, text: str) -> str:
    """Return a link that opens in a tab of its own, so that the conversation stays."""
    return f'<a href="{escape(url)}" target="_blank">{escape(text)}</a>'


def review_links(review: Review) -> list[str]:
    """Return the links of a review as HTML: its DOI, its page."""
    doi, page = doi_url(review.doi), page_url(review.url)
    links = [link_html(doi, f"doi:{review.doi}")] if doi else []
    return links + ([link_html(page, f"Page on {urlsplit(page).hostname}")] if page and page != doi else [])
