"""A shelf that grows and shrinks while its process is killed: no paper is lost, and none is half there.

`KILLS=200` in the environment kills as often.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from unittest.mock import patch

import pytest

from rag.settings import PROJECT, Settings
from rag.shelf import indexing, opening
from rag.shelf.library import Library
from rag.sources import Holdings, read_folder
from rag.text import chunk_review, in_context, stems
from tests.index.test_index import Clusters

KILLS = int(os.environ.get("KILLS", "5"))
AT_FIRST = 30
SAID = (
    "Wicks of braided flax burned {n} hours longer than twisted ones, as {name} found in a barn of her own. "
    "The flame of {name} was steady in {n} of 100 evenings, and it smoked in none of the others."
)
GROW = """
import sys
from tests.shelf.test_growing import *
holdings, settings = Holdings(Path(sys.argv[1])), Settings(seeds=sys.argv[1], data=sys.argv[2])
with growing():
    for number in range(int(sys.argv[3]), 1_000_000):
        holdings.put(*page(number))
        if number % 2:
            holdings.take_away(page(number - AT_FIRST // 2)[0])
        opening.open_library(settings).index.close()
        print(number, flush=True)
"""


@contextmanager
def growing():
    """Take any library for a large one, and spare the model."""
    with (
        patch.object(indexing, "LARGE", 1),
        patch.object(indexing, "GROWTH", 0.3),
        patch.object(opening, "_embedder", lambda _: Clusters()),
        patch.object(opening, "open_reader", lambda _: None),
    ):
        yield


def page(number: int) -> tuple[str, bytes]:
    """Return the name and text of a paper that one word tells from all others."""
    name = "Ka" + "".join("aeiou"[int(digit) % 5] + "lmnrstvbdg"[int(digit)] for digit in f"{number:06}")
    text = f"# The lamps of {name}\n\n## Abstract\n\n{SAID.format(n=number, name=name)}\n"
    return f"{number:06}.md", text.encode()


def word(number: int) -> str:
    return stems(page(number)[1].decode().split("\n")[0].split()[-1])[0]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(seeds=tmp_path / "pages", data=tmp_path / "data")


def test_what_was_kept_can_be_asked_after_any_kill_and_what_was_taken_away_cannot(settings: Settings) -> None:
    holdings, rng, next_one = Holdings(settings.seeds), random.Random(18), AT_FIRST
    for number in range(AT_FIRST):
        holdings.put(*page(number))
    for _ in range(KILLS):
        given = [str(settings.seeds), str(settings.data), str(next_one)]
        grown = subprocess.Popen(
            [sys.executable, "-c", GROW, *given], cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert grown.stdout and grown.stderr
        first, started = grown.stdout.readline(), monotonic()
        assert first, grown.stderr.read()
        grown.stdout.readline()
        a_paper = monotonic() - started
        sleep(rng.uniform(0, 3 * a_paper))
        grown.kill()
        kept = [int(line) for line in (first, *grown.communicate()[0].split())]
        next_one = max(int(name[:6]) for name in holdings.names) + 1
        assert next_one > kept[-1], "a paper is lost"
        with growing():
            library = opening.open_library(settings)
        check(library, settings)
        library.index.close()


def check(library: Library, settings: Settings) -> None:
    """See that the papers of the folder, and no others, are there whole and found."""
    reviews = {review.id: review for review in read_folder(settings.seeds).reviews}
    passages = [passage for review in library.index.reviews.values() for passage in chunk_review(review)]
    assert {review.id: review.text for review in library.reviews} == {id: one.text for id, one in reviews.items()}
    assert sorted(library.index.passages, key=lambda one: one.id) == sorted(passages, key=lambda one: one.id)
    there = {int(review.files[0][-9:-3]) for review in reviews.values()}
    for number in range(max(there) + 1):
        assert bool(library.index.reviews_with(word(number))) == (number in there)
    searched = [in_context(one, library.index.reviews[one.review_id].title) for one in library.index.passages]
    for number, vector in enumerate(Clusters().embed(searched)):
        assert library.index.search_dense(vector, 1) == [(number, 1.0)]
