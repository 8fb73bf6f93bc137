"""A language model behind an endpoint that may do anything: one stream, limits on time and length, one result."""

from __future__ import annotations

import json
import logging
import math
import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from rag.types import Ending
from rag.writing.faults import REFUSALS, Fault, classify, may_retry, particulars, redacted, wait_asked_for

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation with a model; a "form" is none, but the schema that its answer was asked for in."""

    role: Literal["system", "user", "assistant", "form"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the endpoint counts them; of those read `cached_tokens` it had kept from before."""

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0


# Asked before each call of an endpoint, it raises Refused when the call may not be made. Else it returns what takes the
# tokens of a whole answer, None where the endpoint did not count them; for a broken answer it is not called.
Meter = Callable[[Sequence[Message]], Callable[[Usage | None], None]]


def _unmetered(messages: Sequence[Message]) -> Callable[[Usage | None], None]:
    return lambda used: None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an endpoint may take, in seconds, how much it may write, and how often it is asked again.

    `usage` is how long to wait for the count of tokens once the answer is whole; `bytes_read` limits all that is read.
    """

    connect: float = 5.0
    first_token: float = 30.0
    silence: float = 20.0
    whole: float = 90.0
    usage: float = 2.0
    longest_wait: float = 20.0
    characters: int = 8000
    tokens: int = 1200
    bytes_read: int = 40_000_000
    retries: int = 2
    before_retry: float = 0.5
    step: float = 0.07
    faults_in_a_row: int = 3
    pause: float = 60.0


# Where providers tell why a model ended its answer, the last one in OpenAI's Responses; and how they call it.
_REASONS = ("finish_reason", "stop_reason", "done_reason", "status")
_ENDED = ("stop", "stop_sequence", "end_turn", "eos", "completed")
_AT_ITS_LIMIT = ("length", "max_tokens", "max_output_tokens", "model_context_window_exceeded")
_FILTERED = ("content_filter", "refusal", "safety", "recitation", "blocklist", "prohibited_content")
# With how many of its wishes fewer an endpoint has answered before, by its key and whether a form was asked for.
_GRANTED: dict[tuple[str, bool], int] = {}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking a model: its text, whole or not, and why; times in seconds."""

    text: str
    ending: Ending
    fault: Fault | None = None
    usage: Usage | None = None
    seconds: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether the model ended its answer by itself."""
        return self.ending == "complete"


@dataclass(slots=True)
class _Pause:
    """Counts the faults in a row of each endpoint and model, for all visitors; `clock` is in seconds."""

    clock: Callable[[], float] = time.monotonic
    faults: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def holds(self, key: str) -> bool:
        with self.lock:
            return self.clock() < self.until.get(key, -math.inf)

    def count(self, key: str, failed: bool, limits: Limits) -> None:
        with self.lock:
            self.faults[key] = self.faults.get(key, 0) + 1 if failed else 0
            if self.faults[key] >= limits.faults_in_a_row:
                self.faults[key] = 0
                self.until[key] = self.clock() + limits.pause


PAUSES = _Pause()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a worker hands over: text, the finish reason or the usage when they come, the error at the end."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None
    error: Exception | None = None
    ended: bool = False


def most(one: Usage | None, other: Usage | None) -> Usage | None:
    """Return what a stream used until now, where an endpoint repeats growing counts."""
    if one is None or other is None:
        return one or other
    return Usage(*map(max, astuple(one), astuple(other)))


def added(one: Usage | None, other: Usage | None) -> Usage | None:
    """Return what a stream used until now, where each piece counts its own."""
    if one is None or other is None:
        return one or other
    return Usage(*map(sum, zip(astuple(one), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what to ask, `end` to break it off from any thread, `close` for the thread that asked.

    `wishes` tells what else an answer in the form of a schema, or in any, is asked with, from all that could be wished
    to nothing: what an endpoint refuses as a bad request is asked for with less. `is_over` tells that it was ended,
    where there is no connection that `end` could break off; `counted` makes one count of two that came one after the
    other.
    """

    chat: BaseChatModel
    end: Callable[[], None]
    close: Callable[[], None]
    wishes: Callable[[Schema | None], Sequence[Mapping[str, Any]]] = lambda schema: [{}]
    is_over: Callable[[], bool] = lambda: False
    counted: Callable[[Usage | None, Usage | None], Usage | None] = most


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a model is asked, and the form that its answer is to have."""

    messages: Sequence[Message]
    schema: Schema | None = None

    @property
    def counted(self) -> Sequence[Message]:
        """The same as messages, for endpoints count the form with what they read."""
        form = [Message("system", json.dumps(self.schema))] if self.schema else []
        return [*self.messages, *form]

    @property
    def role_and_text(self) -> list[tuple[str, str]]:
        return [(message.role, message.text) for message in self.messages]


class Stream:
    """The text of an answer while it is written; `reply` holds the result when it has ended.

    A worker reads the endpoint, so that no endpoint can hold up the reader beyond the limits.
    """

    def __init__(self, model: LanguageModel, messages: Sequence[Message], schema: Schema | None = None) -> None:
        """Ask nothing yet: the endpoint is called when the first piece is asked for."""
        self._model, self._asked, self._limits = model, _Asked(messages, schema), model.limits
        self._began = time.monotonic()
        self._text = ""
        self._has_begun = False
        self._thought = -math.inf
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._error: Exception | None = None
        self._end: Callable[[], None] = lambda: None
        self._reply: Reply | None = None
        self._stopped = threading.Event()

    @property
    def reply(self) -> Reply:
        """The result; of a stream that was not read to its end, what stands until now as stopped."""
        return self._reply or self._ended("stopped")

    def stop(self) -> None:
        """End the writing and the connection; what was written stands."""
        if self._reply is None:
            self._reply = self._ended("stopped")
        self._stopped.set()
        self._end()

    def __iter__(self) -> Iterator[str]:
        """Yield what is written in steps of `Limits.step` seconds; nothing once it has ended."""
        if self._reply is not None:
            return
        if PAUSES.holds(self._model.key):
            self._reply = self._ended("fault", "paused")
            return
        try:
            for attempt in range(self._limits.retries + 1):
                wait = yield from self._attempt(last=attempt == self._limits.retries)
                if wait is None or self._stopped.wait(wait):
                    break
        finally:
            self._end()
        self._count(self.reply)

    def _count(self, reply: Reply) -> None:
        """Count a fault, or that there was none, and log it; one that was stopped, or never asked, does not count."""
        if reply.ending == "stopped" or reply.fault in REFUSALS:
            return
        failed = reply.ending in ("fault", "cut")
        PAUSES.count(self._model.key, failed, self._limits)
        if failed:
            line = f"{self._model.name}: {reply.fault} after {reply.seconds:.1f} s; {particulars(self._error)}"
            log.warning("%s", redacted(line, self._model.secrets))

    def _attempt(self, last: bool) -> Generator[str, None, float | None]:
        """Yield the text of one call; return the seconds to wait before the next one, None when this was the last."""
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()
        opening = time.monotonic()
        call = self._model.open()
        self._end = call.end
        self._began += time.monotonic() - opening  # imports are not the endpoint's time
        if self._reply is None:
            asked = (self._model, call, self._asked, pieces)
            threading.Thread(target=_work, args=asked, name="language model", daemon=True).start()
        heard, step, shown, waited = time.monotonic(), "", time.monotonic(), _Piece()
        while self._reply is None:
            try:
                piece = pieces.get(timeout=max(0.0, min(self._patience(heard), self._limits.step)))
            except queue.Empty:
                piece = waited
            now = time.monotonic()
            if piece is not waited:
                heard = self._heard(piece, heard, now)
            if piece.text:
                step += piece.text[: self._limits.characters - len(self._text) - len(step)]
            full = len(self._text) + len(step) >= self._limits.characters
            over = full or piece.ended or self._patience(heard) <= 0
            if step and (over or now - shown >= self._limits.step):
                self._text, shown = self._text + step, now
                yield step
                step = ""
            if piece.error is not None and not self._text and not last and may_retry(piece.error):
                wait = self._wait(piece.error)
                if wait is not None:
                    call.end()
                    return wait
            if over and self._reply is None:
                self._reply = self._judge(piece, full)
        return None

    def _heard(self, piece: _Piece, before: float, now: float) -> float:
        """Take note of a piece that came; return when text or an end was heard last."""
        self._finish, self._usage = piece.finish or self._finish, piece.usage or self._usage
        self._has_begun = self._has_begun or bool(piece.text)
        self._thought = now
        return now if piece.text or piece.finish else before

    def _judge(self, piece: _Piece, full: bool) -> Reply:
        """Return the result when a piece, or the lack of one, has ended the answer."""
        self._error = piece.error
        if full:
            return self._ended("length")
        if self._finish is not None:
            return self._of_finish()
        if piece.error is not None:
            return self._ended("cut" if self._text else "fault", classify(piece.error))
        if piece.ended:
            return self._ended("cut", "broken off") if self._text else self._ended("fault", "not a model")
        if self._has_begun and time.monotonic() - self._began < self._limits.whole:
            return self._ended("cut", "silent")
        return self._ended("cut" if self._text else "fault", "too slow")

    def _of_finish(self) -> Reply:
        """Return the result as the model's own reason to finish has it, whatever the connection did afterwards."""
        if self._finish in _ENDED:
            return self._ended("complete") if self._text.strip() else self._ended("fault", "not a model")
        if self._finish in _AT_ITS_LIMIT:
            return self._ended("length") if self._text else self._ended("fault", "too long")
        if self._finish in _FILTERED:
            return self._ended("filtered")
        return self._ended("cut", "broken off") if self._text else self._ended("fault", "not a model")

    def _patience(self, heard: float) -> float:
        """Return how many more seconds the endpoint may be waited for."""
        now = time.monotonic()
        whole = self._began + self._limits.whole - now
        if self._finish is not None:
            return min(whole, heard + self._limits.usage - now)
        if self._has_begun:
            return min(whole, heard + self._limits.silence - now)
        # A model that thinks sends pieces without text, or nothing at all.
        return min(whole, max(self._began, self._thought) + self._limits.first_token - now)

    def _wait(self, error: Exception) -> float | None:
        """Return how long to wait before another try, None when it is not worth it."""
        asked = wait_asked_for(error)
        wait = asked if asked is not None else self._limits.before_retry
        left = self._began + self._limits.first_token - time.monotonic()
        return wait if wait <= self._limits.longest_wait and wait < left else None

    def _ended(self, ending: Ending, fault: Fault | None = None) -> Reply:
        return Reply(self._text, ending, fault, self._usage, time.monotonic() - self._began)


def _work(model: LanguageModel, call: Call, asked: _Asked, pieces: queue.SimpleQueue[_Piece]) -> None:
    """Read an endpoint until it ends or has written enough; one that does not stream is asked once for the whole."""
    last = _Piece(ended=True)
    try:
        _wishing(model, call, asked, pieces)
    except Exception as error:  # whatever an endpoint makes a client raise is a fault of the endpoint
        last = _Piece(error=error, ended=True)
    with suppress(Exception):
        call.close()
    pieces.put(last)


def _wishing(model: LanguageModel, call: Call, asked: _Asked, pieces: queue.SimpleQueue[_Piece]) -> None:
    """Ask with all wishes that an endpoint grants; those that it granted are remembered once it has answered."""
    wishes, known = call.wishes(asked.schema), (model.key, asked.schema is not None)
    for fewer in range(_GRANTED.get(known, 0), len(wishes)):
        try:
            if not _streamed(model, call, asked, wishes[fewer], pieces):
                _at_once(model, call.chat, asked, wishes[fewer], pieces)
        except Exception as error:
            if fewer == len(wishes) - 1 or classify(error) != "bad request":
                raise
        else:
            _GRANTED[known] = fewer
            return


def _streamed(
    model: LanguageModel,
    call: Call,
    asked: _Asked,
    wishes: Mapping[str, Any],
    pieces: queue.SimpleQueue[_Piece],
) -> bool:
    """Hand over the pieces of a stream until it ends or has enough characters; tell whether it was one."""
    streamed, written, finished, used = False, 0, False, None
    settle = model.meter(asked.counted)
    try:
        for chunk in call.chat.stream(asked.role_and_text, **wishes):
            streamed, piece = True, _piece(chunk)
            finished, used = finished or piece.finish is not None, call.counted(used, piece.usage)
            pieces.put(replace(piece, usage=used))
            written += len(piece.text)
            if written >= model.limits.characters or call.is_over():
                break
        else:
            settle(used if finished else None)
    except ValueError as error:
        if streamed or "No generation chunks" not in str(error):
            raise
    return streamed


def _at_once(
    model: LanguageModel,
    chat: BaseChatModel,
    asked: _Asked,
    wishes: Mapping[str, Any],
    pieces: queue.SimpleQueue[_Piece],
) -> None:
    """Hand over an answer that comes in one piece."""
    settle = model.meter(asked.counted)
    piece = _piece(chat.invoke(asked.role_and_text, **wishes))
    settle(piece.usage)
    pieces.put(piece)


def _piece(chunk: Any) -> _Piece:
    used = _usage(getattr(chunk, "usage_metadata", None))
    return _Piece(str(chunk.text), _finish(chunk.response_metadata or {}), used)


def _usage(told: Mapping[str, Any] | None) -> Usage | None:
    if not told:
        return None
    kept = (told.get("input_token_details") or {}).get("cache_read") or 0
    return Usage(told["input_tokens"], told["output_tokens"], kept)


def _finish(told: Mapping[str, Any]) -> str | None:
    """Return why a model ended its answer, by whichever name its provider tells it; None while it goes on."""
    cut = told.get("incomplete_details")
    reasons = (cut.get("reason") if isinstance(cut, dict) else None, *map(told.get, _REASONS))
    found = next((str(reason).lower() for reason in reasons if reason), None)
    return None if found == "in_progress" else found


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model that can be asked. `name` is for the reader and holds no key; `meter` may refuse calls.

    `shapes` tells that its endpoint may take a schema for its answer.
    """

    name: str
    key: str
    secrets: tuple[str, ...]
    open: Callable[[], Call]
    prices: tuple[float, float] | None = None
    limits: Limits = Limits()
    meter: Meter = _unmetered
    shapes: bool = False

    def __repr__(self) -> str:
        """Name the model and no key."""
        return f"LanguageModel({self.name!r})"

    def stream(self, messages: Sequence[Message], schema: Schema | None = None) -> Stream:
        """Return the answer as it is written; in the form of a JSON schema, if there is one that the endpoint takes."""
        return Stream(self, messages, schema if self.shapes else None)

    def write(self, messages: Sequence[Message]) -> Reply:
        """Return the whole answer."""
        stream = self.stream(messages)
        for _ in stream:
            pass
        return stream.reply

    def cost(self, usage: Usage) -> float | None:
        """Return US dollars, None where the price is not known."""
        if self.prices is None:
            return None
        return (usage.prompt_tokens * self.prices[0] + usage.completion_tokens * self.prices[1]) / 1e6
