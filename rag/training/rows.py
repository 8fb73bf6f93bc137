"""What the reader learns from: sources become rows of a question, a titled paragraph and labels of its sentences.

`python -m rag.training.rows SOURCES EXCLUDED ROWS` reads the folder `SOURCES` (one folder a source, as its repository
has it; see docs/meaning.md) and writes one JSON object a line. What a source leaves open is UNKNOWN, not "no".
"""

from __future__ import annotations

import csv
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import bm25s

from rag.text import chunk_review, sentence_spans, stem_set
from rag.training.held_back import excluded, is_held_back

UNKNOWN = -1
DIRECTIONS = ("increased", "decreased", "no difference", "not stated")
CLAIMS = ("supports", "refutes", "neither")
# A sentence is evidence from this share of common words of the shorter one on.
SAME_WORDS = 0.7
MAX_SENTENCES = 14
# How often the evidence of a trial is read alone.
READINGS = 6
SEED = 20261128


@dataclass(frozen=True, slots=True)
class Row:
    """One paragraph read for one question; labels are numbers into DIRECTIONS and CLAIMS, or 0/1, or UNKNOWN.

    `key` is the document or question by which rows are set aside; `answers`, `direction`, `claim` have one label a
    sentence, `sufficient` and `claim_all` are of the paragraph.
    """

    source: str
    key: str
    question: str
    title: str
    sentences: tuple[str, ...]
    answers: tuple[int, ...]
    direction: tuple[int, ...]
    claim: tuple[int, ...]
    sufficient: int
    claim_all: int = UNKNOWN

    def swapped(self, question: str) -> Row:
        """Return the same paragraph for a question that it does not answer."""
        count = len(self.sentences)
        neither = (CLAIMS.index("neither"),) * count
        return replace(
            self,
            question=question,
            answers=(0,) * count,
            direction=(UNKNOWN,) * count,
            claim=neither,
            sufficient=0,
            claim_all=CLAIMS.index("neither"),
        )


def _unknown(count: int) -> tuple[int, ...]:
    return (UNKNOWN,) * count


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a text."""
    return tuple(text[start:end] for start, end in sentence_spans(text, 0, len(text)))


def _tokens(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9.]+", text.lower()))


def is_evidence(sentence: str, evidence: str) -> bool:
    """Tell whether a sentence and the experts' evidence share most words of the shorter one."""
    one, other = _tokens(sentence), _tokens(evidence)
    return len(one & other) >= SAME_WORDS * max(1, min(len(one), len(other))) and len(one) > 2


def _windows(sentences: Sequence[str], chosen: Sequence[int], draw: random.Random) -> slice:
    """Return a stretch of at most MAX_SENTENCES that holds a chosen sentence, at a random place in it."""
    if len(sentences) <= MAX_SENTENCES:
        return slice(0, len(sentences))
    at = draw.choice(chosen) if chosen else draw.randrange(len(sentences))
    start = min(max(0, at - draw.randrange(MAX_SENTENCES)), len(sentences) - MAX_SENTENCES)
    return slice(start, start + MAX_SENTENCES)


class Nearest:
    """Texts found by their words."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Index the texts."""
        self._search = bm25s.BM25()
        self._search.index([sorted(stem_set(text)) or ["-"] for text in texts], show_progress=False)
        self._count = len(texts)

    def __call__(self, query: str, k: int) -> list[int]:
        """Return the numbers of the k texts nearest to a query, best first."""
        known = [stem for stem in sorted(stem_set(query)) if stem in self._search.vocab_dict]
        if not known:
            return []
        scores = self._search.get_scores(known)
        return [int(at) for at in (-scores).argsort(kind="stable")[: min(k, self._count)]]


# Trials: Evidence Inference 2.0


EFFECTS = (
    "What is the effect of {i} on {o}?",
    "Does {i} affect {o}?",
    "Does {i} change {o} compared with {c}?",
    "How does {i} compare with {c} for {o}?",
    "{i} versus {c}: {o}?",
    "Is {o} different with {i} than with {c}?",
    "What happened to {o} with {i}?",
    "{i} {o}",
    "Did {i} lead to a change in {o}?",
    "How did {o} differ between {i} and {c}?",
)
DIRECTED = {
    "increased": ("Does {i} increase {o}?", "Is {o} higher with {i} than with {c}?", "Does {i} raise {o}?"),
    "decreased": (
        "Does {i} reduce {o}?",
        "Is {o} lower with {i} than with {c}?",
        "Does {i} lower {o} compared with {c}?",
    ),
}
STATEMENTS = {
    "increased": ("{i} increases {o}.", "{o} was higher with {i} than with {c}.", "{i} leads to more {o} than {c}."),
    "decreased": ("{i} reduces {o}.", "{o} was lower with {i} than with {c}.", "{i} decreases {o} compared with {c}."),
    "no difference": (
        "{i} has no effect on {o}.",
        "{o} did not differ between {i} and {c}.",
        "{i} does not change {o} compared with {c}.",
    ),
}
OPPOSITE = {"increased": "decreased", "decreased": "increased", "no difference": "no difference"}
_HEADING = re.compile(r"^([A-Z][^\n]*?):[^\S\n]*$", re.MULTILINE)


def markdown(text: str, pmcid: str) -> str:
    """Return an article of Evidence Inference's `txt_files` as a Markdown page with its sections."""
    parts = _HEADING.split(text)
    page, above = [], ""
    for heading, body in zip(parts[1::2], parts[2::2], strict=False):
        if heading == "TITLE":
            page.append(f"# {' '.join(body.split())}\n\nPMCID: {pmcid}\n")
            continue
        first, *below = heading.split(".")
        names = [name.strip().capitalize() for name in ((below if first == "BODY" else [first, *below]) or [first])]
        if names[0] != above:
            page.append(f"\n## {names[0]}\n")
            above = names[0]
        page += [f"\n### {names[-1]}\n"] if len(names) > 1 else []
        page.append(body.strip() + "\n")
    return "\n".join(page)


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a trial compares, what was measured, what came of it, and the experts' evidence for it."""

    pmcid: str
    intervention: str
    comparator: str
    outcome: str
    label: str
    evidence: tuple[str, ...]

    @classmethod
    def of(cls, row: dict[str, str], label: str, evidence: tuple[str, ...]) -> Prompt:
        """Return the prompt in a row of `prompts_merged.csv`."""
        intervention, comparator, outcome = (
            " ".join(row[n].split()) for n in ("Intervention", "Comparator", "Outcome")
        )
        return cls(f"PMC{row['PMCID']}", intervention, comparator, outcome, label, evidence)

    def ask(self, template: str) -> str:
        """Return a question or a claim on it."""
        return template.format(i=self.intervention, c=self.comparator, o=self.outcome)

    def turned(self) -> Prompt:
        """Return the same comparison with the arms exchanged."""
        return replace(self, intervention=self.comparator, comparator=self.intervention, label=OPPOSITE[self.label])


def read_prompts(folder: Path) -> list[Prompt]:
    """Return the annotated prompts of Evidence Inference, each with the evidence of all its valid annotations."""
    with (folder / "prompts_merged.csv").open(encoding="utf-8", newline="") as lines:
        prompts = {row["PromptID"]: row for row in csv.DictReader(lines)}
    labels: dict[str, list[str]] = {}
    evidence: dict[str, list[str]] = {}
    with (folder / "v2_annotations.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["Valid Label"] == "True" and row["PromptID"] in prompts and row["Annotations"].strip():
                label = row["Label"].removeprefix("significantly ").replace("no significant ", "no ")
                labels.setdefault(row["PromptID"], []).append({"increase": "increased"}.get(label, label))
                evidence.setdefault(row["PromptID"], []).append(" ".join(row["Annotations"].split()))
    found = []
    for number, said in labels.items():
        if len(set(said)) == 1 and said[0] in OPPOSITE:
            found.append(Prompt.of(prompts[number], said[0], tuple(dict.fromkeys(evidence[number]))))
    return found


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage of an article as the product cuts it."""

    key: str
    title: str
    heading: str
    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """Its sentences in one."""
        return " ".join(self.sentences)


def read_paragraphs(folder: Path, pmcid: str) -> list[Paragraph]:
    """Return the passages of an article, none where its text is not there."""
    from rag.sources import read_review

    file = folder / "txt_files" / f"{pmcid}.txt"
    if not file.is_file():
        return []
    with TemporaryDirectory() as folder_of_page:
        page = Path(folder_of_page) / f"{pmcid}.md"
        page.write_text(markdown(file.read_text("utf-8"), pmcid), "utf-8")
        review = read_review(page)
    return [
        Paragraph(pmcid, review.title, passage.heading, tuple(review.text[a:b] for a, b in passage.sentences))
        for passage in chunk_review(review)
        if passage.kind in ("abstract", "body")
    ]


def trial_rows(folder: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of Evidence Inference: evidence, other passages of its article, swaps, other articles."""
    draw = random.Random(SEED)
    prompts = [prompt for prompt in read_prompts(folder) if prompt.pmcid not in banned]
    paragraphs = {pmcid: read_paragraphs(folder, pmcid) for pmcid in dict.fromkeys(p.pmcid for p in prompts)}
    everything = [paragraph for own in paragraphs.values() for paragraph in own]
    nearest = Nearest([paragraph.text for paragraph in everything])
    for prompt in prompts:
        asked = draw.choice([prompt, prompt, prompt.turned()])
        rows = [row for paragraph in paragraphs[prompt.pmcid] if (row := _evidence_row(asked, paragraph, draw))]
        draw.shuffle(rows)
        yield from rows[:3]
        for row in rows[:2]:
            yield row.swapped(_swap(asked, prompts, row, draw))
        question = _question(asked, draw)[0]
        near = [everything[at] for at in nearest(question, 60)]
        others = [paragraph for paragraph in near if paragraph.key != prompt.pmcid][:12]
        yield from (_silent(question, paragraph, draw, 0) for paragraph in draw.sample(others, min(1, len(others))))
        yield from _readings(prompt, paragraphs[prompt.pmcid], draw)
        own = [p for p in near if p.key == prompt.pmcid and not any(_is_of(s, prompt) for s in p.sentences)]
        yield from (_silent(question, paragraph, draw, UNKNOWN) for paragraph in own[:2])


def _readings(prompt: Prompt, paragraphs: Sequence[Paragraph], draw: random.Random) -> Iterator[Row]:
    """Yield the evidence alone, asked for in several ways and with the arms either way."""
    places = [(p, at) for p in paragraphs for at, sentence in enumerate(p.sentences) if _is_of(sentence, prompt)]
    for number in range(READINGS if places else 0):
        paragraph, at = draw.choice(places)
        asked = prompt.turned() if number % 2 else prompt
        alone = replace(paragraph, sentences=paragraph.sentences[max(0, at - draw.randrange(2)) : at + 1])
        if row := _evidence_row(asked, alone, draw):
            yield replace(row, source="readings")


def _is_of(sentence: str, prompt: Prompt) -> bool:
    return any(is_evidence(sentence, evidence) for evidence in prompt.evidence)


def _question(prompt: Prompt, draw: random.Random) -> tuple[str, int]:
    """Return a question or a claim on a prompt, and whether what was found supports it."""
    kind = draw.random()
    if kind < 0.5:
        return prompt.ask(draw.choice(EFFECTS)), UNKNOWN
    if kind < 0.7:
        way = draw.choice([*DIRECTED])
        return prompt.ask(draw.choice(DIRECTED[way])), int(way != prompt.label)
    way = draw.choice([*STATEMENTS])
    return prompt.ask(draw.choice(STATEMENTS[way])), int(way != prompt.label)


def _evidence_row(prompt: Prompt, paragraph: Paragraph, draw: random.Random) -> Row | None:
    marked = [at for at, sentence in enumerate(paragraph.sentences) if _is_of(sentence, prompt)]
    if not marked:
        return None
    cut = _windows(paragraph.sentences, marked, draw)
    held = [_is_of(sentence, prompt) for sentence in paragraph.sentences[cut]]
    question, refuted = _question(prompt, draw)
    outcome = stem_set(prompt.outcome)
    # What speaks of the outcome beside the experts' choice may well answer too.
    open_to = [
        bool(outcome & stem_set(sentence)) and _reports(paragraph.heading) for sentence in paragraph.sentences[cut]
    ]
    answers = tuple(1 if own else UNKNOWN if open_ else 0 for own, open_ in zip(held, open_to, strict=True))
    way, not_stated = DIRECTIONS.index(prompt.label), DIRECTIONS.index("not stated")
    return Row(
        "trials",
        prompt.pmcid,
        question,
        paragraph.title,
        paragraph.sentences[cut],
        answers,
        tuple(way if one == 1 else not_stated if one == 0 else UNKNOWN for one in answers),
        tuple(
            UNKNOWN if refuted == UNKNOWN else refuted if one == 1 else 2 if one == 0 else UNKNOWN for one in answers
        ),
        1,
        refuted,
    )


def _reports(heading: str) -> bool:
    return not re.search(r"method|material|design|introduction|background", heading, re.IGNORECASE)


def _silent(question: str, paragraph: Paragraph, draw: random.Random, sufficient: int) -> Row:
    cut = _windows(paragraph.sentences, [], draw)
    sentences = paragraph.sentences[cut]
    settled = sufficient == 0 or not _reports(paragraph.heading)
    labels = (0,) * len(sentences) if settled else _unknown(len(sentences))
    return Row(
        "trials", paragraph.key, question, paragraph.title, sentences, labels, _unknown(len(sentences)),
        _unknown(len(sentences)), 0 if settled else UNKNOWN,
    )  # fmt: skip


def _swap(prompt: Prompt, prompts: Sequence[Prompt], row: Row, draw: random.Random) -> str:
    """Return a question in which the intervention or the outcome is another trial's, not the paragraph's."""
    there = stem_set(" ".join([row.title, *row.sentences]))
    for _ in range(20):
        other = draw.choice(prompts)
        if draw.random() < 0.5 and not stem_set(other.intervention) & there:
            return _question(replace(prompt, intervention=other.intervention), draw)[0]
        if not stem_set(other.outcome) & there:
            return _question(replace(prompt, outcome=other.outcome), draw)[0]
    return _question(other, draw)[0]


# BioASQ


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
        row = _marked("bioasq", question, question, "", sentences_of(abstract), snippets, draw)
        yield row
        others = [asked[n] for n in nearest(question, 20) if asked[n][0] != question]
        for _, other, _ in others[:2]:
            yield _marked("bioasq", question, question, "", sentences_of(other), [], draw)
        if snippets:
            far = asked[draw.randrange(len(asked))][0]
            yield row.swapped(far if far != question else asked[at - 1][0])


def _marked(
    source: str, key: str, question: str, title: str, sentences: tuple[str, ...], snippets: Sequence[str],
    draw: random.Random, claim: int = UNKNOWN,
) -> Row:  # fmt: skip
    held = [any(_holds(snippet, sentence) for snippet in snippets) for sentence in sentences]
    cut = _windows(sentences, [at for at, one in enumerate(held) if one], draw)
    if not title and cut.start == 0:
        title, cut = sentences[0], slice(1, cut.stop) if len(sentences) > 1 else cut
    held, sentences = held[cut], sentences[cut]
    return Row(
        source, key, question, title, sentences, tuple(map(int, held)), _unknown(len(held)),
        tuple(claim if one else UNKNOWN for one in held), int(any(held)) if any(held) or not snippets else UNKNOWN,
        claim if any(held) else UNKNOWN,
    )  # fmt: skip


def _holds(snippet: str, sentence: str) -> bool:
    return sentence.strip() in snippet or is_evidence(sentence, snippet)


def fold_question(question: str) -> str:
    """Return a question without case and extra space, as the list of what is kept back has it."""
    return " ".join(question.casefold().split())


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
            row = Row(
                "bioasq", question, question, title, sentences, labels, _unknown(len(labels)),
                tuple(claim if one else 2 if claim != UNKNOWN else UNKNOWN for one in labels), 1, claim,
            )  # fmt: skip
            yield row
            if start == 0 and near:
                yield Row("bioasq", question, question, "", tuple(other), (0,) * len(other), _unknown(len(other)),
                          _unknown(len(other)), 0)  # fmt: skip


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


# Claims: SciFact, Check-COVID


def scifact_rows(folder: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield rows of SciFact's training claims: cited abstracts with and without rationales, and near ones."""
    draw = random.Random(SEED + 3)
    corpus = {paper["doc_id"]: paper for paper in _lines(folder / "corpus.jsonl")}
    numbers = list(corpus)
    nearest = Nearest([corpus[n]["title"] + " " + " ".join(corpus[n]["abstract"]) for n in numbers])
    for claim in _lines(folder / "claims_train_cited.jsonl"):
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
    corpus = {paper["cord_id"]: paper for paper in _lines(folder / "corpus.json")}
    for claim in _lines(folder / "train" / "covidCheck_train_composed+extracted.json"):
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
    cut = _windows(abstract, list(marked), draw)
    places = range(*cut.indices(len(abstract)))
    labels = [marked.get(at) for at in places]
    held = [label for label in labels if label is not None]
    return Row(
        source, claim, question, title, tuple(abstract[at] for at in places),
        tuple(int(one is not None) for one in labels), _unknown(len(places)),
        tuple(2 if one is None else one for one in labels), int(bool(held)), held[0] if held else 2,
    )  # fmt: skip


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in file.read_text("utf-8").split("\n") if line.strip())


# Questions on papers: PubMedQA, COVID-QA; pairs of sentences: TaxiNLI


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
        row = Row("pubmedqa", pmid, item["QUESTION"], "", sentences, labels, _unknown(len(labels)), claims, 1, claim)
        yield row
        others = [n for n in nearest(item["QUESTION"], 6) if n != at][:2]
        yield from (row.swapped(items[n][1]["QUESTION"]) for n in others[:1])
        early = labelled[:MAX_SENTENCES]
        if all(one == 0 for _, one in early[:4]) and len(early) > 3 and draw.random() < 0.5:
            yield Row("pubmedqa", pmid, item["QUESTION"], "", tuple(s for s, _ in early[:4]), (0,) * 4, _unknown(4),
                      _unknown(4), 0)  # fmt: skip


def _found(label: str) -> int:
    if re.search(r"CONCLU", label):
        return 1
    return 0 if re.search(r"BACKGROUND|METHOD|AIM|OBJECTIVE|PURPOSE|DESIGN|SETTING|INTRODUCTION", label) else UNKNOWN


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
                    yield _spans_row(question["question"], title, text, spans, held, _windows(spans, marked, draw))  # type: ignore[arg-type]
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
        "covid-qa", question, question, title, sentences, labels, _unknown(count), _unknown(count), int(any(labels))
    )


def nli_rows(files: Sequence[Path]) -> Iterator[Row]:
    """Yield rows of pairs of sentences of MNLI (in TaxiNLI): the premise is the text, the hypothesis the claim."""
    labels = {"entailment": 0, "contradiction": 1, "neutral": 2}
    for file in files:
        with file.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["label"] in labels and len(row["prem"]) > 10:
                    label = labels[row["label"]]
                    yield Row("nli", row["hyp"], row["hyp"], "", (row["prem"],), (UNKNOWN,), (UNKNOWN,), (label,),
                              UNKNOWN, label)  # fmt: skip


def all_rows(sources: Path, banned: frozenset[str]) -> Iterator[Row]:
    """Yield the rows of every source below a folder, without what is kept back or set aside."""
    trials = sources / "ei" / "annotations"
    golden = sorted((sources / "bioasq12").rglob("12B*_golden.json"))
    found = (
        trial_rows(trials, banned),
        bioasq_abstract_rows(sources / "training" / "datasets", banned),
        bioasq_snippet_rows(sources / "bioasq.jsonl", banned, golden),
        scifact_rows(sources / "hv" / "data" / "scifact", banned),
        check_covid_rows(sources / "checkcovid" / "Check-COVID", banned),
        pubmedqa_rows(sources / "pubmedqa+pubmedqa" / "data" / "ori_pqal.json", banned),
        covid_qa_rows(sources / "covidqa" / "data" / "question-answering" / "200423_covidQA.json", banned),
        nli_rows(sorted((sources / "taxinli").glob("taxinli10k*.tsv"))),
    )
    return (row for rows in found for row in rows if row.sentences)


def read_rows(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a file, one JSON object a line."""
    return [*_lines(file)]


def main() -> None:
    """Write the rows, those set aside into a file of their own."""
    sources, kept_back, target = (Path(argument) for argument in sys.argv[1:4])
    counts: dict[str, int] = {}
    with (
        target.open("w", encoding="utf-8") as learnt,
        target.with_suffix(".aside.jsonl").open("w", encoding="utf-8") as aside,
    ):
        for row in all_rows(sources, excluded(kept_back)):
            held = is_held_back(row.key if row.source in ("trials", "readings", "pubmedqa") else fold_question(row.key))
            (aside if held else learnt).write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            counts[f"{row.source}{' aside' * held}"] = counts.get(f"{row.source}{' aside' * held}", 0) + 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
