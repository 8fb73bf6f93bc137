"""The paragraphs of a Word document as Markdown: its headings by their styles, its title by how it looks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from rag.sources.docx.paragraphs import Paragraph
from rag.sources.headings import OF_PAPERS, usual_part
from rag.sources.lines import Line, is_prose, key
from rag.sources.names import looks_like_institution, looks_like_names, split_names

_TITLE_LABEL = re.compile(r"title\s*:\s*\S", re.IGNORECASE)
_LONGEST_HEADING = 160
_LONGEST_TITLE = 300
_FIRST_PARAGRAPHS = 12  # among which a title stands
_FEWEST_WORDS = 8  # of a sentence
_MOST_IN_KIND = 2  # words, as in "Original article"


def as_markdown(paragraphs: Sequence[Paragraph], title: int | None) -> str:
    """Return paragraphs as Markdown, in which the title is the only heading of the first level.

    What stands above it is on its line, and what is bold between it and the names is none, lest they be headings.
    """
    if title is None:
        return "\n\n".join(map(_marked, paragraphs))
    above = "\n".join([*(one.words for one in paragraphs[:title]), f"# {paragraphs[title].words}"])
    below = paragraphs[title + 1 :]
    head = takewhile(lambda one: is_of_head(one) and not one.style.level, below)
    names = next((at for at, one in enumerate(head, start=1) if _are_names(one.words)), 0)
    return "\n\n".join([above, *(one.words for one in below[:names]), *map(_marked, below[names:])])


def _marked(paragraph: Paragraph) -> str:
    words, style = paragraph.words, paragraph.style
    if len(words) > _LONGEST_HEADING:
        return words
    if style.level:
        return f"{'#' * min(style.level + 1, 6)} {words}"
    if style.is_bold and words[-1] not in ".,;:" and not style.is_item:
        return f"{'##' if _is_usual(words) else '###'} {words}"
    return f"- {words}" if style.is_item else words


def _is_usual(words: str) -> bool:
    return usual_part(words) is not None or key(Line(0, len(words), words, True)) in OF_PAPERS


def title_place(paragraphs: Sequence[Paragraph], title: str) -> int | None:
    """Return which paragraph is the title: by its style, by the document's properties, or by how it looks."""
    first = paragraphs[:_FIRST_PARAGRAPHS]
    named = [at for at, one in enumerate(first) if one.style.name == "title"]
    named += [at for at, one in enumerate(first) if _TITLE_LABEL.match(one.words)]
    named += [at for at, one in enumerate(first) if title and one.words.casefold() == title.casefold()]
    if named:
        return named[0]
    head = [*takewhile(is_of_head, first)]
    names = next((at for at, one in enumerate(head) if at and _are_names(one.words)), None)
    above = [at for at in range(len(head)) if (at < names if names else _is_above_head(paragraphs, at))]
    best = max((_look(head[at]) for at in above), default=(0, False))
    found = [at for at in above if _look(head[at]) == best]
    if names:
        return max(found, key=lambda at: len(head[at].words))
    if found and best > _look(head[0]):
        return found[0]
    if len(head) > 1 and _is_kind(head[0], head[1]):
        return 1
    return 0 if head and (_is_heading(head[0]) or not is_prose(head[0].words, _FEWEST_WORDS)) else None


def is_of_head(paragraph: Paragraph) -> bool:
    """Return whether a paragraph is short and no sentence, as those above a text are."""
    words = paragraph.words
    ends = words[-1] in ",;:" or (words[-1] == "." and not paragraph.style.is_bold)
    return len(words) <= _LONGEST_TITLE and not _is_usual(words) and not ends


def _is_kind(paragraph: Paragraph, below: Paragraph) -> bool:
    """Return whether words are too few for a title and name the kind of article, whose title stands below."""
    few = len(paragraph.words.split()) <= _MOST_IN_KIND and len(below.words.split()) > 2 * _MOST_IN_KIND
    stated = looks_like_names(below.words) or looks_like_institution(below.words)
    return few and not stated and _look(paragraph) <= _look(below) and not paragraph.style.level


def _are_names(words: str) -> bool:
    return len(split_names(words)) > 1 and looks_like_names(words)


def _is_above_head(paragraphs: Sequence[Paragraph], place: int) -> bool:
    """Return whether no text follows a paragraph: a heading of its own would stand above text."""
    below = paragraphs[place + 1 : place + 2]
    return not paragraphs[place].style.level and not any(is_prose(one.words, _FEWEST_WORDS) for one in below)


def _is_heading(paragraph: Paragraph) -> bool:
    return paragraph.style.level > 0 or paragraph.style.is_bold


def _look(paragraph: Paragraph) -> tuple[int, bool]:
    return paragraph.style.size, paragraph.style.is_bold
