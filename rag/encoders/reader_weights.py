"""The weights of the reader in a file of 12 MB at most: what training changed of all-MiniLM-L6-v2, in eight bits.

A file of safetensors. Of each tuned layer it holds the matrices as int8 differences from the base model's, with a
scale an output row, and the vectors as they are, in float16: `layer.2.attention.self.query.weight`, `….weight.scale`,
`….bias`. `marker` (384,) is the embedding of the token that ends a sentence; `heads.token.weight` (8, 384) and
`heads.all.weight` (4, 384) with their biases read the last hidden states. The metadata name the tuned `layers`
("2,3,4,5"), the SHA-256 of the `base` model's file, and the `sha256` of the tensors themselves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open

from rag.atomic_folder import sha256
from rag.encoders.small_weights import keep_weights
from rag.errors import ModelMissing
from rag.types import FloatMatrix

# The model's config.json.
LAYERS, WIDTH, INNER_WIDTH = 6, 384, 1536
LARGEST = 127  # of int8, on both sides of 0
SCALE = ".scale"
# The word piece whose embedding `marker` replaces; no text comes to it.
MARKER = 1
HEADS = {
    "heads.token.weight": (8, WIDTH),
    "heads.token.bias": (8,),
    "heads.all.weight": (4, WIDTH),
    "heads.all.bias": (4,),
}
# A layer's tensors by their names in the base model below `encoder.layer.2.`.
LAYER = {
    **{f"attention.self.{part}.weight": (WIDTH, WIDTH) for part in ("query", "key", "value")},
    **{f"attention.self.{part}.bias": (WIDTH,) for part in ("query", "key", "value")},
    "attention.output.dense.weight": (WIDTH, WIDTH),
    "attention.output.dense.bias": (WIDTH,),
    "attention.output.LayerNorm.weight": (WIDTH,),
    "attention.output.LayerNorm.bias": (WIDTH,),
    "intermediate.dense.weight": (INNER_WIDTH, WIDTH),
    "intermediate.dense.bias": (INNER_WIDTH,),
    "output.dense.weight": (WIDTH, INNER_WIDTH),
    "output.dense.bias": (WIDTH,),
    "output.LayerNorm.weight": (WIDTH,),
    "output.LayerNorm.bias": (WIDTH,),
}
Tensors = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ReaderWeights:
    """The tensors of a file that is whole, the tuned layers from the lowest up, and what names them all."""

    sha256: str
    layers: tuple[int, ...]
    tensors: Tensors

    def get(self, name: str) -> FloatMatrix:
        """Return a vector, the marker or a head as it is, a layer's matrix as what is added to the base model's."""
        values = self.tensors[name].astype(np.float32)
        scale = self.tensors.get(name + SCALE)
        return values if scale is None else values * scale.astype(np.float32)[:, None]


def write_reader(path: Path, base: Path, tuned: Tensors, metadata: Mapping[str, str] | None = None) -> ReaderWeights:
    """Write what training made of the base model in the file `base`; return it as `read_reader` will.

    `tuned` has, in any float type, all of `LAYER` of each tuned layer (`layer.2.output.dense.bias`, whole weights, not
    differences), `marker`, and all of `HEADS`. Raises KeyError where one is missing, OSError.
    """
    layers = sorted({int(name.split(".")[1]) for name in tuned if name.startswith("layer.")})
    tensors: dict[str, npt.NDArray[Any]] = {}
    with safe_open(base, framework="numpy") as source:
        for name in ["marker", *HEADS, *(f"layer.{layer}.{part}" for layer in layers for part in LAYER)]:
            values = np.asarray(tuned[name], np.float32)
            if name in HEADS or values.ndim == 1:
                tensors[name] = values.astype(np.float16)
            else:
                tensors[name], tensors[name + SCALE] = _quantized(values - source.get_tensor(f"encoder.{name}"))
    said = {"layers": ",".join(map(str, layers)), "base": sha256(base), "sha256": _sum(tensors)}
    keep_weights(tensors, path, {**(metadata or {}), **said})
    return ReaderWeights(said["sha256"], tuple(layers), tensors)


def read_reader(path: Path, base: str) -> ReaderWeights:
    """Return the weights in a file, made for the base model whose file has this SHA-256.

    Raises ModelMissing, which says what is wrong, when the file is missing, damaged or made for another model.
    """
    try:
        with safe_open(path, framework="numpy") as source:
            said = source.metadata() or {}
            tensors = {name: source.get_tensor(name) for name in source.keys()}  # noqa: SIM118 - no mapping
        layers = tuple(map(int, said["layers"].split(",")))
        shapes = _shapes(layers)
        whole = said["sha256"] == _sum(tensors) and shapes == {name: array.shape for name, array in tensors.items()}
    except FileNotFoundError as error:
        raise ModelMissing(f"The reader's weights are not installed: {path.name} is missing.") from error
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelMissing(f"The reader's weights in {path.name} are damaged.") from error
    if not whole:
        raise ModelMissing(f"The reader's weights in {path.name} are damaged.")
    if said["base"] != base:
        raise ModelMissing(f"The reader's weights in {path.name} were made for another model than all-MiniLM-L6-v2.")
    return ReaderWeights(said["sha256"], layers, tensors)


def read_tuned(path: Path, base: Path) -> dict[str, FloatMatrix]:
    """Return what `write_reader` was given as `tuned`, to the precision of the file. Raises ModelMissing."""
    found = read_reader(path, sha256(base))
    with safe_open(base, framework="numpy") as source:
        return {
            name: found.get(name) + (source.get_tensor(f"encoder.{name}") if name + SCALE in found.tensors else 0)
            for name in found.tensors
            if not name.endswith(SCALE)
        }


def _quantized(difference: FloatMatrix) -> tuple[npt.NDArray[np.int8], FloatMatrix]:
    """Return a matrix in steps of its rows, and the length of a step of each row."""
    scale = np.abs(difference).max(axis=1) / np.float32(LARGEST)
    steps = np.rint(difference / np.where(scale > 0, scale, 1)[:, None])
    return steps.astype(np.int8), scale


def _shapes(layers: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor of a file with these tuned layers; raises ValueError where they are none."""
    if not set(layers) <= set(range(LAYERS)) or list(layers) != sorted(set(layers)):
        raise ValueError(f"layers {layers}")
    shapes = {"marker": (WIDTH,), **HEADS}
    for name, shape in ((f"layer.{number}.{part}", shape) for number in layers for part, shape in LAYER.items()):
        shapes[name] = shape
        if len(shape) == 2:
            shapes[name + SCALE] = shape[:1]
    return shapes


def _sum(tensors: Tensors) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(f"{name} {tensors[name].dtype.str}\n".encode())
        digest.update(np.ascontiguousarray(tensors[name]).data)
    return digest.hexdigest()
