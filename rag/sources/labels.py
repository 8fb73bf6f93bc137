"""What databases and reference managers call the fields of a record: columns of tables, labels of texts and pages."""

from __future__ import annotations

from collections.abc import Mapping

from rag.sources.lines import squeeze
from rag.sources.record import Field

# In small letters, those of more worth first.
FIELDS: Mapping[str, Field] = {
    **dict.fromkeys(("title", "article title", "document title", "primary title", "ti"), "title"),
    **dict.fromkeys(("abstract", "abstract note", "ab"), "abstract"),
    **dict.fromkeys(("author full names", "authors", "author", "author names", "author/s", "author(s)"), "author"),
    **dict.fromkeys(("first authors", "af", "au"), "author"),
    **dict.fromkeys(("source title", "publication title", "journal", "journal/book", "journal title"), "journal"),
    **dict.fromkeys(
        ("venue", "publication name", "publicationname", "publication", "secondary title", "so"), "journal"
    ),
    **dict.fromkeys(("date", "publication date", "date published", "published", "date of publication", "pd"), "date"),
    **dict.fromkeys(("year", "publication year", "published year", "year of publication", "py", "yr"), "year"),
    **dict.fromkeys(("month", "published month"), "month"),
    "day": "day",
    **dict.fromkeys(("source", "publication info"), "citation"),
    **dict.fromkeys(("volume", "vl"), "volume"),
    **dict.fromkeys(("issue", "is"), "issue"),
    **dict.fromkeys(("pages", "page start", "start page", "bp"), "pages"),
    **dict.fromkeys(("doi", "digital object identifier", "di"), "doi"),
    **dict.fromkeys(("pmid", "pubmed id", "pubmed", "pm", "entrezuid", "medline pmid"), "pmid"),
    **dict.fromkeys(("pmcid", "pmc id"), "pmcid"),
    **dict.fromkeys(("url", "link", "doi link"), "url"),
    **dict.fromkeys(("document type", "publication type", "dt", "item type"), "type"),
    **dict.fromkeys(("keywords", "author keywords", "index keywords", "keywords plus", "mesh terms"), "keyword"),
    **dict.fromkeys(("manual tags", "automatic tags", "tags", "de"), "keyword"),
    **dict.fromkeys(("affiliations", "author affiliations", "addresses"), "affiliation"),
    **dict.fromkeys(("funding details", "funding text", "funding texts", "fu"), "funding"),
    **dict.fromkeys(("references", "cited references", "cr"), "reference"),
    **dict.fromkeys(("notes", "note", "extra", "abstract summary"), "note"),
}


def field_called(name: str) -> Field | None:
    """Return the field that a column or label names.

    >>> field_called("Author full names"), field_called("Cited by:")
    ('author', None)
    """
    return FIELDS.get(squeeze(name.replace("_", " ")).strip(" :").casefold())
