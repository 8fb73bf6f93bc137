"""The databases that the store's tests run against: SQLite, and a real PostgreSQL where its binaries are installed."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

_DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def postgres_binaries() -> Path | None:
    """Return the folder that holds initdb and postgres, None where PostgreSQL is not installed."""
    found = Path(shutil.which("initdb") or "nowhere").resolve()
    candidates = [found, *reversed(_DEBIAN)]
    return next((path.parent for path in candidates if (path.parent / "postgres").exists()), None)


@contextmanager
def postgres_server() -> Iterator[str]:
    """Run a PostgreSQL of its own on a free port of this machine; yield its address without the database's name."""
    binaries = postgres_binaries()
    assert binaries, "PostgreSQL is not installed"
    with tempfile.TemporaryDirectory(prefix="pg") as parent, closing(socket.socket()) as probe:
        owner = _ordinary_user()
        folder = Path(parent) / "cluster"
        folder.mkdir()
        for path in (Path(parent), folder):
            if owner:
                shutil.chown(path, owner)
        options = ["--auth=trust", "--username=reviews", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([binaries / "initdb", "-D", folder, *options], check=True, user=owner, capture_output=True)
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        settings = ["-c", f"unix_socket_directories={parent}", "-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"]
        command = [binaries / "postgres", "-D", folder, "-p", str(port), *settings]
        server = subprocess.Popen(command, user=owner, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(port, server)
            yield f"postgresql://reviews@127.0.0.1:{port}"
        finally:
            server.send_signal(signal.SIGINT)  # which does not wait for those that are still connected
            with suppress(subprocess.TimeoutExpired):
                server.wait(timeout=300)
            if server.poll() is None:
                server.kill()
                server.wait()


def new_database(server: str) -> str:
    """Make an empty database on a server, and return its address."""
    import psycopg

    name = f"reviews_{uuid4().hex}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def _ordinary_user() -> str | None:
    """Return who may run the server: PostgreSQL refuses root."""
    return "nobody" if os.getuid() == 0 else None


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    import psycopg

    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert server.poll() is None, "PostgreSQL did not start"
        with suppress(psycopg.OperationalError), psycopg.connect(f"postgresql://reviews@127.0.0.1:{port}/postgres"):
            return
        time.sleep(0.1)
    raise AssertionError("PostgreSQL did not answer in time")
