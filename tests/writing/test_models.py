"""The contract with a model's endpoint: whatever it does, one result in time, with the right label and no key."""

from __future__ import annotations

import gc
import socket
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import NoReturn

import pytest

from rag.errors import BadSettings, NoModel
from rag.settings import Settings
from rag.writing.faults import Refused, explanation
from rag.writing.models import connect
from rag.writing.stream import PAUSES, LanguageModel, Limits, Message, Reply, Usage
from tests.model_server import KEY, PATIENT, TEXT, ModelServer, limits_for, model_server
from tests.patience import happens

IN_TIME = 30.0
ASKED = [Message("system", "Answer."), Message("user", "What?")]

# Model: (ending, fault).
FAULTS = {
    "400": ("fault", "bad request"),
    "400-context-length": ("fault", "too long"),
    "400-context-size": ("fault", "too long"),
    "401": ("fault", "key refused"),
    "401-echoing-the-key": ("fault", "key refused"),
    "402": ("fault", "quota spent"),
    "403": ("fault", "key refused"),
    "404": ("fault", "unknown model"),
    "408": ("fault", "too slow"),
    "409": ("fault", "overloaded"),
    "422": ("fault", "bad request"),
    "429": ("fault", "rate limited"),
    "429-retry-after-1": ("fault", "rate limited"),
    "429-retry-after-3600": ("fault", "rate limited"),
    "429-retry-after-a-date": ("fault", "rate limited"),
    "429-retry-after-garbage": ("fault", "rate limited"),
    "429-quota": ("fault", "quota spent"),
    "500": ("fault", "overloaded"),
    "502": ("fault", "overloaded"),
    "503": ("fault", "overloaded"),
    "504": ("fault", "overloaded"),
    "redirect-loop": ("fault", "not a model"),
    "redirect-elsewhere": ("fault", "not a model"),
    "html": ("fault", "not a model"),
    "empty-body": ("fault", "not a model"),
    "truncated-json": ("fault", "not a model"),
    "not-utf8": ("fault", "not a model"),
    "error-with-200": ("fault", "not a model"),
    "no-choices": ("fault", "not a model"),
    "empty-choices": ("fault", "not a model"),
    "null-choices": ("fault", "not a model"),
    "null-content": ("fault", "not a model"),
    "null-choice": ("fault", "not a model"),
    "null-delta": ("fault", "not a model"),
    "null-event": ("fault", "not a model"),
    "wrong-field-echoing-the-key": ("fault", "not a model"),
    "content-filter": ("filtered", None),
    "length-stop": ("length", None),
    "30-mb": ("length", None),
    "30-mb-json": ("length", None),
    "packed": ("fault", "not a model"),
    "line-without-end": ("fault", "not a model"),
    "hang-before-headers": ("fault", "too slow"),
    "drip-headers": ("fault", "too slow"),
    "hang-after-headers": ("fault", "too slow"),
    "stall": ("cut", "silent"),
    "drip": ("cut", "too slow"),
    "comments-only": ("fault", "too slow"),
    "comments-after-half": ("cut", "silent"),
    "endless": ("length", None),
    "cut": ("cut", "broken off"),
    "cut-chunked": ("cut", "broken off"),
    "cut-in-a-chunk": ("cut", "broken off"),
    "cut-by-reset": ("cut", "broken off"),
    "cut-with-done": ("cut", "broken off"),
    "nothing-but-done": ("fault", "not a model"),
    "bad-json-line": ("cut", "not a model"),
    "error-event": ("cut", "overloaded"),
    "chunk-not-utf8": ("cut", "not a model"),
    "empty-answer": ("fault", "not a model"),
    "refused-connection": ("fault", "unreachable"),
    "no-such-host": ("fault", "unreachable"),
    "no-connection-in-time": ("fault", "unreachable"),
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
    plugins = request.config.pluginmanager
    reporter, capture = plugins.get_plugin("terminalreporter"), plugins.get_plugin("capturemanager")
    if seen and reporter and capture:
        with capture.global_and_fixture_disabled():
            reporter.write_line("\nfault                        seconds  what the reader sees")
            for name, words, seconds in seen:
                reporter.write_line(f"{name:28} {seconds:7.1f}  {words}")


@pytest.fixture(autouse=True)
def fresh() -> None:
    PAUSES.faults.clear()
    PAUSES.until.clear()


def settings(url: str, **more: object) -> Settings:
    return Settings(openai_api_key=KEY, openai_base_url=url, **more)  # type: ignore[arg-type]


def model(server: ModelServer, name: str, within: Limits | None = None) -> LanguageModel:
    return connect(settings(server.url), f"openai:{name}", within or limits_for(name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def deaf_port() -> Iterator[int]:
    """A port whose queue of connections is full: what knocks is never let in."""
    with ExitStack() as open_until_the_end:
        listening = open_until_the_end.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(3):
            knocking = open_until_the_end.enter_context(socket.socket())
            knocking.setblocking(False)
            knocking.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def address(server: ModelServer, fault: str, deaf_port: int) -> str:
    return {
        "refused-connection": f"http://127.0.0.1:{free_port()}/v1",
        "no-such-host": "http://no-such-host.invalid/v1",
        "no-connection-in-time": f"http://127.0.0.1:{deaf_port}/v1",
        "https-to-http": server.url.replace("http:", "https:"),
    }.get(fault, server.url)


def no_worker() -> bool:
    return not any(thread.name == "language model" for thread in threading.enumerate())


@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "not-http"])
def test_every_fault_ends_in_time_with_its_label_and_no_key(server, fault, deaf_port, caplog, capsys):
    asked = connect(settings(address(server, fault, deaf_port)), f"openai:{fault}", limits_for(fault))
    with caplog.at_level("DEBUG"), warnings.catch_warnings(record=True) as warned:
        began = time.monotonic()
        reply = asked.write(ASKED)
        seconds = time.monotonic() - began
        assert happens(no_worker), "the thread ends with the answer"
    ending, kind = FAULTS[fault]
    assert (reply.ending, reply.fault) == (ending, kind)
    assert seconds < IN_TIME and not reply.complete and len(reply.text) <= PATIENT.characters
    words = explanation(reply.fault, asked.name) if reply.fault else f"labelled: {reply.ending}"
    seen.append((fault, words, seconds))
    written = f"{reply!r} {asked!r} {words} {caplog.text} {capsys.readouterr()} {[str(one.message) for one in warned]}"
    assert KEY not in written and "0123456789abcdef" not in written


def test_what_speaks_no_http_is_a_fault():
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            for _ in range(3):
                connection, _address = listening.accept()
                connection.recv(100)
                connection.sendall(b"220 smtp ready\r\n")
                connection.close()

        threading.Thread(target=answer, daemon=True).start()
        port = listening.getsockname()[1]
        reply = connect(settings(f"http://127.0.0.1:{port}/v1"), "openai:not-http", PATIENT).write(ASKED)
    assert (reply.ending, reply.fault) in [("fault", "broken off"), ("fault", "unreachable")]


def test_an_answer_is_whole_only_when_the_model_says_so(server):
    reply = model(server, "writer").write(ASKED)
    assert (reply.text, reply.ending, reply.complete) == (TEXT, "complete", True)
    assert reply.usage and (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (100, 20)


def test_the_request_is_reproducible_and_bounded(server):
    model(server, "writer-asked").write(ASKED)
    request = next(r for r in server.requests if r["model"] == "writer-asked")
    assert request["temperature"] == 0 and request["seed"] == 7
    assert request.get("max_tokens") or request.get("max_completion_tokens")


@pytest.mark.parametrize(
    ("name", "refused", "tries"),
    [
        ("no-schema", {"response_format"}, 2),
        ("no-temperature", {"temperature"}, 3),
        ("no-wishes", {"response_format", "temperature"}, 4),
    ],
)
def test_what_an_endpoint_refuses_is_left_out_and_not_asked_for_again(name, refused, tries):
    with model_server(lambda messages: TEXT) as own:
        asked = model(own, name)
        for calls in (tries, tries + 1):
            stream = asked.stream(ASKED, {"type": "object"})
            assert "".join(stream) == TEXT and stream.reply.complete and own.asked(name) == calls
        assert not refused & own.requests[-1].keys()
        left = {"response_format", "temperature"} - refused
        assert left <= own.requests[-1].keys()


def test_a_schema_is_sent_as_the_form_of_the_answer(server):
    list(model(server, "shaped").stream(ASKED, {"type": "object"}))
    form = next(r for r in server.requests if r["model"] == "shaped")["response_format"]
    assert (form["type"], form["json_schema"]["schema"]) == ("json_schema", {"type": "object"})


def test_pieces_without_text_are_thinking_and_are_waited_for():
    with model_server(lambda messages: TEXT) as own:
        assert model(own, "thinks", Limits(first_token=1.0)).write(ASKED).text == TEXT


def test_a_server_that_does_not_stream_is_understood(server):
    reply = model(server, "json-in-place-of-a-stream").write(ASKED)
    assert (reply.text, reply.ending) == (TEXT, "complete")


def test_a_character_that_comes_in_two_parts_is_whole(server):
    assert model(server, "split-utf8").write(ASKED).text == "Größe µ α. "


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        *((passing, 3) for passing in ("429", "503", "408", "409", "429-retry-after-garbage")),
        *((lasting, 1) for lasting in ("401", "429-quota", "429-retry-after-3600", "429-retry-after-a-date")),
        *((broken, 1) for broken in ("redirect-loop", "stall", "cut-by-reset")),
        ("400", 2),  # once more without what is wished for
        ("html", 2),  # once more without streaming, as for a server that cannot stream
    ],
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


def test_after_three_faults_in_a_row_a_model_is_left_alone_for_a_while(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(PAUSES, "clock", lambda: now)
    with model_server() as own:
        asked = model(own, "401", Limits())
        assert [asked.write(ASKED).fault for _ in range(4)] == ["key refused"] * 3 + ["paused"]
        assert own.asked("401") == 3
        assert model(own, "writer").write(ASKED).complete, "another model is not left alone"
        now += 59.9
        assert asked.write(ASKED).fault == "paused"
        now += 0.2
        assert asked.write(ASKED).fault == "key refused"


def test_an_answer_between_faults_counts_them_again_and_a_stopped_one_does_not():
    with model_server(lambda messages: TEXT) as own:
        failing = model(own, "401")
        for _ in range(2):
            failing.write(ASKED)
        stopped = failing.stream(ASKED)
        stopped.stop()
        list(stopped)
        assert PAUSES.faults[failing.key] == 2
        good = model(own, "writer")
        PAUSES.faults[good.key] = 2
        good.write(ASKED)
        assert PAUSES.faults[good.key] == 0


@pytest.mark.parametrize("name", ["slow-writer", "stall", "comments-after-half", "endless"])
def test_a_stopped_answer_keeps_what_was_written_and_ends_the_connection(name):
    with model_server(lambda messages: "word " * 200) as own:
        stream = model(own, name, Limits(characters=10**9)).stream(ASKED)
        first = next(iter(stream))
        stream.stop()
        assert (stream.reply.ending, stream.reply.text) == ("stopped", first)
        assert happens(lambda: bool(own.closed)) and happens(no_worker)


def test_an_answer_that_nobody_reads_any_more_ends_its_connection():
    with model_server() as own:
        stream = model(own, "stall", Limits()).stream(ASKED)
        pieces = iter(stream)
        next(pieces)
        del pieces, stream
        gc.collect()
        assert happens(lambda: bool(own.closed)) and happens(no_worker)


@pytest.mark.parametrize("name", ["hang-before-headers", "hang-after-headers", "comments-only"])
def test_what_never_answered_is_hung_up_on(name):
    with model_server() as own:
        model(own, name, Limits(first_token=0.3)).write(ASKED)
        assert happens(lambda: bool(own.closed)) and happens(no_worker)


def test_a_call_that_is_refused_is_not_made_and_says_nothing_of_the_endpoint():
    def refuse(messages: object) -> NoReturn:
        raise Refused("switched off", "writer")

    with model_server() as own:
        refused = replace(model(own, "writer"), meter=refuse)
        PAUSES.faults[refused.key] = 2
        reply = refused.write(ASKED)
        assert (reply.text, reply.ending, reply.fault) == ("", "fault", "switched off")
        assert not own.requests and PAUSES.faults[refused.key] == 2 and not PAUSES.holds(refused.key)


@pytest.mark.parametrize(("name", "calls"), [("writer", 1), ("503-once", 2), ("json-in-place-of-a-stream", 2)])
def test_each_call_is_asked_for_and_told_its_tokens_once_the_answer_is_whole(name, calls):
    told: list[Usage | None] = []
    asked: list[Sequence[Message]] = []

    def meter(messages: Sequence[Message]) -> Callable[[Usage | None], None]:
        asked.append(messages)
        return told.append

    with model_server(lambda messages: TEXT) as own:
        reply = replace(model(own, name), meter=meter).write(ASKED)
        assert asked == [ASKED] * own.asked(name) == [ASKED] * calls
        assert told[-1] == reply.usage == Usage(100, 20)


def test_a_stop_before_the_first_word_or_between_tries_ends_at_once_and_asks_no_more():
    for name in ("hang-before-headers", "429-retry-after-1"):
        with model_server() as own:
            stream = model(own, name, Limits()).stream(ASKED)
            threading.Timer(0.5, stream.stop).start()
            began = time.monotonic()
            assert list(stream) == [] and stream.reply.ending == "stopped"
            assert time.monotonic() - began < 20
            assert happens(no_worker) and own.asked(name) == 1


def test_an_answer_is_asked_for_once_however_often_it_is_read():
    with model_server(lambda messages: TEXT) as own:
        stream = model(own, "writer").stream(ASKED)
        assert "".join(stream) == TEXT and list(stream) == [] and own.asked("writer") == 1


@pytest.mark.parametrize("name", ["whole-then-stall", "whole-then-reset"])
def test_what_the_model_has_ended_is_whole_whatever_the_connection_does_next(server, name):
    reply = model(server, name).write(ASKED)
    assert (reply.text, reply.ending, reply.fault) == (TEXT, "complete", None) and reply.seconds < 20


@pytest.mark.parametrize("name", ["endless", "30-mb", "30-mb-json"])
def test_no_more_than_8000_characters_are_taken_and_the_pieces_are_the_text(server, name):
    stream = model(server, name, Limits()).stream(ASKED)
    pieces = "".join(stream)
    assert pieces == stream.reply.text and len(pieces) == 8000 and stream.reply.ending == "length"


def test_who_reads_slowly_loses_nothing():
    with model_server(lambda messages: TEXT * 3) as own:
        stream = model(own, "slow-writer", Limits(silence=2, step=0.0)).stream(ASKED)
        pieces = iter(stream)
        first = next(pieces)
        time.sleep(2.2)
        assert first + "".join(pieces) == TEXT * 3 and stream.reply.complete


def test_the_log_names_the_kind_of_fault_and_nothing_that_the_endpoint_wrote(server, caplog):
    with caplog.at_level("DEBUG", logger="rag"):
        for name in ("401-echoing-the-key", "error-event", "html"):
            model(server, name).write(ASKED)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("rag")]
    assert len(lines) == 3 and "key refused" in lines[0] and "status 401" in lines[0]
    assert not any(said in "".join(lines) for said in ("Incorrect", "fell over", "It works"))


def test_pieces_come_in_steps_and_add_up_to_the_text():
    with model_server(lambda messages: "word " * 40) as own:
        stream = model(own, "slow-writer", Limits()).stream(ASKED)
        assert "".join(stream) == stream.reply.text == "word " * 40


@pytest.mark.parametrize(
    ("url", "given", "expected"),
    [
        ("https://models.example/v1", {}, (30, 90, 1200)),
        ("http://localhost:9/v1", {}, (120, 300, 1200)),
        ("http://127.0.0.1:9/v1", {}, (120, 300, 1200)),
        ("http://[::1]:9/v1", {"model_seconds": 60}, (60, 60, 1200)),
        ("https://models.example/v1", {"model_first_seconds": 200, "model_tokens": 8000}, (200, 400, 8000)),
    ],
)
def test_limits_are_settings_and_wider_for_a_model_on_this_machine(url, given, expected):
    limits = connect(settings(url, **given), "openai:x").limits
    assert (limits.first_token, limits.whole, limits.tokens) == expected


def test_no_model_is_said_with_what_to_set(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "RAG_MODEL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(NoModel, match="RAG_MODEL"):
        connect(Settings())
    with pytest.raises(NoModel, match="OPENAI_API_KEY"):
        connect(Settings(model="openai:gpt"))
    with pytest.raises(NoModel, match="provider"):
        connect(settings("http://127.0.0.1:9/v1"), "nobody:x")
    with pytest.raises(NoModel, match="package"):
        connect(settings("http://127.0.0.1:9/v1"), "ollama:x")


@pytest.mark.parametrize(
    "url", ["localhost:8000/v1", "http://[::1", "ftp://x/v1", "http://", "http://h:99999/v1", "x y"]
)
def test_an_address_that_is_none_is_said_before_anything_is_sent(url):
    with pytest.raises(NoModel, match="OPENAI_BASE_URL"):
        connect(settings(url), "openai:x")


def test_a_key_is_taken_without_its_line_end_and_one_that_no_header_holds_is_refused(server):
    good = Settings(openai_api_key=f" {KEY}\n", openai_base_url=f"{server.url}\n")  # type: ignore[arg-type]
    assert connect(good, "openai:writer", PATIENT).write(ASKED).complete
    for key in (f"{KEY}\nX: y", f"{KEY}é"):
        with pytest.raises(NoModel, match="OPENAI_API_KEY") as caught:
            connect(Settings(openai_api_key=key, openai_base_url=server.url), "openai:x")  # type: ignore[arg-type]
        assert KEY not in str(caught.value)


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


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (f"OPENAI_API_KEY = {KEY}", "secrets.toml"),
        (f'OPENAI_API_KEY = ["{KEY}"]', "OPENAI_API_KEY"),
        (f'RAG_SEED = "{KEY}"', "RAG_SEED"),
        ("a = " + "[" * 5000, "secrets.toml"),
        (b"\xff\xfe", "secrets.toml"),
    ],
)
def test_settings_that_cannot_be_read_are_named_without_what_they_hold(tmp_path, monkeypatch, content, named):
    file = tmp_path / "secrets.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setattr("rag.settings.SECRETS", file)
    for name in ("OPENAI_API_KEY", "RAG_SEED"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(BadSettings, match=named) as caught:
        Settings()
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value.__context__)


def test_a_folder_in_the_place_of_the_secrets_is_said_and_none_is_no_fault(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.settings.SECRETS", tmp_path)
    with pytest.raises(BadSettings, match="opened"):
        Settings()
    monkeypatch.setattr("rag.settings.SECRETS", tmp_path / "none" / "secrets.toml")
    assert Settings().seed == 7


def test_cost_is_told_only_where_the_price_is_known(server):
    reply: Reply = model(server, "writer").write(ASKED)
    assert reply.usage and model(server, "writer").cost(reply.usage) is None
    priced = connect(settings(server.url, model_prices="1.00/10"), "openai:writer", PATIENT)
    assert priced.cost(reply.usage) == pytest.approx((100 + 200) / 1e6)
