"""A real Chroma server on this machine, and a wire to it that can be cut, stalled, slowed and made to lie."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

# It comes with chromadb.
BINARY = Path(sys.executable).parent / "chroma"
# What a server says in place of what it was asked for; %s is the token that it was sent.
LIES = {
    "401": (401, b'{"error":"AuthError","message":"Forbidden %s"}'),
    "403": (403, b"no entry with %s"),
    "404": (404, b"<html>Not found: %s</html>"),
    "410": (410, b'{"error":"Gone %s"}'),
    "429": (429, b'{"error":"RateLimitError","message":"%s"}'),
    "500": (500, b'{"error":"InternalError","message":"SELECT %s"}'),
    "html": (200, b"<html>Welcome %s</html>"),
    "list": (200, b'[["%s"]]'),
    "number": (200, b"7"),
    "deep": (200, b"[" * 100_000),
    "old": (501, b'{"error":"Unimplemented","message":"%s"}'),
    "redirect": (302, b"%s"),
    "version": (200, b'"0.6.3"'),
}


class Server:
    """A server that can be killed and started again on the same port with the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.port = folder, _free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, port: int) -> Server:
        """Return a server that another process runs."""
        server = cls(Path())
        server.port = port
        return server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [BINARY, "run", "--path", self._folder, "--host", "127.0.0.1", "--port", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 300
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "chroma run ended"
            with suppress(OSError), urllib.request.urlopen(f"{self.url}/api/v2/heartbeat", timeout=5):
                return
            time.sleep(0.05)
        raise AssertionError("chroma run did not answer in time")

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextmanager
def chroma_run(folder: Path) -> Iterator[Server]:
    """Run a Chroma server of its own on a free port of this machine."""
    server = Server(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


class Wire:
    """A port that hands on to a server, until `trouble` says otherwise: "cut", "stall", "drip", or one of LIES.

    After `grace` more requests, that is. `heads` are the heads of the requests that came.
    """

    def __init__(self, port: int, token: str = "") -> None:
        self._to, self._token = port, token.encode()
        self.trouble, self.grace, self.heads = "", 0, []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self.trouble, self.grace = "cut", 0
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                reader, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(reader,), daemon=True).start()

    def _serve(self, reader: socket.socket) -> None:
        with closing(reader), suppress(OSError):
            while request := _message(reader):
                self.heads.append(request.partition(b"\r\n\r\n")[0].decode())
                self.grace -= 1
                trouble = self.trouble if self.grace < 0 else ""
                if trouble == "cut":
                    return
                while trouble == "stall" and self.trouble:
                    time.sleep(0.1)
                if trouble in LIES:
                    status, body = LIES[trouble]
                    body = body.replace(b"%s", self._token)
                    head = f"HTTP/1.1 {status} x\r\nContent-Length: {len(body)}\r\nLocation: /\r\n\r\n"
                    reader.sendall(head.encode() + body)
                    continue
                with closing(socket.create_connection(("127.0.0.1", self._to), timeout=60)) as to:
                    to.sendall(request)
                    reply = _message(to)
                while trouble == "drip" and self.trouble and reply:
                    reader.sendall(reply[:1])
                    reply = reply[1:]
                    time.sleep(0.1)
                reader.sendall(reply)


def _message(wire: socket.socket) -> bytes:
    """Read one message of HTTP, which tells its length."""
    said = b""
    while b"\r\n\r\n" not in said:
        if not (piece := wire.recv(65536)):
            return b""
        said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    lines = (line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:])
    headers = {name: value.strip() for name, value in lines}
    while len(body) < int(headers.get(b"content-length", 0)) and (piece := wire.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
