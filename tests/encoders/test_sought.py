"""A question seeks sentences of its kind, whatever their words."""

from __future__ import annotations

import numpy as np
from safetensors import safe_open

from rag.encoders import FACETS, SOUGHT_WEIGHTS, MiniLM, facets_told, load_embedder, roles_id, seeking
from rag.types import ROLES

SENTENCES = [
    "Exclusion criteria were pregnancy, renal failure and previous surgery.",
    "A limitation of this study is its small size.",
    "Cough fell by 12 points more with moss extract than with placebo.",
]
ROLE = np.eye(len(ROLES), dtype=np.float32)[[ROLES.index(role) for role in ("method", "limitation", "result")]]
QUESTIONS = ["who could not enter the moss extract study", "weaknesses of the moss extract trial"]


def test_a_question_seeks_the_sentence_of_its_kind_before_one_that_is_nearer_in_sense(data):
    embed = load_embedder(data / "models").embed
    sentences = embed(SENTENCES)
    facets = facets_told(sentences, ROLE, SENTENCES)
    for at, vector in enumerate(embed(QUESTIONS)):
        found = seeking(vector, sentences, facets)
        assert found.shape == (len(SENTENCES),)
        assert (sentences @ vector).argmax() == len(SENTENCES) - 1 and found[at] > found[-1] + 1


def test_a_sentence_is_sought_alike_whatever_stands_beside_it(data):
    embed = load_embedder(data / "models").embed
    sentences, question = embed(SENTENCES), embed(QUESTIONS)[0]
    facets = np.zeros((len(SENTENCES), len(FACETS)), np.float32)
    alone = [float(seeking(question, sentences[at : at + 1], facets[:1])[0]) for at in range(len(SENTENCES))]
    assert seeking(question, sentences, facets).tolist() == alone


def test_it_was_learned_beside_the_roles_that_are_shipped():
    with safe_open(SOUGHT_WEIGHTS, framework="numpy") as weights:
        assert (weights.metadata()["roles"], weights.metadata()["embedder"]) == (roles_id(), MiniLM.id)
