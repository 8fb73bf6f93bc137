"""The product and the plain systems beside it, each to be run in a process of its own, on the same collections.

`python -m tests.baselines index|prepare|serve SYSTEM COLLECTION FOLDER`: `index` indexes documents and prints what it
took, `prepare` indexes with vectors that were computed before, `serve` opens what is in FOLDER and answers lines of
JSON. What several systems share lies beside FOLDER: the embedding model in `models`, Chroma's files in `onnx`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from rag.encoders.embedding import MiniLM, load_embedder
from rag.encoders.vector_cache import CachedEmbedder
from rag.evaluation.beir import Collection, read_collection
from rag.settings import Settings
from rag.text.chunking import chunk_review
from rag.types import Embedder, FloatMatrix, Review, Span

DEPTH = 200  # how many documents a plain search hands to the fusion
RRF_K = 60
Embed = Callable[[Sequence[str]], FloatMatrix]
# What a search found, best first, and the seconds that it took.
Found = tuple[list[str], float]


class System(Protocol):
    """A system opened on what `index` has kept in a folder."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        """Index the documents into a folder; with a path, vectors are kept there and taken from there."""

    def __init__(self, collection: Collection, folder: Path) -> None: ...

    def search(self, text: str) -> dict[str, Found]:
        """Return the documents of a query, by the name of the variant."""

    def sentences(self, text: str, document_id: str) -> list[Span] | None:
        """Return the sentences of a document, best first; None when the system chooses none."""


class Product:
    """The way of this project, from the review to the fused hits."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        from rag.evaluation.searching import open_collection

        open_collection(collection, Settings(data=folder.parent))

    def __init__(self, collection: Collection, folder: Path) -> None:
        from rag.evaluation.searching import open_collection

        self.library, _ = open_collection(collection, Settings(data=folder.parent))

    def search(self, text: str) -> dict[str, Found]:
        from rag.evaluation.searching import FUSED, best_documents, plain_searches, search

        (query, hits), seconds = timed(lambda: search(text, self.library))
        plain = {name: (best_documents(found), 0.0) for name, found in plain_searches(query, self.library).items()}
        return {FUSED: (best_documents(hits), seconds)} | plain

    def sentences(self, text: str, document_id: str) -> list[Span]:
        from rag.evaluation.searching import best_sentences

        return best_sentences(text, document_id, self.library)

    def answer(self, text: str) -> float:
        """Return the seconds of a whole answer."""
        from rag.pipeline import ask

        return timed(lambda: ask(text, self.library))[1]


class Quickstart:
    """LangChain's semantic search as its documentation builds it: splitter, Chroma, similarity search."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        documents = [Document(page_content=r.text, metadata={"source": r.id}) for r in collection.reviews]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
        splits = splitter.split_documents(documents)
        store = _chroma_store(folder, vectors)
        for start in range(0, len(splits), 5000):  # Chroma takes no more at once
            store.add_documents(documents=splits[start : start + 5000])

    def __init__(self, collection: Collection, folder: Path) -> None:
        self.store = _chroma_store(folder, None)

    def search(self, text: str) -> dict[str, Found]:
        return {f"k={k}": self._search(text, k) for k in (4, 10)}

    def _search(self, text: str, k: int) -> Found:
        splits, seconds = timed(lambda: self.store.similarity_search(text, k=k))
        return list(dict.fromkeys(split.metadata["source"] for split in splits)), seconds

    def sentences(self, text: str, document_id: str) -> None:
        return None


def _chroma_store(folder: Path, vectors: Path | None) -> Any:
    from langchain_chroma import Chroma
    from langchain_core.embeddings import Embeddings

    embed = open_chroma_function(folder.parent)
    if vectors:
        embed = CachedEmbedder(_Named(embed), vectors).embed

    class MiniLMOfChroma(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embed(texts).tolist()

        def embed_query(self, text: str) -> list[float]:
            return embed([text])[0].tolist()

    return Chroma(
        collection_name="example_collection", embedding_function=MiniLMOfChroma(), persist_directory=str(folder)
    )


class _Named:
    """Chroma's function as an embedder whose vectors can be kept."""

    id, dimensions = "Chroma's ONNXMiniLM_L6_V2", MiniLM.dimensions

    def __init__(self, embed: Embed) -> None:
        self.embed = embed


def open_chroma_function(folder: Path) -> Embed:
    """Return Chroma's own embedding function on the files in a folder; it would download them otherwise."""
    from rag.index.collection import import_chromadb

    import_chromadb()
    from chromadb.utils.embedding_functions.onnx_mini_lm_l6_v2 import ONNXMiniLM_L6_V2

    class Offline(ONNXMiniLM_L6_V2):
        DOWNLOAD_PATH = folder

    function = Offline(["CPUExecutionProvider"])
    return lambda texts: np.array(function(list(texts)))


class BM25:
    """bm25s as its README builds it: English stop words and stemmer, title and text."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        _bm25(review.text for review in collection.reviews).save(folder)

    def __init__(self, collection: Collection, folder: Path) -> None:
        import bm25s

        self.collection = collection
        self.ids = [review.id for review in collection.reviews]
        self.bm25 = bm25s.BM25.load(folder)

    def search(self, text: str) -> dict[str, Found]:
        return {"": timed(lambda: self._search(text))}

    def _search(self, text: str) -> list[str]:
        found, scores = self.bm25.retrieve(_tokens([text]), k=min(DEPTH, len(self.ids)), show_progress=False)
        return [self.ids[n] for n, score in zip(found[0], scores[0], strict=True) if score > 0]

    def sentences(self, text: str, document_id: str) -> list[Span]:
        rows, bm25 = self._sentences
        tokens = _tokens([text], ids=False)[0]
        scores = bm25.get_scores(tokens) if tokens else np.zeros(sum(map(len, rows.values())))
        return _by_score({span: float(scores[row]) for span, row in rows[document_id].items()})

    @cached_property
    def _sentences(self) -> tuple[dict[str, dict[Span, int]], Any]:
        """Return the row of each sentence by document, and an index of all of them."""
        rows: dict[str, dict[Span, int]] = {}
        texts: list[str] = []
        for review in self.collection.reviews:
            own = rows.setdefault(review.id, {})
            for start, end in sentence_spans(review):
                own[start, end] = len(texts)
                texts.append(review.text[start:end])
        return rows, _bm25(texts)


def _bm25(texts: Iterable[str]) -> Any:
    import bm25s

    retriever = bm25s.BM25()
    retriever.index(_tokens(list(texts)), show_progress=False)
    return retriever


def _tokens(texts: list[str], ids: bool = True) -> Any:
    import bm25s
    import Stemmer

    stemmer = Stemmer.Stemmer("english")
    return bm25s.tokenize(texts, stopwords="en", stemmer=stemmer, return_ids=ids, show_progress=False)


class Dense:
    """Our embedder alone: title and text as one vector, compared with all."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        embedder: Embedder = load_embedder(folder.parent / "models")
        embedder = CachedEmbedder(embedder, vectors) if vectors else embedder
        np.save(folder / "vectors.npy", embedder.embed([review.text for review in collection.reviews]))

    def __init__(self, collection: Collection, folder: Path) -> None:
        self.reviews = {review.id: review for review in collection.reviews}
        self.ids = list(self.reviews)
        self.embedder = load_embedder(folder.parent / "models")
        self.vectors = np.load(folder / "vectors.npy")

    def search(self, text: str) -> dict[str, Found]:
        return {"": timed(lambda: self._search(text))}

    def _search(self, text: str) -> list[str]:
        scores = self.vectors @ self.embedder.embed([text])[0]
        return [self.ids[at] for at in np.argsort(-scores, kind="stable")[:DEPTH]]

    def sentences(self, text: str, document_id: str) -> list[Span]:
        review = self.reviews[document_id]
        spans = sentence_spans(review)
        vectors = self.embedder.embed([text, *(review.text[slice(*span)] for span in spans)])
        return _by_score(dict(zip(spans, map(float, vectors[1:] @ vectors[0]), strict=True)))


class RRF:
    """Reciprocal rank fusion of the two above (Cormack et al., SIGIR 2009)."""

    @staticmethod
    def index(collection: Collection, folder: Path, vectors: Path | None) -> None:
        for part in (BM25, Dense):
            part.index(collection, folder, vectors)

    def __init__(self, collection: Collection, folder: Path) -> None:
        self.parts = BM25(collection, folder), Dense(collection, folder)

    def search(self, text: str) -> dict[str, Found]:
        return {"": timed(lambda: _fused([part._search(text) for part in self.parts]))}

    def sentences(self, text: str, document_id: str) -> list[Span]:
        return _fused([part.sentences(text, document_id) for part in self.parts])


def _fused(rankings: Sequence[Sequence[Any]]) -> list[Any]:
    scores: dict[Any, float] = {}
    for ranking in rankings:
        for rank, one in enumerate(ranking, 1):
            scores[one] = scores.get(one, 0.0) + 1 / (RRF_K + rank)
    return _by_score(scores)


def _by_score(scores: dict[Any, float]) -> list[Any]:
    return sorted(scores, key=lambda one: (-scores[one], one))


def sentence_spans(review: Review) -> list[Span]:
    """Return the sentences of a document's text as the product cuts them."""
    passages = (passage for passage in chunk_review(review) if passage.kind == "abstract")
    return list(dict.fromkeys(span for passage in passages for span in passage.sentences))


SYSTEMS: dict[str, type[System]] = {
    "product": Product,
    "quickstart": Quickstart,
    "bm25s": BM25,
    "dense": Dense,
    "RRF": RRF,
}


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what some work gives, and the seconds that it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def peak_megabytes() -> float:
    """Return the most memory that this program has had; what started it does not count."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        from rag.evaluation.searching import peak_megabytes

        return peak_megabytes() or float("nan")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=("index", "prepare", "serve"))
    parser.add_argument("system", choices=SYSTEMS)
    parser.add_argument("collection", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--documents", type=int, help="index only so many")
    args = parser.parse_args()
    system, collection = SYSTEMS[args.system], read_collection(args.collection)
    args.folder.mkdir(parents=True, exist_ok=True)
    if args.work == "index":
        some = replace(collection, reviews=collection.reviews[: args.documents])
        _, seconds = timed(lambda: system.index(some, args.folder, None))
        say({"milliseconds": 1000 * seconds / len(some.reviews), "megabytes": peak_megabytes()})
    elif args.work == "prepare":
        system.index(collection, args.folder, args.folder.parent / "vectors.sqlite3")
    else:
        serve(system(collection, args.folder), sys.stdin)


def serve(system: System, requests: Iterable[str]) -> None:
    """Answer each request with a line: searches and answers with their times, sentences, and memory so far."""
    for request in map(json.loads, requests):
        reply: dict[str, Any] = {}
        if "search" in request:
            reply["found"] = [system.search(text) for text in request["search"]]
            reply["megabytes"] = peak_megabytes()
        if "answer" in request and isinstance(system, Product):
            reply["seconds"] = [system.answer(text) for text in request["answer"]]
        if "sentences" in request:
            reply["spans"] = [system.sentences(*pair) for pair in request["sentences"]]
        say(reply)


def say(reply: dict[str, Any]) -> None:
    print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
