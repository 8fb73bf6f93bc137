"""What a model writes for questions becomes figures, and its sentences a list to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.evaluation.composing import compose, composed_report, composed_text
from rag.pipeline import ask
from rag.settings import Settings
from rag.writing.models import connect
from rag.writing.stream import PAUSES, LanguageModel
from tests.engine import invented
from tests.evaluation.test_answering import written
from tests.model_server import KEY, Messages, ModelServer, evidence, limits_for, model_server

QUESTION = "What does the phage cocktail PT-41 do to the infection?"


def says_one_of_each(messages: Messages) -> str:
    """Write a quote, and what no quote carries."""
    first = evidence(messages)[0]
    return f"{first['quote'].rstrip('.')} [{first['id']}]. Aspirin cures 99% of all phages [{first['id']}]."


@pytest.fixture
def server() -> Iterator[ModelServer]:
    PAUSES.faults.clear()
    PAUSES.until.clear()
    with model_server(says_one_of_each) as running:
        yield running


def model(server: ModelServer, name: str = "writer") -> LanguageModel:
    settings = Settings(openai_api_key=KEY, openai_base_url=server.url, model_prices="1/2")  # type: ignore[arg-type]
    return connect(settings, f"openai:{name}", limits_for(name))


def sought(folder: Path) -> Path:
    """Return a file with a question whose evidence is the first quote, and one that another sentence answers."""
    library = invented().library
    quote = ask(QUESTION, library).citations[0].quote
    paper = Path(library.index.reviews[quote.review_id].files[0]).stem
    lines = [{"question": QUESTION, "pmcid": paper, "evidence": text} for text in (quote.text, "Owls hunt at night.")]
    return written(folder, *map(json.dumps, lines), '{"question": "What does Yescarta cost?", "absent": true}')


def test_sentences_are_counted_by_how_they_stand_and_held_against_the_evidence(server, tmp_path):
    library = invented().library
    report = composed_report(compose(sought(tmp_path), library, model(server)), library)
    figures = report["all"]
    assert (figures["questions"], figures["asked of the model"], figures["answered in prose"]) == (3, 2, 2)
    assert [figures[name] for name in ("sentences", "supported", "weak", "struck")] == [4, 2, 0, 2]
    assert figures["supported, off the evidence"] == 1 and figures["quotes cited"] == 2
    assert (figures["tokens read"], figures["of these kept from before"], figures["tokens written"]) == (200, 0, 40)
    assert figures["US dollars"] == pytest.approx(280 / 1e6)
    read = report["sentences"]
    assert [one["support"] for one in read] == ["supported", "struck"] * 2
    assert [one["off the evidence"] for one in read] == [False, False, True, False]
    assert read[0]["quotes"] and "99%" in read[1]["reason"]


def test_a_file_without_evidence_and_a_model_that_fails_have_figures_too(server, tmp_path):
    library = invented().library
    path = written(tmp_path, json.dumps({"kind": "fact", "question": QUESTION}))
    figures = composed_report(compose(path, library, model(server, "500")), library)["all"]
    assert (figures["answered in prose"], figures["quotes in its place"], figures["sentences"]) == (0, 1, 0)
    assert figures["supported, off the evidence"] is None and figures["tokens read"] is None
    assert "quotes in its place" in composed_text(compose(path, library, model(server)), library)
