"""Headings: how Markdown and plain text mark them, and what the usual ones in a paper announce."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.sources.lines import AFFILIATIONS, AUTHORS, BOILERPLATE, CITATION, KEYWORDS, Line, Part, key, listed, squeeze

# Language models set a picture before a heading.
_ATX = re.compile(r"(#{1,6})\s+(?:[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]+\s*)?(.*)")
_ATX_END = re.compile(r"\s*(?:\{[^{}]*\})?\s*#*\s*(?:\{[^{}]*\})?$")
_BOLD = re.compile(r"(?:\*\*|__)([^*_]{2,80})(?:\*\*|__):?")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.)\s+")
_RULE = re.compile(r"(?:-{3,}|={3,}|\*{3,}|_{3,}|(?:- ){2,}-|(?:\* ){2,}\*|:{3,}.*)")

ABSTRACT = Part("Abstract", "abstract", "authors")
REFERENCES = Part("References", "references", "authors")
COMPETING = Part("Competing interests", "competing interests", "authors")
FUNDING = Part("Funding", "bibliographic", "authors")
_BACK_MATTER = Part("Back matter", "bibliographic", "authors")

_INTEREST = re.compile(
    r"(?:(?:declarations?|statements?|disclosures?) (?:of|on) )?(?:potential |competing |conflicts? of |conflicting )"
    r"(?:financial )?interests?(?: statements?| disclosures?| declarations?)?"
    r"|(?:declarations?|disclosures?) of (?:competing )?(?:financial )?interests?|disclosures?(?: statements?)?"
    r"|(?:author|financial) disclosures?|coi statement"
)
_REFERENCES = re.compile(r"(?:additional |other )?references(?: cited| and notes| to .{1,80})?")
_USUAL: dict[str, Part] = {
    **dict.fromkeys(["abstract", "author abstract", "authors' abstract", "structured abstract"], ABSTRACT),
    **dict.fromkeys(["reference list", "bibliography", "literature", "literature cited"], REFERENCES),
    **dict.fromkeys(["cited literature", "works cited"], REFERENCES),
    **dict.fromkeys(["funding", "funding statement", "funding sources", "funding information", "grants"], FUNDING),
    **dict.fromkeys(["funding/support", "sources of funding", "grant support"], FUNDING),
    **dict.fromkeys(["grants and funding", "financial support"], FUNDING),
    **dict.fromkeys(["acknowledgements", "acknowledgments", "acknowledgement", "acknowledgment"], _BACK_MATTER),
    **dict.fromkeys(["author contributions", "authors' contributions", "contributors"], _BACK_MATTER),
    **dict.fromkeys(["data availability", "data availability statement", "code availability"], _BACK_MATTER),
    **dict.fromkeys(["authors", "author list", "author information", "about the authors"], AUTHORS),
    **dict.fromkeys(["affiliations", "affiliation", "author affiliations"], AFFILIATIONS),
    **dict.fromkeys(["keywords", "key words", "keyword", "author keywords", "index terms"], KEYWORDS),
}


_SPACED = re.compile(r"(?:[A-Za-z] ){3,}[A-Za-z]")
# Headings that divide the text of a paper, and those that are numbered.
OF_PAPERS = listed("""
    introduction | background | methods | materials and methods | results | discussion | results and discussion
    | conclusion | conclusions | concluding remarks | summary | limitations | perspectives | future directions
    | authors' conclusions | summary of findings
""")
NUMBERED = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2})*)\.?\s+[A-Z].{1,78}")
# Headings below which whoever presents a paper speaks, a page, a reader or a model, and not its authors.
PAGE_WRITTEN = re.compile(
    r"tl;?\s?dr|(?:main |key )?contributions?|key (?:findings|takeaways|points|insights|results)|main findings"
    r"|why (?:it|this) matters|(?:ai|plain[- ]language|lay|short|one-line|page) summary|in a nutshell|at a glance"
    r"|takeaways?|highlights|(?:my |reading )?(?:notes?|annotations?|comments?|questions)"
)
# Below these stands how to cite the paper.
CITE = re.compile(r"(?:how to )?cite(?: (?:this|as).*)?|(?:recommended )?citation")
# Below these stand facts of publication.
DETAILS = re.compile(r"(?:(?:paper|publication|article|bibliographic) )?(?:details|info|information|metadata|facts)")
# Below these stand other papers.
LEADS_AWAY = re.compile(
    r"(?:related|similar|recommended|citing|cited|featured) (?:papers|articles|reviews|publications|works|links|posts"
    r"|literature|information|reading|content(?: .*)?)|recommended(?: for you)?|cited by(?: .*)?|see also"
    r"|more like this"
)
# Manuscripts and copies say which line is the title.
TITLE_LABEL = re.compile(r"^[*_]*title[*_]*\s*:[\s*_]*", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|`)(?=\S)(.{1,200}?)(?<=\S)\1(?!\w)")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\((?=[^()\s]{0,300}[/.#:])[^()\s]{1,300}\)")  # not "[CpFe](2)"
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")
_LONGEST_TITLE = 300
_LONGEST_HEADING = 400  # characters; beyond, a line is a paragraph that begins with a number sign


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's depth, 1 to 6, and its words."""

    level: int
    text: str


@dataclass(slots=True)
class Outline:
    """Which part the lines are in while headings open sections, or divide the abstract, the references and the like."""

    current: Part
    _top: Part = BOILERPLATE
    _level: int = 6

    def enter(self, heading: Heading, part: Part) -> None:
        """Go on with `part`, or stay in the section that a deeper heading divides."""
        if heading.level > self._level and self._top.kind not in {"body", "summary", "bibliographic"}:
            top = self._top
            divided = Part(f"{top.heading}: {heading.text}", top.kind, top.provenance)
            self.current = top if top is BOILERPLATE else divided
        else:
            self.current, self._top, self._level = part, part, heading.level


def markdown_heading(line: Line) -> Heading | None:
    """Return the heading that a line of Markdown is, by its number signs, or None."""
    if match := _atx(line):
        return Heading(len(match.group(1)), squeeze(_ATX_END.sub("", match.group(2))))
    return None


def _atx(line: Line) -> re.Match[str] | None:
    return _ATX.fullmatch(line.text) if len(line.text) <= _LONGEST_HEADING else None


def without_marks(line: Line) -> Line:
    """Return a heading line without its number signs and closing attributes."""
    match = _atx(line)
    if match is None or not (words := _ATX_END.sub("", match.group(2))):
        return line
    start = line.start + match.start(2)
    return replace(line, start=start, end=start + len(words), text=words)


def bold_heading(line: Line) -> str | None:
    """Return the words of a line that is one short bold phrase."""
    match = _BOLD.fullmatch(line.text[:100])
    return match.group(1).strip(" :") if match else None


def is_rule(line: Line) -> bool:
    """Return whether a line is a horizontal rule, an underline or a fence, which separate and say nothing."""
    return line.text[0] in "-=*_:" and bool(_RULE.fullmatch(line.text[:400]))


def usual_part(heading: str) -> Part | None:
    """Return what a heading with this wording announces in any paper, under its own words; None if it is not usual.

    >>> usual_part("6. Declaration of Competing Interest").kind
    'competing interests'
    """
    words = without_number(key(Line(0, 0, spelled(heading), True)))
    named = _USUAL.get(words) or (REFERENCES if _REFERENCES.fullmatch(words) else None)
    part = COMPETING if _INTEREST.fullmatch(words) else named
    return Part(squeeze(heading).strip(" :"), part.kind, part.provenance) if part else None


def spelled(text: str) -> str:
    """Return a heading without the blanks between its letters.

    >>> spelled("A B S T R A C T"), spelled("Abstract")
    ('ABSTRACT', 'Abstract')
    """
    return text.replace(" ", "") if _SPACED.fullmatch(text) else text


def plain_title(text: str) -> str:
    """Return a title without Markdown and HTML marks, on one line, at most 300 characters.

    >>> plain_title("*In vivo* [engineering](https://a.org) of  T<sub>reg</sub> cells")
    'In vivo engineering of Treg cells'
    """
    text = _TAG.sub("", _LINK.sub(r"\1", text[:2_000]))
    text = squeeze(_EMPHASIS.sub(r"\2", text))
    return text if len(text) <= _LONGEST_TITLE else text[: text.rfind(" ", 0, _LONGEST_TITLE)].rstrip() + " …"


def without_number(heading: str) -> str:
    """Return a heading without its section number."""
    return _NUMBER.sub("", heading, count=1)


_ABSTRACT_LABEL = re.compile(
    r"(?:background|objectives?|aims?|purpose|introduction|context|importance|rationale|hypothesis|question|summary|"
    r"methods?|materials?|patients?|participants?|subjects|population|study|design|settings?|interventions?|exposures?|"
    r"main outcomes?|outcomes?|measures?|measurements?|data|evidence|eligibility|search|selection|results?|findings?|"
    r"conclusions?|interpretation|discussion|significance|implications?|relevance|limitations?|strengths?|funding|"
    r"trial registration|registration|recent findings|areas covered|expert opinion|scope|approach|unlabelled|key)\b.*"
)
_LABELLED = re.compile(
    r"[*_]{0,3}(?P<label>abstract|summary|key ?words?|competing interests?|conflicts? of interests?|funding"
    r"|declarations? of interests?|acknowledge?ments?|affiliations?)[*_]{0,3}\s*[:.—–][*_]{0,3}\s*\S",
    re.IGNORECASE,
)
_CITE_AS = re.compile(
    r"(?:(?:how )?to cite|cite|(?:recommended )?citation|published in)\b[^:]{0,30}:\s*\S", re.IGNORECASE
)


def abstract_label(line: Line, following: Line | None) -> str | None:
    """Return the label that stands alone on a line of a structured abstract ("Background"), or None."""
    words = squeeze(line.text).strip("#*_ ")
    if len(words) > 60 or following is None or not words[:1].isupper() or words[-1] in ".,;?":
        return None
    known = len(words.split()) <= 4 and _ABSTRACT_LABEL.fullmatch(words.casefold())
    return words.strip(" :") if known or (words.endswith(":") and len(words.split()) <= 7) else None


def abstract_part(label: str) -> Part:
    """Return the part of a structured abstract that stands under a label."""
    return Part(f"{ABSTRACT.heading}: {label}", ABSTRACT.kind, ABSTRACT.provenance)


def labelled_part(line: Line) -> Part | None:
    """Return the part of a paragraph that begins with its own label ("Keywords: …", "Cite as: …"), or None."""
    if _CITE_AS.match(line.text[:100]):
        return CITATION
    if not (match := _LABELLED.match(line.text[:100])):
        return None
    label = match["label"].capitalize()
    return ABSTRACT if label == "Summary" else usual_part(label)


def next_line(lines: Sequence[Line], index: int) -> Line | None:
    """Return the line after the one at an index, if there is one."""
    return lines[index + 1] if index + 1 < len(lines) else None
