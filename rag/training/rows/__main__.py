"""What the reader learns from: sources become rows of a question, a titled paragraph and labels of its sentences.

`python -m rag.training.rows SOURCES EXCLUDED ROWS` reads the folder `SOURCES` (one folder a source, as its repository
has it; see docs/meaning.md) and writes one JSON object a line. What a source leaves open is UNKNOWN, not "no".
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from rag.training.held_back import excluded, is_held_back
from rag.training.rows.bioasq import bioasq_abstract_rows, bioasq_snippet_rows
from rag.training.rows.carried import carried_rows, read_carried
from rag.training.rows.claims import check_covid_rows, scifact_rows
from rag.training.rows.findings import findings_rows, read_findings
from rag.training.rows.pairs import nli_rows
from rag.training.rows.papers import covid_qa_rows, pubmedqa_rows
from rag.training.rows.row import Row, fold_question
from rag.training.rows.trials import trial_rows
from rag.training.rows.written import read_written, written_rows
from rag.training.sources import Sources

# Sources whose rows are set aside by the document; of the others it is the question that counts.
BY_DOCUMENT = ("trials", "readings", "pubmedqa", "written", "findings", "carried")


def all_rows(sources: Sources, banned: frozenset[str]) -> Iterator[Row]:
    """Yield the rows of every source, without what is kept back or set aside."""
    found = (
        trial_rows(sources.trials, banned),
        bioasq_abstract_rows(sources.bioasq_abstracts, banned),
        bioasq_snippet_rows(sources.bioasq, banned, sources.bioasq_golden),
        scifact_rows(sources.scifact, banned),
        check_covid_rows(sources.check_covid, banned),
        pubmedqa_rows(sources.pubmedqa, banned),
        covid_qa_rows(sources.covid_qa, banned),
        written_rows(read_written(), sources, banned),
        findings_rows(read_findings(), sources, banned),
        carried_rows(read_carried(), sources, banned),
        nli_rows(sources.pairs),
    )
    return (row for rows in found for row in rows if row.sentences)


def main() -> None:
    """Write the rows, those set aside into a file of their own."""
    sources, kept_back, target = (Path(argument) for argument in sys.argv[1:4])
    counts: dict[str, int] = {}
    with (
        target.open("w", encoding="utf-8") as learnt,
        target.with_suffix(".aside.jsonl").open("w", encoding="utf-8") as aside,
    ):
        for row in all_rows(Sources(sources), excluded(kept_back)):
            held = is_held_back(row.key if row.source in BY_DOCUMENT else fold_question(row.key))
            (aside if held else learnt).write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
            counts[f"{row.source}{' aside' * held}"] = counts.get(f"{row.source}{' aside' * held}", 0) + 1
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
