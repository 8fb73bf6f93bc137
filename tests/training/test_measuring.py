"""What a reader gets right is counted over the labels that are known."""

from __future__ import annotations

import numpy as np
import pytest

from rag.encoders import Reading
from rag.training.rows import CLAIMS, DIRECTIONS, UNKNOWN

pytest.importorskip("sklearn", reason="scikit-learn is for training only: requirements-train.txt")
from rag.training.measuring import figures


def rows(count: int = 60) -> list[dict]:
    return [
        {
            "source": "trials", "question": str(at), "title": "", "sentences": ["a", "b", "c"],
            "answers": [at % 2, UNKNOWN, 0], "direction": [at % 3, UNKNOWN, DIRECTIONS.index("not stated")],
            "claim": [at % 3, UNKNOWN, UNKNOWN], "sufficient": at % 2, "claim_all": UNKNOWN,
        }
        for at in range(count)
    ]  # fmt: skip


class Told:
    """A reader that has the labels, or their opposite."""

    def __init__(self, rows: list[dict], sign: int) -> None:
        self.rows, self.sign = {row["question"]: row for row in rows}, sign

    def read(self, question: str, paragraphs: list) -> list[Reading]:
        row = self.rows[question]
        answers = np.array([row["answers"][0], 9, 0], np.float32)
        direction = np.eye(len(DIRECTIONS))[row["direction"]]
        claim = np.eye(len(CLAIMS))[[max(label, 0) for label in row["claim"]]]
        whole = np.zeros(len(CLAIMS))
        return [
            Reading(self.sign * answers, self.sign * direction, self.sign * claim, self.sign * row["sufficient"], whole)
        ]


def test_who_knows_the_labels_gets_all_right_and_who_turns_them_round_nothing():
    known = rows()
    right, wrong = (figures(known, Told(known, sign))["trials"] for sign in (1, -1))
    for name in ("answers_auc", "first", "direction_given_evidence", "claim", "sufficient_auc"):
        assert right[name] == 1 > wrong[name]
    assert (wrong["answers_auc"], wrong["claim"]) == (0, 0)


def test_a_figure_without_labels_is_none_and_sources_are_told_apart():
    found = figures([*rows(), {**rows(1)[0], "source": "nli"}], Told(rows(), 1))
    assert found["trials"]["claim_all"] is None and found["trials"]["rows"] == 60
    assert found["nli"]["claim"] is None and "first" not in found["nli"]
