"""The form is learned from which sentences of an article answer."""

from __future__ import annotations

import numpy as np

from rag.encoders import MiniLM
from rag.training import sought

KINDS = np.eye(3, MiniLM.dimensions, dtype=np.float32)


def article(draw: np.random.Generator, name: str) -> sought.Article:
    vectors = draw.normal(scale=0.02, size=(8, MiniLM.dimensions)).astype(np.float32)
    vectors[draw.permutation(8)[: len(KINDS)]] += KINDS
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return sought.Article(name, [f"{at}" for at in range(8)], np.zeros((8, sought.TRAITS), np.float32), vectors)


def asked(draw: np.random.Generator, name: str) -> list[sought.Question]:
    """Return questions of three kinds, each answered by the sentence nearest to what stands across from its kind."""
    found, own = [], article(draw, name)
    for at, kind in enumerate(KINDS):
        nearest = int((own.vectors @ KINDS[(at + 1) % len(KINDS)]).argmax())
        found.append(sought.Question(own, kind, np.arange(8) == nearest))
    return found


def test_what_answers_a_kind_of_question_is_learned_where_no_cosine_tells_it(monkeypatch):
    monkeypatch.setattr(sought, "EPOCHS", 30)
    draw = np.random.default_rng(1)
    seen = [one for number in range(40) for one in asked(draw, f"{number}")]
    unseen = [one for number in range(20) for one in asked(draw, f"new {number}")]
    plain, learned = (sought.places(sought.learn(seen, with_form), unseen) for with_form in (False, True))
    assert np.mean(learned) < np.mean(plain) / 2
