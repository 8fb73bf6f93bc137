"""What a reader is worth on rows with labels: ranking, sufficiency, direction, claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from rag.encoders import Paragraph, Reader, Reading
from rag.training.rows import DIRECTIONS, UNKNOWN

FEW = 20
Read = tuple[dict[str, Any], Reading]


def figures(rows: Sequence[dict[str, Any]], reader: Reader) -> dict[str, dict[str, Any]]:
    """Return, for each source, what a reader gets right: of sentences, of their order, of whole paragraphs."""
    by_source: dict[str, list[Read]] = {}
    for row in rows:
        (reading,) = reader.read(row["question"], [Paragraph(row["title"], tuple(row["sentences"]))])
        by_source.setdefault(row["source"], []).append((row, reading))
    return {source: _of_one(read) for source, read in sorted(by_source.items())}


def _of_one(read: Sequence[Read]) -> dict[str, Any]:
    answers, direction, claim = (
        (np.concatenate([row[name] for row, _ in read]), np.concatenate([getattr(one, name) for _, one in read]))
        for name in ("answers", "direction", "claim")
    )
    sufficient, claim_all = (
        (np.array([row[name] for row, _ in read]), np.array([getattr(one, name) for _, one in read]))
        for name in ("sufficient", "claim_all")
    )
    stated = DIRECTIONS.index("not stated")
    given = np.where(direction[0] == stated, UNKNOWN, direction[0])
    best = np.array([one.answers.max(initial=-np.inf) for _, one in read])
    return {
        "rows": len(read),
        "answers_auc": _auc(*answers),
        **_ranks(read),
        "direction_given_evidence": _f1(given, direction[1][:, :stated]),
        "claim": _f1(*claim),
        "sufficient_auc": _auc(*sufficient),
        "sufficient_auc_by_best_sentence": _auc(sufficient[0], best),
        "claim_all": _f1(*claim_all),
    }


def _ranks(read: Sequence[Read]) -> dict[str, float]:
    """Return how often the best sentence of a paragraph that answers does so, and one of the best three."""
    found = []
    for row, reading in read:
        labels = np.array(row["answers"])
        if 1 in labels:
            order = np.argsort(-reading.answers, kind="stable")
            found.append((labels[order][labels[order] != UNKNOWN] == 1)[:3])
    if not found:
        return {}
    return {
        "first": round(float(np.mean([answers[0] for answers in found])), 3),
        "in_three": round(float(np.mean([answers.any() for answers in found])), 3),
    }


def _auc(labels: np.ndarray, scores: np.ndarray) -> float | None:
    known = labels != UNKNOWN
    if len(set(labels[known].tolist())) < 2:
        return None
    return round(float(roc_auc_score(labels[known], scores[known])), 3)


def _f1(labels: np.ndarray, logits: np.ndarray) -> float | None:
    known = labels != UNKNOWN
    if known.sum() < FEW:
        return None
    return round(float(f1_score(labels[known], logits[known].argmax(axis=1), average="macro")), 3)
