"""Files read in child processes, one a core, within limits of time, memory and output; a child that dies is replaced.

What may be hostile, such as a PDF, is parsed there and nowhere else. A child is this module run as a program: it gets a
line of JSON and a file's bytes, again and again, and answers each with a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Timer, local
from typing import BinaryIO

from pydantic import TypeAdapter

from rag.errors import UnreadableReview
from rag.settings import PROJECT
from rag.sources.source_file import Reading

SECONDS = 30.0  # for one file
MEMORY = 2_000_000_000  # bytes of addresses; a PDF of 300 pages takes a quarter
LONGEST_REPLY = 200_000_000  # bytes
_MOST_CHILDREN = 8

_READING = TypeAdapter(Reading)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: its name as it is shown, and how its bytes are had."""

    name: str
    content: Callable[[], bytes]


def read_apart(jobs: Iterable[Job]) -> Iterator[Reading | UnreadableReview]:
    """Yield what each file holds or why it cannot be read, in their order; nothing in a file can stop this."""
    children = _Children()
    workers = max(1, min(_MOST_CHILDREN, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2))
    pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
    try:
        yield from pool.map(children.read, jobs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        children.close()


class _Children:
    """A child for each thread that asks, started when it is needed."""

    def __init__(self) -> None:
        self._mine = local()
        self._started: list[subprocess.Popen[bytes]] = []

    def read(self, job: Job) -> Reading | UnreadableReview:
        try:
            return self._asked(job, job.content())
        except UnreadableReview as error:
            return error

    def _asked(self, job: Job, content: bytes) -> Reading:
        child = self._child()
        overdue = Timer(SECONDS, child.kill)
        overdue.start()
        try:
            reply = _ask(child, job.name, content)
        finally:
            overdue.cancel()
        if reply is None:
            self._mine.child = None
            child.kill()
            child.wait()
            raise UnreadableReview(
                f"{job.name}: the file took more than {SECONDS:.0f} seconds or too much memory to read; is it damaged?"
            )
        if "refused" in reply:
            raise UnreadableReview(reply["refused"])
        return _READING.validate_python(reply["reading"])

    def _child(self) -> subprocess.Popen[bytes]:
        child: subprocess.Popen[bytes] | None = getattr(self._mine, "child", None)
        if child is None or child.poll() is not None:
            child = self._mine.child = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=PROJECT,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
            self._started.append(child)
        return child

    def close(self) -> None:
        for child in self._started:
            child.kill()
            child.communicate()


def _ask(child: subprocess.Popen[bytes], name: str, content: bytes) -> dict[str, object] | None:
    """Return a child's reply, None where it died or said too much."""
    assert child.stdin and child.stdout
    with suppress(OSError, ValueError):
        child.stdin.write(json.dumps([name, len(content)]).encode() + b"\n")
        child.stdin.write(content)
        child.stdin.flush()
        line = child.stdout.readline(LONGEST_REPLY)
        if line.endswith(b"\n"):
            reply: dict[str, object] = json.loads(line)
            return reply
    return None


def _serve(questions: BinaryIO, replies: BinaryIO) -> None:
    """Read files until there are no more: what the child does."""
    from rag.sources.formats import read_content

    while header := questions.readline():
        name, size = json.loads(header)
        try:
            reply = {"reading": _READING.dump_python(read_content(questions.read(size), name), mode="json")}
        except UnreadableReview as error:
            reply = {"refused": str(error)}
        except MemoryError:
            reply = {"refused": f"{name}: the file takes too much memory to read"}
        except Exception as error:
            reply = {"refused": f"{name}: the file could not be read ({type(error).__name__}); is it damaged?"}
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


def _limit_memory() -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows knows no such limit
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    # What a library prints must not stand among the replies.
    _replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    _limit_memory()
    _serve(sys.stdin.buffer, _replies)
