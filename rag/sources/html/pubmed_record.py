"""A saved page of a record in PubMed: its head by the names that PubMed gives it, the rest by PubMed's headings."""

from __future__ import annotations

from collections.abc import Iterator

from rag.sources.extract import Extract
from rag.sources.facts import Facts
from rag.sources.headings import ABSTRACT, abstract_part
from rag.sources.html.article import identifiers_line
from rag.sources.html.blocks import read_blocks
from rag.sources.html.layout import as_line
from rag.sources.html.markup import Element, names
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    CITATION,
    COPYRIGHT,
    IDENTIFIERS,
    KEYWORDS,
    TITLE,
    Part,
    key,
    squeeze,
)
from rag.sources.pubmed.words import HEADINGS, MESH, PUBLICATION_TYPE
from rag.sources.record import Field, facts_of
from rag.types import Review

_HEAD = "full-view-heading"
_NOTICES: dict[str, Field] = {
    "retraction in": "retracted",
    "retracted and republished in": "retracted",
    "expression of concern in": "concern",
    "erratum in": "corrected",
    "corrected and republished in": "corrected",
}


def is_record(body: Element) -> bool:
    """Return whether a page shows one record of PubMed."""
    return body.get_element_by_id(_HEAD, None) is not None


def read_record(body: Element, stated: Facts) -> Review:
    """Return the review that the page of a record shows; what its head states counts where the record shows none."""
    head = body.get_element_by_id(_HEAD)
    sections = [*_sections(body)]
    lists = {part: _terms(section) for heading, section in sections if (part := HEADINGS.get(heading))}
    fields: dict[Field, list[str]] = {
        "title": _texts(head, "heading-title"),
        "author": list(dict.fromkeys(_texts(next(_marked(head, "authors-list"), head), "full-name"))),
        "journal": _texts(head, "journal-actions-trigger"),
        "date": [*_texts(head, "cit"), *_texts(head, "secondary-date")],
        "pmid": [text for each in _marked(head, "identifier", "pubmed") for text in _texts(each, "current-id")],
        "pmcid": [text for each in _marked(head, "identifier", "pmc") for text in _texts(each, "id-link")],
        "doi": [text for each in _marked(head, "identifier", "doi") for text in _texts(each, "id-link")],
        "type": list(dict.fromkeys([*_texts(head, "publication-type"), *lists.get(PUBLICATION_TYPE, ())])),
    }
    for heading, _ in sections:
        if notice := _NOTICES.get(heading):
            fields[notice] = [heading]
    facts = facts_of(fields)
    facts.doi, facts.pmid = facts.doi or stated.doi, facts.pmid or stated.pmid
    extract = Extract()
    title = next(iter(fields["title"]), "")
    extract.add(title, TITLE)
    extract.add("; ".join(facts.authors), AUTHORS)
    for affiliation in _affiliations(body):
        extract.add(affiliation, AFFILIATIONS)
    extract.add(
        " ".join([*_dotted(fields["journal"]), *_texts(head, "cit"), *_texts(head, "secondary-date")]), CITATION
    )
    extract.add(identifiers_line(facts), IDENTIFIERS)
    for heading, section in sections:
        if (part := HEADINGS.get(heading)) and part.kind != "boilerplate":
            _add_section(extract, section, part)
    url = f"https://pubmed.ncbi.nlm.nih.gov/{facts.pmid}/" if facts.pmid else None
    return extract.review(title, facts, url=url, mesh=tuple(term.replace("*", "") for term in lists.get(MESH, ())))


def _marked(element: Element, *marks: str) -> Iterator[Element]:
    """Yield the elements below one that have all of some classes."""
    for each in element.iter():
        if isinstance(each.tag, str) and names(each).issuperset(marks):
            yield each


def _texts(element: Element, mark: str) -> list[str]:
    return [text for each in _marked(element, mark) if (text := squeeze(each.text_content()))]


def _dotted(journal: list[str]) -> list[str]:
    return [f"{name}." for name in journal[:1]]


def _sections(body: Element) -> Iterator[tuple[str, Element]]:
    """Yield the sections of a record, each with the words of its heading."""
    for heading in body.iter("h2", "h3"):
        words = key(as_line(squeeze(heading.text_content())))
        if heading.getparent() is not None and (words in HEADINGS):
            yield words, heading.getparent()


def _terms(section: Element) -> list[str]:
    """Return the terms of a list, without the menus behind them."""
    return _texts(section, "keyword-link") or _texts(section, "keyword")


def _affiliations(body: Element) -> list[str]:
    listed = next(_marked(body, "affiliations"), None)
    return [] if listed is None else [squeeze(item.text_content()) for item in listed.iter("li")]


def _add_section(extract: Extract, section: Element, part: Part) -> None:
    if terms := _terms(section):
        extract.add_section(part.heading, terms, part)
    elif part.kind == "abstract":
        _add_abstract(extract, section, part)
    else:
        said = [block.words for block in read_blocks(section) if not block.level]
        extract.add_section(part.heading, said, part)


def _add_abstract(extract: Extract, section: Element, part: Part) -> None:
    """Add an abstract with its labels; the keywords and the copyright line that PubMed sets below it."""
    heading = ""
    for block in read_blocks(section):
        label = block.label.strip(" :")
        rest = block.words[len(block.label) :].strip(" :") if label else block.words
        if block.level:
            heading = block.words
        elif "copyright" in names(block.element):
            extract.add(block.words, COPYRIGHT)
        elif key(as_line(label)) == "keywords":
            extract.add_section(KEYWORDS.heading, [rest], KEYWORDS)
        elif "empty-abstract" not in names(block.element) and rest:
            extract.add(heading, None)
            extract.add(label, None)
            extract.add(rest, abstract_part(label) if label and part == ABSTRACT else part)
            heading = ""
