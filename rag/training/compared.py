"""Comparisons are learned: which papers a question across papers means, and whether one of them answers a row of it.

`python -m rag.training.compared SOURCES FOLDER` makes libraries of the articles in `written/cells.jsonl`, those that
the reader learned from and the others. Which papers are meant is learned on both, whether one answers on the others.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rag.answers import Asked, Candidate, Matcher, as_cells, build_matcher, keep_judgement, row_features
from rag.comparison import features_of, measures
from rag.questions import understand
from rag.settings import Settings
from rag.shelf import Library, open_library
from rag.training.judgement import Features, even, learn, learn_order
from rag.training.rows import SEED, Compared, pages_of, read_compared
from rag.training.sources import Sources

# What is nearer than this in sense to a paper that is meant may be meant, too.
ALIKE = 0.7
# Beside the papers that are meant a library has so many others.
OTHERS = 200
# One in so many questions is asked of a library that has none of its papers.
ABSENT = 2


def library_of(compared: Sequence[Compared], folder: Path, sources: Sources) -> Library:
    """Return a library of the articles of some questions."""
    pages = folder / "pages"
    pages.mkdir(parents=True, exist_ok=True)
    for name, page in pages_of([paper for one in compared for paper in one.papers], sources).items():
        (pages / f"{name}.md").write_text(page, "utf-8")
    return open_library(Settings(seeds=pages, data=folder / "rag"))


def meant(compared: Sequence[Compared], library: Library) -> Iterator[tuple[Features, bool]]:
    """Yield for each question what is known of each paper, and whether it is meant; papers like those are left out.

    Some questions are asked of a library that has none of their papers.
    """
    draw, index = random.Random(SEED), library.index
    ids = _ids(library)
    titles = index.title_vectors([review.id for review in library.reviews])
    for one in compared:
        own = {ids[paper] for paper in one.papers if paper in ids}
        near = titles @ index.title_vectors([*own]).T
        alike = {r.id for r, cosine in zip(library.reviews, near.max(axis=1), strict=True) if cosine > ALIKE} - own
        for absent in (False, True)[: 1 + (draw.random() < 1 / ABSENT)]:
            others = [review for review in library.reviews if review.id not in alike | own]
            left = [*draw.sample(others, min(OTHERS, len(others))), *(r for r in library.reviews if r.id in own)]
            left = [review for review in left if not absent or review.id not in own]
            rows = features_of(measures(understand(one.question, library, may_be_talk=False), left, library))
            yield from ((row, review.id in own) for row, review in zip(rows, left, strict=True))


def rows(compared: Sequence[Compared], library: Library) -> Iterator[Told]:
    """Yield what each paper has for each row of each question."""
    ids = _ids(library)
    for one in compared:
        for row in one.rows:
            asked = one.asked(row)
            matcher = build_matcher(asked.terms, library)
            own = {ids[paper]: frozenset(evidence) for paper, evidence in row.evidence.items() if paper in ids}
            said = Asked(asked, library, [*own]).read(partial(_same, matcher), [*own])
            yield from (Told(asked.name, told.found, own[i], matcher) for i, told in said.items() if told.found)


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences of a paper for a row of this name, best first, those that answer, and what measured them."""

    row: str
    found: Sequence[Candidate]
    evidence: frozenset[str]
    matcher: Matcher

    def sentences(self) -> list[tuple[Features, bool]]:
        """Return the features of each sentence that was read, and whether it answers."""
        read = [one for one in self.found if "answers" in one.features]
        return [(one.features, " ".join(one.text.split()) in self.evidence) for one in read]


def _ids(library: Library) -> dict[str, str]:
    """Return the ids of the reviews by the names of their pages."""
    return {Path(review.files[0]).stem: review.id for review in library.reviews}


def _same(matcher: Matcher, _: str) -> Matcher:
    return matcher


def main() -> None:
    """Learn both."""
    sources, folder = Sources(Path(sys.argv[1])), Path(sys.argv[2])
    known = read_compared()
    tuning = [one for one in known if one.for_tuning]
    learned_from = [one for one in known if not one.for_tuning]
    libraries = [library_of(own, folder / name, sources) for name, own in (("tuning", tuning), ("other", learned_from))]
    found = [*rows(tuning, libraries[0])]
    keep_judgement(cell=learn_order([[told.sentences() for told in found if told.evidence]]))
    ordered = [(one, as_cells(one.found, one.row, libraries[0])) for one in found]
    told = [(row_features(own, one.matcher, libraries[0]), bool(one.evidence)) for one, own in ordered]
    keep_judgement(paper=learn(told, even(told, ["answers" if answers else "silent" for _, answers in told])))
    asked = [*zip((tuning, learned_from), libraries, strict=True)]
    keep_judgement(meant=learn([pair for own, library in asked for pair in meant(own, library)]))
    by_words = [pair for own, library in asked for pair in meant(own, library.by_words)]
    keep_judgement(meant_by_words=learn(by_words))


if __name__ == "__main__":
    main()
