"""A review's text put together from a file that is no plain text: its paragraphs, each with what it belongs to."""

from __future__ import annotations

from collections.abc import Sequence

from rag.sources.assembly import assemble
from rag.sources.facts import Facts
from rag.sources.lines import Line, Part, squeeze
from rag.types import Entity, Review


class Extract:
    """Paragraphs in reading order. The text is these, one under another with a blank line between.

    >>> extract = Extract()
    >>> extract.add("Lamps at dusk", TITLE)
    >>> extract.review("Lamps at dusk", Facts()).text
    'Lamps at dusk'
    """

    def __init__(self) -> None:
        self._lines: list[Line] = []
        self._parts: list[Part | None] = []
        self._end = 0

    def add(self, words: str, part: Part | None) -> None:
        """Add a paragraph, its white space made single spaces; one without a part is a heading. "" adds nothing."""
        words = squeeze(words)
        if words:
            start = self._end + len(_BETWEEN) if self._lines else 0
            self._end = start + len(words)
            self._lines.append(Line(start, self._end, words, gap=True))
            self._parts.append(part)

    def add_section(self, heading: str, paragraphs: Sequence[str], part: Part) -> None:
        """Add a heading and what stands below it; nothing where nothing does."""
        if any(map(squeeze, paragraphs)):
            self.add(heading, None)
            for words in paragraphs:
                self.add(words, part)

    def review(
        self,
        title: str,
        facts: Facts,
        *,
        url: str | None = None,
        entities: tuple[Entity, ...] = (),
        mesh: tuple[str, ...] = (),
    ) -> Review:
        """Return the review that the paragraphs make."""
        text = _BETWEEN.join(line.text for line in self._lines)
        return assemble(text, title, self._lines, self._parts, facts, url=url, entities=entities, mesh=mesh)


_BETWEEN = "\n\n"
