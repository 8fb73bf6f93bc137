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
from rag.sources.lines import Line, is_prose, split_lines
from rag.sources.record import Field, gathered, listed_names
from rag.sources.source_file import Reading, SourceFile
from rag.sources.tagged_record import Tagged, TaggedRecord, Tags, review_of

_HEAD = 20_000  # characters in which the first records begin
_LONGEST_LABEL = 60
_FEWEST = 2  # titles, where no record is numbered; fields beside these
_MARK = re.compile(r"record:? ?#?\d+(?: of \d+)?|<\d+ ?\.? ?>", re.IGNORECASE)
_INLINE = re.compile(r"(?P<label>[A-Z][\w /().&'-]{1,40}?)\s?: ?(?P<value>\S.*)")
# Scopus has names, title and where a paper stands on lines without labels, above those that have them.
_PLACE = re.compile(r"\((?:19|20)\d\d\) \S")
_NOTE, _FEWEST_WORDS = "notes", 8  # of a sentence
_UNLABELLED = ("authors", "title", "source")
_TELLING: frozenset[Field] = frozenset(["abstract", "author", "doi", "year"])
_TAGS = Tags(FIELDS, lists=frozenset(name for name, field in FIELDS.items() if field == "author"))


def recognises(file: SourceFile) -> bool:
    """Tell whether a text begins with records whose fields are labelled: two, or one that is numbered."""
    return bool(_Labelled(file.text[:_HEAD]).starts)


def read(file: SourceFile) -> Reading:
    """Return the records as reviews, each with its own lines of the file as its text."""
    records = [record for record in _Labelled(file.text).records() if record.fields]
    reviews = (review_of(file.text, record, _TAGS, number) for number, record in enumerate(records, start=1))
    return gathered(file, "Records with labels", reviews)


def _says(words: str) -> bool:
    """Tell sentences, which are kept below whatever label, from terms and addresses."""
    return words[-1:] in (".", "!", "?") and is_prose(words, _FEWEST_WORDS)


@dataclass(frozen=True, slots=True)
class _Form:
    """How labels look: `alone` on their lines, in capitals, with a colon, below a blank line, their values indented."""

    alone: bool
    capitals: bool
    colon: bool
    apart: bool
    indented: bool


class _Labelled:
    """The lines of a text, and where its records begin: nowhere, if it is of another kind."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._lines = split_lines(text)
        self._known = {at: field for at in range(len(self._lines)) if (field := self._field(at))}
        self.starts = self._starts()

    def _field(self, at: int) -> Field | None:
        """Return the field whose label a line is, or begins with."""
        line = self._lines[at]
        match = _INLINE.match(line.text)
        return None if self._is_indented(at) else field_called(match["label"] if match else line.text[:_LONGEST_LABEL])

    def _is_indented(self, at: int) -> bool:
        start = self._lines[at].start
        return start > 0 and self._text[start - 1] in " \t"

    def _starts(self) -> list[int]:
        """Return where records begin: at their numbers, at rules, at the label that is first in each, at heads without.

        A note or a manuscript may label its title, too: it has no number and no second title.
        """
        stated = {*self._known.values()}
        titles = [at for at, field in self._known.items() if field == "title"]
        if not titles:
            return self._heads() if {"abstract", "doi"} <= stated else []
        marks = [at for at, line in enumerate(self._lines) if _MARK.fullmatch(line.text)]
        if len(stated & _TELLING) < _FEWEST or (len(titles) < _FEWEST and not marks):
            return []
        rules = [at for at, line in enumerate(self._lines) if is_rule(line)]
        first = self._lines[next(iter(self._known))].text.partition(":")[0]
        leading = [at for at in self._known if self._lines[at].text.partition(":")[0] == first]
        above = (found for found in (marks, rules, leading) if len(found) >= len(titles) and found[0] <= titles[0])
        return next(above, titles)

    def _heads(self) -> list[int]:
        """Return where the paragraphs begin that state, year first, where a paper stands."""
        heads: list[int] = []
        start = 0
        for at, line in enumerate(self._lines):
            start = at if line.gap else start
            if at > start and _PLACE.match(line.text) and heads[-1:] != [start]:
                heads.append(start)
        return heads

    def _form(self) -> _Form:
        alone = [at for at in self._known if not _INLINE.match(self._lines[at].text)]
        shown = alone if 2 * len(alone) > len(self._known) else sorted({*self._known} - {*alone})
        words = [self._lines[at].text.partition(":")[0] for at in shown]
        below = [at + 1 for at in shown if at + 1 < len(self._lines)]
        return _Form(
            alone=shown is alone,
            capitals=all(map(str.isupper, words)),
            colon=all(":" in self._lines[at].text for at in shown),
            apart=2 * sum(self._lines[at].gap for at in shown) > len(shown),
            indented=2 * sum(map(self._is_indented, below)) > len(below),
        )

    def records(self) -> Iterator[TaggedRecord]:
        """Yield the records, each with its fields under their labels."""
        form = self._form()
        for start, stop in zip(self.starts, [*self.starts[1:], len(self._lines)], strict=True):
            record = TaggedRecord(self._lines[start].start, self._lines[start].end)
            for at in range(self._take_head(record, start, stop), stop):
                record.take(self._lines[at], *self._label(at, form, record.fields[-1:]))
            named: set[str] = set()  # ProQuest repeats them
            for field in record.fields:
                if field.tag in _TAGS.lists:
                    names = dict.fromkeys(listed_names("; ".join(field.lines)))
                    field.lines = [name for name in names if name not in named]
                    named.update(names)
                elif _says(self._text[field.start : field.end]) and field_called(field.tag) is None:
                    field.tag = _NOTE
            yield record

    def _take_head(self, record: TaggedRecord, start: int, stop: int) -> int:
        """Add an unlabelled head, if there is one, and return where it ends: names, title, where the paper stands."""
        inside = takewhile(lambda at: not self._lines[at].gap, range(start + 1, stop))
        place = next((at for at in inside if _PLACE.match(self._lines[at].text)), None)
        if place is None:
            return start
        told = {start: _UNLABELLED[0], place - 1: _UNLABELLED[1], place: _UNLABELLED[2]}
        for at in range(start, place + 1):
            text = self._lines[at].text
            label = text.partition(":")[0].casefold() if at in self._known else ""
            record.take(self._lines[at], label or told.get(at, ""), text[len(label) + 1 :].lstrip() if label else text)
        return place + 1

    def _label(self, at: int, form: _Form, last: Sequence[Tagged]) -> tuple[str | None, str]:
        """Return the label of a line that begins a field, and what it says behind it; None for one that goes on."""
        text, match = self._lines[at].text, None if form.alone else _INLINE.match(self._lines[at].text)
        words = match["label"] if match else text
        looks = (form.alone or match) and len(words) <= _LONGEST_LABEL and not self._is_indented(at)
        if not looks or (form.capitals and not words.isupper()):
            return None, ""
        if not field_called(words) and not self._may_be_label(at, words, form, last):
            return None, ""
        return words.strip(" :").casefold(), match["value"] if match else ""

    def _may_be_label(self, at: int, words: str, form: _Form, last: Sequence[Tagged]) -> bool:
        """Tell the label of another field from a value, which may be in capitals, and from a label of an abstract."""
        if not words[0].isalpha() or any(field.start == field.end for field in last):
            return False
        following = next_line(self._lines, at)
        in_abstract = any(field_called(field.tag) == "abstract" for field in last)
        if in_abstract and abstract_label(Line(0, 0, words, gap=True), following):
            return False
        if not form.alone:
            return self._lines[at].gap or not form.apart
        return words.endswith(":") if form.colon else form.indented or form.capitals
