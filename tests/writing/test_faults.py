"""Faults are told apart by what a client raised; what is said of them is fixed, and holds no key."""

from __future__ import annotations

import time
from email.utils import formatdate
from itertools import pairwise
from typing import get_args

import httpx2
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.writing.faults import (
    REFUSALS,
    Fault,
    Refused,
    classify,
    explanation,
    may_retry,
    particulars,
    redacted,
    wait_asked_for,
)
from tests.growth import at_once
from tests.model_server import KEY

REQUEST = httpx2.Request("POST", "http://127.0.0.1/v1/chat/completions")
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)


def refusal(status: int, body: object = None, **headers: str) -> openai.APIStatusError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, request=REQUEST, headers=named)
    return openai.APIStatusError(f"Error code: {status}", response=response, body=body)


def raised_from(outer: Exception, *inner: Exception) -> Exception:
    causes = [outer, *inner]
    for error, cause in pairwise(causes):
        error.__cause__ = cause
    return outer


@pytest.mark.parametrize("fault", [fault for fault in get_args(Fault) if fault not in REFUSALS])
def test_every_fault_is_explained_in_one_line_that_names_the_model(fault):
    words = explanation(fault, "gpt-{x}")
    assert "\n" not in words and words.endswith("These are the quotes themselves.") and len(words) < 160
    assert "gpt-{x}" in words


@pytest.mark.parametrize("fault", REFUSALS)
def test_every_refusal_says_in_one_line_that_there_are_quotes_only_and_is_never_tried_again(fault):
    refused = Refused(fault, "gpt-{x}")
    assert "quoted answers only" in str(refused) and "\n" not in str(refused) and len(str(refused)) < 160
    assert str(refused) == explanation(fault, "gpt-{x}")
    assert classify(refused) == refused.fault == fault and not may_retry(refused)


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (refusal(401), "key refused"),
        (refusal(402), "quota spent"),
        (refusal(403), "key refused"),
        (refusal(404), "unknown model"),
        (refusal(400, {"code": "context_length_exceeded"}), "too long"),
        (refusal(400, {"message": "the request exceeds the available context size"}), "too long"),
        (refusal(400, {"message": "no SSL certificate for you"}), "bad request"),
        (refusal(429), "rate limited"),
        (refusal(429, {"code": "insufficient_quota"}), "quota spent"),
        (refusal(307), "not a model"),
        (refusal(599), "overloaded"),
        (refusal(418), "bad request"),
        (raised_from(openai.APITimeoutError(REQUEST), httpx2.ConnectTimeout(""), TimeoutError()), "unreachable"),
        (raised_from(openai.APITimeoutError(REQUEST), httpx2.ReadTimeout(""), TimeoutError()), "too slow"),
        (raised_from(openai.APIConnectionError(request=REQUEST), ValueError("packed")), "not a model"),
        (raised_from(openai.APIConnectionError(request=REQUEST), ConnectionResetError()), "broken off"),
        (openai.APIConnectionError(request=REQUEST), "unreachable"),
        (httpx2.ConnectError("[SSL: WRONG_VERSION_NUMBER] wrong version number"), "no secure connection"),
        (httpx2.RemoteProtocolError("peer closed"), "broken off"),
        (openai.APIError("fell over", REQUEST, body=None), "overloaded"),
        (KeyError("choices"), "not a model"),
        (RuntimeError("?"), "other"),
    ],
)
def test_a_fault_is_told_by_the_status_else_by_what_lies_at_its_root(error, fault):
    assert classify(error) == fault


def test_causes_in_a_circle_end():
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert classify(first) == "not a model"


def test_only_what_may_pass_by_itself_is_tried_again():
    again = {status for status in range(300, 600) if may_retry(refusal(status))}
    assert again == {408, 409, 429, *range(500, 600)}
    assert not may_retry(refusal(429, {"code": "insufficient_quota"}))
    assert may_retry(raised_from(openai.APITimeoutError(REQUEST), httpx2.ConnectTimeout("")))
    assert not may_retry(raised_from(openai.APITimeoutError(REQUEST), httpx2.ReadTimeout("")))


def test_the_wait_asked_for_is_read_as_seconds_or_as_a_date():
    assert wait_asked_for(refusal(429)) is None
    assert wait_asked_for(refusal(429, Retry_After=" 2.5 ")) == 2.5
    assert wait_asked_for(refusal(429, Retry_After=formatdate(0, usegmt=True))) == 0
    later = wait_asked_for(refusal(429, Retry_After=formatdate(time.time() + 3600, usegmt=True)))
    assert later is not None and 3590 < later <= 3600


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40))
def test_any_wait_asked_for_is_a_number_of_seconds_or_none(value):
    wait = wait_asked_for(refusal(429, Retry_After=value))
    assert wait is None or 0 <= wait < float("inf")


@given(st.text(), st.text(), KEYS, KEYS)
def test_no_key_is_left_in_a_text(before, after, key, other):
    left = redacted(f"{before}{key}{after} {other}{key}", [key, other, ""])
    assert key not in left and other not in left


def test_what_looks_like_a_key_is_taken_out_too():
    left = redacted(f"Bearer abc, {KEY}, their-sk-abcdefghijkl, hf_abcdefghijkl", [])
    assert not any(said in left for said in ("abc", "0123456789"))


def test_keys_are_taken_out_in_time_linear_in_the_text():
    for text in ("sk-" * 300_000, "Bearer " * 150_000, "Bearer" + " " * 1_000_000, "a" * 1_000_000):
        with at_once(text):
            redacted(text, [KEY])


def test_a_log_holds_kinds_status_and_request_and_nothing_that_an_endpoint_wrote():
    told = particulars(refusal(429, {"message": f"no, {KEY}"}, x_request_id="req_0aF-9"))
    assert told == "error APIStatusError, status 429, request req_0aF-9"
    assert particulars(refusal(500, x_request_id="<b>two words</b>")).endswith("request none")
    assert particulars(None) == "error none, status none, request none"
