"""Whole articles for a question: the stretches that the product would read first, and which of their sentences answer.

What stands near a question in sense and does not answer it is what a reader must learn to put behind.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

from rag.answers import around
from rag.training.rows.row import SEED, Row
from rag.training.rows.trials import Paragraph, paragraphs_of
from rag.training.rows.written import Written, labelled
from rag.types import FloatMatrix

# So many stretches of an article are read for a question: of those that hold an answer, of the others that are nearest,
# and one of those that follow, of the first LOOKS.
ANSWERING, NEAR, LOOKS = 2, 5, 16


def listings(
    written: Sequence[Written], pages: dict[str, str], embed: Callable[[Sequence[str]], FloatMatrix]
) -> Iterator[list[Row]]:
    """Yield for each question some stretches of its article, those that answer first.

    A row of a comparison may be answered by none; of other questions these are left out.
    """
    draw = random.Random(SEED)
    articles: dict[str, tuple[list[Paragraph], dict[str, int], FloatMatrix]] = {}
    asked = [one for one in written if one.kind == "cell" or (one.evidence and one.kind != "claim")]
    for one, vector in zip(asked, embed([one.question for one in asked]), strict=True):
        if one.article not in articles:
            paragraphs = paragraphs_of(one.article, pages[one.article])
            texts = [*dict.fromkeys(text for paragraph in paragraphs for text in paragraph.sentences)]
            articles[one.article] = paragraphs, {text: at for at, text in enumerate(texts)}, embed(texts)
        paragraphs, places, vectors = articles[one.article]
        near = dict(zip(places, (vectors @ vector).tolist(), strict=True))
        rows = [labelled(one, paragraph, cut) for paragraph, cut in _stretches(paragraphs, near)]
        answering = [row for row in rows if 1 in row.answers]
        others = [row for row in rows[:LOOKS] if 1 not in row.answers]
        if answering or not one.evidence:
            yield [*answering[:ANSWERING], *others[:NEAR], *draw.sample(others[NEAR:], len(others[NEAR:]) and 1)]


def _stretches(paragraphs: Sequence[Paragraph], near: dict[str, float]) -> Iterator[tuple[Paragraph, slice]]:
    """Yield the stretches of an article, around the sentence nearest to a question, then the nearest not yet read."""
    places = [(paragraph, at) for paragraph in paragraphs for at in range(len(paragraph.sentences))]
    seen = set[str]()
    for paragraph, at in sorted(places, key=lambda place: -near[place[0].sentences[place[1]]]):
        if paragraph.sentences[at] not in seen:
            cut = around([len(sentence) for sentence in paragraph.sentences], at)
            seen.update(paragraph.sentences[cut])
            yield paragraph, cut
