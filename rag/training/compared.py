"""Comparisons are learned: which papers a question across papers means, and whether one of them answers a row of it.

`python -m rag.training.compared SOURCES FOLDER` makes libraries of the articles in `written/cells.jsonl`, those that
the reader learned from and the others. Which papers are meant is learned on both, whether one answers on the others.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answers import MOST_LOOKS, Asked, Candidate, Matcher, build_matcher, keep_judgement
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
# How loosely the weights of a paper are held, of which there are many.
HELD_BACK = 0.3
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


@dataclass(frozen=True, slots=True)
class Asking:
    """A row put to its papers: what asks, what measures, and by review the sentences that answer."""

    asked: Asked
    matcher: Matcher
    evidence: Mapping[str, frozenset[str]]

    def told(self, looks: int) -> dict[str, list[Candidate]]:
        """Return the sentences of each paper, best first, at which the reader took so many looks."""
        return self.asked.told(lambda _: self.matcher, looks)

    def sentences(self, looks: int) -> Iterator[Sequence[tuple[Features, bool]]]:
        """Yield for each paper that answers the features of its sentences, with looks of those read."""
        for i, found in self.told(looks).items():
            known = [one for one in found if not looks or "answers" in one.features]
            if self.evidence[i]:
                yield [(one.features, " ".join(one.text.split()) in self.evidence[i]) for one in known]

    def papers(self, looks: int) -> Iterator[tuple[Features, bool]]:
        """Yield for each paper what is known of it, and whether it answers."""
        features = self.asked.features(self.told(looks), lambda _: self.matcher)
        yield from ((own, bool(self.evidence[i])) for i, own in features.items())


def rows(compared: Sequence[Compared], library: Library) -> Iterator[Asking]:
    """Yield each row of each question."""
    ids = _ids(library)
    for one in compared:
        for row in one.rows:
            asked = one.asked(row)
            own = {ids[paper]: frozenset(evidence) for paper, evidence in row.evidence.items() if paper in ids}
            yield Asking(Asked(asked, library, [*own]), build_matcher(asked.terms, library), own)


def learn_rows(asking: Sequence[Asking]) -> None:
    """Learn which sentences answer a row, and whether a paper does: what is read depends on what was learned before."""
    for looks, form in ((0, "_without_reader"), (MOST_LOOKS, "")):
        own = [sentences for one in asking for sentences in one.sentences(looks)]
        keep_judgement(**{f"cell{form}": learn_order([own])})
        told = [pair for one in asking for pair in one.papers(looks)]
        weights = even(told, ["answers" if answers else "silent" for _, answers in told])
        keep_judgement(**{f"paper{form}": learn(told, weights, HELD_BACK)})


def _ids(library: Library) -> dict[str, str]:
    """Return the ids of the reviews by the names of their pages."""
    return {Path(review.files[0]).stem: review.id for review in library.reviews}


def main() -> None:
    """Learn both."""
    sources, folder = Sources(Path(sys.argv[1])), Path(sys.argv[2])
    known = read_compared()
    tuning = [one for one in known if one.for_tuning]
    learned_from = [one for one in known if not one.for_tuning]
    libraries = [library_of(own, folder / name, sources) for name, own in (("tuning", tuning), ("other", learned_from))]
    learn_rows([*rows(tuning, libraries[0])])
    asked = [*zip((tuning, learned_from), libraries, strict=True)]
    keep_judgement(meant=learn([pair for own, library in asked for pair in meant(own, library)]))
    by_words = [pair for own, library in asked for pair in meant(own, library.by_words)]
    keep_judgement(meant_by_words=learn(by_words))


if __name__ == "__main__":
    main()
