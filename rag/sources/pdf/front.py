"""What the first page and the file's own fields say of the paper, where it is sure: title, authors, DOI, journal, date.

A fact that could be another paper's is none: a title is printed as one, an author stands below it, a DOI is alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, pairwise, takewhile

from rag.sources.dates import PRINTED_DATE
from rag.sources.facts import Facts
from rag.sources.headings import usual_part
from rag.sources.identifiers import find_doi, find_pmcid, without_addresses, without_doi
from rag.sources.lines import is_prose, squeeze
from rag.sources.names import is_byline, looks_like_institution, looks_like_journal, looks_like_names, split_names
from rag.sources.pdf.paragraphs import SAME_SIZE, Block, Words, joined
from rag.types import Status

_NOT_LETTERS = re.compile(r"[\W_]+")
_MARK = re.compile(r"\s*\[[^\[\]]{1,20}\]|[^\w\s.,;&'’‐()-]+|\s\.\s|(?<=\s)\d+(?=\s)|^\d+\s")
_BETWEEN_NAMES = re.compile(r"[\s,;&]*[,;&\n](?:[\s,;&]|\band\s)*|\s+and\s+")
_GOES_ON = re.compile(r"(?:,|&|\band)\s*$")
_COMMON = re.compile(r"\b[^\W\d_A-Z]{2,}\b")
_NAME = re.compile(r"[^\W\d_][\w.'’‐-]*(?: [\w.'’‐-]+){1,4}|(?:[A-Z]\.)+[^\W\d_]{2,}")
_PUBLISHED = re.compile(rf"\bPublished(?: online)?(?: on)?:?\s+({PRINTED_DATE})", re.IGNORECASE)
_CITED_IN = re.compile(
    r"(?:^|[.|]\s+|et al\.?,?\s+|^\d+\s+)(?P<journal>[A-Z][^\d.;|()]{2,80}?)[,.]?\s+"
    r"(?:(?:vol(?:ume)?\.?\s*)?\d{1,4}\s*\((?P<year>(?:19|20)\d\d)\)[,:]?\s*"
    r"|\(?(?P<date>(?:19|20)\d\d)\)?[,;:]?\s*(?:vol(?:ume)?\.?\s*)?\d{1,4}\s*(?:\(\d{1,3}\))?\s*[,:]\s*)[A-Za-z]?\d{1,6}\b"
)
# "J Sleep, vol. 12, no. 3, pp. 101–109, May 2019"
_IN_VOLUME = re.compile(
    r"^(?P<journal>[A-Z][^\d;|()]{2,80}?), vol\. \d{1,4},(?: no\. \d{1,3},)? pp\. \d{1,6}[-–—]\d{1,6},"
    r"(?: [A-Z][a-z]{2,8}\.?)? (?P<date>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d/])(?<!\d{3}[–-])(?:19|20)\d\d(?![\d/])(?![–-]\d)")
_FETCHED = re.compile(r"\b(?:down)?loaded\b|\baccessed\b", re.IGNORECASE)
_ET_AL = re.compile(r"([^\W\d_][\w’'-]+),? et al\b")
_CITE_THIS = re.compile(r"\bcite this\b", re.IGNORECASE)
_PREPRINT = re.compile(r"\b(?:bio|med)rxiv preprint\b|\bnot (?:been )?(?:certified by )?peer.?review", re.IGNORECASE)
_RETRACTED = re.compile(r"\W*retracted(?: article)?\b\W*", re.IGNORECASE)
_UNENDED = ("/", "-", "_", "(")
# The DOI of a journal, which is none of its papers.
_OF_JOURNAL = "(issn)"
_FEWEST_LETTERS = 12  # of a title
_MUCH = 2  # times as many letters
_COVERS = 2  # pages before the one with the title
_PROSE = 5  # words
_TWO_NAMES = 4  # words
_SHORTEST_SUFFIX = 4  # of a DOI


@dataclass(slots=True)
class Front:
    """The blocks that are title and names of the authors, and the facts."""

    title: list[Block] = field(default_factory=list)
    authors: list[Block] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Fields:
    """The file's own fields, the words that are printed again on many pages, and those that no line's end divides.

    `size` is that of the text.
    """

    metadata: Mapping[str, str]
    heads: Sequence[str]
    words: Words
    size: float


def front(flow: Sequence[Block], fields: Fields) -> Front:
    """Return what the blocks of the pages up to the title's state, and those that say how the paper is cited."""
    last = flow[0].first.page + _COVERS
    opens = max((b.first.page for b in flow if b.kind == "title" and b.first.page <= last), default=flow[0].first.page)
    blocks = list(takewhile(_is_before_references, (block for block in flow if block.first.page <= opens))) or [flow[0]]
    found, page = Front(), _Page(blocks, fields)
    found.title = page.title()
    title = letters(page.words(found.title))
    if title:
        found.authors, found.facts.authors = page.authors(found.title)
        found.facts.journal, found.facts.date = page.journal_and_date()
    cited = [block for block in flow if _CITE_THIS.search(block.text) and title and title in letters(block.text)]
    found.facts.doi = _doi([*blocks, *cited], fields, title)
    found.facts.status = _status(
        page.words(found.title), fields.heads, [*fields.heads, *(block.text for block in blocks)]
    )
    found.facts.pmcid = next(filter(None, map(find_pmcid, fields.heads)), None)
    return found


def _is_before_references(block: Block) -> bool:
    """Tell the paper's own words from those on others, which stand on the first page of a short one."""
    part = usual_part(block.text)
    return part is None or part.kind != "references"


def letters(text: str) -> str:
    """Return the letters and digits of a text, as it is compared."""
    return _NOT_LETTERS.sub("", text.casefold())


@dataclass(frozen=True, slots=True)
class _Page:
    """The blocks up to the end of the page that has the title, and what is known beside them."""

    blocks: Sequence[Block]
    fields: Fields

    def words(self, blocks: Sequence[Block]) -> str:
        return " ".join(joined(block.rows, self.fields.words).text for block in blocks)

    def title(self) -> list[Block]:
        """Return the blocks of the title: those that the file states, else the longest that begins as one does."""
        kinds = groupby(self.blocks, lambda block: block.kind)
        runs = [self._whole(list(run)) for kind, run in kinds if kind == "title"]
        stated = letters(self.fields.metadata.get("Title", ""))
        for run in [*runs, *([block] for block in self.blocks)]:
            if len(stated) >= _FEWEST_LETTERS and (printed := self._printed(run, stated)):
                return printed
        whole = [run for run in runs if not run[0].text[0].islower()]
        longest = max(whole, key=lambda run: len(self.words(run)), default=[])
        return longest if len(letters(self.words(longest))) >= _FEWEST_LETTERS else []

    def _whole(self, run: Sequence[Block]) -> list[Block]:
        """Return the longest block of a title with what is set alike around it and all of the title below it.

        In the type of the text, that is what stands above a title that begins in the midst of a sentence.
        """
        main = max(run, key=lambda block: len(block.text))
        first = last = self.blocks.index(main)
        apart = abs(main.size - self.fields.size) >= SAME_SIZE
        while first and _set_alike(self.blocks[first - 1], main) and (apart or self.blocks[first].text[0].islower()):
            first -= 1
        while apart and last + 1 < len(self.blocks) and _set_alike(self.blocks[last + 1], main):
            last += 1
        return list(self.blocks[first : max(last, self.blocks.index(run[-1])) + 1])

    def _printed(self, run: list[Block], stated: str) -> list[Block]:
        """Return the last blocks of a run that are a title, or most of it; none where they are not."""
        for start in range(len(run) - 1, -1, -1):
            printed = letters(self.words(run[start:]))
            if stated in printed and len(printed) < _MUCH * len(stated):
                return run[start:]
        printed = letters(self.words(run))
        return run if printed in stated and _MUCH * len(printed) > len(stated) else []

    def _below(self, run: Sequence[Block]) -> Sequence[Block]:
        return self.blocks[self.blocks.index(run[-1]) + 1 :]

    def authors(self, title: Sequence[Block]) -> tuple[list[Block], tuple[str, ...]]:
        """Return the blocks of names near the title, and the names: those, else those that the file states."""
        below = self._below(title)
        between = list(takewhile(lambda block: block.kind in ("frame", "place", "title"), below))
        run = list(takewhile(_is_byline, below[len(between) :]))
        if not run and below and is_byline(below[0].text):
            run = list(below[:1])
        return run, self._names(run) or self._stated_names(below)

    def _names(self, blocks: Sequence[Block]) -> tuple[str, ...]:
        """Return the names in blocks, between commas, marks or in cells; none where the first is none in its form."""
        text = "\n".join(" ".join("\n".join(row.by_cell) for row in block.rows) for block in blocks)
        text = _MARK.sub("\n", text)
        names = split_names(_BETWEEN_NAMES.sub(", ", text).strip(" ,\n"))
        # Where marks alone part the names, one that lost its mark runs into the next.
        divided = any(sign in text for sign in ",;&") or all(len(name.split()) < _TWO_NAMES for name in names)
        sure = divided and names and _is_name(names[0]) and not self._is_another(names[0])
        return tuple(filter(_is_name, names)) if sure else ()

    def _is_another(self, name: str) -> bool:
        """Tell whether the small print names others first: "Wick et al."."""
        small = [*self.fields.heads, *(block.text for block in self.blocks if block.kind == "frame")]
        first = {letters(match) for text in small for match in _ET_AL.findall(text)}
        return bool(first) and not any(letters(name).endswith(family) for family in first)

    def _stated_names(self, below: Sequence[Block]) -> tuple[str, ...]:
        """Return the names that the file states if they are several and all are printed below the title."""
        names, printed = split_names(self.fields.metadata.get("Author", "")), letters(self.words(below))
        sure = len(names) > 1 and all(_NAME.fullmatch(name) and letters(name) in printed for name in names)
        return names if sure else ()

    def journal_and_date(self) -> tuple[str | None, str | None]:
        """Return both from a citation in the fields, the running heads or the small print, the date as published."""
        small = [block.text for block in self.blocks if not is_prose(block.text, _PROSE)]
        journal = date = None
        heads = [*self.fields.heads, *map(" ".join, pairwise(self.fields.heads))]
        for line in [self.fields.metadata.get("Subject", ""), *heads, *small, *self._lines()]:
            match = _CITED_IN.search(line) or _IN_VOLUME.search(line)
            if match and looks_like_journal(match["journal"]) and not looks_like_institution(match["journal"]):
                journal, date = squeeze(match["journal"]).strip(" ,.:"), match.groupdict().get("year") or match["date"]
                break
        published = {match[1] for block in self.blocks if (match := _PUBLISHED.search(block.text))}
        return journal, published.pop() if len(published) == 1 else date or self._latest_year()

    def _latest_year(self) -> str | None:
        """Return the last year that the frame states, of receipt, acceptance or copyright, if it does so twice."""
        frame = [row.text for block in self.blocks if block.kind in ("frame", "place") for row in block.rows]
        # What is printed on many pages is stated more than once.
        lines = [self.fields.metadata.get("Subject", ""), *self.fields.heads, *self.fields.heads, *frame]
        stated = (year for line in lines if not _FETCHED.search(line) for year in _YEAR.findall(_bare(line)))
        counts = Counter(stated)
        latest = max(counts, default=None)
        return latest if latest and counts[latest] > 1 else None

    def _lines(self) -> Iterator[str]:
        """Yield the small print as it stands side by side: a journal on the left, the year and volume on the right."""
        rows = [row for block in self.blocks if not is_prose(block.text, _PROSE) for row in block.rows]
        ordered = sorted(rows, key=lambda row: (round(row.base), row.left))
        for _, beside in groupby(ordered, key=lambda row: round(row.base)):
            if len(line := list(beside)) > 1:
                yield " ".join(row.text for row in line)


def _set_alike(block: Block, other: Block) -> bool:
    return abs(block.size - other.size) < SAME_SIZE and block.bold == other.bold and block.kind != "authors"


def _is_byline(block: Block) -> bool:
    return block.kind == "authors" and not looks_like_institution(block.text)


def _is_name(text: str) -> bool:
    return bool(_NAME.fullmatch(text)) and looks_like_names(text)


def _bare(line: str) -> str:
    return without_addresses(without_doi(line))


def _doi(blocks: Sequence[Block], fields: Fields, title: str) -> str | None:
    """Return the one DOI that the file's fields, its running heads and its first page give to the paper."""
    stated = {doi for value in fields.metadata.values() if (doi := find_doi(value))}
    repeated = {doi for head in fields.heads if (doi := find_doi(head))}
    printed = {
        doi
        for block, after in zip(blocks, [*blocks[1:], None], strict=True)
        if block.kind != "abstract" or title in letters(block.text) or not letters(_bare(block.text))
        for doi in _dois(block, after, title)
    }
    for dois in (stated | repeated | printed, stated & printed, repeated & printed):
        # A figure's or table's DOI is the paper's with something behind it.
        own = [doi for doi in dois if _OF_JOURNAL not in doi and not any(doi.startswith(f"{it}.") for it in dois)]
        if len(own) == 1:
            return own[0]
    return None


def _dois(block: Block, after: Block | None, title: str) -> Iterator[str]:
    """Yield the DOIs of a block that stand alone, after a label or in a citation of the paper itself."""
    own = len(title) >= _FEWEST_LETTERS and title in letters(block.text)
    rows = [*block.rows, *(after.rows[:1] if after and after.column is block.column else ())]
    for place, row in enumerate(block.rows):
        doi = find_doi(row.text)
        if doi is None:
            continue
        at = row.text.lower().find(doi)
        before = " ".join([*(above.text for above in block.rows[:place]), row.text[:at]])
        below = rows[place + 1].text.split()[0] if place + 1 < len(rows) else ""
        is_short = row.right < block.column.right - row.size * len(below) / 2
        whole = _whole(doi, row.text[at + len(doi) :], below, is_short=is_short)
        if whole and len(whole.partition("/")[2]) >= _SHORTEST_SUFFIX and (own or not is_prose(before, _PROSE)):
            yield whole


def _whole(doi: str, rest: str, below: str, *, is_short: bool) -> str | None:
    """Return a DOI with what the next line holds of it, None where that is unsure; a short line has room for that."""
    divided = rest == "." and below[:1].isdigit()
    if rest.strip(".-_/(") or not any(map(str.isdigit, below)) or (is_short and not divided):
        return doi
    if divided or rest.endswith(_UNENDED):
        return find_doi(doi + rest + below)
    return None


def _status(title: str, heads: Sequence[str], lines: Sequence[str]) -> Status:
    """Return what a title, running heads and lines say of the paper; a mark may be a line of its own."""
    if _RETRACTED.match(title) or any(map(_RETRACTED.fullmatch, lines)):
        return "retracted"
    return "preprint" if any(map(_PREPRINT.search, heads)) else ""
