"""What a page states of the paper that it shows, in its head: Highwire's tags, Dublin Core, PRISM, schema.org."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from rag.sources.facts import Facts
from rag.sources.html.markup import Element, names
from rag.sources.identifiers import find_address, find_doi
from rag.sources.lines import listed, squeeze
from rag.sources.names import looks_like_names, split_names
from rag.sources.record import Field, Fields, facts_of, listed_names, name_in_order
from rag.sources.status import says_retracted

# Metas by falling authority.
_TITLE = ("citation_title", "dc.title", "dcterms.title", "prism.title")
_AUTHOR = ("citation_author", "citation_authors", "dc.creator", "dcterms.creator", "dc.contributor")
_JOURNAL = ("citation_journal_title", "prism.publicationname", "citation_conference_title", "citation_inbook_title")
_DATE = (
    *("citation_publication_date", "citation_cover_date", "citation_date", "citation_online_date", "citation_year"),
    *("prism.publicationdate", "prism.coverdate", "dc.date", "dcterms.date", "dc.date.issued"),
)
_DOI = ("citation_doi", "prism.doi", "publication_doi", "dc.identifier.doi", "dc.identifier")
_KEYWORD = ("citation_keywords", "citation_keyword")
_OWN_ADDRESS = ("og:url", "citation_public_url", "citation_fulltext_html_url", "citation_abstract_html_url")
_PAPERS = listed("ScholarlyArticle | MedicalScholarlyArticle")
_PREPRINT_SERVERS = listed("arxiv | biorxiv | medrxiv | chemrxiv | psyarxiv | research square | preprints.org | ssrn")
_ON_PMC = re.compile(r"(?:ncbi\.nlm\.nih\.gov(?:/pmc)?|^/pmc)/articles/(PMC\d+)", re.IGNORECASE)
_WATERMARK = re.compile(r"arXiv:(?P<number>\d{4}\.\d{4,5})(?:v\d+)? \[[^\]]*\] (?P<date>\d.*)")
_VERSION = re.compile(r"v\d+$")
_GIVEN = listed("given-name | given-names | givenname")
_FAMILY = listed("surname | family-name | familyname")
_WHOLE = "ltx_personname"  # of arXiv's HTML
_LARGEST_SCRIPT = 500_000  # characters


@dataclass(slots=True)
class Identity:
    """A page's statements on its paper, and the page's own title; `title` is "" where it names no paper."""

    page: str
    title: str = ""
    facts: Facts = field(default_factory=Facts)
    url: str | None = None
    abstract: str = ""
    keywords: tuple[str, ...] = ()

    @property
    def is_of_paper(self) -> bool:
        """Whether the page says which paper it shows."""
        return bool(self.title or self.facts.doi or self.facts.pmid)


def read_identity(root: Element) -> Identity:
    """Return what the head of a page states."""
    metas = _metas(root)
    shown = squeeze(" ".join(title.text_content() for title in root.iter("title")))
    identity = Identity(_first(metas, "og:title") or shown, url=_address(root, metas))
    fields = _by_metas(metas) or _by_schema(root) or _by_watermark(root, shown)
    if fields:
        identity.title = _value(fields, "title")
        identity.facts = _facts(fields, [*_own_links(root, metas)])
        if number := _VERSION.sub("", _first(metas, "citation_arxiv_id").lower()):
            identity.facts.doi = _arxiv_doi(root, number)
            identity.facts.status = identity.facts.status or "preprint"
        identity.abstract = _value(fields, "abstract")
        identity.keywords = tuple(fields.get("keyword", ()))
    return identity


def _metas(root: Element) -> dict[str, list[str]]:
    """Return the contents of a page's metas by their names, each content once, in order."""
    metas: dict[str, dict[str, None]] = defaultdict(dict)
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or "").strip().lower()
        content = squeeze(unescape(meta.get("content") or ""))  # some are escaped twice
        if name and content:
            metas[name][content] = None
    return {name: [*contents] for name, contents in metas.items()}


def _first(metas: Mapping[str, list[str]], *names: str) -> str:
    return next((metas[name][0] for name in names if metas.get(name)), "")


def _all(metas: Mapping[str, list[str]], *names: str) -> list[str]:
    return [value for name in names for value in metas.get(name, [])]


def _value(fields: Fields, name: Field) -> str:
    return next(iter(fields.get(name, ())), "")


def _by_metas(metas: Mapping[str, list[str]]) -> dict[Field, list[str]]:
    """Return the fields that the metas state of one paper; nothing where they name none, or several."""
    dois = {doi for value in metas.get("citation_doi", []) if (doi := find_doi(value))}
    title = _first(metas, *_TITLE)
    if len(dois) > 1 or not (title or any(map(find_doi, _all(metas, *_DOI)))):
        return {}
    author = next((name for name in _AUTHOR if metas.get(name)), "")
    return {
        "title": [title],
        "author": _authors(metas.get(author, []), listed=author != "citation_author"),
        "journal": _all(metas, *_JOURNAL),
        "date": _all(metas, *_DATE),
        "doi": _all(metas, *_DOI),
        "pmid": _all(metas, "citation_pmid"),
        "type": _all(metas, "citation_article_type"),
        "abstract": _all(metas, "citation_abstract"),
        "keyword": [squeeze(word) for value in _all(metas, *_KEYWORD) for word in value.split(";") if word.strip()],
    }


def _authors(values: Sequence[str], *, listed: bool) -> list[str]:
    """Return names, given name first, of metas that hold one each, or perhaps all of them where they are `listed`."""
    if len(values) == 1 and (listed or ";" in values[0] or values[0].count(",") > 2):
        bare = ",".join(part for part in values[0].split(",") if part.strip())
        return listed_names(bare)
    people = [person for value in values for person in value.split(";") if person.strip()]
    # "Roe, Jane" has two parts that may be names, "Jane Roe, PhD" one.
    return [plain[0] if len(plain := split_names(person)) == 1 else name_in_order(person) for person in people]


def _facts(fields: Fields, links: Sequence[str]) -> Facts:
    """Return the facts that the fields state, with what the page's own address tells."""
    facts = facts_of(fields)
    facts.pmcid = next((match[1].upper() for link in links if (match := _ON_PMC.search(link))), None)
    if is_preprint(facts):
        facts.status = "preprint"
    if says_retracted(_value(fields, "title")):
        facts.status = "retracted"
    return facts


def is_preprint(facts: Facts) -> bool:
    """Return whether a paper is one of a preprint server."""
    return (facts.journal or "").casefold() in _PREPRINT_SERVERS


def _arxiv_doi(root: Element, number: str) -> str:
    """Return the DOI that arXiv issued for a paper: citation_doi, where there is one, is that of a later version."""
    issued = re.search(rf"10\.\d{{4,9}}/arxiv\.{re.escape(number)}(?!\d)", root.text_content().lower())
    return issued[0] if issued else f"10.48550/arxiv.{number}"


def _by_schema(root: Element) -> dict[Field, list[str]]:
    """Return the fields that schema.org's markup states, where it describes exactly one scholarly article."""
    papers = [thing for thing in _things(root) if _kinds(thing) & _PAPERS]
    if len(papers) != 1:
        return {}
    paper = papers[0]
    stated = (paper.get("identifier"), paper.get("sameAs"), paper.get("@id"))
    return {
        "title": [_text(paper.get("headline")) or _text(paper.get("name"))],
        "author": _authors([*filter(None, map(_text, _listed(paper.get("author"))))], listed=False),
        "journal": [*filter(None, map(_periodical, _listed(paper.get("isPartOf"))))],
        "date": [_text(paper.get("datePublished"))],
        "doi": [_text(value) for many in stated for value in _listed(many)],
    }


def _by_watermark(root: Element, title: str) -> dict[Field, list[str]]:
    """Return the fields of a paper that arXiv shows as HTML: "arXiv:2401.01234v2 [q-bio.PE] 5 Jan 2024"."""
    mark = next((mark for mark in root.iter("div") if mark.get("id") == "watermark-tr"), None)
    stated = _WATERMARK.search("" if mark is None else squeeze(mark.text_content()))
    if not stated:
        return {}
    doi = f"10.48550/arXiv.{stated['number']}"
    return {"title": [title], "doi": [doi], "date": [stated["date"]], "type": ["Preprint"]}


def _things(root: Element) -> Iterator[dict[str, Any]]:
    """Yield the things that scripts of linked data describe, those of a graph and the main thing of a page too."""
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "") and len(script.text or "") <= _LARGEST_SCRIPT:
            try:
                found = json.loads(script.text or "")
            except (ValueError, RecursionError):
                continue
            for thing in _listed(found):
                if isinstance(thing, dict):
                    inner = [*_listed(thing.get("@graph")), *_listed(thing.get("mainEntity"))]
                    yield from (each for each in (thing, *inner) if isinstance(each, dict))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _kinds(thing: Mapping[str, Any]) -> set[str]:
    return {kind for kind in _listed(thing.get("@type")) if isinstance(kind, str)}


def _text(value: Any) -> str:
    """Return a value's words: its own, or those of its name."""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("value") or value.get("@id"))
    return squeeze(value) if isinstance(value, str) else ""


def _periodical(part: Any) -> str | None:
    """Return the journal that an issue or volume is part of."""
    for _ in range(3):
        if not isinstance(part, dict):
            return None
        if "Periodical" in _kinds(part):
            return _text(part) or None
        part = next(iter(_listed(part.get("isPartOf"))), None)
    return None


def _own_links(root: Element, metas: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the addresses that a page gives as its own."""
    for link in root.iter("link"):
        if (link.get("rel") or "").lower() == "canonical":
            yield link.get("href") or ""
    yield from _all(metas, *_OWN_ADDRESS)


def _address(root: Element, metas: Mapping[str, list[str]]) -> str | None:
    return next(filter(None, (find_address(link) for link in _own_links(root, metas))), None)


def marked_names(elements: Iterable[Element]) -> tuple[str, ...]:
    """Return the names that are marked as such, whole or by their given and family parts."""
    found, given = list[str](), ""
    for element in elements:
        marks = {
            mark.lower() for mark in (*names(element), element.get("property") or "", element.get("itemprop") or "")
        }
        if marks & _GIVEN:
            given = squeeze(element.text_content())
        elif marks & _FAMILY and given:
            found.append(f"{given} {squeeze(element.text_content())}")
            given = ""
        elif _WHOLE in marks and looks_like_names(name := squeeze(element.text_content())):
            found += split_names(name)
    return tuple(dict.fromkeys(found))
