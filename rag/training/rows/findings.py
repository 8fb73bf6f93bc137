"""What single sentences found, written down for this project, with claims to hold against them.

`written/findings.jsonl` has one a line: the article, its sentence (exact but for addresses of the web), what was
compared with what, the outcome and its direction, and three claims: one that the sentence supports, one that it
refutes, one on the same subject that it leaves open.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.text import stem_set
from rag.training.rows.row import CLAIMS, DIRECTIONS, SEED, UNKNOWN, Row, json_lines, without_addresses
from rag.training.rows.trials import Paragraph, Prompt, paragraphs_of, prompt_question
from rag.training.rows.written import pages_of
from rag.training.sources import Sources

FINDINGS = Path(__file__).parents[1] / "written" / "findings.jsonl"
# Sentences before and after that are read with one, at most.
BESIDE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """What a sentence of an article found."""

    article: str
    sentence: str
    intervention: str
    comparator: str
    outcome: str
    direction: str
    supported: str
    refuted: str
    open: str

    @property
    def prompt(self) -> Prompt:
        """The same as the trials have it."""
        compared = self.intervention, self.comparator, self.outcome, self.direction
        return Prompt(self.article, *compared, (self.sentence,))


def read_findings(file: Path = FINDINGS) -> list[Finding]:
    """Return the findings."""
    return [Finding(**row) for row in json_lines(file)]


def findings_rows(findings: Iterable[Finding], sources: Sources, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of each sentence, alone or with some beside it: asked both ways, with its claims, off the point."""
    draw = random.Random(SEED + 8)
    by_article: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.article not in banned:
            by_article.setdefault(finding.article, []).append(finding)
    pages = pages_of(by_article, sources)
    for name, own in by_article.items():
        paragraphs = paragraphs_of(name, pages[name])
        for finding in own:
            if found := _place(finding.sentence, paragraphs):
                yield from _of_one(finding, own, *found, draw)


def _place(sentence: str, paragraphs: Sequence[Paragraph]) -> tuple[Paragraph, int] | None:
    places = ((p, at) for p in paragraphs for at, text in enumerate(p.sentences) if without_addresses(text) == sentence)
    return next(places, None)


def _of_one(
    finding: Finding, own: Sequence[Finding], paragraph: Paragraph, at: int, draw: random.Random
) -> Iterator[Row]:
    prompt = finding.prompt
    for asked in (prompt, prompt.turned() if prompt.comparator else prompt):
        question, refuted = prompt_question(asked, draw)
        yield _row(paragraph, at, question, 1, asked.label, refuted, draw)
    yield _row(paragraph, at, finding.supported, 1, None, CLAIMS.index("supports"), draw)
    yield _row(paragraph, at, finding.refuted, 1, None, CLAIMS.index("refutes"), draw)
    yield _row(paragraph, at, finding.open, UNKNOWN, None, CLAIMS.index("neither"), draw)
    said = stem_set(finding.sentence)
    others = [one for one in own if one.sentence != finding.sentence and not stem_set(one.outcome) & said]
    if others:
        other = draw.choice(others)
        question = draw.choice([prompt_question(other.prompt, draw)[0], other.supported, other.refuted])
        yield _row(paragraph, at, question, 0, "not stated", CLAIMS.index("neither"), draw)


def _row(
    paragraph: Paragraph, at: int, question: str, answers: int, direction: str | None, claim: int, draw: random.Random
) -> Row:
    """Return what is read: half of the time the sentence alone, else with those beside it, which are left open."""
    before, after = (draw.randrange(BESIDE + 1) for _ in range(2)) if draw.random() < 0.5 else (0, 0)
    start = max(0, at - before)
    sentences = paragraph.sentences[start : at + 1 + after]

    def only(label: int) -> tuple[int, ...]:
        return tuple(label if start + n == at else UNKNOWN for n in range(len(sentences)))

    way = DIRECTIONS.index(direction) if direction else UNKNOWN
    alone = len(sentences) == 1
    return Row(
        "findings",
        paragraph.key,
        question,
        paragraph.title,
        sentences,
        only(answers),
        only(way),
        only(claim),
        answers if alone or answers == 1 else UNKNOWN,
        claim if alone else UNKNOWN,
    )
