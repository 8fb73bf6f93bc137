"""Small weights that cannot be read are told in a line, and answers are chosen without them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rag.encoders import addressed, of_shelf, roles, sought, wanted
from rag.encoders.facets import FACETS
from rag.encoders.small_weights import keep_weights, read_weights
from rag.pipeline import NO_ROLES, ask
from rag.settings import Settings
from rag.shelf import open_library
from rag.types import ROLES
from tests.conftest import SEEDS


def missing(file: Path) -> None:
    file.unlink(missing_ok=True)


def cut(file: Path) -> None:
    file.write_bytes(wanted.WANTED_WEIGHTS.read_bytes()[:1000])


def text(file: Path) -> None:
    file.write_text("no weights", "utf-8")


DAMAGES = [missing, cut, text]


def test_weights_are_given_in_32_bits_with_what_the_file_says_of_them(tmp_path):
    keep_weights({"a": np.ones((2, 3), np.float16)}, tmp_path / "a", {"embedder": "one"})
    read = read_weights(tmp_path / "a")
    assert (read.matrices["a"].dtype, read.matrices["a"].shape) == (np.float32, (2, 3))
    assert read.metadata == {"embedder": "one"}


def test_a_transposed_matrix_is_kept_as_it_is(tmp_path):
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3).T
    keep_weights({"a": matrix}, tmp_path / "a", {})
    assert read_weights(tmp_path / "a").matrices["a"].tolist() == matrix.tolist()


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_cannot_be_read_is_told_once_in_one_line(tmp_path, caplog, damage: Callable[[Path], None]):
    file = tmp_path / "small.safetensors"
    damage(file)
    with caplog.at_level(logging.WARNING):
        assert read_weights(file) is None
        assert read_weights(file) is None
    (line,) = caplog.messages
    assert "small.safetensors" in line
    assert "without" in line
    assert "\n" not in line


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_the_wanted_roles_no_role_is_wanted(tmp_path, monkeypatch, damage: Callable[[Path], None]):
    damage(tmp_path / "wanted.safetensors")
    monkeypatch.setattr(wanted, "WANTED_WEIGHTS", tmp_path / "wanted.safetensors")
    assert wanted.wanted_roles(np.ones(384, np.float32)).tolist() == [0.0] * len(ROLES)
    assert not wanted.knows_roles()


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_its_weights_no_question_is_read_for_the_shelf(tmp_path, monkeypatch, damage):
    damage(tmp_path / "of_shelf.safetensors")
    monkeypatch.setattr(of_shelf, "SHELF_WEIGHTS", tmp_path / "of_shelf.safetensors")
    word, known = np.ones((1, 1152), np.float32), np.zeros((1, len(of_shelf.KNOWN)), np.float32)
    assert of_shelf.read_question(np.ones(384, np.float32), ["papers"], word, known) is None


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_its_weights_no_sentence_is_sought_before_another(tmp_path, monkeypatch, damage):
    damage(tmp_path / "sought.safetensors")
    monkeypatch.setattr(sought, "SOUGHT_WEIGHTS", tmp_path / "sought.safetensors")
    ones = np.ones((2, 384), np.float32)
    assert sought.seeking(ones[0], ones, ones[:, : len(FACETS)]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("damage", DAMAGES)
def test_without_its_weights_no_sentence_is_held_to_speak_to_a_model(tmp_path, monkeypatch, damage):
    damage(tmp_path / "addressed.safetensors")
    monkeypatch.setattr(addressed, "ADDRESSED_WEIGHTS", tmp_path / "addressed.safetensors")
    assert addressed.addresses_a_model(np.ones((2, 384), np.float32)).tolist() == [False, False]


@pytest.mark.slow
@pytest.mark.parametrize("damage", DAMAGES)
def test_without_any_small_weights_the_seeds_are_indexed_and_answer(
    tmp_path, monkeypatch, data, damage: Callable[[Path], None]
):
    for module, name in ((roles, "ROLE_WEIGHTS"), (wanted, "WANTED_WEIGHTS"), (sought, "SOUGHT_WEIGHTS")):
        damage(tmp_path / name)
        monkeypatch.setattr(module, name, tmp_path / name)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models").symlink_to(data / "models")
    library = open_library(Settings(seeds=SEEDS, data=tmp_path / "data"))
    answer = ask("What have CAR-T cells achieved in blood cancers?", library)
    assert answer.citations and answer.note == NO_ROLES
    spans = [(one.quote.review_id, one.quote.start, one.quote.end) for one in answer.citations]
    assert not library.index.sentence_traits(spans).any()
