"""`python -m tests.mutated_files FOLDER…`: read real files with something broken in each.

Each ends in reviews that keep their places or in a reason, within seconds, and asks no other machine for anything.
Prints how many were read, and for what did not end so the number that makes the same file again (`--only`).
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Sequence
from multiprocessing import Value, get_context
from pathlib import Path
from typing import Any

from rag.errors import UnreadableReview
from rag.sources.apart import MEMORY, SECONDS
from rag.sources.formats import read_content

# What means something to one reader or another.
_PIECES = [b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x0c", b"\r", b"\n\n", b"<", b"&", b"]]>", b"<!--", b"{", b'"',
           b"<!DOCTYPE x [<!ENTITY e SYSTEM 'http://entity.example/'>]>&e;", b"TY  - ", b"PMID- ", b"@article{", b"# ",
           b"\xf0\x9f\xa6\x8b", b"\xed\xa0\x80", b"9" * 5_000, b"(" * 3_000, b"a " * 20_000, b"<div>" * 3_000,
           b"endobj", b"PK\x03\x04", b"%PDF-1.7\n", b"---\n", b"|", b"10.1000/", b"https://other.example/"]  # fmt: skip
_SHORTEST = 100  # bytes of a file that is worth it
_SENT = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request", "subprocess.Popen", "os.system")


def mutated(kinds: Sequence[Sequence[bytes]], number: int) -> bytes:
    """Return a file of one of some kinds with one to eight of its places changed; of one number always the same."""
    chance = random.Random(number)
    content = bytearray(chance.choice(chance.choice(kinds)))
    for _ in range(chance.choice([1, 1, 2, 3, 8])):
        start = chance.randrange(len(content) + 1)
        end = min(start + int(10 ** chance.uniform(0, 4)), len(content))
        match chance.randrange(6):
            case 0:
                content[start:end] = b""
            case 1:
                content[start:start] = chance.choice(_PIECES)
            case 2:
                content[start:end] = chance.randbytes(min(end - start, 40))
            case 3:
                content[start:start] = content[start:end]
            case 4:
                other = chance.choice(chance.choice(kinds))
                at = chance.randrange(len(other) + 1)
                content[start:end] = other[at : at + end - start]
            case _:
                content[start:] = b""
    return bytes(content)


def _check(content: bytes, name: str) -> str:
    """Return how a file was read; raise AssertionError where a review breaks its word."""
    try:
        reading = read_content(content, name)
    except UnreadableReview as reason:
        assert str(reason).startswith(name)
        return "refused"
    for review in reading.reviews:
        end = 0
        for section in review.sections:
            wording = review.text[section.start : section.end]
            assert end <= section.start < section.end <= len(review.text), "a section is no span"
            assert wording == wording.strip(), "a section is not trimmed"
            end = section.end
        assert review.title.strip(), "a review has no title"
    return "read"


def _read_all(kinds: Sequence[Sequence[bytes]], first: int, stop: int, until: float, at: Any, told: Any) -> None:
    """Read mutated files one after the other: what a child does; a hang or a crash ends it."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (2 * MEMORY, 2 * MEMORY))

    def watch(event: str, given: tuple[object, ...]) -> None:
        if event in _SENT:
            raise AssertionError(f"asks for {event} {given!r:.200}")

    sys.addaudithook(watch)
    for number in range(first, stop):
        if time.time() > until:
            break
        at.value = number
        signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of the processor; its signal ends the process
        try:
            told.send((number, _check(mutated(kinds, number), "a.file"), ""))
        except MemoryError:
            told.send((number, "refused", ""))
        except Exception:
            told.send((number, "failed", traceback.format_exc(limit=-3)))


def main() -> int:
    """Read them, and return 1 where some did not end as they should."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--count", type=int, default=20_000, help="so many files")
    parser.add_argument("--first", type=int, default=0, help="the number of the first")
    parser.add_argument("--minutes", type=float, default=15.0, help="stop after these")
    parser.add_argument("--only", type=int, help="write the file of this number to the output, and read nothing")
    given = parser.parse_args()
    paths = sorted(path for folder in given.folders for path in folder.rglob("*") if path.is_file())
    by_kind = defaultdict[str, list[bytes]](list)
    for path in paths:
        if len(content := path.read_bytes()) >= _SHORTEST:
            by_kind[path.suffix].append(content)
    kinds = list(by_kind.values())
    if given.only is not None:
        sys.stdout.buffer.write(mutated(kinds, given.only))
        return 0
    counts, until, context = Counter[str](), time.time() + given.minutes * 60, get_context("fork")
    number, stop = given.first, given.first + given.count
    while number < stop and time.time() < until:
        at, (here, there) = Value("q", number), context.Pipe(duplex=False)
        child = context.Process(target=_read_all, args=(kinds, number, stop, until, at, there))
        child.start()
        there.close()
        try:
            while True:
                told, how, what = here.recv()
                counts[how] += 1
                if how == "failed":
                    print(f"{told}: {what}", flush=True)
        except EOFError:
            child.join()
        number = at.value + 1
        if child.exitcode:
            ended = signal.Signals(-child.exitcode).name if child.exitcode < 0 else f"exit {child.exitcode}"
            counts["ended"] += 1
            print(f"{at.value}: ended by {ended}", flush=True)
        else:
            break
    print(f"{sum(counts.values()):,} files mutated from {sum(map(len, kinds))}: {dict(counts)}")
    return int(bool(counts["failed"] or counts["ended"]))


if __name__ == "__main__":
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    sys.exit(main())
