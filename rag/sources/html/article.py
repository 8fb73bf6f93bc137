"""A page that shows one paper as a review: title, facts and what the page says of its fate; then its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.sources.extract import Extract
from rag.sources.facts import Facts
from rag.sources.headings import ABSTRACT, usual_part
from rag.sources.html.blocks import Block
from rag.sources.html.identity import Identity, marked_names
from rag.sources.html.layout import FEWEST_WORDS, is_prose
from rag.sources.html.markup import Element
from rag.sources.html.parts import Parts
from rag.sources.html.shown import shown_facts
from rag.sources.lines import AUTHORS, CITATION, IDENTIFIERS, KEYWORDS, TITLE
from rag.types import Review, Section, Status

_OF_THIS = r"(?:this|the) (?:article|paper|publication|review|preprint|study|chapter)"
_NOTICES: dict[Status, re.Pattern[str]] = {
    "retracted": re.compile(
        rf"{_OF_THIS} (?:has been|was|is) (?:retracted|withdrawn)|^retracted(?: article)?$"
        r"|^retraction (?:in|published)\b",
        re.IGNORECASE,
    ),
    "expression of concern": re.compile(rf"expression of concern (?:(?:to|for|on) {_OF_THIS}|in:)", re.IGNORECASE),
    "corrected": re.compile(
        rf"(?:correction|corrigendum|erratum) (?:(?:to|for) {_OF_THIS}|in:|published\b)|{_OF_THIS} has been corrected",
        re.IGNORECASE,
    ),
}
_SHOWN = ("authors", "journal", "date", "doi", "pmid", "pmcid")
_IS_NOTICE = re.compile(r"(?:retraction|correction|corrigend|errat|expression of concern|withdrawal)", re.IGNORECASE)
_LONGEST_NOTICE = 300  # characters
_LONGEST_BYLINE = 300
_SHORTEST_TITLE = 12  # letters
_FEWEST_IN_TITLE = 5  # words, of one that is known by most of them
_OF_HEADING, _OF_LINE = 0.5, 0.8  # of a title that a heading, or another line, must hold to be it


def read_article(blocks: Sequence[Block], identity: Identity) -> Review:
    """Return the review that a page's blocks make, with the facts that its head states."""
    start = title_place(blocks, identity.title) if identity.title else _page_title_place(blocks, identity.page)
    title = identity.title or (blocks[start].words if start is not None else identity.page)
    if start is not None:
        # What the head leaves open, the page shows between its title and the abstract.
        shown = shown_facts(blocks, start)
        identity.facts = _completed(identity.facts, shown) if identity.is_of_paper else shown
    extract, facts = Extract(), identity.facts
    if identity.is_of_paper:
        below = blocks[start or 0 :]
        facts.authors = facts.authors or marked_names(_elements_of([*_until_prose(below, _LONGEST_BYLINE)]))
        stated = _stated([*blocks[: start or 0], *_until_prose(below, 0)], title)
        facts.status = facts.status if facts.status == "retracted" else stated or facts.status
    extract.add(blocks[start].words if start is not None else title, TITLE)
    extract.add("; ".join(facts.authors), AUTHORS)
    extract.add(". ".join(filter(None, (facts.journal, facts.date))), CITATION)
    extract.add(identifiers_line(facts), IDENTIFIERS)
    body = [*Parts(blocks[0 if start is None else start + 1 :]).placed()]
    kinds = {part.kind for _, part in body if part}
    if identity.abstract and not kinds & {"abstract", "body"}:
        extract.add_section(ABSTRACT.heading, [identity.abstract], ABSTRACT)
    for words, part in body:
        extract.add(words, part)
    if identity.keywords and not any(part and usual_part(part.heading) == KEYWORDS for _, part in body):
        extract.add_section(KEYWORDS.heading, ["; ".join(identity.keywords)], KEYWORDS)
    return extract.review(title, facts, url=identity.url)


def _completed(stated: Facts, shown: Facts) -> Facts:
    """Return what a head states of a paper, with what the page shows of it where nothing of both differs."""
    pairs = [(getattr(stated, name), getattr(shown, name)) for name in ("doi", "pmid", "pmcid")]
    if any(one and other and one != other for one, other in pairs):
        return stated
    missing = {name: getattr(shown, name) for name in _SHOWN if not getattr(stated, name)}
    return replace(stated, **missing)


def is_quotable(section: Section) -> bool:
    """Return whether a section holds what the paper found."""
    return section.kind in {"abstract", "body"}


def _until_prose(blocks: Sequence[Block], longest: int) -> Iterator[Block]:
    """Yield blocks up to the first prose of more characters, which is not what a page says of its paper."""
    for block in blocks:
        if len(block.words) > longest and is_prose(block.words, FEWEST_WORDS) and not _says_status(block):
            return
        yield block


def _says_status(block: Block) -> bool:
    return len(block.words) <= _LONGEST_NOTICE and any(said.search(block.words) for said in _NOTICES.values())


def _elements_of(blocks: Sequence[Block]) -> Iterator[Element]:
    """Yield the elements of a page from the first of some blocks to the last."""
    if blocks:
        begun = False
        for element in blocks[0].element.getroottree().iter():
            begun = begun or element is blocks[0].element
            if begun and isinstance(element.tag, str):
                yield element
            if element is blocks[-1].element:
                yield from element.iterdescendants()
                return


def _stated(blocks: Sequence[Block], title: str) -> Status:
    """Return what a page says above the text of what has become of its paper, which is no such notice itself."""
    if _IS_NOTICE.match(title):
        return ""
    notices = [block.words for block in blocks if _says_status(block)]
    return next((status for status, said in _NOTICES.items() if any(map(said.search, notices))), "")


def identifiers_line(facts: Facts) -> str:
    """Return the identifiers of a paper as one line."""
    named = (("DOI", facts.doi), ("PMID", facts.pmid), ("PMCID", facts.pmcid))
    return " ".join(f"{name}: {value}" for name, value in named if value)


def title_place(blocks: Sequence[Block], title: str) -> int | None:
    """Return the place of the block that is the title, a heading where one is."""
    found = [place for place, block in enumerate(blocks) if _is_title(block.words, title, block.level)]
    return min(found, key=lambda place: (blocks[place].level or 7, place), default=None)


def _is_title(words: str, title: str, level: int) -> bool:
    """Return whether words are a title, or nearly; a heading may be half of it, the first one spell it otherwise."""
    said, wanted = folded(words), folded(title)
    if said == wanted:
        return bool(said)
    shorter, longer = sorted((said, wanted), key=len)
    share = _OF_HEADING if level else _OF_LINE
    if len(shorter) >= max(_SHORTEST_TITLE, share * len(longer)) and shorter in longer:
        return True
    common = {*words.casefold().split()} & (named := {*title.casefold().split()})
    return level == 1 and len(named) >= _FEWEST_IN_TITLE and len(common) >= _OF_LINE * len(named)


def _page_title_place(blocks: Sequence[Block], title: str) -> int | None:
    """Return the place of the highest heading that stands in a page's own title, else of the first of the first level.

    One with few letters is the name of a site.
    """
    wanted = folded(title)
    headings = [(block.level, place, folded(block.words)) for place, block in enumerate(blocks) if block.level]
    long = [heading for heading in headings if len(heading[2]) >= _SHORTEST_TITLE]
    named = [heading for heading in long if heading[2] in wanted]
    found = sorted(named) or [heading for heading in long if heading[0] == 1]
    return found[0][1] if found else None


def folded(words: str) -> str:
    """Return the letters and digits of words in lower case."""
    return "".join(character for character in words.casefold() if character.isalnum())
