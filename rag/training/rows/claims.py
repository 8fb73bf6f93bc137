"""Claims with the sentences of abstracts that support or refute them: SciFact, Check-COVID."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rag.training.rows.row import SEED, Nearest, Row, fold_question, json_lines, unknown, windows


def scifact_rows(folder: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of SciFact's training claims: cited abstracts with and without rationales, and near ones."""
    draw = random.Random(SEED + 3)
    corpus = {paper["doc_id"]: paper for paper in json_lines(folder / "corpus.jsonl")}
    numbers = list(corpus)
    nearest = Nearest([corpus[n]["title"] + " " + " ".join(corpus[n]["abstract"]) for n in numbers])
    for claim in json_lines(folder / "claims_train_cited.jsonl"):
        if fold_question(claim["claim"]) in banned:
            continue
        near = [numbers[at] for at in nearest(claim["claim"], 12) if numbers[at] not in claim["doc_ids"]]
        for number in [*claim["doc_ids"], *draw.sample(near, min(2, len(near)))]:
            paper, evidence = corpus[number], claim["evidence"].get(str(number), [])
            marked = {at: {"SUPPORT": 0, "CONTRADICT": 1}[one["label"]] for one in evidence for at in one["sentences"]}
            yield _claim_row("scifact", claim["claim"], paper["title"], paper["abstract"], marked, draw)


def check_covid_rows(folder: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of Check-COVID's training claims."""
    draw = random.Random(SEED + 4)
    corpus = {paper["cord_id"]: paper for paper in json_lines(folder / "corpus.json")}
    for claim in json_lines(folder / "train" / "covidCheck_train_composed+extracted.json"):
        paper = corpus.get(claim["cord_id"])
        if not paper or fold_question(claim["claim"]) in banned:
            continue
        label = {"SUPPORT": 0, "REFUTE": 1}.get(claim["label"])
        marked = {} if label is None else {one["sent_index"]: label for one in claim["evidence_set"]}
        yield _claim_row("check-covid", claim["claim"], paper["title"], paper["abstract"], marked, draw)


def _claim_row(
    source: str, claim: str, title: str, abstract: Sequence[str], marked: dict[int, int], draw: random.Random
) -> Row:
    wordings: tuple[Callable[[str], str], ...] = (
        lambda text: text, lambda text: text, lambda text: text.rstrip(".") + "?",
        lambda text: f"Is it true that {text[0].lower()}{text[1:].rstrip('.')}?",
    )  # fmt: skip
    question = draw.choice(wordings)(claim)
    cut = windows(abstract, list(marked), draw)
    places = range(*cut.indices(len(abstract)))
    labels = [marked.get(at) for at in places]
    held = [label for label in labels if label is not None]
    return Row(
        source, claim, question, title, tuple(abstract[at] for at in places),
        tuple(int(one is not None) for one in labels), unknown(len(places)),
        tuple(2 if one is None else one for one in labels), int(bool(held)), held[0] if held else 2,
    )  # fmt: skip
