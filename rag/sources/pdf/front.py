"""What the first page and the file's own fields say of the paper, where it is sure: title, authors, DOI, journal, date.

A fact that could be another paper's is none: a title is printed as one, an author stands below it, a DOI is alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, pairwise, takewhile

from rag.sources.dates import PRINTED_DATE
from rag.sources.facts import Facts
from rag.sources.headings import usual_part
from rag.sources.identifiers import find_doi, find_pmcid
from rag.sources.lines import is_prose, squeeze
from rag.sources.names import looks_like_institution, looks_like_journal, looks_like_names, split_names
from rag.sources.pdf.paragraphs import SAME_SIZE, Block, Words, alike, joined
from rag.types import Status

_NOT_LETTERS = re.compile(r"[\W_]+")
_MARK = re.compile(r"\s*\[[^\[\]]{1,20}\]|[^\w\s.,;&'’‐()-]+")
_BETWEEN_NAMES = re.compile(r"[\s,;&]*[,;&](?:[\s,;&]|\band\s)*|\s+and\s+")
_GOES_ON = re.compile(r"(?:,|&|\band)\s*$")
_COMMON = re.compile(r"\b[^\W\d_A-Z]{2,}\b")
_NAME = re.compile(r"[^\W\d_][\w.'’‐-]*(?: [\w.'’‐-]+){1,4}")
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
_CITE_THIS = re.compile(r"\bcite this\b", re.IGNORECASE)
_PREPRINT = re.compile(r"\b(?:bio|med)rxiv preprint\b|\bnot (?:been )?(?:certified by )?peer.?review", re.IGNORECASE)
_RETRACTED = re.compile(r"\W*retracted(?: article)?\b", re.IGNORECASE)
_UNENDED = ("/", "-", "_", "(")
# The DOI of a journal, which is none of its papers.
_OF_JOURNAL = "(issn)"
# Of a title: its letters and words, how much larger than the text it is, where on the page it stands at most.
_FEWEST_LETTERS, _FEWEST_WORDS, _MOST_WORDS = 12, 3, 45
_LARGER, _LOWEST = 1.15, 0.6
_LONG = 5  # words of a title that one name follows
# Blocks below the title; blocks of names; words of a label that may stand above the names.
_NAMES_WITHIN, _MOST_NAMES, _LABEL = 4, 12, 4
_PROSE = 5  # words


@dataclass(slots=True)
class Front:
    """The blocks that are title and names of the authors, and the facts."""

    title: list[Block] = field(default_factory=list)
    authors: list[Block] = field(default_factory=list)
    facts: Facts = field(default_factory=Facts)


@dataclass(frozen=True, slots=True)
class Fields:
    """The file's own fields, the words that are printed again on many pages, and those that no line's end divides."""

    metadata: Mapping[str, str]
    heads: Sequence[str]
    words: Words


def front(flow: Sequence[Block], fields: Fields, body_size: float, height: float) -> Front:
    """Return what the blocks of the first page state, and those that say how the paper is cited; `height` is its."""
    blocks = list(takewhile(_is_before_references, (block for block in flow if block.first.page == flow[0].first.page)))
    blocks = blocks or [flow[0]]
    common = frozenset(word for block in flow for word in _COMMON.findall(block.text))
    found, page = Front(), _Page(blocks, fields, common)
    found.title = page.title(body_size, height)
    title = letters(page.words(found.title))
    if title:
        found.authors, found.facts.authors = page.authors(found.title)
        found.facts.journal, found.facts.date = page.journal_and_date()
    cited = [block for block in flow if _CITE_THIS.search(block.text) and title and title in letters(block.text)]
    found.facts.doi = _doi([*blocks, *cited], fields, title)
    found.facts.status = _status(page.words(found.title), fields.heads)
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
    """The first page: its blocks, what is known beside them, and the words that the paper writes in small letters."""

    blocks: Sequence[Block]
    fields: Fields
    common: frozenset[str]

    def words(self, blocks: Sequence[Block]) -> str:
        return " ".join(joined(block.rows, self.fields.words).text for block in blocks)

    def title(self, body_size: float, height: float) -> list[Block]:
        """Return the blocks of the title: as the file states it, else the largest with names of authors below it."""
        candidates = sorted(self._candidates(body_size, height), key=lambda run: -run[0].size)
        stated = self.fields.metadata.get("Title", "")
        if len(letters(stated)) >= _FEWEST_LETTERS and len(stated.split()) >= _FEWEST_WORDS:
            for run in candidates:
                if printed := self._printed(run, letters(stated)):
                    return printed
        for run in candidates:
            if run[0].size < candidates[0][0].size / 2 or run[0].size <= _LARGER * body_size:
                break
            if self._heads_names(run):
                return run[len(run[0].text.split()) == 1 :]
            if not self._is_again(run):
                break
        return []

    def _candidates(self, body_size: float, height: float) -> Iterator[list[Block]]:
        """Yield the runs of blocks of one type, not smaller than the text, that could be a title."""
        large = [block for block in self.blocks if block.size > body_size - SAME_SIZE and not block.is_table]
        run: list[Block] = []
        for block in large:
            if run and not alike(block, run[-1]):
                yield from [run] if self._could_be_title(run, height) else []
                run = []
            if run or not usual_part(block.text):
                run.append(block)
        yield from [run] if run and self._could_be_title(run, height) else []

    def _could_be_title(self, run: Sequence[Block], height: float) -> bool:
        text = self.words(run)
        long = _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS and len(letters(text)) >= _FEWEST_LETTERS
        in_one = all(len(row.cells) == 1 for block in run for row in block.rows)
        return long and in_one and run[0].first.base < _LOWEST * height and not text[0].islower()

    def _printed(self, run: list[Block], stated: str) -> list[Block]:
        """Return the last blocks of a run that hold a title, or most of it; none where they do not."""
        for start in range(len(run) - 1, -1, -1):
            if stated in letters(self.words(run[start:])):
                names = next((place for place in range(start + 1, len(run)) if self._names(run[place:])), len(run))
                return run[start:names]
        printed = letters(self.words(run))
        return run if printed in stated and 2 * len(printed) > len(stated) else []

    def _heads_names(self, run: list[Block]) -> bool:
        """Tell a whole title above names of authors, or a long one above what could be one author's."""
        below = self._below(run)
        if not below or below[0].text[0].islower():
            return False
        alone = len(self.words(run).split()) >= _LONG and len(self._names(below[:1])) == 1 and not self._is_again(run)
        return alone or bool(self._authors(below))

    def _is_again(self, run: list[Block]) -> bool:
        """Tell words of the largest type that are printed again, as the name of a journal is."""
        title = letters(self.words(run))
        others = (*self.fields.heads, *(block.text for block in self._below(run)))
        return any(title in letters(other) for other in others)

    def _below(self, run: Sequence[Block]) -> Sequence[Block]:
        return self.blocks[self.blocks.index(run[-1]) + 1 :]

    def authors(self, title: Sequence[Block]) -> tuple[list[Block], tuple[str, ...]]:
        """Return the blocks of names below the title, and the names: those, else those that the file states."""
        below = self._below(title)
        blocks = self._authors(below)
        rest = below[below.index(blocks[-1]) + 1 :][:1] if blocks else []
        more = any(alike(block, blocks[-1]) and self._holds_a_name(block) for block in rest) or (
            bool(blocks) and _GOES_ON.search(blocks[-1].text)
        )
        return blocks, (() if more else self._names(blocks)) or self._stated_names(below)

    def _holds_a_name(self, block: Block) -> bool:
        """Tell what could go on with a list of names, one of which is none in its form, from addresses and text."""
        if is_prose(block.text, _PROSE) or looks_like_institution(block.text):
            return False
        items = _BETWEEN_NAMES.split(_MARK.sub(" ", block.text))
        return len(items) > 1 and any(len(self._sure_names(item)) == 1 for item in items)

    def _authors(self, below: Sequence[Block]) -> list[Block]:
        """Return the blocks right below the title, but for a label, that are names of several persons, nothing else."""
        for place, block in enumerate(below[:_NAMES_WITHIN]):
            same = takewhile(partial(alike, block), below[place : place + _MOST_NAMES])
            if run := list(takewhile(lambda other: self._names([other]), same)):
                return run if len(self._names(run)) > 1 else []
            if len(block.text.split()) > _LABEL or "," in block.text:
                return []
        return []

    def _names(self, blocks: Sequence[Block]) -> tuple[str, ...]:
        """Return the names in blocks, between commas or in cells."""
        lines = ", ".join(self.words([block]) for block in blocks)
        cells = ", ".join(words for block in blocks for row in block.rows for words in row.by_cell)
        return self._sure_names(lines) or (() if cells.isupper() else self._sure_names(cells))

    def _sure_names(self, text: str) -> tuple[str, ...]:
        """Return the names in a text if each of its words belongs to one, and few of the names are common words."""
        text = _BETWEEN_NAMES.sub(", ", _MARK.sub(" ", text)).strip(" ,")
        names = split_names(text)
        if not names or not looks_like_names(text) or looks_like_institution(text):
            return ()
        common = sum(self.common.issuperset(name.casefold().split()) for name in names)
        return names if all(map(_NAME.fullmatch, names)) and 2 * common < len(names) else ()

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
        return journal, published.pop() if len(published) == 1 else date

    def _lines(self) -> Iterator[str]:
        """Yield the small print as it stands side by side: a journal on the left, the year and volume on the right."""
        rows = [row for block in self.blocks if not is_prose(block.text, _PROSE) for row in block.rows]
        ordered = sorted(rows, key=lambda row: (round(row.base), row.left))
        for _, beside in groupby(ordered, key=lambda row: round(row.base)):
            if len(line := list(beside)) > 1:
                yield " ".join(row.text for row in line)


def _doi(blocks: Sequence[Block], fields: Fields, title: str) -> str | None:
    """Return the one DOI that the file's fields, its running heads and its first page give to the paper."""
    stated = {doi for value in fields.metadata.values() if (doi := find_doi(value))}
    repeated = {doi for head in fields.heads if (doi := find_doi(head))}
    printed = {doi for block in blocks for doi in _dois(block, title)}
    for dois in (stated | repeated | printed, stated & printed, repeated & printed):
        # A figure's or table's DOI is the paper's with something behind it.
        own = [doi for doi in dois if _OF_JOURNAL not in doi and not any(doi.startswith(f"{it}.") for it in dois)]
        if len(own) == 1:
            return own[0]
    return None


def _dois(block: Block, title: str) -> Iterator[str]:
    """Yield the DOIs of a block that stand alone, after a label or in a citation of the paper itself."""
    own = len(title) >= _FEWEST_LETTERS and title in letters(block.text)
    for place, row in enumerate(block.rows):
        doi = find_doi(row.text)
        if doi is None:
            continue
        at = row.text.lower().find(doi)
        before = " ".join([*(above.text for above in block.rows[:place]), row.text[:at]])
        below = block.rows[place + 1].text.split()[0] if place + 1 < len(block.rows) else ""
        is_short = row.right < block.column.right - row.size * len(below) / 2
        whole = _whole(doi, row.text[at + len(doi) :], below, is_short=is_short)
        if whole and (own or not is_prose(before, _PROSE)):
            yield whole


def _whole(doi: str, rest: str, below: str, *, is_short: bool) -> str | None:
    """Return a DOI with what the next line holds of it, None where that is unsure; a short line has room for that."""
    if rest.strip(".-_/(") or not below or is_short:
        return doi
    if rest.endswith(_UNENDED) and any(map(str.isdigit, below)):
        return find_doi(doi + rest + below)
    return None


def _status(title: str, heads: Sequence[str]) -> Status:
    if _RETRACTED.match(title):
        return "retracted"
    return "preprint" if any(map(_PREPRINT.search, heads)) else ""
