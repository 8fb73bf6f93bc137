"""Files read in child processes: what one of them does to its child harms no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from rag.errors import UnreadableReview
from rag.sources import apart
from rag.sources.apart import Job, read_apart
from rag.sources.source_file import Reading

LAMP = b"# Lamp %d\n\n## Abstract\n\nLamp %d is lit at dusk, and moths come to it.\n"


def lamp(number: int) -> Job:
    return Job(f"{number}.md", lambda: LAMP % (number, number))


def unreadable(job: Job) -> str:
    (outcome,) = read_apart([job])
    assert isinstance(outcome, UnreadableReview)
    return str(outcome)


def test_readings_come_in_the_order_of_the_files() -> None:
    titles = [outcome.reviews[0].title for outcome in read_apart(map(lamp, range(20))) if isinstance(outcome, Reading)]
    assert titles == [f"Lamp {number}" for number in range(20)]


def test_what_is_refused_says_why_and_a_file_that_is_gone_too() -> None:
    def gone() -> bytes:
        raise UnreadableReview("gone.md: the file cannot be opened")

    assert unreadable(Job("empty.md", lambda: b"")) == "empty.md: the file is empty"
    assert unreadable(Job("gone.md", gone)) == "gone.md: the file cannot be opened"


def test_a_file_that_takes_too_long_ends_with_a_reason_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 4.0)
    slow = Job("slow.md", lambda: b"# Lamps\n\n" + b"Lamps are lit. \n" * 1_900_000)
    outcomes = list(read_apart([slow, lamp(1), lamp(2), lamp(3)]))
    assert [isinstance(outcome, Reading) for outcome in outcomes] == [False, True, True, True]
    assert "slow.md: the file took more than 4 seconds" in str(outcomes[0])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no such limit")
def test_a_child_has_a_limit_of_memory() -> None:
    grabbing = "from rag.sources.apart import _limit_memory; _limit_memory(); bytearray(3_000_000_000)"
    ended = subprocess.run([sys.executable, "-c", grabbing], capture_output=True, text=True, check=False)
    assert "MemoryError" in ended.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="processes are told apart by their parents in /proc")
def test_no_child_outlives_the_reading() -> None:
    reading = read_apart(map(lamp, range(50)))
    next(reading)
    children = {int(pid) for pid in _children(os.getpid())}
    reading.close()
    assert children
    assert not children & {int(pid) for pid in _children(os.getpid())}


def test_a_child_that_is_killed_from_outside_costs_no_more_than_its_file() -> None:
    reading = read_apart(map(lamp, range(200)))
    next(reading)
    for pid in _children(os.getpid()):
        os.kill(int(pid), signal.SIGKILL)
    outcomes = list(reading)
    assert len(outcomes) == 199
    assert sum(isinstance(outcome, Reading) for outcome in outcomes) >= 190


def _children(pid: int) -> list[str]:
    listed = subprocess.run(
        ["pgrep", "-P", str(pid), "-f", "rag.sources.apart"], capture_output=True, text=True, check=False
    )
    return listed.stdout.split()
