"""A collection with judgements becomes figures: how good the rankings and quotes of the product are, and how fast."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, partial
from statistics import fmean
from typing import Any

import numpy as np

from rag.answers import CANDIDATES, build_matcher, measure, query_for, retrieve
from rag.encoders import MiniLM, load_embedder
from rag.errors import IndexDamaged, ModelMissing, RagError
from rag.evaluation.beir import Collection, Rationale, first
from rag.evaluation.ranking import difference_interval, ndcg, recall, reciprocal_rank
from rag.index import Index, build_index
from rag.questions import content_terms
from rag.settings import Settings
from rag.shelf import Library, Progress, open_reader
from rag.text import chunk_review
from rag.types import PROSE, Hit, Query, Span

FOLDER = "beir"
MEASURES = {
    "nDCG@10": partial(ndcg, k=10),
    "Recall@5": partial(recall, k=5),
    "Recall@10": partial(recall, k=10),
    "MRR@10": partial(reciprocal_rank, k=10),
}
MAIN = "nDCG@10"
LEXICAL, DENSE, FUSED = "lexical", "dense", "fused"
# How often the reader looks at a passage of a document in which the best sentence is sought: until it has seen all.
LOOKS = 4
# A quote and a marked sentence are the same when they share this much of the shorter one: two cut sentences apart
# at slightly different places.
SAME_SENTENCE = 0.5

# Document ids, best first, by query id.
Ranking = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Indexing:
    """How the index came to be: `texts` are the distinct passages and sentences, `embedded` those without a vector."""

    passages: int
    seconds: float
    texts: int
    embedded: int

    @property
    def passages_per_second(self) -> float | None:
        """How many passages were indexed a second; None when their vectors were there already."""
        return self.passages * self.embedded / self.texts / self.seconds if self.embedded else None


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better the fused ranking is than another, in the mean of nDCG@10, and the 95 % interval of it."""

    other: str
    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Evaluated:
    """What came of asking every query of a collection that has a relevant document.

    `seconds` are those of a fused search, with the vector of the query; `quote_ranks` the places, from 0, of the first
    marked sentence among those of its document, None where it is not found.
    """

    collection: Collection
    passages: int
    indexing: Indexing
    rankings: Mapping[str, Ranking]
    seconds: tuple[float, ...]
    quote_ranks: tuple[int | None, ...]
    peak_megabytes: float | None

    @cached_property
    def measured(self) -> Mapping[str, Mapping[str, tuple[float, ...]]]:
        """The value of every query, by ranking and measure."""
        return {name: measures(ranking, self.collection) for name, ranking in self.rankings.items()}


def evaluate_collection(collection: Collection, settings: Settings, on_progress: Progress | None = None) -> Evaluated:
    """Index a collection as the product does, unless it is indexed, and ask all its queries.

    Raises RagError when no query has a relevant document, and what `build_index` raises.
    """
    asked = judged_queries(collection)
    if not asked:
        raise RagError(f"{collection.name}: no query has a relevant document")
    library, indexing = open_collection(collection, settings, on_progress)
    search(next(iter(asked.values())), library)  # what is loaded at the first search is not measured
    rankings: dict[str, dict[str, list[str]]] = {}
    seconds = []
    for query_id, text in asked.items():
        began = time.perf_counter()
        query, hits = search(text, library)
        seconds.append(time.perf_counter() - began)
        for name, found in {**plain_searches(query, library), FUSED: hits}.items():
            rankings.setdefault(name, {})[query_id] = best_documents(found)
    quote_ranks = tuple(quote_rank(rationale, collection, library) for rationale in collection.rationales)
    passages = len(library.index.passages)
    return Evaluated(collection, passages, indexing, rankings, tuple(seconds), quote_ranks, peak_megabytes())


def judged_queries(collection: Collection) -> dict[str, str]:
    """Return the queries, by id, that have a relevant document."""
    judged = {query_id for query_id, scores in collection.judgements.items() if max(scores.values()) > 0}
    return {query_id: text for query_id, text in collection.queries.items() if query_id in judged}


def open_collection(
    collection: Collection, settings: Settings, on_progress: Progress | None = None
) -> tuple[Library, Indexing]:
    """Return the library of a collection, and how it was indexed; it is kept below the data folder under its name."""
    steps: list[tuple[int, int]] = []

    def on_text(done: int, total: int) -> None:
        steps.append((done, total))
        if on_progress:
            on_progress("texts", done, total)

    data = settings.data / FOLDER / collection.name
    embedder = _embedder(settings)
    began = time.perf_counter()
    passages = [passage for review in collection.reviews for passage in chunk_review(review)]
    folder = build_index(collection.reviews, passages, embedder, data, on_text)
    seconds = time.perf_counter() - began
    try:
        index = Index.open(folder)
    except IndexDamaged:
        shutil.rmtree(folder)
        index = Index.open(build_index(collection.reviews, passages, embedder, data, on_text))
    known, texts = steps[0] if steps else (0, 0)
    return Library(index, embedder, reader=open_reader(embedder)), Indexing(
        len(passages), seconds, texts, texts - known
    )


def _embedder(settings: Settings) -> MiniLM | None:
    try:
        return load_embedder(settings.data / "models")
    except ModelMissing as missing:
        print(f"{missing} Search is by words only.", file=sys.stderr)
        return None


def search(text: str, library: Library) -> tuple[Query, list[Hit]]:
    """Return what a question is searched as, and the hits of the product's own search in the prose."""
    query = query_for(text, content_terms(text), library)
    return query, retrieve(query, library.index, kinds=PROSE)


def plain_searches(query: Query, library: Library) -> dict[str, list[Hit]]:
    """Return the hits of either search alone; that by meaning only where there is a model."""
    index = library.index
    found = {LEXICAL: index.search_lexical(query.stems, CANDIDATES)}
    if query.vector is not None:
        found[DENSE] = index.search_dense(query.vector, CANDIDATES)
    return {
        name: [
            Hit(index.passages[number], score, rank)
            for rank, (number, score) in enumerate(scored)
            if index.passages[number].kind in PROSE
        ]
        for name, scored in found.items()
    }


def best_documents(hits: Sequence[Hit]) -> list[str]:
    """Return the documents of the hits, each as good as its best passage, ties by id."""
    best: dict[str, float] = {}
    for hit in hits:
        best[hit.passage.review_id] = max(hit.score, best.get(hit.passage.review_id, hit.score))
    return sorted(best, key=lambda document: (-best[document], document))


def quote_rank(rationale: Rationale, collection: Collection, library: Library) -> int | None:
    """Return the place, from 0, of the first marked sentence when the document is searched for the best quote."""
    spans = best_sentences(collection.queries[rationale.query_id], rationale.document_id, library)
    return next((rank for rank, span in enumerate(spans) if is_marked(span, rationale)), None)


def best_sentences(text: str, document_id: str, library: Library) -> list[Span]:
    """Return the sentences of a document's prose, those first that answer a question best."""
    terms = content_terms(text)
    prose = [passage for passage in library.passages_of(document_id) if passage.kind in PROSE]
    hits = [Hit(passage, 1.0, rank) for rank, passage in enumerate(prose)]
    query = query_for(text, terms, library)
    found = measure(hits, build_matcher(terms, library), query, library, LOOKS * len(hits))
    return [candidate.span for candidate in found]


def is_marked(span: Span, rationale: Rationale) -> bool:
    """Tell whether a sentence is one of those that experts marked."""
    return any(_overlap(span, marked) >= SAME_SENTENCE for marked in rationale.spans)


def _overlap(one: Span, other: Span) -> float:
    """Return how much of the shorter span the two share."""
    shorter = min(one[1] - one[0], other[1] - other[0])
    return max(0, min(one[1], other[1]) - max(one[0], other[0])) / shorter if shorter else 0.0


def measures(ranking: Ranking, collection: Collection) -> dict[str, tuple[float, ...]]:
    """Return the value of every query by measure, in the order of the ranking."""
    return {
        name: tuple(value(found, collection.judgements[query_id]) for query_id, found in ranking.items())
        for name, value in MEASURES.items()
    }


def peak_megabytes() -> float | None:
    """Return the most memory that this process has had, None where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def searches_report(evaluated: Evaluated) -> dict[str, Any]:
    """Return the figures as plain values."""
    collection, indexing = evaluated.collection, evaluated.indexing
    return {
        "collection": collection.name,
        "documents": len(collection.reviews) + len(collection.empty),
        "empty_documents": len(collection.empty),
        "passages": evaluated.passages,
        "queries": len(evaluated.seconds),
        "queries_left_out": len(collection.queries) - len(evaluated.seconds),
        "rankings": {
            name: {measure: round(fmean(values), 4) for measure, values in by_measure.items()}
            for name, by_measure in evaluated.measured.items()
        },
        "differences": [asdict(difference) for difference in differences(evaluated)],
        "quotes": _quotes(evaluated.quote_ranks),
        "indexing": {
            "cached": not indexing.texts,
            "seconds": round(indexing.seconds, 2),
            "passages_per_second": _rounded(indexing.passages_per_second),
        },
        "query_ms": {f"p{percent}": _milliseconds(evaluated.seconds, percent) for percent in (50, 95)},
        "peak_megabytes": _rounded(evaluated.peak_megabytes),
        "empty": list(collection.empty),
        "remarks": list(collection.remarks),
    }


def differences(evaluated: Evaluated) -> list[Difference]:
    """Return how the fused ranking compares with each of the others."""
    ours = evaluated.measured[FUSED][MAIN]
    others = {name: by_measure[MAIN] for name, by_measure in evaluated.measured.items() if name != FUSED}
    return [difference(name, ours, theirs) for name, theirs in others.items()]


def difference(other: str, ours: Sequence[float], theirs: Sequence[float]) -> Difference:
    """Return how much better the first of two measures of the same queries is."""
    low, high = difference_interval(ours, theirs)
    return Difference(other, *(round(value, 4) for value in (fmean(ours) - fmean(theirs), low, high)))


def _quotes(ranks: Sequence[int | None]) -> dict[str, float] | None:
    if not ranks:
        return None
    return {"pairs": len(ranks), "hit@1": hit_share(ranks, 1), "hit@3": hit_share(ranks, 3)}


def hit_share(ranks: Sequence[int | None], k: int) -> float:
    """Return in what share of the documents a marked sentence is among the first k."""
    return round(fmean(rank is not None and rank < k for rank in ranks), 4)


def _milliseconds(seconds: Sequence[float], percent: int) -> float:
    return round(1000 * float(np.percentile(seconds, percent)), 1)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def searches_text(evaluated: Evaluated) -> str:
    """Return the same for a reader: what was asked, a table of the rankings, and what is wrong with the collection."""
    figures = searches_report(evaluated)
    quotes, milliseconds, megabytes = figures["quotes"], figures["query_ms"], figures["peak_megabytes"]
    facts = {
        "Documents": f"{figures['documents']:,}, {figures['empty_documents']} of them empty",
        "Passages": f"{figures['passages']:,}",
        "Queries": f"{figures['queries']:,}, {figures['queries_left_out']} without a relevant document left out",
        "Indexing": _indexing_text(evaluated.indexing),
        "Query": f"p50 {milliseconds['p50']} ms, p95 {milliseconds['p95']} ms",
        "Memory": "not known" if megabytes is None else f"{megabytes:.0f} MB at most",
    }
    if quotes:
        facts["Quotes"] = f"hit@1 {quotes['hit@1']:.3f}, hit@3 {quotes['hit@3']:.3f} in {quotes['pairs']:,} documents"
    remarks = evaluated.collection.remarks
    blocks = [
        "\n".join(f"{name:<10} {fact}" for name, fact in facts.items()),
        "\n".join(_table(figures["rankings"])),
        "\n".join(map(_difference_text, differences(evaluated))),
        "\n".join([f"Rows that name what is not there: {len(remarks)}", *first(remarks)]) if remarks else "",
    ]
    return "\n\n".join(filter(None, blocks))


def _indexing_text(indexing: Indexing) -> str:
    if not indexing.texts:
        return "cached"
    rate = indexing.passages_per_second
    how = f"{rate:.1f} passages/s" if rate else "all vectors were cached"
    return f"{indexing.seconds:.1f} s, {how}"


def _table(rankings: Mapping[str, Mapping[str, float]]) -> list[str]:
    return [
        " " * 10 + "".join(f"{measure:>11}" for measure in MEASURES),
        *(f"{name:<10}" + "".join(f"{values[m]:>11.4f}" for m in MEASURES) for name, values in rankings.items()),
    ]


def _difference_text(one: Difference) -> str:
    return f"{FUSED} − {one.other}, {MAIN}: {one.mean:+.4f} (95 %: {one.low:+.4f} to {one.high:+.4f})"
