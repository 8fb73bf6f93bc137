"""Plain text and Markdown without the structure of a page that we know: a title, and what its headings announce."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

from rag.encoders import LineKind
from rag.sources.assembly import assemble
from rag.sources.cited import place_cited, reference_in
from rag.sources.facts import Facts
from rag.sources.front_matter import FrontMatter, front_matter
from rag.sources.furniture import is_furniture
from rag.sources.headings import (
    ABSTRACT,
    CITE,
    DETAILS,
    LEADS_AWAY,
    NUMBERED,
    OF_PAPERS,
    PAGE_WRITTEN,
    REFERENCES,
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
from rag.sources.stated import TEXT, stated_facts
from rag.sources.told import Told, is_usual, record_starts, title_runs, told_kinds
from rag.types import Review

# How a conversation with a language model is copied.
_SPOKEN = re.compile(r"#*\s*(?:you|user|chatgpt|claude|gemini|copilot|assistant)(?: said)?:?", re.IGNORECASE)
# Readwise cuts the title that it sets as a heading.
_FULL_TITLE = re.compile(r"^\W*full title\W*:[\s*_]*(?P<title>\S.{5,400})", re.IGNORECASE)
_ALSO_OF_NOTES = frozenset(["summary", "conclusion", "conclusions", "limitations", "references", "keywords"])
_FEWEST_RECORDS = 2  # of a file that holds several
_FEWEST_OF_PAPERS = 2  # headings
_FEWEST_SAID = 4  # words of a sentence
_FEWEST_QUESTIONS = 3  # of a summary in plain language
# Authors, too, put these beside an abstract.
_OF_AUTHORS_TOO = frozenset(["highlights", "key points", "plain language summary", "lay summary"])
_NOTE = Part("Note", "summary", "note")
_ASIDE: Mapping[LineKind, Part] = {"place": AFFILIATIONS, "references": REFERENCES}
# An abstract is the authors' own wherever it is copied to.
_NOTED = frozenset(["body", "summary"])
_NOTICE = re.compile(
    r"cookies?\b|javascript|captcha|verify (?:that )?you|you are (?:human|a robot)|access denied|page (?:you|not)\b"
    r"|not (?:be )?found|forbidden|sign in|log ?in\b|subscri(?:be|ption)|purchase|institutional access|your browser"
    r"|too many requests|privacy policy|terms of (?:use|service)|accept all|try again|preferences|ray id",
    re.IGNORECASE,
)
_FACT_LINES = 12  # below a title
_LONGEST_NOTICE = 3_000  # characters
_WORDS_PER_NOTICE = 25
_SHORTEST_TEXT = 8  # words, of a file that is one line
_DATED = re.compile(r"\b(?:19|20)\d\d\b|\b10\.\d{4}")
_NUMBERED_TITLE = re.compile(r"^(?P<number>\d{1,3})[.)]\s+(?=\S)")
_LONGEST_TITLE_LINE = 300
# Characters of a heading that nothing marks but the blank lines around it, and of the paragraphs around it.
_LONGEST_HEADING_LINE, _PARAGRAPH = 60, 120


def recognises(file: SourceFile) -> bool:
    """Tell whether a file is text; of which kind does not matter."""
    return bool(file.text)


def read(file: SourceFile) -> Reading:
    """Return the reviews that plain text or Markdown holds; a notice ("404") is one that has no text section."""
    text, name, lines = file.text, PurePath(file.name).stem, split_lines(file.text)
    matter = front_matter(text, lines)
    begun = len(matter.parts)
    fields = matter.fields
    kinds = told_kinds(lines[begun:], fields.get("title", name), fields.get("authors", ""))
    starts = [begun + start for start in record_starts(lines[begun:], kinds)]
    if len(starts) < _FEWEST_RECORDS:
        reviews = [_read(text, lines, kinds, matter, name)]
    else:
        stops = [*starts[1:], len(lines)]
        reviews = [
            _read(own, split_lines(own), kinds[start - begun : stop - begun], None, name)
            for start, stop in zip(starts, stops, strict=True)
            if (own := text[lines[start].start : lines[stop - 1].end])
        ]
    above = range(begun, starts[0]) if len(reviews) > 1 else range(0)
    said = [lines[at].text for at in above if kinds[at - begun] != "frame" and is_prose(lines[at].text, _FEWEST_SAID)]
    left = (f"“{said[0][:_LONGEST_HEADING_LINE]}” above the first paper is not read",) if said else ()
    return Reading("text", tuple(reviews), len(text), left, guessed=True)


def _read(text: str, lines: Sequence[Line], kinds: Sequence[LineKind], front: FrontMatter | None, name: str) -> Review:
    """Return the review of a text with its front matter, or, without, of one of several records of a text."""
    matter = front or FrontMatter({})
    begun = len(matter.parts)
    matter_kinds: list[LineKind] = ["frame"] * begun
    told = Told(lines, [*matter_kinds, *kinds], begun, listed=front is None)
    title, places = _title(matter.fields, told, name)
    reference = reference_in(lines[begun].text) if begun < len(lines) and not matter.fields else None
    if reference:
        title, places = reference.title, range(0)
    if _is_notice(text):
        return assemble(text, title, lines, [BOILERPLATE] * len(lines), Facts())
    told = replace(told, title=places)
    parts = [*[BOILERPLATE] * begun, *_parts(told, note=matter.note)]
    if reference:
        parts[begun] = CITATION
    facts = stated_facts(told, parts, matter.fields)
    if reference:
        facts.authors, facts.journal, facts.date = reference.authors, reference.journal, reference.date
    parts[:begun] = matter.parts
    if _is_note(lines[begun:], matter.note):
        parts = [replace(part, provenance="note") if part and part.kind in _NOTED else part for part in parts]
    title = _without_journal(title, facts.journal)
    return assemble(text, title, lines, parts, facts, url=find_address(matter.fields.get("url", "")))


def _without_journal(title: str, journal: str | None) -> str:
    """Return the title of a page's window without the journal that stands behind or before it."""
    pieces = re.split(r"\s+[|–—-]\s+", title)
    others = [piece for piece in pieces if piece.casefold() != (journal or "").casefold()]
    return others[0] if len(others) == 1 else title


def _is_note(lines: Sequence[Line], told: bool) -> bool:
    """Tell a note on a paper, by a reader or a model, from the paper: its headings are those of notes."""
    marked = filter(None, (_marked_heading(line) for line in lines))
    headings = {without_number(key(Line(0, 0, words, gap=True))) for words in marked}
    of_papers = sum(heading in OF_PAPERS or usual_part(heading) is not None for heading in headings - _ALSO_OF_NOTES)
    of_notes = sum(bool(PAGE_WRITTEN.fullmatch(heading)) for heading in headings)
    spoken = any(_SPOKEN.fullmatch(line.text) for line in lines[:_FACT_LINES])
    return spoken or (of_papers < _FEWEST_OF_PAPERS + (of_notes > 1) and (told or of_notes > 0))


def _marked_heading(line: Line) -> str | None:
    heading = markdown_heading(line)
    return heading.text if heading else bold_heading(line)


def _title(fields: Mapping[str, str], told: Told, name: str) -> tuple[str, range]:
    """Return the title and the places of its lines; where there is none, it is the name of the file."""
    lines, body = told.lines, told.body
    runs = [run for run in title_runs(lines, told.kinds) if run.start >= body]
    places = _title_places(told, runs)
    words = " ".join(TITLE_LABEL.sub("", without_marks(lines[at]).text) for at in places)
    if "title" in fields:
        stated = plain_title(fields["title"])
        if not words or plain_title(words).casefold() not in stated.casefold():
            return fields["title"], range(0)
        return (words, places) if runs else (fields["title"], places)
    near = lines[body : body + _FACT_LINES]
    whole = next((match["title"] for one in near if (match := _FULL_TITLE.match(without_marks(one).text))), "")
    if words and whole.casefold().startswith(words.casefold()):
        return whole, places
    if (match := _NUMBERED_TITLE.match(words)) and _goes_on(lines[body:], int(match["number"])):
        return name, range(0)
    is_text = len(words) > _LONGEST_TITLE_LINE or (len(lines) == 1 and len(words.split()) >= _SHORTEST_TEXT)
    return (name, range(0)) if is_text or not words else (_NUMBERED_TITLE.sub("", words), places)


def _goes_on(lines: Sequence[Line], number: int) -> bool:
    """Return whether a paragraph with the next number stands below: the first is one of several."""
    return any(line.gap and line.text.startswith((f"{number + 1}. ", f"{number + 1}) ")) for line in lines)


def _title_places(told: Told, runs: Sequence[range]) -> range:
    """Return the places of the title: as labelled, the only heading of the first level, told, or what can be one."""
    lines, body = told.lines, told.body
    tops = [at for at in range(body, len(lines)) if told.kinds[at] != "frame" and _is_top(lines, at)]
    place = _labelled_title(lines, body)
    if place is None and runs and len(tops) != 1:
        return _alone(lines, runs[:_FEWEST_OF_PAPERS])
    if place is None:
        place = next(iter(tops), None)
    if place is None:
        place = _first_heading(lines, body)
    if place is None:
        place = _first_question(told)
    if place is None:
        place = _first_line(told)
    return range(0) if place is None else range(place, place + 1)


def _alone(lines: Sequence[Line], runs: Sequence[range]) -> range:
    """Return the first title, or what it ends with, if that is a line of its own: "Results > Moths at lamps"."""
    above = lines[runs[0].start].text
    later = (range(at, run.stop) for run in runs for at in run if at > runs[0].start)
    return next((rest for rest in later if above.endswith(f" {lines[rest.start].text}")), runs[0])


def _labelled_title(lines: Sequence[Line], body: int) -> int | None:
    """Return the place of the first line that is labelled as the title, near the beginning of a text."""
    near = range(body, min(body + _FACT_LINES, len(lines)))
    return next((place for place in near if TITLE_LABEL.match(without_marks(lines[place]).text)), None)


def _first_heading(lines: Sequence[Line], body: int) -> int | None:
    """Return the place of the first marked heading, of any depth, above which nothing is said, or that with names."""
    found = None
    for place in range(body, len(lines)):
        if heading := markdown_heading(lines[place]):
            if is_usual(lines[place]) or PAGE_WRITTEN.fullmatch(heading.text.casefold()):
                break
            below = next_line(lines, place)
            if below and is_byline(below.text):
                return place
            found = place if found is None else found
        elif len(lines[place].text) >= _PARAGRAPH:
            break
    return found


def _first_question(told: Told) -> int | None:
    """Return the place of the question above a text that is headed by questions: a summary in plain language."""
    begun = next((at for at in range(told.body, len(told.lines)) if told.kinds[at] != "frame"), 0)
    asked = [at for at in range(told.body, len(told.lines)) if _question(told.lines, at)]
    above = [at for at in range(told.body, begun) if told.lines[at].gap and told.lines[at].text[-1] == "?"]
    return above[-1] if above and len(asked) >= _FEWEST_QUESTIONS else None


def _first_line(told: Told) -> int | None:
    """Return the place of the first paragraph of words, below a citation; None where that is no title."""
    lines = told.lines
    body = told.body + bool(told.body < len(lines) and place_cited(lines[told.body].text))
    said = (at for at in range(body, len(lines)) if told.kinds[at] != "frame" and (lines[at].gap or at == body))
    place = next((at for at in said if any(map(str.isalpha, lines[at].text))), None)
    if place is None or _heading(lines, place):
        return None
    named = place + 1 < len(lines) and (told.kinds[place + 1] == "authors" or is_byline(lines[place + 1].text))
    return place if named or lines[place].text[-1] not in ':.”"' else None


def _is_top(lines: Sequence[Line], place: int) -> bool:
    heading = _heading(lines, place) if lines[place].text[0] == "#" or _underlined(lines, place) else None
    return heading is not None and heading.level == 1 and not is_usual(lines[place])


def _heading(lines: Sequence[Line], place: int) -> Heading | None:
    """Return the heading that a line is: marked with number signs, underlined, or short and alone in its paragraph."""
    line, below, level = lines[place], next_line(lines, place), _underlined(lines, place)
    if heading := markdown_heading(line) or (Heading(level, line.text) if level else None):
        return heading
    if len(line.text) > 80 or line.text[-1] in ".,;!?" or below is None:
        return None
    usual = key(line) in OF_PAPERS or usual_part(line.text) or PAGE_WRITTEN.fullmatch(key(line))
    if usual and (line.gap or len(below.text) >= _PARAGRAPH or is_usual(below)):
        return Heading(1, line.text.strip(" :"))
    if not (line.gap and below.gap):
        return None
    numbered = NUMBERED.fullmatch(line.text)
    letters = [character for character in line.text if character.isalpha()]
    capitals = (
        len(letters) >= max(4, len(line.text) / 2) and all(map(str.isupper, letters)) and len(line.text.split()) <= 10
    )
    if numbered or capitals:
        return Heading(1 + (numbered["number"].count(".") if numbered else 0), line.text.strip(" :"))
    return Heading(1, line.text.strip(" :")) if _stands_over_text(lines, place) else None


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


def _parts(told: Told, *, note: bool) -> Iterator[Part | None]:
    """Yield the parts of the lines from the first of the body on."""
    lines, kinds, title, outline = told.lines, told.kinds, told.title, Outline(TEXT)
    silent = {at for at in range(told.body, len(lines)) if _is_frame(lines, kinds, at)}
    paragraph: Part | None = None
    called = begun = False
    brief: Part | None = None  # what a heading with a colon announces, up to the next blank line
    for place in range(told.body, len(lines)):
        line = lines[place]
        called = called and not line.gap
        brief, begun = (None, False) if line.gap and begun else (brief, brief is not None)
        paragraph = labelled_part(line) or (None if line.gap else paragraph)
        plain = place not in silent and place not in title and not is_furniture(without_marks(line).text)
        heading = (_heading(lines, place) or _question(lines, place)) if plain else None
        if place in title:
            outline = Outline(TEXT)
            yield TITLE
        elif place in silent and not (brief or _is_listed(line, outline.current)):
            labelled = labelled_part(line)
            yield labelled if labelled and labelled.kind != "abstract" else BOILERPLATE
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
            apart = line.text[0] == "#" or outline.current.kind != "references"
            around = apart and is_furniture(without_marks(line).text)
            aside = brief or paragraph or _ASIDE.get(kinds[place]) or (BOILERPLATE if around else outline.current)
            yield None if is_rule(line) else aside


def _is_listed(line: Line, part: Part) -> bool:
    """Return whether a line that looks like the frame is a reference, or a fact below a heading of these."""
    return bool(_DATED.search(line.text) if part.kind == "references" else DETAILS.fullmatch(part.heading.casefold()))


def _is_frame(lines: Sequence[Line], kinds: Sequence[LineKind], place: int) -> bool:
    """Tell a line of the frame from a usual heading above the text, which looks like an entry of a menu."""
    if kinds[place] != "frame":
        return False
    usual, label = is_usual(lines[place]), lines[place].text[-1] == ":"
    heads = (usual and label) or (
        kinds[place + 1 : place + 2] != ["frame"] and (usual or PAGE_WRITTEN.fullmatch(key(lines[place])))
    )
    return place + 1 == len(lines) or not heads


def _label_of_abstract(lines: Sequence[Line], place: int, current: Part) -> str | None:
    """Return the label of a structured abstract: right below "Abstract", or among labels; never "Introduction"."""
    above = usual_part(lines[place - 1].text) if place else None
    begins = above is not None and above.kind == "abstract"
    if lines[place].text[0] == "#" or not (begins or current.heading.startswith(f"{ABSTRACT.heading}: ")):
        return None
    label = abstract_label(lines[place], next_line(lines, place))
    return label if label and label.casefold() != "introduction" and not usual_part(label) else None


def _is_notice(text: str) -> bool:
    """Return whether a short text is a cookie banner, an error page, a log-in or a test for robots."""
    if len(text) > _LONGEST_NOTICE:
        return False
    notices, words = len(_NOTICE.findall(text)), len(text.split())
    return notices * _WORDS_PER_NOTICE >= words and (notices >= 2 or words <= _WORDS_PER_NOTICE)
