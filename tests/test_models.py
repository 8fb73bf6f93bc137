"""The contract with a model's endpoint: whatever it does, one result in time, with the right label and no key."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from rag.errors import BadSettings, NoModel
from rag.faults import explanation, redacted
from rag.models import PAUSES, LanguageModel, Limits, Message, Reply, connect
from rag.settings import Settings
from tests.model_server import KEY, TEXT, ModelServer, model_server

SHORT = Limits(connect=1, first_token=1.2, silence=0.8, whole=2.5, longest_wait=2, characters=2000, pause=1.0)
# The whole answer, and what a busy machine may add.
IN_TIME = SHORT.whole + 2.0
ASKED = [Message("system", "Answer."), Message("user", "What?")]

# Model: (ending, fault).
FAULTS = {
    "400": ("fault", "bad request"),
    "400-context-length": ("fault", "too long"),
    "401": ("fault", "key refused"),
    "401-echoing-the-key": ("fault", "key refused"),
    "403": ("fault", "key refused"),
    "404": ("fault", "unknown model"),
    "408": ("fault", "too slow"),
    "409": ("fault", "overloaded"),
    "422": ("fault", "bad request"),
    "429": ("fault", "rate limited"),
    "429-retry-after-1": ("fault", "rate limited"),
    "429-retry-after-3600": ("fault", "rate limited"),
    "429-quota": ("fault", "quota spent"),
    "500": ("fault", "overloaded"),
    "502": ("fault", "overloaded"),
    "503": ("fault", "overloaded"),
    "504": ("fault", "overloaded"),
    "redirect-loop": ("fault", "not a model"),
    "html": ("fault", "not a model"),
    "empty-body": ("fault", "not a model"),
    "truncated-json": ("fault", "not a model"),
    "not-utf8": ("fault", "not a model"),
    "error-with-200": ("fault", "not a model"),
    "no-choices": ("fault", "not a model"),
    "empty-choices": ("fault", "not a model"),
    "null-choices": ("fault", "not a model"),
    "null-content": ("fault", "not a model"),
    "content-filter": ("filtered", None),
    "length-stop": ("length", None),
    "30-mb": ("length", None),
    "hang-before-headers": ("fault", "too slow"),
    "hang-after-headers": ("fault", "too slow"),
    "stall": ("cut", "silent"),
    "drip": ("cut", "too slow"),
    "comments-only": ("fault", "too slow"),
    "comments-after-half": ("cut", "silent"),
    "endless": ("length", None),
    "cut": ("cut", "broken off"),
    "cut-with-done": ("cut", "broken off"),
    "nothing-but-done": ("fault", "not a model"),
    "bad-json-line": ("cut", "not a model"),
    "error-event": ("cut", "overloaded"),
    "chunk-not-utf8": ("cut", "not a model"),
    "empty-answer": ("fault", "not a model"),
    "refused-connection": ("fault", "unreachable"),
    "no-such-host": ("fault", "unreachable"),
    "https-to-http": ("fault", "no secure connection"),
    "not-http": ("fault", "broken off"),
}
seen: list[tuple[str, str, float]] = []


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with model_server(lambda messages: TEXT) as running:
        yield running


@pytest.fixture(scope="module", autouse=True)
def table(request: pytest.FixtureRequest) -> Iterator[None]:
    """Print what a reader sees of each fault, and after how long."""
    yield
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if seen and reporter:
        reporter.write_line("\nfault                   seconds  what the reader sees")
        for name, words, seconds in seen:
            reporter.write_line(f"{name:22} {seconds:8.1f}  {words}")


@pytest.fixture(autouse=True)
def fresh() -> None:
    PAUSES.faults.clear()
    PAUSES.until.clear()


def settings(url: str, **more: object) -> Settings:
    return Settings(openai_api_key=KEY, openai_base_url=url, **more)  # type: ignore[arg-type]


def model(server: ModelServer, name: str, limits: Limits = SHORT) -> LanguageModel:
    return connect(settings(server.url), f"openai:{name}", limits)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def address(server: ModelServer, fault: str) -> str:
    return {
        "refused-connection": f"http://127.0.0.1:{free_port()}/v1",
        "no-such-host": "http://no-such-host.invalid/v1",
        "https-to-http": server.url.replace("http:", "https:"),
    }.get(fault, server.url)


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "not-http"])
def test_every_fault_ends_in_time_with_its_label_and_no_key(server, fault, caplog, capsys):
    asked = connect(settings(address(server, fault)), f"openai:{fault}", SHORT)
    began = time.monotonic()
    reply = asked.write(ASKED)
    seconds = time.monotonic() - began
    ending, kind = FAULTS[fault]
    assert (reply.ending, reply.fault) == (ending, kind)
    assert seconds < IN_TIME and not reply.complete and len(reply.text) <= SHORT.characters
    words = explanation(reply.fault, asked.name) if reply.fault else f"labelled: {reply.ending}"
    seen.append((fault, words, seconds))
    written = f"{reply!r} {asked!r} {words} {caplog.text} {capsys.readouterr()}"
    assert KEY not in written and "0123456789abcdef" not in written


def test_what_speaks_no_http_is_a_fault():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        import threading

        def answer() -> None:
            for _ in range(3):
                connection, _address = listening.accept()
                connection.recv(100)
                connection.sendall(b"220 smtp ready\r\n")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        port = listening.getsockname()[1]
        reply = connect(settings(f"http://127.0.0.1:{port}/v1"), "openai:not-http", SHORT).write(ASKED)
    assert (reply.ending, reply.fault) in [("fault", "broken off"), ("fault", "unreachable")]


def test_an_answer_is_whole_only_when_the_model_says_so(server):
    reply = model(server, "writer").write(ASKED)
    assert (reply.text, reply.ending, reply.complete) == (TEXT, "complete", True)
    assert reply.usage and (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (100, 20)
    assert reply.first_token_seconds is not None and reply.first_token_seconds <= reply.seconds


def test_the_request_is_reproducible_and_bounded(server):
    model(server, "writer-asked").write(ASKED)
    request = next(r for r in server.requests if r["model"] == "writer-asked")
    assert request["temperature"] == 0 and request["seed"] == 7
    assert request.get("max_tokens") or request.get("max_completion_tokens")


def test_a_server_that_does_not_stream_is_understood(server):
    reply = model(server, "json-in-place-of-a-stream").write(ASKED)
    assert (reply.text, reply.ending) == (TEXT, "complete")


def test_a_character_that_comes_in_two_parts_is_whole(server):
    assert model(server, "split-utf8").write(ASKED).text == "Größe µ α. "


@pytest.mark.parametrize(
    ("name", "calls"), [("429", 3), ("503", 3), ("401", 1), ("429-quota", 1), ("429-retry-after-3600", 1), ("stall", 1)]
)
def test_what_may_pass_is_tried_twice_more_and_nothing_else(name, calls):
    with model_server() as own:
        model(own, name).write(ASKED)
        assert own.asked(name) == calls


@pytest.mark.parametrize("name", ["429-once", "503-once", "429-once-retry-after-1"])
def test_a_fault_that_passes_is_not_seen(name):
    with model_server(lambda messages: TEXT) as own:
        began = time.monotonic()
        assert model(own, name, Limits()).write(ASKED).text == TEXT
        assert time.monotonic() - began >= (1 if name.endswith("1") else 0)


def test_after_three_faults_in_a_row_a_model_is_left_alone_for_a_while():
    with model_server() as own:
        asked = model(own, "401")
        assert [asked.write(ASKED).fault for _ in range(4)] == ["key refused"] * 3 + ["paused"]
        assert own.asked("401") == 3
        time.sleep(SHORT.pause)
        assert asked.write(ASKED).fault == "key refused"


def test_a_stopped_answer_keeps_what_was_written_and_ends_the_connection():
    with model_server(lambda messages: "word " * 200) as own:
        stream = model(own, "slow-writer", Limits()).stream(ASKED)
        first = next(iter(stream))
        stream.stop()
        assert (stream.reply.ending, stream.reply.text) == ("stopped", first)
        stopped = time.monotonic()
        while not own.closed and time.monotonic() - stopped < 3:
            time.sleep(0.05)
        assert own.closed and own.closed[0] - stopped < 2


def test_pieces_come_in_steps_and_add_up_to_the_text():
    with model_server(lambda messages: "word " * 40) as own:
        stream = model(own, "slow-writer", Limits()).stream(ASKED)
        assert "".join(stream) == stream.reply.text == "word " * 40


def test_no_model_is_said_with_what_to_set(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RAG_MODEL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoModel, match="RAG_MODEL"):
        connect(Settings())
    with pytest.raises(NoModel, match="OPENAI_API_KEY"):
        connect(Settings(model="openai:gpt"))
    with pytest.raises(NoModel, match="provider"):
        connect(Settings(openai_api_key=KEY), "nobody:x").write(ASKED)  # type: ignore[arg-type]


def test_secrets_are_read_from_the_file_after_the_environment(tmp_path, monkeypatch):
    file = tmp_path / "secrets.toml"
    file.write_text(f'OPENAI_API_KEY = "{KEY}"\nRAG_MODEL = "openai:from-file"\nOTHER = 1\n')
    monkeypatch.setattr("rag.settings.SECRETS", file)
    for name in ("OPENAI_API_KEY", "RAG_MODEL"):
        monkeypatch.delenv(name, raising=False)
    found = Settings()
    assert found.model == "openai:from-file" and found.openai_api_key and KEY not in repr(found)
    monkeypatch.setenv("RAG_MODEL", "openai:from-environment")
    assert Settings().model == "openai:from-environment"
    file.write_text(f"OPENAI_API_KEY = {KEY}")
    with pytest.raises(BadSettings) as caught:
        Settings()
    assert KEY not in str(caught.value)


def test_keys_are_taken_out_of_any_text():
    assert KEY not in redacted(f"Bearer {KEY} and sk-abcdefghijkl", [KEY])
    assert "abcdefghijkl" not in redacted("sk-abcdefghijkl", [])


def test_cost_is_told_only_where_the_price_is_known(server):
    reply: Reply = model(server, "writer").write(ASKED)
    assert reply.usage and model(server, "writer").cost(reply.usage) is None
    priced = connect(settings(server.url, model_prices="1.00/10"), "openai:writer", SHORT)
    assert priced.cost(reply.usage) == pytest.approx((100 + 200) / 1e6)
