"""Questions of a shape that a careless pattern takes hours for: one visitor's must not hold up all others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rag.settings import PROJECT

LONGEST = 1990
# So many seconds for a question, on a loaded machine; the patterns that were once slow took minutes to hours.
SECONDS = 5
PIECES = (
    *(".", "=", "è1.2.3.", "a.", "a. ", "  a", "\n", "((", "((a", "- ", "1 ", "1,", "é1.2.", "and ", "of a ", "x, "),
    *("'", "“", "how ", "not ", "is a ", "[", "a-", "Smith and ", "et al. ", "J. ", "please ", "& ", "years ", "who "),
    *("between ", "than the ", "% ", "p < 0.", "and (", "vs ", "too ", "as well ", "on ", "only the ", "a, a "),
)
SHAPES = ("{}", "What about {}?", "{} safety too", "Compare {}", "which {} year")
PROGRAM = """
import sys, time
from pathlib import Path
from rag.shelf import open_library
from rag.pipeline import ask
from rag.settings import Settings
from rag.types import Turn
from tests.test_hostile import LONGEST, PIECES, SHAPES

library = open_library(Settings(data=Path(sys.argv[1])))
history = [Turn("What about lupus?", ask("What about lupus?", library))]
for shape in SHAPES[int(sys.argv[2]):int(sys.argv[2]) + 1]:
    for piece in PIECES:
        question = shape.format((piece * LONGEST)[: LONGEST - len(shape)])
        for before in ((), history):
            began = time.perf_counter()
            ask(question, library, before)
            print(f"{time.perf_counter() - began:.2f} {shape!r} {piece!r}", flush=True)
"""


@pytest.mark.parametrize("shape", range(len(SHAPES)))
def test_no_question_takes_long_whatever_its_shape(library, data: Path, shape: int) -> None:
    """In another process, since a pattern that runs wild cannot be stopped in this one."""
    command = [sys.executable, "-c", PROGRAM, str(data), str(shape)]
    try:
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=150)
    except subprocess.TimeoutExpired as late:
        pytest.fail(f"stuck after {(late.stdout or b'').decode().splitlines()[-1:]}")
    assert done.returncode == 0, done.stderr[-500:]
    times = sorted(((float(line.split()[0]), line) for line in done.stdout.splitlines()), reverse=True)
    assert len(times) == 2 * len(PIECES)
    assert times[0][0] < SECONDS, times[:3]
