"""Trials in full text: Evidence Inference 2.0."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.sources import read_review
from rag.text import chunk_review, stem_set
from rag.training.rows.row import DIRECTIONS, SEED, UNKNOWN, Nearest, Row, is_evidence, unknown, windows
from rag.types import Review

# How often the evidence of a trial is read alone.
READINGS = 6
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
# Most articles have their title on the line of its heading.
_TITLE = re.compile(r"\ATITLE:[^\S\n]*(?=\S)")
_HEADING = re.compile(r"^[^\S\n]*([A-Z][^\n]*?):[^\S\n]*$", re.MULTILINE)


def markdown(text: str, pmcid: str) -> str:
    """Return an article of Evidence Inference's `txt_files` as a Markdown page with its sections."""
    parts = _HEADING.split(_TITLE.sub("TITLE:\n", text))
    page, above = [], ""
    for heading, body in zip(parts[1::2], parts[2::2], strict=False):
        if heading == "TITLE":
            title, _, abstract = body.strip().partition("\n\n")
            page.append(f"# {' '.join(title.split())}\n\nPMCID: {pmcid}\n")
            page += [f"\n## Abstract\n\n{abstract.strip()}\n"] if abstract.strip() else []
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

    def wordings(self, templates: Sequence[str]) -> Sequence[str]:
        """Return the templates that name no comparator where there is none."""
        return templates if self.comparator else [template for template in templates if "{c}" not in template]

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
    file = folder / "txt_files" / f"{pmcid}.txt"
    return paragraphs_of(pmcid, markdown(file.read_text("utf-8"), pmcid)) if file.is_file() else []


def review_of(name: str, page: str) -> Review:
    """Return a Markdown page as the product reads it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"{name}.md"
        file.write_text(page, "utf-8")
        return read_review(file)


def paragraphs_of(name: str, page: str) -> list[Paragraph]:
    """Return the passages of a Markdown page."""
    review = review_of(name, page)
    return [
        Paragraph(
            name, review.title, passage.heading, tuple(" ".join(review.text[a:b].split()) for a, b in passage.sentences)
        )
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
        question = prompt_question(asked, draw)[0]
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


def prompt_question(prompt: Prompt, draw: random.Random) -> tuple[str, int]:
    """Return a question or a claim on a prompt, and the number into CLAIMS of what was found, or UNKNOWN."""
    kind = draw.random()
    if kind < 0.5:
        return prompt.ask(draw.choice(prompt.wordings(EFFECTS))), UNKNOWN
    wordings = DIRECTED if kind < 0.7 else STATEMENTS
    way = draw.choice([*wordings])
    return prompt.ask(draw.choice(prompt.wordings(wordings[way]))), int(way != prompt.label)


def _evidence_row(prompt: Prompt, paragraph: Paragraph, draw: random.Random) -> Row | None:
    marked = [at for at, sentence in enumerate(paragraph.sentences) if _is_of(sentence, prompt)]
    if not marked:
        return None
    cut = windows(paragraph.sentences, marked, draw)
    held = [_is_of(sentence, prompt) for sentence in paragraph.sentences[cut]]
    question, refuted = prompt_question(prompt, draw)
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
    cut = windows(paragraph.sentences, [], draw)
    sentences = paragraph.sentences[cut]
    settled = sufficient == 0 or not _reports(paragraph.heading)
    labels = (0,) * len(sentences) if settled else unknown(len(sentences))
    return Row(
        "trials", paragraph.key, question, paragraph.title, sentences, labels, unknown(len(sentences)),
        unknown(len(sentences)), 0 if settled else UNKNOWN,
    )  # fmt: skip


def _swap(prompt: Prompt, prompts: Sequence[Prompt], row: Row, draw: random.Random) -> str:
    """Return a question in which the intervention or the outcome is another trial's, not the paragraph's."""
    there = stem_set(" ".join([row.title, *row.sentences]))
    for _ in range(20):
        other = draw.choice(prompts)
        if draw.random() < 0.5 and not stem_set(other.intervention) & there:
            return prompt_question(replace(prompt, intervention=other.intervention), draw)[0]
        if not stem_set(other.outcome) & there:
            return prompt_question(replace(prompt, outcome=other.outcome), draw)[0]
    return prompt_question(other, draw)[0]
