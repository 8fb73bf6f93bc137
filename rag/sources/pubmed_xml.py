"""PubMed's own XML: what its interfaces and its yearly files give, and the older MEDLINE citations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources import identifiers
from rag.sources.extract import Extract
from rag.sources.facts import Facts
from rag.sources.headings import ABSTRACT, FUNDING, REFERENCES, abstract_part
from rag.sources.lines import AFFILIATIONS, AUTHORS, CITATION, COPYRIGHT, IDENTIFIERS, KEYWORDS, TITLE, Part, squeeze
from rag.sources.pubmed.words import COMPETING, MESH, PUBLICATION_TYPE, SUBSTANCES
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.sources.status import says_retracted
from rag.sources.xml.parsing import Element, begins_as_xml, decoded, markup, parse
from rag.sources.xml.words import words_of
from rag.types import Review, Status

KIND = "PubMed XML"
_VERNACULAR = Part("Original title", "bibliographic", "authors")
_PLAIN_LANGUAGE = Part("Plain language summary", "abstract", "authors")

_BEGINNING = 50_000  # characters, in which the first record or the set of them begins
_SET = re.compile(r"<(?:Pubmed(?:Book)?Article|MedlineCitation)(?:Set)?[\s>]")
_RECORD = re.compile(r"<(Pubmed(?:Book)?Article)[\s>]")
_CITATION = re.compile(r"<(MedlineCitation)[\s>]")
_PMID = re.compile(r"<PMID[^<>]*>\s*(\d{1,8})\s*<")
_STATUS: dict[str, Status] = {  # by the kind of the record that this one refers to
    "RetractionIn": "retracted",
    "RetractedandRepublishedIn": "retracted",
    "ExpressionOfConcernIn": "expression of concern",
    "ErratumIn": "corrected",
    "CorrectedandRepublishedIn": "corrected",
}
_BECAME: dict[str, Status] = {
    "RetractionOf": "retracted",
    "ExpressionOfConcernFor": "expression of concern",
    "ErratumFor": "corrected",
}
_VERSIONS = ("UpdateIn", "UpdateOf")


def recognises(file: SourceFile) -> bool:
    """Return whether a file is XML that begins with records of PubMed."""
    text = (file.text or file.content[:_BEGINNING].decode("latin-1"))[:_BEGINNING]
    return begins_as_xml(text) and bool(_SET.search(text))


def read(file: SourceFile) -> Reading:
    """Return a review for each record that has a title; raise UnreadableReview where none has.

    Each record is parsed by itself, so that one that is damaged neither stops the others nor lends them anything.
    """
    reviews, refused, told = [], [], list[Notice]()
    for number, record in enumerate(_records(decoded(file)), start=1):
        try:
            review, notices = _read_record(record)
            reviews.append(review)
            told += notices
        except ValueError as fault:
            name = f" (PMID {pmid[1]})" if (pmid := _PMID.search(record)) else ""
            refused.append(f"Record {number}{name}: {fault}")
    if not reviews:
        raise file.refused(f"holds no record that can be read{f': {refused[0]}' if refused else ''}")
    characters = sum(len(review.text) for review in reviews)
    return Reading(KIND, tuple(reviews), characters, tuple(refused), notices=tuple(told), of_records=True)


def _read_record(record: str) -> tuple[Review, list[Notice]]:
    """Return the review of a record and what it says of others; raise ValueError, which says why there is none."""
    root, fault = parse(markup(record))
    if root is None:
        raise ValueError(f"its XML is damaged: {fault}")
    try:
        review = _review(root)
    except RecursionError:
        raise ValueError("its elements are nested too deeply") from None
    if not review.title:
        raise ValueError("it has no title")
    return review, list(_notices(root))


def _notices(root: Element) -> Iterator[Notice]:
    """Yield what a record says has become of other papers, and which is the later version of which."""
    own = _words(root, "MedlineCitation/PMID")
    for found in root.iterfind("MedlineCitation/CommentsCorrectionsList/CommentsCorrections"):
        kind, pmid = found.get("RefType") or "", _words(found, "PMID")
        if pmid and kind in _BECAME:
            yield Notice(_BECAME[kind], pmid=pmid)
        elif pmid and own and kind in _VERSIONS:
            earlier, later = (own, pmid) if kind == "UpdateIn" else (pmid, own)
            yield Notice("", pmid=earlier, later=later)


def _records(text: str) -> Iterator[str]:
    """Yield the XML of each record: up to its end, or as far as it goes before the next."""
    starts = list(_RECORD.finditer(text)) or list(_CITATION.finditer(text))
    ends = [*(start.start() for start in starts[1:]), len(text)]
    for start, following in zip(starts, ends, strict=False):
        end = text.rfind(f"</{start[1]}>", start.start(), following)
        yield text[start.start() : text.index(">", end) + 1 if end >= 0 else following]


def _review(root: Element) -> Review:
    """Return a record as a review; one of a chapter or a book has the same fields in other places."""
    record = next((found for name in _RECORDS if (found := root.find(name)) is not None), root)
    article = record if record.find("Article") is None else record.find("Article")
    facts, title = _facts(root, record, article), _title(article)
    extract = Extract()
    extract.add(title, TITLE)
    extract.add(_words(article, "VernacularTitle"), _VERNACULAR)
    extract.add("; ".join(facts.authors), AUTHORS)
    # Records of before 2014 have one for all authors.
    for affiliation in [*_each(article, "AuthorList/Author//Affiliation"), *_each(article, "Affiliation")]:
        extract.add(affiliation, AFFILIATIONS)
    extract.add(_citation(article, facts), CITATION)
    extract.add(_identifiers(facts), IDENTIFIERS)
    extract.add("; ".join(facts.types), PUBLICATION_TYPE)
    _add_abstracts(extract, record, article)
    extract.add_section("Keywords", ["; ".join(_each(record, "KeywordList/Keyword"))], KEYWORDS)
    mesh = [_heading(heading) for heading in record.iterfind("MeshHeadingList/MeshHeading")]
    extract.add_section("MeSH terms", mesh, MESH)
    extract.add_section("Substances", _each(record, "ChemicalList/Chemical/NameOfSubstance"), SUBSTANCES)
    extract.add_section("Funding", [_grant(grant) for grant in article.iterfind("GrantList/Grant")], FUNDING)
    extract.add_section("Conflict of interest statement", _each(record, "CoiStatement"), COMPETING)
    references = [words_of(found) for found in root.iterfind("PubmedData//Reference/Citation")]
    extract.add_section("References", references, REFERENCES)
    descriptors = _each(record, "MeshHeadingList/MeshHeading/DescriptorName")
    url = f"https://pubmed.ncbi.nlm.nih.gov/{facts.pmid}/" if facts.pmid else None
    return extract.review(title, facts, url=url, mesh=tuple(descriptors))


_RECORDS = ("MedlineCitation", "BookDocument")


def _words(element: Element, path: str) -> str:
    return words_of(element.find(path))


def _each(element: Element, path: str) -> list[str]:
    """Return the words of all elements at a path, each once."""
    return list(dict.fromkeys(filter(None, map(words_of, element.iterfind(path)))))


def _title(article: Element) -> str:
    """Return the title without its dot, and without the brackets that mark a translation."""
    titles = (_words(article, name) for name in ("ArticleTitle", "VernacularTitle", "Book/BookTitle"))
    title = next((title for title in titles if title and not _NOT_GIVEN.fullmatch(title)), "")
    title = title[:-1] if title.endswith(".") and not title.endswith("..") else title
    return title[1:-1] if _BRACKETED.fullmatch(title) else title


_NOT_GIVEN = re.compile(r"\[?\s*not available\s*\]?\.?", re.IGNORECASE)
_BRACKETED = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")


def _facts(root: Element, record: Element, article: Element) -> Facts:
    types = tuple(_each(article, "PublicationTypeList/PublicationType") or _each(article, "PublicationType"))
    return Facts(
        authors=_authors(article),
        journal=_journal(article, record),
        date=_date(article),
        doi=_doi(root, article),
        pmid=next(iter(re.findall(r"\A0*([1-9]\d{0,7})\Z", _words(record, "PMID"))), None),
        pmcid=_pmcid(root, record),
        types=types,
        status=_status(record, types, _title(article)),
    )


def _authors(article: Element) -> tuple[str, ...]:
    """Return the authors in order, without spellings that are marked as wrong; of a book as a whole its authors."""
    lists = [found for found in article.iterfind("AuthorList") if found.get("Type") != "editors"]
    if not lists and article.find("ArticleTitle") is None:
        lists = [found for found in article.iterfind("Book/AuthorList") if found.get("Type") == "authors"]
    authors = (author for found in lists for author in found if author.get("ValidYN") != "N")
    return tuple(dict.fromkeys(filter(None, map(_name, authors))))


def _name(author: Element) -> str:
    given = _words(author, "ForeName") or _words(author, "Initials")
    person = " ".join(filter(None, (given, _words(author, "LastName"), _words(author, "Suffix"))))
    return person or _words(author, "CollectiveName").strip(" .;,")


def _journal(article: Element, record: Element) -> str | None:
    if article.find("Book") is not None:
        return _words(article, "Book/BookTitle") or None if article.find("ArticleTitle") is not None else None
    titles = (_words(article, f"Journal/{name}") for name in ("ISOAbbreviation", "Title"))
    return next(filter(None, (*titles, _words(record, "MedlineJournalInfo/MedlineTA"))), None)


def _date(article: Element) -> str | None:
    """Return the date of the issue; of a chapter that of its own, as a book that grows online keeps its first year."""
    paths = ("Journal/JournalIssue/PubDate", "ContributionDate", "ArticleDate", "Book/PubDate", "Book/BeginningDate")
    for date in (found for path in paths for found in article.iterfind(path)):
        if (season := date.findtext("MedlineDate")) and (printed := squeeze(season)):
            return printed
        year, month, day = (squeeze(date.findtext(name) or "") for name in ("Year", "Month", "Day"))
        if year and month.isdigit():
            return "-".join(filter(None, (year, month.zfill(2), day.zfill(2) if day else "")))
        if year:
            return " ".join(filter(None, (year, month or squeeze(date.findtext("Season") or ""), day)))
    return None


def _doi(root: Element, article: Element) -> str | None:
    own = [found for found in article.iterfind("ELocationID[@EIdType='doi']") if found.get("ValidYN") != "N"]
    found = (identifiers.find_doi(words_of(element)) for element in (*own, *_article_ids(root, "doi")))
    return next(filter(None, found), None)


def _pmcid(root: Element, record: Element) -> str | None:
    others = record.iterfind("OtherID[@Source='NLM']")
    found = (identifiers.find_pmcid(words_of(element)) for element in (*_article_ids(root, "pmc"), *others))
    return next(filter(None, found), None)


def _article_ids(root: Element, kind: str) -> Iterator[Element]:
    """Yield the record's own identifiers; its references and what comments on it have lists of theirs, further down."""
    for path in ("PubmedData", "PubmedBookData", "BookDocument"):
        yield from root.iterfind(f"{path}/ArticleIdList/ArticleId[@IdType='{kind}']")


def _status(record: Element, types: tuple[str, ...], title: str) -> Status:
    """Return what has become of a paper by its own record; a notice about another one has no status."""
    refers = {found.get("RefType") for found in record.iterfind("CommentsCorrectionsList/CommentsCorrections")}
    if "Retracted Publication" in types or says_retracted(title, types):
        return "retracted"
    preprint: Status = "preprint" if "Preprint" in types else ""
    return next((status for kind, status in _STATUS.items() if kind in refers), preprint)


def _citation(article: Element, facts: Facts) -> str:
    """Return "J Lamp. 2024 May;12(3):45-50"."""
    volume, issue = (_words(article, f"Journal/JournalIssue/{name}") for name in ("Volume", "Issue"))
    pages = _words(article, "Pagination/MedlinePgn") or _words(article, "ELocationID[@EIdType='pii']")
    printed = f"{volume}{f'({issue})' if issue else ''}"
    when = ";".join(filter(None, (facts.date, printed)))
    journal = (facts.journal or "").strip(" .")
    return ". ".join(filter(None, (journal, ":".join(filter(None, (when, pages))))))


def _identifiers(facts: Facts) -> str:
    named = (("PMID", facts.pmid), ("PMCID", facts.pmcid), ("DOI", facts.doi))
    return " ".join(f"{name}: {value}" for name, value in named if value)


def _add_abstracts(extract: Extract, record: Element, article: Element) -> None:
    for abstract in (*article.iterfind("Abstract"), *record.iterfind("OtherAbstract")):
        whole = _abstract_part(abstract)
        if abstract.tag == "OtherAbstract":
            extract.add(whole.heading, None)
        for paragraph in abstract.iterfind("AbstractText"):
            words, label = words_of(paragraph), squeeze(paragraph.get("Label") or "").strip(" :.")
            label = label.capitalize() if label.isupper() else label
            if not label or label.casefold() in {"unlabelled", "unassigned"}:
                extract.add(words, whole)
            elif words:
                extract.add(label, None)
                extract.add(words, abstract_part(label) if whole == ABSTRACT else whole)
        extract.add(_words(abstract, "CopyrightInformation"), COPYRIGHT)


def _abstract_part(abstract: Element) -> Part:
    if abstract.tag == "Abstract":
        return ABSTRACT
    kind = (abstract.get("Type") or "").casefold()
    if "plain" in kind:
        return _PLAIN_LANGUAGE
    return Part(f"Abstract ({abstract.get('Language') or kind or 'other'})", "abstract", "authors")


def _heading(heading: Element) -> str:
    """Return a MeSH heading with its qualifiers: "Moths / physiology"."""
    return " / ".join(filter(None, map(words_of, heading)))


def _grant(grant: Element) -> str:
    """Return "Agency: number (country)"."""
    country = _words(grant, "Country")
    words = ": ".join(filter(None, (_words(grant, "Agency"), _words(grant, "GrantID"))))
    return f"{words} ({country})" if words and country else words
