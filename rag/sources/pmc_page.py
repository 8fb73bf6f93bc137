"""An article page of PubMed Central, copied as text from the first line to the last: frame, head, the paper, foot."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources.assembly import assemble
from rag.sources.facts import Facts, stated_names
from rag.sources.headings import (
    OF_PAPERS,
    Heading,
    Outline,
    abstract_label,
    abstract_part,
    labelled_part,
    next_line,
    usual_part,
)
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    IDENTIFIERS,
    JOURNAL,
    TITLE,
    Line,
    Part,
    key,
    listed,
    split_lines,
)
from rag.sources.names import looks_like_institution
from rag.sources.pubmed.citation import is_citation, issue_date, journal_in
from rag.sources.source_file import Reading, SourceFile
from rag.sources.told import Told, names_near, told_kinds
from rag.types import Status

# What PMC prints around a paper.
_OWN = listed("""
    pmc home page | pmc copyright notice | search in pmc | article notes | copyright and license information
    | journal list | pmc disclaimer | open in a new tab | open in a separate window | go to | pmc search update
    | search pmc full-text archive | publication of this article | view on publisher site
""")
_FRAME = _OWN | listed("""
    user guide | search… | log in | account | logged in as | username | copyright notice | disclaimer | pmc beta search
    | see additional information | view article | other formats | pubreader | epub | cite | share | search in pubmed
    | view in nlm catalog | add to search | author information | permalink | add to collections | collections | pdf
""")
_OLDER = re.compile(r"(?:author information )?(?:article notes )?copyright and license information")
_PICTURE = re.compile(r"an external file that holds a picture|object name is ")
_NEVER = re.compile(
    r"footnotes|publisher's note|associated data|contributor information"
    r"|supplement(?:ary|al) (?:materials?|data|files?)|electronic supplementary material"
)
_NOTICE = re.compile(
    r"this article has been (?P<what>retracted|corrected)|(?P<concern>expression of concern)", re.IGNORECASE
)
_PUBLISHED_AS = re.compile(r"(?:published in final edited form as|published as)\s*:\s*", re.IGNORECASE)
_FOOT = re.compile(r"articles from .* are provided here courtesy of|actions$|resources$|follow ncbi$|on this page$")
_FINDS = re.compile(r"Find articles by\s+(?P<name>\S.{1,80})")
_NUMBERS = re.compile(r"PMCID:?\s*PMC\d+|PMID:?\s*\d+|NIHMSID:?\s*NIHMS\d+")
_LATER = re.compile(r"(?:published online|prepublished online|epub|doi:|e-?collection)", re.IGNORECASE)
_CAPTION = re.compile(r"(?:table|fig(?:ure)?|box|scheme)\.?\s*S?\d+\.?", re.IGNORECASE)
_OPENS = listed("abstract | introduction | background | summary | main text | plain language summary")
_LONGEST_HEADING, _PARAGRAPH = 120, 60


def recognises(file: SourceFile) -> bool:
    """Return whether a text is a page of PubMed Central: its frame, and a number of PMC."""
    if not _NUMBERS.search(file.text) or "PMC" not in file.text:
        return False
    keys = [key(line) for line in split_lines(file.text)]
    return len({*keys} & _OWN) + (keys.count("go to") > 1) + any(map(_OLDER.match, keys)) >= 2


def read(file: SourceFile) -> Reading:
    """Return the paper of a PMC page; the page's frame is never part of it."""
    lines = split_lines(file.text)
    keys = [key(line) for line in lines]
    opening = _opening(lines, keys)
    closing = next((place for place in range(opening, len(lines)) if _FOOT.match(keys[place])), len(lines))
    facts = Facts()
    title, head = _head(lines[:opening], keys, facts)
    body = list(_body(lines[:closing], keys, opening))
    parts = [*head, *body, *[BOILERPLATE] * (len(lines) - closing)]
    words = lines[title].text if title is not None else ""
    return Reading("PMC page", (assemble(file.text, words, lines, parts, facts),), len(file.text))


def _opening(lines: Sequence[Line], keys: Sequence[str]) -> int:
    """Return where the paper begins: at its first heading below the numbers of the page."""
    numbered = [place for place, line in enumerate(lines) if _NUMBERS.search(line.text[:200])]
    first = numbered[0] if numbered else 0
    return next((place for place in range(first, len(lines)) if keys[place] in _OPENS), first + 1)


_STATUS: dict[str, Status] = {"retracted": "retracted", "corrected": "corrected"}


def _head(lines: Sequence[Line], keys: Sequence[str], facts: Facts) -> tuple[int | None, list[Part | None]]:
    """Return the place of the title and the parts of the lines above the paper; add what they state to the facts."""
    cited = next((place for place, line in enumerate(lines) if is_citation(_PUBLISHED_AS.sub("", line.text))), None)
    title = _title(lines, keys, cited)
    facts.authors = _authors(lines, title)
    stated = lines[cited : title or len(lines)] if cited is not None else ()
    if cited is not None:
        texts = [_PUBLISHED_AS.sub("", line.text) for line in stated]
        facts.date = issue_date(texts)
        above = lines[cited - 1].text if cited else ""
        facts.journal = journal_in(texts[0]) or (above if 0 < len(above) < _LONGEST_HEADING else None)
        facts.add_identifiers(" ".join(text for text in texts if _LATER.search(text) or text == texts[0]))
    facts.add_identifiers(" ".join(line.text for line in lines if _NUMBERS.search(line.text[:200])))
    notices = filter(None, (_NOTICE.match(line.text) for line in lines))
    facts.status = next(("expression of concern" if n["concern"] else _STATUS[n["what"].lower()] for n in notices), "")
    certain = {cited: CITATION, (cited or 0) - 1: JOURNAL, title: TITLE}
    below = len(lines) if title is None else title
    return title, [certain.get(place) or _in_head(line, facts, below=place > below) for place, line in enumerate(lines)]


def _in_head(line: Line, facts: Facts, *, below: bool) -> Part:
    """Return the part of a line beside the title, or `below` it."""
    if _NUMBERS.search(line.text[:200]):
        return IDENTIFIERS
    if below and line.text in facts.authors:
        return AUTHORS
    return AFFILIATIONS if below and looks_like_institution(line.text) else BOILERPLATE


def _title(lines: Sequence[Line], keys: Sequence[str], cited: int | None) -> int | None:
    """Return the place of the first line below the citation that is no frame, date or number."""
    for place in range((cited + 1) if cited is not None else len(lines), len(lines)):
        text = lines[place].text
        frame = keys[place] in _FRAME or _LATER.match(text) or _NUMBERS.match(text)
        if not frame and len(text.split()) > 1:
            return place
    return None


def _authors(lines: Sequence[Line], title: int | None) -> tuple[str, ...]:
    """Return the names beside which the page offers a search, else those told to be names below the title."""
    found = [match["name"].strip() for line in lines if (match := _FINDS.match(line.text))]
    if found or title is None:
        return tuple(dict.fromkeys(found))
    told = Told(lines, told_kinds(lines), title=range(title, title + 1))
    return stated_names([lines[at].text for at in names_near(told)])


def _body(lines: Sequence[Line], keys: Sequence[str], opening: int) -> Iterator[Part | None]:
    """Yield the parts of the lines of the paper."""
    outline = Outline(Part("Text", "body", "authors"))
    for place in range(opening, len(lines)):
        line, words = lines[place], keys[place]
        labelled = labelled_part(line)
        current = outline.current
        if words in _FRAME or _PICTURE.match(words):
            yield BOILERPLATE
        elif (
            current.kind == "abstract"
            and (label := abstract_label(line, next_line(lines, place)))
            and words not in _OPENS
        ):
            outline.current = abstract_part(label)
            yield None
        elif heading := _heading(lines, words, place, led=place > opening and keys[place - 1] == "go to"):
            part = BOILERPLATE if _NEVER.fullmatch(words) else usual_part(heading.text)
            outline.enter(heading, part or Part(heading.text, "body", "authors"))
            yield None
        else:
            yield labelled or current


def _heading(lines: Sequence[Line], words: str, place: int, *, led: bool) -> Heading | None:
    """Return the heading that a line is: a usual one, one below a "Go to", or a short line above a paragraph."""
    line, below = lines[place], next_line(lines, place)
    if not words or below is None or "\t" in line.text or _CAPTION.fullmatch(line.text):
        return None
    if usual_part(line.text) or words in _OPENS or words in OF_PAPERS or _NEVER.fullmatch(words) or led:
        return Heading(1, line.text.strip(" :"))
    plain = len(line.text) <= _LONGEST_HEADING and line.text[-1] not in ".,;:!?" and not line.text[0].islower()
    return Heading(1, line.text) if plain and below.gap and len(below.text) >= _PARAGRAPH else None
