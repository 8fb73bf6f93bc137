"""Questions of every kind that were written for this project, on articles under CC BY, with the sentences that answer.

`written/questions.jsonl` has one a line: the article, the kind of question, the question or claim, the sentences that
answer it, exact but for addresses of the web (none where the article does not), those that come nearest to a claim that
it leaves open, the direction that they report, and whether they support the claim.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.training.rows.papers import covid_qa_articles, covid_qa_page
from rag.training.rows.row import (
    CLAIMS,
    DIRECTIONS,
    SEED,
    UNKNOWN,
    Nearest,
    Row,
    json_lines,
    unknown,
    windows,
    without_addresses,
)
from rag.training.rows.trials import Paragraph, markdown, paragraphs_of
from rag.training.sources import Sources

WRITTEN = Path(__file__).parents[1] / "written" / "questions.jsonl"
# Questions in lay words, written in the same way; those that no paper of a library answers have no evidence.
LAY = WRITTEN.with_name("lay.jsonl")
# Questions and names of rows that ask for an answer of one kind; near to it is what is of another kind.
TYPED = WRITTEN.with_name("typed.jsonl")
# Behind the name of an article of which the abstract alone is read.
ABSTRACT = "-abstract"
# Passages of the article that do not answer, and of others, that are read for each question.
OWN, OTHERS = 2, 1


@dataclass(frozen=True, slots=True)
class Written:
    """A question on an article."""

    article: str
    kind: str
    question: str
    evidence: frozenset[str]
    near: frozenset[str]
    direction: str | None
    claim: str | None

    def is_answered_by(self, sentence: str) -> bool:
        """Tell whether a sentence of the article is one that answers."""
        return without_addresses(sentence) in self.evidence

    def is_neared_by(self, sentence: str) -> bool:
        """Tell whether a sentence of the article comes near to a claim that is left open."""
        return without_addresses(sentence) in self.near


def read_written(file: Path = WRITTEN) -> list[Written]:
    """Return the questions."""
    return [
        Written(**row | {"evidence": frozenset(row["evidence"]), "near": frozenset(row["near"])})
        for row in json_lines(file)
    ]


def pages_of(names: Iterable[str], sources: Sources) -> dict[str, str]:
    """Return articles as Markdown pages, by their names."""
    covid, trials = covid_qa_articles(sources.covid_qa), sources.trials / "txt_files"

    def page(name: str) -> str:
        if name in covid:
            return covid_qa_page(covid[name], f"PMC8{int(name.removeprefix('CQ')):05}")
        article = name.removesuffix(ABSTRACT)
        whole = markdown((trials / f"{article}.txt").read_text("utf-8"), article)
        return "\n## ".join(whole.split("\n## ")[:2]) if article != name else whole

    return {name: page(name) for name in dict.fromkeys(names)}


def written_rows(written: Iterable[Written], sources: Sources, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of what answers, alone and in its passage, and of what does not, in the same article and in others."""
    draw = random.Random(SEED + 7)
    asked = [one for one in written if one.article not in banned]
    pages = pages_of((one.article for one in asked), sources)
    articles = {name: paragraphs_of(name, page) for name, page in pages.items()}
    everything = [paragraph for own in articles.values() for paragraph in own]
    nearest = Nearest([paragraph.text for paragraph in everything])
    for one in asked:
        said = [(p, places) for p in articles[one.article] if (places := _places(p, one))]
        for paragraph, places in said:
            yield labelled(one, paragraph, windows(paragraph.sentences, places, draw))
        if said and (one.direction or one.claim):
            # One sentence alone, sometimes with the one before it.
            paragraph, places = draw.choice(said)
            at = draw.choice(places)
            yield labelled(one, paragraph, slice(max(0, at - draw.randrange(2)), at + 1))
        near = [everything[at] for at in nearest(one.question, 60)]
        own = [p for p in near if p.key == one.article and not _places(p, one)]
        others = [p for p in near if p.key != one.article]
        for paragraph in (*own[:OWN], *draw.sample(others[:12], min(OTHERS, len(others)))):
            yield labelled(one, paragraph, windows(paragraph.sentences, [], draw))


def _places(paragraph: Paragraph, one: Written) -> list[int]:
    """Return which sentences of a paragraph answer, or come near to it."""
    return [
        at
        for at, sentence in enumerate(paragraph.sentences)
        if one.is_answered_by(sentence) or one.is_neared_by(sentence)
    ]


def labelled(one: Written, paragraph: Paragraph, cut: slice) -> Row:
    """Return a stretch of a passage as a row for a question on its article."""
    sentences = paragraph.sentences[cut]
    answers = tuple(UNKNOWN if one.is_neared_by(s) else int(one.is_answered_by(s)) for s in sentences)
    way = DIRECTIONS.index(one.direction) if one.direction else UNKNOWN
    claim = CLAIMS.index(one.claim) if one.claim else UNKNOWN
    beside, neither = DIRECTIONS.index("not stated"), CLAIMS.index("neither")
    held = 1 in answers
    return Row(
        "written",
        one.article,
        one.question,
        paragraph.title,
        sentences,
        answers,
        unknown(len(answers)) if way == UNKNOWN else tuple(way if label == 1 else beside for label in answers),
        unknown(len(answers)) if claim == UNKNOWN else tuple(claim if label == 1 else neither for label in answers),
        int(held),
        claim if held else UNKNOWN if claim == UNKNOWN else neither,
    )
