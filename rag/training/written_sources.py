"""What is learned from the written questions starts alike: the questions, their pages, and what embeds texts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

from rag.encoders import embed_cached, load_embedder
from rag.training.held_back import excluded, is_for_tuning
from rag.training.rows import LAY, TYPED, Written, pages_of, read_compared, read_written
from rag.training.sources import Sources
from rag.types import FloatMatrix

Embed = Callable[[Sequence[str]], FloatMatrix]


@dataclass(frozen=True, slots=True)
class Given:
    """The questions that may be learned from, where their articles are, what embeds texts, each once, and what else.

    `more` are the further paths that the command line names.
    """

    written: list[Written]
    sources: Sources
    embed: Embed
    more: tuple[Path, ...] = ()

    @property
    def with_more(self) -> list[Written]:
        """The questions with the rows of comparisons, those in lay words and those for one kind of answer."""
        cells = [cell for one in read_compared() if not one.for_tuning for cell in one.cells()]
        # Other articles of these are in the libraries that the judgement is learned on.
        articles = {one.article for one in self.written}
        more = [one for file in (LAY, TYPED) for one in read_written(file) if one.article in articles]
        return [*self.written, *cells, *more]

    def pages(self, written: Sequence[Written]) -> dict[str, str]:
        """Return the articles of some questions as pages, by their names."""
        return pages_of([one.article for one in written], self.sources)


def given(purpose: str | None, *more: str) -> Given:
    """Return what the command line names: the folder of sources, what is never learned from, `more` paths, a cache."""
    parser = argparse.ArgumentParser(description=(purpose or "").partition("\n\n")[0])
    parser.add_argument("sources", type=Path)
    parser.add_argument("excluded", type=Path)
    for name in more:
        parser.add_argument(name, type=Path)
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "review-rag-training")
    named = parser.parse_args()
    embedder, banned = load_embedder(named.cache), excluded(named.excluded)

    def embed(texts: Sequence[str]) -> FloatMatrix:
        return embed_cached(texts, embedder, named.cache / "vectors.sqlite3")

    written = [one for one in read_written() if one.article not in banned and not is_for_tuning(one.article)]
    return Given(written, Sources(named.sources), embed, tuple(getattr(named, name) for name in more))
