"""`python -m rag.training.sought SOURCES EXCLUDED`: learn which sentences of an article a question seeks.

From the questions that were written for this project: for each, the sentences of its article that answer must stand out
among all of the article by their roles and facets as the question wants them, by the cosine and by a bilinear form of
both vectors. The form and the weights of facets are kept, in `rag/encoders/weights/sought.safetensors`. Prints, by
cross-validation over articles, how often an answer is the first sentence and among the first three, with the form and
without.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.encoders import FACETS, SOUGHT_WEIGHTS, MiniLM, facets_told, keep_weights, roles_id
from rag.index import sentence_role_shares
from rag.training.rows import SEED, Written, review_of
from rag.training.written_sources import Embed, given
from rag.types import ROLES, FloatMatrix, FloatVector

FOLDS, EPOCHS, RATE, DECAY, BATCH = 5, 40, 3e-3, 7e-4, 32
RANK, SPREAD, COSINE = 64, 0.3, 5.0
TRAITS = len(ROLES) + len(FACETS)
# Of Adam: how long means last.
FIRST, SECOND, SMALL = 0.9, 0.999, 1e-8

Weights = dict[str, FloatMatrix]


@dataclass(frozen=True, slots=True)
class Article:
    """The sentences of an article: their words, roles and facets, (n, TRAITS), and vectors, (n, 384)."""

    name: str
    texts: Sequence[str]
    traits: FloatMatrix
    vectors: FloatMatrix


@dataclass(frozen=True, slots=True)
class Question:
    """A question's vector, its article, and which of its sentences answer."""

    article: Article
    vector: FloatVector
    answers: npt.NDArray[np.bool_]


def questions(written: Sequence[Written], pages: dict[str, str], embed: Embed) -> list[Question]:
    """Return the questions that some sentence answers."""
    asked = [one for one in written if one.evidence and one.kind != "claim"]
    articles = {name: _article(name, pages[name], embed) for name in dict.fromkeys(one.article for one in asked)}
    found = []
    for one, vector in zip(asked, embed([one.question for one in asked]), strict=True):
        article = articles[one.article]
        answers = np.array([one.is_answered_by(text) for text in article.texts])
        found += [Question(article, vector, answers)] if answers.any() else []
    return found


def _article(name: str, page: str, embed: Embed) -> Article:
    texts, roles = sentence_role_shares(review_of(name, page), embed, MiniLM.id)
    vectors = embed(texts)
    traits = np.hstack([roles, facets_told(vectors, roles, texts)])
    return Article(name, [" ".join(text.split()) for text in texts], traits, vectors)


def learn(asked: Sequence[Question], with_form: bool = True) -> Weights:
    """Return weights of traits by the question, of the cosine, and of the bilinear form, so that answers come first.

    By Adam on the likelihood of the answers among the sentences of their article.
    """
    draw = np.random.default_rng(SEED)
    shapes = {"traits": (MiniLM.dimensions, TRAITS), "bias": (TRAITS,), "cosine": (1,)}
    weights: Weights = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}
    weights["cosine"] += COSINE
    for name in ("questions", "sentences"):
        form = draw.normal(scale=SPREAD if with_form else 0.0, size=(MiniLM.dimensions, RANK))
        weights[name] = form.astype(np.float32)
    mean, square = ({name: np.zeros_like(value) for name, value in weights.items()} for _ in range(2))
    step = 0
    for _ in range(EPOCHS):
        for at in np.array_split(draw.permutation(len(asked)), max(1, len(asked) // BATCH)):
            step += 1
            slopes = _slopes(weights, [asked[number] for number in at])
            for name, value in weights.items():
                slope = slopes[name] + np.float32(DECAY * (name != "cosine")) * value
                mean[name] += (1 - FIRST) * (slope - mean[name])
                square[name] += (1 - SECOND) * (slope**2 - square[name])
                size = np.sqrt(square[name] / (1 - SECOND**step)) + SMALL
                value -= RATE * mean[name] / (1 - FIRST**step) / size
    return weights


def scores(weights: Weights, one: Question) -> FloatVector:
    """Return how surely each sentence of the article answers, in nats, shape (n,)."""
    article, vector = one.article, one.vector
    by_traits = article.traits @ (vector @ weights["traits"] + weights["bias"])
    by_form = article.vectors @ (weights["sentences"] @ (vector @ weights["questions"]))
    return np.asarray(by_traits + weights["cosine"] * (article.vectors @ vector) + by_form)


def _slopes(weights: Weights, batch: Sequence[Question]) -> Weights:
    """Return the mean slope of the loss by each weight."""
    slopes = {name: np.zeros_like(value) for name, value in weights.items()}
    for one in batch:
        shares = np.exp((found := scores(weights, one)) - found.max())
        shares /= shares.sum()
        errors = shares.copy()
        errors[one.answers] -= shares[one.answers] / max(float(shares[one.answers].sum()), SMALL)
        of_traits, of_vectors = one.article.traits.T @ errors, one.article.vectors.T @ errors
        slopes["traits"] += np.outer(one.vector, of_traits)
        slopes["bias"] += of_traits
        slopes["cosine"] += one.vector @ of_vectors
        slopes["questions"] += np.outer(one.vector, of_vectors @ weights["sentences"])
        slopes["sentences"] += np.outer(of_vectors, one.vector @ weights["questions"])
    return {name: np.asarray(slope / len(batch), np.float32) for name, slope in slopes.items()}


def places(weights: Weights, asked: Sequence[Question]) -> list[int]:
    """Return for each question how many sentences of its article come before the first that answers."""
    found = []
    for one in asked:
        own = scores(weights, one)
        found.append(int((own > own[one.answers].max()).sum()))
    return found


def measure(asked: Sequence[Question]) -> None:
    """Print how often an answer comes first, and among the first three, by cross-validation over articles."""
    fold_of = {name: at % FOLDS for at, name in enumerate(dict.fromkeys(one.article.name for one in asked))}
    for name, with_form in (("traits and cosine", False), ("with the form", True)):
        found: list[int] = []
        for fold in range(FOLDS):
            weights = learn([one for one in asked if fold_of[one.article.name] != fold], with_form)
            found += places(weights, [one for one in asked if fold_of[one.article.name] == fold])
        first, three = (np.mean([place < most for place in found]) for most in (1, 3))
        print(f"{name}: first {first:.3f}, in three {three:.3f} of {len(found)}")


def main() -> None:
    """Learn, measure and write the weights."""
    start = given(__doc__)
    asked = questions(start.with_more, start.pages(start.with_more), start.embed)
    measure(asked)
    weights = learn(asked)
    kept = {name: weights[name] for name in ("questions", "sentences")}
    kept |= {"facets": weights["traits"][:, len(ROLES) :], "bias": weights["bias"][len(ROLES) :]}
    keep_weights(
        {name: own.astype(np.float16) for name, own in kept.items()},
        SOUGHT_WEIGHTS,
        {"embedder": MiniLM.id, "roles": roles_id(), "seed": str(SEED)},
    )


if __name__ == "__main__":
    main()
