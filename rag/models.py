"""A language model behind an endpoint that may do anything: one stream, limits on time and length, one result."""

from __future__ import annotations

import logging
import math
import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from rag.errors import NoModel
from rag.faults import Fault, classify, may_retry, redacted, wait_asked_for
from rag.settings import Settings
from rag.types import Ending

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """What a model is told, or told before."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the endpoint counts them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How long an endpoint may take, in seconds, how much it may write, and how often it is asked again."""

    connect: float = 5.0
    first_token: float = 30.0
    silence: float = 20.0
    whole: float = 90.0
    longest_wait: float = 20.0
    characters: int = 8000
    tokens: int = 1200
    retries: int = 2
    step: float = 0.07
    faults_in_a_row: int = 3
    pause: float = 60.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking a model: its text, whole or not, and why; times in seconds."""

    text: str
    ending: Ending
    fault: Fault | None = None
    usage: Usage | None = None
    seconds: float = 0.0
    first_token_seconds: float | None = None

    @property
    def complete(self) -> bool:
        """Whether the model ended its answer by itself."""
        return self.ending == "complete"


@dataclass(slots=True)
class _Pause:
    """Counts the faults in a row of each endpoint and model, for all visitors."""

    faults: dict[str, int] = field(default_factory=dict)
    until: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def holds(self, key: str) -> bool:
        with self.lock:
            return time.monotonic() < self.until.get(key, 0.0)

    def count(self, key: str, failed: bool, limits: Limits) -> None:
        with self.lock:
            self.faults[key] = self.faults.get(key, 0) + 1 if failed else 0
            if self.faults[key] >= limits.faults_in_a_row:
                self.faults[key] = 0
                self.until[key] = time.monotonic() + limits.pause


PAUSES = _Pause()


@dataclass(frozen=True, slots=True)
class _Piece:
    """What a worker hands over: text, the finish reason or the usage when they come, the error at the end."""

    text: str = ""
    finish: str | None = None
    usage: Usage | None = None
    error: Exception | None = None
    ended: bool = False


class Stream:
    """The text of an answer while it is written; `reply` holds the result when it has ended.

    A worker reads the endpoint, so that no endpoint can hold up the reader beyond the limits.
    """

    def __init__(self, model: LanguageModel, messages: Sequence[Message]) -> None:
        """Ask nothing yet: the endpoint is called when the first piece is asked for."""
        self._model, self._messages, self._limits = model, messages, model.limits
        self._began = time.monotonic()
        self._text = ""
        self._first: float | None = None
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._close: Callable[[], None] = lambda: None
        self._reply: Reply | None = None

    @property
    def reply(self) -> Reply:
        """The result; of a stream that was not read to its end, what stands until now as stopped."""
        return self._reply or self._ended("stopped")

    def stop(self) -> None:
        """End the writing and the connection; what was written stands."""
        if self._reply is None:
            self._reply = self._ended("stopped")
        self._close()

    def __iter__(self) -> Iterator[str]:
        """Yield what is written in steps of `Limits.step` seconds."""
        if PAUSES.holds(self._model.key):
            self._reply = self._ended("fault", "paused")
            return
        try:
            for attempt in range(self._limits.retries + 1):
                wait = yield from self._attempt(last=attempt == self._limits.retries)
                if wait is None:
                    break
                time.sleep(wait)
        finally:
            self._close()
        if self._reply is None:
            self._reply = self._ended("stopped")
        failed = self._reply.ending in ("fault", "cut")
        PAUSES.count(self._model.key, failed, self._limits)
        if failed:
            log.warning("%s: %s after %.1f s", self._model.name, self._reply.fault, self._reply.seconds)

    def _attempt(self, last: bool) -> Generator[str, None, float | None]:
        """Yield the text of one call; return the seconds to wait before the next one, None when this was the last."""
        pieces: queue.SimpleQueue[_Piece] = queue.SimpleQueue()
        opening = time.monotonic()
        chat, self._close = self._model.open()
        self._began += time.monotonic() - opening  # imports are not the endpoint's time
        threading.Thread(target=_work, args=(chat, self._messages, pieces), daemon=True).start()
        heard, step, shown = time.monotonic(), "", time.monotonic()
        while self._reply is None:
            try:
                piece = pieces.get(timeout=max(0.0, min(self._patience(heard), self._limits.step)))
            except queue.Empty:
                piece = _Piece()
            now = time.monotonic()
            self._finish, self._usage = piece.finish or self._finish, piece.usage or self._usage
            if piece.text:
                heard, self._first = now, self._first if self._first is not None else now - self._began
                step += piece.text[: self._limits.characters - len(self._text) - len(step)]
            if step and (piece.ended or now - shown >= self._limits.step):
                self._text, shown = self._text + step, now
                yield step
                step = ""
            if piece.error is not None and not self._text and not last and may_retry(piece.error):
                wait = self._wait(piece.error)
                if wait is not None:
                    self._close()
                    return wait
            self._reply = self._reply or self._judge(piece, step, heard)
        return None

    def _judge(self, piece: _Piece, step: str, heard: float) -> Reply | None:
        """Return the result when a piece, or the lack of one, ends the answer."""
        if len(self._text) + len(step) >= self._limits.characters:
            self._text += step
            return self._ended("length")
        if piece.error is not None:
            fault = classify(piece.error)
            log.debug("%s", redacted(repr(piece.error), self._model.secrets))
            return self._ended("cut" if self._text else "fault", fault)
        if piece.ended:
            return self._of_finish()
        if self._patience(heard) > 0:
            return None
        if self._first is not None and time.monotonic() - self._began < self._limits.whole:
            return self._ended("cut", "silent")
        return self._ended("cut" if self._text else "fault", "too slow")

    def _of_finish(self) -> Reply:
        if self._finish in ("stop", "end_turn", "eos"):
            return self._ended("complete") if self._text.strip() else self._ended("fault", "not a model")
        if self._finish in ("length", "max_tokens"):
            return self._ended("length") if self._text else self._ended("fault", "too long")
        if self._finish == "content_filter":
            return self._ended("filtered")
        return self._ended("cut", "broken off") if self._text else self._ended("fault", "not a model")

    def _patience(self, heard: float) -> float:
        """Return how many more seconds the endpoint may be waited for."""
        now = time.monotonic()
        whole = self._began + self._limits.whole - now
        started = self._first is not None
        return min(
            whole, heard + self._limits.silence - now if started else self._began + self._limits.first_token - now
        )

    def _wait(self, error: Exception) -> float | None:
        """Return how long to wait before another try, None when it is not worth it."""
        asked = wait_asked_for(error)
        wait = asked if asked is not None else 0.5
        left = self._began + self._limits.first_token - time.monotonic()
        return wait if wait <= self._limits.longest_wait and wait < left else None

    def _ended(self, ending: Ending, fault: Fault | None = None) -> Reply:
        return Reply(self._text, ending, fault, self._usage, time.monotonic() - self._began, self._first)


def _work(chat: BaseChatModel, messages: Sequence[Message], pieces: queue.SimpleQueue[_Piece]) -> None:
    """Read an endpoint to its end, whatever it does; one that does not stream is asked once more for the whole."""
    told = [(message.role, message.text) for message in messages]
    chunks = 0
    try:
        try:
            for chunk in chat.stream(told):
                chunks += 1
                pieces.put(_piece(chunk))
        except ValueError as error:
            if chunks or "No generation chunks" not in str(error):
                raise
        if not chunks:
            pieces.put(_piece(chat.invoke(told)))
        pieces.put(_Piece(ended=True))
    except Exception as error:  # whatever an endpoint makes a client raise is a fault of the endpoint
        pieces.put(_Piece(error=error, ended=True))


def _piece(chunk: Any) -> _Piece:
    usage = getattr(chunk, "usage_metadata", None)
    counted = Usage(usage["input_tokens"], usage["output_tokens"]) if usage else None
    return _Piece(str(chunk.text), (chunk.response_metadata or {}).get("finish_reason"), counted)


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model that can be asked. `name` is for the reader and holds no key."""

    name: str
    key: str
    secrets: tuple[str, ...]
    open: Callable[[], tuple[BaseChatModel, Callable[[], None]]]
    prices: tuple[float, float] | None = None
    limits: Limits = Limits()

    def __repr__(self) -> str:
        """Name the model and no key."""
        return f"LanguageModel({self.name!r})"

    def stream(self, messages: Sequence[Message]) -> Stream:
        """Return the answer as it is written."""
        return Stream(self, messages)

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


def connect(settings: Settings, name: str | None = None, limits: Limits | None = None) -> LanguageModel:
    """Return the model that the settings name, or `name`; raise NoModel that says what to set when there is none.

    Nothing is sent: whether the endpoint answers shows when it is asked.
    """
    wanted = (name or settings.model or "").strip()
    if not wanted:
        raise NoModel("No language model is named. Set RAG_MODEL, for example openai:gpt-5-mini.")
    provider, _, model = wanted.partition(":") if re.match(r"[a-z_]+:", wanted) else ("openai", "", wanted)
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key else ""
    if provider == "openai" and not key and not settings.openai_base_url:
        raise NoModel("A key is missing: set OPENAI_API_KEY, or OPENAI_BASE_URL for a server that needs none.")
    limits = limits or Limits()
    _import_ahead()
    return LanguageModel(
        name=model,
        key=f"{settings.openai_base_url or ''} {wanted}",
        secrets=(key,),
        open=lambda: _open(provider, model, settings, key, limits),
        prices=_prices(settings.model_prices),
        limits=limits,
    )


@cache
def _import_ahead() -> None:
    """Import what the first answer needs while the reader still types."""
    threading.Thread(target=import_module, args=("langchain_openai",), daemon=True).start()


def _open(
    provider: str, model: str, settings: Settings, key: str, limits: Limits
) -> tuple[BaseChatModel, Callable[[], None]]:
    """Return a chat model of LangChain with limits of its own, and what closes its connection."""
    from langchain.chat_models import init_chat_model

    options: dict[str, Any] = {"temperature": 0, "max_tokens": limits.tokens, "max_retries": 0, "timeout": limits.whole}
    if provider != "openai":
        return _initialised(init_chat_model, model, provider, options), lambda: None
    import httpx2

    patience = httpx2.Timeout(max(limits.first_token, limits.silence), connect=limits.connect)
    client = httpx2.Client(follow_redirects=False, timeout=patience)
    options |= {
        "timeout": patience,
        "api_key": key or "none",
        "base_url": settings.openai_base_url,
        "seed": settings.seed,
        "stream_usage": True,
        "use_responses_api": False,
        "http_client": client,
    }
    return _initialised(init_chat_model, model, provider, options), client.close


def _initialised(make: Callable[..., Any], model: str, provider: str, options: dict[str, Any]) -> BaseChatModel:
    try:
        chat: BaseChatModel = make(model, model_provider=provider, **options)
    except ImportError as error:
        raise NoModel(f"For models of {provider} a package is missing: install langchain-{provider}.") from error
    except ValueError as error:
        raise NoModel(f"No provider {provider!r} is known. Write RAG_MODEL as provider:model, as openai:….") from error
    return chat


def _prices(text: str | None) -> tuple[float, float] | None:
    """Return the dollars for a million tokens read and written; None when they are not given so."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*", text or "")
    prices = (float(found.group(1)), float(found.group(2))) if found else None
    return prices if prices and all(map(math.isfinite, prices)) else None
