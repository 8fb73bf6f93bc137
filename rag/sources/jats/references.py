"""A reference of an article in JATS on one line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.lines import squeeze
from rag.sources.xml.parsing import Element
from rag.sources.xml.words import words_of

_CITATIONS = frozenset(["mixed-citation", "element-citation", "nlm-citation", "citation"])
_APART = re.compile(r" ([,.;:)])(?!\S)")
_TITLES = ("article-title", "chapter-title", "part-title", "data-title", "trans-title")


def reference_words(reference: Element) -> str:
    """Return a reference as it is printed, or put together from its fields where only those are given."""
    label = words_of(reference.find("label")).strip("[](). ")
    found = [_citation(citation) for citation in _citations(reference)] or [words_of(reference)]
    notes = (words_of(note) for note in reference.iterfind("note"))
    words = " ".join(filter(None, [label and f"{label}.", "; ".join(filter(None, found)), *notes]))
    return _APART.sub(r"\1", words)


def _citations(reference: Element) -> Iterator[Element]:
    for child in reference:
        if child.tag in _CITATIONS:
            yield child
        elif child.tag == "citation-alternatives":
            forms = [form for form in child if form.tag in _CITATIONS]
            yield from sorted(forms, key=lambda form: form.tag != "mixed-citation")[:1]


def _citation(citation: Element) -> str:
    tails = "".join(child.tail or "" for child in citation)
    if sum(character in ".,;:" for character in tails) > 1 or not len(citation):
        return words_of(citation)
    return _from_fields(citation)


def _from_fields(citation: Element) -> str:
    """Return "Wick A, Flint B. Moths. J Lamp. 2001;7(2):41-49. doi:10.5555/1"."""

    def field(*names: str) -> str:
        return next(filter(None, (words_of(citation.find(name)).strip(" .,;:") for name in names)), "")

    pages = "-".join(filter(None, (field("fpage"), field("lpage")))) or field("page-range", "elocation-id")
    issue = f"({issue})" if (issue := field("issue")) else ""
    volume = f"{field('volume')}{issue}"
    when = ";".join(filter(None, (field("year", "date", "date-in-citation"), volume)))
    place = ":".join(filter(None, (field("publisher-loc"), field("publisher-name"))))
    ids = (f"{kind}:{squeeze(''.join(found.itertext()))}" for found, kind in _identifiers(citation))
    stated = [_names(citation).rstrip("."), field(*_TITLES), field("source"), field("conf-name"), place]
    stated += [f"{when}:{pages}" if when and pages else when or pages, field("comment"), *ids, field("ext-link", "uri")]
    return ". ".join(filter(None, stated))


def _identifiers(citation: Element) -> Iterator[tuple[Element, str]]:
    for found in citation.iterfind("pub-id"):
        if (kind := found.get("pub-id-type")) in {"doi", "pmid", "pmcid"}:
            yield found, kind


def _names(citation: Element) -> str:
    names = []
    for element in citation.iter("name", "string-name", "collab", "etal"):
        if element.tag == "etal":
            names.append("et al")
        elif element.find("surname") is not None:
            names.append(squeeze(f"{words_of(element.find('surname'))} {words_of(element.find('given-names'))}"))
        else:
            names.append(words_of(element))
    return ", ".join(filter(None, names))
