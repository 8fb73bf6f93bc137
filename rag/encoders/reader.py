"""A paragraph read together with a question: which sentences answer it, in which direction, for or against a claim.

all-MiniLM-L6-v2 tuned as a cross-encoder, on ONNX Runtime. What training left as it was is mapped from the embedder's
file, the rest is merged once into a folder beside it. It reads

    [CLS] question [SEP] title [SEP] sentence ⟨e⟩ sentence ⟨e⟩ … [SEP]

and scores each sentence at the ⟨e⟩ behind it and the paragraph at [CLS]. A paragraph that is too long is read in
windows, each of which begins with the last sentence of the one before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rag.encoders.embedding import (
    MAX_TOKENS,
    SHA256,
    TOKENIZER,
    WEIGHTS,
    MiniLM,
    keep_model,
    readable,
    temporary_cache,
)
from rag.encoders.kept_graph import keep, open_session
from rag.encoders.reader_weights import MARKER, ReaderWeights, read_reader
from rag.errors import ModelMissing
from rag.types import FloatMatrix, FloatVector

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

READER_WEIGHTS = Path(__file__).parent / "weights" / "reader.safetensors"
# Enters the reader's id: raise it whenever the scores would change.
PREPARATION = 1
QUESTION_TOKENS, TITLE_TOKENS, SENTENCE_TOKENS = 64, 32, 96
# What is handed to the tokenizer for a token that will be read; English has five.
CHARACTERS_PER_TOKEN = 16
CLS, SEP = 101, 102  # of the vocabulary
# Paragraphs whose readings are kept, with their questions: a few kilobytes each.
REMEMBERED = 512
# Decimals that are the same on every processor and with any number of threads.
DECIMALS = 4
# Columns of the scores: those of a sentence, among them …, and those of a paragraph, among them ….
EACH, ANSWERS, DIRECTION, CLAIM = slice(8), 0, slice(1, 5), slice(5, 8)
WHOLE, SUFFICIENT, CLAIM_ALL = slice(8, 12), 0, slice(1, 4)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What is read at a time: sentences in their order, and the title of what they stand in."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a question is to a paragraph of n sentences: logits, rounded to four decimals.

    `answers` (n,): the sentence answers it. `direction` (n, 4): the sentence says increased, decreased, no difference,
    or nothing of it. `claim` (n, 3): it supports, refutes, or does neither to the question as a claim. `sufficient`:
    the paragraph is enough to answer it. `claim_all` (3,): as `claim`, of the whole paragraph.
    """

    answers: FloatVector
    direction: FloatMatrix
    claim: FloatMatrix
    sufficient: float
    claim_all: FloatVector


class Reader:
    """Reads paragraphs for a question. Its graph is opened at the first one. Safe to use from several threads."""

    def __init__(self, model: Path, folder: Path, id: str) -> None:
        """Take the embedder's folder and that of the graph beside it, as `load_reader` has written them."""
        self.id = id
        self._model, self._folder = model, folder
        self._opening = Lock()
        # What asks for each of its parts reads much the same again.
        self._remembered = lru_cache(REMEMBERED)(self._read)
        self._opened: tuple[InferenceSession, Tokenizer] | None = None

    def open(self) -> tuple[InferenceSession, Tokenizer]:
        """Open the graph and the tokenizer, or return them. Raises ModelMissing when their files are gone."""
        with self._opening:
            if not self._opened:
                try:
                    self._opened = open_session(self._folder / "model.onnx", self._folder.parent), self._tokenizer()
                # ONNX Runtime and the tokenizer have no error of their own for a file that is gone.
                except Exception as error:
                    raise ModelMissing(f"The reader could not be opened in {self._folder}.") from error
            return self._opened

    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer: Tokenizer = Tokenizer.from_file(str(self._model / TOKENIZER))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        # "[SEP]" in a text is a word like others.
        tokenizer.encode_special_tokens = True
        return tokenizer

    def read(self, question: str, paragraphs: Sequence[Paragraph]) -> list[Reading]:
        """Return what a question is to each paragraph; one says the same in whatever company it is read.

        Raises ModelMissing when its files are gone before the first question.
        """
        if not paragraphs:
            return []
        (asked,) = self._tokens([question], [QUESTION_TOKENS])
        return [self._remembered(tuple(asked), paragraph) for paragraph in paragraphs]

    def _read(self, question: tuple[int, ...], paragraph: Paragraph) -> Reading:
        limits = [TITLE_TOKENS] + [SENTENCE_TOKENS] * len(paragraph.sentences)
        title, *sentences = self._tokens([paragraph.title, *paragraph.sentences], limits)
        frame = [CLS, *question, SEP, *title, SEP]
        ends = [len(ids) + 1 for ids in sentences]
        each, whole, times = np.zeros((len(sentences), 8)), [], np.zeros((len(sentences), 1))
        # Each window alone: it takes no longer, and nothing beside it can change its scores.
        for start, end in windows(ends, MAX_TOKENS - len(frame) - 1):
            body = [token for ids in sentences[start:end] for token in (*ids, MARKER)]
            scores = self._run([*frame, *body, SEP], [0, *(len(frame) - 1 + np.cumsum(ends[start:end]))])
            each[start:end] += scores[1:, EACH]
            times[start:end] += 1
            whole.append(scores[0, WHOLE])
        return _reading(each / times, max(whole, key=lambda scores: float(scores[SUFFICIENT])))

    def _run(self, tokens: list[int], rows: list[int]) -> FloatMatrix:
        """Return the scores at some of the tokens of a text, (len(rows), 12)."""
        session, _ = self.open()
        (scores,) = session.run(["scores"], {"tokens": np.array([tokens], np.int32), "rows": np.array(rows, np.int32)})
        return np.asarray(scores)

    def _tokens(self, texts: Sequence[str], limits: Sequence[int]) -> list[list[int]]:
        _, tokenizer = self.open()
        bounded = [readable(text[: CHARACTERS_PER_TOKEN * limit]) for text, limit in zip(texts, limits, strict=True)]
        encodings = tokenizer.encode_batch_fast(bounded, add_special_tokens=False)
        return [encoding.ids[:limit] for encoding, limit in zip(encodings, limits, strict=True)]


def load_reader(embedder: MiniLM, weights: Path = READER_WEIGHTS) -> Reader:
    """Return the reader, its graph kept in a folder beside the embedder's; the first call writes it, in about 0.2 s.

    Where that cannot be written, both are written again for each process, into the system's temporary folder. Raises
    ModelMissing, which says why there is no reader: weights that are missing, damaged or made for another model.
    """
    found = read_reader(weights, SHA256[WEIGHTS])
    if embedder.folder.is_dir():
        with suppress(OSError):
            return _keep_reader(embedder.folder, found)
    with temporary_cache() as cache:
        reader = _keep_reader(keep_model(cache), found)
        reader.open()
        return reader


def _keep_reader(model: Path, weights: ReaderWeights) -> Reader:
    folder = model.parent / f"reader-{weights.sha256[:12]}-{PREPARATION}"
    keep(folder, partial(_write, model, weights, folder.name))
    return Reader(model, folder, f"reader/{weights.sha256[:12]}/{PREPARATION}")


def _write(model: Path, weights: ReaderWeights, name: str, folder: Path) -> None:
    from rag.encoders.onnx_graph import write_reader_graph

    write_reader_graph(model, weights, folder, name)


def windows(lengths: Sequence[int], room: int) -> Iterator[tuple[int, int]]:
    """Yield which sentences of these lengths are read together, as [start, end) in order: all of them at least once.

    A window takes as many as there is room for, and begins with the last one of the window before it unless that
    leaves no room for another.
    """
    start = end = 0
    while True:
        taken = sum(lengths[start:end])
        while end < len(lengths) and taken + lengths[end] <= room:
            taken += lengths[end]
            end += 1
        yield start, end
        if end == len(lengths):
            return
        start = end - 1 if lengths[end - 1] + lengths[end] <= room else end


def _reading(each: npt.NDArray[np.float64], whole: FloatVector) -> Reading:
    each, last = each.round(DECIMALS), whole.astype(np.float64).round(DECIMALS)
    answers, direction, claim = (each[:, part].astype(np.float32) for part in (ANSWERS, DIRECTION, CLAIM))
    return Reading(answers, direction, claim, float(last[SUFFICIENT]), last[CLAIM_ALL].astype(np.float32))
