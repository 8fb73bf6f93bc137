"""What the readers of bibliographic records share: names, facts and the text of a record, from its fields.

A record is given by its fields under the names that `Field` lists, each with its values in the record's order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Literal
from urllib.parse import unquote

from rag.errors import UnreadableReview
from rag.sources.dates import find_date, find_year
from rag.sources.extract import Extract
from rag.sources.facts import Facts
from rag.sources.headings import ABSTRACT, COMPETING, FUNDING, REFERENCES, abstract_label, abstract_part
from rag.sources.identifiers import find_address, find_doi, find_pmcid, find_pmid
from rag.sources.lines import AFFILIATIONS, AUTHORS, CITATION, KEYWORDS, TITLE, Line, Part, split_lines, squeeze
from rag.sources.names import in_full, looks_like_institution, split_names
from rag.sources.source_file import Reading, SourceFile
from rag.sources.status import says_retracted
from rag.types import Review, Status

_Paper = Literal["title", "author", "group", "affiliation", "abstract", "keyword", "mesh", "type"]
_Place = Literal["journal", "date", "year", "month", "day", "volume", "issue", "pages", "citation"]
_Identifier = Literal["doi", "pmid", "pmcid", "accession", "database", "url"]
_Statement = Literal["funding", "competing", "reference", "note"]
# What has become of the paper, told by a notice that the record names; the wording of that is not read.
_Notice = Literal["retracted", "concern", "corrected"]
Field = _Paper | _Place | _Identifier | _Statement | _Notice
Fields = Mapping[Field, Sequence[str]]

NOTES = Part("Notes", "summary", "note")

FROM_PUBMED = "save them from PubMed as “Abstract (text)” or “PubMed” instead"

_TAG = re.compile(r"</?(?:i|b|u|em|strong|su[bp]|sc|p|br|span|jats:[a-z-]+)(?:\s[^<>]{0,100})?/?>", re.IGNORECASE)
_BYTE_ORDER_MARK = "\ufeff"
_SUFFIX = re.compile(r"(?:Jr|Sr|I{1,3}|IV|2nd|3rd)\.?", re.IGNORECASE)
_ASIDE = re.compile(r"\[[^\]]{0,200}\]|\([^()@]{0,100}@[^()]{0,100}\)|\(\d{5,}\)")  # address and number behind a name
_INITIALS = re.compile(r"(?:[^\W\d_a-zß-ÿ]\.?[\s-]?){1,4}")
_ET_AL = re.compile(r"(?:et al|and others|others)\.?", re.IGNORECASE)
_COMPACT_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"[^\W\d_]{3,}")
_PMID = re.compile(r"(?:PMID\s*:|MEDLINE:|PUBMED\b)?\s*0*([1-9]\d{0,7})(?:\.0)?")
_CITED_JOURNAL = re.compile(r"(?:\(\d{4}\) )?(?P<journal>[^\d(;:]{3,150}?)[.,]?\s[\d(]")
_NAMED = re.compile(r"([A-Za-z][\w -]{1,30}):\s*(\S+)\s*")
_ONLY_DOI = re.compile(r"(?:doi\s*:\s*)?(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/\S+", re.IGNORECASE)
_DOI_AS_WRITTEN = re.compile(r"\b10\.\d{4,9}\S*")
_OTHER_IDENTIFIER = re.compile(r"\s\[(?!doi\])\w+\]$")
_PUBMED = re.compile(r"\b(?:pubmed|medline|nlm)\b", re.IGNORECASE)
_NOT_GIVEN = re.compile(r"\[?\s*not available\s*\]?\.?", re.IGNORECASE)
_TRANSLATED = re.compile(r"\[(?:[^\[\]]|\[[^\[\]]*\])*\]")
# Records that speak of another paper: what they say has become of that one.
_ABOUT_ANOTHER = frozenset(["retraction of publication", "retraction notice", "published erratum", "erratum"])
_LABEL = re.compile(r"(?<!\S)[A-Z](?:[\w'’/&,()-]|\s(?=\S)|\s{2,20}(?=\S)){2,60}?:(?=\s+\S)")
_SENTENCE_ENDS = ".!?…"
_LONGEST_LABEL = 8  # words
_NOTICE = re.compile(
    r"(?<=[.\s])(?:Copyright\s*)?(?:©|\([cC]\)|(?<=Copyright ))\s*(?:(?:19|20)\d\d\b|The Authors?).{0,250}$"
)
_FEWEST_LABELS = 2  # in an abstract that is structured


def name_in_order(name: str) -> str:
    """Return a person's name with the given name first; a name without a comma, and an institution's, as it stands.

    >>> name_in_order("van der Berg, Ada M"), name_in_order("Doe, Jane, Jr."), name_in_order("Roe MQ")
    ('Ada M van der Berg', 'Jane Doe Jr.', 'Roe MQ')
    """
    name = squeeze(_ASIDE.sub("", name)).strip(" ,;")
    family, *rest = [part.strip() for part in name.split(",")]
    if not 1 <= len(rest) <= 2 or looks_like_institution(name):
        return name
    suffixes = [part for part in rest if _SUFFIX.fullmatch(part)]
    given = [part for part in rest if part not in suffixes]
    return squeeze(" ".join([*given, family, *suffixes]))


def listed_names(text: str) -> list[str]:
    """Return the names of an author list in one string, in whatever of the usual ways they are divided.

    >>> listed_names("Doe, Jane; Roe, M."), listed_names("Doe, J. and Roe, M."), listed_names("Doe, J., & Roe, M.")
    (['Jane Doe', 'M. Roe'], ['J. Doe', 'M. Roe'], ['J. Doe', 'M. Roe'])

    Two words may be one name or the surnames of two people; they stay as they stand.

    >>> listed_names("Doe, Jane"), listed_names("Doe J, Roe M")
    (['Doe, Jane'], ['Doe J', 'Roe M'])
    """
    text = in_full(squeeze(text))
    for separator in (r";", r",?\s+and\s+"):
        names = [name for name in re.split(separator, text) if name.strip(" ,.") and not _ET_AL.fullmatch(name.strip())]
        if len(names) > 1 and (separator == ";" or all(name.count(",") == 1 for name in names)):
            return [name_in_order(name) for name in names]
    pieces = [piece.strip() for piece in re.split(r",|\s&\s", text) if piece.strip(" ,;&")]
    if len(pieces) % 2 == 0 and all(map(_INITIALS.fullmatch, pieces[1::2])):
        return [f"{given} {family}" for family, given in zip(pieces[::2], pieces[1::2], strict=True)]
    if len(pieces) <= 2 and any(" " not in piece for piece in pieces):
        return [text.strip(" ,;")]
    return list(split_names(text))


def facts_of(fields: Fields) -> Facts:
    """Return what the fields of a record state of the paper; nothing is taken from its wording."""
    addresses = [address for value in fields.get("url", ()) if (address := find_address(value))]
    types = tuple(dict.fromkeys(_types(fields)))
    return Facts(
        authors=tuple(filter(None, map(squeeze, (*fields.get("author", ()), *fields.get("group", ()))))),
        journal=_first(fields, "journal") or _journal_cited(_first(fields, "citation")),
        date=_date(fields),
        doi=_doi(fields, addresses),
        pmid=_pmid(fields, addresses),
        pmcid=_pmcid(fields, addresses),
        types=types,
        status=_status(fields, types),
    )


def without_tags(text: str) -> str:
    """Return a text without the HTML tags that set type in titles and abstracts: "<i>in vivo</i>"."""
    return _TAG.sub("", text) if "<" in text else text


def title_of(fields: Fields) -> str:
    """Return the title of a record on one line, without its dot, and without the brackets that mark a translation."""
    titles = [title for title in map(squeeze, fields.get("title", ())) if title]
    title = next((title for title in titles if not _NOT_GIVEN.fullmatch(title)), titles[0] if titles else "")
    title = title[:-1] if title.endswith(".") and not title.endswith("..") else title
    return title[1:-1] if _TRANSLATED.fullmatch(title) else title


def url_of(fields: Fields, facts: Facts) -> str | None:
    """Return the address that a record gives, else that of its record in PubMed."""
    stated = next((address for value in fields.get("url", ()) if (address := find_address(value))), None)
    return stated or (f"https://pubmed.ncbi.nlm.nih.gov/{facts.pmid}/" if facts.pmid else None)


def laid_out(fields: Fields) -> Review:
    """Return the review of a record that has no text of its own: its fields in the order in which a paper has them."""
    facts, title = facts_of(fields), title_of(fields)
    extract = Extract()
    extract.add(title, TITLE)
    extract.add("; ".join(facts.authors), AUTHORS)
    for affiliation in fields.get("affiliation", ()):
        extract.add(affiliation, AFFILIATIONS)
    extract.add(_citation(fields, facts), CITATION)
    for label, start, end in abstract_stretches(abstract := _first(fields, "abstract")):
        extract.add(label or ABSTRACT.heading, None)
        extract.add(abstract[start:end], abstract_part(label) if label else ABSTRACT)
    extract.add_section("Keywords", ["; ".join(fields.get("keyword", ()))], KEYWORDS)
    extract.add_section("Funding", fields.get("funding", ()), FUNDING)
    extract.add_section("Competing interests", fields.get("competing", ()), COMPETING)
    extract.add_section("Notes", fields.get("note", ()), NOTES)
    extract.add_section("References", fields.get("reference", ()), REFERENCES)
    return extract.review(title, facts, url=url_of(fields, facts), mesh=tuple(fields.get("mesh", ())))


def abstract_stretches(text: str) -> list[tuple[str, int, int]]:
    """Return the stretches of an abstract, each with its label, "" where it has none, and its place.

    The notice of copyright that databases put behind it is none.

    >>> abstract_stretches("AIMS: To see. METHODS: We looked.")
    [('Aims', 6, 13), ('Methods', 23, 33)]
    """
    labels = list(_labels(text))
    if len(labels) < _FEWEST_LABELS or text[: labels[0][1]].strip():
        labels = [("", 0, 0)]
    notice = _NOTICE.search(text)
    ends = [start for _, start, _ in labels[1:]] + [notice.start() if notice else len(text)]
    places = ((label, *_trimmed(text, start, end)) for (label, _, start), end in zip(labels, ends, strict=True))
    return [(label, start, end) for label, start, end in places if start < end]


def abstract_lines(text: str, start: int, end: int) -> Iterator[tuple[Line, Part]]:
    """Yield the stretches of the abstract that stands between two places of a text, as lines with their parts."""
    for label, first, last in abstract_stretches(text[start:end]):
        wording = text[start + first : start + last]
        part = abstract_part(label) if label else ABSTRACT
        yield Line(start + first, start + last, wording, gap=False), part


def separate_lines(text: str, glued: re.Pattern[str]) -> Iterator[Line]:
    """Yield the lines of a file that may be several, set one behind the other without care.

    The byte order mark of each is left out, and a line is cut where a match of `glued` begins another record in it.
    """
    for line in split_lines(text):
        cut = match.start() if (match := glued.search(line.text)) else 0
        for place, words in ((0, line.text[:cut]), (cut, line.text[cut:])):
            if bare := words.strip().strip(_BYTE_ORDER_MARK).strip():
                start = line.start + place + words.find(bare)
                yield Line(start, start + len(bare), bare, gap=line.gap or place > 0)


def gathered(file: SourceFile, kind: str, records: Iterable[Review | str]) -> Reading:
    """Return the reading of a file from its records, each a review or the line that tells why it is none.

    Raises UnreadableReview where none is a review.
    """
    found = list(records)
    reviews = tuple(record for record in found if isinstance(record, Review))
    refused = tuple(record for record in found if isinstance(record, str))
    if not reviews:
        raise file.refused(f"holds no reference that can be read{f'. {refused[0]}' if refused else ''}")
    return Reading(kind, reviews, sum(len(review.text) for review in reviews), refused, of_records=True)


def without_text(file: SourceFile, count: int, instead: str) -> UnreadableReview:
    """Return the error for a file of references without abstracts; `instead` says what to do."""
    holds = "1 reference" if count == 1 else f"{count:,} references"
    return file.refused(f"holds {holds} without text; {instead}")


def _labels(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the labels in an abstract, each with the places where it begins and where the text below it does."""
    for match in _LABEL.finditer(text):
        label, start = match.group()[:-1], match.start()
        if text[max(start - 20, 0) : start].rstrip()[-1:] not in ("", *_SENTENCE_ENDS):
            start = match.end() - 1 - len(label := _known_tail(label))
        elif not (_is_upper(label) or _is_known(label)):
            continue
        if label and len(label.split()) <= _LONGEST_LABEL:
            heading = squeeze(label).capitalize() if label.isupper() else squeeze(label)
            yield "" if heading == "Unlabelled" else heading, start, match.end()


def _known_tail(label: str) -> str:
    """Return the longest end of some words in capitals that is a usual label: where no stop stands before it."""
    starts = (match.start() for match in re.finditer(r"(?<!\S)\S", label))
    return next((label[at:] for at in starts if label[at:].isupper() and _is_known(label[at:])), "")


def _is_upper(label: str) -> bool:
    return label.isupper() and sum(map(str.isalpha, label)) > 3


def _is_known(label: str) -> bool:
    return abstract_label(Line(0, len(label), label, True), Line(0, 0, "", False)) is not None


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    wording = text[start:end]
    return start + len(wording) - len(wording.lstrip()), start + len(wording.rstrip())


def _first(fields: Fields, name: Field) -> str:
    return next(filter(None, map(squeeze, fields.get(name, ()))), "")


def _journal_cited(citation: str) -> str | None:
    """Return the journal before the volume or the year, of "J Lamps. 12(3):33-41, 2021"."""
    match = _CITED_JOURNAL.match(citation)
    return match["journal"] if match else None


def _date(fields: Fields) -> str | None:
    """Return the fullest date that agrees with the year that the record states, as printed there."""
    year = next((year for value in fields.get("year", ()) if (year := find_year(_spelled(value)))), None)
    for value in (*fields.get("date", ()), *fields.get("year", ()), *fields.get("citation", ())):
        date = find_date(_spelled(value)) or find_date(f"{year} {value}")
        if date and year in (None, find_year(date)) and date != str(year):
            return date
    return _joined_date(str(year), _first(fields, "month"), _first(fields, "day")) if year else None


def _spelled(date: str) -> str:
    return _COMPACT_DATE.sub(r"\1-\2-\3", date)


def _joined_date(year: str, month: str, day: str) -> str:
    if month.isdecimal() and 1 <= int(month) <= 12:
        return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day.isdecimal() and 1 <= int(day) <= 31 else "")
    words = squeeze(f"{month.replace(year, ' ')} {day}").strip(" -,")
    return find_date(f"{year} {_MONTH.sub(lambda word: word.group().title(), words)}") or year


def _types(fields: Fields) -> Iterator[str]:
    for value in fields.get("type", ()):
        yield from (kind for part in value.split(";") if (kind := squeeze(part)) and not _ONLY_DOI.fullmatch(kind))


def _doi(fields: Fields, addresses: Sequence[str]) -> str | None:
    """Return the DOI of the paper: from its own field, else from one that is nothing but a DOI, else its citation."""
    stated = [unquote(value) for value in fields.get("doi", ()) if not _OTHER_IDENTIFIER.search(value.rstrip())]
    elsewhere = (*map(unquote, addresses), *fields.get("note", ()), *fields.get("type", ()))
    alone = [value for value in elsewhere if _ONLY_DOI.fullmatch(value.strip())]
    cited = fields.get("citation", ())
    found = map(_whole_doi, (*stated, *alone, *_named(fields, "doi"), *cited))
    return next(filter(None, found), None)


def _whole_doi(value: str) -> str | None:
    """Return the DOI in a value, none where it breaks off at a sign that is in no DOI: another may begin alike."""
    doi, written = find_doi(value), _DOI_AS_WRITTEN.search(value)
    return doi if doi and written and not re.search(r"\w", written.group()[len(doi) :]) else None


def _pmid(fields: Fields, addresses: Sequence[str]) -> str | None:
    databases = " ".join(fields.get("database", ()))
    of_pubmed = _PUBMED.search(databases) and "embase" not in databases.lower()
    stated = (*fields.get("pmid", ()), *(fields.get("accession", ()) if of_pubmed else ()), *_named(fields, "pmid"))
    numbers = [match[1] for value in stated if (match := _PMID.fullmatch(value.strip()))]
    numbers += [number for address in addresses if (number := find_pmid(address))]
    return numbers[0] if numbers else None


def _pmcid(fields: Fields, addresses: Sequence[str]) -> str | None:
    stated = [value for value in fields.get("pmcid", ()) if value.strip().upper().startswith("PMC")]
    stated += [address for address in addresses if "/pmc/" in address or "pmc.ncbi" in address]
    return next((number for value in (*stated, *_named(fields, "pmcid")) if (number := find_pmcid(value))), None)


def _named(fields: Fields, name: str) -> Iterator[str]:
    """Yield the values of a name in lines "PMID: 123" that a note of Zotero begins with; below, it is the reader's."""
    for note in fields.get("note", ()):
        for match in takewhile(bool, map(_NAMED.fullmatch, note.splitlines())):
            if match and match[1].lower() == name:
                yield match[2]


def _status(fields: Fields, types: Sequence[str]) -> Status:
    """Return what has become of a paper by its own record; a notice about another one has no status."""
    kinds = {kind.casefold() for kind in types}
    marked = says_retracted(title_of(fields)) and not _ABOUT_ANOTHER & kinds
    if marked or fields.get("retracted") or any(kind.startswith("retracted") for kind in kinds):
        return "retracted"
    if fields.get("concern"):
        return "expression of concern"
    if fields.get("corrected"):
        return "corrected"
    return "preprint" if "preprint" in kinds else ""


def _citation(fields: Fields, facts: Facts) -> str:
    """Return journal, date, volume, pages and identifiers on a line."""
    volume, issue, pages = (_first(fields, name) for name in ("volume", "issue", "pages"))
    place = volume + (f"({issue})" if issue else "") + (f":{pages}" if pages else "")
    published = ";".join(filter(None, (facts.date, place)))
    named = (("doi", facts.doi), ("PMID", facts.pmid), ("PMCID", facts.pmcid))
    return ". ".join(filter(None, (facts.journal, published, *(f"{name}: {value}" for name, value in named if value))))
