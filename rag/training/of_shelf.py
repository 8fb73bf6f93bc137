"""`python -m rag.training.of_shelf`: learn what the words of a question ask of the shelf, and which questions do.

Two networks with one hidden layer: one tells of each word, by its meaning in the question and its neighbours, what it
is there for, which is then read as a chain, by how often each follows each; one tells of the question, by its vector
and what the first says, what it is put to. Writes `rag/encoders/weights/of_shelf.safetensors` and prints how much of
the questions that were left out is told.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import gettempdir

import numpy as np
import numpy.typing as npt

from rag.encoders import (
    KNOWN,
    PUT,
    SHELF_WEIGHTS,
    MiniLM,
    chained,
    keep_weights,
    layers,
    load_embedder,
    softmax,
    summed_up,
    word_features,
)
from rag.training.network import adam
from rag.training.rows import SEED, read_written
from rag.training.wordings import UNTOLD, Worded, Wordings, of_content
from rag.types import FloatMatrix

WRITTEN = Path(__file__).parent / "written" / "shelf.jsonl"
MADE, CONTENT, AGAIN = 24_000, 6_000, 3
HIDDEN, EPOCHS, BATCH, RATE, DECAY = {"words": 160, "put": 48}, {"words": 9, "put": 12}, 256, 2e-3, 0.02
DROPPED_HIDDEN, DROPPED = 0.3, 0.1
# Not every journal and author that a question names is there to be found, and some words are also such names.
FOUND, BY_CHANCE = 0.8, 0.01
# Each tag is taken to have been seen behind each other one so often, by chance; what stands beside a word tells its
# tag already, so that what follows what counts by a part.
SEEN, CHAINED = 5.0, 0.5
# The class of a word of which nobody has said what it tells: it is learned from the whole, and not by itself.
_UNKNOWN = -1

Weights = dict[str, FloatMatrix]
Numbers = npt.NDArray[np.int64]


def questions() -> list[Worded]:
    """Return what is learned from, in an order by chance: made, written for the shelf, and on what papers say."""
    chance = np.random.default_rng(SEED)
    content = [one.question for one in read_written()]
    written = [json.loads(line) for line in WRITTEN.read_text("utf-8").splitlines()]
    near = [of_content(one["question"]) for one in written if not one["shelf"]]
    wordings = Wordings(content, SEED)
    shelf = [wordings.written(one["question"]) for one in written if one["shelf"]]
    found = [
        *wordings.questions(MADE),
        *(of_content(str(question)) for question in chance.choice(content, CONTENT, replace=False)),
        *near * AGAIN,
        *shelf * AGAIN,
    ]
    return [found[at] for at in chance.permutation(len(found))]


def known(question: Worded, chance: np.random.Generator) -> FloatMatrix:
    """Return what a look-up finds of each word, a column for each of `KNOWN`."""
    found = np.zeros((len(question.words), len(KNOWN)), np.float32)
    for row, ((start, end), piece) in enumerate(question.words):
        if piece.known == "place" or (piece.known and chance.random() < FOUND):
            found[row, KNOWN.index(piece.known)] = 1
        elif chance.random() < BY_CHANCE:
            found[row, chance.integers(1, 3)] = 1
        found[row, KNOWN.index("figure")] = any(map(str.isdigit, question.text[start:end]))
    return found


def fit(rows: FloatMatrix, classes: Numbers, beside: FloatMatrix | None, name: str) -> Weights:
    """Return the weights of a network that tells classes and, in a last score of its own, what is `beside` them."""
    chance, count = np.random.default_rng(SEED), int(classes.max()) + 1
    outputs, hidden = count + (beside is not None), HIDDEN[name]
    weights = {
        f"{name}.hidden": chance.standard_normal((rows.shape[1], hidden)) * np.sqrt(2 / rows.shape[1]),
        f"{name}.hidden.bias": np.zeros(hidden),
        f"{name}.out": chance.standard_normal((hidden, outputs)) * np.sqrt(1 / hidden),
        f"{name}.out.bias": np.zeros(outputs),
    }
    weights = {key: values.astype(np.float32) for key, values in weights.items()}
    moments = {key: (np.zeros_like(values), np.zeros_like(values)) for key, values in weights.items()}
    steps = EPOCHS[name] * -(-len(rows) // BATCH)
    order = (chance.permutation(len(rows)) for _ in range(EPOCHS[name]))
    for step, batch in enumerate(part for whole in order for part in np.split(whole, range(BATCH, len(whole), BATCH))):
        read = rows[batch].astype(np.float32) * (chance.random(rows.shape[1]) >= DROPPED)
        kept = ((chance.random((len(batch), hidden)) >= DROPPED_HIDDEN) / (1 - DROPPED_HIDDEN)).astype(np.float32)
        above = np.maximum(read @ weights[f"{name}.hidden"] + weights[f"{name}.hidden.bias"], 0) * kept
        scores = above @ weights[f"{name}.out"] + weights[f"{name}.out.bias"]
        error = np.empty_like(scores)
        error[:, :count] = softmax(scores[:, :count])
        error[np.arange(len(batch)), classes[batch]] -= 1
        if beside is not None:
            error[:, count] = 1 / (1 + np.exp(-scores[:, count])) - beside[batch]
        error /= len(batch)
        below = (error @ weights[f"{name}.out"].T) * (above > 0) * kept
        slopes = {
            f"{name}.out": above.T @ error,
            f"{name}.out.bias": error.sum(axis=0),
            f"{name}.hidden": read.T @ below,
            f"{name}.hidden.bias": below.sum(axis=0),
        }
        for key, slope in slopes.items():
            weights[key] *= np.float32(1 - RATE * (1 - step / steps) * DECAY)
            adam(weights[key], slope, moments[key], RATE * (1 - step / steps), step)
    return weights


class Read:
    """Questions read by the embedder, with the tags that their words have."""

    def __init__(self, asked: Sequence[Worded], embedder: MiniLM) -> None:
        chance = np.random.default_rng(SEED)
        self.asked = asked
        self.vectors = np.concatenate([embedder.embed([one.text]) for one in asked])
        self.words = [
            word_features(
                [one.text[slice(*span)] for span, _ in one.words],
                embedder.in_context(one.text, [span for span, _ in one.words]),
                known(one, chance),
            ).astype(np.float16)
            for one in asked
        ]
        self.tags = sorted({piece.tag for one in asked for _, piece in one.words} - {UNTOLD})
        numbers = {tag: at for at, tag in enumerate(self.tags)} | {UNTOLD: _UNKNOWN}
        self.classes = [np.array([numbers[piece.tag] for _, piece in one.words], np.int64) for one in asked]
        self.excluded = [np.array([piece.excluded for _, piece in one.words], np.float32) for one in asked]
        self.put = np.array([PUT.index(one.put) for one in asked])

    def learn_words(self, some: Numbers) -> Weights:
        """Return what tells the words of some questions."""
        rows, classes, excluded = (
            np.concatenate([part[at][self.classes[at] != _UNKNOWN] for at in some])
            for part in (self.words, self.classes, self.excluded)
        )
        return fit(rows, classes, excluded, "words") | {"words.behind": self.behind(some)}

    def behind(self, some: Numbers) -> FloatMatrix:
        """Return how much likelier each tag is behind each other one than anywhere, in some questions."""
        count = len(self.tags)
        pairs = np.zeros((count, count), np.float32)
        for classes in (self.classes[at] for at in some):
            np.add.at(pairs, (classes[:-1], classes[1:]), classes[1:] != _UNKNOWN)
        share = np.maximum(pairs.sum(axis=0) / pairs.sum(), 1 / len(some))
        ratio: FloatMatrix = (pairs / share + SEEN) / (pairs.sum(axis=1, keepdims=True) + SEEN)
        return ratio**CHAINED

    def summed_up(self, some: Numbers, weights: Weights) -> FloatMatrix:
        """Return what some questions are told by, as their words are read."""
        told = (softmax(layers(self.words[at].astype(np.float32), weights, "words")[:, :-1]) for at in some)
        return np.stack([summed_up(self.vectors[at], tags) for at, tags in zip(some, told, strict=True)])


def learn(read: Read) -> Weights:
    """Return the weights of both, and print what halves of the questions tell of each other.

    The second learns from what the first tells of questions that it has not seen.
    """
    everything = np.arange(len(read.asked))
    halves = everything[::2], everything[1::2]
    crossed: list[FloatMatrix] = []
    for unseen, seen in (halves, halves[::-1]):
        weights = read.learn_words(seen)
        crossed.append(read.summed_up(unseen, weights))
        told = (softmax(layers(read.words[at].astype(np.float32), weights, "words")[:, :-1]) for at in unseen)
        found = [chained(tags, weights["words.behind"]).argmax(axis=1) for tags in told]
        right = np.concatenate(
            [(tags == read.classes[at])[read.classes[at] != _UNKNOWN] for tags, at in zip(found, unseen, strict=True)]
        )
        print(f"words: {right.mean():.3f} of {len(right)}", flush=True)
    for at, unseen in enumerate(halves):
        told = layers(crossed[at], fit(crossed[1 - at], read.put[halves[1 - at]], None, "put"), "put").argmax(axis=1)
        for number, name in enumerate(PUT):
            own = read.put[unseen] == number
            print(f"{name}: {(told[own] == number).mean():.3f} of {own.sum()}", flush=True)
    put = fit(np.concatenate(crossed), read.put[np.concatenate(halves)], None, "put")
    return read.learn_words(everything) | put


def main() -> None:
    """Learn, measure and write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    given = parser.parse_args()
    read = Read(questions(), load_embedder(given.cache))
    weights = {key: values.astype(np.float16) for key, values in learn(read).items()}
    keep_weights(weights, SHELF_WEIGHTS, {"embedder": MiniLM.id, "seed": str(SEED), "tags": " ".join(read.tags)})


if __name__ == "__main__":
    main()
