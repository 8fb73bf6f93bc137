"""What the lines around the title of a text state of the paper, and what the frame says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from rag.sources.cited import names_beside_place, place_cited
from rag.sources.dates import PRINTED_DATE
from rag.sources.facts import WIKI_LINK, Facts, is_printed_in, read_facts, stated_names
from rag.sources.furniture import add_own_doi, add_stated, is_furniture, latest_year, letters, years_in
from rag.sources.headings import CITE, DETAILS, labelled_part, usual_part, without_marks
from rag.sources.identifiers import find_doi
from rag.sources.lines import AFFILIATIONS, AUTHORS, BOILERPLATE, CITATION, Part, is_prose, key
from rag.sources.names import is_byline, looks_like_institution, looks_like_names
from rag.sources.pubmed.citation import is_citation, issue_date, journal_in
from rag.sources.told import Told, names_near

TEXT = Part("Text", "body", "authors")

_FACT_LINES, _NEAR = 12, 6  # below a title, and above it
_SHORTEST_TITLE = 20  # letters
_YEAR_IN_BRACKETS = re.compile(r"\(((?:19|20)\d\d)\)")
_POSTED = re.compile(rf"^Posted (?:on )?({PRINTED_DATE})\.?$", re.IGNORECASE | re.MULTILINE)
_LONGEST_HEAD = 60  # lines
_LONGEST_FACT = 2_000
_FEWEST_WORDS = 8  # of a sentence
_FOOT_OF_PRINT = 3  # lines below the text; more are the foot of a web page, which names other papers, too
_LONGEST_CITED = 60  # characters of a citation that is none
_LONGEST_LINE = 300

Parts = list[Part | None]


def stated_facts(told: Told, parts: Parts, fields: Mapping[str, str]) -> Facts:
    """Return what the front matter and the lines around the title state, and mark these lines."""
    facts = Facts()
    for name, value in fields.items():
        facts.add(name, value)
    facts.add_identifiers(fields.get("url", ""))
    _add_names(told, parts, facts)
    head = [*_add_above(told, parts, facts), *_add_below(told, parts, facts)]
    head = [line for line in head if not WIKI_LINK.search(line)]
    add_stated(head, facts)
    add_own_doi(head, facts)
    for line in _citations_of(told):
        facts.add("citation", line)
        facts.date = facts.date or next(iter([*_YEAR_IN_BRACKETS.findall(line), *years_in(line)[-1:]]), None)
    frame = [at for at, part in enumerate(parts) if part is BOILERPLATE]
    foot = 1 + max((at for at, part in enumerate(parts) if part is not BOILERPLATE), default=0)
    around = [without_marks(told.lines[at]).text for at in frame if at < foot or len(parts) - foot <= _FOOT_OF_PRINT]
    own = {None, *map(place_cited, head)}
    # Lines with links to other notes, or that cite another place than those at the title do, are about others.
    around = [line for line in around if not WIKI_LINK.search(line) and (len(own) == 1 or place_cited(line) in own)]
    add_own_doi(filter(is_furniture, around), facts)
    posted = _POSTED.findall("\n".join(told.lines[at].text for at in frame))
    facts.date = facts.date or latest_year(head) or next(iter(posted), None)
    _mark_affiliations(told, parts)
    _add_parts(told, parts, facts)
    return facts


def _add_names(told: Told, parts: Parts, facts: Facts) -> None:
    """Add the names near the title; what stands between these and the title is no text."""
    names = names_near(told) if told.title else []
    facts.authors = facts.authors or stated_names([told.lines[at].text for at in names])
    below = told.lines[told.title.stop : told.title.stop + 1] if told.title else []
    facts.authors = facts.authors or stated_names([names_beside_place(line.text) for line in below])
    if facts.authors and names:
        for at in range(told.title.stop, names[-1] + 1):
            parts[at] = BOILERPLATE if parts[at] is TEXT else parts[at]
        for at in names:
            parts[at] = AUTHORS


def _add_above(told: Told, parts: Parts, facts: Facts) -> list[str]:
    """Add what the lines above the title cite, and return the last of these."""
    first, texts = max(told.body, told.title.start - _LONGEST_HEAD), [line.text for line in told.lines]
    above = [at for at in range(first, told.title.start) if parts[at] in (TEXT, BOILERPLATE)]
    for at in above:
        if is_printed_in(texts[at]) or is_citation(texts[at]):
            facts.add("journal", journal_in(texts[at]) or texts[at])
            facts.add("date", issue_date([texts[at]]) or "")
            parts[at] = CITATION
    return [texts[at] for at in above[-_NEAR:]]


def _add_below(told: Told, parts: Parts, facts: Facts) -> list[str]:
    """Add what the lines below the title state, and return these."""
    below = _below_title(told, parts)
    lines = [told.lines[at] for at in below]
    for at, fact in zip(below, read_facts(lines, facts, otherwise=TEXT), strict=True):
        parts[at] = parts[at] if fact is TEXT or parts[at] is AUTHORS else fact
    return [line.text for line in lines]


def _below_title(told: Told, parts: Sequence[Part | None]) -> list[int]:
    """Return the places of the lines below the title, or of the first, above the first heading and the first prose."""
    places: list[int] = []
    for place in range(max(told.title.stop, told.body), len(told.lines)):
        text = told.lines[place].text
        usual = usual_part(text)
        framed = told.kinds[place] in ("frame", "authors", "place") or is_furniture(
            without_marks(told.lines[place]).text
        )
        framed = (
            framed
            or parts[place] is AUTHORS
            or is_byline(text)
            or (usual is not None and usual.kind == "bibliographic")
        )
        short = len(text) <= _LONGEST_LINE and not is_prose(text, _FEWEST_WORDS) and len(places) < _FACT_LINES
        if not (framed or (parts[place] in (TEXT, BOILERPLATE) and short)) or len(places) > _LONGEST_HEAD:
            break
        places.append(place)
    return places


def _citations_of(told: Told) -> list[str]:
    """Return the lines that cite the paper: of the frame by its whole title, or as a page says that it be cited."""
    words = letters(" ".join(without_marks(told.lines[at]).text for at in told.title))
    found = []
    for at, line in enumerate(told.lines):
        asked = labelled_part(line) is CITATION or (at and CITE.fullmatch(key(told.lines[at - 1])))
        titled = len(words) >= _SHORTEST_TITLE and words in letters(line.text) != words
        if (titled and (asked or told.kinds[at] == "frame")) or (asked and find_doi(line.text)):
            found.append(line.text)
    return found


def _mark_affiliations(told: Told, parts: Parts) -> None:
    """Mark the addresses that follow the names of the authors."""
    for place in range(1, len(told.lines)):
        text = told.lines[place].text
        follows = parts[place - 1] in (AUTHORS, AFFILIATIONS) and parts[place] is TEXT
        if follows and len(text) <= _LONGEST_LINE and looks_like_institution(text):
            parts[place] = AFFILIATIONS


def _add_parts(told: Told, parts: Sequence[Part | None], facts: Facts) -> None:
    """Add what stands below the headings of citations, details and authors, wherever these are."""
    for line, part in zip(told.lines, parts, strict=True):
        if part is CITATION and (labelled_part(line) is CITATION or len(line.text) > _LONGEST_CITED):
            facts.add("citation", line.text)
        elif part and DETAILS.fullmatch(part.heading.casefold()):
            read_facts([line], facts, otherwise=TEXT)
        elif part and usual_part(part.heading) == AUTHORS and looks_like_names(line.text[:_LONGEST_FACT]):
            facts.add("authors", line.text)
