"""Where the public sources of the training lie below one folder: one folder a source, as its repository has it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sources:
    """The folder of all sources."""

    folder: Path

    @property
    def trials(self) -> Path:
        """Evidence Inference 2.0 (github.com/jayded/evidence-inference)."""
        return self.folder / "ei" / "annotations"

    @property
    def bioasq_abstracts(self) -> Path:
        """Abstracts with BioASQ's snippets (github.com/SamyAteia/bioasq2024)."""
        return self.folder / "training" / "datasets"

    @property
    def bioasq(self) -> Path:
        """BioASQ 7B to 11B, one question a line."""
        return self.folder / "bioasq.jsonl"

    @property
    def bioasq_golden(self) -> list[Path]:
        """BioASQ 12B (github.com/MattMorgis/bioasq-rag)."""
        return sorted((self.folder / "bioasq12").rglob("12B*_golden.json"))

    @property
    def scifact(self) -> Path:
        """SciFact (github.com/suzhentxt/healthver_mcqa)."""
        return self.folder / "hv" / "data" / "scifact"

    @property
    def check_covid(self) -> Path:
        """Check-COVID (github.com/posuer/Check-COVID)."""
        return self.folder / "checkcovid" / "Check-COVID"

    @property
    def pubmedqa(self) -> Path:
        """PubMedQA's labelled questions (github.com/pubmedqa/pubmedqa)."""
        return self.folder / "pubmedqa+pubmedqa" / "data" / "ori_pqal.json"

    @property
    def covid_qa(self) -> Path:
        """COVID-QA (github.com/deepset-ai/COVID-QA)."""
        return self.folder / "covidqa" / "data" / "question-answering" / "200423_covidQA.json"

    @property
    def pairs(self) -> list[Path]:
        """MNLI as in TaxiNLI (github.com/microsoft/TaxiNLI)."""
        return sorted((self.folder / "taxinli").glob("taxinli10k*.tsv"))

    @property
    def pages(self) -> Path:
        """Articles as NAME.pdf and NAME.xml, JATS (github.com/petermr/tigr2ess, …/openDiagram, …/dictionary)."""
        return self.folder / "pages"
