"""The last step of every reader: lines, their parts and the facts become a Review."""

from __future__ import annotations

from collections.abc import Sequence

from rag.sources.dates import find_year
from rag.sources.facts import Facts
from rag.sources.headings import plain_title, without_marks
from rag.sources.identifiers import review_id
from rag.sources.lines import TITLE, Line, Part, sections
from rag.sources.status import says_retracted
from rag.types import Entity, Review


def assemble(
    text: str,
    title: str | None,
    lines: Sequence[Line],
    parts: Sequence[Part | None],
    facts: Facts,
    *,
    url: str | None = None,
    entities: tuple[Entity, ...] = (),
    mesh: tuple[str, ...] = (),
) -> Review:
    """Return the review of a text, its title line and field without marks, its id from the facts."""
    bare = [without_marks(line) if part is TITLE else line for line, part in zip(lines, parts, strict=True)]
    return Review(
        id=review_id(facts.doi, facts.pmid, facts.pmcid, text),
        title=plain_title(title or ""),
        text=text,
        sections=sections(bare, parts),
        authors=facts.authors,
        journal=facts.journal,
        year=find_year(facts.date),
        date=facts.date,
        doi=facts.doi,
        pmid=facts.pmid,
        pmcid=facts.pmcid,
        url=url,
        entities=entities,
        mesh=mesh,
        types=facts.types,
        status=facts.status or ("retracted" if says_retracted(title or "", facts.types) else ""),
    )
