"""Where on a page its paper stands: the abstract, and the element that holds the text, where the page has one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.sources.headings import CITE, LEADS_AWAY, OF_PAPERS, usual_part, without_number
from rag.sources.html.blocks import Block
from rag.sources.html.markup import Element
from rag.sources.lines import Line, Part, key, listed
from rag.sources.lines import is_prose as is_prose_with_case

# What platforms print around papers. A heading with these words ends what stood above it.
_FRAME = listed("""
    citations | metrics | article metrics | metrics & citations | share | share this article | about this article
    | access options | view options | buy article | rights and permissions | permissions | export citation
    | download citation | sign in | log in | subscribe | search | menu | contents | table of contents | outline
    | article outline | sections | navigation | figures | tables | comments | leave a reply | external links
    | most read | most cited | trending | advertisement | actions | resources | links to ncbi databases
    | add to collections | follow ncbi | associated data | information & authors | supplementary materials
    | version history | submission history | picos
""")
_COUNT = re.compile(r"\s*\(\d+\)$")
_COMMENTS_MARK = re.compile(r"\b(?:comments?|comment-?list|respond|disqus_thread)\b", re.IGNORECASE)
_ABSTRACT_MARK = re.compile(r"abstract(?!s\b|ed|ion|ing)", re.IGNORECASE)
_REFERENCES_MARK = re.compile(r"\b(?:references|ref-?list|bibliography|biblist|citation-?list)\b", re.IGNORECASE)
_NOTES_MARK = re.compile(r"\bfn-group\b")
FEWEST_WORDS = 12  # of a paragraph that weighs as prose
_FEWEST_IN_REFERENCES = 200  # characters
_SHORTEST_COPY = 80  # characters of a paragraph that a page would not say twice
_SAMPLE = 200  # characters
MOST_LINKED = 0.8
_OF_PROSE = 0.85  # stands in the element that holds the text
_BEFORE_ABSTRACT = 0.3  # of the prose, at most
# Characters of prose, and times those of the abstract, that are a text; less is what a page says around an abstract.
_SHORTEST_TEXT, _MORE_THAN_ABSTRACT = 200, 2
_WHOLE = frozenset(["html", "body", "main"])


@dataclass(frozen=True, slots=True)
class Place:
    """What a heading opens, in the element that it stands over: a part, None for the page's frame."""

    part: Part | None
    level: int
    within: Element


class Layout:
    """The blocks of a page, each once; `first` is the place before which there is no text.

    `main` is the element that holds the text, None where the page has none but the abstract.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._marked: dict[tuple[Element, re.Pattern[str]], bool] = {}
        self.blocks = [block for block in _each_once(blocks) if not self._is_marked(block, _COMMENTS_MARK)]
        self._wide = {
            above for block in self.blocks if _is_beside_abstract(block) for above in with_ancestors(block.element)
        }
        self._said = _weights(block for block in self.blocks if not block.level and block.linked < MOST_LINKED)
        self._kinds = [*self._find_kinds()]
        self._prose = [*self._find_prose()]
        self.first = self._find_abstract()
        self.main = self._find_main()

    def is_inside(self, place: int) -> bool:
        """Return whether a block stands where the text does."""
        return place >= self.first and self.main is not None and is_within(self.blocks[place].element, self.main)

    def scope(self, block: Block, part: Part | None, *, inside: bool) -> Element:
        """Return the element that a heading stands over: the nearest in which more is said, but not around the text."""
        least = _FEWEST_IN_REFERENCES if part and part.kind == "references" else 1
        for above in block.element.iterancestors():
            if above.tag == "body" or (inside and above is self.main) or self._said.get(above, 0) >= least:
                return above
        return block.element

    def home(self, block: Block, otherwise: Element) -> Element:
        """Return the element in which other abstracts of the paper may stand beside the one that a block is of."""
        marked = [above for above in with_ancestors(block.element) if self._tells_abstract(above)]
        home = marked[-1] if marked else otherwise
        above = home.getparent()
        return home if above is None or above.tag in _WHOLE else above

    def is_abstract(self, block: Block) -> bool:
        """Return whether a block stands in what the page marks as an abstract."""
        return self._is_marked(block, _ABSTRACT_MARK)

    def is_reference(self, block: Block) -> bool:
        """Return whether a block stands in what the page marks as the list of references."""
        return self._is_marked(block, _REFERENCES_MARK)

    def is_note(self, block: Block) -> bool:
        """Return whether a block stands among the notes on a paper: statements of its authors, its history."""
        return self._is_marked(block, _NOTES_MARK)

    def _is_marked(self, block: Block, mark: re.Pattern[str]) -> bool:
        """Return whether the class, id or role of an element or of one that it stands in, but for the page, tells."""
        path, element = list[Element](), block.element
        while element is not None and element.tag not in _WHOLE and (element, mark) not in self._marked:
            path.append(element)
            element = element.getparent()
        found = self._marked.get((element, mark), False)
        for each in reversed(path):
            tells = mark is not _ABSTRACT_MARK or each not in self._wide
            found = found or (tells and bool(mark.search(marks(each))))
            self._marked[each, mark] = found
        return found

    def _tells_abstract(self, element: Element) -> bool:
        return element.tag not in _WHOLE and element not in self._wide and bool(_ABSTRACT_MARK.search(marks(element)))

    def _find_kinds(self) -> Iterator[str]:
        """Yield for each block the kind of the usual heading that it stands below, "" below another."""
        now: Place | None = None
        for block in self.blocks:
            usual = usual_part(block.words) if block.level else None
            if now and not (is_within(block.element, now.within) and (not block.level or block.level > now.level)):
                now = None
            if usual:
                now = Place(usual, block.level, self.scope(block, usual, inside=False))
            kind = now.part.kind if now and now.part else ""
            yield "abstract" if self.is_abstract(block) else kind

    def _find_prose(self) -> Iterator[tuple[int, Block]]:
        """Yield the places and paragraphs of prose, without references and notes."""
        for place, (block, kind) in enumerate(zip(self.blocks, self._kinds, strict=True)):
            aside = block.level or block.is_row or kind == "references" or block.linked > 1 - _OF_PROSE
            if not aside and is_prose(block.words, FEWEST_WORDS) and not self.is_note(block):
                yield place, block

    def _find_abstract(self) -> int:
        """Return where the abstract begins, before which there is no text; 0 where there is none."""
        first = next((place for place, kind in enumerate(self._kinds) if kind == "abstract"), 0)
        above = _length(block for place, block in self._prose if place < first)
        return first if above <= _BEFORE_ABSTRACT * _length(block for _, block in self._prose) else 0

    def _find_main(self) -> Element | None:
        """Return the smallest element that holds nearly all prose which is not in the abstract; None without a text.

        Where that is little, it is the smallest that holds the abstract and what stands below headings of papers.
        """
        places = {place for place, _ in self._prose if self._kinds[place] == "abstract"}
        abstract = [block for place, block in self._prose if place in places]
        text = [(place, block) for place, block in self._prose if place >= self.first and place not in places]
        headed = [*self._find_headed()]
        # Below their competing interests, authors declare much beside an abstract that has no text.
        end = len(self.blocks) if headed else self._find_statements()
        least = max(_SHORTEST_TEXT, _MORE_THAN_ABSTRACT * _length(abstract))
        if _length(block for place, block in text if place < end) >= least:
            return _smallest([block for _, block in text], _OF_PROSE)
        return _smallest([*abstract, *headed], 1) if abstract and headed else None

    def _find_statements(self) -> int:
        """Return the place of the competing interests below the abstract; the number of blocks where there are none."""
        places = range(self.first, len(self.blocks))
        return next((place for place in places if self._kinds[place] == "competing interests"), len(self.blocks))

    def _find_headed(self) -> Iterator[Block]:
        """Yield the headings that divide the texts of papers, but for those of an abstract, each with what follows."""
        for place, block in enumerate(self.blocks[:-1]):
            below = self.blocks[place + 1]
            says = below.level > block.level or (not below.level and below.linked < MOST_LINKED)
            divides = block.level > 0 and without_number(key(as_line(block.words))) in OF_PAPERS
            if divides and says and self._kinds[place] != "abstract" and place >= self.first:
                yield from (block, below)


def _length(blocks: Iterable[Block]) -> int:
    return sum(len(block.words) for block in blocks)


def _smallest(blocks: Sequence[Block], share: float) -> Element:
    """Return the smallest element that holds at least a share of what blocks say."""
    least = share * _length(blocks)
    held = [(weight, -_depth(element), element) for element, weight in _weights(blocks).items() if weight >= least]
    return min(held, key=lambda found: found[:2])[2]


def _weights(blocks: Iterable[Block]) -> dict[Element, int]:
    """Return how many characters of blocks each element holds."""
    weights: dict[Element, int] = defaultdict(int)
    for block in blocks:
        for element in with_ancestors(block.element):
            weights[element] += len(block.words)
    return weights


def with_ancestors(element: Element) -> Iterator[Element]:
    """Yield an element and those that it stands in."""
    yield element
    yield from element.iterancestors()


def is_within(element: Element, outer: Element) -> bool:
    """Return whether an element is another one or stands in it."""
    return any(above is outer for above in with_ancestors(element))


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())


def marks(element: Element) -> str:
    """Return what an element is named: its classes, its id and its role."""
    return " ".join(element.get(name) or "" for name in ("class", "id", "role"))


def is_frame(heading: str) -> bool:
    """Return whether a heading is one of the page and not of its paper."""
    words = key(as_line(_COUNT.sub("", heading)))
    return words in _FRAME or bool(LEADS_AWAY.fullmatch(words) or CITE.fullmatch(words))


def _is_beside_abstract(block: Block) -> bool:
    """Return whether a heading is one that no abstract has: what holds both is no abstract, whatever its class says."""
    usual = usual_part(block.words) if block.level else None
    beside = usual is not None and usual.kind in {"references", "competing interests"}
    return block.level > 0 and (beside or is_frame(block.words))


def _each_once(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield blocks without later copies of a paragraph or table, such as those for a narrow screen."""
    rows: dict[Element, list[str]] = defaultdict(list)
    for block in blocks:
        if block.is_row:
            rows[block.element].append(block.words)
    tables: dict[str, Element] = {}
    for table, words in rows.items():
        tables.setdefault("\n".join(words), table)
    kept, seen = set(tables.values()), set[str]()
    for block in blocks:
        copied = len(block.words) >= _SHORTEST_COPY and block.words in seen
        if block.element in kept if block.element in rows else not copied:
            seen.add(block.words)
            yield block


def is_prose(words: str, fewest: int) -> bool:
    """Return whether a paragraph has at least so many words, most of them small, or is of a script without capitals."""
    if is_prose_with_case(words, fewest):
        return True
    letters = [letter for letter in words[:_SAMPLE] if letter.isalpha()]
    uncased = sum(letter.lower() == letter.upper() for letter in letters)
    return len(letters) >= 3 * fewest and uncased > len(letters) / 2


def as_line(words: str) -> Line:
    """Return words as the line that the rules on headings ask for."""
    return Line(0, len(words), words, gap=True)
