"""The front matter of an article in JATS as text: title, authors, citation, abstracts, keywords, statements."""

from __future__ import annotations

from collections.abc import Iterator

from rag.sources.facts import Facts
from rag.sources.headings import ABSTRACT, FUNDING, usual_part
from rag.sources.jats.flow import Flow
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    CITATION,
    COPYRIGHT,
    IDENTIFIERS,
    KEYWORDS,
    TITLE,
    Part,
    is_prose,
    squeeze,
)
from rag.sources.xml.parsing import Element
from rag.sources.xml.words import words_of

_TRANSLATED = Part("Translated title", "bibliographic", "authors")
_TYPE = Part("Publication type", "bibliographic", "page")
_AUTHOR_NOTES = Part("Author notes", "bibliographic", "authors")
_PLAIN_LANGUAGE = Part("Plain language summary", "abstract", "authors")
_HISTORY = Part("History", "bibliographic", "page")
_OTHER = Part("Notes", "bibliographic", "authors")
_TITLE_ONLY = frozenset(["title", "label"])


def add_front(flow: Flow, article: Element, front: Element, title: str, facts: Facts) -> None:
    """Add the front matter to the text of an article, in the order in which papers print it."""
    flow.add_words(title, TITLE)
    for translated in front.iterfind("title-group/trans-title-group/trans-title"):
        flow.add_words(words_of(translated, marks=False), _TRANSLATED)
    flow.add_words("; ".join(facts.authors), AUTHORS)
    for affiliation in front.iter("aff"):
        flow.add_words(_joined(affiliation), AFFILIATIONS)
    flow.add_words(_citation(front, facts), CITATION)
    flow.add_words(_identifiers(facts), IDENTIFIERS)
    flow.add_words("; ".join(facts.types), _TYPE)
    for abstract in (found for found in front if found.tag in {"abstract", "trans-abstract"}):
        _add_abstract(flow, abstract)
    for keywords in front.iterfind("kwd-group"):
        _add_keywords(flow, keywords)
    flow.add(front.find("author-notes"), _AUTHOR_NOTES)
    for words, part in _statements(front):
        flow.add_words(words, part)
    for notes in article.iterfind("front/notes"):
        flow.add(notes.getparent(), _OTHER, without=frozenset(["journal-meta", "article-meta"]))
        break


def _citation(front: Element, facts: Facts) -> str:
    """Return "J Lamp. 2024-05-01;12(3):45-50."."""
    volume, issue, first, last, number = (
        words_of(front.find(name)) for name in ("volume", "issue", "fpage", "lpage", "elocation-id")
    )
    pages = "-".join(dict.fromkeys(filter(None, (first, last)))) or number
    printed = f"{volume}{f'({issue})' if issue else ''}"
    when = ";".join(filter(None, (facts.date, printed)))
    return ". ".join(filter(None, (facts.journal, ":".join(filter(None, (when, pages))))))


def _identifiers(facts: Facts) -> str:
    named = (("DOI", facts.doi), ("PMID", facts.pmid), ("PMCID", facts.pmcid))
    return " ".join(f"{name}: {value}" for name, value in named if value)


def _joined(element: Element) -> str:
    """Return the words in an element whose children may be fields without anything between them."""
    if (element.text or "").strip() or any((child.tail or "").strip() for child in element):
        return words_of(element)
    label, *rest = [words_of(child) for child in element] or [""]
    labelled = len(element) and element[0].tag == "label"
    return f"{label} {', '.join(filter(None, rest))}" if labelled else ", ".join(filter(None, (label, *rest)))


def _add_abstract(flow: Flow, abstract: Element) -> None:
    title = words_of(abstract.find("title"), marks=False)
    kind = (abstract.get("abstract-type") or "").lower()
    language = _language(abstract) if abstract.tag == "trans-abstract" else ""
    flow.add_words(title, None)
    flow.add(abstract, _abstract_part(kind, title.strip(" .:"), language), without=_TITLE_ONLY)


def _language(element: Element) -> str:
    return str(element.get("{http://www.w3.org/XML/1998/namespace}lang") or "translated")


def _abstract_part(kind: str, title: str, language: str) -> Part:
    """Return the part of an abstract: the editors' own is the page's; others than the usual have their own heading."""
    if "plain" in kind or "lay" in kind:
        return _PLAIN_LANGUAGE
    if "editor" in kind:
        return Part(title or "Editors' summary", "summary", "page")
    if kind in {"", "abstract"}:
        usual = not title or usual_part(title) or title.casefold() == "summary"
        heading = ABSTRACT.heading if usual else title
        return Part(f"{heading} ({language})" if language else heading, ABSTRACT.kind, ABSTRACT.provenance)
    return Part(title or f"{ABSTRACT.heading} ({kind})", ABSTRACT.kind, ABSTRACT.provenance)


def _add_keywords(flow: Flow, group: Element) -> None:
    title = words_of(group.find("title"), marks=False)
    words = [words_of(keyword) for keyword in group if keyword.tag not in _TITLE_ONLY]
    if any(words):
        flow.add_words(title, None)
        flow.add_words("; ".join(filter(None, words)), KEYWORDS)


def _statements(front: Element) -> Iterator[tuple[str, Part]]:
    """Yield what else the front matter says, with its part: funding, statements, history, licence."""
    for statement in front.iterfind("funding-group/funding-statement"):
        yield words_of(statement), FUNDING
    for award in front.iterfind("funding-group/award-group"):
        yield ": ".join(filter(None, (_source(award), ", ".join(map(words_of, award.iterfind("award-id")))))), FUNDING
    for custom in front.iterfind("custom-meta-group/custom-meta"):
        name, value = words_of(custom.find("meta-name")), words_of(custom.find("meta-value"))
        if name and is_prose(value, fewest=5):
            yield value, usual_part(name) or Part(name, "bibliographic", "authors")
    dates = (f"{date.get('date-type', '')} {_day(date)}" for date in front.iterfind("history/date"))
    yield "; ".join(filter(None, map(squeeze, dates))).capitalize(), _HISTORY
    for permission in front.iterfind("permissions"):
        for name in ("copyright-statement", "license"):
            yield words_of(permission.find(name)), COPYRIGHT


def _source(award: Element) -> str:
    names = (words_of(source.find(".//institution")) or words_of(source) for source in award.iterfind("funding-source"))
    return ", ".join(filter(None, names))


def _day(date: Element) -> str:
    return "-".join(filter(None, (squeeze(date.findtext(name) or "") for name in ("year", "month", "day"))))
