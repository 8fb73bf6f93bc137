"""A server on loopback that speaks the protocols of providers, each in its own shape, by the path of a request.

OpenAI's Responses, Azure's deployments, Anthropic's Messages, Ollama's chat and Google's generateContent. What a
request is refused for, and how an answer ends, are fields of the running server.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.model_server import Messages, Writer, faithful

Body = dict[str, Any]
# Of the hundred tokens of a prompt, those that a provider tells to have had from before; Ollama tells nothing of it.
CACHED = 60
Shape = Callable[[Body], Messages]


@dataclass
class ProviderServer:
    """A running server: where it is, what it was asked, what a model writes.

    `refuses` are parameters that no request may have, by their path in its body: "text.format"; `status` is what every
    request is answered with that is not 200; `ends` is "stop" or "length"; `lingers` are the seconds after which the
    connection of a refused request is closed.
    """

    url: str
    writer: Writer = faithful
    refuses: frozenset[str] = frozenset()
    status: int = 200
    ends: str = "stop"
    lingers: float = 0.0
    requests: list[tuple[str, Body, dict[str, str]]] = field(default_factory=list)

    @property
    def bodies(self) -> list[Body]:
        return [body for _, body, _ in self.requests]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content)
    return str(content)


def _chat(messages: Any) -> Messages:
    return [{"role": one["role"], "content": _text(one["content"])} for one in messages]


def _of_google(body: Body) -> Messages:
    system = [body["systemInstruction"]] if "systemInstruction" in body else []
    return [{"role": str(one.get("role")), "content": _text(one["parts"])} for one in [*system, *body["contents"]]]


def _of_anthropic(body: Body) -> Messages:
    system = [{"role": "system", "content": _text(body["system"])}] if "system" in body else []
    return [*system, *_chat(body["messages"])]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: ProviderServer

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.partition("?")[0]
        self.state.requests.append((self.path, body, {k.lower(): v for k, v in self.headers.items()}))
        self.close_connection = True
        answer = next(answers for pattern, answers in SHAPES.items() if re.search(pattern, path))
        if self.state.status != 200 or any(_has(body, name) for name in self.state.refuses):
            self._refused(self.state.status if self.state.status != 200 else 400)
        else:
            answer(self, body)

    def _refused(self, status: int) -> None:
        said = {"type": "invalid_request_error", "message": "refused", "code": status, "status": "INVALID_ARGUMENT"}
        data = json.dumps({"type": "error", "error": said}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if not self.state.lingers:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        # Without that header the next request may be on its way when it hangs up.
        time.sleep(self.state.lingers)

    def begin(self, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        self.end_headers()

    def event(self, value: Body, name: str = "") -> None:
        line = f"event: {name}\n" if name else ""
        self.wfile.write(f"{line}data: {json.dumps(value)}\n\n".encode())
        self.wfile.flush()

    def pieces(self, messages: Messages) -> list[str]:
        text = self.state.writer(messages)
        return [text[at : at + 40] for at in range(0, len(text), 40)]


def _has(body: Body, path: str) -> bool:
    value: Any = body
    for name in path.split("."):
        if not isinstance(value, dict) or value.get(name) is None:
            return False
        value = value[name]
    return True


def _azure(to: _Handler, body: Body) -> None:
    """Answer as Azure does: what its filter makes of the prompt comes first, without a choice."""
    to.begin()
    head = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    to.event({**head, "choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]})
    for piece in to.pieces(_chat(body["messages"])):
        to.event({**head, "choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
    to.event({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": to.state.ends}]})
    kept = {"prompt_tokens_details": {"cached_tokens": CACHED}}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120, **kept}
    to.event({**head, "choices": [], "usage": usage})
    to.wfile.write(b"data: [DONE]\n\n")


def _responses(to: _Handler, body: Body) -> None:
    """Answer as OpenAI's Responses do: events with names, and the whole answer once more in the last one."""
    to.begin()
    number = iter(range(10_000))

    def say(kind: str, **more: object) -> None:
        to.event({"type": kind, "sequence_number": next(number), **more}, kind)

    response = {
        "id": "resp_1", "object": "response", "created_at": 1, "model": body["model"], "output": [], "tools": [],
        "parallel_tool_calls": True, "tool_choice": "auto", "status": "in_progress", "error": None,
    }  # fmt: skip
    say("response.created", response=response)
    place = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    thought = {"id": "rs_1", "type": "reasoning", "summary": [], "status": "in_progress"}
    say("response.output_item.added", output_index=0, item=thought)
    say("response.output_item.done", output_index=0, item={**thought, "status": "completed"})
    item = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "status": "in_progress"}
    say("response.output_item.added", output_index=1, item=item)
    part = {"type": "output_text", "text": "", "annotations": []}
    say("response.content_part.added", part=part, **place)
    text = ""
    for piece in to.pieces(_chat(body["input"])):
        text += piece
        say("response.output_text.delta", delta=piece, logprobs=[], **place)
    say("response.output_text.done", text=text, logprobs=[], **place)
    item |= {"status": "completed", "content": [{**part, "text": text}]}
    say("response.output_item.done", output_index=1, item=item)
    details = {"input_tokens_details": {"cached_tokens": CACHED}, "output_tokens_details": {"reasoning_tokens": 0}}
    usage = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120, **details}
    whole = to.state.ends == "stop"
    ended = {"status": "completed" if whole else "incomplete", "output": [item], "usage": usage}
    ended |= {"incomplete_details": None if whole else {"reason": "max_output_tokens"}}
    say("response.completed" if whole else "response.incomplete", response={**response, **ended})


def _anthropic(to: _Handler, body: Body) -> None:
    """Answer as Anthropic's Messages do: the count at the end takes the place of the one at the beginning."""
    to.begin()

    def say(kind: str, **more: object) -> None:
        to.event({"type": kind, **more}, kind)

    usage = {"input_tokens": 100 - CACHED, "cache_read_input_tokens": CACHED, "output_tokens": 1}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"], "content": []}
    say("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
    say("content_block_start", index=0, content_block={"type": "text", "text": ""})
    say("ping")
    for piece in to.pieces(_of_anthropic(body)):
        say("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})
    say("content_block_stop", index=0)
    reason = {"stop": "end_turn", "length": "max_tokens"}[to.state.ends]
    say("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={**usage, "output_tokens": 20})
    say("message_stop")


def _ollama(to: _Handler, body: Body) -> None:
    """Answer as Ollama does: a line of JSON a piece."""
    to.begin("application/x-ndjson")

    def say(text: str, **more: object) -> None:
        line = {"model": body["model"], "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant"}}
        line["message"] = {"role": "assistant", "content": text}
        to.wfile.write(json.dumps({**line, "done": False, **more}).encode() + b"\n")
        to.wfile.flush()

    for piece in to.pieces(_chat(body["messages"])):
        say(piece)
    say("", done=True, done_reason=to.state.ends, prompt_eval_count=100, eval_count=20, total_duration=1)


def _google(to: _Handler, body: Body) -> None:
    """Answer as Google does: no event has a name, and each counts what was read."""
    to.begin()
    for piece in to.pieces(_of_google(body)):
        content = {"role": "model", "parts": [{"text": piece}]}
        kept = {"cachedContentTokenCount": CACHED}
        usage = {"promptTokenCount": 100, "candidatesTokenCount": 10, "totalTokenCount": 110, **kept}
        to.event({"candidates": [{"index": 0, "content": content}], "usageMetadata": usage})
    reason = {"stop": "STOP", "length": "MAX_TOKENS"}[to.state.ends]
    usage = {"promptTokenCount": 100, "candidatesTokenCount": 20, "totalTokenCount": 120, **kept}
    last = {"role": "model", "parts": [{"text": ""}]}
    to.event({"candidates": [{"index": 0, "content": last, "finishReason": reason}], "usageMetadata": usage})


SHAPES: dict[str, Callable[[_Handler, Body], None]] = {
    r"^/openai/deployments/[^/]+/chat/completions$": _azure,
    r"/responses$": _responses,
    r"/messages$": _anthropic,
    r"/api/chat$": _ollama,
    r":streamGenerateContent$": _google,
}


@contextmanager
def provider_server(writer: Writer = faithful) -> Iterator[ProviderServer]:
    """Run a server for as long as the block lasts."""
    state = ProviderServer("", writer)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.daemon_threads, server.block_on_close = True, False
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
