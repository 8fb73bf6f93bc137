"""An answer as something to take along: JSON, Markdown, HTML, CSV, plain text, references.

Every form draws one view of an answer, so that all say the same, and nothing in any of them acts.
"""

from rag.exports.answer_json import answer_to_dict, to_json
from rag.exports.chroma import write_chroma
from rag.exports.html.answer import answer_html, searched_html
from rag.exports.html.document import PAGE_STYLE, html_document
from rag.exports.html.links import review_links
from rag.exports.html.written import writing_html
from rag.exports.markdown import markdown_document, notes
from rag.exports.plain import terminal_text, text_with_citations, with_text
from rag.exports.readings import file_line, reading_html, reading_text
from rag.exports.references import bibtex, cited_reviews, csl_json, ris
from rag.exports.tables import answer_csv, answer_lines, answer_xlsx, guarded
from rag.exports.view import MOST_COLUMNS
from rag.exports.wording import page, printable, wording

__all__ = [
    "MOST_COLUMNS",
    "PAGE_STYLE",
    "answer_csv",
    "answer_html",
    "answer_lines",
    "answer_to_dict",
    "answer_xlsx",
    "bibtex",
    "cited_reviews",
    "csl_json",
    "file_line",
    "guarded",
    "html_document",
    "markdown_document",
    "notes",
    "page",
    "printable",
    "reading_html",
    "reading_text",
    "review_links",
    "ris",
    "searched_html",
    "terminal_text",
    "text_with_citations",
    "to_json",
    "with_text",
    "wording",
    "write_chroma",
    "writing_html",
]
