"""The page as it is hosted, on loopback, and its figures."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag.settings import PROJECT
from tests.browser.conftest import serving


@contextmanager
def hosting(
    sources: Path, data: Path, kept_log: Path | None = None, **more: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve the page as behind a proxy on this machine, with `more` in its environment; in the end it is killed."""
    settings = {"RAG_HOSTED": "1", "FORWARDED_ALLOW_IPS": "127.0.0.1", **more}
    with serving(PROJECT, sources, data, kept_log, **settings) as (address, server):
        try:
            yield address, server
        finally:
            server.kill()


def address_of(number: int) -> str:
    """Return an address of the public internet, another one for each number."""
    return f"11.{number // 250}.{number % 250}.8"


def memory(server: subprocess.Popen[bytes]) -> str:
    """Return how much memory the server has and had at most, as Linux counts it."""
    status = Path(f"/proc/{server.pid}/status")
    found = re.findall(r"Vm(?:HWM|RSS):\s+(\d+)", status.read_text()) if status.exists() else []
    return "server at most {:.0f} MB, now {:.0f} MB".format(*(int(each) / 1024 for each in found)) if found else ""


def spread(seconds: Sequence[float]) -> str:
    """Return median, 95th percentile and maximum of some times."""
    if not seconds:
        return "none"
    return f"p50 {share_of(seconds, 0.5):.2f} s, p95 {share_of(seconds, 0.95):.2f} s, max {max(seconds):.2f} s"


def share_of(seconds: Sequence[float], share: float) -> float:
    """Return the time that this share of the times does not exceed."""
    return sorted(seconds)[min(len(seconds) - 1, int(share * len(seconds)))]


def load() -> str:
    """Return the load average of the last minute."""
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
