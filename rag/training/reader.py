"""The reader is trained: MiniLM's upper layers learn to read a question, a title and a paragraph in one pass.

`python -m rag.training.reader ROWS FOLDER [--without SOURCE] [--steps N]` takes what `rag.training.rows` wrote. It
keeps a checkpoint in FOLDER every few minutes and goes on from it; the order of the rows depends on the seed alone.
Needs PyTorch (`requirements-train.txt`), which nothing at run time imports.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from rag.atomic_folder import sha256
from rag.encoders import TOKENIZER, WEIGHTS, installed_file, read_tuned, write_reader
from rag.errors import ModelMissing
from rag.training.held_back import is_for_tuning
from rag.training.rows import CLAIMS, DIRECTIONS, SEED, UNKNOWN, UNSEEN, json_lines

LAYERS, HEADS, WIDTH = 6, 12, 384
CLS, SEP, MARKER = 101, 102, 1
MAX_TOKENS, MAX_QUESTION, MAX_TITLE, MAX_SENTENCE = 256, 64, 32, 96
# The lower layers stay the embedder's own.
TUNED = (2, 3, 4, 5)
N_TOKEN_HEADS, N_ALL_HEADS = 1 + len(DIRECTIONS) + len(CLAIMS), 1 + len(CLAIMS)
TOKENS_A_STEP = 4096
RATE, HEAD_RATE, DECAY, WARM_UP = 1e-4, 1e-3, 0.01, 0.06
# Weights of the losses: sentences that answer, their order in a paragraph, directions, claims, sufficiency.
LOSSES = {"answers": 1.0, "order": 0.5, "direction": 1.0, "claim": 0.7, "sufficient": 0.5, "claim_all": 0.7}
# What there is much of: one in so many is read in each epoch.
ONE_IN = {"trials": 2, "bioasq": 2, "nli": 2}
CHECKPOINT_SECONDS = 120
FIRST_STEPS = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A row as tokens, with the places of the sentences' ends and their labels."""

    tokens: list[int]
    ends: list[int]
    row: dict[str, Any]


def tokenize(row: dict[str, Any], tokenizer: Tokenizer) -> Example:
    """Return `[CLS] question [SEP] title [SEP] s1 ⟨e⟩ s2 ⟨e⟩ … [SEP]` of a row; what does not fit is left out."""
    texts = [row["question"], row["title"], *row["sentences"]]
    limits = [MAX_QUESTION, MAX_TITLE, *[MAX_SENTENCE] * len(row["sentences"])]
    pieces = [e.ids[:n] for e, n in zip(tokenizer.encode_batch(texts, add_special_tokens=False), limits, strict=True)]
    tokens = [CLS, *pieces[0], SEP, *pieces[1], SEP]
    ends = []
    for piece in pieces[2:]:
        if len(tokens) + len(piece) + 2 > MAX_TOKENS:
            break
        tokens += [*piece, MARKER]
        ends.append(len(tokens) - 1)
    return Example([*tokens, SEP], ends, row)


class Layer(nn.Module):
    """A layer of BERT, with Hugging Face's names."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.ModuleDict({
            "self": nn.ModuleDict({name: nn.Linear(WIDTH, WIDTH) for name in ("query", "key", "value")}),
            "output": nn.ModuleDict({"dense": nn.Linear(WIDTH, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, eps=1e-12)}),
        })  # fmt: skip
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(WIDTH, 4 * WIDTH)})
        self.output = nn.ModuleDict({"dense": nn.Linear(4 * WIDTH, WIDTH), "LayerNorm": nn.LayerNorm(WIDTH, eps=1e-12)})

    def forward(self, x: Tensor, mask: Tensor, dropout: float) -> Tensor:
        """Return the hidden states after this layer, shape (batch, length, WIDTH)."""
        batch, length, _ = x.shape
        own = self.attention["self"]
        q, k, v = (own[n](x).view(batch, length, HEADS, -1).transpose(1, 2) for n in ("query", "key", "value"))
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(batch, length, WIDTH)
        out = self.attention["output"]
        x = out["LayerNorm"](x + F.dropout(out["dense"](mixed), dropout, self.training))
        wide = F.gelu(self.intermediate["dense"](x))
        return self.output["LayerNorm"](x + F.dropout(self.output["dense"](wide), dropout, self.training))


class Reader(nn.Module):
    """MiniLM with heads on the end of each sentence and on the whole."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        with safe_open(base, framework="pt") as weights:
            states = {name: weights.get_tensor(name) for name in weights.keys()}  # noqa: SIM118
        words = states["embeddings.word_embeddings.weight"]
        self.words = nn.Parameter(words, requires_grad=False)
        positions = (
            states["embeddings.position_embeddings.weight"] + states["embeddings.token_type_embeddings.weight"][0]
        )
        self.positions = nn.Parameter(positions, requires_grad=False)
        # Were it learned, every step would go back through the lower layers too.
        self.marker = nn.Parameter(words[SEP].clone(), requires_grad=False)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.norm.load_state_dict({n: states[f"embeddings.LayerNorm.{n}"] for n in ("weight", "bias")})
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
        for at, layer in enumerate(self.layers):
            prefix = f"encoder.layer.{at}."
            layer.load_state_dict({n.removeprefix(prefix): v for n, v in states.items() if n.startswith(prefix)})
        for fixed in (self.norm, *(layer for at, layer in enumerate(self.layers) if at not in TUNED)):
            fixed.requires_grad_(False)
        self.token = nn.Linear(WIDTH, N_TOKEN_HEADS)
        self.all = nn.Linear(WIDTH, N_ALL_HEADS)

    def take(self, weights: Path) -> None:
        """Go on from weights as the product reads them."""
        states = self.state_dict()
        for name, value in read_tuned(weights, installed(WEIGHTS)).items():
            states[name.removeprefix("heads.").replace("layer.", "layers.", 1)].copy_(torch.from_numpy(value))

    def forward(self, tokens: Tensor, mask: Tensor, dropout: float = 0.1) -> tuple[Tensor, Tensor]:
        """Return the logits of every token, (batch, length, N_TOKEN_HEADS), and of the whole, (batch, N_ALL_HEADS)."""
        words = self.words[tokens]
        words = torch.where((tokens == MARKER)[..., None], self.marker, words)
        x = self.norm(words + self.positions[: tokens.shape[1]])
        allowed = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, allowed, dropout)
        x = x.float()
        return self.token(x), self.all(x[:, 0])


def batches(lengths: Sequence[int], seed: int) -> Iterator[list[int]]:
    """Yield groups of examples of similar length, at most TOKENS_A_STEP tokens each, in an order by the seed."""
    draw = np.random.default_rng(seed)
    ordered = sorted(range(len(lengths)), key=lambda at: (lengths[at] + draw.random() * 24, at))
    groups: list[list[int]] = [[]]
    for at in ordered:
        if (len(groups[-1]) + 1) * lengths[at] > TOKENS_A_STEP:
            groups.append([])
        groups[-1].append(at)
    return (groups[at] for at in draw.permutation(len(groups)))


def padded(examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
    """Return tokens and mask, shape (batch, longest)."""
    length = max(len(example.tokens) for example in examples)
    tokens = torch.zeros(len(examples), length, dtype=torch.long)
    for at, example in enumerate(examples):
        tokens[at, : len(example.tokens)] = torch.tensor(example.tokens)
    mask = torch.arange(length)[None] < torch.tensor([len(example.tokens) for example in examples])[:, None]
    return tokens, mask


def labels(examples: Sequence[Example], name: str) -> Tensor:
    """Return the labels of the sentences that were read, one after the other."""
    return torch.tensor([one for e in examples for one in e.row[name][: len(e.ends)]])


def _known(loss: Tensor, given: Tensor) -> Tensor:
    known = given != UNKNOWN
    return loss[known].mean() if known.any() else loss.sum() * 0


def losses(sentences: Tensor, whole: Tensor, examples: Sequence[Example]) -> dict[str, Tensor]:
    """Return each head's loss over the labels that are known; logits of the sentences read, and of the paragraphs."""
    answers, direction, claim = (labels(examples, name) for name in ("answers", "direction", "claim"))
    sufficient, claim_all = (torch.tensor([e.row[name] for e in examples]) for name in ("sufficient", "claim_all"))
    # A paragraph that was cut before its evidence does not show it.
    shown = torch.tensor([e.row["sufficient"] != 1 or 1 in e.row["answers"][: len(e.ends)] for e in examples])
    sufficient = torch.where(shown, sufficient, UNKNOWN)
    claim_all = torch.where(shown, claim_all, UNKNOWN)

    def cross(logits: Tensor, given: Tensor) -> Tensor:
        return _known(F.cross_entropy(logits, given.clamp(min=0), reduction="none"), given)

    def binary(logits: Tensor, given: Tensor) -> Tensor:
        return _known(F.binary_cross_entropy_with_logits(logits, given.clamp(min=0).float(), reduction="none"), given)

    return {
        "answers": binary(sentences[:, 0], answers),
        "order": order_loss(sentences[:, 0], answers, [len(e.ends) for e in examples]),
        "direction": cross(sentences[:, 1 : 1 + len(DIRECTIONS)], direction),
        "claim": cross(sentences[:, 1 + len(DIRECTIONS) :], claim),
        "sufficient": binary(whole[:, 0], sufficient),
        "claim_all": cross(whole[:, 1:], claim_all),
    }


def order_loss(logits: Tensor, answers: Tensor, counts: list[int]) -> Tensor:
    """Return the softmax loss of the sentences that answer among those of their paragraph."""
    found = []
    for own, given in zip(logits.split(counts), answers.split(counts), strict=True):
        if (given == 1).any() and (given == 0).any():
            known = given != UNKNOWN
            found.append(torch.logsumexp(own[known], 0) - torch.logsumexp(own[given == 1], 0))
    return torch.stack(found).mean() if found else logits.sum() * 0


def at_ends(tokens: Tensor, examples: Sequence[Example]) -> Tensor:
    """Return the logits at the ends of the sentences, one after the other."""
    rows = torch.tensor([at for at, e in enumerate(examples) for _ in e.ends], dtype=torch.long)
    return tokens[rows, torch.tensor([end for e in examples for end in e.ends], dtype=torch.long)]


def learnt(rows: Sequence[dict[str, Any]], without: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Return the rows that are learned from: not those for tuning, nor of a source that is left out."""
    return [row for row in rows if row["source"] not in without and not is_for_tuning(row["key"])]


def examples_of(rows: Sequence[dict[str, Any]]) -> list[Example]:
    """Return rows as tokens, without those of which no sentence fits."""
    tokenizer = Tokenizer.from_file(str(installed(TOKENIZER)))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return [example for row in rows if (example := tokenize(row, tokenizer)).ends]


def installed(name: str) -> Path:
    """Return a file of the base model."""
    file = installed_file(name)
    if file is None:
        raise ModelMissing("all-MiniLM-L6-v2 is not installed: see requirements-model.txt.")
    return file


def base_reader() -> Reader:
    """Return what a training begins with: the base model with new heads."""
    torch.manual_seed(SEED)
    return Reader(installed(WEIGHTS))


def batches_of(examples: Sequence[Example]) -> Iterator[list[Example]]:
    """Yield what is read at each step, epoch after epoch, without end."""
    for number in count():
        # A source of which one in so many is read takes turns.
        own = [e for at, e in enumerate(examples) if (at + number) % ONE_IN.get(e.row["source"], 1) == 0]
        for group in batches([len(example.tokens) for example in own], SEED + number):
            yield [own[at] for at in group]


class Training:
    """A model that learns for a number of steps, at most at these rates in its layers and its heads."""

    def __init__(self, model: Reader, steps: int, rate: float = RATE, head_rate: float = HEAD_RATE) -> None:
        self._model = model
        heads = [*model.token.parameters(), *model.all.parameters()]
        body = [p for layer in model.layers for p in layer.parameters() if p.requires_grad]
        self._learning = [*body, *heads]
        rates = [{"params": body, "lr": rate}, {"params": heads, "lr": head_rate}]
        self._optimizer = torch.optim.AdamW(rates, weight_decay=DECAY, betas=(0.9, 0.98))
        warm = max(1, int(WARM_UP * steps))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda at: min(at / warm, max(0.0, (steps - at) / (steps - warm)))
        )
        model.train()

    def step(self, at: int, examples: Sequence[Example]) -> dict[str, float]:
        """Learn from the examples of step `at`, counted from 1; return the losses by their names, "all" among them."""
        torch.manual_seed(SEED + at)
        parts = losses(*self.read(examples), examples)
        return self.learn(parts, LOSSES)

    def read(self, examples: Sequence[Example]) -> tuple[Tensor, Tensor]:
        """Return the logits of the sentences of some examples, one after the other, and of the wholes."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            tokens, whole = self._model(*padded(examples))
        return at_ends(tokens, examples), whole

    def learn(self, parts: dict[str, Tensor], weights: Mapping[str, float]) -> dict[str, float]:
        """Take a step by losses that have weights; return them, and their sum as "all"."""
        loss = torch.stack([weights[name] * part for name, part in parts.items()]).sum()
        self._optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self._learning, 1.0)
        self._optimizer.step()
        self._schedule.step()
        return {name: float(part.detach()) for name, part in (parts | {"all": loss}).items()}

    def save(self, file: Path, at: int) -> None:
        """Keep all that the next step depends on, whole or not at all."""
        kept = {"model": self._model.state_dict(), "optimizer": self._optimizer.state_dict()}
        part = file.with_suffix(".part")
        torch.save(kept | {"schedule": self._schedule.state_dict(), "step": at}, part)
        part.replace(file)

    def restore(self, file: Path) -> int:
        """Go on from a file; return how many steps were done."""
        kept = torch.load(file, weights_only=True)
        for name, part in (("model", self._model), ("optimizer", self._optimizer), ("schedule", self._schedule)):
            part.load_state_dict(kept[name])
        return int(kept["step"])


def train(examples: Sequence[Example], model: Reader, checkpoint: Path, steps: int) -> None:
    """Train for a number of steps, from the checkpoint if there is one; the last one is left there."""
    training = Training(model, steps)
    keep_on(training, training.step, batches_of(examples), checkpoint, steps)


def keep_on(
    training: Training,
    step: Callable[[int, Any], dict[str, float]],
    batches: Iterator[Any],
    checkpoint: Path,
    steps: int,
) -> None:
    """Take the steps that a checkpoint lacks, one a batch, and keep it every few minutes and at the end."""
    done = training.restore(checkpoint) if checkpoint.exists() else 0
    means: dict[str, float] = {}
    saved = time.monotonic()
    for at, own in enumerate(islice(batches, steps), 1):
        if at <= done:
            continue
        for name, loss in step(at, own).items():
            means[name] = 0.98 * means.get(name, loss) + 0.02 * loss
        if at % 50 == 0:
            print(json.dumps({"step": at, **{name: round(mean, 3) for name, mean in means.items()}}), flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS or at == steps:
            training.save(checkpoint, at)
            saved = time.monotonic()


def first_losses(examples: Sequence[Example], model: Reader, steps: int) -> list[float]:
    """Return the losses of the first steps of a training of `steps`: by them it is known again."""
    training = Training(model, steps)
    return [
        round(training.step(at, own)["all"], 4) for at, own in enumerate(islice(batches_of(examples), FIRST_STEPS), 1)
    ]


def export(states: dict[str, Tensor], file: Path, metadata: dict[str, str]) -> None:
    """Write what was trained as the product reads it."""
    tuned = {"marker": states["marker"]}
    for kind in ("token", "all"):
        tuned |= {f"heads.{kind}.{part}": states[f"{kind}.{part}"] for part in ("weight", "bias")}
    for layer in TUNED:
        prefix = f"layers.{layer}."
        tuned |= {f"layer.{layer}.{n.removeprefix(prefix)}": v for n, v in states.items() if n.startswith(prefix)}
    write_reader(file, installed(WEIGHTS), {name: value.float().numpy() for name, value in tuned.items()}, metadata)


def main() -> None:
    """Train; leave the weights, and beside them the record by which they are checked."""
    from rag.training.check import measure

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", action="append", default=[*UNSEEN], help="one more source to be measured on")
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    asked.folder.mkdir(parents=True, exist_ok=True)
    model, weights = base_reader(), asked.folder / "reader.safetensors"
    examples = examples_of(learnt(json_lines(asked.rows), asked.without))
    print(json.dumps({"rows": len(examples)}), flush=True)
    # A checkpoint goes on with its own rows only.
    train(examples, model, asked.folder / f"{sha256(asked.rows)[:8]}-{asked.steps}.pt", asked.steps)
    metadata = {"seed": str(SEED), "steps": str(asked.steps), "without": ",".join(asked.without)}
    export(model.state_dict(), weights, metadata)
    record = measure(asked.rows, weights, asked.steps, asked.without)
    record.write(weights.with_suffix(".json"))
    print(json.dumps(record.figures, indent=1))


if __name__ == "__main__":
    main()
