"""The reader computes what its weights define, alike in any company; without sound weights it says why."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

from rag.encoders import Paragraph, Reader, Reading, load_embedder, load_reader
from rag.encoders.embedding import MAX_TOKENS, SHA256, TOKENIZER, WEIGHTS, installed_file
from rag.encoders.reader import CLS, SEP, windows
from rag.encoders.reader_weights import LAYER, MARKER, read_reader, write_reader
from rag.errors import ModelMissing
from rag.settings import PROJECT
from tests.encoders.bert import hidden_states
from tests.encoders.tuned import tuned

QUESTION = "Why is it hard to use CAR-T cells against solid tumors?"
PROSE = (PROJECT / "seeds" / "003_93164bd6e16eac55.txt").read_text("utf-8")
SENTENCES = tuple(sentence.strip() for sentence in PROSE.split(". ") if 40 < len(sentence) < 400)
SHORT = Paragraph("CAR-T cells", ("Antigens differ from cell to cell.", "T cells tire.", "Fever was seen in 9 of 31."))
LONG = Paragraph("A long paragraph", SENTENCES[:12])
PARAGRAPHS = [SHORT, Paragraph("", ("αβ-T cells: 5×10⁶/kg",)), Paragraph("Windows", SENTENCES[5:7]), LONG]
ODD = ["", " ", "\x00", "a\x00b", "😀" * 400, "x" * 10_000, "w " * 10_000, "\ud800", "tail \udfff", "[SEP] [unused0]"]


@pytest.fixture(scope="module")
def embedder(tmp_path_factory):
    return load_embedder(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "reader.safetensors"
    write_reader(path, installed_file(WEIGHTS), tuned((2, 3, 4, 5)), {"trained": "never"})
    return path


@pytest.fixture(scope="module")
def reader(embedder, file) -> Reader:
    return load_reader(embedder, file)


@pytest.fixture(scope="module")
def plain(file) -> Plain:
    return Plain(file)


class Plain:
    """The reader in NumPy, one window at a time: the base model with the weights of a file put in, and its heads."""

    def __init__(self, file: Path) -> None:
        self.own = load_file(file)
        self.weights = load_file(installed_file(WEIGHTS))
        for name in [name for name in self.own if name.startswith("layer.") and not name.endswith(".scale")]:
            own = self.own[name].astype(np.float32)
            if own.ndim == 2:
                own = self.weights[f"encoder.{name}"] + own * self.own[f"{name}.scale"].astype(np.float32)[:, None]
            self.weights[f"encoder.{name}"] = own
        self.weights["embeddings.word_embeddings.weight"][1] = self.own["marker"]
        self.tokenizer = Tokenizer.from_file(str(installed_file(TOKENIZER)))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()

    def tokens(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def read(self, question: str, title: str, sentences: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
        ids = [101, *self.tokens(question)[:64], 102, *self.tokens(title)[:32], 102]
        for sentence in sentences:
            ids += [*self.tokens(sentence)[:96], 1]
        ids.append(102)
        assert len(ids) <= MAX_TOKENS
        hidden = hidden_states(ids, self.weights.__getitem__)
        head = {name: values.astype(np.float32) for name, values in self.own.items() if name.startswith("heads.")}
        ends = hidden[[place for place, token in enumerate(ids) if token == 1]]
        each = ends @ head["heads.token.weight"].T + head["heads.token.bias"]
        return each, hidden[0] @ head["heads.all.weight"].T + head["heads.all.bias"]


def columns(reading: Reading) -> tuple[np.ndarray, np.ndarray]:
    each = np.column_stack([reading.answers, reading.direction, reading.claim])
    return each, np.array([reading.sufficient, *reading.claim_all])


def same(one: Reading, other: Reading) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(columns(one), columns(other), strict=True))


def test_scores_agree_with_a_plain_forward_pass(reader, plain):
    for paragraph, reading in zip(PARAGRAPHS[:3], reader.read(QUESTION, PARAGRAPHS[:3]), strict=True):
        for found, expected in zip(
            columns(reading), plain.read(QUESTION, paragraph.title, paragraph.sentences), strict=True
        ):
            assert found.shape == expected.shape and np.abs(found - expected).max() < 2e-3
    assert np.ptp(columns(reading)[0]) > 0.1


def test_a_long_paragraph_is_read_in_windows_that_share_a_sentence(reader, plain):
    frame = len(plain.tokens(QUESTION)) + len(plain.tokens(LONG.title)) + 4
    lengths = [min(len(plain.tokens(sentence)), 96) + 1 for sentence in LONG.sentences]
    spans = list(windows(lengths, MAX_TOKENS - frame))
    assert len(spans) > 2 and any(end - 1 == start for (_, end), (start, _) in pairwise(spans))
    read = [plain.read(QUESTION, LONG.title, LONG.sentences[start:end]) for start, end in spans]
    each, whole = columns(reader.read(QUESTION, [LONG])[0])
    for number, found in enumerate(each):
        of_windows = [
            scores[number - start]
            for (start, end), (scores, _) in zip(spans, read, strict=True)
            if start <= number < end
        ]
        assert np.abs(found - np.mean(of_windows, axis=0)).max() < 2e-3
    assert np.abs(whole - max((scores for _, scores in read), key=lambda scores: scores[0])).max() < 2e-3


@given(st.lists(st.integers(1, 97), max_size=30), st.integers(97, 200))
def test_windows_hold_every_sentence_in_order_and_go_on_from_the_last(lengths, room):
    spans = list(windows(lengths, room))
    assert [*dict.fromkeys(n for span in spans for n in range(*span))] == [*range(len(lengths))]
    assert all(sum(lengths[start:end]) <= room for start, end in spans)
    for (_, end), (start, after) in pairwise(spans):
        assert after > end and (start == end - 1 or (start == end and sum(lengths[end - 1 : end + 1]) > room))


def test_a_paragraph_reads_the_same_in_any_company_and_every_time(reader):
    alone = [reader.read(QUESTION, [paragraph])[0] for paragraph in PARAGRAPHS]
    for order in ([0, 1, 2, 3], [3, 2, 1, 0], [2, 2, 0]):
        together = reader.read(QUESTION, [PARAGRAPHS[number] for number in order])
        assert all(same(found, alone[number]) for number, found in zip(order, together, strict=True))


def test_threads_may_share_it_from_the_first_question_on(embedder, file):
    reader = load_reader(embedder, file)
    start = threading.Barrier(4)

    def read(_: int) -> Reading:
        start.wait()
        return reader.read(QUESTION, [SHORT])[0]

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(read, range(4))
    assert all(same(first, other) for other in others)


def test_scores_are_rounded_float32_numbers(reader):
    (reading,) = reader.read(QUESTION, [SHORT])
    assert {part.dtype for part in (reading.answers, reading.direction, reading.claim, reading.claim_all)} == {
        np.dtype(np.float32)
    }
    for scores in columns(reading):
        assert np.allclose(scores, np.round(scores.astype(float), 4), atol=1e-6)


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_any_text_has_finite_scores(reader, text):
    (reading,) = reader.read(text, [Paragraph(text, (text, "T cells tire.", text))])
    assert reading.answers.shape == (3,) and all(np.isfinite(scores).all() for scores in columns(reading))


def test_a_paragraph_without_sentences_is_scored_as_a_whole(reader):
    (reading,) = reader.read(QUESTION, [Paragraph("CAR-T cells", ())])
    assert (reading.answers.shape, reading.direction.shape, reading.claim.shape) == ((0,), (0, 4), (0, 3))
    assert np.isfinite(reading.sufficient)
    assert reader.read(QUESTION, []) == []


def test_what_frames_a_text_cannot_stand_in_it(reader):
    found = reader._tokens(["a [SEP] b [CLS] [PAD] [MASK] [unused0]"], [96])
    assert not {CLS, SEP, MARKER, 0, 103} & {*found[0]}


def test_it_is_named_by_its_weights(embedder, reader, file, tmp_path):
    other = tmp_path / "other.safetensors"
    write_reader(other, installed_file(WEIGHTS), tuned((5,)))
    assert load_reader(embedder, file).id == reader.id != load_reader(embedder, other).id
    assert not same(load_reader(embedder, other).read(QUESTION, [SHORT])[0], reader.read(QUESTION, [SHORT])[0])


def test_only_the_tuned_layers_are_written_beside_those_of_the_embedder(reader):
    layer = 4 * sum(int(np.prod(shape)) for shape in LAYER.values())
    assert 4 * layer < (reader._folder / "model.data").stat().st_size < 4.1 * layer


# Weights that cannot be used.


def test_a_file_gives_back_what_was_written_to_half_a_step(file):
    found, wanted, base = read_reader(file, SHA256[WEIGHTS]), tuned((2, 3, 4, 5)), load_file(installed_file(WEIGHTS))
    assert found.layers == (2, 3, 4, 5) and file.stat().st_size < 12 * 2**20
    for name in [name for name in wanted if name.startswith("layer.")]:
        values = found.get(name) + (base[f"encoder.{name}"] if wanted[name].ndim == 2 else 0)
        step = found.tensors[f"{name}.scale"][:, None] if wanted[name].ndim == 2 else 2e-3
        assert (np.abs(values - wanted[name]) <= step * 0.501 + 1e-6).all()


def missing(embedder, path: Path) -> str:
    with pytest.raises(ModelMissing) as refused:
        load_reader(embedder, path)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_weights_that_are_missing_are_told(embedder, tmp_path):
    assert "not installed" in missing(embedder, tmp_path / "reader.safetensors")


def said(path: Path) -> dict[str, str]:
    with safe_open(path, framework="numpy") as opened:
        return opened.metadata()


@pytest.mark.parametrize("size", [0, 7, 4_000, 3_000_000])
def test_weights_that_are_cut_short_are_told(embedder, file, tmp_path, size):
    path = tmp_path / "reader.safetensors"
    path.write_bytes(file.read_bytes()[:size])
    assert "damaged" in missing(embedder, path)


def test_weights_with_one_changed_byte_are_told(embedder, file, tmp_path):
    path, whole = tmp_path / "reader.safetensors", file.read_bytes()
    path.write_bytes(whole[:-1000] + bytes([whole[-1000] ^ 1]) + whole[-999:])
    assert "damaged" in missing(embedder, path)


@pytest.mark.parametrize("change", [{"layers": "2,3,4"}, {"layers": "2,3,4,5,6"}, {"layers": "some"}, {"sha256": ""}])
def test_weights_that_are_not_what_they_say_are_told(embedder, file, tmp_path, change):
    path = tmp_path / "reader.safetensors"
    save_file(load_file(file), path, said(file) | change)
    assert "damaged" in missing(embedder, path)


def test_weights_without_a_word_on_what_they_are_are_told(embedder, file, tmp_path):
    save_file(load_file(file), tmp_path / "reader.safetensors")
    assert "damaged" in missing(embedder, tmp_path / "reader.safetensors")


def test_weights_of_another_base_are_told(embedder, file, tmp_path):
    path = tmp_path / "reader.safetensors"
    save_file(load_file(file), path, said(file) | {"base": "0" * 64})
    assert "another model" in missing(embedder, path)


def test_a_damaged_graph_is_written_again(tmp_path, file, reader):
    embedder, expected = load_embedder(tmp_path), reader.read(QUESTION, [SHORT])[0]
    load_reader(embedder, file)
    for name in ("model.data", "model.onnx", "sums.json"):
        (damaged,) = tmp_path.glob(f"reader-*/{name}")
        with damaged.open("r+b") as opened:
            opened.truncate(damaged.stat().st_size // 2)
        assert same(load_reader(embedder, file).read(QUESTION, [SHORT])[0], expected)
    assert [path.name for path in tmp_path.glob(".*/")] == []


@pytest.mark.parametrize("gone", ["reader-*/model.onnx", "reader-*/model.data", "*/tokenizer.json"])
def test_files_that_are_gone_before_the_first_question_are_told(tmp_path, file, gone):
    reader = load_reader(load_embedder(tmp_path), file)
    next(tmp_path.glob(gone)).unlink()
    with pytest.raises(ModelMissing, match="could not be opened"):
        reader.read(QUESTION, [SHORT])


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, file, reader):
    blocked = tmp_path / "file"
    blocked.write_text("")
    unkept = load_reader(load_embedder(blocked / "models"), file)
    assert same(unkept.read(QUESTION, [SHORT])[0], reader.read(QUESTION, [SHORT])[0])
