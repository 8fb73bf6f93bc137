"""The headers of every response, and the reader's cookie."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPMessage
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from rag.errors import BadSettings
from rag.settings import PROJECT
from rag.ui.server.headers import READER_COOKIE, READER_PATTERN, Headers, is_reader
from rag.ui.server.scripts import SCROLL
from tests.browser.conftest import serving
from tests.conftest import SEEDS

READER = "A-_9" * 10 + "xyz"
SPACE = "https://huggingface.co"


def answered(
    response: Response | None = None,
    ancestors: str = "",
    scheme: str = "http",
    cookie: str = "",
    query: bytes = b"",
    host: str = "reviews.example:8501",
    method: str = "GET",
) -> dict[str, str]:
    """Return the headers with which a response of the page leaves."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
    scope = {"type": "http", "method": method, "path": "/", "query_string": query, "scheme": scheme}
    guarded = Headers(response or HTMLResponse("<p>page"), ancestors, scripts=["let one", "let two"])
    asyncio.run(guarded({**scope, "headers": headers}, receive, send))
    return {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def directives(headers: dict[str, str] | HTTPMessage) -> dict[str, list[str]]:
    """Return the content security policy by its directives."""
    parts = [part.split() for part in headers["content-security-policy"].split(";")]
    return {name: sources for name, *sources in parts}


def hash_of(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def test_the_policy_allows_the_scripts_it_was_given_and_no_other_inline_script() -> None:
    policy = directives(answered())
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["object-src"] == ["'none'"]
    allowed = {"'self'", "blob:", "'wasm-unsafe-eval'", hash_of("let one"), hash_of("let two")}
    assert set(policy["script-src"]) == allowed
    assert policy["frame-ancestors"] == ["'self'"]


def test_only_the_named_origins_may_show_the_page_in_a_frame() -> None:
    alone, framed = answered(), answered(ancestors=f" {SPACE}  https://*.hf.space ")
    assert alone["x-frame-options"] == "SAMEORIGIN"
    assert "x-frame-options" not in framed
    assert directives(framed)["frame-ancestors"] == ["'self'", SPACE, "https://*.hf.space"]


@pytest.mark.parametrize(
    "wrong", ["huggingface.co", "https://a.example; script-src *", "*", "https://a.example,b", "'"]
)
def test_what_is_no_origin_is_refused_by_the_name_of_its_setting(wrong: str) -> None:
    with pytest.raises(BadSettings, match="RAG_FRAME_ANCESTORS"):
        answered(ancestors=wrong)


def test_the_page_may_speak_to_its_own_socket_and_to_nothing_that_a_forged_host_names() -> None:
    here = "ws://reviews.example:8501 wss://reviews.example:8501".split()
    assert directives(answered())["connect-src"] == ["'self'", *here]
    assert directives(answered(host="[::1]:8501"))["connect-src"] == ["'self'", "ws://[::1]:8501", "wss://[::1]:8501"]
    for forged in ("a.example; script-src *", "a.example evil.example", "", "a/b", "*"):
        policy = directives(answered(host=forged))
        assert policy["connect-src"] == ["'self'"]
        assert "*" not in policy["script-src"]


def test_strict_transport_is_demanded_of_https_alone() -> None:
    assert "strict-transport-security" not in answered()
    assert answered(scheme="https")["strict-transport-security"].startswith("max-age=")


@pytest.mark.parametrize("query", [b"share=abc", b"embed=true&conversation=7"])
def test_a_shared_conversation_is_not_for_search_engines(query: bytes) -> None:
    assert answered(query=query)["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("query", [b"", b"q=share=abc", b"reshare=1"])
def test_the_page_itself_is_for_search_engines(query: bytes) -> None:
    assert "x-robots-tag" not in answered(query=query)


def cookie_of(headers: dict[str, str]) -> tuple[str, set[str]]:
    """Return the value of the reader's cookie and its attributes."""
    pair, *attributes = headers["set-cookie"].split("; ")
    name, value = pair.split("=", 1)
    assert name == READER_COOKIE
    return value, set(attributes)


def test_a_new_reader_gets_a_cookie_that_no_one_can_guess() -> None:
    readers = {cookie_of(answered())[0] for _ in range(20)}
    assert len(readers) == 20
    assert all(map(is_reader, readers))


def test_a_known_readers_cookie_is_renewed() -> None:
    value, attributes = cookie_of(answered(cookie=f"theme=dark; {READER_COOKIE}={READER}; other=1"))
    assert value == READER
    assert attributes == {"Max-Age=2592000", "Path=/", "HttpOnly", "SameSite=Lax"}


@pytest.mark.parametrize("broken", ["short", READER + "x", READER[:-1] + "!", READER[:-1] + "ä", f'"{READER[2:]}"'])
def test_a_cookie_that_is_not_well_formed_is_replaced(broken: str) -> None:
    value, _ = cookie_of(answered(cookie=f"{READER_COOKIE}={broken}"))
    assert is_reader(value)
    assert value != broken
    assert not READER_PATTERN.fullmatch(broken)


def test_the_cookie_is_secure_over_https_and_kept_in_the_frame_of_another_site_where_that_is_allowed() -> None:
    always = {"Max-Age=2592000", "Path=/", "HttpOnly"}
    assert cookie_of(answered(scheme="https"))[1] == always | {"SameSite=Lax", "Secure"}
    framed = cookie_of(answered(scheme="https", ancestors=SPACE))[1]
    assert framed == always | {"SameSite=None", "Secure", "Partitioned"}
    assert cookie_of(answered(ancestors=SPACE))[1] == always | {"SameSite=Lax"}


def test_only_the_page_carries_a_cookie_and_no_cache_keeps_it() -> None:
    page = HTMLResponse("<p>page", headers={"Cache-Control": "public, max-age=60"})
    assert answered(page)["cache-control"] == "no-store"
    for other in (PlainTextResponse("let x"), HTMLResponse("gone", 404)):
        assert "set-cookie" not in answered(other)
        assert "content-security-policy" in answered(other)
    assert "set-cookie" not in answered(method="HEAD")


# Before the real server.


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[str]:
    with serving(PROJECT, SEEDS, data, RAG_HOSTED="1", RAG_FRAME_ANCESTORS=SPACE) as (address, _):
        yield address


def fetch(url: str, **headers: str) -> tuple[HTTPMessage, str]:
    with urlopen(Request(url, headers=headers), timeout=300) as response:
        return response.headers, response.read().decode("utf-8", "replace")


def test_every_inline_script_of_the_served_page_is_allowed_by_its_hash(served: str) -> None:
    headers, html = fetch(served)
    inline = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert inline
    assert {hash_of(script) for script in [*inline, SCROLL]} <= set(directives(headers)["script-src"])
    assert directives(headers)["frame-ancestors"] == ["'self'", SPACE]


def test_static_files_stay_in_caches_and_carry_no_cookie(served: str) -> None:
    _, html = fetch(served)
    script = re.search(r'src="\./(static/js/[^"]+)"', html)
    assert script
    headers, _ = fetch(f"{served}/{script[1]}")
    assert "immutable" in headers["cache-control"]
    assert headers["set-cookie"] is None
    assert headers["x-content-type-options"] == "nosniff"


def test_first_requests_at_the_same_moment_each_get_a_cookie_of_their_own(served: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: fetch(served), range(16)))
    readers = {re.match(rf"{READER_COOKIE}=([^;]+);", headers["set-cookie"])[1] for headers, _ in answers}
    assert len(readers) == 16
    assert all(map(is_reader, readers))


def test_what_a_trusted_proxy_says_of_https_counts_and_the_cookie_is_then_for_frames(served: str) -> None:
    headers, _ = fetch(served, **{"X-Forwarded-Proto": "https"})
    assert "SameSite=None; Partitioned; Secure" in headers["set-cookie"]
    assert headers["strict-transport-security"]
