"""Reviews as references for a reference manager: BibTeX, RIS, CSL-JSON.

Authors, titles and journals are text: none of their signs ends a field, starts a record or acts in LaTeX.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote as percent_encoded
from urllib.parse import urlsplit

from rag.shelf import abridged_at, surname
from rag.types import Exchange, Review

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERIC_DATE = re.compile(r"\d{4}[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
_WORDED_DATE = re.compile(rf"(?:\b(\d{{1,2}})\s)?\b({'|'.join(MONTHS)})[a-z]*\.?(?:\s(\d{{1,2}})\b)?", re.IGNORECASE)
_DOI = re.compile(r"10\.\d{4,9}/\S+")
_OTHERS = re.compile(r"[,;\s]*(?:^|\b)(?:et\s+al\b|and\s+(?:others|colleagues|co-?workers)\b)[.\s]*$", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr|II|III|IV|MD|PhD)\.?")
_GROUP = re.compile(r"\b(?:Consortium|Group|Society|Committee|Collaborat\w+|Investigators|Network|Organi[sz]ation)\b")
# Braces are named, not escaped: BibTeX counts an escaped one as well. Dashes and quotation marks that follow each other
# would become one sign.
_LATEX = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "^": r"{\textasciicircum}",
    "~": r"{\textasciitilde}",
    "`": r"{\textasciigrave}",
    "-": "-{}",
    "'": "'{}",
    **{sign: f"\\{sign}" for sign in "%&$#_"},
}
_ACTS = re.compile(r"[\\{}^~`%&$#_]|-(?=-)|'(?=')")
# A part of a name that BibTeX reads as it stands; any other is put in braces.
_PLAIN_NAME = re.compile(r"(?!.*\b(?:and|others)\b)[^\W\d_]+(?:[\s.'’-]+[^\W\d_]+)*\.?", re.IGNORECASE)
_ET_AL = "et al."
Notes = Mapping[str, str]
_NO_NOTES: Notes = {}
# What identifiers and addresses hold; braces and backslashes among others are none of it.
_VERBATIM = ":/?#[]@!$&'()*+,;=%~-._<>"
# A word of a title from this length on tells the review in its key.
_KEY_WORD = 4


@dataclass(frozen=True, slots=True)
class Name:
    """The parts of an author's name; a group has a family name only."""

    family: str
    given: str = ""
    suffix: str = ""


def cited_reviews(exchanges: Iterable[Exchange]) -> list[Review]:
    """Return the reviews that answers quote, or show as closest, in order of first citation."""
    cited: dict[str, Review] = {}
    for one in exchanges:
        shelf = {review.id: review for review in one.reviews}
        for citation in one.answer.quoted if one.answer else ():
            cited.setdefault(citation.quote.review_id, shelf[citation.quote.review_id])
    return list(cited.values())


def bibtex(reviews: Sequence[Review], notes: Notes = _NO_NOTES) -> str:
    """Return reviews as BibTeX in UTF-8: capitals protected, the names of months as BibTeX has them.

    `notes` are texts by the id of the review, here and in the other forms.
    """
    from bibtexparser.entrypoint import write_string
    from bibtexparser.library import Library
    from bibtexparser.model import Entry, Field

    library = Library()
    for key, review in _keyed(reviews):
        told = ("annote", _latex(_one_line(notes.get(review.id, ""))))
        fields = [Field(name, value) for name, value in (*_bibtex_fields(review), told) if value]
        if month := _published(review)[1:2]:
            fields.append(Field("month", MONTHS[month[0] - 1], enclosing="no-enclosing"))
        library.add(Entry("article" if review.journal else "misc", key, fields))
    return write_string(library)


def ris(reviews: Sequence[Review], notes: Notes = _NO_NOTES) -> str:
    """Return reviews as RIS: a line a field, an empty line between records."""
    from rispy import RisWriter, dumps

    class Unnumbered(RisWriter):  # type: ignore[misc]
        def set_header(self, count: int) -> str:
            return ""

    records = [_ris_record(key, review, notes.get(review.id, "")) for key, review in _keyed(reviews)]
    return str(dumps(records, implementation=Unnumbered))


def csl_json(reviews: Sequence[Review], notes: Notes = _NO_NOTES) -> str:
    """Return reviews as CSL-JSON, which pandoc, Zotero and citation processors read."""
    items = [_csl_item(key, review, notes.get(review.id, "")) for key, review in _keyed(reviews)]
    return json.dumps(items, ensure_ascii=False, indent=2) + "\n"


def author_name(author: str) -> Name:
    """Return the parts of an author's name as a page prints it.

    >>> author_name("Jane Q Doe"), author_name("Doe JQ")
    (Name(family='Doe', given='Jane Q', suffix=''), Name(family='Doe', given='J. Q.', suffix=''))
    >>> author_name("Ludwig van der Berg"), author_name("Doe, Jane, Jr.")
    (Name(family='van der Berg', given='Ludwig', suffix=''), Name(family='Doe', given='Jane', suffix='Jr.'))
    """
    author = author.strip(" ,")
    family, *rest = (part.strip() for part in author.split(",", 2))
    if rest and family:
        suffixes = [part for part in rest if _SUFFIX.fullmatch(part)]
        given = ", ".join(part for part in rest if part not in suffixes)
        return Name(family, _initials(given), " ".join(suffixes))
    words = author.split()
    if len(words) < 2 or _GROUP.search(author):
        return Name(author)
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    family = surname(" ".join(words))
    if family != words[-1]:  # "Doe JQ"
        return Name(family, _initials(words[-1]), suffix)
    last = len(words) - 1
    while last > 1 and words[last - 1].islower():
        last -= 1
    return Name(" ".join(words[last:]), _initials(" ".join(words[:last])), suffix)


def reference(review: Review) -> str:
    """Return a review as a line of a list of references: authors, title, journal and date."""
    authors, others = _authors(review)
    published = (review.journal, review.date or review.year)
    parts = [
        ", ".join([*authors, *[_ET_AL] * others]),
        review.title,
        ", ".join(str(part) for part in published if part),
    ]
    lines = [_one_line(part) for part in parts]
    return " ".join(line if line[-1] in ".?!" else f"{line}." for line in lines if line)


def doi_url(doi: str | None) -> str | None:
    """Return the address of a DOI, or None when it is none."""
    return f"https://doi.org/{percent_encoded(doi, safe='/')}" if doi and _DOI.fullmatch(doi) else None


def _initials(given: str) -> str:
    """Return initials that stand together, "JQ", apart: "J. Q."."""
    if len(given) <= 3 and given.isalpha() and given.isupper():
        return " ".join(f"{letter}." for letter in given)
    return given


def _authors(review: Review) -> tuple[list[str], bool]:
    """Return the authors that a page names, as printed, and whether it leaves others out."""
    printed = [_one_line(author) for author in review.authors]
    named = [_OTHERS.sub("", author) for author in printed]
    # Only the label tells that the page says "et al." after its one author.
    abridged = abridged_at(review) is not None
    return [author for author in named if author], abridged or named != printed


def _published(review: Review) -> tuple[int, ...]:
    """Return the year, the month and the day of a review, as far as its page tells them."""
    if not review.year:
        return ()
    date = review.date or ""
    if numeric := _NUMERIC_DATE.search(date):
        month, day = int(numeric[1]), int(numeric[2] or 0)
    elif worded := _WORDED_DATE.search(date):
        month, day = MONTHS.index(worded[2].lower()) + 1, int(worded[1] or worded[3] or 0)
    else:
        return (review.year,)
    parts = (review.year, month, day)
    return parts[: 1 + (1 <= month <= 12) + (1 <= month <= 12 and 1 <= day <= 31)]


def _keyed(reviews: Sequence[Review]) -> list[tuple[str, Review]]:
    """Return each review after its key, "sioud2026engineering"; those that clash get letters in order of their ids."""
    plain = {review.id: _plain_key(review) for review in reviews}
    times = Counter(plain.values())
    taken = {key for key, number in times.items() if number == 1}
    keys: dict[str, str] = {}
    for review_id, key in sorted(plain.items()):
        if times[key] > 1:
            key = next(lettered for at in count() if (lettered := key + _letters(at)) not in taken)
            taken.add(key)
        keys[review_id] = key
    return [(keys[review.id], review) for review in reviews]


def _letters(at: int) -> str:
    """Return "a" to "z", then "aa", "ab" and so on."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("a") + at % 26)


def _plain_key(review: Review) -> str:
    authors, _ = _authors(review)
    words = [_ascii(word) for word in review.title.split()]
    word = next((word for word in words if len(word) >= _KEY_WORD), "".join(words[:1]))
    return f"{_ascii(author_name(authors[0]).family) if authors else ''}{review.year or ''}{word}" or "review"


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]", "", plain)


def _bibtex_fields(review: Review) -> Iterator[tuple[str, str]]:
    authors, others = _authors(review)
    yield "author", " and ".join([*map(_bibtex_name, authors), *["others"] * others])
    yield "title", _capitals_kept(_one_line(review.title))
    yield "journal", _latex(_one_line(review.journal or ""))
    yield "year", str(review.year or "")
    for name, value in _identifiers(review).items():
        yield name.lower(), value


def _bibtex_name(author: str) -> str:
    """Return a name as BibTeX takes it apart: "Doe, Jr., Jane"."""
    name = author_name(author)
    return ", ".join(_bibtex_name_part(part) for part in (name.family, name.suffix, name.given) if part)


def _bibtex_name_part(part: str) -> str:
    words = part.split()
    grouped = len(words) > 1 and _GROUP.search(part)
    return part if _PLAIN_NAME.fullmatch(part) and not grouped else f"{{{_latex(part)}}}"


def _capitals_kept(title: str) -> str:
    """Return a title in which braces keep the capitals that a style would make small.

    >>> _capitals_kept("Engineering CAR-T cells")
    'Engineering {CAR-T} cells'
    """
    first, space, others = title.partition(" ")
    return _braced(first, first[1:]) + space + " ".join(_braced(word, word) for word in others.split())


def _braced(word: str, kept: str) -> str:
    """Return a word for LaTeX, in braces where there are capitals in what of it is to be kept."""
    before, inner, after = re.findall(r"^(\W*)(.*?)(\W*)$", word, re.DOTALL)[0]
    middle = _latex(inner) if kept == kept.lower() else f"{{{_latex(inner)}}}"
    return _latex(before) + middle + _latex(after)


def _latex(text: str) -> str:
    """Return a text of which no sign acts in LaTeX; letters stay as they are."""
    return _ACTS.sub(lambda sign: _LATEX[sign[0]], text)


def _ris_record(key: str, review: Review, note: str) -> dict[str, str | list[str]]:
    authors, others = _authors(review)
    published, identifiers = _published(review), _identifiers(review)
    record: dict[str, str | list[str]] = {
        "type_of_reference": "JOUR" if review.journal else "GEN",
        "id": key,
        "authors": [*map(_ris_name, authors), *[_ET_AL] * others],
        "title": _one_line(review.title),
        "secondary_title": _one_line(review.journal or ""),
        "year": str(review.year or ""),
        "date": "/".join([f"{published[0]}", *(f"{part:02}" for part in published[1:])]) if published else "",
        "doi": identifiers.get("DOI", ""),
        "accession_number": identifiers.get("PMID", ""),
        "name_of_database": "PubMed" if "PMID" in identifiers else "",
        "custom2": identifiers.get("PMCID", ""),
        "urls": [identifiers["URL"]] if "URL" in identifiers else [],
        "notes": [_one_line(note)] if note else [],
    }
    return {name: value for name, value in record.items() if value}


def _ris_name(author: str) -> str:
    name = author_name(author)
    return ", ".join(part for part in (name.family, name.given, name.suffix) if part)


def _csl_item(key: str, review: Review, note: str) -> dict[str, Any]:
    authors, others = _authors(review)
    item = {
        "id": key,
        "type": "article-journal" if review.journal else "document",
        "author": [*map(_csl_name, authors), *[{"literal": _ET_AL}] * others],
        "title": _one_line(review.title),
        "container-title": _one_line(review.journal or ""),
        "issued": {"date-parts": [_published(review)]} if review.year else None,
        **_identifiers(review),
        "note": _one_line(note),
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(author: str) -> dict[str, str]:
    name = author_name(author)
    if not name.given:
        return {"literal": name.family}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}


def _identifiers(review: Review) -> dict[str, str]:
    """Return DOI, PMID, PMCID and URL, without the signs that end a field where identifiers stand verbatim."""
    doi = review.doi if doi_url(review.doi) else None
    found = {"DOI": doi, "PMID": review.pmid, "PMCID": review.pmcid, "URL": _web_address(review.url)}
    return {name: percent_encoded(value, safe=_VERBATIM) for name, value in found.items() if value}


def _web_address(url: str | None) -> str | None:
    """Return an address that opens a page on the web, else None."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return parts.geturl() if parts.scheme in ("http", "https") and parts.hostname else None


def _one_line(text: str) -> str:
    """Return a text on one line, without control characters."""
    folded = re.sub(r"\s+", " ", text)
    return "".join(sign for sign in folded if unicodedata.category(sign) not in ("Cc", "Cs")).strip()
