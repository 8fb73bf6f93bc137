"""What a page shows of its paper where its head states nothing: the lines above the abstract, and how to cite it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import takewhile

from rag.sources.facts import LABELS, Facts, is_printed_in, read_facts
from rag.sources.furniture import add_stated
from rag.sources.headings import CITE, labelled_part, usual_part
from rag.sources.html.blocks import Block
from rag.sources.html.identity import is_preprint
from rag.sources.html.layout import as_line, is_within, marks, with_ancestors
from rag.sources.identifiers import find_doi, find_pmcid, find_pmid
from rag.sources.lines import CITATION, KEYWORDS, key
from rag.sources.names import looks_like_names, split_names

_MOST_LINES = 30  # between a title and an abstract
_LONGEST_LINE = 5_000
_FEWEST_IN_TITLE = 4  # words, of one that no other title holds
_AUTHORS_MARK = re.compile(r"author|byline|contrib", re.IGNORECASE)
_CITED = re.compile(r"^[^:.]{0,40}:\s*")


def shown_facts(blocks: Sequence[Block], title: int) -> Facts:
    """Return the facts of the paper whose title stands at a place of a page; none where the page may only be about it.

    They are believed between a title and an abstract, or where the page says that the paper with this title or by
    these authors is how to cite it.
    """
    below = blocks[title + 1 :]
    abstract = next((at for at, block in enumerate(below[:_MOST_LINES]) if _begins_abstract(block)), None)
    front = [*takewhile(lambda block: not block.level, below[:_MOST_LINES])]
    if abstract is not None and all(_is_of_head(block) for block in below[:abstract]):
        head = _above(blocks, title, below[abstract])
        front = [*head, *(block for block in below[:abstract] if not block.level)]
        return _stated(front, blocks[title])
    facts = _stated(front, blocks[title])
    cited = [words for words in _citations(below) if _is_own(words, blocks[title].words, facts.authors)]
    if not cited or len({*map(find_doi, cited)}) > 1:
        return Facts()
    facts.add("citation", cited[0])
    return facts


def _stated(front: Sequence[Block], title: Block) -> Facts:
    """Return what the lines below a title state: nothing where they name several papers."""
    lines = [block.words for block in front if len(block.words) <= _LONGEST_LINE]
    if len({doi for words in lines if (doi := find_doi(words))}) > 1:
        return Facts()
    facts = Facts(authors=_names(front, title))
    read_facts([as_line(words) for words in lines if _is_named(words)], facts, KEYWORDS)
    add_stated(lines, facts)
    facts.status = "preprint" if is_preprint(facts) else facts.status
    return facts


def _names(front: Sequence[Block], title: Block) -> tuple[str, ...]:
    """Return the names in the first line that is marked as that of the authors, or in it and those like it."""
    marked = [block for block in front if looks_like_names(block.words) and _is_of_authors(block, title)]
    alike = [block for block in marked if _kind(block) == _kind(marked[0])]
    return tuple(dict.fromkeys(name for block in alike for name in split_names(block.words)))


def _is_of_authors(block: Block, title: Block) -> bool:
    around = takewhile(lambda each: not is_within(title.element, each), with_ancestors(block.element))
    return any(_AUTHORS_MARK.search(marks(each)) for each in around)


def _kind(block: Block) -> tuple[object, ...]:
    return block.element.tag, block.element.get("class"), block.element.getparent()


def _is_named(words: str) -> bool:
    """Return whether a line names what it states, by its label, by an identifier or as a journal prints it."""
    label = words.partition(":")[0].casefold().strip()
    identified = find_doi(words) or find_pmid(words) or find_pmcid(words)
    return label in LABELS or bool(identified) or is_printed_in(words)


def _begins_abstract(block: Block) -> bool:
    usual = usual_part(block.words) if block.level else None
    return usual is not None and usual.kind == "abstract"


def _is_of_head(block: Block) -> bool:
    """Return whether a block may stand between a title and its abstract: a line, or a heading above the authors."""
    usual = usual_part(block.words) if block.level else None
    return not block.level or (usual is not None and usual.kind == "bibliographic")


def _above(blocks: Sequence[Block], title: int, abstract: Block) -> Sequence[Block]:
    """Return the lines above a title that stand with it and its abstract in an element of their own."""
    around = [*with_ancestors(blocks[title].element)]
    shared = next((each for each in with_ancestors(abstract.element) if each in around), None)
    if shared is None or shared.tag in ("body", "html", "main"):
        return []
    inside = [block for block in blocks[:title] if is_within(block.element, shared)]
    return [] if any(block.level for block in inside) else inside[-_MOST_LINES:]


def _citations(blocks: Sequence[Block]) -> Iterator[str]:
    """Yield how a page says that something is cited: below a heading, or behind a label."""
    for place, block in enumerate(blocks):
        headed = place > 0 and blocks[place - 1].level > 0 and CITE.fullmatch(key(as_line(blocks[place - 1].words)))
        if not block.level and (headed or labelled_part(as_line(block.words)) is CITATION):
            yield _CITED.sub("", block.words)


def _is_own(citation: str, title: str, authors: Sequence[str]) -> bool:
    """Return whether a citation holds a title of some words, or begins with the first of some authors."""
    first = {*split_names(citation.partition(". ")[0])[:1]}
    titled = len(title.split()) >= _FEWEST_IN_TITLE and title.casefold().strip(" .") in citation.casefold()
    return titled or not first.isdisjoint(authors[:1])
