"""Which blocks of a page are its paper's, and of which part: by headings, by marks, by where the prose stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.sources.headings import ABSTRACT, REFERENCES, abstract_label, abstract_part, labelled_part, usual_part
from rag.sources.html.blocks import Block
from rag.sources.html.markup import Element
from rag.sources.lines import COPYRIGHT, KEYWORDS, Line, Part, key, listed, squeeze
from rag.sources.lines import is_prose as is_prose_with_case

TEXT = Part("Text", "body", "authors")
# What platforms print around papers. A heading with these words ends what stood above it.
_FRAME = listed("""
    similar articles | related articles | related content | related information | related reviews | related posts
    | recommended | recommended articles | recommended for you | recommended reading | cited by
    | cited by other articles | citing articles | citing literature | citations | metrics | article metrics
    | metrics & citations | share | share this article | cite this article | about this article | access options
    | view options | buy article | rights and permissions | permissions | export citation | download citation
    | sign in | log in | subscribe | search | menu | contents | table of contents | outline | article outline
    | sections | navigation | figures | tables | comments | leave a reply | see also | external links | most read
    | most cited | trending | advertisement | actions | resources | links to ncbi databases | add to collections
    | follow ncbi | associated data | information & authors | supplementary materials
""")
_COPYRIGHT = re.compile(r"(?:copyright\b|©|\(c\) ?(?:19|20)\d\d)", re.IGNORECASE)
_COUNT = re.compile(r"\s*\(\d+\)$")
_OF_FIGURE = re.compile(
    r"(?:extended data |supplementary )?(?:fig(?:ure)?|table|scheme|chart|video|movie)s?\.?\s*[A-Z]?\d+\w?(?:\W|$)",
    re.IGNORECASE,
)
_COMMENTS_MARK = re.compile(r"\b(?:comments?|comment-?list|respond|disqus_thread)\b", re.IGNORECASE)
_ABSTRACT_MARK = re.compile(r"abstract(?!s\b|ed|ion|ing)", re.IGNORECASE)
_REFERENCES_MARK = re.compile(r"\b(?:references|ref-?list|bibliography|biblist|citation-?list)\b", re.IGNORECASE)
FEWEST_WORDS = 12  # of a paragraph that weighs as prose
_FEWEST_IN_PARAGRAPH = 40  # words of prose that are no list of keywords
_FEWEST_IN_REFERENCES = 200  # characters
_LONGEST_LABEL = 8  # words
_SHORTEST_COPY = 80  # characters of a paragraph that a page would not say twice
_SAMPLE = 200  # characters
_MOST_LINKED = 0.8
_OF_PROSE = 0.85  # stands in the element that holds the text
_BEFORE_ABSTRACT = 0.3  # of the prose, at most
# Characters of prose, and times those of the abstract, that are a text; less is what a page says around an abstract.
_SHORTEST_TEXT, _MORE_THAN_ABSTRACT = 200, 2
_WHOLE = frozenset(["html", "body", "main"])


@dataclass(frozen=True, slots=True)
class _Place:
    """What a heading opens, in the element that it stands over: a part, None for the page's frame."""

    part: Part | None
    level: int
    within: Element


class Parts:
    """The part of each block: by headings, by what the page marks as abstract, by where its prose stands."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._marked: dict[tuple[Element, re.Pattern[str]], bool] = {}
        self._blocks = [block for block in _each_once(blocks) if not self._is_marked(block, _COMMENTS_MARK)]
        self._wide = {above for block in self._blocks if _is_beside_abstract(block) for above in _ancestors(block)}
        self._said = _weights(block for block in self._blocks if not block.level and block.linked < _MOST_LINKED)
        self._prose = [*self._find_prose()]
        self._first = self._find_abstract()
        self._main = self._find_main()
        self._open: list[_Place] = []
        self._begun = False  # what follows the abstract
        self._abstracts: Element | None = None  # the element that holds them
        self._in_abstract = False

    def placed(self) -> Iterator[tuple[str, Part | None]]:
        """Yield the words that belong to the paper with their parts, headings with None."""
        headings: list[str] = []
        for place, block in enumerate(self._blocks):
            inside = place >= self._first and self._main is not None and _is_within(block.element, self._main)
            while self._open and not self._goes_on(self._open[-1], block, inside):
                self._open.pop()
            if (block.level and not self._is_label(block)) or self._is_abstract_label(place):
                headings = [*headings, block.words] if self._enter(block, inside) else []
            elif part := self._part(block, inside):
                yield from ((heading, None) for heading in headings)
                headings = []
                yield from _labelled(block, part)

    # Headings.

    def _now(self) -> Part | None:
        return self._open[-1].part if self._open else None

    def _goes_on(self, place: _Place, block: Block, inside: bool) -> bool:
        """Return whether a block stands below a heading, which does not reach from outside into the text."""
        around = inside and self._main is not place.within and _is_within(self._main, place.within)
        return _is_within(block.element, place.within) and not around

    def _is_label(self, block: Block) -> bool:
        """Return whether a heading is the caption of a figure or table or belongs to an item of the reference list."""
        if _OF_FIGURE.match(block.words):
            return True
        now = self._now()
        of_item = block.level == 6 or any(above.tag == "li" for above in _with_ancestors(block.element))
        return now is not None and now.kind == "references" and of_item

    def _is_abstract_label(self, place: int) -> bool:
        """Return whether a block is a label of a structured abstract that stands alone."""
        block, below = self._blocks[place], self._blocks[place + 1 : place + 2]
        if not below or not self._is_marked(block, _ABSTRACT_MARK) or not self._may_be_abstract(block):
            return False
        if self._in_abstract:
            return block.words.endswith(":") and bool(abstract_label(as_line(block.words), as_line(below[0].words)))
        return usual_part(block.words) == ABSTRACT

    def _enter(self, block: Block, inside: bool) -> Part | None:
        while self._open and self._open[-1].level >= block.level:
            self._open.pop()
        part = self._announced(block, inside)
        self._open.append(_Place(part, block.level, self._scope(block, inside, part)))
        return part

    def _announced(self, block: Block, inside: bool) -> Part | None:
        """Return the part that a heading opens below those that are open; None for one of the page's frame."""
        words = squeeze(block.words).strip(" :")
        usual, above = usual_part(words), self._now()
        if _is_frame(words):
            return None
        if usual:
            return usual if usual.kind != "abstract" or self._may_be_abstract(block) else None
        if self._is_marked(block, _ABSTRACT_MARK) and self._may_be_abstract(block):
            return self._of_abstract(words, above)
        if above and (inside or above.kind != "body"):
            return Part(f"{above.heading.split(':')[0]}: {words}", above.kind, above.provenance)
        return Part(words, "body", "authors") if inside else None

    def _of_abstract(self, words: str, above: Part | None) -> Part | None:
        """Return the part that a heading opens among abstracts: of one of them, or another; None for a sentence."""
        if len(words.split()) > _LONGEST_LABEL:
            return None
        divides = self._in_abstract or (above and above.kind == "abstract")
        return abstract_part(words) if divides else Part(words, "abstract", "authors")

    def _may_be_abstract(self, block: Block) -> bool:
        """Return whether a block may be of this paper's abstracts, which stand together before its text."""
        if self._begun or self._abstracts is None:
            return not self._begun
        return _is_within(block.element, self._abstracts)

    def _scope(self, block: Block, inside: bool, part: Part | None) -> Element:
        """Return the element that a heading stands over: the nearest in which more is said, but not around the text."""
        least = _FEWEST_IN_REFERENCES if part and part.kind == "references" else 1
        for above in block.element.iterancestors():
            if above.tag == "body" or (inside and above is self._main) or self._said.get(above, 0) >= least:
                return above
        return block.element

    # Text.

    def _part(self, block: Block, inside: bool) -> Part | None:
        part = self._now() if self._open else TEXT if inside and self._is_text(block) else None
        if self._is_of_abstract(block, part):
            part = part if part and part.kind in {"abstract", "bibliographic"} else ABSTRACT
        elif part and part.kind == "body":
            part = self._in_body(block, part) if inside else None
        elif part and inside and usual_part(part.heading) == KEYWORDS and is_prose(block.words, _FEWEST_IN_PARAGRAPH):
            self._open.clear()
            part = TEXT
        linked = block.linked >= _MOST_LINKED and part is not None and part.kind != "bibliographic"
        if part is None or linked or self._is_stray(block, part):
            return None
        self._note(block, part)
        return part

    def _is_of_abstract(self, block: Block, part: Part | None) -> bool:
        begun = self._in_abstract or (part is not None and part.kind == "abstract")
        said = self._is_marked(block, _ABSTRACT_MARK) and (begun or is_prose(block.words, FEWEST_WORDS))
        return said and self._may_be_abstract(block)

    def _is_stray(self, block: Block, part: Part) -> bool:
        """Return whether a block below an abstract is too short for one, where neither marks nor labels tell."""
        if part.kind != "abstract" or self._is_marked(block, _ABSTRACT_MARK) or is_prose(block.words, FEWEST_WORDS):
            return False
        label = as_line(part.heading.rpartition(": ")[2])
        return not (block.label or abstract_label(label, as_line(block.words)))

    def _note(self, block: Block, part: Part) -> None:
        """Note where the abstracts are, and that they are over."""
        self._in_abstract = part.kind == "abstract"
        if self._in_abstract and self._abstracts is None:
            self._abstracts = self._home(block)
        prose = part.kind == "body" and is_prose(block.words, FEWEST_WORDS)
        self._begun = self._begun or prose or part.kind in {"references", "competing interests"}

    def _is_text(self, block: Block) -> bool:
        """Return whether a block that no heading stands over is text: once it has begun, or prose."""
        return self._begun or is_prose(block.words, FEWEST_WORDS)

    def _in_body(self, block: Block, part: Part) -> Part:
        """Return the part of a block of the body, which may be a reference or say itself what it is."""
        if self._is_marked(block, _REFERENCES_MARK):
            return REFERENCES
        said = usual_part(block.label) if block.label.endswith(":") else labelled_part(as_line(block.words))
        if said and said.kind != "abstract":
            return said
        return COPYRIGHT if part is TEXT and _COPYRIGHT.match(block.words) else part

    def _home(self, block: Block) -> Element:
        """Return the element in which other abstracts of the paper may stand beside the one that a block is of."""
        marked = [above for above in _with_ancestors(block.element) if _is_abstract(above) and above not in self._wide]
        home = marked[-1] if marked else self._open[-1].within
        above = home.getparent()
        return home if above is None or above.tag in _WHOLE else above

    def _is_marked(self, block: Block, mark: re.Pattern[str]) -> bool:
        """Return whether the class, id or role of an element or of one that it stands in, but for the page, tells."""
        path, element = list[Element](), block.element
        while element is not None and element.tag not in _WHOLE and (element, mark) not in self._marked:
            path.append(element)
            element = element.getparent()
        found = self._marked.get((element, mark), False)
        for each in reversed(path):
            tells = mark is not _ABSTRACT_MARK or each not in self._wide
            found = found or (tells and bool(mark.search(_marks(each))))
            self._marked[each, mark] = found
        return found

    # Where the text is.

    def _find_prose(self) -> Iterator[tuple[int, Block, bool]]:
        """Yield the places and paragraphs of prose, without references, and whether they are an abstract's."""
        now: _Place | None = None
        for place, block in enumerate(self._blocks):
            usual = usual_part(block.words) if block.level else None
            if now and not (_is_within(block.element, now.within) and (not block.level or block.level > now.level)):
                now = None
            if usual:
                now = _Place(usual, block.level, self._scope(block, inside=False, part=usual))
            kind = now.part.kind if now and now.part else ""
            if block.level or block.is_row or kind == "references" or block.linked > 1 - _OF_PROSE:
                continue
            if is_prose(block.words, FEWEST_WORDS):
                yield place, block, kind == "abstract" or self._is_marked(block, _ABSTRACT_MARK)

    def _find_abstract(self) -> int:
        """Return where the abstract begins, before which there is no text; 0 where there is none."""
        whole = sum(len(block.words) for _, block, _ in self._prose)
        for first, block in enumerate(self._blocks):
            usual = usual_part(block.words) if block.level else None
            if (usual and usual.kind == "abstract") or self._is_marked(block, _ABSTRACT_MARK):
                above = sum(len(block.words) for place, block, _ in self._prose if place < first)
                return first if above <= _BEFORE_ABSTRACT * whole else 0
        return 0

    def _find_main(self) -> Element | None:
        """Return the smallest element that holds nearly all prose which is not in the abstract; None without a text."""
        text = [block for _, block, of_abstract in self._prose if not of_abstract]
        whole = sum(len(block.words) for block in text)
        abstract = sum(len(block.words) for _, block, of_abstract in self._prose if of_abstract)
        if whole < max(_SHORTEST_TEXT, _MORE_THAN_ABSTRACT * abstract):
            return None
        held = [(weight, -_depth(element), element) for element, weight in _weights(text).items()]
        return min((found for found in held if found[0] >= _OF_PROSE * whole), key=lambda found: found[:2])[2]


def _weights(blocks: Iterable[Block]) -> dict[Element, int]:
    """Return how many characters of blocks each element holds."""
    weights: dict[Element, int] = defaultdict(int)
    for block in blocks:
        for element in _with_ancestors(block.element):
            weights[element] += len(block.words)
    return weights


def _with_ancestors(element: Element) -> Iterator[Element]:
    yield element
    yield from element.iterancestors()


def _is_within(element: Element, outer: Element) -> bool:
    return any(above is outer for above in _with_ancestors(element))


def _depth(element: Element) -> int:
    return sum(1 for _ in element.iterancestors())


def _marks(element: Element) -> str:
    return " ".join(element.get(name) or "" for name in ("class", "id", "role"))


def _is_abstract(element: Element) -> bool:
    return element.tag not in _WHOLE and bool(_ABSTRACT_MARK.search(_marks(element)))


def _ancestors(block: Block) -> Iterator[Element]:
    return _with_ancestors(block.element)


def _is_frame(heading: str) -> bool:
    return key(as_line(_COUNT.sub("", heading))) in _FRAME


def _is_beside_abstract(block: Block) -> bool:
    """Return whether a heading is one that no abstract has: what holds both is no abstract, whatever its class says."""
    usual = usual_part(block.words) if block.level else None
    return block.level > 0 and (_is_frame(block.words) or (usual is not None and usual.kind == "references"))


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


def _labelled(block: Block, part: Part) -> Iterator[tuple[str, Part | None]]:
    """Yield a block, in an abstract with the bold label that it begins with as a heading."""
    label = block.label.strip(" :.")
    rest = block.words[len(block.label) :].lstrip(" :.")
    begins = part.kind == "abstract" and label and rest and block.words.startswith(block.label)
    if begins and (block.label[-1] in ":." or rest[0].isupper() or abstract_label(as_line(label), as_line(rest))):
        said = usual_part(label)
        yield label, None
        yield rest, said if said and said.kind != "abstract" else abstract_part(label)
    else:
        yield block.words, part
