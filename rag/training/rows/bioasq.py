"""Questions of experts with snippets: BioASQ."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.training.rows.row import (
    SEED,
    UNKNOWN,
    Nearest,
    Row,
    fold_question,
    is_evidence,
    sentences_of,
    unknown,
    windows,
)


def marked_abstracts(folder: Path, banned: frozenset[str]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (question, abstract, the snippets that experts marked in it, or none)."""
    for name in ("02_Snippet_Extraction_11B1_250.jsonl", "02_Snippet_Extraction_11B2_Validation.jsonl"):
        for line in (folder / name).read_text("utf-8").strip().split("\n"):
            _, user, reply = json.loads(line)["messages"]
            found = re.search(r"Given this question: '(.*?)' extract .*?```(.*)```", user["content"], re.DOTALL)
            if found and fold_question(found[1]) not in banned:
                yield found[1], found[2], json.loads(reply["content"])["snippets"]


def bioasq_abstract_rows(folder: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of whole abstracts in which experts marked snippets, or none."""
    draw = random.Random(SEED + 1)
    asked = [*marked_abstracts(folder, banned)]
    nearest = Nearest([abstract for _, abstract, _ in asked])
    for at, (question, abstract, snippets) in enumerate(asked):
        row = _marked(question, sentences_of(abstract), snippets, draw)
        yield row
        others = [asked[n] for n in nearest(question, 20) if asked[n][0] != question]
        for _, other, _ in others[:2]:
            yield _marked(question, sentences_of(other), [], draw)
        if snippets:
            far = asked[draw.randrange(len(asked))][0]
            yield row.swapped(far if far != question else asked[at - 1][0])


def _marked(question: str, sentences: tuple[str, ...], snippets: Sequence[str], draw: random.Random) -> Row:
    held = [any(_holds(snippet, sentence) for snippet in snippets) for sentence in sentences]
    cut = windows(sentences, [at for at, one in enumerate(held) if one], draw)
    title = ""
    if cut.start == 0:
        title, cut = sentences[0], slice(1, cut.stop) if len(sentences) > 1 else cut
    held, sentences = held[cut], sentences[cut]
    return Row(
        "bioasq", question, question, title, sentences, tuple(map(int, held)), unknown(len(held)),
        unknown(len(held)), int(any(held)) if any(held) or not snippets else UNKNOWN,
    )  # fmt: skip


def _holds(snippet: str, sentence: str) -> bool:
    return sentence.strip() in snippet or is_evidence(sentence, snippet)


def bioasq_snippet_rows(file: Path, banned: frozenset[str], more: Sequence[Path] = ()) -> Iterator[Row]:
    """Yield rows of snippets that answer a question among sentences of snippets on near questions."""
    draw = random.Random(SEED + 2)
    asked = [*_golden(file), *(item for path in more for item in _golden(path))]
    asked = [item for item in {item[0]: item for item in asked}.values() if fold_question(item[0]) not in banned]
    pool = [(at, sentence) for at, item in enumerate(asked) for text in item[1][:8] for sentence in sentences_of(text)]
    nearest = Nearest([sentence for _, sentence in pool])
    for at, (question, snippets, titles, claim) in enumerate(asked):
        mine = [s for text in snippets for s in sentences_of(text) if len(s) > 30]
        draw.shuffle(mine)
        near = [pool[n][1] for n in nearest(question, 60) if pool[n][0] != at]
        for start in range(0, min(len(mine), 6), 2):
            own = mine[start : start + 2]
            other = draw.sample(near, min(len(near), draw.randint(3, 7)))
            mixed = [(s, 1) for s in own] + [(s, 0) for s in other]
            draw.shuffle(mixed)
            sentences, labels = zip(*mixed, strict=True)
            title = draw.choice(titles) if titles and draw.random() < 0.5 else ""
            yield Row(
                "bioasq", question, question, title, sentences, labels, unknown(len(labels)),
                tuple(claim if one else 2 if claim != UNKNOWN else UNKNOWN for one in labels), 1, claim,
            )  # fmt: skip
            if start == 0 and near:
                yield Row("bioasq", question, question, "", tuple(other), (0,) * len(other), unknown(len(other)),
                          unknown(len(other)), 0)  # fmt: skip


def _golden(file: Path) -> Iterator[tuple[str, list[str], list[str], int]]:
    """Yield (question, snippets, titles among them, whether they support it) of a golden set or of one a line."""
    text = file.read_text("utf-8")
    items = (
        [json.loads(line) for line in text.split("\n") if line.strip()]
        if file.suffix == ".jsonl"
        else json.loads(text)["questions"]
    )
    for item in items:
        snippets = item.get("snippets", [])
        titles = [s["text"] for s in snippets if s.get("section", s.get("beginSection")) == "title"]
        exact = item.get("exact_answer")
        exact = exact[0] if isinstance(exact, list) and exact else exact
        claim = {"yes": 0, "no": 1}.get(str(exact).lower(), UNKNOWN) if item["type"] == "yesno" else UNKNOWN
        yield item.get("question") or item["body"], [s["text"] for s in snippets], titles, claim
