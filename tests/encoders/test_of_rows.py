"""What the words of a question across papers are there for, told together."""

from __future__ import annotations

import numpy as np
import pytest

from rag.encoders import ROW_TAGS, of_rows
from rag.encoders.of_rows import best_path, piece_features, pieces, tag_rows


def test_marks_and_words_are_pieces_of_their_own():
    text = "LDL, stay (1,200 days)?"
    assert [text[slice(*span)] for span in pieces(text)] == ["LDL", ",", "stay", "(", "1,200", "days", ")", "?"]


def test_a_row_goes_on_behind_one_of_its_words_alone():
    weights = {"follows": np.zeros((5, 5), np.float32), "begins": np.zeros(5, np.float32)}
    scores = np.zeros((3, 5), np.float32)
    scores[:, ROW_TAGS.index("goes on")] = 1
    assert [ROW_TAGS[at] for at in best_path(scores, weights)] == ["begins", "goes on", "goes on"]


def test_what_cannot_be_read_is_not_told(monkeypatch: pytest.MonkeyPatch, tmp_path):
    text = "Pain?"
    features = piece_features(text, pieces(text), np.ones((2, 1152), np.float32))
    assert len(tag_rows(features)) == 2
    assert tag_rows(features[:0]) is None
    monkeypatch.setattr(of_rows, "ROW_WEIGHTS", tmp_path / "none.safetensors")
    assert tag_rows(features) is None
