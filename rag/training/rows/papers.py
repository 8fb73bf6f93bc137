"""Questions on papers: PubMedQA, COVID-QA."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.text import sentence_spans
from rag.training.rows.row import (
    MAX_SENTENCES,
    SEED,
    UNKNOWN,
    Nearest,
    Row,
    fold_question,
    sentences_of,
    unknown,
    windows,
)

# Shorter ones are headings and captions.
SHORT_PARAGRAPH = 60


def pubmedqa_rows(file: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of PubMedQA's labelled questions: the conclusion answers, background and methods do not."""
    draw = random.Random(SEED + 5)
    items = [
        (pmid, item) for pmid, item in json.loads(file.read_text("utf-8")).items()
        if pmid not in banned and fold_question(item['QUESTION']) not in banned
    ]  # fmt: skip
    nearest = Nearest([" ".join(item["CONTEXTS"]) for _, item in items])
    for at, (pmid, item) in enumerate(items):
        parts = [*zip(item["LABELS"], item["CONTEXTS"], strict=False), ("CONCLUSION", item["LONG_ANSWER"])]
        labelled = [(s, _found(label)) for label, text in parts for s in sentences_of(text)]
        last = labelled[-MAX_SENTENCES:]
        sentences, labels = tuple(s for s, _ in last), tuple(one for _, one in last)
        claim = {"yes": 0, "no": 1, "maybe": 2}[item["final_decision"]]
        claims = tuple(claim if one == 1 else UNKNOWN for one in labels)
        row = Row("pubmedqa", pmid, item["QUESTION"], "", sentences, labels, unknown(len(labels)), claims, 1, claim)
        yield row
        others = [n for n in nearest(item["QUESTION"], 6) if n != at]
        yield from (row.swapped(items[n][1]["QUESTION"]) for n in others[:1])
        early = labelled[:MAX_SENTENCES]
        if all(one == 0 for _, one in early[:4]) and len(early) > 3 and draw.random() < 0.5:
            yield Row("pubmedqa", pmid, item["QUESTION"], "", tuple(s for s, _ in early[:4]), (0,) * 4, unknown(4),
                      unknown(4), 0)  # fmt: skip


def _found(label: str) -> int:
    if re.search(r"CONCLU", label):
        return 1
    return 0 if re.search(r"BACKGROUND|METHOD|AIM|OBJECTIVE|PURPOSE|DESIGN|SETTING|INTRODUCTION", label) else UNKNOWN


def covid_qa_articles(file: Path) -> dict[str, str]:
    """Return the texts of the articles of COVID-QA by the names that this project gives them."""
    told = json.loads(file.read_text("utf-8"))["data"]
    return {f"CQ{part['document_id']}": part["context"] for article in told for part in article["paragraphs"]}


def covid_qa_page(text: str, name: str) -> str:
    """Return an article as a Markdown page that names itself so."""
    title, *paragraphs = (part.strip() for part in text.split("\n\n"))
    body = "\n\n".join(part for part in paragraphs if len(part) > SHORT_PARAGRAPH)
    return f"# {' '.join(title.split())}\n\nPMCID: {name}\n\n## Article\n\n{body}\n"


def covid_qa_rows(file: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of COVID-QA: the paragraph around each answer, and another of the same article."""
    draw = random.Random(SEED + 6)
    for article in json.loads(file.read_text("utf-8"))["data"]:
        for part in article["paragraphs"]:
            text = part["context"]
            spans = [span for span in sentence_spans(text, 0, len(text)) if span[1] - span[0] > 20]
            title = text[slice(*spans[0])][:200] if spans else ""
            for question in part["qas"]:
                if fold_question(question["question"]) in banned:
                    continue
                places = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in question["answers"]]
                held = [int(any(a < end and start < b for a, b in places)) for start, end in spans]
                marked = [at for at, one in enumerate(held) if one]
                if marked:
                    yield _spans_row(question["question"], title, text, spans, held, windows(spans, marked, draw))  # type: ignore[arg-type]
                far = [at for at in range(0, len(spans), 9) if not any(abs(at - m) < 25 for m in marked)]
                if far and draw.random() < 0.6:
                    at = draw.choice(far)
                    yield _spans_row(question["question"], title, text, spans, held, slice(at, at + 9))


def _spans_row(
    question: str, title: str, text: str, spans: Sequence[tuple[int, int]], held: Sequence[int], cut: slice
) -> Row:
    sentences, labels = tuple(text[a:b] for a, b in spans[cut]), tuple(held[cut])
    count = len(labels)
    return Row(
        "covid-qa", question, question, title, sentences, labels, unknown(count), unknown(count), int(any(labels))
    )
