"""The weights of all-MiniLM-L6-v2 as an ONNX graph of the operators that ONNX Runtime is fastest at.

The graph takes `tokens` and `mask` (1 for a token, 0 for padding on the right), both int32 of shape (batch, length),
and returns `vectors`, float32 of shape (batch, 384): the hidden states of the tokens summed and scaled to length 1,
which is the same as their mean scaled to length 1. The fused operators: ONNX Runtime's `docs/ContribOperators.md`.

Between the attentions the texts of a batch are one matrix, (batch * length, 384), so that Gemm can add the bias. Gemm,
Add and LayerNormalization take an eighth less time than MatMul and SkipLayerNormalization; nine tenths of what is left
is multiplication at the processor's full speed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper
from safetensors import safe_open

from rag.types import FloatMatrix

# The model's config.json.
LAYERS, HEADS, WIDTH, EPSILON = 6, 12, 384, 1e-12
OPSET, IR_VERSION = 17, 8
FUSED = "com.microsoft"
SHAPES = {"flat": [-1, WIDTH], "middle": [1]}
# Tensors that start on a page can be mapped from the file instead of being read into memory.
PAGE = 4096

Tensor = tuple[str, FloatMatrix]


def write_graph(weights_file: Path, folder: Path) -> None:
    """Write `model.onnx`, and the weights it points to as `model.data`, one tensor at a time."""
    initializers = [helper.make_tensor(name, TensorProto.INT64, [len(v)], v) for name, v in SHAPES.items()]
    with safe_open(weights_file, framework="numpy") as weights, (folder / "model.data").open("wb") as data:
        for name, values in _tensors(weights.get_tensor):
            data.seek(-data.tell() % PAGE, 1)
            initializers.append(_external(name, values, data.tell()))
            data.write(np.ascontiguousarray(values, np.float32).data)
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT32, ["batch", "length"]) for n in ("tokens", "mask")]
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", WIDTH])
    graph = helper.make_graph(list(_nodes()), "all-MiniLM-L6-v2", inputs, [vectors], initializers)
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(FUSED, 1)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION), folder / "model.onnx")


def _tensors(weights: Callable[[str], FloatMatrix]) -> Iterator[Tensor]:
    """Yield the graph's tensors; the segment is always the first, so its vector is added to the positions'."""
    yield "words", weights("embeddings.word_embeddings.weight")
    segment = weights("embeddings.token_type_embeddings.weight")[0]
    yield "positions", weights("embeddings.position_embeddings.weight") + segment
    yield "embedded.scale", weights("embeddings.LayerNorm.weight")
    yield "embedded.shift", weights("embeddings.LayerNorm.bias")
    for layer in range(LAYERS):
        source = f"encoder.layer.{layer}"
        heads = [f"{source}.attention.self.{part}" for part in ("query", "key", "value")]
        yield f"heads{layer}", np.concatenate([weights(f"{head}.weight").T for head in heads], axis=1)
        yield f"heads{layer}.bias", np.concatenate([weights(f"{head}.bias") for head in heads])
        for name, part in (("attended", "attention.output"), ("wide", "intermediate"), ("narrow", "output")):
            yield f"{name}{layer}", weights(f"{source}.{part}.dense.weight").T
            yield f"{name}{layer}.bias", weights(f"{source}.{part}.dense.bias")
        for name, part in (("attended", "attention.output"), ("narrow", "output")):
            yield f"{name}{layer}.scale", weights(f"{source}.{part}.LayerNorm.weight")
            yield f"{name}{layer}.shift", weights(f"{source}.{part}.LayerNorm.bias")


def _external(name: str, values: FloatMatrix, offset: int) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=values.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", "model.data"), ("offset", offset), ("length", values.nbytes)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def _nodes() -> Iterator[NodeProto]:
    embedding = ["tokens", "", "words", "positions", "", "embedded.scale", "embedded.shift"]
    yield _fused("EmbedLayerNormalization", embedding, "embedded", "unused", epsilon=EPSILON)
    yield helper.make_node("Shape", ["embedded"], ["texts"])
    yield helper.make_node("Reshape", ["embedded", "flat"], ["hidden0"])
    for i in range(LAYERS):
        yield helper.make_node("Reshape", [f"hidden{i}", "texts"], [f"texts{i}"])
        yield _fused("Attention", [f"texts{i}", f"heads{i}", f"heads{i}.bias", "mask"], f"mixed{i}", num_heads=HEADS)
        yield helper.make_node("Reshape", [f"mixed{i}", "flat"], [f"mixed{i}.flat"])
        yield _linear(f"attended{i}", f"mixed{i}.flat")
        yield from _add_and_norm(f"attended{i}", f"hidden{i}", f"middle{i}")
        yield _linear(f"wide{i}", f"middle{i}")
        yield _fused("Gelu", [f"wide{i}.out"], f"wide{i}.gelu")
        yield _linear(f"narrow{i}", f"wide{i}.gelu")
        yield from _add_and_norm(f"narrow{i}", f"middle{i}", f"hidden{i + 1}")
    yield helper.make_node("Reshape", [f"hidden{LAYERS}", "texts"], ["hidden"])
    yield from _pooling("hidden")


def _linear(name: str, source: str) -> NodeProto:
    return helper.make_node("Gemm", [source, name, f"{name}.bias"], [f"{name}.out"])


def _add_and_norm(name: str, residual: str, result: str) -> Iterator[NodeProto]:
    yield helper.make_node("Add", [f"{name}.out", residual], [f"{name}.sum"])
    scaling = [f"{name}.scale", f"{name}.shift"]
    yield helper.make_node("LayerNormalization", [f"{name}.sum", *scaling], [result], epsilon=EPSILON)


def _pooling(hidden: str) -> Iterator[NodeProto]:
    yield helper.make_node("Cast", ["mask"], ["weight"], to=TensorProto.FLOAT)
    yield helper.make_node("Unsqueeze", ["weight", "middle"], ["weight.row"])
    yield helper.make_node("MatMul", ["weight.row", hidden], ["sum.row"])
    yield helper.make_node("Squeeze", ["sum.row", "middle"], ["sum"])
    yield helper.make_node("LpNormalization", ["sum"], ["vectors"], axis=-1, p=2)


def _fused(operator: str, inputs: list[str], *outputs: str, **attributes: Any) -> NodeProto:
    return helper.make_node(operator, inputs, outputs, domain=FUSED, **attributes)
