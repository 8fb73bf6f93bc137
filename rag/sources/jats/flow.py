"""The running text of an article in JATS, in reading order: every paragraph under the heading of its section."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from rag.sources.extract import Extract
from rag.sources.headings import COMPETING, FUNDING, REFERENCES, labelled_part, usual_part, without_number
from rag.sources.jats.references import reference_words
from rag.sources.lines import Line, Part
from rag.sources.xml.parsing import Element
from rag.sources.xml.tables import table_lines
from rag.sources.xml.words import ASIDE, SILENT, Words, words_of

TEXT = Part("Text", "body", "authors")
BACK = Part("Back matter", "bibliographic", "authors")
_ETHICS = Part("Ethics", "bibliographic", "authors")
_CONTRIBUTIONS = Part("Author contributions", "bibliographic", "authors")
_AVAILABILITY = Part("Data availability", "bibliographic", "authors")

# By fn-type, notes-type, sec-type or content-type.
_STATEMENTS: dict[str, Part] = {
    **dict.fromkeys(["conflict", "coi-statement", "conflict-interest", "competing-interest"], COMPETING),
    **dict.fromkeys(["financial-disclosure", "supported-by", "funding-information", "funding-statement"], FUNDING),
    **dict.fromkeys(["con", "equal", "author-contribution", "author-contributions"], _CONTRIBUTIONS),
    "data-availability": _AVAILABILITY,
    **dict.fromkeys(["ethics-statement", "ethics-information"], _ETHICS),
}
_BY_ELEMENT: dict[str, Part] = {
    "ack": Part("Acknowledgements", "bibliographic", "authors"),
    "app": Part("Appendix", "body", "authors"),
    "bio": Part("About the authors", "bibliographic", "authors"),
    "glossary": Part("Abbreviations", "bibliographic", "authors"),
}
_ABOUT_ETHICS = re.compile(
    r"(?:statements? (?:of|on) )?(?:research |animal |human )?(?:ethics?|ethical|consent)"
    r"(?: (?:statements?|approvals?|declarations?|clearance|(?:to|for) \w+))*(?:(?:,| and) (?:\w+ )?consent.*)?",
    re.IGNORECASE,
)
# Sections in the back matter that are part of the paper's text all the same.
_IN_BACK = re.compile(r"methods|materials.*|append(?:ix|ices)\b.*", re.IGNORECASE)
_LONGEST_HEADING = 200
_NAMES = frozenset(["title", "label", "subtitle", "sec-meta"])
_HEAD = frozenset([*_NAMES, "caption"])


class Flow:
    """Writes the elements of an article into an extract, paragraph by paragraph."""

    def __init__(self, extract: Extract) -> None:
        self._extract = extract
        self._lead = ""  # what the next paragraph begins with: the label of an item, a figure or a note
        sections = ["sec", "ack", "app", "notes", "glossary", "bio", "boxed-text", "fn-group"]
        labelled = ["fig", "table-wrap", "supplementary-material", "media", "fn", "list-item", "statement", "speech"]
        runs = "p list def-list disp-quote verse-group verse-line preformat code app-group bio-group floats-group"
        self._blocks: dict[str, Callable[[Element, Part], None]] = {
            **dict.fromkeys([*runs.split(), "fig-group", "table-wrap-group", "table-wrap-foot"], self.add),
            **dict.fromkeys(sections, self._add_section),
            **dict.fromkeys(labelled, self._add_labelled),
            **dict.fromkeys(["table", "tgroup"], self._add_table),
            "title": self._add_heading,
            "def-item": self._add_definition,
            "ref-list": self._add_references,
        }

    def add(self, element: Element | None, part: Part, without: frozenset[str] = frozenset()) -> None:
        """Add the words in an element and below, except in children of some names.

        A figure, table or note that stands in a paragraph follows it.
        """
        if element is None:
            return
        words = Words()
        words.add(element.text)
        for child in element:
            block = self._block(child)
            if child.tag in without:
                pass
            elif block:
                self._end_paragraph(words, part)
                words = Words()
                block(child, part)
            else:
                words.add_element(child)
            words.add(child.tail)
        self._end_paragraph(words, part)

    def add_words(self, words: str, part: Part | None) -> None:
        """Add a paragraph, or without a part a heading."""
        self._extract.add(words, part)

    def _block(self, element: Element) -> Callable[[Element, Part], None] | None:
        """Return what adds an element that is no part of a sentence; None for one that is, or stands aside of it."""
        name = element.tag
        if not isinstance(name, str) or name in ASIDE or name in SILENT:
            return None
        if known := self._blocks.get(name):
            return known
        if name == "alternatives" and element.find("table") is not None:
            return self._add_table
        outside = element.getparent().tag != "p" and len(element)
        return self.add if outside and next(element.iter("p", "sec"), None) is not None else None

    def _end_paragraph(self, words: Words, part: Part) -> None:
        if text := words.text():
            self._extract.add(f"{self._lead} {text}", part)
            self._lead = ""
        for element in words.aside:
            self._blocks[element.tag](element, part)

    def _add_heading(self, element: Element, part: Part) -> None:
        self._extract.add(words_of(element), None)

    def _add_section(self, element: Element, part: Part) -> None:
        caption = element.find("caption")
        title = words_of(element.find("title"), marks=False) or words_of(element.find("caption/title"), marks=False)
        label = words_of(element.find("label"), marks=False)
        self._extract.add(f"{label} {title}", None)
        part = _part_of(element, title or label, part)
        self.add(caption, part, without=_NAMES)
        self.add(element, part, without=_HEAD)

    def _add_labelled(self, element: Element, part: Part) -> None:
        """Add an element whose first paragraph begins with its label and title: "Figure 1. Lamps. They glow."."""
        name, label = element.tag, words_of(element.find("label"))
        title = words_of(element.find("caption/title")) or words_of(element.find("title"))
        if name in {"fig", "table-wrap"}:
            kind = "body" if part.kind == "bibliographic" else part.kind  # publishers put them behind the text as well
            part = Part(label.strip(" .:") or name.split("-")[0].capitalize(), kind, part.provenance)
        elif name == "fn":
            part = _part_of_note(element, part)
        if name == "fn" and label:
            label = f"[{label.strip('[]() .')}]"
        elif name != "list-item":
            label, title = (words if words[-1:] in ".:?!" or not words else f"{words}." for words in (label, title))
        self._lead = f"{self._lead} {label} {title}"
        self.add(element.find("caption"), part, without=_NAMES)
        self.add(element, part, without=_HEAD)
        self._extract.add(self._lead, part)
        self._lead = ""

    def _add_definition(self, element: Element, part: Part) -> None:
        self._lead = f"{words_of(element.find('term'))}:"
        self.add(element, part, without=frozenset(["term", "label"]))
        self._lead = ""

    def _add_table(self, element: Element, part: Part) -> None:
        self._extract.add(self._lead, part)
        self._lead = ""
        notes: list[Element] = []
        for line in table_lines(element, notes):
            self._extract.add(line, part)
        for note in notes:
            self._blocks[note.tag](note, part)

    def _add_references(self, element: Element, part: Part) -> None:
        title = words_of(element.find("title"), marks=False)
        self._extract.add(title, None)
        references = replace(REFERENCES, heading=title[:_LONGEST_HEADING] or REFERENCES.heading)
        for child in element:
            if child.tag == "ref":
                self._extract.add(reference_words(child), references)
            elif child.tag not in _NAMES and (block := self._block(child)):
                block(child, references)


def _part_of(element: Element, title: str, above: Part) -> Part:
    """Return what stands in a section: what its title or its type says, else what stands around it."""
    heading = without_number(title[:_LONGEST_HEADING]).strip(" .:")
    if own := _own_part(element, heading, above):
        return replace(own, heading=heading or own.heading)
    if not heading:
        return above
    return replace(above, heading=heading if above in {TEXT, BACK} else f"{above.heading}: {heading}")


def _own_part(element: Element, heading: str, above: Part) -> Part | None:
    """Return what a section is wherever it stands; within an abstract only the abstract is divided."""
    if above.kind == "abstract":
        return None
    kinds = (element.get(name) or "" for name in ("sec-type", "notes-type", "fn-type", "content-type"))
    kind = next(filter(None, kinds), "").lower()
    if above is BACK and (_IN_BACK.fullmatch(kind) or _IN_BACK.fullmatch(heading)):
        return TEXT
    if element.tag == "boxed-text" and heading:
        return above
    about_ethics = _ETHICS if _ABOUT_ETHICS.fullmatch(heading) else None
    return usual_part(heading) or about_ethics or _STATEMENTS.get(kind) or _BY_ELEMENT.get(element.tag)


def _part_of_note(note: Element, above: Part) -> Part:
    """Return what a note says: what its type or its beginning tells, outside of the text and its tables."""
    if own := _STATEMENTS.get((note.get("fn-type") or "").lower()):
        return own
    words = words_of(note)
    labelled = labelled_part(Line(0, len(words), words, gap=True)) if above.kind == "bibliographic" else None
    return labelled if labelled and labelled.kind != "abstract" else above
