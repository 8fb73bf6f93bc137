"""The combination is learned: how likely a sentence answers, and how likely the best sentences found are an answer.

`python -m rag.training.judgement ROWS LIBRARY…` takes the rows for the reader, from whose evidence it learns which
words a quote holds, and folders with `pages/` and `questions.jsonl`: questions with their evidence, questions whose
paper is there, and questions on what no paper holds. The reader was trained on none of these questions; of some
papers it read passages that do not answer questions on others.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from rag.answers import (
    NOT_STATED,
    Candidate,
    Matcher,
    direction_features,
    keep_judgement,
    logit,
    measured,
    probability,
    whole_features,
)
from rag.encoders import Paragraph, Reader, Reading
from rag.questions import understand
from rag.settings import Settings
from rag.shelf import Library, open_library
from rag.training import subject
from rag.training.rows import is_evidence, json_lines
from rag.types import PROSE

Features = Mapping[str, float]
Matrix = npt.NDArray[np.float64]
# How much weights are held back, and what counts as no spread.
RIDGE, SMALL = 0.01, 1e-6
LOOSE = 3.0
# A direction is told from this probability on; what is not told is left to the reader.
TOLD = 0.75
# Kinds of questions that may ask for a direction: without a label it is open.
OF_DIRECTIONS = ("effect", "claim", "evidence", "paper", "abstracts", "articles")
# A question counts as answered from this probability on. Near misses, of which libraries that are left out have many,
# would put it higher; of 11 questions written blind on other papers that no paper answers none reached .36, but another
# dose, gene or trial than the one that a paper has does reach .58.
ANSWERED = 0.6
LOST = 0.05
LAY_WORDS = "lay"


class Remembering:
    """A reader that reads nothing twice."""

    def __init__(self, reader: Reader) -> None:
        """Take the reader."""
        self.id, self._reader, self._known = reader.id, reader, dict[tuple[str, Paragraph], Reading]()

    def read(self, question: str, paragraphs: Sequence[Paragraph]) -> list[Reading]:
        """Return what the reader says."""
        new = [one for one in dict.fromkeys(paragraphs) if (question, one) not in self._known]
        self._known |= {(question, one): told for one, told in zip(new, self._reader.read(question, new), strict=True)}
        return [self._known[question, one] for one in paragraphs]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a library, with its row."""

    row: dict[str, Any]
    library: Library

    def sentences(self) -> Iterator[tuple[Features, bool]]:
        """Yield the features of each sentence that was read, and whether it is the evidence."""
        evidence = [text for text in (self.row["evidence"], *self.row.get("also", ())) if text]
        for candidate in self._measured()[0]:
            review = self.library.index.reviews[candidate.passage.review_id]
            right = any(self.row["pmcid"].lower() in name.lower() for name in (review.id, *review.files))
            yield candidate.features, right and any(is_evidence(candidate.text, text) for text in evidence)

    def direction(self) -> tuple[Features, str] | None:
        """Return what the best sentences of its paper say of a direction, and which one is right; None where open."""
        stated = self.row["label"] or (NOT_STATED if self.row["kind"] not in OF_DIRECTIONS else None)
        if self.row["absent"] or not stated:
            return None
        reviews, paper = self.library.index.reviews, self.row["pmcid"].lower()
        found = [c for c in self._measured()[0] if paper in reviews[c.passage.review_id].files[0].lower()]
        features = direction_features(found)
        return (features, stated) if features else None

    def whole(self) -> tuple[Features, bool] | None:
        """Return the features of the whole, and whether the library answers; None where nothing was found."""
        found, matcher = self._measured()
        return (whole_features(found, matcher, self.library), not self.row["absent"]) if found else None

    def _measured(self) -> tuple[list[Candidate], Matcher]:
        question = understand(self.row["question"], self.library, may_be_talk=False)
        return measured(question, question.terms, PROSE, self.library)


def learn(
    found: Sequence[tuple[Features, bool]], weights: Sequence[float] | None = None, c: float = 1.0
) -> dict[str, float]:
    """Return the weights of a logistic model by the names of the features."""
    vectorizer = DictVectorizer(sparse=False)
    matrix = vectorizer.fit_transform([dict(features) for features, _ in found])
    scale = np.maximum(matrix.std(axis=0), SMALL)
    scale[matrix.std(axis=0) == 0] = 1.0
    model = LogisticRegression(C=c, max_iter=5000, fit_intercept=False)
    model.fit(matrix / scale, [right for _, right in found], sample_weight=weights)
    return {n: round(float(w / s), 4) for n, w, s in zip(vectorizer.feature_names_, model.coef_[0], scale, strict=True)}


def asked_of(folder: Path) -> list[Asked]:
    """Return the questions of a library, whose index is built beside it where there is none."""
    library = open_library(Settings(seeds=folder / "pages", data=folder / "rag"))
    assert library.reader
    library = replace(library, reader=Remembering(library.reader))  # type: ignore[arg-type]
    return [Asked(row, library) for row in json_lines(folder / "questions.jsonl")]


def even(found: Sequence[tuple[Features, bool]], groups: Sequence[str]) -> list[float]:
    """Return weights by which each group counts the same."""
    return [len(found) / len(set(groups)) / groups.count(group) for group in groups]


def without_reader(asked: Sequence[Asked]) -> list[Asked]:
    """Return the same questions, asked of libraries that have no reader."""
    libraries = {id(one.library): replace(one.library, reader=None) for one in asked}
    return [replace(one, library=libraries[id(one.library)]) for one in asked]


def by_words(asked: Sequence[Asked]) -> list[Asked]:
    """Return the same questions, asked of libraries that are searched by words only."""
    return [replace(one, library=one.library.by_words) for one in asked]


def learn_sentences(libraries: Sequence[Sequence[Asked]]) -> dict[str, float]:
    """Return the weights by which a sentence answers, from the questions of libraries whose evidence is known."""
    return learn_order([[[*one.sentences()] for one in own if one.row["evidence"]] for own in libraries])


def learn_order(asked: Sequence[Sequence[Sequence[tuple[Features, bool]]]]) -> dict[str, float]:
    """Return the weights by which a sentence answers, given for each question of each library its sentences.

    What counts is the order of the sentences of one question: the weights give the evidence the most of a softmax over
    them (Cao et al., ICML 2007). Two more numbers then make probabilities of their sums (Platt, 1999). A library with
    four times the questions counts twice as much.
    """
    answered = [[pairs for pairs in own if any(right for _, right in pairs)] for own in asked]
    questions = [pairs for own in answered for pairs in own]
    counts = np.concatenate([np.full(len(own), 1 / np.sqrt(max(len(own), 1))) for own in answered])
    pairs = [pair for own in questions for pair in own]
    vectorizer = DictVectorizer(sparse=False).fit([dict(features) for features, _ in pairs])
    lists = [
        (vectorizer.transform([dict(f) for f, _ in own]), np.array([right for _, right in own])) for own in questions
    ]
    scale = np.maximum(np.concatenate([matrix for matrix, _ in lists]).std(axis=0), SMALL)
    weights = _order([(matrix / scale, right) for matrix, right in lists], counts / counts.sum()) / scale
    ordered = dict(zip(vectorizer.feature_names_, weights, strict=True))
    sums = learn([({"1": 1.0, "sum": logit(ordered, features)}, right) for features, right in pairs])
    found = {name: round(float(weight) * sums["sum"], 4) for name, weight in ordered.items()}
    return found | {"1": round(found.get("1", 0.0) + sums["1"], 4)}


def _order(lists: Sequence[tuple[Matrix, Matrix]], counts: Matrix) -> Matrix:
    """Return the weights that put the right rows of each matrix (n, features), which counts so much, before others."""

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = RIDGE * float(weights @ weights) / 2, RIDGE * weights
        for (matrix, right), count in zip(lists, counts, strict=True):
            sums = matrix @ weights
            share = np.exp(sums - sums.max())
            share /= share.sum()
            held = float(share[right].sum())
            total -= count * float(np.log(held))
            slope = slope - count * ((share * right) / held - share) @ matrix
        return total, slope

    return np.asarray(minimize(loss, np.zeros(lists[0][0].shape[1]), jac=True, method="L-BFGS-B").x)


def learn_directions(asked: Sequence[Asked]) -> dict[str, dict[str, float]]:
    """Return the weights of the directions that a paper's best sentences state, "not stated" among them."""
    told = [pair for one in asked if (pair := one.direction())]
    vectorizer = DictVectorizer(sparse=False)
    matrix = vectorizer.fit_transform([dict(features) for features, _ in told])
    model = LogisticRegression(C=LOOSE, max_iter=5000, fit_intercept=False).fit(matrix, [name for _, name in told])
    return {
        str(name): {n: round(float(w), 4) for n, w in zip(vectorizer.feature_names_, weights, strict=True)}
        for name, weights in zip(model.classes_, model.coef_, strict=True)
    }


def wholes(asked: Sequence[Asked]) -> list[tuple[Features, bool]]:
    """Return what the best sentences found say of each question, and whether the library answers it."""
    return [pair for one in asked if (pair := one.whole())]


def learn_libraries(pairs: Sequence[tuple[Features, bool]]) -> dict[str, float]:
    """Return the weights by which a library answers; those that it does and does not count the same."""
    return learn(pairs, even(pairs, ["there" if answers else "absent" for _, answers in pairs]), c=0.3)


def thresholds(libraries: Sequence[Sequence[tuple[Features, bool]]]) -> dict[str, float]:
    """Return from which probabilities on a question counts as answered, and its quotes as the closest.

    By what is said of each library when it was learned from the others LOST of those that it does hold are not even
    close; what the first one costs is printed. The weights of sentences are those of all.
    """
    there, absent = list[float](), list[float]()
    for own in libraries:
        weights = learn_libraries([pair for other in libraries if other is not own for pair in other])
        for features, answers in own:
            (there if answers else absent).append(probability(logit(weights, features)))
    closest = min(ANSWERED, float(np.quantile(there, LOST)))
    print(
        f"left out in turn: answered {np.mean(np.array(there) >= ANSWERED):.3f} of {len(there)} that are answered,"
        f" {np.mean(np.array(absent) >= ANSWERED):.3f} of {len(absent)} that are not; of these close"
        f" {np.mean(np.array(absent) >= closest):.3f}"
    )
    return {"answered": ANSWERED, "closest": round(closest, 2)}


def main() -> None:
    """Learn all of it, one after the other: each is measured with what was learned before."""
    rows, *folders = (Path(argument) for argument in sys.argv[1:])
    keep_judgement(held=subject.learn([*subject.examples(subject.drawn(json_lines(rows)))]))
    libraries = [asked_of(folder) for folder in folders]
    bare = [without_reader(own) for own in libraries]
    keep_judgement(sentence_without_reader=learn_sentences(bare))
    keep_judgement(library_without_reader=learn_libraries([pair for own in bare for pair in wholes(own)]))
    plain = [by_words(own) for own in libraries]
    keep_judgement(sentence_by_words=learn_sentences(plain))
    keep_judgement(library_by_words=learn_libraries([pair for own in plain for pair in wholes(own)]))
    # What is learned with the questions in lay words and without them each loses what the other has.
    plain_words = [[one for one in own if one.row["kind"] != LAY_WORDS] for own in libraries]
    with_lay, without = learn_sentences(libraries), learn_sentences(plain_words)
    keep_judgement(sentence={name: round((with_lay[name] + without[name]) / 2, 4) for name in with_lay})
    found = [wholes(own) for own in libraries]
    keep_judgement(direction=learn_directions([one for own in libraries for one in own]), told=TOLD)
    keep_judgement(library=learn_libraries([pair for own in found for pair in own]), **thresholds(found))


if __name__ == "__main__":
    main()
