"""What the front matter of an article in JATS states of it: title, authors, journal, date, identifiers, status."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.sources.dates import find_date
from rag.sources.facts import Facts
from rag.sources.identifiers import find_doi
from rag.sources.lines import squeeze
from rag.sources.source_file import Notice
from rag.sources.status import is_notice, says_retracted
from rag.sources.xml.parsing import Element
from rag.sources.xml.words import words_of
from rag.types import Status

_FRONTS = ("front/article-meta", "article-meta", "front", "book-part-meta")
_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_JOURNALS: tuple[str, ...] = (
    "journal-title-group/journal-title",
    "journal-title",
    "journal-title-group/abbrev-journal-title",
    "abbrev-journal-title",
    "journal-id[@journal-id-type='nlm-ta']",
)
_BOOKS: tuple[str, ...] = ("book-title-group/book-title", "title-group/title")


def front_of(article: Element) -> Element:
    """Return the element that holds what an article states of itself; the article where there is none."""
    return next((found for path in _FRONTS if (found := article.find(path)) is not None), article)


def title_of(front: Element) -> str:
    """Return the title with its subtitles, without marks of notes; "" where there is none."""
    group = front.find("title-group")
    if group is None:
        return words_of(front.find("title"), marks=False)
    for name in ("article-title", "title", "trans-title-group/trans-title", "trans-title", "alt-title"):
        if title := words_of(group.find(name), marks=False):
            break
    for subtitle in group.iterfind("subtitle"):
        if words := words_of(subtitle, marks=False):
            title += f" {words}" if title[-1:] in ":.?!—–" else f": {words}"
    return title.strip(" *†‡§¶")


def facts_of(article: Element, front: Element) -> Facts:
    """Return the facts of an article; never those of what it cites, corrects, reviews or translates."""
    journal = _journal(article)
    return Facts(
        authors=tuple(dict.fromkeys(filter(None, map(_name, _author_elements(front))))),
        journal=journal,
        date=_date(front) or _date(_book(article)),
        doi=next(filter(None, (find_doi(value) for value in _ids(front, "doi"))), None),
        pmid=next((value.lstrip("0") for value in _ids(front, "pmid") if re.fullmatch(r"0*[1-9]\d{0,7}", value)), None),
        pmcid=next((f"PMC{n[1]}" for value in _ids(front, "pmc", "pmcid") if (n := _PMCID.fullmatch(value))), None),
        types=_types(article, front),
        status=_status(article, front, journal or ""),
    )


_PMCID = re.compile(r"(?:PMC)?0*([1-9]\d{2,8})(?:\.\d+)?", re.IGNORECASE)


def _ids(front: Element, *kinds: str) -> Iterator[str]:
    for name, attribute in (("article-id", "pub-id-type"), ("book-part-id", "book-part-id-type")):
        for found in front.iterfind(name):
            if (found.get(attribute) or "").lower() in kinds:
                yield squeeze("".join(found.itertext()))


def _book(article: Element) -> Element | None:
    """Return what is said of the book that a chapter is in."""
    if article.tag == "article":
        return None
    return next((found for above in article.iterancestors() if (found := above.find("book-meta")) is not None), None)


def _journal(article: Element) -> str | None:
    about, paths = article.find("front/journal-meta"), _JOURNALS
    if article.tag != "article":
        about, paths = _book(article), _BOOKS
    elif about is None:
        about = article.find("journal-meta")
    if about is None:
        return None
    return next(filter(None, (words_of(about.find(path), marks=False) for path in paths)), None)


def _author_elements(front: Element) -> Iterator[Element]:
    """Yield who wrote the article: neither its editors, nor those who are named as members of a group of authors."""
    for group in front.iterfind("contrib-group"):
        for contributor in group.iterfind("contrib"):
            kind = (contributor.get("contrib-type") or "").lower()
            kinds = f"{kind} {(group.get('content-type') or '').lower()}".split()
            named = kind in {"", "person", "collab", "collaborator", "group"}
            if "non-byline" not in kinds and (kind.startswith("author") or (named and _by_authors(kinds))):
                yield contributor


def _by_authors(kinds: list[str]) -> bool:
    return not any(re.match(r"edit|collaborators|review|transl|consortium-members", kind) for kind in kinds)


def _name(contributor: Element) -> str:
    """Return a name with the given names first, or that of a group, "" where there is none."""
    named = [contributor, *contributor.iterfind("name-alternatives")]
    names = [found for above in named for found in above if found.tag in {"name", "string-name"}]
    for name in sorted(names, key=_style)[:1]:
        parts = (words_of(name.find(part), marks=False) for part in ("given-names", "surname", "suffix"))
        return " ".join(filter(None, parts)) if name.find("surname") is not None else words_of(name, marks=False)
    group = contributor.find(".//collab")
    if group is None:
        return ""
    members = [child for child in group if child.tag in {"contrib-group", "aff", "address", "fn"}]
    own = [words for child in group if child not in members for words in (words_of(child, marks=False), child.tail)]
    rest = (member.tail for member in members)
    return squeeze(" ".join(filter(None, (group.text, *own, *rest)))).strip(" ,;:")


def _style(name: Element) -> int:
    """Return how far a name is the one in Latin letters, 0 first."""
    return {"western": 0, "eastern": 2}.get(name.get("name-style"), 1)


def _date(front: Element | None) -> str | None:
    """Return the date by which an article is cited: of its issue or volume, else of its first appearance online.

    An issue that has only a year gets the day on which the article appeared in that year.
    """
    ranked = [(rank, date) for date in (front if front is not None else ()) if (rank := _rank(date)) is not None]
    dates = [printed for _, date in sorted(ranked, key=lambda pair: pair[0]) if (printed := _printed(date))]
    if not dates or not _YEAR.fullmatch(dates[0]):
        return next(iter(dates), None)
    return next((date for date in dates if date.startswith(dates[0]) and date != dates[0]), dates[0])


def _rank(date: Element) -> int | None:
    """Return how far a date is the one to cite by, 0 first; None for a date of something else."""
    if date.tag != "pub-date":
        return None
    kind = (date.get("pub-type") or date.get("date-type") or "pub").lower()
    if kind in {"ppub", "epub-ppub", "print"} or (kind == "pub" and date.get("publication-format") == "print"):
        return 0
    return _RANKS.get(kind)


_RANKS = {"collection": 1, "issue": 1, "issue-pub": 1, "cover": 1, "cover-date": 1, "final": 1, "publication-year": 1}
_RANKS |= {"epub": 2, "pub": 2, "publication": 2, "issued": 2, "issued-online": 2, "first_release": 2}
_RANKS |= {"version-of-record": 1, "accepted-manuscript": 3}


def _printed(date: Element) -> str | None:
    """Return a date as "2023-07-04", or as "2023 Jul 4" or "2023 Summer" where the month is a word."""
    year, month, day = (squeeze(date.findtext(name) or "") for name in ("year", "month", "day"))
    if not year:
        return find_date(date.get("iso-8601-date") or words_of(date))
    if not _YEAR.fullmatch(year):
        return None
    if month.isdigit() and len(month) < 3:
        return "-".join([year, month.zfill(2), *([day.zfill(2)] if day.isdigit() and len(day) < 3 else [])])
    season = month or squeeze(date.findtext("season") or "")
    return " ".join(filter(None, (year, season, day if month else "")))


def _types(article: Element, front: Element) -> tuple[str, ...]:
    """Return the kind of article as its attribute and its headings in the journal state it, each once."""
    stated = [(article.get("article-type") or article.get("book-part-type") or "").replace("-", " ")]
    for group in front.iterfind("article-categories//subj-group"):
        if group.find("subj-group") is None and not _OTHER_SUBJECTS.match(group.get("subj-group-type") or ""):
            stated += filter(
                _OF_TYPES.search, (words_of(subject, marks=False) for subject in group.iterfind("subject"))
            )
    return tuple({words.casefold(): words for words in map(squeeze, stated) if words}.values())


# A heading may name the field of an article as well.
_OF_TYPES = re.compile(
    r"\b(?:articles?|reviews?|reports?|research|communications?|letters?|editorials?|stud(?:y|ies)|trials?|protocols?|notes?"
    r"|comment(?:ary)?|perspectives?|opinions?|meta-analys[ie]s|guidelines?|correction|erratum|retraction)\b",
    re.IGNORECASE,
)
_OTHER_SUBJECTS = re.compile(r"discipline|subject|technique|taxon|field|topic|amsc|search|hwp", re.IGNORECASE)


def _status(article: Element, front: Element, journal: str) -> Status:
    """Return what has become of an article by its own record; a notice speaks of another one and has no status."""
    kind = (article.get("article-type") or "").lower()
    if is_notice([kind]):
        return ""
    # From an article to the notice about it; "retracted-article" and the like lead from the notice to the article.
    related = ((found.get("related-article-type") or "").lower() for found in front.iterfind("related-article"))
    notices = {name.removesuffix("-forward") for name in related if name.endswith("-forward")}
    if kind.startswith("retracted") or "retraction" in notices or says_retracted(title_of(front)):
        return "retracted"
    if any("concern" in notice for notice in notices):
        return "expression of concern"
    if any(_CORRECTIONS.match(notice) for notice in notices):
        return "corrected"
    versions = " ".join(words_of(version) for version in front.iterfind("article-version"))
    preprint = kind == "preprint" or "preprint" in versions.lower() or _PREPRINTS.search(journal)
    return "preprint" if preprint else ""


def notices(article: Element) -> Iterator[Notice]:
    """Yield what a notice says has become of other articles."""
    if not is_notice([(article.get("article-type") or "").lower()]):
        return
    for related in front_of(article).iterfind("related-article"):
        status = _BECAME.get((related.get("related-article-type") or "").lower())
        number = next((value.strip() for name, value in related.items() if name.endswith("href")), "")
        if status and (doi := find_doi(number)):
            yield Notice(status, doi=doi)
        elif status and related.get("ext-link-type") in ("pubmed", "pmid") and number.isdigit():
            yield Notice(status, pmid=number)


_BECAME: dict[str, Status] = {
    "retracted-article": "retracted",
    "corrected-article": "corrected",
    "object-of-concern": "expression of concern",
}
_CORRECTIONS = re.compile(r"correct|corrigend|errat|partial-retraction")
_PREPRINTS = re.compile(r"rxiv\b", re.IGNORECASE)  # bioRxiv, medRxiv, arXiv and those named after them
