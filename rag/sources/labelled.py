"""Records as databases write them in plain text, each field below or behind its label: Embase, Ovid, CINAHL, Scopus.

TITLE
Moths at street lamps: a count of two summers

AUTHOR NAMES
Wick A.; Flint B.

A record's text is its lines as they stand in the file, and no line of another record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from rag.sources.headings import abstract_label, is_rule, next_line
from rag.sources.labels import FIELDS, field_called
from rag.sources.lines import Line, split_lines
from rag.sources.record import gathered, listed_names
from rag.sources.source_file import Reading, SourceFile
from rag.sources.tagged_record import TaggedRecord, Tags, review_of

_HEAD = 20_000  # characters in which the first records begin
_LONGEST_LABEL = 60
_MARK = re.compile(r"record:? ?#?\d+(?: of \d+)?|<\d+ ?\.? ?>", re.IGNORECASE)
_INLINE = re.compile(r"(?P<label>[A-Z][\w /().&'-]{1,40}?)\s?: ?(?P<value>\S.*)")
# Scopus has names, title and place of publication without labels above the fields that have them.
_CITED = re.compile(r"\((?:19|20)\d\d\) \S")
_INDENT = re.compile(r"[^\S\r\n]")
_FEWEST = 2  # titles, or fields beside one
_NAMES = frozenset(name for name, field in FIELDS.items() if field == "author")
_TAGS = Tags(FIELDS, lists=_NAMES)
_NAMED, _TITLED, _PLACED, _UNNAMED = "authors", "title", "source", ""  # tags of lines without labels


@dataclass(frozen=True, slots=True)
class _Form:
    """How the labels of a file look: `alone` on their lines, in capitals, with a colon, below a blank line, ..."""

    alone: bool
    capitals: bool
    colon: bool
    apart: bool
    indented: bool  # whether what stands below a label is


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins with records whose fields are labelled: two, or one that is numbered."""
    head = file.text[:_HEAD]
    return bool(_starts(head, split_lines(head)))


def read(file: SourceFile) -> Reading:
    """Return the records as reviews, each with its own lines of the file as its text."""
    records = [one for one in _records(file.text, split_lines(file.text)) if one.fields]
    reviews = (review_of(file.text, one, _TAGS, number) for number, one in enumerate(records, start=1))
    return gathered(file, "Records with labels", reviews)


def _starts(text: str, lines: Sequence[Line]) -> list[int]:
    """Return where the records begin: at their numbers, rules, first labels, or unlabelled heads; [] if these are none.

    A note or a manuscript may label its title, too: it has no number and no second title.
    """
    known = [(at, field) for at, line in enumerate(lines) if (field := _known(text, line))]
    fields = {field for _, field in known}
    titles = [at for at, field in known if field == "title"]
    marks = [at for at, line in enumerate(lines) if _MARK.fullmatch(line.text)]
    if len(fields & {"abstract", "author", "doi", "year"}) < _FEWEST:
        return _heads(lines) if {"abstract", "doi"} <= fields else []
    if titles and marks and marks[0] < titles[0]:
        return marks
    if len(titles) < _FEWEST:
        return [] if titles else _heads(lines)
    rules = [at for at, line in enumerate(lines) if is_rule(line)]
    if len(rules) >= len(titles) and rules[0] < titles[0]:
        return rules
    first = lines[known[0][0]].text.partition(":")[0]
    leading = [at for at, _ in known if lines[at].text.partition(":")[0] == first]
    return leading if len(leading) == len(titles) else titles


def _known(text: str, line: Line) -> str | None:
    """Return the field whose label a line begins with, or is."""
    if _is_indented(text, line):
        return None
    match = _INLINE.match(line.text)
    return field_called(match["label"] if match else line.text[:_LONGEST_LABEL])


def _heads(lines: Sequence[Line]) -> list[int]:
    """Return where the paragraphs begin that say with the year first where a paper stands."""
    heads = [_paragraph(lines, at) for at, line in enumerate(lines) if _CITED.match(line.text) and not line.gap]
    return list(dict.fromkeys(heads))


def _paragraph(lines: Sequence[Line], at: int) -> int:
    return next(place for place in range(at, -1, -1) if lines[place].gap or not place)


def _form(text: str, lines: Sequence[Line]) -> _Form:
    labels = [at for at, line in enumerate(lines) if _known(text, line)]
    alone = [at for at in labels if not _INLINE.match(lines[at].text)]
    stand = 2 * len(alone) > len(labels)
    shown = alone if stand else [at for at in labels if at not in {*alone}]
    words = [lines[at].text if stand else lines[at].text.partition(":")[0] for at in shown]
    below = [lines[at + 1] for at in shown if at + 1 < len(lines)]
    return _Form(
        stand,
        all(map(str.isupper, words)),
        all(word.endswith(":") for word in words),
        2 * sum(lines[at].gap for at in shown) > len(shown),
        2 * sum(_is_indented(text, line) for line in below) > len(below),
    )


def _records(text: str, lines: Sequence[Line]) -> Iterator[TaggedRecord]:
    form, starts = _form(text, lines), _starts(text, lines)
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        own = lines[start:stop]
        record = TaggedRecord(own[0].start, own[0].end)
        first = [0, *takewhile(lambda at: not own[at].gap, range(1, len(own)))]
        cited = next((at for at in first if _CITED.match(own[at].text)), -1)
        for at, line in enumerate(own):
            if at <= cited:
                record.take(line, _unlabelled(at, cited), line.text)
            else:
                record.take(line, *(_label(text, own, at, form, record) or (None,)))
        for one in record.fields:
            if one.tag in _NAMES:
                one.lines = list(dict.fromkeys(listed_names("; ".join(one.lines))))
        yield record


def _unlabelled(at: int, cited: int) -> str:
    """Return what a line of an unlabelled head is: names first, the title above the place of publication."""
    if at == cited:
        return _PLACED
    return _TITLED if at == cited - 1 else _NAMED if at == 0 else _UNNAMED


def _label(text: str, own: Sequence[Line], at: int, form: _Form, record: TaggedRecord) -> tuple[str, str] | None:
    """Return the label of a line that begins a field, and what it says behind it; None for one that goes on."""
    line = own[at]
    match = None if form.alone else _INLINE.match(line.text)
    words = match["label"] if match else line.text
    if _is_indented(text, line) or len(words) > _LONGEST_LABEL or not (form.alone or match):
        return None
    if form.capitals and not words.isupper():
        return None
    last = record.fields[-1] if record.fields else None
    if not field_called(words):
        empty = last and last.start == last.end  # a label that waits for its value: this may be all in capitals
        said = last and field_called(last.tag) == "abstract"
        if not words[0].isalpha() or empty:
            return None
        if said and abstract_label(Line(0, 0, words, gap=True), next_line(own, at)):
            return None
        marked = form.indented or form.capitals or (words.endswith(":") if form.alone else line.gap or not form.apart)
        if not marked or (form.alone and form.colon and not words.endswith(":")):
            return None
    return words.strip(" :").casefold(), match["value"] if match else ""


def _is_indented(text: str, line: Line) -> bool:
    return bool(line.start and _INDENT.match(text[line.start - 1]))
