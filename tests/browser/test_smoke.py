"""`make smoke`, as an owner runs it: against the page, and against what is not the page."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from rag.settings import PROJECT
from tests.browser.conftest import serving
from tests.browser.smoke import NotWhole, walk
from tests.conftest import SEEDS

PASSWORD = "a long one, with 'quotes' and a $"
# What is set up is known already; that it is done is another test's matter.
MAKE = [shutil.which("make") or "make", "--silent", "--old-file=dev", "smoke"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(os.name == "nt", reason="make is used here")]


def smoke(url: str = "", **given: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "PASSWORD"}}
    return subprocess.run(
        [*MAKE, f"URL={url}"], cwd=PROJECT, env={**kept, **given}, capture_output=True, text=True, timeout=300
    )


def refusal(browser: object, url: str, password: str = "") -> str:
    """Return what a walk through a page ends with that does not do all that it should."""
    with pytest.raises(NotWhole) as fault:
        walk(browser, url, password)
    return str(fault.value)


def test_a_page_that_is_whole_passes_and_every_check_is_printed(browser: object, data: Path) -> None:
    with serving(PROJECT, SEEDS, data, RAG_HOSTED="1", RAG_PASSWORD=PASSWORD) as (address, _):
        assert refusal(browser, f"{address}/").startswith("the page opens: it asks for a password")
        done = smoke(address, PASSWORD=PASSWORD)
    assert done.returncode == 0, done.stderr
    checks = [line.removeprefix("ok").strip() for line in done.stdout.splitlines() if line.startswith("ok")]
    assert len(checks) == 12
    assert re.search(r"([1-9]\d*) of \1 quotes? still match(es)? the reviews word for word\.", done.stdout)
    assert PASSWORD not in done.stdout + done.stderr


@pytest.mark.parametrize("says", ["<h1>Ask the reviews</h1>", "ok"])
def test_a_server_that_is_not_the_page_is_told_plainly(browser: object, says: str) -> None:
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(says.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert "this is not the page" in refusal(browser, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def test_where_nobody_answers_it_is_said_and_without_an_address_how_it_is_called(browser: object) -> None:
    done = smoke("http://127.0.0.1:9")
    assert done.returncode
    assert done.stderr.startswith("FAILED  the server answers: ")
    assert "Traceback" not in done.stderr
    assert "make smoke URL=https://" in smoke().stderr
