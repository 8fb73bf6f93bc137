"""An answer as the JSON that `docs/answer-json.md` describes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rag.types import Answer, Citation, Comparison, Review, ShelfTable, Verdict, Written

# Line separators that JSON allows in a string, and that readers of lines may take for the end of one.
_SEPARATORS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


def answer_to_dict(answer: Answer, reviews: Mapping[str, Review]) -> dict[str, Any]:
    """Return an answer as plain values, always with the same keys; `reviews` maps the ids that it names."""
    return {
        "question": answer.question,
        "searched_as": answer.searched_as,
        "filters": list(answer.filters),
        "mode": answer.mode,
        "outcome": answer.outcome,
        "text": answer.text,
        "sentences": [
            {
                "text": sentence.text,
                "citations": list(sentence.citations),
                "support": sentence.support,
                "reason": sentence.reason,
            }
            for sentence in answer.sentences
        ],
        "citations": [_citation(citation, reviews) for citation in answer.citations],
        "coverage": [{"review": coverage.review_id, "state": coverage.state} for coverage in answer.coverage],
        "nearest": [_citation(citation, reviews) for citation in answer.nearest],
        "closest": [_citation(citation, reviews) for citation in answer.closest],
        "confidence": None if answer.confidence is None else round(answer.confidence, 4),
        "verdict": _verdict(answer.verdict) if answer.verdict else None,
        "missing": list(answer.missing),
        "note": answer.note,
        "comparison": _comparison(answer.comparison, reviews) if answer.comparison else None,
        "table": _table(answer.table, reviews) if answer.table else None,
        "written": _written(answer.written, reviews) if answer.written else None,
    }


def _table(table: ShelfTable, reviews: Mapping[str, Review]) -> dict[str, Any]:
    return {
        "filters": list(table.filters),
        "columns": list(table.columns),
        "rows": [
            {
                "review": review_id,
                "title": reviews[review_id].title,
                "cells": [
                    {"text": cell.text, "quote": _citation(Citation(1, cell.quote), reviews) if cell.quote else None}
                    for cell in row
                ],
            }
            for review_id, row in zip(table.review_ids, table.rows, strict=True)
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "answer": verdict.answer,
        "direction": verdict.direction,
        "text": verdict.text,
        "citations": list(verdict.citations),
    }


def _written(written: Written, reviews: Mapping[str, Review]) -> dict[str, Any]:
    return {
        "model": written.model,
        "ending": written.ending,
        "note": written.note,
        "removed": [{"text": one.text, "reason": one.reason} for one in written.removed],
        "given": [{"role": role, "text": text} for role, text in written.given],
        "wrote": written.raw,
        "evidence": [
            {"id": name, **_citation(Citation(number, quote), reviews)} for name, quote, number in written.evidence
        ],
        "prompt_tokens": written.prompt_tokens,
        "cached_tokens": written.cached_tokens,
        "completion_tokens": written.completion_tokens,
        "seconds": round(written.seconds, 2),
        "cost": written.cost,
    }


def _comparison(comparison: Comparison, reviews: Mapping[str, Review]) -> dict[str, Any]:
    return {
        "aspects": list(comparison.aspects),
        "cells": [
            {
                "aspect": cell.aspect,
                "review": cell.review_id,
                "state": cell.state,
                "citations": list(cell.citations),
                "nearest": _citation(Citation(1, cell.nearest), reviews) if cell.nearest else None,
                "direction": cell.direction,
            }
            for cell in comparison.cells
        ],
        "agreements": [
            {"aspect": told.aspect, "text": told.text, "citations": list(told.citations)}
            for told in comparison.agreements
        ],
        "differences": [
            {"aspect": told.aspect, "kind": told.kind, "text": told.text, "citations": list(told.citations)}
            for told in comparison.differences
        ],
        "undecided": list(comparison.undecided),
        "near": list(comparison.near),
        "shared_sources": [
            {"name": shared.name, "reviews": list(shared.review_ids), "citations": list(shared.citations)}
            for shared in comparison.shared_sources
        ],
    }


def _citation(citation: Citation, reviews: Mapping[str, Review]) -> dict[str, Any]:
    quote = citation.quote
    review = reviews[quote.review_id]
    return {
        "number": citation.number,
        "review": {
            "id": review.id,
            "doi": review.doi,
            "title": review.title,
            "year": review.year,
            "authors": list(review.authors),
        },
        "section": quote.heading or quote.kind,
        "provenance": quote.provenance,
        "quote": quote.text,
        "start": quote.start,
        "end": quote.end,
        "source": review.files[0],
        "page": review.page_at(quote.start),
        "passage": {"start": quote.passage_start, "end": quote.passage_end},
    }


def to_json(record: Mapping[str, Any], indent: int | None = None) -> str:
    """Return a record as JSON: letters as they are, and on one line however it is split, unless indented.

    >>> to_json({"quote": "naïve T cells, 5 µg\\u2028"})
    '{"quote": "naïve T cells, 5 µg\\\\u2028"}'
    """
    written = json.dumps(record, ensure_ascii=False, indent=indent).translate(_SEPARATORS)
    try:
        written.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(record, indent=indent)
    return written
