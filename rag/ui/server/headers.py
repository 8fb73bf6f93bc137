"""Security headers on every response, and the cookie by which a reader's conversations are known again."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
from collections.abc import Iterable

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import BadSettings

READER_COOKIE = "reader"
READER_PATTERN = re.compile(r"[A-Za-z0-9_-]{43}")
_READER_SECONDS = 30 * 24 * 3600
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.*-]+(:\d+)?")
_HOST = re.compile(r"[A-Za-z0-9.-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")
# What is shared or kept is its readers' alone, the owner's page the owner's: search engines are told to leave it out.
_NOT_INDEXED = re.compile(rb"(^|&)((share|conversation)=|owner(=|&|$))")
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-write=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def is_reader(text: str) -> bool:
    """Tell whether a text is formed as the reader's cookie is."""
    return READER_PATTERN.fullmatch(text) is not None


class Headers:
    """ASGI middleware: a content security policy and its companions, and the reader's cookie with the page.

    `frame_ancestors` are the origins, space separated, that may show the page in a frame; `scripts` are the inline
    ones that the policy allows, each by its hash. Raises BadSettings when an origin is none.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: str = "", scripts: Iterable[str] = ()) -> None:
        self.app = app
        ancestors = _origins(frame_ancestors)
        self._framed = bool(ancestors)
        self._policy = _policy(ancestors, [_hash(script) for script in scripts])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; what is sent back carries the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(scope, message["status"], MutableHeaders(scope=message))
            await send(message)

        await self.app(scope, receive, send_with_headers)

    def _add(self, scope: Scope, status: int, headers: MutableHeaders) -> None:
        """Add what belongs to this response."""
        headers["Content-Security-Policy"] = self._policy.replace("{sockets}", _sockets(scope))
        headers.update(_ALWAYS)
        if not self._framed:
            headers["X-Frame-Options"] = "SAMEORIGIN"
        if scope["scheme"] == "https":
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if _NOT_INDEXED.search(scope["query_string"]):
            headers["X-Robots-Tag"] = "noindex, nofollow"
        if scope["method"] == "GET" and status == 200 and headers.get("content-type", "").startswith("text/html"):
            # No cache may hand one reader's cookie to another.
            headers["Cache-Control"] = "no-store"
            headers.append("Set-Cookie", self._cookie(scope))

    def _cookie(self, scope: Scope) -> str:
        """Return the reader's cookie: the one that came, for another month, or a new one."""
        brought = HTTPConnection(scope).cookies.get(READER_COOKIE, "")
        reader = brought if is_reader(brought) else secrets.token_urlsafe(32)
        secure = scope["scheme"] == "https"
        # In the frame of another site a browser keeps a cookie only when it is secure, and apart for each such site.
        place = "SameSite=None; Partitioned" if self._framed and secure else "SameSite=Lax"
        cookie = f"{READER_COOKIE}={reader}; Max-Age={_READER_SECONDS}; Path=/; HttpOnly; {place}"
        return f"{cookie}; Secure" if secure else cookie


def _origins(frame_ancestors: str) -> list[str]:
    """Return the origins of the setting, all well-formed."""
    origins = frame_ancestors.split()
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise BadSettings("RAG_FRAME_ANCESTORS cannot be read: write origins, as https://example.org, with spaces.")
    return origins


def _hash(script: str) -> str:
    """Return the source that allows exactly this inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _policy(ancestors: list[str], hashes: list[str]) -> str:
    """Return the content security policy; `{sockets}` in it stands for the page's own WebSocket."""
    # What Streamlit's frontend cannot do without: a component's script is imported from a blob URL, which only a script
    # that runs already can make; its messages' 64-bit numbers are WebAssembly; its styles are made while it runs.
    return "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self' blob: 'wasm-unsafe-eval'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "font-src 'self' data:",
            "img-src 'self' data:",
            "connect-src 'self' {sockets}",
            " ".join(["frame-ancestors 'self'", *ancestors]),
            "base-uri 'none'",
            "form-action 'none'",
            "object-src 'none'",
        ]
    )


def _sockets(scope: Scope) -> str:
    """Return the WebSocket addresses of the host that was asked: older browsers do not count them among 'self'."""
    host = HTTPConnection(scope).headers.get("host", "")
    return f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
