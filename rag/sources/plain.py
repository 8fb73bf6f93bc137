"""Plain text and Markdown without the structure of a page that we know: a title, and what its headings announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from rag.sources.assembly import assemble
from rag.sources.facts import Facts, is_printed_in, read_facts
from rag.sources.front_matter import front_matter
from rag.sources.furniture import add_own_doi, add_stated, is_furniture, is_trail
from rag.sources.headings import (
    ABSTRACT,
    CITE,
    DETAILS,
    LEADS_AWAY,
    NUMBERED,
    OF_PAPERS,
    PAGE_WRITTEN,
    TITLE_LABEL,
    Heading,
    Outline,
    abstract_label,
    abstract_part,
    bold_heading,
    is_rule,
    labelled_part,
    markdown_heading,
    next_line,
    plain_title,
    usual_part,
    without_marks,
    without_number,
)
from rag.sources.identifiers import find_address
from rag.sources.lines import (
    AFFILIATIONS,
    AUTHORS,
    BOILERPLATE,
    CITATION,
    TITLE,
    Line,
    Part,
    is_prose,
    key,
    split_lines,
)
from rag.sources.names import is_byline, looks_like_institution, looks_like_names
from rag.sources.source_file import Reading, SourceFile
from rag.types import Review

TEXT = Part("Text", "body", "authors")

_TAG = re.compile(r"</?[a-z][a-z0-9]*\b[^<>]*>", re.IGNORECASE)
_ONLY_LINK = re.compile(r"!?\[[^\[\]]*\]\([^()]*\)")
# How a conversation with a language model is copied.
_SPOKEN = re.compile(r"#*\s*(?:you|user|chatgpt|claude|gemini|copilot|assistant)(?: said)?:?", re.IGNORECASE)
# Readwise cuts the title that it sets as a heading.
_FULL_TITLE = re.compile(r"^\W*full title\W*:[\s*_]*(?P<title>\S.{5,400})", re.IGNORECASE)
_ALSO_OF_NOTES = frozenset(["summary", "conclusion", "conclusions", "limitations", "references", "keywords"])
_FEWEST_ENTRIES, _MENU_WORDS, _MOST_MENU_LINES = 3, 4, 60  # of a menu, of an entry, and above a title
_FEWEST_OF_PAPERS = 2  # headings
# Authors, too, put these beside an abstract.
_OF_AUTHORS_TOO = frozenset(["highlights", "key points", "plain language summary", "lay summary"])
_NOTE = Part("Note", "summary", "note")
# An abstract is the authors' own wherever it is copied to.
_NOTED = frozenset(["body", "summary"])
_NOTICE = re.compile(
    r"cookies?\b|javascript|captcha|verify (?:that )?you|you are (?:human|a robot)|access denied|page (?:you|not)\b"
    r"|not (?:be )?found|forbidden|sign in|log ?in\b|subscri(?:be|ption)|purchase|institutional access|your browser"
    r"|too many requests|privacy policy|terms of (?:use|service)|accept all|try again|preferences|ray id",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 3_000  # characters
_WORDS_PER_NOTICE = 25
_SHORTEST_TEXT = 8  # words, of a file that is one line
_FACT_LINES = 12
_LONGEST_HEAD = 60  # lines
_LONGEST_FACT = 2_000
_FEWEST_WORDS = 8  # of a sentence
_LONGEST_TITLE_LINE = 300
# Characters of a heading that nothing marks but the blank lines around it, and of the paragraphs around it.
_LONGEST_HEADING_LINE, _PARAGRAPH = 60, 120


def recognises(file: SourceFile) -> bool:
    """Tell whether a file is text; of which kind does not matter."""
    return bool(file.text)


def read(file: SourceFile) -> Reading:
    """Return the review that plain text or Markdown holds; one that is only a notice ("404") has no text section."""
    review = _read(file.text, split_lines(file.text), PurePath(file.name).stem)
    return Reading("text", (review,), len(file.text), guessed=True)


def _read(text: str, lines: Sequence[Line], name: str) -> Review:
    matter = front_matter(text, lines)
    begun = len(matter.parts)
    title, place = _title(matter.fields, lines, begun, name)
    if _is_notice(text):
        return assemble(text, title, lines, [BOILERPLATE] * len(lines), Facts())
    parts = [*[BOILERPLATE] * begun, *_parts(lines, begun, place, note=matter.note)]
    facts = _facts(lines, parts, matter.fields, place)
    parts[:begun] = matter.parts
    if _is_note(lines[begun:], matter.note):
        parts = [replace(part, provenance="note") if part and part.kind in _NOTED else part for part in parts]
    return assemble(text, title, lines, parts, facts, url=find_address(matter.fields.get("url", "")))


def _is_note(lines: Sequence[Line], told: bool) -> bool:
    """Tell a note on a paper, by a reader or a model, from the paper: its headings are those of notes."""
    headings = {without_number(key(line)) for line in lines if markdown_heading(line) or bold_heading(line)}
    of_papers = sum(heading in OF_PAPERS or usual_part(heading) is not None for heading in headings - _ALSO_OF_NOTES)
    of_notes = sum(bool(PAGE_WRITTEN.fullmatch(heading)) for heading in headings)
    spoken = any(_SPOKEN.fullmatch(line.text) for line in lines[:_FACT_LINES])
    return spoken or (of_papers < _FEWEST_OF_PAPERS + (of_notes > 1) and (told or of_notes > 0))


def _title(fields: Mapping[str, str], lines: Sequence[Line], body: int, name: str) -> tuple[str, int | None]:
    """Return the title and the place of its line: from the front matter, a first-level heading, or the first line.

    Where there is none, it is the name of the file.
    """
    place = next((place for place in range(body, len(lines)) if _is_top(lines, place)), None)
    if place is None:
        place = _labelled_title(lines, body)
    if place is None:
        place = _first_heading(lines, body) or _first_line(lines, body)
    line = lines[place or 0]
    words = TITLE_LABEL.sub("", without_marks(line).text)
    if "title" in fields:
        return fields["title"], place if plain_title(words) == plain_title(fields["title"]) else None
    near = lines[body : body + _FACT_LINES]
    whole = next((match["title"] for one in near if (match := _FULL_TITLE.match(without_marks(one).text))), "")
    if place is not None and whole.casefold().startswith(words.casefold()):
        return whole, place
    is_text = len(line.text) > _LONGEST_TITLE_LINE or (len(lines) == 1 and len(line.text.split()) >= _SHORTEST_TEXT)
    return (name, None) if is_text or place is None else (words, place)


def _labelled_title(lines: Sequence[Line], body: int) -> int | None:
    """Return the place of the first line that is labelled as the title, near the beginning of a text."""
    near = range(body, min(body + _FACT_LINES, len(lines)))
    return next((place for place in near if TITLE_LABEL.match(without_marks(lines[place]).text)), None)


def _first_heading(lines: Sequence[Line], body: int) -> int | None:
    """Return the place of the first marked heading, of any depth, above which nothing is said, or that with names."""
    found = None
    for place in range(body, len(lines)):
        if heading := markdown_heading(lines[place]):
            usual = usual_part(heading.text) or without_number(key(lines[place])) in OF_PAPERS
            if usual or PAGE_WRITTEN.fullmatch(heading.text.casefold()):
                break
            below = next_line(lines, place)
            if below and is_byline(below.text):
                return place
            found = place if found is None else found
        elif len(lines[place].text) >= _PARAGRAPH:
            break
    return found


def _first_line(lines: Sequence[Line], body: int) -> int | None:
    """Return the place of the first line below menus and marks, None where that is a heading."""
    silent = _markup(lines)
    places = [at for at in range(body + _navigation(lines, body), len(lines)) if at not in silent]
    places = [at for at in places if any(map(str.isalpha, lines[at].text))]  # a rule is no title
    trails = [at for at in places[:_FACT_LINES] if is_trail(lines[at].text)]
    places = [at for at in places if at > trails[-1]] if trails else places
    if trails and len(lines[places[0]].text.split()) == 1 and len(places) > 1 and not lines[places[1]].gap:
        places = places[1:]  # "Alert", above a title
    if places and lines[places[0]].text[-1] == ":":  # a label: the title stands below what it says
        places = [at for at in places[1:] if lines[at].gap and lines[at].text[-1] != ":"]
    return places[0] if places and not _heading(lines, places[0]) else None


def _navigation(lines: Sequence[Line], body: int) -> int:
    """Return how many of the lines from `body` on are menus, which some copied pages begin with."""
    found, block = 0, list[Line]()
    for place, line in enumerate(lines[body : body + _MOST_MENU_LINES]):
        if place and _heading(lines, body + place):
            break
        if line.gap:
            found, block = (place if _is_menu(block) else found), []
        block.append(line)
        told = usual_part(line.text) or read_facts([line], Facts(), TEXT) != [TEXT]
        if not _is_menu_entry(line) and _is_menu(block[:-1]) and sum(map(_is_short, block[:-1])) > 1:
            found = place
        if len(line.text) >= _PARAGRAPH or line.text[0] == "#" or (told and not _is_menu_entry(line)):
            break
    return found


def _is_short(line: Line) -> bool:
    """Tell what is no name of a person: one word, or a slogan."""
    return len(line.text.split()) == 1 or line.text[-1] == "."


def _is_menu(block: Sequence[Line]) -> bool:
    names = all(len(line.text.split()) > 1 and looks_like_names(line.text) for line in block)
    return len(block) >= _FEWEST_ENTRIES and all(map(_is_menu_entry, block)) and not names


def _is_menu_entry(line: Line) -> bool:
    return len(line.text.split()) <= _MENU_WORDS and not re.search(r"\d|:$", line.text)


def _is_top(lines: Sequence[Line], place: int) -> bool:
    heading = _heading(lines, place)
    if not heading or heading.level != 1 or usual_part(heading.text) or key(lines[place]) in OF_PAPERS:
        return False
    return lines[place].text[0] == "#" or _underlined(lines, place) > 0


def _heading(lines: Sequence[Line], place: int) -> Heading | None:
    """Return the heading that a line is: marked with number signs, underlined, or short and alone in its paragraph."""
    line, below = lines[place], next_line(lines, place)
    if heading := markdown_heading(line):
        return heading
    if level := _underlined(lines, place):
        return Heading(level, line.text)
    if not line.gap or len(line.text) > 80 or line.text[-1] in ".,;!?" or below is None:
        return None
    if key(line) in OF_PAPERS or usual_part(line.text) or PAGE_WRITTEN.fullmatch(key(line)):
        return Heading(1, line.text.strip(" :"))
    numbered = NUMBERED.fullmatch(line.text)
    letters = [character for character in line.text if character.isalpha()]
    capitals = (
        len(letters) >= max(4, len(line.text) / 2) and all(map(str.isupper, letters)) and len(line.text.split()) <= 10
    )
    if below.gap and (numbered or capitals):
        return Heading(1 + (numbered["number"].count(".") if numbered else 0), line.text.strip(" :"))
    return Heading(1, line.text.strip(" :")) if below.gap and _stands_over_text(lines, place) else None


def _question(lines: Sequence[Line], place: int) -> Heading | None:
    """Return the heading that a question alone in its paragraph is, as in a summary in plain language."""
    line, below = lines[place], next_line(lines, place)
    alone = line.gap and below is not None and below.gap
    return Heading(1, line.text) if alone and line.text[-1] == "?" and len(line.text) <= _PARAGRAPH else None


def _stands_over_text(lines: Sequence[Line], place: int) -> bool:
    """Tell a short line between two paragraphs, once the text has begun, from names, addresses and closing words."""
    text = lines[place].text
    if len(text) > _LONGEST_HEADING_LINE or not text[0].isupper() or re.search(r"[@/:\d|]|\.\s", text):
        return False
    if (" " in text and looks_like_names(text)) or looks_like_institution(text) or _NOTICE.search(text):
        return False
    begun = any(len(line.text) >= _PARAGRAPH for line in lines[:place])
    return begun and len(lines[place + 1].text) >= _PARAGRAPH


def _underlined(lines: Sequence[Line], place: int) -> int:
    """Return 1 or 2 for a line underlined with "===" or "---", else 0."""
    line, below = lines[place], next_line(lines, place)
    if below is None or below.gap or not line.gap or len(line.text) > 150 or is_rule(line):
        return 0
    return 1 if set(below.text) == {"="} else 2 if set(below.text) == {"-"} and len(below.text) > 2 else 0


def _announced(heading: Heading, *, note: bool) -> Part:
    """Return what stands below a heading; `note` says that the text is somebody's note on a paper."""
    words = without_number(heading.text.casefold())
    if LEADS_AWAY.fullmatch(words):
        return BOILERPLATE
    if PAGE_WRITTEN.fullmatch(words) and (note or words not in _OF_AUTHORS_TOO):
        return Part(heading.text, "summary", "note")
    if DETAILS.fullmatch(words):
        return Part(heading.text, "bibliographic", "authors")
    return CITATION if CITE.fullmatch(words) else usual_part(heading.text) or Part(heading.text, "body", "authors")


def _parts(lines: Sequence[Line], body: int, title: int | None, *, note: bool) -> Iterator[Part | None]:
    """Yield the parts of the lines from `body` on."""
    outline = Outline(TEXT)
    silent = _markup(lines) | set(range(body, body + _navigation(lines, body)))
    paragraph: Part | None = None
    called = begun = False
    brief: Part | None = None  # what a heading with a colon announces, up to the next blank line
    for place in range(body, len(lines)):
        line = lines[place]
        called = called and not line.gap
        brief, begun = (None, False) if line.gap and begun else (brief, brief is not None)
        paragraph = labelled_part(line) or (None if line.gap else paragraph)
        heading = None if place in silent or place == title else _heading(lines, place) or _question(lines, place)
        if place == title:
            outline = Outline(TEXT)
            yield TITLE
        elif place in silent:
            yield BOILERPLATE
        elif heading and (label := _label_of_abstract(lines, place, outline.current)):
            outline.current = abstract_part(label)
            yield None
        elif heading:
            part = _announced(heading, note=note)
            if part.kind == "bibliographic" and line.text[-1] == ":":
                brief, begun = part, False
            else:
                outline.enter(heading, part)
            yield None
        elif line.text[0] == ">" and (called or line.text.startswith("> [!")):
            called = True
            yield _NOTE
        else:
            around = outline.current.kind != "references" and is_furniture(line.text)
            aside = brief or paragraph or (BOILERPLATE if around else outline.current)
            yield None if is_rule(line) else aside


def _markup(lines: Sequence[Line]) -> set[int]:
    """Return the places of HTML comments, of lines that are HTML tags and hardly a word, of images and links alone."""
    found: set[int] = set()
    commented = False
    for place, line in enumerate(lines):
        opened = line.text.startswith("<!--")
        marked = _TAG.match(line.text[:2_000]) and len(plain_title(line.text).split()) < 5
        if commented or opened or marked or _ONLY_LINK.fullmatch(line.text[:2_000]):
            found.add(place)
        commented = (commented or opened) and "-->" not in line.text
    return found


def _label_of_abstract(lines: Sequence[Line], place: int, current: Part) -> str | None:
    """Return the label of a structured abstract: right below "Abstract", or among labels; never "Introduction"."""
    above = usual_part(lines[place - 1].text) if place else None
    begins = above is not None and above.kind == "abstract"
    if lines[place].text[0] == "#" or not (begins or current.heading.startswith(f"{ABSTRACT.heading}: ")):
        return None
    label = abstract_label(lines[place], next_line(lines, place))
    return label if label and label.casefold() != "introduction" and not usual_part(label) else None


def _facts(lines: Sequence[Line], parts: list[Part | None], fields: Mapping[str, str], title: int | None) -> Facts:
    """Return what the front matter and the lines below the title state, and mark these lines."""
    facts = Facts()
    for name, value in fields.items():
        facts.add(name, value)
    facts.add_identifiers(fields.get("url", ""))
    for place in range(title or 0):
        if parts[place] is TEXT and is_printed_in(lines[place].text):
            facts.add("journal", lines[place].text)
            parts[place] = CITATION
    head = _head(lines, parts, title)
    places = head or _below_title(lines, parts, title)
    stated = read_facts([lines[place] for place in places], facts, otherwise=TEXT)
    for place, fact in zip(places, stated, strict=True):
        said = is_prose(lines[place].text, _FEWEST_WORDS)
        parts[place] = BOILERPLATE if head and fact is TEXT and not said else fact
    around = [
        line.text for line, part in zip(lines, parts, strict=True) if part is BOILERPLATE and is_furniture(line.text)
    ]
    add_own_doi(around, facts)
    add_stated(around[:_FACT_LINES], facts)
    _mark_affiliations(lines, parts)
    for line, part in zip(lines, parts, strict=True):
        if part is CITATION and (labelled_part(line) is CITATION or len(line.text) > _LONGEST_HEADING_LINE):
            facts.add("citation", line.text)
        elif part and DETAILS.fullmatch(part.heading.casefold()):
            read_facts([line], facts, otherwise=TEXT)
        elif part and usual_part(part.heading) == AUTHORS and looks_like_names(line.text[:_LONGEST_FACT]):
            facts.add("authors", line.text)
    return facts


def _mark_affiliations(lines: Sequence[Line], parts: list[Part | None]) -> None:
    """Mark the addresses that follow the names of the authors."""
    for place in range(1, len(lines)):
        follows = parts[place - 1] in (AUTHORS, AFFILIATIONS) and parts[place] is TEXT
        if follows and len(lines[place].text) <= _LONGEST_TITLE_LINE and looks_like_institution(lines[place].text):
            parts[place] = AFFILIATIONS


def _head(lines: Sequence[Line], parts: Sequence[Part | None], title: int | None) -> list[int]:
    """Return the places of the lines between a title and an abstract that is near: the frame of a printed page."""
    if title is None:
        return []
    abstract = next((at for at, part in enumerate(parts) if part and part.kind == "abstract"), 0)
    near = title < abstract <= title + _LONGEST_HEAD
    between = ((at, parts[at]) for at in range(title + 1, abstract if near else 0))
    return [at for at, part in between if part is TEXT or (part and _is_around(lines[at], part))]


def _is_around(line: Line, part: Part) -> bool:
    return is_furniture(part.heading) or (part is BOILERPLATE and is_furniture(line.text))


def _below_title(lines: Sequence[Line], parts: Sequence[Part | None], title: int | None) -> list[int]:
    """Return the places of the short lines that stand above the first heading and the first paragraph."""
    places: list[int] = []
    for place, part in enumerate(parts):
        if part is TITLE or place < (title or 0) or (part is BOILERPLATE and not places):
            continue
        line = lines[place].text
        stated = len(line) <= _LONGEST_TITLE_LINE and not is_prose(line, _FEWEST_WORDS)
        if part is not TEXT or not stated or len(places) == _FACT_LINES:
            break
        places.append(place)
    return places


def _is_notice(text: str) -> bool:
    """Return whether a short text is a cookie banner, an error page, a log-in or a test for robots."""
    if len(text) > _LONGEST_NOTICE:
        return False
    notices, words = len(_NOTICE.findall(text)), len(text.split())
    return notices * _WORDS_PER_NOTICE >= words and (notices >= 2 or words <= _WORDS_PER_NOTICE)
