"""Files read and drawn in child processes, within limits of time, memory and output; a child that dies is replaced.

What may be hostile, such as a PDF, is parsed there and nowhere else. A child is this module run as a program: it gets a
line of JSON and a file's bytes, again and again, and answers each with a line of JSON.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from threading import Timer, local
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from rag.errors import UnreadableReview
from rag.settings import PROJECT
from rag.sources.source_file import Reading
from rag.types import Review

SECONDS = 30.0  # for one file
MEMORY = 2_000_000_000  # bytes of addresses; a PDF of 300 pages takes a quarter
LONGEST_REPLY = 200_000_000  # bytes
_MOST_CHILDREN = 8

_READING = TypeAdapter(Reading)
_REVIEW = TypeAdapter(Review)


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: its name as it is shown, and how its bytes are had."""

    name: str
    content: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a child is asked for a file of this name: to read it, or to draw the pages with a span of its review."""

    name: str
    size: int
    review: Any = None
    start: int = 0
    end: int = 0


def read_apart(jobs: Iterable[Job]) -> Iterator[Reading | UnreadableReview]:
    """Yield what each file holds or why it cannot be read, in their order; nothing in a file can stop this."""
    children = _Children()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pool = ThreadPoolExecutor(min(_MOST_CHILDREN, cores), thread_name_prefix="reading")

    def read(job: Job) -> Reading | UnreadableReview:
        try:
            content = job.content()
            return _READING.validate_python(children.reply(Wanted(job.name, len(content)), content)["reading"])
        except UnreadableReview as error:
            return error

    try:
        yield from pool.map(read, jobs)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        children.close()


def read_one_apart(content: bytes, name: str) -> Reading:
    """Return what a file holds; raise UnreadableReview with the reason where it cannot be read."""
    (outcome,) = read_apart([Job(name, lambda: content)])
    if isinstance(outcome, UnreadableReview):
        raise outcome
    return outcome


def draw_apart(content: bytes, review: Review, start: int, end: int) -> tuple[bytes, ...]:
    """Return the pages of a PDF on which `review.text[start:end]` stands, its words marked, as PNG.

    () where the file is another one by now. Raises UnreadableReview where it cannot be drawn.
    """
    children = _Children()
    told = _REVIEW.dump_python(review, mode="json")
    try:
        reply = children.reply(Wanted(review.files[0], len(content), told, start, end), content)
    finally:
        children.close()
    return tuple(map(base64.b64decode, reply["pictures"]))


class _Children:
    """A child for each thread that asks, started when it is needed."""

    def __init__(self) -> None:
        self._mine = local()
        self._started: list[subprocess.Popen[bytes]] = []

    def reply(self, wanted: Wanted, content: bytes) -> dict[str, Any]:
        """Return a child's reply; raise UnreadableReview with what it refused, or where it took too much."""
        child = self._child()
        overdue = Timer(SECONDS, child.kill)
        overdue.start()
        try:
            reply = _ask(child, wanted, content)
        finally:
            overdue.cancel()
        if reply is None:
            self._mine.child = None
            child.kill()
            child.wait()
            took = f"took more than {SECONDS:.0f} seconds or too much memory"
            raise UnreadableReview(f"{wanted.name}: the file {took} to read; is it damaged?")
        if "refused" in reply:
            raise UnreadableReview(reply["refused"])
        return reply

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


def _ask(child: subprocess.Popen[bytes], wanted: Wanted, content: bytes) -> dict[str, Any] | None:
    """Return a child's reply, None where it died or said too much."""
    assert child.stdin and child.stdout
    with suppress(OSError, ValueError):
        child.stdin.write(json.dumps(asdict(wanted)).encode() + b"\n")
        child.stdin.write(content)
        child.stdin.flush()
        line = child.stdout.readline(LONGEST_REPLY)
        if line.endswith(b"\n"):
            reply: dict[str, Any] = json.loads(line)
            return reply
    return None


def _serve(questions: BinaryIO, replies: BinaryIO) -> None:
    """Do what is wanted until there is no more: what the child does."""
    while header := questions.readline():
        wanted = Wanted(**json.loads(header))
        content = questions.read(wanted.size)
        try:
            reply = _drawn(wanted, content) if wanted.review else _read(wanted, content)
        except UnreadableReview as error:
            reply = {"refused": str(error)}
        except MemoryError:
            reply = {"refused": f"{wanted.name}: the file takes too much memory to read"}
        except Exception as error:
            fault = type(error).__name__
            reply = {"refused": f"{wanted.name}: the file could not be read ({fault}); is it damaged?"}
        replies.write(json.dumps(reply).encode() + b"\n")
        replies.flush()


def _read(wanted: Wanted, content: bytes) -> dict[str, Any]:
    from rag.sources.formats import read_content

    return {"reading": _READING.dump_python(read_content(content, wanted.name), mode="json")}


def _drawn(wanted: Wanted, content: bytes) -> dict[str, Any]:
    from rag.sources.pdf import page_pictures

    review = _REVIEW.validate_python(wanted.review)
    pictures = page_pictures(content, review, wanted.start, wanted.end)
    return {"pictures": [base64.b64encode(picture).decode() for picture in pictures]}


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
