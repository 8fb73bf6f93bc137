"""The weights of all-MiniLM-L6-v2 as an ONNX graph of the operators that ONNX Runtime is fastest at.

The graph takes `tokens` and `mask` (1 for a token, 0 for padding on the right), both int32 of shape (batch, length),
and returns `vectors`, float32 of shape (batch, 384): the hidden states of the tokens summed and scaled to length 1,
which is the same as their mean scaled to length 1. Who asks for them also has the hidden states of `WORD_LAYERS`,
(batch * length, 384) each: what a token means in its text. The fused operators: ONNX Runtime's
`docs/ContribOperators.md`.

Between the attentions the texts of a batch are one matrix, (batch * length, 384), so that Gemm can add the bias. Gemm,
Add and LayerNormalization take an eighth less time than MatMul and SkipLayerNormalization; nine tenths of what is left
is multiplication at the processor's full speed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper
from safetensors import safe_open

from rag.encoders.embedding import WORD_LAYERS
from rag.encoders.reader_weights import MARKER, ReaderWeights
from rag.types import FloatMatrix

# The model's config.json.
LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
OPSET, IR_VERSION = 17, 8
FUSED = "com.microsoft"
SHAPES = {"flat": [-1, WIDTH], "middle": [1]}
# Tensors that start on a page can be mapped from the file instead of being read into memory.
PAGE = 4096
GRAPH, DATA = "model.onnx", "model.data"

Tensor = tuple[str, FloatMatrix]
Weights = Callable[[str], FloatMatrix]
Shape = list[str | int]


def write_graph(weights_file: Path, folder: Path) -> None:
    """Write `model.onnx`, and the weights it points to as `model.data`, one tensor at a time."""
    with safe_open(weights_file, framework="numpy") as weights:
        tensors = _write_tensors(_tensors(weights.get_tensor), folder, DATA)
    shapes = [helper.make_tensor(name, TensorProto.INT64, [len(v)], v) for name, v in SHAPES.items()]
    nodes = [*_embedding(["tokens", "", "words", "positions", ""]), *_layers(), *_pooling(f"hidden{LAYERS}")]
    inputs: dict[str, Shape] = {"tokens": ["batch", "length"], "mask": ["batch", "length"]}
    words: dict[str, Shape] = {layer: ["all", WIDTH] for layer in WORD_LAYERS}
    _save(nodes, [*shapes, *tensors], inputs, {"vectors": ["batch", WIDTH], **words}, folder)


def write_reader_graph(base: Path, weights: ReaderWeights, folder: Path, name: str) -> None:
    """Write the graph of the reader, which points to what `write_graph` wrote into `base` where that is unchanged.

    It takes one text's `tokens`, (1, length), and `rows`, (n,), the places of those to score; it returns `scores`,
    (n, 12): the logits of the heads, those of a token first. It names the files that it points to from the folder that
    `base` is in, where `folder` will be put as `name`.
    """
    known = {tensor.name: tensor for tensor in onnx.load(base / GRAPH, load_external_data=False).graph.initializer}
    tensors = _write_tensors(_reader_tensors(weights, partial(_mapped, base, known)), folder, f"{name}/{DATA}")
    nodes = [*_marked_embedding(), *_layers(mask="", rows="rows"), _linear("heads", f"hidden{LAYERS}", "scores")]
    used = {name for node in nodes for name in node.input} - {tensor.name for tensor in tensors}
    shared = [tensor for tensor in known.values() if tensor.name in used]
    for entry in (entry for tensor in shared for entry in tensor.external_data if entry.key == "location"):
        entry.value = f"{base.name}/{DATA}"
    marker = helper.make_tensor("marker", TensorProto.INT32, [1], [MARKER])
    inputs: dict[str, Shape] = {"tokens": [1, "length"], "rows": ["n"]}
    _save(nodes, [marker, *shared, *tensors], inputs, {"scores": ["n", 12]}, folder)


def _save(
    nodes: list[NodeProto],
    tensors: list[TensorProto],
    inputs: dict[str, Shape],
    outputs: dict[str, Shape],
    folder: Path,
) -> None:
    """Write a graph; its inputs are of int32."""
    taken = [helper.make_tensor_value_info(name, TensorProto.INT32, shape) for name, shape in inputs.items()]
    given = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()]
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", taken, given, tensors)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), folder / GRAPH)


def _write_tensors(tensors: Iterable[Tensor], folder: Path, location: str) -> list[TensorProto]:
    """Write tensors to a folder's file, and return how a graph names them that finds the file at `location`."""
    written = []
    with (folder / DATA).open("wb") as file:
        for name, values in tensors:
            file.seek(-file.tell() % PAGE, 1)
            written.append(_external(name, values, file.tell(), location))
            file.write(np.ascontiguousarray(values, np.float32).data)
    return written


def _mapped(folder: Path, known: Mapping[str, TensorProto], name: str) -> FloatMatrix:
    """Return a tensor of a graph from the file that it is in, without reading it."""
    tensor = known[name]
    (offset,) = (int(entry.value) for entry in tensor.external_data if entry.key == "offset")
    return np.memmap(folder / DATA, np.float32, "r", offset, tuple(tensor.dims))


def _tensors(weights: Weights) -> Iterator[Tensor]:
    """Yield the graph's tensors; the segment is always the first, so its vector is added to the positions'."""
    yield "words", weights("embeddings.word_embeddings.weight")
    segment = weights("embeddings.token_type_embeddings.weight")[0]
    yield "positions", weights("embeddings.position_embeddings.weight") + segment
    yield "embedded.scale", weights("embeddings.LayerNorm.weight")
    yield "embedded.shift", weights("embeddings.LayerNorm.bias")
    for layer in range(LAYERS):
        yield from _layer_tensors(layer, lambda name: weights(f"encoder.{name}"))


def _layer_tensors(layer: int, weights: Weights) -> Iterator[Tensor]:
    source = f"layer.{layer}"
    heads = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
    yield f"heads{layer}", np.concatenate([weights(f"{head}.weight").T for head in heads], axis=1)
    yield f"heads{layer}.bias", np.concatenate([weights(f"{head}.bias") for head in heads])
    for name, part in (("attended", "attention.output"), ("wide", "intermediate"), ("narrow", "output")):
        yield f"{name}{layer}", weights(f"{source}.{part}.dense.weight").T
        yield f"{name}{layer}.bias", weights(f"{source}.{part}.dense.bias")
    for name, part in (("attended", "attention.output"), ("narrow", "output")):
        yield f"{name}{layer}.scale", weights(f"{source}.{part}.LayerNorm.weight")
        yield f"{name}{layer}.shift", weights(f"{source}.{part}.LayerNorm.bias")


def _reader_tensors(weights: ReaderWeights, base: Weights) -> Iterator[Tensor]:
    """Yield what the reader has of its own; its marker is what a second segment adds to the word that it replaces."""
    yield "segments", np.stack([np.zeros(WIDTH, np.float32), weights.get("marker") - base("words")[MARKER]])
    for layer in weights.layers:
        for name, values in _layer_tensors(layer, weights.get):
            yield name, base(name) + values if values.ndim == 2 else values
    heads = "heads.token", "heads.all"
    yield "heads", np.concatenate([weights.get(f"{head}.weight") for head in heads]).T
    yield "heads.bias", np.concatenate([weights.get(f"{head}.bias") for head in heads])


def _external(name: str, values: FloatMatrix, offset: int, location: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=values.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", values.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _embedding(inputs: list[str]) -> Iterator[NodeProto]:
    scaling = ["embedded.scale", "embedded.shift"]
    yield _fused("EmbedLayerNormalization", [*inputs, *scaling], "embedded", "unused", epsilon=EPSILON)
    yield helper.make_node("Shape", ["embedded"], ["texts"])
    yield helper.make_node("Reshape", ["embedded", "flat"], ["hidden0"])


def _marked_embedding() -> Iterator[NodeProto]:
    yield helper.make_node("Equal", ["tokens", "marker"], ["is_marker"])
    yield helper.make_node("Cast", ["is_marker"], ["segment"], to=TensorProto.INT32)
    yield from _embedding(["tokens", "segment", "words", "positions", "segments"])


def _layers(mask: str = "mask", rows: str = "") -> Iterator[NodeProto]:
    """Yield the layers; with `rows` the last goes on with those alone once they have attended to all others."""
    for i in range(LAYERS):
        mixed, hidden = f"mixed{i}.flat", f"hidden{i}"
        yield helper.make_node("Reshape", [hidden, "texts"], [f"texts{i}"])
        yield _fused("Attention", [f"texts{i}", f"heads{i}", f"heads{i}.bias", mask], f"mixed{i}", num_heads=HEADS)
        yield helper.make_node("Reshape", [f"mixed{i}", "flat"], [mixed])
        if rows and i == LAYERS - 1:
            yield helper.make_node("Gather", [mixed, rows], ["mixed.rows"])
            yield helper.make_node("Gather", [hidden, rows], ["hidden.rows"])
            mixed, hidden = "mixed.rows", "hidden.rows"
        yield _linear(f"attended{i}", mixed)
        yield from _add_and_norm(f"attended{i}", hidden, f"middle{i}")
        yield _linear(f"wide{i}", f"middle{i}")
        yield _fused("Gelu", [f"wide{i}.out"], f"wide{i}.gelu")
        yield _linear(f"narrow{i}", f"wide{i}.gelu")
        yield from _add_and_norm(f"narrow{i}", f"middle{i}", f"hidden{i + 1}")


def _linear(name: str, source: str, result: str = "") -> NodeProto:
    return helper.make_node("Gemm", [source, name, f"{name}.bias"], [result or f"{name}.out"])


def _add_and_norm(name: str, residual: str, result: str) -> Iterator[NodeProto]:
    yield helper.make_node("Add", [f"{name}.out", residual], [f"{name}.sum"])
    scaling = [f"{name}.scale", f"{name}.shift"]
    yield helper.make_node("LayerNormalization", [f"{name}.sum", *scaling], [result], epsilon=EPSILON)


def _pooling(flat: str) -> Iterator[NodeProto]:
    yield helper.make_node("Reshape", [flat, "texts"], ["hidden"])
    yield helper.make_node("Cast", ["mask"], ["weight"], to=TensorProto.FLOAT)
    yield helper.make_node("Unsqueeze", ["weight", "middle"], ["weight.row"])
    yield helper.make_node("MatMul", ["weight.row", "hidden"], ["sum.row"])
    yield helper.make_node("Squeeze", ["sum.row", "middle"], ["sum"])
    yield helper.make_node("LpNormalization", ["sum"], ["vectors"], axis=-1, p=2)


def _fused(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> NodeProto:
    return helper.make_node(operator, inputs, outputs, domain=FUSED, **attributes)
