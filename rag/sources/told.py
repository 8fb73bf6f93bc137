"""What the lines of a text are told to be there for, and which of them begin a record where it holds several."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile

from rag.encoders import LineKind
from rag.sources.cited import cited_starts, reference_in
from rag.sources.headings import (
    OF_PAPERS,
    TITLE_LABEL,
    markdown_heading,
    plain_title,
    usual_part,
    without_marks,
    without_number,
)
from rag.sources.lines import Line, is_prose, key, squeeze
from rag.sources.names import is_byline, is_cited_name, looks_like_institution, looks_like_names
from rag.sources.text_kinds import text_kinds

# How likely a line must be to be something else than text of the paper. A frame comes in blocks, of which some line is
# sure; a paragraph is seldom in it.
_SURE: Mapping[LineKind, float] = {"title": 0.5, "authors": 0.5, "abstract": 0.0, "place": 0.6, "references": 0.7}
_FRAMED, _AMID, _MOSTLY, _SURELY, _CERTAIN = 0.5, 0.65, 0.75, 0.9, 0.98
_FEWEST_OF_FRAME = 8  # lines, by how likely they are; a text that has fewer was hardly copied with its page
_TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>", re.IGNORECASE)
_ONLY_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")
_INITIALLED = re.compile(r"[^\W\d_][\w'’-]+ [A-Z]")
_FEWEST_WORDS, _FEWEST_SAID = 8, 4  # of a sentence, of one that ends with a full stop
_FEWEST_REFERENCES = 3  # one after the other
_SHORTEST_TITLE, _LONGEST_TITLE, _SHORTEST_RECORD = 12, 300, 300  # characters; those of the text of a record
_FEWEST_NAMED = 1  # titles with names right below them, of a list
_FEWEST_BRIEF, _FEWEST_IN_TITLE = 3, 4  # records of a title and a text without names; words
_NAMES_WITHIN = 8  # lines of a title


@dataclass(frozen=True, slots=True)
class Told:
    """Lines and what they are there for, the place of the first below the front matter, and those of the title.

    `listed` says that they are one of several records.
    """

    lines: Sequence[Line]
    kinds: Sequence[LineKind]
    body: int = 0
    title: range = range(0)
    listed: bool = False


def told_kinds(lines: Sequence[Line], title: str = "", authors: str = "") -> list[LineKind]:
    """Return the kind of each line, "text" where none is sure; `title` and `authors` are what the file states."""
    marks = _markup(lines)
    said = [line for at, line in enumerate(lines) if at not in marks]
    kinds = iter(_sure(said, text_kinds(said, title, authors) or [("text", 1.0)] * len(said)))
    return ["frame" if at in marks else next(kinds) for at in range(len(lines))]


def _sure(lines: Sequence[Line], told: Sequence[tuple[LineKind, float]]) -> list[LineKind]:
    kinds: list[LineKind] = ["text" if chance < _SURE.get(kind, 1.0) else kind for kind, chance in told]
    framed = _framed(lines, [chance if kind == "frame" else 0.0 for kind, chance in told])
    kinds = ["frame" if is_frame else kind for is_frame, kind in zip(framed, kinds, strict=True)]
    listed = _runs([at for at, kind in enumerate(kinds) if kind == "references"])
    few = {at for run in listed if len(run) < _FEWEST_REFERENCES for at in run}
    return ["text" if at in few else kind for at, kind in enumerate(kinds)]


def _framed(lines: Sequence[Line], chances: Sequence[float]) -> list[bool]:
    """Return which lines are of the frame; `chances` are how likely each is."""
    copied = sum(chance for chance in chances if chance >= _MOSTLY) >= _FEWEST_OF_FRAME
    most, of_prose = (_MOSTLY, _SURELY) if copied else (_CERTAIN, math.inf)
    padded = [1.0, *chances, 1.0]
    amid = [min(padded[at], padded[at + 2]) >= _SURELY for at in range(len(lines))]
    needed = [
        _FRAMED if not is_prose(line.text, _FEWEST_WORDS) else _AMID if between else of_prose
        for line, between in zip(lines, amid, strict=True)
    ]
    found = [False] * len(lines)
    likely = [at for at, pair in enumerate(zip(chances, needed, strict=True)) if pair[0] >= pair[1]]
    for run in _runs(likely):
        found[run[0] : run[-1] + 1] = [max(chances[at] for at in run) >= most] * len(run)
    return found


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Return places that follow each other together."""
    runs = groupby(enumerate(places), lambda pair: pair[1] - pair[0])
    return [[place for _, place in run] for _, run in runs]


def _markup(lines: Sequence[Line]) -> set[int]:
    """Return the places of HTML comments, of lines that are HTML tags and hardly a word, of images and links alone."""
    found: set[int] = set()
    commented = False
    for place, line in enumerate(lines):
        opened = line.text.startswith("<!--")
        marked = _TAG.match(line.text[:2_000]) and len(plain_title(line.text).split()) < 5
        if commented or opened or marked or _ONLY_LINK.fullmatch(line.text[:2_000].lstrip("> ")):
            found.add(place)
        commented = (commented or opened) and "-->" not in line.text
    return found


def title_runs(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[range]:
    """Return the runs of lines that are titles; a heading mark or a blank line begins another."""
    places = [place for place, kind in enumerate(kinds) if kind == "title" and not is_usual(lines[place])]
    runs: list[range] = []
    for place in places:
        goes_on = runs and runs[-1].stop == place and not lines[place].gap and lines[place].text[0] not in "#*-"
        runs[-1:] = [range(runs[-1].start, place + 1)] if goes_on else [*runs[-1:], range(place, place + 1)]
    # What nothing stands below is the title of nothing.
    last = max((at for at, kind in enumerate(kinds) if kind != "title"), default=0)
    return [run for run in runs if run.stop <= last and sum(len(lines[at].text) for at in run) >= _SHORTEST_TITLE]


def record_starts(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    """Return where the records begin: at their citations, or at titles with a text, if most of these have names, too.

    What is said above the first is a record of its own.
    """
    starts: list[int] = []
    begun = {*cited_starts(lines, kinds), *_titled_starts(lines, kinds)} or {*_brief_starts(lines, kinds)}
    for at in sorted(begun):
        # A citation, a title and names with no text between them begin one record; a whole reference has all of them.
        if not starts or _says(lines, kinds, range(starts[-1] + 1, at)):
            starts.append(at)
        elif reference_in(lines[at].text):
            starts[-1] = at
    return [0, *starts] if len(starts) > 1 and _is_long(lines, kinds, range(starts[0])) else starts


def _brief_starts(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    """Return where the paragraphs of a text begin that are all of a title and, on the lines below it, a text."""
    starts = [at for at, line in enumerate(lines) if line.gap or not at]
    stops = [*starts[1:], len(lines)][: len(starts)]
    alike = all(
        _may_be_title(lines, kinds, start)
        and len(lines[start].text.split()) >= _FEWEST_IN_TITLE
        and lines[start].text[-1] not in ".:;,?"
        and all(lines[at].text[-1] == "." or at + 1 < stop for at in range(start + 1, stop))
        and _says(lines, kinds, range(start + 1, stop))
        for start, stop in zip(starts, stops, strict=True)
    )
    return starts if alike and len(starts) >= _FEWEST_BRIEF else []


def _titled_starts(lines: Sequence[Line], kinds: Sequence[LineKind]) -> list[int]:
    runs, named = _with_named(lines, kinds, title_runs(lines, kinds))
    seen: set[str] = set()
    found: list[tuple[int, bool]] = []
    for place, run in enumerate(runs):
        below = range(run.stop, runs[place + 1].start if place + 1 < len(runs) else len(lines))
        words = squeeze(TITLE_LABEL.sub("", without_marks(lines[run.start]).text)).casefold()
        brief = run in named and _says(lines, kinds, below[1:])
        if (brief or _is_long(lines, kinds, below)) and words not in seen:
            found.append((run.start, brief or any(kinds[at] == "authors" for at in below[:_NAMES_WITHIN])))
        seen.add(words)
    many = sum(has_names for _, has_names in found)
    return [start for start, has_names in found if has_names or 2 * many > len(found) > 2]


def _with_named(
    lines: Sequence[Line], kinds: Sequence[LineKind], runs: Sequence[range]
) -> tuple[list[range], set[range]]:
    """Return the titles of a list and those with names right below them.

    Among these are lines that were taken for text, but stand alone above names as titles do.
    """
    told = {at for run in runs for at in run}
    named = {run for run in runs if _is_named(lines, kinds, run)}
    if len(named) < _FEWEST_NAMED:
        return list(runs), named
    alone = (at for at, line in enumerate(lines) if at not in told and line.text[-1] not in ".:;,")
    may = [range(at, at + 1) for at in alone if _may_be_title(lines, kinds, at)]
    named |= {run for run in may if _is_named(lines, kinds, run)}
    if len(named) > _FEWEST_NAMED:  # in a list of names and texts "Okello J" is a name, too
        named |= {run for run in (*runs, *may) if _is_named(lines, kinds, run, alone=True)}
    return sorted({*runs, *named}, key=lambda run: run.start), named


def _may_be_title(lines: Sequence[Line], kinds: Sequence[LineKind], at: int) -> bool:
    short = _SHORTEST_TITLE <= len(lines[at].text) <= _LONGEST_TITLE
    return short and kinds[at] in ("text", "title") and not (is_usual(lines[at]) or looks_like_names(lines[at].text))


def _is_named(lines: Sequence[Line], kinds: Sequence[LineKind], run: range, *, alone: bool = False) -> bool:
    """Return whether a title that begins a paragraph has names right below it, or one `alone` with its initial."""
    if run.stop >= len(lines) or not lines[run.start].gap:
        return False
    below = lines[run.stop].text
    single = alone and _INITIALLED.fullmatch(below) is not None
    return kinds[run.stop] == "authors" or is_byline(below) or is_cited_name(below) or single


def _says(lines: Sequence[Line], kinds: Sequence[LineKind], places: range) -> bool:
    said = (at for at in places if kinds[at] != "title" or lines[at].text[-1] == "." or _is_text(lines[at]))
    return any(is_prose(lines[at].text, _fewest_words(lines[at], kinds[at])) for at in said)


def _is_text(line: Line) -> bool:
    return len(line.text) > _LONGEST_TITLE


def _fewest_words(line: Line, kind: LineKind) -> int:
    """Return how many words a sentence has at least: fewer if it ends as one and nothing tells that it is the frame."""
    return _FEWEST_SAID if line.text[-1] == "." and kind in ("text", "abstract") else _FEWEST_WORDS


def _is_long(lines: Sequence[Line], kinds: Sequence[LineKind], places: range) -> bool:
    said = sum(len(lines[at].text) for at in places if kinds[at] in ("abstract", "text"))
    return said >= _SHORTEST_RECORD


def names_near(told: Told) -> list[int]:
    """Return the places of the names below a title and above the next heading, or right above it if there are none."""
    lines, title = told.lines, told.title
    head = range(title.stop, min(title.stop + _NAMES_WITHIN, len(lines)))
    below = takewhile(lambda at: not (markdown_heading(lines[at]) or is_usual(lines[at])), head)
    named = {at for at, kind in enumerate(told.kinds) if kind == "authors"}
    # One name by itself looks like little to what is learned from lists of several.
    named |= {at for at in head if lines[at].text.strip() and is_cited_name(lines[at].text)}
    single = lines[title.stop].text if told.listed and title.stop < len(lines) else ""
    named |= {title.stop} if _INITIALLED.fullmatch(single) else set()
    named = {at for at in named if not looks_like_institution(lines[at].text)}
    first = next((at for at in (*below, *range(max(0, title.start - 2), title.start)) if at in named), len(lines))
    return list(takewhile(lambda at: at in named, range(first, len(lines))))


def is_usual(line: Line) -> bool:
    """Return whether a line is a heading that papers have."""
    return without_number(key(line)) in OF_PAPERS or usual_part(line.text) is not None
