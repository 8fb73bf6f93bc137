"""`python -m rag.training.wanted SOURCES EXCLUDED`: learn which roles sentences have that answer a question.

From the questions that were written for this project: for each, the sentences of its article that answer must stand out
among all of the article by their roles alone, weighed by what the question's vector says. Writes
`rag/encoders/weights/wanted.safetensors` and prints how high the answers come in articles that were not learned from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from rag.encoders import WANTED_WEIGHTS, MiniLM, keep_weights, roles_id
from rag.index import sentence_role_shares
from rag.training.rows import SEED, Written, review_of
from rag.training.written_sources import Embed, given
from rag.types import ROLES

FOLDS, EPOCHS, RATE, DECAY = 5, 40, 1e-2, 1e-3
BATCH = 64
# Articles that are learned from: with twice as many the vectors take ten minutes.
ARTICLES = 240


@dataclass(frozen=True, slots=True)
class Question:
    """A question's vector, the roles of all sentences of its article, (n, len(ROLES)), and which of them answer."""

    article: str
    vector: torch.Tensor
    roles: torch.Tensor
    answers: torch.Tensor


def questions(written: Sequence[Written], pages: dict[str, str], embed: Embed) -> list[Question]:
    """Return the questions that some sentence answers."""
    asked = [one for one in written if one.evidence]
    roles = {name: _roles(name, pages[name], embed) for name in dict.fromkeys(one.article for one in asked)}
    found = []
    for one, vector in zip(asked, embed([one.question for one in asked]), strict=True):
        texts, shares = roles[one.article]
        answers = torch.tensor([one.is_answered_by(text) for text in texts])
        if answers.any():
            found.append(Question(one.article, torch.from_numpy(vector), shares, answers))
    return found


def _roles(name: str, page: str, embed: Embed) -> tuple[list[str], torch.Tensor]:
    texts, shares = sentence_role_shares(review_of(name, page), embed, MiniLM.id)
    return [" ".join(sentence.split()) for sentence in texts], torch.from_numpy(shares)


def learn(asked: Sequence[Question]) -> torch.nn.Linear:
    """Return what makes of a question's vector a weight for each role, so that the answers come first."""
    torch.manual_seed(SEED)
    layer = torch.nn.Linear(MiniLM.dimensions, len(ROLES))
    optimizer = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(asked)).split(BATCH):
            loss = torch.stack([_loss(layer, asked[int(at)]) for at in batch]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return layer


def _loss(layer: torch.nn.Linear, one: Question) -> torch.Tensor:
    scores = F.log_softmax(one.roles @ layer(one.vector), dim=0)
    return -torch.logsumexp(scores[one.answers], dim=0)


@torch.no_grad()
def places(layer: torch.nn.Linear, asked: Sequence[Question]) -> list[float]:
    """Return for each question the share of its article's sentences that come before the first that answers."""
    found = []
    for one in asked:
        scores = one.roles @ layer(one.vector)
        found.append(float((scores > scores[one.answers].max()).float().mean()))
    return found


def measure(asked: Sequence[Question]) -> None:
    """Print how high the answers come, by cross-validation over articles, and with the same weights for all."""
    fold_of = {name: at % FOLDS for at, name in enumerate(dict.fromkeys(one.article for one in asked))}
    for name, blind in (("by the question", False), ("the same for all", True)):
        seen = [Question(o.article, o.vector * (not blind), o.roles, o.answers) for o in asked]
        found: list[float] = []
        for fold in range(FOLDS):
            layer = learn([one for one in seen if fold_of[one.article] != fold])
            found += places(layer, [one for one in seen if fold_of[one.article] == fold])
        print(f"{name}: mean share before the first answer {np.mean(found):.3f}, median {np.median(found):.3f}")


def main() -> None:
    """Learn, measure and write the weights."""
    start = given(__doc__)
    names = [*dict.fromkeys(one.article for one in start.written)][:ARTICLES]
    written = [one for one in start.written if one.article in names]
    asked = questions(written, start.pages(written), start.embed)
    measure(asked)
    layer = learn(asked)
    # What is the same for all roles tells nothing.
    weight, bias = (part.detach().numpy().T for part in (layer.weight, layer.bias))
    weights = {"weight": weight - weight.mean(axis=1, keepdims=True), "bias": bias - bias.mean()}
    keep_weights(weights, WANTED_WEIGHTS, {"embedder": MiniLM.id, "roles": roles_id(), "seed": str(SEED)})


if __name__ == "__main__":
    main()
