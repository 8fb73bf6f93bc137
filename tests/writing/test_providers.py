"""Each provider is asked in its own shape, and what it tells in its own words means the same here."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest

from rag.errors import NoModel
from rag.pipeline import ask
from rag.settings import Settings
from rag.writing.models import LOCAL, connect
from rag.writing.stream import PAUSES, LanguageModel, Limits, Message, Usage
from tests.engine import invented
from tests.model_server import KEY, PATIENT, as_json, faithful, model_server
from tests.provider_server import CACHED, ProviderServer, provider_server

ASKED = [Message("system", "Be brief."), Message("user", "What?")]
TEXT = "The first half of an answer. The second half of it."
QUESTION = "What does the phage cocktail PT-41 do to the infection?"
PACKAGES = {"anthropic": "langchain_anthropic", "google_genai": "langchain_google_genai", "ollama": "langchain_ollama"}
# Where each takes the form of its answer, and its temperature if it is sent with each call.
FORM = {
    "azure_openai": "response_format.json_schema.schema",
    "openai_responses": "text.format.schema",
    "anthropic": "output_config.format.schema",
    "google_genai": "generationConfig.responseJsonSchema",
    "ollama": "format",
}
TEMPERATURE = {
    "azure_openai": "temperature",
    "openai_responses": "temperature",
    "anthropic": "temperature",
    "google_genai": "generationConfig.temperature",
    "ollama": "options.temperature",
}
LIMIT = {
    "azure_openai": "max_completion_tokens",
    "openai_responses": "max_output_tokens",
    "anthropic": "max_tokens",
    "google_genai": "generationConfig.maxOutputTokens",
    "ollama": "options.num_predict",
}


@pytest.fixture(autouse=True)
def fresh() -> None:
    PAUSES.faults.clear()
    PAUSES.until.clear()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderServer]:
    with provider_server(lambda messages: TEXT) as running:
        for variable in ("ANTHROPIC_BASE_URL", "GOOGLE_GEMINI_BASE_URL", "OLLAMA_HOST", "AZURE_OPENAI_ENDPOINT"):
            monkeypatch.setenv(variable, running.url)
        for variable in ("ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "AZURE_OPENAI_API_KEY"):
            monkeypatch.setenv(variable, KEY)
        monkeypatch.setenv("OPENAI_API_VERSION", "2025-04-01-preview")
        yield running


@pytest.fixture(params=FORM)
def provider(request: pytest.FixtureRequest) -> str:
    package = PACKAGES.get(request.param)
    if package and not find_spec(package):
        pytest.skip(f"{package} is not installed: it is an extra of its own")
    return str(request.param)


def model(server: ProviderServer, provider: str, within: Limits | None = PATIENT) -> LanguageModel:
    url = f"{server.url}/v1" if provider == "openai_responses" else None
    settings = Settings(openai_api_key=KEY, openai_base_url=url)  # type: ignore[arg-type]
    # What an endpoint grants is remembered by the name of its model.
    return connect(settings, f"{provider}:{server.url.rpartition(':')[2]}", within)


def at(body: dict[str, Any], path: str) -> Any:
    value: Any = body
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def test_an_answer_is_whole_with_its_tokens_and_is_asked_for_reproducibly_and_within_its_limit(server, provider):
    reply = model(server, provider).write(ASKED)
    assert (reply.text, reply.ending, reply.fault) == (TEXT, "complete", None)
    assert reply.usage == Usage(100, 20, 0 if provider == "ollama" else CACHED)
    (body,) = server.bodies
    assert at(body, TEMPERATURE[provider]) == 0 and at(body, LIMIT[provider]) == PATIENT.tokens
    assert at(body, FORM[provider]) is None


def test_what_ends_at_its_limit_says_so(server, provider):
    server.ends = "length"
    reply = model(server, provider).write(ASKED)
    assert (reply.text, reply.ending) == (TEXT, "length")


def test_a_written_answer_has_the_form_that_the_provider_takes(server, provider):
    server.writer = as_json(faithful)
    answer = ask(QUESTION, invented().library, model=model(server, provider))
    assert {sentence.support for sentence in answer.sentences} == {"supported"} and answer.written
    form = at(server.bodies[-1], FORM[provider])
    cited = form["properties"]["sentences"]["items"]["properties"]["ids"]["items"]["enum"]
    assert cited == [name for name, _, _ in answer.written.evidence] and answer.written.raw.startswith("{")


def test_what_is_refused_is_left_out_and_not_asked_for_again(server, provider):
    # Its package sends a temperature with whatever is asked of Google; Ollama takes one of any model.
    always = ("google_genai", "ollama")
    server.writer = faithful
    server.refuses = frozenset([FORM[provider], *([] if provider in always else [TEMPERATURE[provider]])])
    asked = model(server, provider)
    answer = ask(QUESTION, invented().library, model=asked)
    assert {sentence.support for sentence in answer.sentences} == {"supported"}
    tries = len(server.bodies)
    ask(QUESTION, invented().library, model=asked)
    assert len(server.bodies) == tries + 1 and at(server.bodies[-1], FORM[provider]) is None


@pytest.mark.parametrize("provider", ["azure_openai", "openai_responses"])
def test_an_endpoint_that_hangs_up_after_a_refusal_is_asked_over_another_connection(server, provider):
    server.refuses, server.lingers = frozenset([FORM[provider], TEMPERATURE[provider]]), 0.1
    reply = model(server, provider).stream(ASKED, {"type": "object"})
    assert "".join(reply) == TEXT and len(server.bodies) == 4


@pytest.mark.parametrize(("status", "fault"), [(401, "key refused"), (404, "unknown model"), (429, "rate limited")])
def test_what_a_provider_refuses_with_has_its_label_and_no_key(server, provider, status, fault, caplog):
    server.status = status
    with caplog.at_level("DEBUG"):
        reply = model(server, provider, Limits(before_retry=0.01, retries=0)).write(ASKED)
    assert (reply.ending, reply.fault) == ("fault", fault)
    assert KEY not in f"{reply!r} {caplog.text}"


def test_a_stopped_answer_keeps_what_was_written(server, provider):
    server.writer = lambda messages: "A word. " * 400
    stream = model(server, provider).stream(ASKED)
    begun = next(iter(stream))
    stream.stop()
    assert stream.reply.ending == "stopped" and stream.reply.text.startswith(begun)


def test_responses_are_not_kept_by_the_provider(server):
    model(server, "openai_responses").write(ASKED)
    assert server.bodies[0]["store"] is False


def test_a_model_of_ollama_on_this_machine_has_the_wider_limits(server, monkeypatch):
    pytest.importorskip("langchain_ollama")
    assert model(server, "ollama", None).limits.whole == LOCAL.whole
    monkeypatch.setenv("OLLAMA_HOST", "models.example:11434")
    assert model(server, "ollama", None).limits.whole < LOCAL.whole


def test_a_provider_without_its_package_says_which_one_to_install():
    missing = [name for name, package in PACKAGES.items() if not find_spec(package)]
    for name in [*missing, "nobody"]:
        with pytest.raises(NoModel, match=r"install|No provider"):
            connect(Settings(), f"{name}:m")


@pytest.mark.parametrize("name", ["vllm", "llama.cpp"])
def test_servers_of_open_weights_answer_and_say_what_is_too_long_in_their_own_shape(name):
    with model_server(lambda messages: TEXT) as own:
        for behaviour, expected in ((name, (TEXT, "complete", None)), (f"{name}, too long", ("", "fault", "too long"))):
            own.behaviour = behaviour
            reply = connect(Settings(openai_base_url=own.url), f"openai:{behaviour}", PATIENT).write(ASKED)
            assert (reply.text, reply.ending, reply.fault) == expected
