"""A large shelf: reviews of full length, made of the sentences of the seeds with their long words exchanged."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

from tests.conftest import SEEDS

SEED_FILE = "000_d3ff1e00504ffd8a.txt"
SENTENCES_A_SECTION, SECTIONS_A_REVIEW = 4, 100
_LONG_WORD = re.compile(r"\b[a-z]{6,}\b")


def make_shelf(folder: Path, passages: int) -> Path:
    """Copy the seeds into a new folder and add reviews that together have about so many passages."""
    shutil.copytree(SEEDS, folder)
    for number in range(passages // SECTIONS_A_REVIEW):
        write_review(folder, number, edition=1)
    return folder


def write_review(folder: Path, number: int, edition: int, sections: int = SECTIONS_A_REVIEW) -> None:
    """Write a review; another edition of it has other words in its last section, and in no other."""
    abstract = (SEEDS / SEED_FILE).read_text("utf-8").split("## Abstract")[1].split("##")[0].strip()
    chance = random.Random(number)
    bodies = [_reworded(abstract, chance) for _ in range(sections - 1)]
    bodies.append(_reworded(abstract, random.Random(f"{number} {edition}")))
    head = f"# Notes on engineered cells, part {number}\n\nDOI: 10.5555/load.{number}\n"
    body = "".join(f"\n## Part {at}\n\n{text}\n" for at, text in enumerate(bodies, 1))
    (folder / f"load-{number}.md").write_text(head + body, encoding="utf-8")


def _reworded(text: str, chance: random.Random) -> str:
    """Return some sentences of a text in any order, their long words exchanged among each other."""
    sentences = chance.sample(re.split(r"(?<=\.) ", text), SENTENCES_A_SECTION)
    words = _LONG_WORD.findall(" ".join(sentences))
    chance.shuffle(words)
    return _LONG_WORD.sub(lambda _: words.pop(), " ".join(sentences))
