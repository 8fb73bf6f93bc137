"""A saved PubMed abstract page, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.sources import identifiers
from rag.sources.dates import find_year
from rag.sources.entities import terms_in
from rag.sources.headings import ABSTRACT, abstract_label, is_rule, next_line, usual_part, without_marks
from rag.sources.lines import BOILERPLATE, COPYRIGHT, IDENTIFIERS, KEYWORDS, TITLE, Line, Part, key, sections
from rag.sources.pubmed_head import Head, is_citation, read_head
from rag.sources.pubmed_words import HEADINGS, MESH, SUBSTANCES, begins_foot, is_frame
from rag.types import Review

_ONLY_PUBMED = frozenset(
    ["pubmed disclaimer", "linkout - more resources", "see all similar articles", "search in pubmed", "search in mesh"]
    + ["title & authors", "save citation to file", "item in clipboard"]
)
_USUAL = frozenset(
    ["similar articles", "cited by", "mesh terms", "publication types", "substances", "grants and funding", "abstract"]
    + ["conflict of interest statement", "related information", "affiliations", "references", "full text links"]
    + ["skip to main page content", "an official website of the united states government", "page navigation"]
)
_NAVIGATION = frozenset(["page navigation", "title & authors", "title and authors"])
_HEADING = re.compile(r"(?P<words>[a-z][a-z –-]*?)(?: \(\d+\)| in [a-z]+(?:, [a-z]+)*)?")
_ELSEWHERE_USUAL = frozenset(["competing interests", "references"])
_ABSTRACT_INLINE = re.compile(r"(?i:abstract)\s*[:.–—]\s*\S|ABSTRACT\s+[A-Z]|Abstract\s+[A-Z][a-z]+ [a-z]")
_IDENTIFIERS = re.compile(r"(?:PMID|PMCID|DOI)\s*:.{1,200}")
_LONGEST_FACT = 2_000
_KEYWORDS = re.compile(r"key ?words?\s*[:：]", re.IGNORECASE)
_COPYRIGHT = re.compile(r"(?:copyright\b|©|\(c\)\s*(?:19|20)\d\d)", re.IGNORECASE)
_RIGHTS = re.compile(r"rights reserved|text and data mining", re.IGNORECASE)
_FEWEST_WORDS = 25  # of a paragraph that is an abstract though no heading says so


def is_pubmed_page(lines: Sequence[Line]) -> bool:
    """Return whether lines come from a PubMed abstract page, whole or cut."""
    keys = {key(line) for line in lines}
    own = len(keys & _ONLY_PUBMED) + any(words.startswith("access keys") for words in keys)
    own += any(words.endswith(" - pubmed") for words in keys)
    patterns = any(is_citation(line.text) and line.text[0] == "." for line in lines)
    patterns += any(line.text.startswith("PMID") and len(line.text) < 200 for line in lines)
    signs = own + len(keys & _USUAL) + patterns
    return (own >= 1 and signs >= 2) or (signs >= 3 and patterns >= 1)


def read_pubmed(text: str, lines: Sequence[Line]) -> Review:
    """Return the review that a PubMed page shows; without a title it is only the frame of a page."""
    keys = [key(line) for line in lines]
    opening = _sections_start(lines, keys)
    head = read_head(lines[:opening])
    parts = [*head.parts, *_parts_below(lines, keys, opening)]
    return _review(text, lines, parts, head)


def _sections_start(lines: Sequence[Line], keys: Sequence[str]) -> int:
    """Return the place of the first section: a heading outside the table of contents, or an abstract without one."""
    navigation = _navigation(lines, keys)
    cited = False
    for place, (line, words) in enumerate(zip(lines, keys, strict=True)):
        follower = keys[place + 1] if place + 1 < len(keys) else "end"
        if _part_of(words) and place not in navigation and not (words == "abstract" and is_frame(follower)):
            return place
        beginning = line.text[:400]
        if _KEYWORDS.match(beginning) or _ABSTRACT_INLINE.match(beginning) or (cited and _is_prose(line)):
            return place
        cited = cited or is_citation(line.text) or line.text.startswith("PMID")
    return len(lines)


def _is_prose(line: Line) -> bool:
    """Return whether a line is a paragraph: most words are small, unlike in lists of names and addresses."""
    words = line.text[:2_000].split()
    return len(words) >= _FEWEST_WORDS and sum(word[0].islower() for word in words) > len(words) * 0.6


def _navigation(lines: Sequence[Line], keys: Sequence[str]) -> set[int]:
    """Return the places of headings that follow each other without anything between, above the citation."""
    cited = next((place for place, line in enumerate(lines) if is_citation(line.text)), 0)
    found: set[int] = set()
    run: list[int] = []
    for place, words in enumerate(keys):
        listed = words in _NAVIGATION or (bool(run) and words in {"affiliations", "keywords"})
        if listed or _part_of(words):
            run.append(place)
            continue
        if run and (keys[run[0]] in _NAVIGATION or (len(run) >= 3 and run[-1] < cited)):
            found.update(run)
        run = []
    return found


def _part_of(words: str) -> Part | None:
    match = _HEADING.fullmatch(words)
    if match and (part := HEADINGS.get(words) or HEADINGS.get(match["words"])):
        return part
    usual = usual_part(words) if words else None
    return Part(words.capitalize(), usual.kind, usual.provenance) if usual and usual.kind in _ELSEWHERE_USUAL else None


def _parts_below(lines: Sequence[Line], keys: Sequence[str], opening: int) -> Iterator[Part | None]:
    """Yield the parts of the lines from the first section on."""
    current = ABSTRACT
    for place in range(opening, len(lines)):
        line, words = lines[place], keys[place]
        if heading := (BOILERPLATE if begins_foot(words) else _part_of(words)):
            current = heading
            yield None if heading is not BOILERPLATE else BOILERPLATE
        elif is_rule(line):
            yield None
        elif is_frame(words):
            yield BOILERPLATE
        elif current.kind == "abstract" and (label := abstract_label(line, next_line(lines, place))):
            current = Part(f"{ABSTRACT.heading}: {label}", "abstract", "authors")
            yield None
        else:
            current = _part_by_label(line, current)
            yield current


def _part_by_label(line: Line, current: Part) -> Part:
    """Return the part of a line within a section: keywords, copyright and identifiers stand below the abstract."""
    beginning = line.text[:400]
    if _ABSTRACT_INLINE.match(beginning):
        return ABSTRACT
    if current.kind not in {"abstract", "bibliographic"} and current is not BOILERPLATE:
        return current
    if _KEYWORDS.match(beginning):
        return KEYWORDS
    if _COPYRIGHT.match(beginning):
        return BOILERPLATE if _RIGHTS.search(beginning) else COPYRIGHT
    return IDENTIFIERS if _IDENTIFIERS.match(beginning) and current is not BOILERPLATE else current


def _review(text: str, lines: Sequence[Line], parts: Sequence[Part | None], head: Head) -> Review:
    placed = list(zip(lines, parts, strict=True))

    def lines_of(wanted: Part) -> list[Line]:
        return [line for line, part in placed if part == wanted]

    above = [line for line, _ in zip(lines, head.parts, strict=False)]
    printed = "\n".join(line.text for line in [*above, *lines_of(IDENTIFIERS)] if len(line.text) < _LONGEST_FACT)
    doi, pmid, pmcid = (find(printed) for find in (identifiers.find_doi, identifiers.find_pmid, identifiers.find_pmcid))
    return Review(
        id=identifiers.review_id(doi, pmid, pmcid, text),
        title=head.title or "",
        text=text,
        sections=sections([without_marks(line) if part is TITLE else line for line, part in placed], parts),
        authors=head.authors,
        journal=head.journal,
        year=find_year(head.date),
        date=head.date,
        doi=doi,
        pmid=pmid,
        pmcid=pmcid,
        url=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/" if pmid else None,
        entities=terms_in(lines_of(SUBSTANCES), SUBSTANCES.heading),
        mesh=tuple(term.name for term in terms_in(lines_of(MESH), MESH.heading)),
    )
