"""What can go wrong with a language model's endpoint, sorted into kinds and explained to the reader in fixed words.

No text of an endpoint reaches a page, a log or an error: it may echo the key.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from rag.errors import BudgetReached

Fault = Literal[
    "key refused",
    "unknown model",
    "too long",
    "bad request",
    "rate limited",
    "quota spent",
    "overloaded",
    "unreachable",
    "no secure connection",
    "too slow",
    "silent",
    "not a model",
    "broken off",
    "paused",
    "other",
    "budget of a call",
    "budget of a visitor",
    "budget of the day",
    "budget of the month",
    "budget not known",
    "price not known",
    "switched off",
]
# For the reader: what is wrong, and what the owner of the page can do.
_EXPLANATIONS: dict[Fault, str] = {
    "key refused": "{model} refused the key. Check OPENAI_API_KEY and what it may use.",
    "unknown model": "The endpoint has no model {model}. Check RAG_MODEL and OPENAI_BASE_URL.",
    "too long": "The quotes are too long for {model}. Choose fewer reviews, or a model with a longer context.",
    "bad request": "{model} did not take the request. Check that RAG_MODEL names a chat model.",
    "rate limited": "{model} is not taking any more requests right now. Ask again in a minute.",
    "quota spent": "The account of {model} has no credit left. Its owner has to add some.",
    "overloaded": "{model} is having problems at the moment. Ask again later.",
    "unreachable": "{model} cannot be reached. Check the network and OPENAI_BASE_URL.",
    "no secure connection": "No secure connection to {model}. Check OPENAI_BASE_URL (https?) and its certificate.",
    "too slow": "{model} took too long. Ask again, or choose a faster model.",
    "silent": "{model} stopped responding in the middle of its answer. Ask again.",
    "not a model": "What answered in place of {model} is not a chat model. Check OPENAI_BASE_URL; most end in /v1.",
    "broken off": "The answer of {model} broke off. Ask again.",
    "paused": "{model} failed three times in a row and will not be asked for a minute.",
    "other": "{model} failed. The server log names the kind of fault.",
}
# What the owner of the page does not allow: no call was made, and the endpoint has no fault.
REFUSALS: dict[Fault, str] = {
    "budget of a call": "Budget reached: quoted answers only. One call may cost too much: choose fewer reviews.",
    "budget of a visitor": "Budget reached: quoted answers only. Your share is used up for today, until 00:00 UTC.",
    "budget of the day": "Budget reached: quoted answers only. "
    "The budget for written answers is used up for today, until 00:00 UTC.",
    "budget of the month": "Budget reached: quoted answers only. "
    "The budget for written answers is used up for this month, until the 1st, 00:00 UTC.",
    "budget not known": "Spending cannot be checked: quoted answers only.",
    "price not known": "The price of {model} is not known: quoted answers only. Its owner has to set RAG_MODEL_PRICES.",
    "switched off": "The owner has switched the model off: quoted answers only.",
}
# With these the endpoint was not asked.
NOT_SENT: frozenset[Fault] = frozenset({*REFUSALS, "paused"})
_QUOTES_STAND = " These are the quotes themselves."
_BY_STATUS: dict[int, Fault] = {
    400: "bad request",
    401: "key refused",
    402: "quota spent",
    403: "key refused",
    404: "unknown model",
    408: "too slow",
    409: "overloaded",
    413: "too long",
    422: "bad request",
    429: "rate limited",
}
# What may be the status of a refusal; a library's own code is not.
_STATUSES = range(300, 600)
_QUOTA = re.compile(r"insufficient_quota|billing|credit", re.IGNORECASE)
_TOO_LONG = re.compile(
    r"context_length|context (?:length|size|window)|maximum context|too many tokens|string_above_max_length", re.I
)
_SECRET = re.compile(r"(?:sk-|\b(?:sk_|(?:pk|key|hf|gsk)[-_]))[A-Za-z0-9_-]{8,}|Bearer\s+\S+")
_SECURE = re.compile(r"\bSSL\b|\bTLS\b|CERTIFICATE_VERIFY_FAILED")
# By the names of exceptions, so that no library has to be there.
_BY_NAME: dict[str, Fault] = {
    "ConnectTimeout": "unreachable",
    "ConnectError": "unreachable",
    "ProxyError": "unreachable",
    "ReadTimeout": "too slow",
    "StreamChunkTimeoutError": "too slow",
    "RemoteProtocolError": "broken off",
    "ReadError": "broken off",
    "IncompleteRead": "broken off",
    "APIResponseValidationError": "not a model",
    "TooManyRedirects": "not a model",
}
# Exceptions that say less than the one they were raised from.
_WRAPPERS: dict[str, Fault] = {
    "APITimeoutError": "too slow",
    "APIConnectionError": "unreachable",
    "APIError": "overloaded",
}
# Worth another try, before anything was written.
_RETRIED_STATUS = frozenset({408, 409, 429})


class Refused(BudgetReached):
    """A call that the owner does not allow; `fault` names why."""

    def __init__(self, fault: Fault, model: str) -> None:
        super().__init__(explanation(fault, model))
        self.fault = fault


def explanation(fault: Fault, model: str) -> str:
    """Return what a reader sees: what is wrong, what can be done, and that the quotes stand for themselves."""
    if fault in REFUSALS:
        return REFUSALS[fault].format(model=model)
    return _EXPLANATIONS[fault].format(model=model) + _QUOTES_STAND


def classify(error: BaseException) -> Fault:
    """Return the kind of a fault from the exception that a client raised, whichever library it is from."""
    if isinstance(error, Refused):
        return error.fault
    causes = list(_causes(error))
    for cause in causes:
        if (status := _status(cause)) is not None:
            return _of_status(status, cause)
    if any(isinstance(cause, ssl.SSLError) or _SECURE.search(str(cause)) for cause in causes):
        return "no secure connection"
    direct = (_of_type(cause) or _BY_NAME.get(type(cause).__name__) for cause in causes)
    wrapped = (_WRAPPERS.get(type(cause).__name__) for cause in causes)
    return next(filter(None, (*direct, *wrapped)), "other")


def may_retry(error: BaseException) -> bool:
    """Tell a fault that may pass by itself from one that asks for a change."""
    status = next((found for cause in _causes(error) if (found := _status(cause)) is not None), None)
    if status is not None:
        return status >= 500 or (status in _RETRIED_STATUS and classify(error) != "quota spent")
    return classify(error) == "unreachable"


def wait_asked_for(error: BaseException) -> float | None:
    """Return the seconds of a Retry-After header, given as such or as a date; None when there is none."""
    for cause in _causes(error):
        headers = getattr(getattr(cause, "response", None), "headers", None)
        if headers is not None and (value := headers.get("retry-after")):
            return _seconds(value.strip())
    return None


def particulars(error: BaseException | None) -> str:
    """Return what a log may hold of an error: kinds, status and request id, and nothing that an endpoint wrote."""
    causes = list(_causes(error))
    kinds = " < ".join(type(cause).__name__ for cause in causes) or "none"
    status = next((found for cause in causes if (found := _status(cause)) is not None), "none")
    request = next((found for cause in causes if (found := getattr(cause, "request_id", None))), "none")
    known = request if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", str(request)) else "none"
    return f"error {kinds}, status {status}, request {known}"


def _seconds(value: str) -> float | None:
    if re.fullmatch(r"\d{1,9}(?:\.\d+)?", value):
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    now = datetime.now(UTC)
    return max(0.0, (date.replace(tzinfo=date.tzinfo or UTC) - now).total_seconds())


def redacted(text: str, keys: Iterable[str]) -> str:
    """Return a text without the keys, and without what looks like one."""
    for key in sorted(filter(None, keys), key=len, reverse=True):
        text = text.replace(key, "…")
    return _SECRET.sub("…", text)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    cause = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def _status(error: BaseException) -> int | None:
    found = (getattr(error, name, None) for name in ("status_code", "code"))
    return next((status for status in found if isinstance(status, int) and status in _STATUSES), None)


def _of_status(status: int, error: BaseException) -> Fault:
    message = " ".join(str(getattr(error, name, "")) for name in ("code", "type", "body", "details"))
    if status == 429 and _QUOTA.search(message):
        return "quota spent"
    if status in (400, 413) and _TOO_LONG.search(message):
        return "too long"
    if 300 <= status < 400:
        return "not a model"
    return "overloaded" if status >= 500 else _BY_STATUS.get(status, "bad request")


def _of_type(error: BaseException) -> Fault | None:
    if isinstance(error, socket.gaierror | ConnectionRefusedError):
        return "unreachable"
    if isinstance(error, ConnectionError):
        return "broken off"
    if isinstance(error, TimeoutError):
        return "too slow"
    wrong_shape = (ValueError, LookupError, TypeError, AttributeError)
    return "not a model" if isinstance(error, wrong_shape) else None
