"""What PubMed saves as "Abstract (text)": numbered records of paragraphs in plain text.

1. J Lamp Stud. 2021 May;3(2):41-49. doi: 10.5555/lamp.3. Epub 2021 Jan 4.

Moths at street lamps: a review.

Wick A(1), Flint B(1)(2).

Author information:
(1)Institute of Dusk, Harbour Town.

BACKGROUND: Moths fly to lamps. …

DOI: 10.5555/lamp.3
PMID: 10000001 [Indexed for MEDLINE]
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.sources.assembly import assemble
from rag.sources.dates import JOURNAL_DATE
from rag.sources.headings import ABSTRACT, COMPETING
from rag.sources.identifiers import find_doi
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    COPYRIGHT,
    IDENTIFIERS,
    TITLE,
    Line,
    Part,
    is_prose,
    squeeze,
)
from rag.sources.names import looks_like_institution
from rag.sources.record import Field, abstract_lines, facts_of, gathered, separate_lines, title_of, url_of
from rag.sources.source_file import Notice, Reading, SourceFile
from rag.types import Review, Status

_BEGINS = re.compile(r"(?P<number>\d{1,14})\. (?=\S)")
_YEAR = re.compile(r"\b(?:1[89]|20)\d\d\b")
_CITATION = re.compile(
    rf"\d+\. (?P<journal>\S.{{0,300}}?)(?P<preprint> \[Preprint\])?\s?\. (?P<date>{JOURNAL_DATE})(?!\w)"
)
# A chapter has its title behind its number, and its book below the authors: "In: Roe M, editor. Lamps [Internet]. …".
_BOOK = re.compile(r"In: (?:.* editors?\. )?(?P<title>[^.]+?) \[Internet\]")
_LAST_DATE = re.compile(rf"(?P<date>{JOURNAL_DATE})(?: \[.*\])?\.?")
# The number of a record behind the last words of another, even behind its PMID, which is then not known.
_GLUED = re.compile(r"(?<=[^\s\d])\d{1,6}\. [^\W\d][^.]{1,100}\. (?:1[89]|20)\d\d\b|(?<=^PMID: )\d{2,14}\. [^\W\d]")
_IDENTIFIER = re.compile(r"(?P<name>DOI|PMCID|PMID): *(?P<value>10\.\S+|PMC\d+|\d{1,8}|)(?: *\[[^\]]*\])? *")
_HEAD = 5_000  # characters
_LONGEST_CITATION = 600
_MARKS = re.compile(r"\s*\([\d#*†‡§, ]+\)")  # of affiliations and shared work: "Wick A(#)(1)"
_INITIALS = re.compile(r"\S.{0,60}? [^\W\d_a-z][^\W\d_]{0,5}(?:-[^\W\d_]{1,3})?(?: (?:Jr|Sr|\d\w\w|I{2,3}|IV))?")
_LANGUAGE = r"\[(?:Article|Abstract) [^\]]{1,200}\]"
_NO_AUTHORS = re.compile(r"\[No authors listed\]", re.IGNORECASE)
_RIGHTS = re.compile(r"©|\bcopyright|\brights reserved", re.IGNORECASE)
_LONGEST_COPYRIGHT = 30  # words
_OTHER_ABSTRACT = Part("Other abstract", "abstract", "authors")
_BY_BEGINNING: tuple[tuple[re.Pattern[str], Part], ...] = (
    (re.compile(r"Author information: *[\r\n]"), AFFILIATIONS),
    (re.compile(r"Collaborators: "), AUTHORS),
    (re.compile(r"Conflict of interest statement: "), COMPETING),
    (re.compile(r"(?:Copyright )?(?:©|\(c\)|(?<=t )(?:19|20)\d\d)|Published by ", re.IGNORECASE), COPYRIGHT),
    (re.compile(r"Publisher: "), _OTHER_ABSTRACT),
    (re.compile(rf"{_LANGUAGE}|In: "), CITATION),
)
# Headings of the notices of a record above which the paper's own status is read; the others name other papers.
_NOTICES: dict[str, Field] = {
    "retraction in": "retracted",
    "retracted and republished in": "retracted",
    "expression of concern in": "concern",
    "erratum in": "corrected",
    "corrected and republished in": "corrected",
}
# What others say of the papers that they name, "" for which is the later version.
_OF_OTHERS: dict[str, Status] = {
    "retraction of": "retracted",
    "expression of concern for": "expression of concern",
    "erratum for": "corrected",
    "update in": "",
    "update of": "",
}
_LONGEST_NOTICE_HEADING = 60
_IDENTIFIED: frozenset[Field] = frozenset(["doi", "pmcid", "pmid"])


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins with a numbered citation or chapter and has the identifiers that end a record."""
    paragraphs = _paragraphs(file.text[:_HEAD])
    begins = len(paragraphs) > 1 and (_CITATION.match(squeeze(paragraphs[0].text)) or _is_chapter(paragraphs))
    return bool(begins) and any(map(_is_identifiers, _paragraphs(file.text)))


def read(file: SourceFile) -> Reading:
    """Return the numbered records as reviews, each with its own lines of the file as its text."""
    records = list(_records(_paragraphs(file.text)))
    reviews = (_review(file.text, one, number) for number, one in enumerate(records, start=1))
    notices = tuple(notice for one in records for notice in _of_others(one))
    return replace(gathered(file, "PubMed abstracts (text)", reviews), notices=notices)


def _of_others(record: Sequence[Line]) -> Iterator[Notice]:
    """Yield what a record says has become of other papers, and which is the later version of which, by their DOIs."""
    own = next((match["value"] for line in record for match in _identifiers(line) if match["name"] == "DOI"), "")
    for paragraph in filter(_notices, record):
        heading = ""
        for part in re.split(r"(?m)^(?! {2})(.+)$", paragraph.text):
            doi = find_doi(squeeze(part)) if heading in _OF_OTHERS and part.startswith(("\n", "\r")) else None
            if doi and (status := _OF_OTHERS[heading]):
                yield Notice(status, doi)
            elif doi and own:
                earlier, later = (own, doi) if heading == "update in" else (doi, own)
                yield Notice("", earlier.lower(), later=later.lower())
            heading = part.strip().casefold()


def _paragraphs(text: str) -> list[Line]:
    """Return as one line each: the runs of lines that no blank line divides, and those of identifiers."""
    spans: list[tuple[int, int]] = []
    named = False
    for line in separate_lines(text, _GLUED):
        before, named = named, bool(_IDENTIFIER.fullmatch(line.text))
        start = line.start if not spans or line.gap or named is not before else spans.pop()[0]
        spans.append((start, line.end))
    return [Line(start, end, text[start:end], gap=True) for start, end in spans]


def _records(paragraphs: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield the paragraphs of each record; below its identifiers a citation, or the next number, begins another."""
    record: list[Line] = []
    ended, number = True, 0
    for paragraph in paragraphs:
        begins = _BEGINS.match(paragraph.text) if ended else None
        if begins and (int(begins["number"]) in (1, number + 1) or _is_citation(paragraph)):
            if record:
                yield record
            record, ended, number = [], False, int(begins["number"])
        record.append(paragraph)
        ended = ended or _is_identifiers(paragraph)
    if record:
        yield record


def _is_citation(paragraph: Line) -> bool:
    return len(paragraph.text) <= _LONGEST_CITATION and bool(_YEAR.search(paragraph.text))


def _is_chapter(record: Sequence[Line]) -> bool:
    """Tell the record of a chapter by the book that it names above the abstract."""
    return bool(_BEGINS.match(record[0].text)) and any(_BOOK.match(squeeze(one.text)) for one in record[1:4])


def _review(text: str, record: Sequence[Line], number: int) -> Review | str:
    parts = _parts(record)
    values = _values(record, parts)
    title = title_of(values)
    if not title:
        return f"Record {number}: it has no title"
    start = record[0].start
    own = text[start : record[-1].end]
    facts = facts_of(values)
    placed = list(_placed(own, start, record, parts))
    lines, kinds = [line for line, _ in placed], [part for _, part in placed]
    return assemble(own, title, lines, kinds, facts, url=url_of(values, facts))


def _parts(record: Sequence[Line]) -> list[Part]:
    """Return the parts of a record's paragraphs: citation, title, authors, abstract and what is marked among them."""
    parts = [TITLE, AUTHORS] if _is_chapter(record) else [CITATION, TITLE]
    marked = [next((part for form, part in _BY_BEGINNING if form.match(one.text)), None) for one in record]
    for place, paragraph in enumerate(record[2:], start=2):
        known, below = marked[place], marked[place + 1 : place + 2]
        if _is_identifiers(paragraph):
            parts.append(IDENTIFIERS)
        elif IDENTIFIERS in parts:
            parts.append(COMPETING if known is COMPETING else BOILERPLATE)
        elif known or _notices(paragraph):
            parts.append(known or BOILERPLATE)
        elif not {AUTHORS, ABSTRACT} & {*parts} and (_is_authors(paragraph) or {AFFILIATIONS, AUTHORS} & {*below}):
            parts.append(AUTHORS)
        elif parts[-1] is AUTHORS and _is_old_affiliation(paragraph):
            parts.append(AFFILIATIONS)
        else:
            parts.append(COPYRIGHT if parts[-1] is ABSTRACT and _is_copyright(paragraph) else ABSTRACT)
    return parts[: len(record)]


def _is_identifiers(paragraph: Line) -> bool:
    """Tell the lines of identifiers that end every record; one of a DOI alone belongs to a text."""
    names = [match["name"] for match in _identifiers(paragraph)]
    return "PMID" in names and len(names) == len(_lines(paragraph))


def _identifiers(paragraph: Line) -> list[re.Match[str]]:
    return [match for line in _lines(paragraph) if (match := _IDENTIFIER.fullmatch(line))]


def _lines(paragraph: Line) -> list[str]:
    return re.split(r"\r\n|\n|\r", paragraph.text)


def _notices(paragraph: Line) -> list[str]:
    """Return the headings of a list of other papers: "Comment in", with indented citations below each."""
    lines = _lines(paragraph)
    headings = [line.strip().casefold() for line in lines if not line.startswith("  ")]
    short = all(0 < len(heading) <= _LONGEST_NOTICE_HEADING for heading in headings)
    return headings if short and len(lines) > len(headings) else []


def _is_authors(paragraph: Line) -> bool:
    """Tell a list of names with initials, "Wick A(1), Flint B; Dusk Group.", by the first; none has no such name."""
    words = squeeze(paragraph.text)
    first = re.split(r"[,;]", _MARKS.sub("", words.rstrip(".")), maxsplit=1)[0]
    return bool(_NO_AUTHORS.match(words) or (_INITIALS.fullmatch(first) and words.endswith(".")))


def _is_old_affiliation(paragraph: Line) -> bool:
    """Tell the first author's address, which older files set below the names without a heading."""
    return looks_like_institution(paragraph.text) and not is_prose(paragraph.text, 1)


def _is_copyright(paragraph: Line) -> bool:
    """Tell who owns an abstract from the abstract above it: "This article is protected by copyright."."""
    return len(paragraph.text.split()) <= _LONGEST_COPYRIGHT and bool(_RIGHTS.search(paragraph.text))


def _values(record: Sequence[Line], parts: Sequence[Part]) -> dict[Field, list[str]]:
    values: dict[Field, list[str]] = {}
    for paragraph, part in zip(record, parts, strict=True):
        words = squeeze(paragraph.text)
        if part is CITATION and "citation" not in values:
            values |= _published(paragraph, words)
        elif part is TITLE:
            values["title"] = [squeeze(_without_number(paragraph, record))]
        elif part is AUTHORS and "author" not in values:
            values["author"] = _names(words)
        elif part is IDENTIFIERS and not _IDENTIFIED & values.keys():
            names: dict[str, Field] = {"DOI": "doi", "PMCID": "pmcid", "PMID": "pmid"}
            values |= {names[match["name"]]: [match["value"]] for match in _identifiers(paragraph)}
        elif part is BOILERPLATE:
            values |= {_NOTICES[heading]: [heading] for heading in _notices(paragraph) if heading in _NOTICES}
    return values


def _without_number(paragraph: Line, record: Sequence[Line]) -> str:
    """Return a paragraph without the number of its record, which stands before the title of a chapter."""
    number = _BEGINS.match(paragraph.text) if paragraph is record[0] and _is_chapter(record) else None
    return paragraph.text[number.end() :] if number else paragraph.text


def _published(paragraph: Line, words: str) -> dict[Field, list[str]]:
    """Return where and when a paper was published, by its citation, or a chapter, by that of its book."""
    if stated := _CITATION.match(words):
        types = ["Preprint"] if stated["preprint"] else []
        return {"citation": [words], "journal": [stated["journal"]], "date": [stated["date"]], "type": types}
    if book := _BOOK.match(words):
        date = _LAST_DATE.fullmatch(_lines(paragraph)[-1].strip())
        return {"citation": [""], "journal": [book["title"]], "date": [date["date"]] if date else []}
    return {"citation": [words]}


def _names(words: str) -> list[str]:
    names = (name.strip() for name in re.split(r"[,;] ", _MARKS.sub("", words).removesuffix(".")))
    return [name for name in names if name and not _NO_AUTHORS.fullmatch(name)]


def _placed(own: str, start: int, record: Sequence[Line], parts: Sequence[Part]) -> Iterator[tuple[Line, Part]]:
    """Yield the paragraphs with their places in the record's text; those of the abstract together, by its labels."""
    for place, (paragraph, part) in enumerate(zip(record, parts, strict=True)):
        if part is not ABSTRACT:
            words = _without_number(paragraph, record)
            end = paragraph.end - start
            yield Line(end - len(words), end, words, gap=True), part
        elif parts[place - 1] is not ABSTRACT:
            last = next(at for at in range(place, len(parts) + 1) if parts[at : at + 1] != [ABSTRACT]) - 1
            yield from abstract_lines(own, paragraph.start - start, record[last].end - start)
