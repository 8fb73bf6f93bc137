"""The words of a paragraph from its elements: markers of citations in brackets, exponents that stay exponents."""

from __future__ import annotations

import re
from html import unescape

from rag.sources.lines import squeeze
from rag.sources.xml.formulas import grouped, mathml, tex
from rag.sources.xml.parsing import Element

# Elements that stand on their own, so that words before and after them are not one.
_APART = frozenset(
    "p title break hr list list-item def-list def-item term def disp-formula disp-formula-group disp-quote td th tr "
    "attrib speech statement verse-group verse-line preformat code boxed-text sec caption citation-alternatives "
    "element-citation mixed-citation nlm-citation citation chem-struct-wrap name collab label "
    "surname given-names suffix taxon-name-part".split()
)
# What a sentence does not contain: what floats beside it, and its notes.
ASIDE = frozenset(
    "fig fig-group table-wrap table-wrap-group boxed-text supplementary-material media fn table-wrap-foot".split()
)
# What says nothing, or nothing of this paper.
SILENT = frozenset(
    "object-id alt-text long-desc graphic inline-graphic permissions private-char index-term annotation "
    "annotation-xml milestone-start milestone-end processing-meta article sub-article response book-part "
    "institution-id".split()
)
_FORMULAS = frozenset("alternatives inline-formula disp-formula chem-struct".split())
_FORMS = ("textual-form", "math", "tex-math")  # of one formula, the best to read first
_TO_REFERENCES = frozenset(["bibr", "ref", "bib-ref"])
_TO_NOTES = frozenset("fn table-fn table-wrap-foot author-notes author-note aff corresp".split())

_NUMBERS = re.compile(r"\d{1,3}[a-z]?(?:\s?[,;–-]\s?\d{1,3}[a-z]?)*")
_SIGNS = re.compile(r"[^\w\s]+|st|nd|rd|th|SM|TM", re.IGNORECASE)
_SHORT_UNIT = re.compile(r"(?:\A|[^\w])[^\W\d_]{1,3}\Z")
_AS_RAISED = str.maketrans("0123456789+-−–‐n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁻ⁿ")
_POWER = re.compile(r"[-−–‐+]?\d+[-−–‐+]?|n")
_NOTE_LETTERS = re.compile(r"[a-h]{1,3}(?:, ?[a-h]){0,6}[*†‡§°]*")
_NOTE_SIGNS = re.compile(r"[*†‡§¶#]+")
_NEAR = 200  # characters in which a bracket that is still open is looked for
# Between these two, which no XML can hold, stands the marker of a citation or a note until the paragraph is whole.
_OPEN, _CLOSE = "\x02", "\x03"
_BESIDE = re.compile(rf"{_CLOSE}\s?([,;–-]?)\s?{_OPEN}")
_MARKER = re.compile(rf" ?([.,;:]?) ?{_OPEN}([^{_CLOSE}]*){_CLOSE}(?=(\Z| [\"'“‘(\[]*[^\W\d_a-z])?)")


class Words:
    """The words of one paragraph while its elements are gone through; `aside` are floats and notes met on the way."""

    def __init__(self, *, marks: bool = True) -> None:
        self.aside: list[Element] = []
        self._marks = marks
        self._pieces: list[str] = []

    def add(self, text: str | None) -> None:
        """Add words as they are."""
        if text:
            self._pieces.append(text)

    def add_content(self, element: Element, without: frozenset[str] = frozenset()) -> None:
        """Add the words in an element, except in children of some names."""
        self.add(element.text)
        for child in element:
            if child.tag not in without:
                self.add_element(child)
            self.add(child.tail)

    def add_element(self, element: Element) -> None:
        """Add an element as it reads."""
        name = element.tag
        if not isinstance(name, str):
            self.add(unescape(element.text or ""))  # an entity, in a file that defines some itself
        elif name in ASIDE:
            self.aside.append(element)
        elif name in _APART or name in _FORMULAS:
            gap = " " if name in _APART else None
            self.add(gap)
            self.add_content(element, _lesser_forms(element) if name in _FORMULAS else frozenset())
            self.add(gap)
        elif name in {"math", "tex-math"}:
            self.add(mathml(element) if name == "math" else tex("".join(element.itertext())))
        elif name in {"sup", "sub", "xref"}:
            self._add_shifted(element, name)
        elif name not in SILENT:
            self.add_content(element)

    def _add_shifted(self, element: Element, name: str) -> None:
        inner = Words(marks=self._marks)
        inner.add_content(element)
        self.aside += inner.aside
        words, before = squeeze("".join(inner._pieces)), self._before()
        if not words:
            return
        if name == "xref":
            words = self._reference(element, words, before)
        elif any(_is_marker(reference) for reference in element.iter("xref")):
            words = _marker(words)
        elif name == "sub":
            words = f"_{words}" if before[-1:].isdigit() and words[0].isdigit() else words
        else:
            words = _raised(before, words)
            if words.startswith(_OPEN) and not self._marks:
                words = f"^{_bare(words)}"  # no reference tells that it is a note's
        if self._marks or not (words.startswith(_OPEN) or _NOTE_SIGNS.fullmatch(words)):
            self.add(words)

    def _reference(self, element: Element, words: str, before: str) -> str:
        if not _is_marker(element):
            return words
        to_note = element.get("ref-type") in _TO_NOTES
        bare = bool(_NUMBERS.fullmatch(words)) and not _is_open(before)
        return _marker(words) if to_note or bare or element.find(".//sup") is not None else words

    def _before(self) -> str:
        found: list[str] = []
        length = 0
        for piece in reversed(self._pieces):
            found.append(piece)
            length += len(piece)
            if length > _NEAR:
                break
        return "".join(reversed(found))[-_NEAR:]

    def text(self) -> str:
        """Return the paragraph on one line."""
        words = squeeze("".join(self._pieces))
        if _OPEN not in words:
            return words
        return squeeze(_MARKER.sub(_placed, _BESIDE.sub(lambda match: match[1] or ",", words)))


def words_of(element: Element | None, *, marks: bool = True) -> str:
    """Return the words in an element on one line, without floats and notes; `marks` of notes are kept or left out."""
    if element is None or not len(element):
        return squeeze(element.text or "") if element is not None else ""
    words = Words(marks=marks)
    words.add_content(element)
    return words.text()


def _marker(words: str) -> str:
    return f"{_OPEN}{_bare(words).strip(' []()')}{_CLOSE}"


def _bare(words: str) -> str:
    return words.replace(_OPEN, "").replace(_CLOSE, "")


def _placed(match: re.Match[str]) -> str:
    """Return a marker in brackets, before the stop of the sentence that it ends and not glued to a word."""
    stop, marker, ends = match.groups()
    if stop and (stop != "." or ends is not None):
        return f" [{marker}]{stop}"
    return f"{stop} [{marker}]"


def _is_open(before: str) -> bool:
    """Return whether a bracket is open at the end of a text."""
    return any(before.rfind(left) > before.rfind(right) for left, right in ("[]", "()"))


def _raised(before: str, words: str) -> str:
    """Return words that stand raised: "10^9", "m²", "Ca²⁺", "4th", "day⁻¹"; the mark of a note in brackets."""
    base = before[-1:]
    if _SIGNS.fullmatch(words) or not base or base.isspace() or base in "([{/·×":
        return words
    tight = words.replace(" ", "")
    short = bool(_SHORT_UNIT.search(before))
    if _POWER.fullmatch(tight):
        if base.isalpha() and (short or not tight.isdigit()):
            return tight.translate(_AS_RAISED)
        if not tight.isdigit() or base.isdigit():
            return f"^{tight}"
    noted = _NUMBERS.fullmatch(words) and (base in ".,;:" or (base.isalpha() and not short))
    return _marker(words) if noted or _NOTE_LETTERS.fullmatch(words) else f"^{grouped(words)}"


def _is_marker(reference: Element) -> bool:
    return reference.get("ref-type") in _TO_REFERENCES | _TO_NOTES


def _lesser_forms(formula: Element) -> frozenset[str]:
    """Return which of the forms that say the same are not to be read."""
    given = [form for form in _FORMS if formula.find(form) is not None]
    return frozenset(given[1:])
