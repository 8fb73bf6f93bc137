"""A question says which roles its answers have."""

from __future__ import annotations

import numpy as np
from safetensors import safe_open

from rag.encoders import WANTED_WEIGHTS, MiniLM, roles_id, wanted_roles
from rag.encoders.embedding import load_embedder
from rag.types import ROLES

ASKED = {
    "What are the limitations of the trial of moss extract?": "limitation",
    "How were herders assigned to moss extract or placebo?": "method",
    "Who paid for the trial of moss extract?": "funding",
    "Did moss extract reduce cough in herders?": "result",
}


def test_a_question_wants_the_sentences_that_are_there_to_answer_it(data):
    vectors = load_embedder(data / "models").embed([*ASKED])
    wanted = np.stack([wanted_roles(vector) for vector in vectors])
    assert wanted.shape == (len(ASKED), len(ROLES))
    # Of these questions each role is wanted most by the one that asks for it.
    columns = [ROLES.index(role) for role in ASKED.values()]
    assert wanted[:, columns].argmax(axis=0).tolist() == [0, 1, 2, 3]


def test_it_was_learned_with_the_roles_that_are_shipped():
    with safe_open(WANTED_WEIGHTS, framework="numpy") as weights:
        assert (weights.metadata()["roles"], weights.metadata()["embedder"]) == (roles_id(), MiniLM.id)
