"""Libraries to learn the judgement on: papers that the reader was not trained on, questions that they answer or do not.

`python -m rag.training.libraries SOURCES EXCLUDED FOLDER` writes `FOLDER/trials`, `FOLDER/abstracts`,
`FOLDER/articles` and `FOLDER/written`, each with `pages/` and `questions.jsonl`.
"""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.text import sentence_spans, stem_set
from rag.training.held_back import excluded, is_for_tuning, is_held_back
from rag.training.rows import (
    DIRECTED,
    EFFECTS,
    LAY,
    SEED,
    Prompt,
    covid_qa_page,
    fold_question,
    markdown,
    marked_abstracts,
    pages_of,
    read_prompts,
    read_written,
    sentences_of,
)
from rag.training.sources import Sources

UNREAD_PAPERS, OTHER_PAPERS = 50, 400
OTHER_TRIALS, ABSENT_INTERVENTIONS, ABSENT_OUTCOMES, OF_TWO_PAPERS = 90, 90, 60, 60
ABSTRACTS_ANSWERED, ABSTRACTS_ABSENT = 50, 45
ARTICLES = 26
# For so many questions of every kind there is one on a paper that is not in the library.
OF_OTHERS = 2
# What is put into another question is a name, no sentence.
SHORT = 8
WORDINGS = (
    *EFFECTS,
    *(template for templates in DIRECTED.values() for template in templates),
    "Does {i} work for {o}?",
    "Can {i} improve {o}?",
    "{o} after {i}",
    "How effective is {i} on {o}?",
    "Is there evidence that {i} influences {o}?",
    "What did the study find about {o} with {i}?",
    "Compared with {c}, what does {i} do to {o}?",
    "any benefit of {i} for {o}?",
    "What was {o} in the {i} group?",
    "{i} vs {c} {o}",
)


@dataclass
class Questions:
    """The rows of a library, and the dice for their wording."""

    draw: random.Random
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self, question: str, kind: str, pmcid: str = "", evidence: Sequence[str] = (), label: str | None = None
    ) -> None:
        """Add a question; one without a paper is answered by none."""
        self.rows.append({
            "id": str(len(self.rows)), "question": question, "history": [], "pmcid": pmcid,
            "evidence": evidence[0] if evidence else "", "also": list(evidence[1:]), "label": label,
            "absent": not pmcid, "kind": kind,
        })  # fmt: skip

    def ask(self, prompt: Prompt) -> str:
        """Return a question on a prompt, in one of many wordings."""
        return prompt.ask(self.draw.choice(WORDINGS))

    def add_lay(self, pages: Mapping[str, str]) -> None:
        """Add the questions in lay words on some papers, also those that none of them answers."""
        for one in read_written(LAY):
            if one.article in pages:
                self.add(
                    one.question, one.kind, one.article if one.evidence else "", sorted(one.evidence), one.direction
                )

    def write(self, folder: Path, pages: Mapping[str, str]) -> None:
        """Write the pages by their names, and the questions."""
        shutil.rmtree(folder / "pages", ignore_errors=True)
        (folder / "pages").mkdir(parents=True)
        for name, page in pages.items():
            (folder / "pages" / f"{name}.md").write_text(page, "utf-8")
        (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in self.rows), "utf-8")


def trials(source: Path, banned: frozenset[str], folder: Path) -> None:
    """Write a library of trials in full text: those for tuning, whose evidence is known, and some without labels."""
    asked = Questions(random.Random(SEED))
    known = [p for p in read_prompts(source) if p.pmcid not in banned and not is_held_back(p.pmcid)]
    labelled = [prompt for prompt in known if is_for_tuning(prompt.pmcid)]
    others = _without_labels(source, banned)
    names = sorted(others)
    asked.draw.shuffle(names)
    inside, outside = names[:UNREAD_PAPERS], names[UNREAD_PAPERS : UNREAD_PAPERS + OTHER_PAPERS]
    held = [*dict.fromkeys(prompt.pmcid for prompt in labelled), *inside]
    texts = {name: (source / "txt_files" / f"{name}.txt").read_text("utf-8") for name in held}
    for prompt in labelled:
        asked.add(asked.ask(prompt), "evidence", prompt.pmcid, prompt.evidence, prompt.label)
    for name in inside:
        for prompt in asked.draw.sample(others[name], min(2, len(others[name]))):
            asked.add(asked.ask(prompt), "paper", name)
    there = [*labelled, *(prompt for name in inside for prompt in others[name])]
    away = [p for name in outside for p in others[name] if _is_short(p.intervention) and _is_short(p.outcome)]
    _absent(asked, there, away, {name: stem_set(text) for name, text in texts.items()})
    asked.add_lay(texts)
    asked.write(folder, {name: markdown(text, name) for name, text in texts.items()})


def _without_labels(source: Path, banned: frozenset[str]) -> dict[str, list[Prompt]]:
    """Return the prompts of papers for which there are no labels, and on which the reader learned nothing, by paper."""
    with (source / "v2_annotations.csv").open(encoding="utf-8", newline="") as lines:
        known = {f"PMC{row['PMCID']}" for row in csv.DictReader(lines)}
    known |= {one.article for one in read_written()}
    found: dict[str, list[Prompt]] = {}
    with (source / "prompts_merged.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name = f"PMC{row['PMCID']}"
            if name not in known and name not in banned and not is_held_back(name):
                found.setdefault(name, []).append(Prompt.of(row, "no difference", ()))
    return found


def _absent(
    asked: Questions, there: Sequence[Prompt], away: Sequence[Prompt], texts: Mapping[str, frozenset[str]]
) -> None:
    """Add questions that no paper answers: on other trials, on what is nowhere, or on what two papers have."""
    draw, everything = asked.draw, frozenset[str]().union(*texts.values())
    for _ in range(OTHER_TRIALS):
        asked.add(asked.ask(draw.choice(away)), "other trial")

    def add(kind: str, count: int, exchange: Callable[[Prompt], Prompt | None]) -> None:
        while count:
            if changed := exchange(draw.choice(there)):
                asked.add(asked.ask(changed), kind)
                count -= 1

    def other_intervention(prompt: Prompt) -> Prompt | None:
        other = draw.choice(away).intervention
        return replace(prompt, intervention=other) if _is_new(other, everything) else None

    def other_outcome(prompt: Prompt) -> Prompt | None:
        other = draw.choice(away).outcome
        return replace(prompt, outcome=other) if _is_new(other, everything) else None

    def of_two(prompt: Prompt) -> Prompt | None:
        other = draw.choice(there)
        apart = _is_new(other.intervention, texts[prompt.pmcid]) and _is_new(prompt.outcome, texts[other.pmcid])
        return replace(prompt, intervention=other.intervention) if other.pmcid != prompt.pmcid and apart else None

    add("absent intervention", ABSENT_INTERVENTIONS, other_intervention)
    add("absent outcome", ABSENT_OUTCOMES, other_outcome)
    add("two papers", OF_TWO_PAPERS, of_two)


def _is_short(name: str) -> bool:
    return len(name.split()) <= SHORT


def _is_new(name: str, there: frozenset[str]) -> bool:
    stems = stem_set(name)
    return bool(stems) and len(stems - there) >= max(1, len(stems) / 2)


def abstracts(source: Path, banned: frozenset[str], folder: Path) -> None:
    """Write a library of abstracts with BioASQ's questions; of some the abstracts are left out."""
    asked = Questions(random.Random(SEED + 1))
    known: dict[str, list[tuple[str, list[str]]]] = {}
    for question, abstract, snippets in marked_abstracts(source, banned):
        if not is_held_back(fold_question(question)):
            known.setdefault(question, []).append((abstract, snippets))
    order = sorted(known)
    asked.draw.shuffle(order)
    tuning = [question for question in order if is_for_tuning(question)]
    inside = [*tuning, *[question for question in order if question not in tuning][:ABSTRACTS_ANSWERED]]
    texts = dict.fromkeys(abstract for question in inside for abstract, _ in known[question])
    for question in inside:
        snippets = [snippet for _, found in known[question] for snippet in found]
        if snippets:
            asked.add(question, "abstracts", ABSTRACT, snippets if question in tuning else ())
    for question in [question for question in order if question not in inside][:ABSTRACTS_ABSENT]:
        asked.add(question, "absent from abstracts")
    asked.write(folder, {f"{ABSTRACT}{number}": _page(text, number) for number, text in enumerate(texts)})


ABSTRACT = "PMC9"


def _page(text: str, number: int) -> str:
    title, *rest = sentences_of(re.sub(r"\s+", " ", text))
    return f"# {title.rstrip('.')}\n\nPMCID: {ABSTRACT}{number:06}\n\n## Abstract\n{' '.join(rest)}\n"


def articles(source: Path, banned: frozenset[str], folder: Path) -> None:
    """Write a library of articles in full text with COVID-QA's questions of every kind, those for tuning."""
    asked, pages = Questions(random.Random(SEED)), dict[str, str]()
    told = json.loads(source.read_text("utf-8"))["data"]
    texts = [(number, part) for number, article in enumerate(told) for part in article["paragraphs"]]
    found = [(number, part["context"], _for_tuning(part["qas"], banned)) for number, part in texts]
    for number, text, questions in sorted(found, key=lambda one: len(one[1]) / max(1, len(one[2])))[:ARTICLES]:
        name = f"PMC8{number:05}"
        spans = sentence_spans(text, 0, len(text))
        for question in questions:
            places = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in question["answers"][:1]]
            held = [text[a:b] for a, b in spans if any(a < end and start < b for start, end in places)]
            if held:
                asked.add(question["question"], "articles", name, held)
        pages[name] = covid_qa_page(text, name)
    asked.write(folder, pages)


def written(sources: Sources, banned: frozenset[str], folder: Path) -> None:
    """Write a library of trials in full text with questions of every kind, and half as many on other papers."""
    asked = Questions(random.Random(SEED))
    known = [one for one in read_written() if one.article not in banned]
    inside = [one for one in known if is_for_tuning(one.article)]
    outside = [one for one in known if not is_for_tuning(one.article)]
    for one in inside:
        if one.evidence or one.kind == "absent":
            asked.add(one.question, one.kind, one.article if one.evidence else "", sorted(one.evidence), one.direction)
    for one in asked.draw.sample(outside, len(inside) // OF_OTHERS):
        asked.add(one.question, "other paper")
    pages = pages_of((one.article for one in inside), sources)
    asked.add_lay(pages)
    asked.write(folder, pages)


def _for_tuning(questions: Sequence[dict[str, Any]], banned: frozenset[str]) -> list[dict[str, Any]]:
    folded = [(fold_question(one["question"]), one) for one in questions]
    return [one for key, one in folded if is_for_tuning(key) and not is_held_back(key) and key not in banned]


def main() -> None:
    """Write all libraries."""
    asked, kept_back, folder = (Path(argument) for argument in sys.argv[1:4])
    sources, banned = Sources(asked), excluded(kept_back)
    trials(sources.trials, banned, folder / "trials")
    abstracts(sources.bioasq_abstracts, banned, folder / "abstracts")
    articles(sources.covid_qa, banned, folder / "articles")
    written(sources, banned, folder / "written")


if __name__ == "__main__":
    main()
