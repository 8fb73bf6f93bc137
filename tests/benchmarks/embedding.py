"""`python -m tests.benchmarks.embedding`: our embedder against Chroma's own function, same weights, texts and run.

Chroma's `ONNXMiniLM_L6_V2` downloads its graph; here it is given an ordinary one of the same weights, written with the
standard operators that an export from PyTorch has. ONNX Runtime may optimise it as it does for any graph.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper

from rag.encoders.embedding import TOKENIZER, WEIGHTS, installed_file, load_embedder
from rag.encoders.onnx_graph import EPSILON, HEADS, LAYERS, WIDTH, read_safetensors
from rag.settings import PROJECT
from rag.types import FloatMatrix
from tests.baselines import Embed, open_chroma_function

HEAD_WIDTH = WIDTH // HEADS
CONFIGURATION = ("config.json", "special_tokens_map.json", "tokenizer_config.json", "vocab.txt", TOKENIZER)
ROUNDS, RUNS = 3, 4
QUESTION, PASSAGE = 5.0, 1.5  # how many times as fast it is meant to be
QUESTIONS = (
    "Why is it hard to use CAR-T cells against solid tumors?",
    "Which cytokines does the conditional circuit release?",
    "What do the reviews say about systemic lupus erythematosus and other autoimmune diseases?",
    "Who wrote the review on NK cells?",
)


def main() -> None:
    """Measure and print the table."""
    with TemporaryDirectory() as folder:
        chroma = chroma_function(Path(folder))
        ours = load_embedder(Path(folder)).embed
        print(f"{'texts':<36}{'ours':>12}{'Chroma':>12}{'ratio':>8}{'meant':>8}")
        for name, meant, texts, at_once in cases(random.Random(7)):
            mine, theirs = measure(texts, at_once, ours, chroma)
            print(f"{name:<36}{mine:>9.1f} ms{theirs:>9.1f} ms{theirs / mine:>8.1f}{meant:>8.1f}")


def cases(rng: random.Random) -> Iterator[tuple[str, float, Sequence[str], int]]:
    """Yield name, meant ratio, texts and how many of them are given at once; passages are sentences of the seeds."""
    prose = "\n".join(path.read_text("utf-8") for path in sorted((PROJECT / "seeds").glob("*.txt")))
    sentences = [words for line in prose.split(". ") if len(words := line.split()) in range(8, 60)]

    def text(length: int) -> str:
        drawn = chain.from_iterable(rng.choice(sentences) for _ in range(length))
        return " ".join(islice(drawn, length))

    yield f"{len(QUESTIONS)} questions, one at a time", QUESTION, QUESTIONS, 1
    for count in (16, 64):
        yield f"{count} passages, 20-180 words", PASSAGE, [text(rng.randint(20, 180)) for _ in range(count)], count
        yield f"{count} passages, 170 words", PASSAGE, [text(170) for _ in range(count)], count
    yield "64 sentences", PASSAGE, [" ".join(rng.choice(sentences)) for _ in range(64)], 64


def measure(texts: Sequence[str], at_once: int, ours: Embed, chroma: Embed) -> tuple[float, float]:
    """Return the median milliseconds of one call of either.

    They take turns of several calls: threads of the one go on waiting busily for a moment and would slow the other.
    """
    assert (ours(texts) * chroma(texts)).sum(axis=1).min() > 0.9999, "the two do not compute the same"
    seconds: dict[Embed, list[float]] = {ours: [], chroma: []}
    for embed, measured in [*seconds.items()] * ROUNDS:
        for start in [*range(0, len(texts), at_once)] * RUNS:
            before = time.perf_counter()
            embed(texts[start : start + at_once])
            measured.append(time.perf_counter() - before)
    mine, theirs = (statistics.median(measured) * 1000 for measured in seconds.values())
    return mine, theirs


def chroma_function(folder: Path) -> Embed:
    """Return Chroma's own embedding function, fed from a folder that we fill."""
    write_chroma_files(folder)
    return open_chroma_function(folder)


def write_chroma_files(folder: Path) -> None:
    """Write what Chroma's function would download, the graph as an ordinary one."""
    extracted = folder / "onnx"
    extracted.mkdir()
    for name in CONFIGURATION:
        (extracted / name).write_bytes(installed_file(name).read_bytes())
    onnx.save(ordinary_graph(installed_file(WEIGHTS)), extracted / "model.onnx")


def ordinary_graph(weights_file: Path) -> onnx.ModelProto:
    """Return BERT in standard operators: input_ids, attention_mask, token_type_ids → last_hidden_state."""
    weights = read_safetensors(weights_file)
    inputs = ("input_ids", "attention_mask", "token_type_ids")
    nodes = list(_nodes())
    names = {name for node in nodes for name in node.input if name.endswith((".weight", ".bias", ".transposed"))}
    initializers = [_initializer(name, weights) for name in sorted(names)]
    initializers += [numpy_helper.from_array(value, name) for name, value in _constants().items()]
    graph = helper.make_graph(
        nodes,
        "ordinary",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in inputs],
        [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "length", WIDTH])],
        initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _initializer(name: str, weights: Callable[[str], FloatMatrix]) -> TensorProto:
    source = name.removesuffix(".transposed")
    values = weights(source).T if source != name else weights(source)
    return numpy_helper.from_array(np.ascontiguousarray(values), name)


def _constants() -> dict[str, FloatMatrix]:
    numbers = {"one": 1.0, "half": 0.5, "root2": 2**0.5, "scale": HEAD_WIDTH**0.5, "lowest": -10000.0}
    arrays = {name: np.array(value, np.float32) for name, value in numbers.items()}
    lists = {"heads": [0, 0, HEADS, HEAD_WIDTH], "joined": [0, 0, WIDTH], "middle": [1, 2], "first": [0]}
    return arrays | {name: np.array(values, np.int64) for name, values in lists.items()}


def _nodes() -> Iterator[NodeProto]:
    node = helper.make_node
    yield node("Unsqueeze", ["attention_mask", "middle"], ["mask.wide"])
    yield node("Cast", ["mask.wide"], ["mask.float"], to=TensorProto.FLOAT)
    yield node("Sub", ["one", "mask.float"], ["mask.inverse"])
    yield node("Mul", ["mask.inverse", "lowest"], ["mask"])
    yield node("Gather", ["embeddings.word_embeddings.weight", "input_ids"], ["words"])
    yield node("Gather", ["embeddings.token_type_embeddings.weight", "token_type_ids"], ["types"])
    yield node("Shape", ["input_ids"], ["length"], start=1, end=2)
    yield node("Slice", ["embeddings.position_embeddings.weight", "first", "length", "first"], ["positions"])
    yield node("Add", ["words", "types"], ["words+types"])
    yield node("Add", ["words+types", "positions"], ["embedded"])
    yield _norm("embedded", "embeddings.LayerNorm", "hidden0")
    for layer in range(LAYERS):
        out = "last_hidden_state" if layer == LAYERS - 1 else f"hidden{layer + 1}"
        yield from _layer(f"encoder.layer.{layer}", f"hidden{layer}", out)


def _layer(name: str, hidden: str, out: str) -> Iterator[NodeProto]:
    def own(*names: str) -> list[str]:
        return [f"{name}.{part}" for part in names]

    node = helper.make_node
    for part in ("query", "key", "value"):
        yield from _linear(f"{name}.attention.self.{part}", hidden, f"{name}.{part}")
        yield node("Reshape", [f"{name}.{part}", "heads"], own(f"{part}.heads"))
        order = [0, 2, 3, 1] if part == "key" else [0, 2, 1, 3]
        yield node("Transpose", own(f"{part}.heads"), own(f"{part}.turned"), perm=order)
    yield node("MatMul", own("query.turned", "key.turned"), own("products"))
    yield node("Div", [f"{name}.products", "scale"], own("scaled"))
    yield node("Add", [f"{name}.scaled", "mask"], own("masked"))
    yield node("Softmax", own("masked"), own("shares"), axis=-1)
    yield node("MatMul", own("shares", "value.turned"), own("mixed"))
    yield node("Transpose", own("mixed"), own("mixed.turned"), perm=[0, 2, 1, 3])
    yield node("Reshape", [f"{name}.mixed.turned", "joined"], own("mixed.joined"))
    yield from _linear(f"{name}.attention.output.dense", f"{name}.mixed.joined", f"{name}.attended")
    yield node("Add", [f"{name}.attended", hidden], own("attended+"))
    yield _norm(f"{name}.attended+", f"{name}.attention.output.LayerNorm", f"{name}.middle")
    yield from _linear(f"{name}.intermediate.dense", f"{name}.middle", f"{name}.wide")
    yield node("Div", [f"{name}.wide", "root2"], own("wide/root2"))
    yield node("Erf", own("wide/root2"), own("erf"))
    yield node("Add", [f"{name}.erf", "one"], own("erf+1"))
    yield node("Mul", own("wide", "erf+1"), own("doubled"))
    yield node("Mul", [f"{name}.doubled", "half"], own("gelu"))
    yield from _linear(f"{name}.output.dense", f"{name}.gelu", f"{name}.narrow")
    yield node("Add", own("narrow", "middle"), own("narrow+"))
    yield _norm(f"{name}.narrow+", f"{name}.output.LayerNorm", out)


def _linear(weights: str, source: str, out: str) -> Iterator[NodeProto]:
    yield helper.make_node("MatMul", [source, f"{weights}.weight.transposed"], [f"{out}.product"])
    yield helper.make_node("Add", [f"{weights}.bias", f"{out}.product"], [out])


def _norm(source: str, weights: str, out: str) -> NodeProto:
    inputs = [source, f"{weights}.weight", f"{weights}.bias"]
    return helper.make_node("LayerNormalization", inputs, [out], epsilon=EPSILON)


if __name__ == "__main__":
    main()
