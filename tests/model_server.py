"""A server on loopback that speaks the protocol of chat models, well or badly: the model's name selects how.

`writer(messages)` writes what a well-behaved model answers. Faults are functions of the request's handler.
"""

from __future__ import annotations

import gzip
import json
import re
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from rag.writing.stream import Limits

KEY = "sk-test-0123456789abcdef"
Messages = list[dict[str, str]]
Writer = Callable[[Messages], str]
TEXT = "The first half of an answer. The second half of it."
# So patient that what answers at all does so in time on the busiest machine.
PATIENT = Limits(connect=30, first_token=60, silence=60, whole=90, longest_wait=2, before_retry=0.05)
# What never comes is waited for so briefly.
_BRIEFLY = {
    "first_token": (1.0, ("hang-before-headers", "drip-headers", "hang-after-headers", "comments-only")),
    "silence": (0.3, ("stall", "comments-after-half")),
    "whole": (2.0, ("drip",)),
    "usage": (0.3, ("whole-then-stall", "whole-then-reset")),
    "connect": (0.2, ("no-connection-in-time",)),
}


def limits_for(model: str) -> Limits:
    """Return the limits within which a model shows how it behaves."""
    return replace(PATIENT, **{limit: seconds for limit, (seconds, models) in _BRIEFLY.items() if model in models})


def evidence(messages: Messages) -> list[dict[str, Any]]:
    """Return the evidence that a request holds, as a model would read it."""
    lines = messages[-1]["content"].splitlines()
    return [json.loads(line) for line in lines if line.startswith('{"id"')]


def as_json(writer: Writer) -> Writer:
    """Return a writer that puts each line of another, "sentence [id]", into the form that its schema asks for."""

    def writes(messages: Messages) -> str:
        found = re.findall(r"(.+?)((?: ?\[\w+\])*)\.(?: |$)", writer(messages))
        sentences = [{"text": f"{text}.", "ids": re.findall(r"\w+", ids)} for text, ids in found]
        return json.dumps({"sentences": sentences})

    return writes


def faithful(messages: Messages) -> str:
    """Write each quote as a sentence that names it."""
    if "last question" in messages[-1]["content"]:
        return "ask something else"
    return " ".join(f"{one['quote'].rstrip('.')} [{one['id']}]." for one in evidence(messages)) or "NOT IN THE EVIDENCE"


@dataclass
class ModelServer:
    """A running server: where it is, what it was asked, what a well-behaved model writes."""

    url: str
    writer: Writer = faithful
    # How it behaves, where the name of the model does not tell.
    behaviour: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    closed: list[float] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def asked(self, model: str) -> int:
        return sum(request["model"] == model for request in self.requests)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ModelServer

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.state.requests.append(body)
        try:
            BEHAVIOURS.get(self.state.behaviour or body["model"], _writes)(self, body)
        except (BrokenPipeError, ConnectionResetError):
            self.state.closed.append(time.monotonic())
        self.close_connection = True

    def json(self, value: object, status: int = 200, **headers: str) -> None:
        self.raw(json.dumps(value).encode(), status, "application/json", **headers)

    def raw(self, data: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Connection", "close")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, data: bytes) -> None:
        self.wfile.write(b"data: " + data + b"\n\n")
        self.wfile.flush()

    def says(self, text: str | None, finish: str | None = None) -> None:
        self.event(json.dumps(_chunk(text, finish)).encode())

    def chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def wait(self, seconds: float) -> None:
        """Wait, and notice when the other side ends the connection."""
        until = time.monotonic() + seconds
        while not self.state.ending.is_set() and (left := until - time.monotonic()) > 0:
            heard = select.select([self.connection], [], [], min(left, 0.05))[0]
            if heard and not self.connection.recv(1, socket.MSG_PEEK):
                raise ConnectionResetError


def _chunk(text: str | None, finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"role": "assistant", "content": text}, "finish_reason": finish}
    return {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def _whole(text: str | None, finish: str = "stop") -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


def _writes(to: _Handler, body: dict[str, Any], pause: float = 0.0) -> None:
    text = to.state.writer(body["messages"])
    to.begin()
    for at in range(0, len(text), 40):
        to.says(text[at : at + 40])
        to.wait(pause)
    to.says(None, "stop")
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    to.event(json.dumps({**_chunk(""), "choices": [], "usage": usage}).encode())
    to.event(b"[DONE]")


def _status(status: int, code: str = "", message: str = "refused", **headers: str) -> Any:
    def answer(to: _Handler, body: dict[str, Any]) -> None:
        said = message.replace("{key}", to.headers.get("Authorization", ""))
        to.json({"error": {"message": said, "type": code or "error", "code": code or None}}, status, **headers)

    return answer


def _with_200(data: bytes, kind: str = "application/json") -> Any:
    return lambda to, body: to.raw(data, kind=kind)


def _choices(choices: object) -> Any:
    return lambda to, body: to.json({**_whole(""), "choices": choices})


def _streams(*steps: Any) -> Any:
    """Return a behaviour that does some steps after the head of a stream: text, bytes of an event, or a function."""

    def answer(to: _Handler, body: dict[str, Any]) -> None:
        to.begin()
        for step in steps:
            if callable(step):
                step(to)
            elif isinstance(step, bytes):
                to.event(step)
            else:
                to.says(step)

    return answer


def _endlessly(do: Callable[[_Handler], None], every: float = 0.0) -> Callable[[_Handler], None]:
    def steps(to: _Handler) -> None:
        while not to.state.ending.is_set():
            do(to)
            to.wait(every)

    return steps


def _comment(to: _Handler) -> None:
    to.wfile.write(b": still here\n\n")
    to.wfile.flush()


def _split(to: _Handler) -> None:
    """Send a text cut in the middle of a character."""
    data = b"data: " + json.dumps(_chunk("Größe µ α. "), ensure_ascii=False).encode() + b"\n\n"
    for at in range(0, len(data), 7):
        to.wfile.write(data[at : at + 7])
        to.wfile.flush()
        to.wait(0.005)
    to.says(None, "stop")
    to.event(b"[DONE]")


def _first_fails(status: int, **headers: str) -> Any:
    """Return a behaviour that fails once and then writes."""

    def answer(to: _Handler, body: dict[str, Any]) -> None:
        if to.state.asked(body["model"]) == 1:
            _status(status, **headers)(to, body)
        else:
            _writes(to, body)

    return answer


def _refuses(*names: str) -> Any:
    """Return a behaviour that takes no request with one of these parameters."""

    def answer(to: _Handler, body: dict[str, Any]) -> None:
        if body.keys() & {*names}:
            _status(400, "unsupported_parameter")(to, body)
        else:
            _writes(to, body)

    return answer


def _reads_little(to: _Handler, body: dict[str, Any]) -> None:
    """Take no more evidence than a small model has room for."""
    if len(evidence(body["messages"])) > 1:
        _status(400, "context_length_exceeded", "maximum context length is 512 tokens")(to, body)
    else:
        _writes(to, body)


def _thinks(to: _Handler, body: dict[str, Any]) -> None:
    """Send for two seconds what a model thinks, as vLLM and llama.cpp do, and then write."""
    text = to.state.writer(body["messages"])
    to.begin()
    for _ in range(8):
        chunk = _chunk(None)
        chunk["choices"][0]["delta"]["reasoning_content"] = "Hm. "
        to.event(json.dumps(chunk).encode())
        to.wait(0.25)
    to.says(text)
    to.says(None, "stop")
    to.event(b"[DONE]")


def _vllm(to: _Handler, body: dict[str, Any]) -> None:
    """Answer as vLLM does: an empty piece first, counts that grow with every piece."""
    text = to.state.writer(body["messages"])
    to.begin()
    for number, piece in enumerate(["", text[:20], text[20:]]):
        chunk = _chunk(piece) | {"usage": {"prompt_tokens": 100, "completion_tokens": 10 * number, "total_tokens": 100}}
        chunk["choices"][0]["delta"]["reasoning_content"] = None
        chunk["choices"][0] |= {"logprobs": None, "stop_reason": None}
        to.event(json.dumps(chunk).encode())
    last = _chunk("", "stop")
    to.event(
        json.dumps(last | {"usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}}).encode()
    )
    to.event(b"[DONE]")


def _llama_cpp(to: _Handler, body: dict[str, Any]) -> None:
    """Answer as llama.cpp's server does: no content in the first piece, times and counts in the last one."""
    text = to.state.writer(body["messages"])
    to.begin()
    to.says(None)
    to.says(text)
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    last = _chunk(None, "stop") | {"usage": usage, "timings": {"prompt_n": 100, "predicted_n": 20}}
    last["choices"][0]["delta"] = {}
    to.event(json.dumps(last).encode())
    to.event(b"[DONE]")


def _refused(error: dict[str, Any]) -> Any:
    return lambda to, body: to.json({"error": error}, 400)


def _once_json(to: _Handler, body: dict[str, Any]) -> None:
    to.json(_whole(to.state.writer(body["messages"])))


def _redirects(to: _Handler, body: dict[str, Any]) -> None:
    to.raw(b"", 307, Location=to.path)


def _resets(to: _Handler) -> None:
    """Break the connection off as a machine does that fell over."""
    to.wait(0.1)  # or what was written before is lost with the rest
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()


def _chunked(*ends: bytes) -> Any:
    """Return a behaviour that streams half an answer in chunks and ends with these bytes."""

    def answer(to: _Handler, body: dict[str, Any]) -> None:
        to.send_response(200)
        to.send_header("Content-Type", "text/event-stream")
        to.send_header("Transfer-Encoding", "chunked")
        to.end_headers()
        to.chunk(b"data: " + json.dumps(_chunk(_HALF)).encode() + b"\n\n")
        for end in ends:
            to.wfile.write(end)

    return answer


def _drips_headers(to: _Handler, body: dict[str, Any]) -> None:
    to.send_response(200)
    to.flush_headers()
    _endlessly(lambda to: to.wfile.write(b"X-Wait: still\r\n") and None, 0.1)(to)


def _line_without_end(to: _Handler) -> None:
    to.wfile.write(b"data: ")
    _endlessly(lambda to: to.wfile.write(b"x" * 65536) and None)(to)


def _packed(to: _Handler, body: dict[str, Any]) -> None:
    to.raw(gzip.compress(b" " * 50_000_000, 1), Content_Encoding="gzip")


def _echoes_in_a_wrong_field(to: _Handler, body: dict[str, Any]) -> None:
    to.begin()
    said = to.headers.get("Authorization", "")
    to.event(json.dumps({**_chunk(_HALF), "usage": said, "choices": {said: said}}).encode())


def _elsewhere(to: _Handler, body: dict[str, Any]) -> None:
    to.raw(b"", 302, Location="http://elsewhere.invalid/login")


_HALF = "The first half of an answer. The second"
BEHAVIOURS: dict[str, Callable[[_Handler, dict[str, Any]], None]] = {
    "slow-writer": lambda to, body: _writes(to, body, pause=0.15),
    "json-in-place-of-a-stream": _once_json,
    "no-schema": _refuses("response_format"),
    "no-temperature": _refuses("temperature"),
    "no-wishes": _refuses("response_format", "temperature"),
    "thinks": _thinks,
    "reads-little": _reads_little,
    "vllm": _vllm,
    "vllm, too long": lambda to, body: to.json(
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
            "type": "BadRequestError",
            "param": None,
            "code": 400,
        },
        400,
    ),
    "llama.cpp": _llama_cpp,
    "llama.cpp, too long": _refused(
        {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
            "n_prompt_tokens": 5000,
            "n_ctx": 4096,
        }
    ),
    "split-utf8": _streams(_split),
    "429-once": _first_fails(429),
    "429-once-retry-after-1": _first_fails(429, Retry_After="1"),
    "503-once": _first_fails(503),
    "whole-then-stall": _streams(TEXT, lambda to: to.says(None, "stop"), lambda to: to.wait(30)),
    "whole-then-reset": _streams(TEXT, lambda to: to.says(None, "stop"), _resets),
    # Answers with a status.
    "400": _status(400),
    "400-context-length": _status(400, "context_length_exceeded", "maximum context length is 8192 tokens"),
    "400-context-size": _status(400, "", "the request exceeds the available context size"),
    "401": _status(401, "invalid_api_key"),
    "401-echoing-the-key": _status(401, "invalid_api_key", "Incorrect API key provided: {key}"),
    "402": _status(402),
    "403": _status(403),
    "404": _status(404, "model_not_found"),
    "408": _status(408),
    "409": _status(409),
    "422": _status(422),
    "429": _status(429, "rate_limit_exceeded"),
    "429-retry-after-1": _status(429, "rate_limit_exceeded", Retry_After="1"),
    "429-retry-after-3600": _status(429, "rate_limit_exceeded", Retry_After="3600"),
    "429-retry-after-a-date": _status(429, Retry_After=formatdate(4_000_000_000, usegmt=True)),
    "429-retry-after-garbage": _status(429, Retry_After="soon"),
    "429-quota": _status(429, "insufficient_quota", "You exceeded your current quota"),
    "500": _status(500),
    "502": _status(502),
    "503": _status(503),
    "504": _status(504),
    "redirect-loop": _redirects,
    "redirect-elsewhere": _elsewhere,
    # Something else with status 200.
    "html": _with_200(b"<html><body>It works!</body></html>", "text/html"),
    "empty-body": _with_200(b""),
    "truncated-json": _with_200(json.dumps(_whole(TEXT)).encode()[:60]),
    "not-utf8": _with_200(b'{"choices": "\xff\xfe"}'),
    "error-with-200": lambda to, body: to.json({"error": {"message": "no", "code": 500}}),
    "no-choices": lambda to, body: to.json({"id": "c", "object": "chat.completion", "created": 1, "model": "m"}),
    "empty-choices": _choices([]),
    "null-choices": _choices(None),
    "null-content": lambda to, body: to.json(_whole(None)),
    "content-filter": _streams("The first", lambda to: to.says(None, "content_filter"), b"[DONE]"),
    "length-stop": _streams(_HALF, lambda to: to.says(None, "length"), b"[DONE]"),
    "null-choice": _streams(json.dumps({**_chunk(""), "choices": [None]}).encode()),
    "null-delta": _streams(json.dumps({**_chunk(""), "choices": [{"index": 0, "delta": None}]}).encode()),
    "null-event": _streams(b"null"),
    "wrong-field-echoing-the-key": _echoes_in_a_wrong_field,
    "30-mb": _streams("word " * 6_000_000),
    "30-mb-json": lambda to, body: to.json(_whole("word " * 6_000_000)),
    "packed": _packed,
    "line-without-end": _streams(_line_without_end),
    # Time.
    "hang-before-headers": lambda to, body: to.wait(30),
    "drip-headers": _drips_headers,
    "hang-after-headers": _streams(lambda to: to.wait(30)),
    "stall": _streams(_HALF, lambda to: to.wait(30)),
    "drip": _streams(_endlessly(lambda to: to.says("w"), 0.2)),
    "comments-only": _streams(_endlessly(_comment, 0.1)),
    "comments-after-half": _streams(_HALF, _endlessly(_comment, 0.1)),
    "endless": _streams(_endlessly(lambda to: to.says("word " * 50))),
    # Streams that end badly.
    "cut": _streams(_HALF),
    "cut-chunked": _chunked(b"0\r\n\r\n"),
    "cut-in-a-chunk": _chunked(b"ff\r\ndata: {"),
    "cut-by-reset": _streams(_HALF, _resets),
    "cut-with-done": _streams(_HALF, b"[DONE]"),
    "nothing-but-done": _streams(b"[DONE]"),
    "bad-json-line": _streams(_HALF, b'{"choices": [{'),
    "error-event": _streams(_HALF, b'{"error": {"message": "server fell over", "code": 500}}'),
    "chunk-not-utf8": _streams(_HALF, b'{"choices": "\xff"}'),
    "empty-answer": _streams("", lambda to: to.says(None, "stop"), b"[DONE]"),
}


@contextmanager
def model_server(writer: Writer = faithful) -> Iterator[ModelServer]:
    """Run a server for as long as the block lasts."""
    state = ModelServer("", writer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.daemon_threads = True
    server.block_on_close = False
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.ending.set()
        server.shutdown()
        server.server_close()
