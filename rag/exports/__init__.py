"""An answer as something to take along: JSON, Markdown, HTML, CSV, plain text, references.

Every form says the same of an answer, and nothing in any of them acts.
"""

from rag.exports.answer_json import answer_to_dict, to_json
from rag.exports.html.answer import answer_html, searched_html
from rag.exports.html.document import PAGE_STYLE, html_document
from rag.exports.html.links import review_links
from rag.exports.html.written import writing_html
from rag.exports.markdown import markdown_document, notes
from rag.exports.plain import text_with_citations
from rag.exports.references import bibtex, cited_reviews, csl_json, doi_url, ris
from rag.exports.tables import (
    EMPTY,
    MOST_COLUMNS,
    cells_by_place,
    columns,
    comparison_csv,
    guarded,
    marked,
    remarks,
    shared_lines,
    summary_of,
)
from rag.exports.terminal import terminal_text
from rag.exports.wording import listed, printable, provenance, wording

__all__ = [
    "EMPTY",
    "MOST_COLUMNS",
    "PAGE_STYLE",
    "answer_html",
    "answer_to_dict",
    "bibtex",
    "cells_by_place",
    "cited_reviews",
    "columns",
    "comparison_csv",
    "csl_json",
    "doi_url",
    "guarded",
    "html_document",
    "listed",
    "markdown_document",
    "marked",
    "notes",
    "printable",
    "provenance",
    "remarks",
    "review_links",
    "ris",
    "searched_html",
    "shared_lines",
    "summary_of",
    "terminal_text",
    "text_with_citations",
    "to_json",
    "wording",
    "writing_html",
]
