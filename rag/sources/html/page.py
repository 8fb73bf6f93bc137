"""A saved web page: of PubMed, of a journal or preprint server, or any other that holds a text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from rag.sources.html import markup, pubmed_record
from rag.sources.html.article import folded, is_quotable, read_article, title_place
from rag.sources.html.blocks import Block, read_blocks
from rag.sources.html.identity import Identity, read_identity
from rag.sources.html.layout import FEWEST_WORDS, is_prose
from rag.sources.html.markup import Element
from rag.sources.html.records import read_records
from rag.sources.identifiers import find_doi, find_pmcid, find_pmid
from rag.sources.record import gathered, laid_out
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

_NOTICE = re.compile(
    r"cookies?\b|javascript|captcha|verify (?:that )?you|you are (?:human|a robot)|access denied|page (?:you|not)\b"
    r"|not (?:be )?found|forbidden|sign in|log ?in\b|subscri(?:be|ption)|purchase|institutional access|your browser"
    r"|too many requests|privacy policy|terms of (?:use|service)|accept all|try again|ray id",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 3_000  # characters
_WORDS_PER_NOTICE = 25
_FEWEST_ITEMS = 5
_LONGEST_ITEM = 4_000  # characters, with an abstract
_MOST_BESIDE = 1_500  # characters of prose beside a list of papers
_NOTES_OF_ZOTERO = "zotero-note"
_LISTED = 0.5  # of what a page says stands in the items of a list of papers
_FEWEST_IN_TITLE = 4  # words
_LONGEST_QUOTED = 80


def recognises(file: SourceFile) -> bool:
    """Return whether a file is a web page, alone or in the archive that a browser makes of it."""
    return markup.is_page(file.content) or markup.is_mhtml(file.content) or _is_webarchive(file.content)


def _is_webarchive(content: bytes) -> bool:
    return content.startswith(b"bplist00") and b"WebMainResource" in content


def read(file: SourceFile) -> Reading:
    """Return the review or records that a web page shows; raise UnreadableReview for a notice or a list of papers."""
    if _is_webarchive(file.content):
        raise file.refused("is a web archive of Safari; save the page as “Page Source” or as a PDF")
    content = markup.page_in_mhtml(file.content) if markup.is_mhtml(file.content) else file.content
    root = markup.parse(content)
    body = None if root is None else root.find("body")
    blocks = [] if body is None else read_blocks(body)
    if root is None or not (blocks or root.find(".//meta") is not None):
        raise file.refused("is an empty web page")
    identity = _checked(read_identity(root), blocks)
    identity.page = identity.page or next((one.words for one in blocks if one.level), "") or PurePath(file.name).stem
    if body is not None and pubmed_record.is_record(body):
        review = pubmed_record.read_record(body, identity.facts)
        return Reading("PubMed page (HTML)", (review,), len(review.text), of_records=True)
    if body is not None and not identity.is_of_paper and (records := read_records(body)):
        return gathered(file, "page of records (HTML)", map(laid_out, records))
    if not identity.is_of_paper and _lists_papers(blocks):
        raise file.refused("is a web page that lists papers, not a paper; open one of them and save that page")
    review = read_article(blocks, identity)
    if not identity.is_of_paper and _is_notice(review, blocks):
        shown = (review.title or " ".join(block.words for block in blocks))[:_LONGEST_QUOTED]
        raise file.refused(f"holds a notice, not a paper: “{shown}”")
    if root.find_class(_NOTES_OF_ZOTERO):
        return Reading("notes of Zotero (HTML)", (_as_notes(review),), len(review.text))
    return Reading("web page (HTML)", (review,), len(review.text), guessed=not identity.is_of_paper)


def _as_notes(review: Review) -> Review:
    """Return a review whose words a reader wrote or marked."""
    noted = (replace(one, provenance="note") if is_quotable(one) else one for one in review.sections)
    return replace(review, sections=tuple(noted))


def _checked(identity: Identity, blocks: Sequence[Block]) -> Identity:
    """Return what a page's head states, if the page shows that paper: else the head was left from another page."""
    title = identity.title
    if not title or not blocks or title_place(blocks, title) is not None or folded(title) in folded(identity.page):
        return identity
    return Identity(identity.page, url=identity.url)


def _is_notice(review: Review, blocks: Sequence[Block]) -> bool:
    """Return whether all that a page says is a cookie banner, an error or a test for robots."""
    said = " ".join(review.text[section.start : section.end] for section in review.sections if is_quotable(section))
    said = said or " ".join(block.words for block in blocks)
    notices, words = len(_NOTICE.findall(said[:_LONGEST_NOTICE])), len(said.split())
    return 0 < len(said) <= _LONGEST_NOTICE and notices * _WORDS_PER_NOTICE >= words


def _lists_papers(blocks: Sequence[Block]) -> bool:
    """Return whether a page is hardly more than items alike, each with an identifier or a title that is a link."""
    said: dict[Element, int] = defaultdict(int)
    items: set[Element] = set()
    for block in blocks:
        named = _names_paper(block)
        for element in (block.element, *block.element.iterancestors()):
            said[element] += len(block.words)
            if named:
                items.add(element)
    whole = sum(len(block.words) for block in blocks)
    short = {item for item in items if said[item] <= _LONGEST_ITEM}
    most = [alike for alike in _alike(short) if sum(said[item] for item in alike) >= _LISTED * whole]
    return any(_prose_beside(blocks, {*alike}) < _MOST_BESIDE for alike in most)


def _prose_beside(blocks: Sequence[Block], items: set[Element]) -> int:
    """Return how many characters of prose stand outside of some elements."""
    prose = [block for block in blocks if is_prose(block.words, FEWEST_WORDS)]
    return sum(len(block.words) for block in prose if items.isdisjoint((block.element, *block.element.iterancestors())))


def _names_paper(block: Block) -> bool:
    if find_doi(block.words) or find_pmid(block.words) or find_pmcid(block.words):
        return True
    links = (link.text_content().split() for link in block.element.iter("a"))
    return block.linked > 0 and any(len(words) >= _FEWEST_IN_TITLE for words in links)


def _alike(items: set[Element]) -> Iterator[list[Element]]:
    """Yield the elements of one name and class that stand in one other, where they are many."""
    groups: dict[tuple[Element, str, str], list[Element]] = defaultdict(list)
    for element in items:
        if element.getparent() is not None and element.tag != "p":
            groups[element.getparent(), element.tag, element.get("class") or ""].append(element)
    yield from (alike for alike in groups.values() if len(alike) >= _FEWEST_ITEMS)
