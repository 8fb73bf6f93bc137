"""What the doctor finds: every thing by itself, with what to do, and never a key."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.cli.doctor import examine
from rag.encoders import load_reader
from rag.settings import Settings
from rag.writing.stream import PAUSES
from tests.chroma_servers import chroma_run
from tests.compared import lamps
from tests.model_server import KEY, model_server


@pytest.fixture(autouse=True)
def fresh() -> None:
    PAUSES.faults.clear()
    PAUSES.until.clear()


def found(**options: object) -> dict[str, tuple[str, str]]:
    shelf = lamps().settings
    settings = Settings(seeds=options.pop("seeds", shelf.seeds), data=shelf.data, **options)  # type: ignore[arg-type]
    findings = list(examine(settings))
    assert KEY not in repr(findings)
    return {finding.what: (finding.state, finding.text) for finding in findings}


def test_without_a_model_all_is_well_and_what_to_set_is_said():
    report = found()
    assert report["Reviews"][0] == report["Index"][0] == report["Search"][0] == "good"
    assert report["Model"][0] == "none" and "RAG_MODEL" in report["Model"][1]


def test_a_reader_without_weights_is_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    missing = tmp_path / "reader.safetensors"
    monkeypatch.setattr("rag.shelf.opening.load_reader", lambda embedder: load_reader(embedder, missing))
    assert found()["Reader"][0] == "off"


def test_a_model_that_answers_is_good():
    with model_server(lambda messages: "ready") as server:
        report = found(openai_api_key=KEY, openai_base_url=server.url, model="openai:writer")
    assert report["Key"][0] == report["Model"][0] == "good" and "writer" in report["Model"][1]


@pytest.mark.parametrize(
    ("model", "advice"), [("401-echoing-the-key", "OPENAI_API_KEY"), ("404", "RAG_MODEL"), ("html", "OPENAI_BASE_URL")]
)
def test_a_model_that_fails_is_off_with_what_to_check(model, advice):
    with model_server() as server:
        state, text = found(openai_api_key=KEY, openai_base_url=server.url, model=f"openai:{model}")["Model"]
    assert state == "off" and advice in text


def test_a_model_without_a_key_is_off():
    assert found(model="openai:gpt")["Model"][0] == "off"


def test_vectors_on_a_server_are_good_with_their_place_and_off_with_what_to_do(tmp_path: Path):
    with chroma_run(tmp_path / "chroma") as server:
        report = found(chroma_url=server.url.replace("//", f"//name:{KEY}@"), chroma_token=KEY)
        assert report["Search"][0] == report["Vectors"][0] == "good" and "127.0.0.1" in report["Vectors"][1]
    report = found(chroma_url=server.url, chroma_token=KEY)
    # It is searched as well as with the server.
    assert report["Search"] == ("good", "by meaning and by words")
    assert report["Vectors"][0] == "off" and "CHROMA_URL" in report["Vectors"][1]


def test_missing_reviews_are_off_and_the_model_is_examined_all_the_same(tmp_path: Path):
    report = found(seeds=tmp_path / "nowhere")
    assert report["Reviews"][0] == "off" and "Model" in report
